#pragma once

#include "ph-authenticator.h"
#include "ph-session.h"
#include "ph-store.h"

G_BEGIN_DECLS

#define PH_TYPE_IMAP_SESSION (ph_imap_session_get_type ())
G_DECLARE_FINAL_TYPE (PhImapSession, ph_imap_session, PH, IMAP_SESSION, PhSession)

/* What a session must know; copied. */
typedef struct
{
  const char *host_name;
  gboolean    offer_starttls;
  guint64     append_size_max; /* bytes */
} PhImapConfig;

/**
 * PhImapSession:
 *
 * One IMAP conversation (RFC 3501 and the extensions that CAPABILITY names) over
 * the mail of the account that logs in.  Commands are rows of a table with the
 * states that allow them, one file for each family; the grammar is one parser.
 */
PhImapSession *ph_imap_session_new (const PhImapConfig *config,
                                    PhAuthenticator    *authenticator,
                                    PhStore            *store);

G_END_DECLS
