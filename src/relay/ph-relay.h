#pragma once

#include "ph-clock.h"
#include "ph-journal.h"
#include "ph-poller.h"
#include "ph-queue-item.h"
#include "ph-resolver.h"
#include "ph-smtp-client.h"
#include "ph-spool.h"

G_BEGIN_DECLS

/* How far mail may go (WINDOW.md, the egress guard). */
typedef enum {
  PH_RELAY_GUARD_LOCAL,     /* mail stays on this computer: all of it waits, marked */
  PH_RELAY_GUARD_SMARTHOST, /* only through the smarthost */
  PH_RELAY_GUARD_ANYWHERE,
} PhRelayGuard;

/* Copied by ph_relay_configure(). */
typedef struct
{
  const char     *host_name; /* in EHLO and reports */
  PhRelayGuard    guard;
  guint           interval;       /* seconds between looks at the directory, at most */
  guint           warn_after;     /* seconds until the delay notice (4 h) */
  guint           give_up_after;  /* seconds (5 d) */
  guint16         remote_port;    /* 25; another for a test bench */
  gboolean        allow_loopback; /* MX hosts may be this computer: for a test bench (S17) */
  const char     *smarthost;      /* host name or address; NULL for delivery by MX */
  guint16         smarthost_port;
  PhSmtpTlsPolicy smarthost_tls;
  gboolean        smarthost_implicit_tls;
  const char     *smarthost_user;
  const char     *smarthost_password;
} PhRelayConfig;

#define PH_TYPE_RELAY_HANDLER (ph_relay_handler_get_type ())
G_DECLARE_INTERFACE (PhRelayHandler, ph_relay_handler, PH, RELAY_HANDLER, GObject)

/* What the relay needs from the server. */
struct _PhRelayHandlerInterface
{
  GTypeInterface parent_iface;

  /* A message for people here: a report (sender ""), or one that another program
   * dropped into the directory.  TRUE for a recipient whose domain is local. */
  gboolean (*is_local) (PhRelayHandler *self,
                        const char     *address);

  /* Delivers or queues `message` (whole, CRLF) from `sender` ("" for reports) to
   * `recipient`, local or remote.  The result: a g_task boolean; an error keeps the
   * matter in the queue, PH_RELAY_ERROR_INVALID ends it (nobody of that name). */
  void (*submit_async) (PhRelayHandler     *self,
                        const char         *sender,
                        const char         *recipient,
                        GBytes             *message,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data);
  gboolean (*submit_finish) (PhRelayHandler *self,
                             GAsyncResult   *result,
                             GError        **error);
};

#define PH_TYPE_RELAY (ph_relay_get_type ())
G_DECLARE_FINAL_TYPE (PhRelay, ph_relay, PH, RELAY, GObject)

/**
 * PhRelay:
 *
 * The queue of mail for others: a directory of ID.eml and ID.env pairs, which
 * other programs may drop into, driven by a timer of the clock; routes, attempts
 * and reports.  Never blocks: files and directories are touched by its worker.
 * Main context only.
 */
PhRelay *ph_relay_new (const char     *relay_dir,
                       const char     *bad_dir,
                       PhClock        *clock,
                       PhPoller       *poller,
                       PhJournal      *journal,
                       PhRelayHandler *handler);

void ph_relay_configure (PhRelay             *self,
                         const PhRelayConfig *config);

/* May be replaced while it runs. */
void ph_relay_set_resolver (PhRelay    *self,
                            PhResolver *resolver);

/* Reads the directory, then works by the timer; stop ends what runs (what was
 * being sent is tried again). */
void ph_relay_start (PhRelay *self);
void ph_relay_stop (PhRelay *self);

/* Queues a message; on disk when it returns: its id, transfer full.  The envelope
 * is copied at once. */
void  ph_relay_enqueue_async (PhRelay              *self,
                              PhSpool              *spool,
                              const PhSmtpEnvelope *envelope,
                              GCancellable         *cancellable,
                              GAsyncReadyCallback   callback,
                              gpointer              user_data);
char *ph_relay_enqueue_finish (PhRelay      *self,
                               GAsyncResult *result,
                               GError      **error);

/* Takes a queued message back, before anybody was told of it. */
void ph_relay_withdraw (PhRelay    *self,
                        const char *id);

/* Of PhQueueItem: what waits; and what failed, newest last. */
GListModel *ph_relay_get_queue (PhRelay *self);
GListModel *ph_relay_get_bad (PhRelay *self);

/* For the window; FALSE where there is no such item. */
gboolean ph_relay_try_now (PhRelay    *self,
                           const char *id);
gboolean ph_relay_hold (PhRelay    *self,
                        const char *id);
gboolean ph_relay_release (PhRelay    *self,
                           const char *id);
gboolean ph_relay_remove (PhRelay    *self,
                          const char *id); /* deletes, from the queue or from bad/ */
gboolean ph_relay_bounce (PhRelay    *self,
                          const char *id); /* gives up now, with a report */
gboolean ph_relay_requeue (PhRelay    *self,
                           const char *id); /* from bad/ back into the queue */

G_END_DECLS
