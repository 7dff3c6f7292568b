#pragma once

#include "ph-incoming.h"
#include "ph-intake.h"
#include "ph-mail-limits.h"
#include "ph-recent-mail.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* What the files of the intake share; nobody else includes this. */
struct _PhIntake
{
  GObject parent_instance;

  PhAccounts *accounts;
  PhStore    *store;
  PhClock    *clock;
  PhRelay    *relay; /* weak */
  char       *host_name;
  guint       last_id;
  guint       hold_max; /* seconds; 0: FUTURERELEASE is not offered */

  PhMailLimits *limits;
  PhRecentMail *recent;
  PhResponder  *responder; /* or NULL */
  PhWorkerPool *recoders;  /* NULL before the first BINARYMIME */

  PhCheckRules *rules; /* NULL: nothing is checked */
  PhResolver   *resolver;
  PhWorkerPool *checkers;
};

/* ph-intake-message.c: see PhSmtpHandlerInterface. */
GObject     *ph_intake_begin_message (PhSmtpHandler        *handler,
                                      PhSmtpSession        *session,
                                      const PhSmtpEnvelope *envelope,
                                      PhSmtpReply         **refusal);
gboolean     ph_intake_write_message (PhSmtpHandler *handler,
                                      GObject       *message,
                                      const guint8  *data,
                                      gsize          length);
void         ph_intake_end_message_async (PhSmtpHandler        *handler,
                                          PhSmtpSession        *session,
                                          const PhSmtpEnvelope *envelope,
                                          GObject              *message,
                                          GCancellable         *cancellable,
                                          GAsyncReadyCallback   callback,
                                          gpointer              user_data);
PhSmtpReply *ph_intake_end_message_finish (PhSmtpHandler *handler,
                                           GAsyncResult  *result);
void         ph_intake_message_unanswered (PhSmtpHandler        *handler,
                                           PhSmtpSession        *session,
                                           const PhSmtpEnvelope *envelope,
                                           GObject              *message);

/* ph-intake-check.c: begins to find out who sends; NULL where that is not wanted. */
PhSenderCheck *ph_intake_begin_check (PhIntake             *self,
                                      PhSmtpSession        *session,
                                      const PhSmtpEnvelope *envelope);

/* Of a message with a check.  The spool to keep (transfer full), with what was found out on its top.  NULL without an error where it is refused: see
 * ph_incoming_finish(). */
void     ph_intake_check_async (PhIntake           *self,
                                PhIncoming         *incoming,
                                PhJournalSession   *journal,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);
PhSpool *ph_intake_check_finish (PhIntake     *self,
                                 GAsyncResult *result,
                                 GError      **error);

/* ph-intake-relay.c */
void ph_intake_init_relay_handler (PhRelayHandlerInterface *iface);

/* TRUE where the address is of a domain here. */
gboolean ph_intake_is_local (PhIntake   *self,
                             const char *address);

/* What was carried out may want an automatic reply. */
void ph_intake_answer (PhIntake       *self,
                       PhDeliveryPlan *plan);

/* Sends `message`, and does not wait for it. */
void ph_intake_submit (PhIntake   *self,
                       const char *sender,
                       const char *address,
                       GBytes     *message);

G_END_DECLS
