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

struct _PhAttempt
{
  GObject parent_instance;

  char            *id;
  char            *domain;
  PhMessageForms  *forms;
  PhForm           form;
  PhSmtpEnvelope  *envelope;
  PhAttemptResult *results; /* one for each recipient of the envelope */
  PhAttemptFunc    done;
  gpointer         done_data;

  PhSendContext    *context; /* NULL before the start */
  PhAttemptFunc     gone;
  gpointer          gone_data;
  GCancellable     *cancellable;
  PhJournalSession *journal; /* of the connection at hand, or the one to come */
  PhRoute          *route;
  guint             next_stop;
  guint             n_hosts; /* that were reached */
  gboolean          is_done;
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

/* Once: each recipient has its result. */
void ph_attempt_tell_done (PhAttempt *self);

/* Its last connection is gone, or another's. */
void ph_attempt_finish (PhAttempt *self);

G_END_DECLS
