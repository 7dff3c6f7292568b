#pragma once

#include <gio/gio.h>

#include "ph-tally.h"

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
 *   n-messages (uint), bytes-in, bytes-out (uint64), last-line (string; of several the first and “…”), cause (string or NULL),
 *   n-findings (uint).
 * Whoever begins a session ends it: while it runs, the journal keeps it.
 * All strings are escaped as lines are, and may be shown as they are.
 */

/* What is kept of a line, in bytes. */
#define PH_JOURNAL_LINE_MAX 2048

/* What is kept of a name from the network (EHLO, IMAP ID, cause), in bytes. */
#define PH_JOURNAL_NAME_MAX 256

/* Different findings that are kept of one session. */
#define PH_JOURNAL_FINDINGS_MAX 32

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

/* One line of several that belong together, such as those of a reply to EHLO: they are one line of
 * the transcript, which has a line feed between each two of them.  It is written when the last one
 * has come, when something else is, or at the session's end; together they are cut at 2 KiB, with
 * their length and number noted.  In a note of several lines the first one is a heading. */
void ph_journal_session_add_part (PhJournalSession *self,
                                  PhJournalVoice    voice,
                                  const void       *data,
                                  gsize             length,
                                  gboolean          is_last);

/* A body in place of its lines, and how long it took since the line before: "message, 1,204 bytes in 16 ms". */
void ph_journal_session_add_folded (PhJournalSession *self,
                                    PhJournalVoice    voice,
                                    const char       *what,
                                    guint64           bytes);

/* A remark of Posthouse's own for the person at the window, in whose language it is written: `format` is marked with
 * N_() where it has words, and translated here, if there is a journal. */
void ph_journal_session_note (PhJournalSession *self,
                              const char       *format,
                              ...) G_GNUC_PRINTF (2, 3);
void ph_journal_session_note_valist (PhJournalSession *self,
                                     const char       *format,
                                     va_list           args) G_GNUC_PRINTF (2, 0);

void ph_journal_session_set_peer (PhJournalSession *self,
                                  const char       *peer);
void ph_journal_session_set_account (PhJournalSession *self,
                                     const char       *address);
void ph_journal_session_set_client_name (PhJournalSession *self,
                                         const char       *name);
void ph_journal_session_set_tls (PhJournalSession *self,
                                 const char       *description);
void ph_journal_session_add_message (PhJournalSession *self);
void ph_journal_session_add_refusal (PhJournalSession *self); /* of a sender, a recipient, a message or a login */
void ph_journal_session_add_bytes (PhJournalSession *self,
                                   gsize             in,
                                   gsize             out);

/* Counts its messages and bytes there, too, from now on. */
void ph_journal_session_set_tally (PhJournalSession *self,
                                   PhTally          *tally);

/* A remark on the client's conduct ("bare LF"), shown as a note where it came up
 * and counted in n-findings; the same one a second time is ignored. */
void ph_journal_session_add_finding (PhJournalSession *self,
                                     const char       *text);

/* A step in the life of a message (ph-trail.h): `message` is a name of it, `other` another one or
 * NULL, `detail` what else there is to say, or NULL. */
void ph_journal_session_trace (PhJournalSession *self,
                               guint             kind, /* PhTrailKind */
                               const char       *message,
                               const char       *other,
                               const char       *detail);

/* The first call ends the session; `cause` is NULL for an orderly end. */
void ph_journal_session_end (PhJournalSession *self,
                             const char       *cause);

/* All above NULL-tolerant for `self`, so that tests need no journal. */

/* A model of PhJournalLine, made on demand; empty once the ring dropped them.
 * Borrowed; NULL for NULL. */
GListModel *ph_journal_session_get_lines (PhJournalSession *self);

/* Transfer full, NULL-terminated, in the order they came up. */
GStrv ph_journal_session_dup_findings (PhJournalSession *self);

guint64        ph_journal_session_get_id (PhJournalSession *self);
const char    *ph_journal_session_get_service (PhJournalSession *self);
const char    *ph_journal_session_get_peer (PhJournalSession *self);    /* or NULL */
const char    *ph_journal_session_get_account (PhJournalSession *self); /* or NULL */
gboolean       ph_journal_session_is_outgoing (PhJournalSession *self);
PhJournalState ph_journal_session_get_state (PhJournalSession *self);

typedef enum {
  PH_JOURNAL_EXPORT_TEXT,
  PH_JOURNAL_EXPORT_JSON_LINES,
  PH_JOURNAL_EXPORT_MARKDOWN, /* a Mermaid sequence diagram */
} PhJournalExport;

/* The transcript with what is left of its lines, masked and escaped as they are.
 * Transfer full; takes time with the number of lines. */
char *ph_journal_session_export (PhJournalSession *self,
                                 PhJournalExport   format);

/* The same, a piece at a time, so that a window goes on drawing however many lines there are;
 * those that come later, or are dropped meanwhile, are left out.  Transfer full; NULL only
 * where cancelled. */
void  ph_journal_session_export_async (PhJournalSession   *self,
                                       PhJournalExport     format,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);
char *ph_journal_session_export_finish (PhJournalSession *self,
                                        GAsyncResult     *result,
                                        GError          **error);

G_END_DECLS
