#include "ph-trail.h"

#include "ph-journal-escape.h"

struct _PhTrail
{
  GObject parent_instance;

  GQueue   fetched; /* of PhTrailStep, owned, oldest first */
  GQueue   others;  /* likewise: all other kinds */
  gboolean has_news;
  guint    n_news; /* of the others */
};

G_DEFINE_FINAL_TYPE (PhTrail, ph_trail, G_TYPE_OBJECT)

static guint changed_signal;

static void
step_clear (gpointer data)
{
  PhTrailStep *self = data;

  g_free (self->message);
  g_free (self->other);
  g_free (self->detail);
  g_free (self->service);
  g_free (self->peer);
}

PhTrailStep *
ph_trail_step_ref (PhTrailStep *self)
{
  return g_rc_box_acquire (self);
}

void
ph_trail_step_unref (PhTrailStep *self)
{
  g_rc_box_release_full (self, step_clear);
}

static void
ph_trail_finalize (GObject *object)
{
  PhTrail *self = PH_TRAIL (object);

  g_queue_clear_full (&self->fetched, (GDestroyNotify)ph_trail_step_unref);
  g_queue_clear_full (&self->others, (GDestroyNotify)ph_trail_step_unref);

  G_OBJECT_CLASS (ph_trail_parent_class)->finalize (object);
}

static void
ph_trail_class_init (PhTrailClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_trail_finalize;
  changed_signal = g_signal_new ("changed", PH_TYPE_TRAIL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ph_trail_init (PhTrail *self)
{
  g_queue_init (&self->fetched);
  g_queue_init (&self->others);
}

PhTrail *
ph_trail_new (void)
{
  return g_object_new (PH_TYPE_TRAIL, NULL);
}

static gboolean
is_last (PhTrail    *self,
         PhTrailKind kind,
         guint64     session,
         const char *message)
{
  const PhTrailStep *last = kind == PH_TRAIL_FETCHED ? g_queue_peek_tail (&self->fetched) : NULL;

  return last != NULL && last->session == session && g_str_equal (last->message, message);
}

void
ph_trail_add (PhTrail          *self,
              gint64            time,
              PhTrailKind       kind,
              PhJournalSession *session,
              const char       *message,
              const char       *other,
              const char       *detail)
{
  GQueue          *queue;
  PhTrailStep     *step;
  guint64          id = ph_journal_session_get_id (session);
  g_autofree char *name = NULL;

  g_return_if_fail (PH_IS_TRAIL (self) && message != NULL);

  name = ph_journal_escape_dup (message, PH_JOURNAL_NAME_MAX);
  if (is_last (self, kind, id, name))
    return;

  step = g_rc_box_new0 (PhTrailStep);
  *step = (PhTrailStep){ kind, time, g_steal_pointer (&name), ph_journal_escape_dup (other, PH_JOURNAL_NAME_MAX),
                         ph_journal_escape_dup (detail, PH_JOURNAL_NAME_MAX), id, g_strdup (ph_journal_session_get_service (session)),
                         g_strdup (ph_journal_session_get_peer (session)) };
  queue = kind == PH_TRAIL_FETCHED ? &self->fetched : &self->others;
  g_queue_push_tail (queue, step);
  if (queue->length > PH_TRAIL_STEPS_MAX)
    ph_trail_step_unref (g_queue_pop_head (queue));
  self->has_news = TRUE;
  if (kind != PH_TRAIL_FETCHED)
    self->n_news++;
}

static gboolean
has_name (GHashTable        *names,
          const PhTrailStep *step)
{
  return g_hash_table_contains (names, step->message) || (step->other != NULL && g_hash_table_contains (names, step->other));
}

/* Only steps that are no fetching tie names together. */
static GHashTable *
tie_names (PhTrail           *self,
           const char *const *names)
{
  GHashTable *tied = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint       before;

  for (guint i = 0; names[i] != NULL; i++)
    g_hash_table_add (tied, ph_journal_escape_dup (names[i], PH_JOURNAL_NAME_MAX));

  do
    {
      before = g_hash_table_size (tied);
      for (GList *link = self->others.head; link != NULL; link = link->next)
        {
          const PhTrailStep *step = link->data;

          if (step->other == NULL || !has_name (tied, step))
            continue;
          g_hash_table_add (tied, g_strdup (step->message));
          g_hash_table_add (tied, g_strdup (step->other));
        }
    }
  while (g_hash_table_size (tied) > before && before < PH_TRAIL_FOUND_MAX);

  return tied;
}

static gint
compare_times (gconstpointer a,
               gconstpointer b)
{
  const PhTrailStep *first = *(PhTrailStep *const *)a, *second = *(PhTrailStep *const *)b;

  return first->time < second->time ? -1 : first->time > second->time;
}

GPtrArray *
ph_trail_find (PhTrail           *self,
               const char *const *names)
{
  GPtrArray *steps = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_trail_step_unref);
  g_autoptr (GHashTable) tied = NULL;
  GQueue *queues[2];

  g_return_val_if_fail (PH_IS_TRAIL (self), steps);

  tied = tie_names (self, names);
  queues[0] = &self->others;
  queues[1] = &self->fetched;
  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    for (GList *link = queues[i]->head; link != NULL && steps->len < PH_TRAIL_FOUND_MAX; link = link->next)
      if (has_name (tied, link->data))
        g_ptr_array_add (steps, ph_trail_step_ref (link->data));
  /* Keeps the order of those with the same time, which a clock of milliseconds gives to many. */
  g_ptr_array_sort (steps, compare_times);

  return steps;
}

GStrv
ph_trail_list_messages (PhTrail *self,
                        guint64  session,
                        guint    max)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  GQueue *queues[2];

  g_return_val_if_fail (PH_IS_TRAIL (self), NULL);

  queues[0] = &self->others;
  queues[1] = &self->fetched;
  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    for (GList *link = queues[i]->head; link != NULL && g_hash_table_size (seen) < max; link = link->next)
      {
        PhTrailStep *step = link->data;

        if (step->session == session && g_hash_table_add (seen, step->message))
          g_strv_builder_add (names, step->message);
      }

  return g_strv_builder_end (names);
}

GPtrArray *
ph_trail_get_news (PhTrail *self)
{
  GPtrArray *steps = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_trail_step_unref);
  guint      n;

  g_return_val_if_fail (PH_IS_TRAIL (self), steps);

  n = MIN (MIN (self->n_news, PH_TRAIL_FOUND_MAX), self->others.length);
  for (GList *link = n > 0 ? g_queue_peek_nth_link (&self->others, self->others.length - n) : NULL; link != NULL; link = link->next)
    g_ptr_array_add (steps, ph_trail_step_ref (link->data));

  return steps;
}

void
ph_trail_publish (PhTrail *self)
{
  g_return_if_fail (PH_IS_TRAIL (self));

  if (!self->has_news)
    return;
  self->has_news = FALSE;
  g_signal_emit (self, changed_signal, 0);
  self->n_news = 0;
}
