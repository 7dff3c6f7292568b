#include "ph-journal.h"

#include "ph-journal-file.h"
#include "ph-journal-index.h"
#include "ph-journal-line-private.h"
#include "ph-journal-private.h"

/* How long views may lag behind, in µs. */
#define BATCH_TIME (50 * 1000)

/* After a batch of so many lines the next one comes later: nobody reads them one by one, and each makes a window draw anew. */
#define BUSY_LINES 100
#define BUSY_BATCH_TIME (250 * 1000)

static GType
ph_journal_get_item_type (GListModel *model)
{
  return PH_TYPE_JOURNAL_SESSION;
}

static guint
ph_journal_get_n_items (GListModel *model)
{
  return PH_JOURNAL (model)->n_published;
}

static gpointer
ph_journal_get_item (GListModel *model,
                     guint       position)
{
  PhJournal *self = PH_JOURNAL (model);

  return position < self->n_published ? g_object_ref (g_ptr_array_index (self->sessions, position)) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ph_journal_get_item_type;
  iface->get_n_items = ph_journal_get_n_items;
  iface->get_item = ph_journal_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PhJournal, ph_journal, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum {
  PROP_0,
  PROP_N_DROPPED_SESSIONS,
  PROP_N_DROPPED_LINES,
  PROP_N_UNFILED_LINES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
ph_journal_finalize (GObject *object)
{
  PhJournal *self = PH_JOURNAL (object);

  ph_clock_cancel_timer (self->clock, &self->timer);
  if (self->lines != NULL)
    ph_journal_lines_disown (self->lines);
  g_clear_object (&self->lines);
  ph_journal_index_clear (&self->index);

  /* Others may hold sessions for longer than there is a journal. */
  for (guint i = 0; i < self->sessions->len; i++)
    {
      PhJournalSession *session = g_ptr_array_index (self->sessions, i);

      session->journal = NULL;
      ph_journal_session_drop (session);
      ph_journal_session_publish (session);
    }
  g_ptr_array_unref (self->changed);
  g_ptr_array_unref (self->sessions);
  g_clear_pointer (&self->file, ph_journal_file_free);
  g_object_unref (self->trail);
  g_object_unref (self->traffic);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (ph_journal_parent_class)->finalize (object);
}

static void
ph_journal_get_property (GObject    *object,
                         guint       id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  PhJournal *self = PH_JOURNAL (object);

  switch (id)
    {
    case PROP_N_DROPPED_SESSIONS:
      g_value_set_uint64 (value, self->n_dropped_sessions);
      break;
    case PROP_N_DROPPED_LINES:
      g_value_set_uint64 (value, self->n_dropped_lines);
      break;
    case PROP_N_UNFILED_LINES:
      g_value_set_uint64 (value, self->n_unfiled_before + (self->file != NULL ? ph_journal_file_get_n_dropped (self->file) : 0));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_journal_class_init (PhJournalClass *klass)
{
  static const char *const names[] = { NULL, "n-dropped-sessions", "n-dropped-lines", "n-unfiled-lines" };
  GObjectClass            *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ph_journal_finalize;
  object_class->get_property = ph_journal_get_property;

  for (guint i = 1; i < N_PROPS; i++)
    properties[i] = g_param_spec_uint64 (names[i], NULL, NULL, 0, G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_journal_init (PhJournal *self)
{
  self->max_sessions = 2000;
  self->max_lines = 200000;
  self->max_bytes = 64 * 1024 * 1024;
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
  self->changed = g_ptr_array_new_with_free_func (g_object_unref);
  self->trail = ph_trail_new ();
  self->traffic = ph_traffic_new ();
}

PhJournal *
ph_journal_new (PhClock *clock)
{
  PhJournal *self = g_object_new (PH_TYPE_JOURNAL, NULL);

  self->clock = g_object_ref (clock);

  return self;
}

PhClock *
ph_journal_get_clock (PhJournal *self)
{
  return self->clock;
}

static void
timer_cb (gpointer data)
{
  PhJournal *self = data;

  self->timer = 0;
  ph_journal_flush (self);
}

void
ph_journal_schedule (PhJournal *self)
{
  if (self->timer == 0)
    self->timer = ph_clock_add_timer (self->clock, self->is_busy ? BUSY_BATCH_TIME : BATCH_TIME, timer_cb, self);
}

void
ph_journal_add_changed (PhJournal        *self,
                        PhJournalSession *session)
{
  g_ptr_array_add (self->changed, g_object_ref (session));
  ph_journal_schedule (self);
}

void
ph_journal_set_limits (PhJournal *self,
                       guint      sessions,
                       guint      lines,
                       gsize      bytes)
{
  g_return_if_fail (PH_IS_JOURNAL (self));

  self->max_sessions = sessions;
  self->max_lines = lines;
  self->max_bytes = bytes;
  ph_journal_trim (self);
}

PhJournalSession *
ph_journal_begin (PhJournal  *self,
                  const char *service,
                  gboolean    outgoing,
                  const char *peer)
{
  PhJournalSession *session;

  g_return_val_if_fail (PH_IS_JOURNAL (self), NULL);

  session = ph_journal_session_new (self, ++self->last_id, service, outgoing, peer, ph_clock_get_real_time (self->clock));
  g_ptr_array_add (self->sessions, g_object_ref (session));
  if (!outgoing)
    ph_traffic_add (self->traffic, PH_TRAFFIC_CONNECTIONS, session->started);
  ph_journal_schedule (self);
  ph_journal_trim (self);

  return session;
}

void
ph_journal_session_ended (PhJournal *self)
{
  self->n_finished++;
  ph_journal_trim (self);
}

void
ph_journal_add_words (PhJournal            *self,
                      PhJournalSession     *session,
                      PhJournalVoice        voice,
                      const PhJournalWords *words)
{
  gint64           now = ph_clock_get_monotonic_time (self->clock);
  gsize            bytes = session->pages.bytes;
  PhJournalRecord *record;

  /* Only a session that has ended is dropped, and that has little more to say. */
  if (session->is_dropped)
    {
      self->n_dropped_lines++;
      return;
    }

  record = ph_journal_pages_append (&session->pages, words);
  record->time = ph_clock_get_real_time (self->clock);
  record->elapsed = session->pages.next_line > 1 ? now - session->last_time : 0;
  record->voice = voice & 3;
  session->last_time = now;

  ph_journal_index_append (&self->index, session, record);
  self->n_lines++;
  self->n_new_lines++;
  self->bytes += session->pages.bytes - bytes;
  if (self->file != NULL)
    ph_journal_file_add (self->file, record->time, session, voice, words);

  ph_journal_trim (self);
}

PhTraffic *
ph_journal_get_traffic (PhJournal *self)
{
  return self->traffic;
}

PhTrail *
ph_journal_get_trail (PhJournal *self)
{
  g_return_val_if_fail (PH_IS_JOURNAL (self), NULL);

  return self->trail;
}

static PhJournalLine *
get_line (gpointer owner,
          guint    position)
{
  PhJournal      *self = owner;
  PhJournalEntry *entry = ph_journal_index_get (&self->index, position);

  return ph_journal_line_new (entry->session, entry->record);
}

GListModel *
ph_journal_get_all_lines (PhJournal *self)
{
  g_return_val_if_fail (PH_IS_JOURNAL (self), NULL);

  if (self->lines == NULL)
    self->lines = ph_journal_lines_new (self, get_line, (guint)self->index.n_published);

  return G_LIST_MODEL (self->lines);
}

gboolean
ph_journal_set_file (PhJournal  *self,
                     const char *path,
                     goffset     max_bytes,
                     guint       n_files,
                     GError    **error)
{
  PhJournalFile *file = NULL;

  g_return_val_if_fail (PH_IS_JOURNAL (self), FALSE);

  if (path != NULL && (file = ph_journal_file_open (path, max_bytes, n_files, error)) == NULL)
    return FALSE;

  if (self->file != NULL)
    {
      ph_journal_file_sync (self->file);
      self->n_unfiled_before += ph_journal_file_get_n_dropped (self->file);
      ph_journal_file_free (self->file);
    }
  self->file = file;

  return TRUE;
}

void
ph_journal_sync_file (PhJournal *self)
{
  g_return_if_fail (PH_IS_JOURNAL (self));

  if (self->file != NULL)
    ph_journal_file_sync (self->file);
}

static void
publish_sessions (PhJournal *self)
{
  guint n_new;

  for (guint end = self->n_published; end > 0 && self->n_dropped_here > 0; end--)
    {
      guint start = end;

      while (start > 0 && ((PhJournalSession *)g_ptr_array_index (self->sessions, start - 1))->is_dropped)
        start--;
      if (start == end)
        continue;

      self->n_dropped_here -= end - start;
      self->n_published -= end - start;
      g_ptr_array_remove_range (self->sessions, start, end - start);
      g_list_model_items_changed (G_LIST_MODEL (self), start, end - start, 0);
      end = start + 1;
    }

  n_new = self->sessions->len - self->n_published;
  self->n_published = self->sessions->len;
  if (n_new > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), self->n_published - n_new, 0, n_new);
}

static void
publish_changed (PhJournal *self)
{
  g_autoptr (GPtrArray) changed = g_steal_pointer (&self->changed);

  self->changed = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < changed->len; i++)
    ph_journal_session_publish (g_ptr_array_index (changed, i));
}

static guint64
get_n_unfiled (PhJournal *self)
{
  return self->n_unfiled_before + (self->file != NULL ? ph_journal_file_get_n_dropped (self->file) : 0);
}

static void
notify_count (PhJournal *self,
              guint      property,
              guint64    count,
              guint64   *told)
{
  if (count == *told)
    return;
  *told = count;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
ph_journal_flush (PhJournal *self)
{
  g_return_if_fail (PH_IS_JOURNAL (self));

  if (self->is_flushing)
    return;

  g_object_ref (self);
  self->is_flushing = TRUE;
  ph_clock_cancel_timer (self->clock, &self->timer);

  self->is_busy = self->n_new_lines >= BUSY_LINES;
  self->n_new_lines = 0;

  /* Lines before sessions: places in the index name sessions. */
  ph_journal_index_publish (&self->index, self->lines);
  publish_changed (self);
  publish_sessions (self);
  ph_trail_publish (self->trail);
  notify_count (self, PROP_N_DROPPED_SESSIONS, self->n_dropped_sessions, &self->n_told_sessions);
  notify_count (self, PROP_N_DROPPED_LINES, self->n_dropped_lines, &self->n_told_lines);
  notify_count (self, PROP_N_UNFILED_LINES, get_n_unfiled (self), &self->n_told_unfiled);

  self->is_flushing = FALSE;
  if (self->is_trim_due)
    {
      self->is_trim_due = FALSE;
      ph_journal_trim (self);
    }
  g_object_unref (self);
}
