/* What goes when the journal is full: the oldest sessions that have ended, then the oldest lines of those that run. */

#include "ph-journal-line-private.h"
#include "ph-journal-private.h"

/* When full, this part of the limit is dropped at once, so that a drop is rare. */
#define DROPPED_PART 16

static gsize
get_bytes (PhJournal *self)
{
  return self->bytes + self->n_lines * sizeof (PhJournalEntry);
}

/* TRUE while more is kept than `limit` - `limit` / `part` of any kind; `part` 0 for the limits. */
static gboolean
has_too_much (PhJournal *self,
              guint      part)
{
  gsize bytes = self->max_bytes - (part > 0 ? self->max_bytes / part : 0);
  guint lines = self->max_lines - (part > 0 ? self->max_lines / part : 0);

  return self->n_lines > lines || get_bytes (self) > bytes;
}

/* Running sessions can't be dropped.  Where they alone are nearly too many, finished
 * ones still go some at a time, not one by one with a search for each. */
static gboolean
has_too_many_sessions (PhJournal *self)
{
  return self->sessions->len - self->n_dropped_here > self->max_sessions && self->n_finished > self->max_sessions / DROPPED_PART;
}

/* Returns how many places in the index are now to be emptied. */
static guint
doom_session (PhJournal        *self,
              PhJournalSession *session)
{
  guint n_lines = ph_journal_pages_get_n_lines (&session->pages);

  session->n_doomed = n_lines;
  session->is_dropped = TRUE;
  self->n_lines -= n_lines;
  self->bytes -= session->pages.bytes;
  self->n_dropped_lines += n_lines;
  self->n_dropped_sessions++;
  self->n_dropped_here++;
  self->n_finished--;
  ph_journal_session_drop (session);

  return n_lines;
}

static guint
doom_finished (PhJournal *self)
{
  guint n_doomed = 0, n_wanted = self->max_sessions - self->max_sessions / DROPPED_PART;

  if (!has_too_many_sessions (self))
    n_wanted = G_MAXUINT;

  for (guint i = 0; i < self->sessions->len && self->n_finished > 0; i++)
    {
      PhJournalSession *session = g_ptr_array_index (self->sessions, i);

      if (!has_too_much (self, DROPPED_PART) && self->sessions->len - self->n_dropped_here <= n_wanted)
        break;
      if (session->state != PH_JOURNAL_RUNNING && !session->is_dropped)
        n_doomed += doom_session (self, session);
    }

  return n_doomed;
}

static guint
doom_first_page (PhJournal        *self,
                 PhJournalSession *session)
{
  gsize bytes = session->pages.bytes;
  guint n_lines = ph_journal_pages_drop_first (&session->pages);

  session->n_doomed = n_lines;
  self->n_lines -= n_lines;
  self->bytes -= bytes - session->pages.bytes;
  self->n_dropped_lines += n_lines;
  ph_journal_session_lines_dropped (session);

  return n_lines;
}

/* Empties the places of what is doomed; dooms the oldest pages of those who run
 * while there is still too much. */
static void
sweep (PhJournal *self,
       guint      n_doomed)
{
  for (gsize i = 0; i < self->index.n; i++)
    {
      PhJournalEntry *entry = ph_journal_index_get (&self->index, i);

      if (n_doomed == 0 && !has_too_much (self, DROPPED_PART))
        break;
      if (entry->record == NULL)
        continue;
      if (entry->session->n_doomed == 0 && has_too_much (self, DROPPED_PART))
        n_doomed += doom_first_page (self, entry->session);
      if (entry->session->n_doomed > 0)
        {
          entry->session->n_doomed--;
          n_doomed--;
          ph_journal_index_drop (&self->index, i);
        }
    }
  ph_journal_index_compact (&self->index);
}

static gboolean
is_forgotten (PhJournalSession *session)
{
  return session->journal == NULL && session->lines == NULL;
}

/* No view knows of them: they can go at once, and nobody is to be told. */
static void
remove_unpublished_sessions (PhJournal *self)
{
  guint n_removed = 0;

  for (guint i = self->sessions->len; i-- > self->n_published;)
    {
      PhJournalSession *session = g_ptr_array_index (self->sessions, i);

      if (!session->is_dropped)
        continue;
      session->journal = NULL;
      n_removed++;
      self->n_dropped_here--;
      g_ptr_array_remove_index (self->sessions, i);
    }

  if (n_removed > 0)
    {
      g_autoptr (GPtrArray) changed = g_steal_pointer (&self->changed);

      self->changed = g_ptr_array_new_full (changed->len, g_object_unref);
      for (guint i = 0; i < changed->len; i++)
        if (!is_forgotten (g_ptr_array_index (changed, i)))
          g_ptr_array_add (self->changed, g_object_ref (g_ptr_array_index (changed, i)));
    }
}

void
ph_journal_trim (PhJournal *self)
{
  if (!has_too_much (self, 0) && !has_too_many_sessions (self))
    return;
  if (self->is_flushing)
    {
      self->is_trim_due = TRUE;
      return;
    }

  sweep (self, doom_finished (self));
  remove_unpublished_sessions (self);
  ph_journal_schedule (self);
}
