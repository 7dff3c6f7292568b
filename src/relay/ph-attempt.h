#pragma once

#include "ph-message-forms.h"
#include "ph-send-context.h"

G_BEGIN_DECLS

#define PH_TYPE_ATTEMPT (ph_attempt_get_type ())
G_DECLARE_FINAL_TYPE (PhAttempt, ph_attempt, PH, ATTEMPT, GObject)

/* Recipients of one transaction (S20). */
#define PH_ATTEMPT_RECIPIENTS_MAX 100

/* Hosts that may answer before it is left for later (S16). */
#define PH_ATTEMPT_HOSTS_MAX 2

/* What came of one recipient. */
typedef struct
{
  PhSmtpResultKind kind;
  PhSmtpReply     *reply;   /* never NULL at the end */
  char            *host;    /* that said so; NULL where none did */
  char            *route;   /* "mx1.example.org, TLS1.3, verified by DANE"; NULL likewise */
  gboolean         has_dsn; /* reports of success are that server's business */
  gboolean         of_host; /* it says something of that server only: another may do better (S18) */
} PhAttemptResult;

/* Both are called once, in this order, from the main loop: when each recipient has its result, and
 * when its last connection is gone. */
typedef void (*PhAttemptFunc) (PhAttempt *attempt,
                               gpointer   user_data);

/**
 * PhAttempt:
 *
 * One try to bring one message to the recipients of one domain: finds the route, then goes
 * from address to address until one of them has answered for the message (S18, S19).
 * Each try at a server is a session of the journal, over a connection of its own or one that another attempt
 * for the domain left open.  Made by PhOutgoing, run by the dispatcher,
 * which holds it until its last connection is gone.
 */
PhAttempt *ph_attempt_new (const char     *id,
                           const char     *domain,   /* NULL: by the smarthost */
                           const char     *via,      /* a server that it goes to instead, or NULL */
                           PhMessageForms *forms,    /* prepared as it is */
                           PhSmtpEnvelope *envelope, /* taken */
                           PhAttemptFunc   done,
                           gpointer        user_data);

/* The line that it waits in: its domain, or where it goes instead. */
const char *ph_attempt_get_destination (PhAttempt *self);

/* For the dispatcher. `context` outlives it. */
void ph_attempt_start (PhAttempt     *self,
                       PhSendContext *context,
                       PhAttemptFunc  gone,
                       gpointer       user_data);

/* Not started: all of it has this result.  Only `done` is called, before this returns. */
void ph_attempt_fail (PhAttempt         *self,
                      const PhSmtpReply *reply);

/* For who made it, once done: what has come of it is on disk.  Not before that its connection takes another message, so that
 * whoever kills us between two messages finds at most the last one of each connection sent but not written down (S26). */
void ph_attempt_settle (PhAttempt *self);

/* Ends it soon, with what has come of it so far. */
void ph_attempt_stop (PhAttempt *self);

/* Once done. The envelope as it was given; a result for each of its recipients. */
const PhSmtpEnvelope  *ph_attempt_get_envelope (PhAttempt *self);
const PhAttemptResult *ph_attempt_get_results (PhAttempt *self);

/* TRUE where no server was reached at all: others for this domain need not try just now. */
gboolean ph_attempt_was_unreachable (PhAttempt *self);

/* TRUE where it was stopped: what has no final result counts as not tried. */
gboolean ph_attempt_was_stopped (PhAttempt *self);

G_END_DECLS
