#pragma once

#include "ph-attempt.h"
#include "ph-channel.h"

G_BEGIN_DECLS

/* What the two files of PhAttempt share; nobody else includes this. */

/* What to do when the connection at hand is gone. */
typedef enum {
  NEXT_NOTHING,
  NEXT_HOST,
  NEXT_SAME_HOST,  /* once more: without TLS, or for the recipients that were too many */
  NEXT_OTHER_FORM, /* once more, in 7 bits (S21) */
} Next;

/* What is demanded of a server. */
typedef struct
{
  PhSmtpTlsPolicy policy;
  gboolean        is_verified; /* the handshake fails unless the server is who it should be */
  const char     *source;      /* whose word that is, for people */
  PhTlsa         *tlsa;        /* who that is; NULL: as the authorities say.  Borrowed */
} PhAttemptTls;

struct _PhAttempt
{
  GObject parent_instance;

  char            *id;
  char            *domain;
  PhRelayTarget   *target; /* the server of the user's choice that it goes to; NULL: MX hosts.  From the start on */
  char            *destination;
  PhMessageForms  *forms;
  PhForm           form;
  PhSmtpEnvelope  *envelope;
  PhAttemptResult *results; /* one for each recipient of the envelope */
  PhAttemptFunc    done;
  gpointer         done_data;

  PhSendContext    *context;    /* NULL before the start */
  guint             generation; /* of the settings by which it was started */
  PhAttemptFunc     gone;
  gpointer          gone_data;
  GCancellable     *cancellable;
  PhJournalSession *journal; /* of the connection at hand, or the one to come */
  PhRoute          *route;
  guint             next_stop;
  guint             n_hosts; /* that were reached */
  gboolean          is_done;
  gboolean          is_settled; /* and that is on disk */
  gboolean          is_waiting; /* for that, with its connection */
  gboolean          stopped;

  /* The connection at hand. */
  PhChannel      *channel;
  PhSmtpEnvelope *asked; /* for whom: handler_data is the place in `envelope` */
  Next            next;
};

/* A host that is of no use (`of_host`) must not turn another's "later" into "never". */
void ph_attempt_set_result (PhAttempt         *self,
                            guint              i,
                            PhSmtpResultKind   kind,
                            const PhSmtpReply *reply,
                            gboolean           of_host);

/* The recipient may be asked for. */
gboolean ph_attempt_is_open (PhAttempt *self,
                             guint      i);
void     ph_attempt_set_open_results (PhAttempt         *self,
                                      PhSmtpResultKind   kind,
                                      const PhSmtpReply *reply,
                                      gboolean           of_host);

PhAttemptTls ph_attempt_choose_tls (PhAttempt         *self,
                                    const PhRouteStop *stop,
                                    PhPeer            *peer);

/* Transfer full; NULL where the authorities that it needs could not be read. */
PhTlsClient *ph_attempt_dup_tls_client (PhAttempt          *self,
                                        const PhAttemptTls *tls);

/* TRUE where a rule, the sender or a password demands it, whoever the server is. */
gboolean ph_attempt_needs_proof (PhAttempt *self);

/* TRUE where the message must not go to the host, whatever its certificate says: the sender requires proof that it is one of
 * the domain's (RFC 8689 section 4.2.1). */
gboolean ph_attempt_must_avoid (PhAttempt         *self,
                                const PhRouteStop *stop);

/* Lets go of its connection, which may take another message. */
void ph_attempt_leave (PhAttempt *self);

/* Once: each recipient has its result. */
void ph_attempt_tell_done (PhAttempt *self);

/* Its last connection is gone, or another's. */
void ph_attempt_finish (PhAttempt *self);

G_END_DECLS
