#include "ph-session-list.h"

#include "ph-session-search.h"

#include <string.h>

#define KINDS_OF_SERVICE (PH_SESSION_SMTP | PH_SESSION_SUBMISSION | PH_SESSION_IMAP | PH_SESSION_POP3 | PH_SESSION_OUT)
#define KINDS_OF_STATE (PH_SESSION_RUNNING | PH_SESSION_FAILED)

/* Every change of the list lays out its rows: so often at most, in ms; and while so many come that none can be read. */
#define SYNC_INTERVAL 100
#define BUSY_SESSIONS 10
#define BUSY_SYNC_INTERVAL 450

struct _PhSessionList
{
  GObject parent_instance;

  GListModel      *sessions;
  GPtrArray       *known; /* of PhJournalSession, owned, as in `sessions` */
  GPtrArray       *shown; /* of PhJournalSession, owned, newest first */
  PhSessionKinds   kinds;
  char            *account; /* NULL for any */
  PhSessionSearch *search;
  gboolean         held;
  guint            n_waiting;
  guint            sync_timeout;
  gint64           last_sync; /* monotonic */
  guint            n_new;     /* sessions since then */
  gboolean         is_busy;   /* those before then were many */
};

static GType
ph_session_list_get_item_type (GListModel *model)
{
  return PH_TYPE_JOURNAL_SESSION;
}

static guint
ph_session_list_get_n_items (GListModel *model)
{
  return PH_SESSION_LIST (model)->shown->len;
}

static gpointer
ph_session_list_get_item (GListModel *model,
                          guint       position)
{
  PhSessionList *self = PH_SESSION_LIST (model);

  return position < self->shown->len ? g_object_ref (g_ptr_array_index (self->shown, position)) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ph_session_list_get_item_type;
  iface->get_n_items = ph_session_list_get_n_items;
  iface->get_item = ph_session_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PhSessionList, ph_session_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum {
  PROP_0,
  PROP_HELD,
  PROP_N_WAITING,
  PROP_N_TOTAL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static PhSessionKinds
get_kind (PhJournalSession *session)
{
  static const struct
  {
    const char    *prefix;
    PhSessionKinds kind;
  } services[] = {
    { "Submission", PH_SESSION_SUBMISSION },
    { "SMTP", PH_SESSION_SMTP },
    { "IMAP", PH_SESSION_IMAP },
    { "POP3", PH_SESSION_POP3 },
  };
  const char *service = ph_journal_session_get_service (session);

  if (ph_journal_session_is_outgoing (session))
    return PH_SESSION_OUT;

  for (guint i = 0; i < G_N_ELEMENTS (services); i++)
    if (g_str_has_prefix (service, services[i].prefix))
      return services[i].kind;

  return 0;
}

static gboolean
is_wanted (PhSessionList    *self,
           PhJournalSession *session)
{
  PhSessionKinds service = self->kinds & KINDS_OF_SERVICE, state = self->kinds & KINDS_OF_STATE;
  PhJournalState is = ph_journal_session_get_state (session);

  if (service != 0 && (service & get_kind (session)) == 0)
    return FALSE;
  if (state != 0 && !((state & PH_SESSION_RUNNING) != 0 && is == PH_JOURNAL_RUNNING) &&
      !((state & PH_SESSION_FAILED) != 0 && is == PH_JOURNAL_FAILED))
    return FALSE;

  if (self->account != NULL && g_strcmp0 (ph_journal_session_get_account (session), self->account) != 0)
    return FALSE;

  return ph_session_search_matches (self->search, session);
}

static guint64
get_id (GPtrArray *sessions,
        guint      position)
{
  return ph_journal_session_get_id (g_ptr_array_index (sessions, position));
}

static void
set_n_waiting (PhSessionList *self,
               guint          n_waiting)
{
  if (n_waiting == self->n_waiting)
    return;

  self->n_waiting = n_waiting;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_WAITING]);
}

/* Replaces `removed` of what is shown from `position` on by wanted[from … to - 1]. */
static void
splice (PhSessionList *self,
        guint          position,
        guint          removed,
        GPtrArray     *wanted,
        guint          from,
        guint          to)
{
  if (removed == 0 && from == to)
    return;

  if (removed > 0)
    g_ptr_array_remove_range (self->shown, position, removed);
  for (guint i = from; i < to; i++)
    g_ptr_array_insert (self->shown, (int)(position + i - from), g_object_ref (g_ptr_array_index (wanted, i)));
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, to - from);
}

/* Both are sorted by id, newest first.  From the end to the beginning, so that
 * positions stay as they are; each run of differences is one signal. */
static void
show (PhSessionList *self,
      GPtrArray     *wanted)
{
  guint shown_end = self->shown->len, wanted_end = wanted->len;

  while (shown_end > 0 || wanted_end > 0)
    {
      guint shown_start = shown_end, wanted_start = wanted_end;

      while (shown_start > 0 || wanted_start > 0)
        {
          guint64 shown_id = shown_start > 0 ? get_id (self->shown, shown_start - 1) : G_MAXUINT64;
          guint64 wanted_id = wanted_start > 0 ? get_id (wanted, wanted_start - 1) : G_MAXUINT64;

          if (shown_id == wanted_id)
            break;
          if (shown_id < wanted_id)
            shown_start--;
          else
            wanted_start--;
        }

      splice (self, shown_start, shown_end - shown_start, wanted, wanted_start, wanted_end);
      shown_end = shown_start > 0 ? shown_start - 1 : 0;
      wanted_end = wanted_start > 0 ? wanted_start - 1 : 0;
    }
}

/* A filter that somebody has just changed works at once, held or not. */
static void
sync_now (PhSessionList *self,
          gboolean       is_asked_for)
{
  g_autoptr (GPtrArray) wanted = g_ptr_array_sized_new (self->known->len);

  g_clear_handle_id (&self->sync_timeout, g_source_remove);
  self->last_sync = g_get_monotonic_time ();
  self->is_busy = self->n_new >= BUSY_SESSIONS;
  self->n_new = 0;
  for (guint i = self->known->len; i > 0; i--)
    if (is_wanted (self, g_ptr_array_index (self->known, i - 1)))
      g_ptr_array_add (wanted, g_ptr_array_index (self->known, i - 1));

  if (!self->held || is_asked_for)
    {
      show (self, wanted);
      set_n_waiting (self, 0);
    }
  else
    {
      guint n_waiting = 0;

      while (n_waiting < wanted->len && (self->shown->len == 0 || get_id (wanted, n_waiting) > get_id (self->shown, 0)))
        n_waiting++;
      set_n_waiting (self, n_waiting);
    }
}

static gboolean
sync_timeout_cb (gpointer data)
{
  PhSessionList *self = data;

  self->sync_timeout = 0;
  sync_now (self, FALSE);

  return G_SOURCE_REMOVE;
}

static void
found_cb (PhSessionList *self)
{
  sync_now (self, TRUE);
}

static void
sync_soon (PhSessionList *self)
{
  gint64 passed = (g_get_monotonic_time () - self->last_sync) / 1000;
  gint64 interval = self->is_busy ? BUSY_SYNC_INTERVAL : SYNC_INTERVAL;

  /* Once it is time, in the frame of the lines that have just come, and not in one of its own. */
  if (passed >= interval)
    g_clear_handle_id (&self->sync_timeout, g_source_remove);
  if (self->sync_timeout == 0)
    self->sync_timeout = g_timeout_add (passed < interval ? (guint)(interval - passed + (self->is_busy ? SYNC_INTERVAL : 0)) : 0, sync_timeout_cb, self);
}

/* Sessions come and go */

static void
session_notify_cb (PhSessionList    *self,
                   GParamSpec       *pspec,
                   PhJournalSession *session)
{
  if (strcmp (pspec->name, "state") == 0)
    {
      if ((self->kinds & KINDS_OF_STATE) != 0)
        sync_soon (self);
    }
  else
    {
      if (self->account != NULL && strcmp (pspec->name, "account") == 0)
        sync_soon (self);
      ph_session_search_look_again (self->search, session);
    }
}

static void
unwatch (PhSessionList    *self,
         PhJournalSession *session)
{
  g_signal_handlers_disconnect_by_data (session, self);
  ph_session_search_forget (self->search, session);
}

static void
remove_shown (PhSessionList    *self,
              PhJournalSession *session)
{
  guint position;

  if (!g_ptr_array_find (self->shown, session, &position))
    return;

  g_ptr_array_remove_index (self->shown, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static void
sessions_changed_cb (PhSessionList *self,
                     guint          position,
                     guint          removed,
                     guint          added)
{
  for (guint i = position; i < position + removed; i++)
    {
      unwatch (self, g_ptr_array_index (self->known, i));
      if (self->held)
        remove_shown (self, g_ptr_array_index (self->known, i));
    }
  if (removed > 0)
    g_ptr_array_remove_range (self->known, position, removed);

  self->n_new += added;
  for (guint i = position; i < position + added; i++)
    {
      PhJournalSession *session = g_list_model_get_item (self->sessions, i);

      g_ptr_array_insert (self->known, (int)i, session);
      g_signal_connect_swapped (session, "notify", G_CALLBACK (session_notify_cb), self);
    }

  /* Not now: a full journal drops hundreds in a row, and says so of each. */
  sync_soon (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_TOTAL]);
}

static void
ph_session_list_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PhSessionList *self = PH_SESSION_LIST (object);

  switch (id)
    {
    case PROP_HELD:
      g_value_set_boolean (value, self->held);
      break;
    case PROP_N_WAITING:
      g_value_set_uint (value, self->n_waiting);
      break;
    case PROP_N_TOTAL:
      g_value_set_uint (value, self->known->len);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_session_list_dispose (GObject *object)
{
  PhSessionList *self = PH_SESSION_LIST (object);

  g_clear_handle_id (&self->sync_timeout, g_source_remove);
  for (guint i = 0; i < self->known->len; i++)
    unwatch (self, g_ptr_array_index (self->known, i));
  g_ptr_array_set_size (self->known, 0);
  g_ptr_array_set_size (self->shown, 0);
  if (self->sessions != NULL)
    g_signal_handlers_disconnect_by_data (self->sessions, self);
  g_clear_object (&self->sessions);

  G_OBJECT_CLASS (ph_session_list_parent_class)->dispose (object);
}

static void
ph_session_list_finalize (GObject *object)
{
  PhSessionList *self = PH_SESSION_LIST (object);

  g_ptr_array_unref (self->known);
  g_ptr_array_unref (self->shown);
  g_object_unref (self->search);
  g_free (self->account);

  G_OBJECT_CLASS (ph_session_list_parent_class)->finalize (object);
}

static void
ph_session_list_class_init (PhSessionListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ph_session_list_get_property;
  object_class->dispose = ph_session_list_dispose;
  object_class->finalize = ph_session_list_finalize;

  properties[PROP_HELD] = g_param_spec_boolean ("held", NULL, NULL, FALSE, flags);
  properties[PROP_N_WAITING] = g_param_spec_uint ("n-waiting", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_TOTAL] = g_param_spec_uint ("n-total", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_session_list_init (PhSessionList *self)
{
  self->known = g_ptr_array_new_with_free_func (g_object_unref);
  self->shown = g_ptr_array_new_with_free_func (g_object_unref);
  self->search = ph_session_search_new ();
  g_signal_connect_object (self->search, "found", G_CALLBACK (found_cb), self, G_CONNECT_SWAPPED);
}

PhSessionList *
ph_session_list_new (void)
{
  return g_object_new (PH_TYPE_SESSION_LIST, NULL);
}

void
ph_session_list_set_sessions (PhSessionList *self,
                              GListModel    *sessions)
{
  g_return_if_fail (PH_IS_SESSION_LIST (self));

  if (self->sessions != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->sessions, self);
      sessions_changed_cb (self, 0, self->known->len, 0);
    }
  g_set_object (&self->sessions, sessions);
  if (sessions != NULL)
    {
      g_signal_connect_swapped (sessions, "items-changed", G_CALLBACK (sessions_changed_cb), self);
      sessions_changed_cb (self, 0, 0, g_list_model_get_n_items (sessions));
    }
}

void
ph_session_list_set_kinds (PhSessionList *self,
                           PhSessionKinds kinds)
{
  g_return_if_fail (PH_IS_SESSION_LIST (self));

  self->kinds = kinds;
  sync_now (self, TRUE);
}

void
ph_session_list_set_account (PhSessionList *self,
                             const char    *account)
{
  g_return_if_fail (PH_IS_SESSION_LIST (self));

  g_free (self->account);
  self->account = account != NULL && *account != '\0' ? g_strdup (account) : NULL;
  sync_now (self, TRUE);
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char **
ph_session_list_dup_accounts (PhSessionList *self)
{
  g_autoptr (GPtrArray) accounts = g_ptr_array_new (); /* of char *, the sessions' */
  g_autoptr (GStrvBuilder) each = g_strv_builder_new ();

  g_return_val_if_fail (PH_IS_SESSION_LIST (self), NULL);

  for (guint i = 0; i < self->known->len; i++)
    if (ph_journal_session_get_account (g_ptr_array_index (self->known, i)) != NULL)
      g_ptr_array_add (accounts, (gpointer)ph_journal_session_get_account (g_ptr_array_index (self->known, i)));
  g_ptr_array_sort (accounts, compare);
  for (guint i = 0; i < accounts->len; i++)
    if (i == 0 || strcmp (g_ptr_array_index (accounts, i - 1), g_ptr_array_index (accounts, i)) != 0)
      g_strv_builder_add (each, g_ptr_array_index (accounts, i));

  return g_strv_builder_end (each);
}

void
ph_session_list_set_text (PhSessionList *self,
                          const char    *text)
{
  g_return_if_fail (PH_IS_SESSION_LIST (self));

  ph_session_search_set_text (self->search, text);
  sync_now (self, TRUE);
}

void
ph_session_list_set_held (PhSessionList *self,
                          gboolean       held)
{
  g_return_if_fail (PH_IS_SESSION_LIST (self));

  if (held == self->held)
    return;

  self->held = held;
  sync_soon (self); /* whoever holds it may be laying out rows just now */
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HELD]);
}

void
ph_session_list_show_waiting (PhSessionList *self)
{
  g_return_if_fail (PH_IS_SESSION_LIST (self));

  sync_now (self, TRUE);
}
