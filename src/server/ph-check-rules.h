#pragma once

#include "ph-sender-verdict.h"
#include "ph-smtp-reply.h"

G_BEGIN_DECLS

/* The words of [Checks] Authentication. */
typedef enum {
  PH_CHECKS_AUTO, /* note, for clients beyond this computer, where the guard lets mail out */
  PH_CHECKS_OFF,
  PH_CHECKS_NOTE,
  PH_CHECKS_ENFORCE,
} PhChecks;

/**
 * PhCheckRules:
 *
 * Whose mail is checked for who sent it, and what is refused for it (S29).  DNS is asked only where a person said so:
 * by the guard, which is closed as shipped, or by name.  A plain struct; owned by the intake.
 */
typedef struct
{
  PhChecks    checks;
  gboolean    guard_is_open;
  gboolean    refuse_spf_fail; /* even where DMARC has no opinion */
  gboolean    junk_suspects;   /* into Junk with what DMARC calls suspicious */
  const char *trusted;         /* networks whose mail is noted but never refused: "private 198.51.100.0/24" */
} PhCheckRules;

PhCheckRules *ph_check_rules_copy (const PhCheckRules *self);
void          ph_check_rules_free (PhCheckRules *self);

/* The first word of `trusted` that is no network, or NULL. */
char *ph_check_rules_find_wrong (const PhCheckRules *self);

/* Whether mail of a client is to be checked. */
gboolean ph_check_rules_apply_to (const PhCheckRules *self,
                                  const char         *address);

/* NULL where the message is welcome. */
PhSmtpReply *ph_check_rules_judge (const PhCheckRules    *self,
                                   const PhSenderVerdict *verdict);

/* TRUE where a message that is welcome is to go into Junk: its author's domain asks for that (RFC 9989, p=quarantine). */
gboolean ph_check_rules_is_suspect (const PhCheckRules    *self,
                                    const PhSenderVerdict *verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhCheckRules, ph_check_rules_free)

G_END_DECLS
