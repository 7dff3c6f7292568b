#pragma once

#include "ph-clock.h"
#include "ph-journal.h"
#include "ph-kept-mail.h"
#include "ph-poller.h"
#include "ph-queue-item.h"
#include "ph-relay-config.h"
#include "ph-relay-handler.h"
#include "ph-resolver.h"
#include "ph-spool.h"

G_BEGIN_DECLS

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

/* Messages that are worked on at once; the others wait on disk. */
#define PH_RELAY_ACTIVE_MAX 200

/* `journal` may be NULL; `handler` is borrowed: it knows the relay. */
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
 * is copied at once.  It is sent from ph_relay_commit() on (or, after a crash, from the
 * next start on). */
void  ph_relay_enqueue_async (PhRelay              *self,
                              PhSpool              *spool,
                              const PhSmtpEnvelope *envelope,
                              GCancellable         *cancellable,
                              GAsyncReadyCallback   callback,
                              gpointer              user_data);
char *ph_relay_enqueue_finish (PhRelay      *self,
                               GAsyncResult *result,
                               GError      **error);

void ph_relay_commit (PhRelay    *self,
                      const char *id);

/* How many messages of senders that count wait for their time (RFC 4865); *total: of all. */
guint ph_relay_count_kept (PhRelay       *self,
                           PhKeptMailFunc counts,
                           gpointer       user_data,
                           guint         *total);

/* Takes a queued message back instead. */
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

/* With what somebody has typed; finish says what is wrong with it.  Reroute: to this server ("HOST", "HOST:PORT") from now on,
 * whatever the domain; "": as usual again.  Requeue to: from bad/ back into the queue, for this recipient instead of
 * those who never got it. */
void     ph_relay_reroute_async (PhRelay            *self,
                                 const char         *id,
                                 const char         *server,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
void     ph_relay_requeue_to_async (PhRelay            *self,
                                    const char         *id,
                                    const char         *recipient,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
gboolean ph_relay_edit_finish (PhRelay      *self,
                               GAsyncResult *result,
                               GError      **error);

/* What its envelope says, as the file ID.env has it: each recipient with state, tries, last reply, and how it was reached. */
void  ph_relay_show_async (PhRelay            *self,
                           const char         *id,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);
char *ph_relay_show_finish (PhRelay      *self,
                            GAsyncResult *result,
                            GError      **error);

G_END_DECLS
