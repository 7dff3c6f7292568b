#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whose line it is.  "Client" is always the side that opened the connection,
 * so in a session that Posthouse opened (SMTP out) the client is Posthouse. */
typedef enum {
  PH_JOURNAL_CLIENT,
  PH_JOURNAL_SERVER,
  PH_JOURNAL_NOTE, /* Posthouse's own remarks: DNS, TLS, delivery, queue, limits */
} PhJournalVoice;

typedef enum {
  PH_JOURNAL_RUNNING,
  PH_JOURNAL_CLOSED, /* came to its end as the protocol wants it */
  PH_JOURNAL_FAILED, /* broke off; "cause" says why in one sentence */
} PhJournalState;

#define PH_TYPE_JOURNAL_SESSION (ph_journal_session_get_type ())
G_DECLARE_FINAL_TYPE (PhJournalSession, ph_journal_session, PH, JOURNAL_SESSION, GObject)

/**
 * PhJournalSession:
 *
 * What is written down about one conversation.  Made by ph_journal_begin(),
 * owned by the journal and whoever holds it; its lines live in the journal's
 * ring and go first when that is full.  Knows no grammar: the protocol says
 * which bytes are secret.  Writing never waits and never fails.
 *
 * Readable properties, notified at most once every 50 ms:
 *   id (uint64), service (string: "SMTP", "Submission", "POP3", "IMAP", "SMTP out"),
 *   outgoing (boolean), peer (string, "127.0.0.1:40234"), account (string or NULL),
 *   client-name (string or NULL: EHLO name, IMAP ID), tls (string or NULL),
 *   state (PhJournalState as uint), started, ended (int64 real time in µs; ended 0 while running),
 *   n-messages (uint), bytes-in, bytes-out (uint64), last-line (string), cause (string or NULL).
 */

/* One line, as it went over the wire, without its CR LF; cut at 2 KiB with its
 * length noted.  NUL, controls and 8-bit bytes are kept and shown escaped. */
void ph_journal_session_add (PhJournalSession *self,
                             PhJournalVoice    voice,
                             const void       *data,
                             gsize             length);

/* The same, with `secret_length` bytes from `secret_start` replaced by a mask
 * whose size does not tell the length.  The bytes are never stored. */
void ph_journal_session_add_masked (PhJournalSession *self,
                                    PhJournalVoice    voice,
                                    const void       *data,
                                    gsize             length,
                                    gsize             secret_start,
                                    gsize             secret_length);

/* A body in place of its lines: "message, 1,204 bytes". */
void ph_journal_session_add_folded (PhJournalSession *self,
                                    PhJournalVoice    voice,
                                    const char       *what,
                                    guint64           bytes);

void ph_journal_session_note (PhJournalSession *self,
                              const char       *format,
                              ...) G_GNUC_PRINTF (2, 3);

void ph_journal_session_set_account (PhJournalSession *self,
                                     const char       *address);
void ph_journal_session_set_client_name (PhJournalSession *self,
                                         const char       *name);
void ph_journal_session_set_tls (PhJournalSession *self,
                                 const char       *description);
void ph_journal_session_add_message (PhJournalSession *self);
void ph_journal_session_add_bytes (PhJournalSession *self,
                                   gsize             in,
                                   gsize             out);

/* The first call ends the session; `cause` is NULL for an orderly end. */
void ph_journal_session_end (PhJournalSession *self,
                             const char       *cause);

/* All NULL-tolerant for `self`, so that tests need no journal. */

/* A model of PhJournalLine, made on demand; empty once the ring dropped them. */
GListModel *ph_journal_session_get_lines (PhJournalSession *self);

G_END_DECLS
