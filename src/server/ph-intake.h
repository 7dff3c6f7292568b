#pragma once

#include "ph-accounts.h"
#include "ph-check-rules.h"
#include "ph-clock.h"
#include "ph-mail-limits.h"
#include "ph-relay.h"
#include "ph-resolver.h"
#include "ph-responder.h"
#include "ph-smtp-handler.h"
#include "ph-store.h"

G_BEGIN_DECLS

/* Kept free for the index, the queue's state and deletions: mail that would not leave it is refused (V42). */
#define PH_INTAKE_RESERVE ((guint64)16 * 1024 * 1024)

#define PH_TYPE_INTAKE (ph_intake_get_type ())
G_DECLARE_FINAL_TYPE (PhIntake, ph_intake, PH, INTAKE, GObject)

/**
 * PhIntake:
 *
 * Where all mail comes in: it says which senders and recipients are welcome
 * (PhSmtpHandler), takes the message, and answers for it only when it is safe in
 * every mailbox and in the relay queue.  Reports of the relay come in here too
 * (PhRelayHandler).  One for the server, shared by all SMTP sessions.
 */
PhIntake *ph_intake_new (PhAccounts *accounts,
                         PhStore    *store,
                         PhClock    *clock);

/* Borrowed, cleared when it goes: the relay knows the intake, and the other way round. */
void ph_intake_set_relay (PhIntake *self,
                          PhRelay  *relay);

/* How much others, and people here, may send; nothing is limited before. */
void ph_intake_set_limits (PhIntake                 *self,
                           const PhMailLimitsConfig *limits);

/* How long people here may have mail kept before it goes out (FUTURERELEASE); 0, as at first: not. */
void ph_intake_set_hold_max (PhIntake *self,
                             guint     seconds);

/* Whose mail is checked for who sent it, and what is refused for that; nothing before. */
void ph_intake_set_checks (PhIntake           *self,
                           const PhCheckRules *rules,
                           PhResolver         *resolver);

/* The name in trace fields. */
/* Who answers for those who are away; the replies go out by the intake. */
void ph_intake_set_responder (PhIntake    *self,
                              PhResponder *responder);

void ph_intake_set_host_name (PhIntake   *self,
                              const char *host_name);

G_END_DECLS
