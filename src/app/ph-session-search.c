#include "ph-session-search.h"

#include "ph-journal-line.h"

#include <string.h>

/* µs of work in one dispatch, and lines between two looks at the clock. */
#define SLICE (3 * 1000)
#define STRIDE 32

/* What is known of one session. */
typedef struct
{
  gboolean found;
  gboolean is_queued;
  guint    n_read; /* lines of it that don't have the text */
} PhSessionMatch;

struct _PhSessionSearch
{
  GObject parent_instance;

  char       *text;    /* case-folded, NULL for none */
  GHashTable *matches; /* PhJournalSession → PhSessionMatch */
  GQueue      unread;  /* of PhJournalSession, owned */
  guint       idle;
};

G_DEFINE_FINAL_TYPE (PhSessionSearch, ph_session_search, G_TYPE_OBJECT)

static guint found_signal;

static void
forget_all (PhSessionSearch *self)
{
  g_clear_handle_id (&self->idle, g_source_remove);
  g_queue_clear_full (&self->unread, g_object_unref);
  g_hash_table_remove_all (self->matches);
}

static void
ph_session_search_finalize (GObject *object)
{
  PhSessionSearch *self = PH_SESSION_SEARCH (object);

  forget_all (self);
  g_hash_table_unref (self->matches);
  g_free (self->text);

  G_OBJECT_CLASS (ph_session_search_parent_class)->finalize (object);
}

static void
ph_session_search_class_init (PhSessionSearchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_session_search_finalize;
  found_signal = g_signal_new ("found", PH_TYPE_SESSION_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, PH_TYPE_JOURNAL_SESSION);
}

static void
ph_session_search_init (PhSessionSearch *self)
{
  self->matches = g_hash_table_new_full (NULL, NULL, g_object_unref, g_free);
  g_queue_init (&self->unread);
}

PhSessionSearch *
ph_session_search_new (void)
{
  return g_object_new (PH_TYPE_SESSION_SEARCH, NULL);
}

void
ph_session_search_set_text (PhSessionSearch *self,
                            const char      *text)
{
  g_return_if_fail (PH_IS_SESSION_SEARCH (self));

  forget_all (self);
  g_free (self->text);
  self->text = text != NULL && *text != '\0' ? g_utf8_casefold (text, -1) : NULL;
}

static gboolean
has_text (PhSessionSearch *self,
          const char      *haystack)
{
  g_autofree char *folded = haystack != NULL ? g_utf8_casefold (haystack, -1) : NULL;

  return folded != NULL && strstr (folded, self->text) != NULL;
}

static gboolean
fields_match (PhSessionSearch  *self,
              PhJournalSession *session)
{
  static const char *const names[] = { "service", "peer", "account", "client-name", "tls", "cause" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *value = NULL;

      g_object_get (session, names[i], &value, NULL);
      if (has_text (self, value))
        return TRUE;
    }

  return FALSE;
}

/* FALSE where the time was up before the end. */
static gboolean
read_lines (PhSessionSearch  *self,
            PhJournalSession *session,
            PhSessionMatch   *match,
            gint64            end)
{
  GListModel *lines = ph_journal_session_get_lines (session);

  if (match->n_read > g_list_model_get_n_items (lines))
    match->n_read = 0; /* some were dropped */

  while (match->n_read < g_list_model_get_n_items (lines))
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, match->n_read++);

      if (has_text (self, ph_journal_line_get_text (line)))
        {
          match->found = TRUE;
          return TRUE;
        }
      if (match->n_read % STRIDE == 0 && g_get_monotonic_time () > end)
        return FALSE;
    }

  return TRUE;
}

static gboolean
slice_cb (gpointer data)
{
  PhSessionSearch *self = data;
  gint64           end = g_get_monotonic_time () + SLICE;

  while (!g_queue_is_empty (&self->unread) && g_get_monotonic_time () < end)
    {
      PhJournalSession *session = g_queue_peek_head (&self->unread);
      PhSessionMatch   *match = g_hash_table_lookup (self->matches, session);
      g_autoptr (PhJournalSession) done = NULL;

      if (match != NULL && !read_lines (self, session, match, end))
        break;

      done = g_queue_pop_head (&self->unread);
      if (match == NULL)
        continue;
      match->is_queued = FALSE;
      if (match->found)
        g_signal_emit (self, found_signal, 0, session);
    }

  if (!g_queue_is_empty (&self->unread))
    return G_SOURCE_CONTINUE;
  self->idle = 0;

  return G_SOURCE_REMOVE;
}

static void
queue (PhSessionSearch  *self,
       PhJournalSession *session,
       PhSessionMatch   *match)
{
  if (match->is_queued || match->found)
    return;

  match->is_queued = TRUE;
  g_queue_push_tail (&self->unread, g_object_ref (session));
  if (self->idle == 0)
    self->idle = g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, slice_cb, self, NULL);
}

gboolean
ph_session_search_matches (PhSessionSearch  *self,
                           PhJournalSession *session)
{
  PhSessionMatch *match;

  g_return_val_if_fail (PH_IS_SESSION_SEARCH (self), FALSE);

  if (self->text == NULL)
    return TRUE;

  match = g_hash_table_lookup (self->matches, session);
  if (match == NULL)
    {
      match = g_new0 (PhSessionMatch, 1);
      match->found = fields_match (self, session);
      g_hash_table_insert (self->matches, g_object_ref (session), match);
      queue (self, session, match);
    }

  return match->found;
}

void
ph_session_search_look_again (PhSessionSearch  *self,
                              PhJournalSession *session)
{
  PhSessionMatch *match = self->text != NULL ? g_hash_table_lookup (self->matches, session) : NULL;

  if (match == NULL || match->found)
    return;

  if (fields_match (self, session))
    {
      match->found = TRUE;
      g_signal_emit (self, found_signal, 0, session);
    }
  else
    queue (self, session, match);
}

void
ph_session_search_forget (PhSessionSearch  *self,
                          PhJournalSession *session)
{
  g_return_if_fail (PH_IS_SESSION_SEARCH (self));

  g_hash_table_remove (self->matches, session);
}
