#pragma once

#include "ph-authenticator.h"
#include "ph-session.h"
#include "ph-store.h"

G_BEGIN_DECLS

#define PH_POP3_IDLE_SECONDS 600 /* RFC 1939 section 3: at least ten minutes */

#define PH_TYPE_POP3_SESSION (ph_pop3_session_get_type ())
G_DECLARE_FINAL_TYPE (PhPop3Session, ph_pop3_session, PH, POP3_SESSION, PhSession)

/* What a session must know; copied. */
typedef struct
{
  const char *host_name;
  gboolean    offer_starttls;
} PhPop3Config;

/**
 * PhPop3Session:
 *
 * One POP3 conversation (RFC 1939, 2449, 2595, 5034, 6856) over the INBOX of the
 * account that logs in.  Commands are rows of a table with the states that allow
 * them.
 */
PhPop3Session *ph_pop3_session_new (const PhPop3Config *config,
                                    PhAuthenticator    *authenticator,
                                    PhStore            *store);

G_END_DECLS
