#pragma once

#include "ph-accounts.h"
#include "ph-journal-session.h"
#include "ph-relay.h"
#include "ph-store.h"

G_BEGIN_DECLS

#define PH_TYPE_DELIVERY_PLAN (ph_delivery_plan_get_type ())
G_DECLARE_FINAL_TYPE (PhDeliveryPlan, ph_delivery_plan, PH, DELIVERY_PLAN, GObject)

/**
 * PhDeliveryPlan:
 *
 * Where one accepted message goes: the mailboxes here and the envelope for others.
 * Carried out as a whole: what goes both ways is a record of the store first, then in the
 * relay queue, then in the mailboxes.  A failure before it is queued leaves nothing; from
 * there on it is completed, after a crash too.  So a crash can leave it whole though it was
 * not answered for (which the sender repeats: at most a duplicate, never a loss).
 * Made and used once by PhIntake.
 */

/* Borrows nothing: sender and options of `envelope` are copied. `relay` and
 * `journal` may be NULL. */
PhDeliveryPlan *ph_delivery_plan_new (PhAccounts           *accounts,
                                      PhStore              *store,
                                      PhRelay              *relay,
                                      const PhSmtpEnvelope *envelope,
                                      PhJournalSession     *journal);

/* The name by which the journal is told what becomes of the message: the ID in its Received field. */
void ph_delivery_plan_set_id (PhDeliveryPlan *self,
                              const char     *id);

/* `targets` as ph_accounts_resolve() gives them for `recipient`; each mailbox gets
 * the message once, however many ways lead to it.  Where the sender asked that it is kept for a
 * time, it goes into the queue for all of them. */
void ph_delivery_plan_add (PhDeliveryPlan        *self,
                           const PhSmtpRecipient *recipient,
                           const char *const     *targets);

/* A recipient who will not get it, for a reason that is said as a server would: the queue tells the sender, as of any. */
void ph_delivery_plan_add_failure (PhDeliveryPlan        *self,
                                   const PhSmtpRecipient *recipient,
                                   const char            *reply);

void     ph_delivery_plan_carry_out_async (PhDeliveryPlan     *self,
                                           PhSpool            *spool,
                                           GAsyncReadyCallback callback,
                                           gpointer            user_data);
gboolean ph_delivery_plan_carry_out_finish (PhDeliveryPlan *self,
                                            GAsyncResult   *result,
                                            GError        **error);

const char       *ph_delivery_plan_get_sender (PhDeliveryPlan *self);
const GPtrArray  *ph_delivery_plan_get_mailboxes (PhDeliveryPlan *self); /* of char *: addresses of accounts; borrowed */
PhJournalSession *ph_delivery_plan_get_journal (PhDeliveryPlan *self);   /* or NULL; borrowed */

/* What is or was carried out; borrowed. */
PhSpool *ph_delivery_plan_get_spool (PhDeliveryPlan *self);

/* Once carried out: what the sender is to be told of the recipients here who asked for it
 * (NOTIFY=SUCCESS, RFC 3461 section 5.2.3), or NULL. Transfer full. */
GBytes *ph_delivery_plan_format_receipt (PhDeliveryPlan *self,
                                         const char     *host_name,
                                         gint64          now);

/* Once carried out: "Delivered to 2 mailboxes, queued for 1 as 5F3A". */
const char *ph_delivery_plan_get_summary (PhDeliveryPlan *self);

G_END_DECLS
