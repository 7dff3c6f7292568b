#pragma once

#include "ph-accounts.h"
#include "ph-clock.h"
#include "ph-delivery-plan.h"
#include "ph-relay-handler.h"

G_BEGIN_DECLS

#define PH_TYPE_RESPONDER (ph_responder_get_type ())
G_DECLARE_FINAL_TYPE (PhResponder, ph_responder, PH, RESPONDER, GObject)

/* Messages that are considered at once; more are not answered. */
#define PH_RESPONDER_PENDING_MAX 100

/**
 * PhResponder:
 *
 * Answers mail for people who are away (PhAutomaticReply), by the rules of RFC 3834: once in some days to each
 * sender, to people only, who wrote to that person.  A reply goes to the sender of the envelope, has none itself, and takes
 * the way of a report: through the delivery here, or the queue and its guard (V30).
 *
 * It comes after the delivery, which waits for nothing of it and does not fail by it; what is not answered
 * (a crash, a full disk) stays unanswered.  Why it answered or did not is a note in the session's journal.
 */

/* `folder` is for what must be remembered. */
PhResponder *ph_responder_new (PhAccounts *accounts,
                               PhClock    *clock,
                               const char *folder);

/* Who sends the replies; borrowed, NULL from when it is gone. */
void ph_responder_set_handler (PhResponder    *self,
                               PhRelayHandler *handler);

/* For the Message-ID. */
void ph_responder_set_host_name (PhResponder *self,
                                 const char  *host_name);

/* What was carried out; returns at once. */
void ph_responder_consider (PhResponder    *self,
                            PhDeliveryPlan *plan);

/* Whom an account has answered, once it is removed; returns at once. */
void ph_responder_forget (PhResponder *self,
                          const char  *account);

G_END_DECLS
