#pragma once

#include "ph-authenticator.h"
#include "ph-clock.h"
#include "ph-session.h"
#include "ph-store.h"

G_BEGIN_DECLS

#define PH_TYPE_IMAP_SESSION (ph_imap_session_get_type ())
G_DECLARE_FINAL_TYPE (PhImapSession, ph_imap_session, PH, IMAP_SESSION, PhSession)

/* Seconds.  RFC 3501 5.4 asks for at least 30 minutes after login (I25). */
#define PH_IMAP_PREAUTH_SECONDS 60
#define PH_IMAP_IDLE_SECONDS (30 * 60)
#define PH_IMAP_COMMAND_SECONDS (5 * 60) /* from the first byte of a command to its last (V38) */
/* Asking for news of the selected mailbox: so often, and each time no longer after the last. */
#define PH_IMAP_POLLS_MAX 5
#define PH_IMAP_POLL_SECONDS (10 * 60)
#define PH_IMAP_KEEP_ALIVE_SECONDS (2 * 60)

/* A peer that sends an APPEND slower than this many bytes a second is cut off. */
#define PH_IMAP_APPEND_RATE_MIN 500

/* Seconds between words of a long command (RFC 9585). */
#define PH_IMAP_PROGRESS_SECONDS 15

/* Milliseconds for which news are gathered before an IDLE client is told (I26). */
#define PH_IMAP_IDLE_BATCH_MILLISECONDS 100

/* In a row, before login; then BYE (I25).  And tries to log in (V19). */
#define PH_IMAP_BAD_COMMANDS_MAX 10
#define PH_IMAP_LOGIN_TRIES_MAX 3

/* What a session must know; copied. */
typedef struct
{
  const char *host_name;
  gboolean    offer_starttls;
  guint64     append_size_max; /* bytes; 0: 64 MiB */
  PhClock    *clock;           /* for IDLE; NULL: a system clock of its own */
  guint       message_limit;   /* messages that a command works on (RFC 9738); 0: no limit */
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
