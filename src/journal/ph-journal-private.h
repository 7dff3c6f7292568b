#pragma once

#include "ph-journal-file.h"
#include "ph-journal-index.h"
#include "ph-journal-lines.h"
#include "ph-journal-pages.h"
#include "ph-journal.h"
#include "ph-traffic.h"

G_BEGIN_DECLS

/* How PhJournal and PhJournalSession see each other; nobody else includes this. */

struct _PhJournal
{
  GObject parent_instance;

  PhClock *clock;
  guint    timer;
  gboolean is_flushing;
  gboolean is_busy;     /* the batch before was a large one */
  guint    n_new_lines; /* since then */
  gboolean is_trim_due; /* limits were passed while flushing */

  guint max_sessions;
  guint max_lines;
  gsize max_bytes;

  GPtrArray *sessions; /* owned, oldest first; dropped ones that views know stay until the flush */
  guint      n_published;
  guint      n_dropped_here; /* of `sessions` */
  guint      n_finished;     /* of `sessions`, without the dropped */
  GPtrArray *changed;        /* of PhJournalSession, owned */
  guint64    last_id;

  PhJournalIndex  index;
  PhJournalLines *lines; /* NULL until asked for */
  guint           n_lines;
  gsize           bytes; /* of pages */

  PhTrail   *trail;
  PhTraffic *traffic;

  guint64 n_dropped_sessions;
  guint64 n_dropped_lines;
  guint64 n_told_sessions; /* what views were told of these */
  guint64 n_told_lines;
  guint64 n_told_unfiled;
  guint64 n_unfiled_before; /* by files that are closed */

  PhJournalFile *file; /* NULL while off */
};

typedef struct _PhJournalParts PhJournalParts;

struct _PhJournalSession
{
  GObject parent_instance;

  PhJournal      *journal; /* borrowed; NULL once it is gone */
  PhJournalPages  pages;
  PhJournalParts *parts;     /* lines of which the last is still to come, or NULL */
  gint64          last_time; /* monotonic, of the last line */
  guint           n_doomed;  /* its oldest lines that are just being dropped */
  gboolean        is_dropped;
  guint32         changed; /* a bit for each property to notify; not 0 while in the journal's list */

  PhJournalLines *lines; /* NULL until asked for; it shows shown_first … shown_next - 1 */
  guint64         shown_first;
  guint64         shown_next;

  guint64        id;
  char          *service;
  gboolean       is_outgoing;
  char          *peer;
  char          *account;
  char          *client_name;
  char          *tls;
  PhJournalState state;
  gint64         started;
  gint64         ended;
  guint          n_messages;
  guint64        bytes_in;
  guint64        bytes_out;
  char          *cause;
  GPtrArray     *findings; /* of char *; NULL while there are none */
  PhTally       *tally;    /* of its service, or NULL */
};

PhJournalSession *ph_journal_session_new (PhJournal  *journal,
                                          guint64     id,
                                          const char *service,
                                          gboolean    is_outgoing,
                                          const char *peer,
                                          gint64      started);

/* Tells the views of the session what has changed. */
void ph_journal_session_publish (PhJournalSession *self);

/* The journal goes, or drops the session: its lines are gone. */
void ph_journal_session_drop (PhJournalSession *self);

/* It says something else now. */
void ph_journal_session_mark_last_line (PhJournalSession *self);

/* The oldest of its pages is gone. */
void ph_journal_session_lines_dropped (PhJournalSession *self);

/* Puts them in the session and in the journal's order. */
void ph_journal_add_words (PhJournal            *self,
                           PhJournalSession     *session,
                           PhJournalVoice        voice,
                           const PhJournalWords *words);

/* Writes down the lines of which the last has not come. */
void ph_journal_session_end_parts (PhJournalSession *self);

/* Drops what is too much, now or after the flush that is going on. */
void ph_journal_trim (PhJournal *self);

/* Views are told in a moment. */
void ph_journal_schedule (PhJournal *self);

/* `session` NULL: a step outside of any. */
void ph_journal_add_step (PhJournal        *self,
                          PhJournalSession *session,
                          guint             kind,
                          const char       *message,
                          const char       *other,
                          const char       *detail);

void ph_journal_session_ended (PhJournal *self);

/* The session wants to be published at the next flush. */
void ph_journal_add_changed (PhJournal        *self,
                             PhJournalSession *session);

PhClock *ph_journal_get_clock (PhJournal *self);

G_END_DECLS
