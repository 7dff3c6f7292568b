#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What an account may be used for: each is a service that people log in to. */
typedef enum {
  PH_PROTOCOL_IMAP = 1 << 0,
  PH_PROTOCOL_POP3 = 1 << 1,
  PH_PROTOCOL_SUBMISSION = 1 << 2,
  PH_PROTOCOL_ALL = (1 << 3) - 1,
} PhProtocols;

/* "imap", "pop3", "submission", as the settings and the command line have them. Static. */
const char *ph_protocol_get_name (PhProtocols protocol);

/* A sentence for the client that showed its password, and for nobody else: that this protocol is
 * switched off for the account.  Static. */
const char *ph_protocol_get_refusal (PhProtocols protocol);

/* Their names; transfer full. */
char **ph_protocols_format (PhProtocols protocols);

/* The other way round, ignoring case; FALSE where one is none: then *unknown (borrowed from `names`) says which. */
gboolean ph_protocols_parse (const char *const *names,
                             PhProtocols       *protocols,
                             const char       **unknown);

G_END_DECLS
