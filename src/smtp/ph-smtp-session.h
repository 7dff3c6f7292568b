#pragma once

#include "ph-authenticator.h"
#include "ph-session.h"
#include "ph-smtp-handler.h"

G_BEGIN_DECLS

#define PH_SMTP_COMMAND_SECONDS 300 /* RFC 5321 section 4.5.3.2.7: at least five minutes (S13) */

/* Services with separate rules (RFC 5321, RFC 6409, RFC 2033). */
typedef enum {
  PH_SMTP_ROLE_RELAY,      /* "SMTP": mail from others to people here; no AUTH */
  PH_SMTP_ROLE_SUBMISSION, /* from people here; AUTH, own addresses, mends the header */
  PH_SMTP_ROLE_LMTP,       /* from a mail server beside this one; an answer for each recipient */
} PhSmtpRole;

/* What a session must know; copied. */
typedef struct
{
  PhSmtpRole  role;
  const char *host_name;        /* in the greeting and in trace fields */
  guint64     message_size_max; /* bytes, for SIZE */
  guint       recipients_max;
  gboolean    offer_starttls;
} PhSmtpConfig;

#define PH_TYPE_SMTP_SESSION (ph_smtp_session_get_type ())
G_DECLARE_FINAL_TYPE (PhSmtpSession, ph_smtp_session, PH, SMTP_SESSION, PhSession)

/**
 * PhSmtpSession:
 *
 * The receiving side of SMTP, submission and LMTP as a state machine.  Commands are
 * rows of a table with the states and roles that allow them, one file for each family.
 * `authenticator` is NULL where AUTH is never offered.
 */
PhSmtpSession *ph_smtp_session_new (const PhSmtpConfig *config,
                                    PhSmtpHandler      *handler,
                                    PhAuthenticator    *authenticator);

const PhSmtpConfig *ph_smtp_session_get_config (PhSmtpSession *self);

/* What EHLO or HELO said, with controls escaped; NULL before. */
const char *ph_smtp_session_get_helo (PhSmtpSession *self);

/* NULL where nobody logged in. */
PhAccount *ph_smtp_session_get_account (PhSmtpSession *self);

/* For a session that has no network at its other end but this program itself, on behalf
 * of `account`: it begins logged in, as with PREAUTH of IMAP.  Before it is started. */
void ph_smtp_session_trust (PhSmtpSession *self,
                            PhAccount     *account);

/* TRUE where EHLO or LHLO was said, not HELO: for Received. */
gboolean ph_smtp_session_is_extended (PhSmtpSession *self);

G_END_DECLS
