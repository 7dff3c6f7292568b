#pragma once

#include "ph-journal-session.h"

G_BEGIN_DECLS

/* What of a client's command goes into the live log.  The password of LOGIN and the
 * responses of AUTHENTICATE are masked, in whatever form they come; literals are
 * folded.  Pure but for the journal, which may be NULL.  Functions only. */

/* `command` up to and with its newest line, which begins at `line_start`.  Where
 * `suspect` (no command of ours, after a try to log in) the line is masked whole: it
 * may be a password that came late. */
void ph_imap_transcript_add_line (PhJournalSession *journal,
                                  const guint8     *command,
                                  gsize             length,
                                  gsize             line_start,
                                  gboolean          suspect);

/* The literal that follows such a command. */
void ph_imap_transcript_add_literal (PhJournalSession *journal,
                                     const guint8     *command,
                                     gsize             length,
                                     guint64           size);

/* A line that is all secret. */
void ph_imap_transcript_add_secret (PhJournalSession *journal);

/* Where the secret of a command begins; `length` if it has none (yet). */
gsize ph_imap_transcript_find_secret (const guint8 *command,
                                      gsize         length,
                                      gboolean      suspect);

G_END_DECLS
