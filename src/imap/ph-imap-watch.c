#include "ph-imap-watch.h"

#include "ph-imap-context.h"
#include "ph-imap-fetch.h"
#include "ph-imap-metadata.h"
#include "ph-imap-special-use.h"
#include "ph-imap-status.h"

#include <string.h>

/* Places and entries of METADATA that wait to be told of.  Who reads so slowly that there are more
 * hears of these only, and of what comes after. */
#define ANNOTATIONS_MAX 1000

/* A folder as the client knows it. */
typedef struct
{
  gint64   id;
  gboolean exists;
  gboolean subscribed;
} Known;

struct _PhImapWatch
{
  PhImapSession *session; /* the owner */
  PhImapNotify  *wanted;
  GHashTable    *known;       /* name → Known */
  GHashTable    *known_names; /* folder id → its key in `known` */
  GHashTable    *dirty;       /* folder id → mask of PhImapEvents */
  GHashTable    *annotations; /* name, "" for the server → set of entries */
  guint          n_annotations;
  gboolean       names_changed;
  gboolean       asking; /* for a STATUS */
  guint          timer;
  gulong         list_handler;
  gulong         folder_handler;
  gulong         annotations_handler;
};

static void
forget_timer (PhImapWatch *self)
{
  ph_clock_cancel_timer (self->session->clock, &self->timer);
}

void
ph_imap_watch_free (PhImapWatch *self)
{
  forget_timer (self);
  g_signal_handler_disconnect (self->session->account_store, self->list_handler);
  g_signal_handler_disconnect (self->session->account_store, self->folder_handler);
  g_signal_handler_disconnect (self->session->account_store, self->annotations_handler);
  g_hash_table_unref (self->annotations);
  g_hash_table_unref (self->known_names);
  g_hash_table_unref (self->known);
  g_hash_table_unref (self->dirty);
  ph_imap_notify_free (self->wanted);
  g_free (self);
}

const PhImapNotify *
ph_imap_watch_get_wanted (PhImapWatch *self)
{
  return self != NULL ? self->wanted : NULL;
}

/* Between commands, or in IDLE, with nothing half said. */
static gboolean
may_tell (PhImapWatch *self)
{
  PhImapSession *session = self->session;

  return !session->ended && !session->busy && session->input != PH_IMAP_INPUT_APPEND && session->input != PH_IMAP_INPUT_SASL &&
         (session->command == NULL || session->input == PH_IMAP_INPUT_IDLE) && ph_session_can_write (PH_SESSION (session));
}

/* Names */

static void
learn_name (PhImapWatch    *self,
            const PhFolder *folder)
{
  Known *known = g_new0 (Known, 1);
  char  *name = g_strdup (folder->name);

  known->id = folder->id;
  known->exists = folder->exists;
  known->subscribed = folder->subscribed;
  if (folder->exists)
    g_hash_table_insert (self->known_names, &known->id, name);
  g_hash_table_insert (self->known, name, known);
}

static void
learn_names (PhImapWatch *self)
{
  GPtrArray *folders = ph_account_store_get_folders (self->session->account_store);

  g_hash_table_remove_all (self->known_names);
  g_hash_table_remove_all (self->known);
  for (guint i = 0; i < folders->len; i++)
    learn_name (self, g_ptr_array_index (folders, i));
}

static gboolean
has_children (PhImapWatch *self,
              const char  *name)
{
  GPtrArray *folders = ph_account_store_get_folders (self->session->account_store);
  gsize      n = strlen (name);

  for (guint i = 0; i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);

      if (folder->exists && strncmp (folder->name, name, n) == 0 && folder->name[n] == PH_FOLDER_DELIMITER)
        return TRUE;
    }

  return FALSE;
}

/* 5.4, 5.5: all attributes as they are now. */
static void
tell_list (PhImapWatch *self,
           const char  *name,
           const char  *old_name)
{
  const PhFolder  *folder = ph_account_store_find_folder (self->session->account_store, name);
  gboolean         exists = folder != NULL && folder->exists;
  gboolean         utf8 = ph_imap_session_has_utf8 (self->session);
  const char      *use = exists ? ph_imap_special_use_get_name (folder->special_use) : NULL;
  g_autofree char *now = ph_imap_format_mailbox (name, utf8);
  g_autofree char *before = old_name != NULL ? ph_imap_format_mailbox (old_name, utf8) : NULL;

  ph_imap_session_untagged (self->session, "LIST (%s%s%s%s%s) \"%c\" %s%s%s%s",
                            exists ? "" : "\\NonExistent ", has_children (self, name) ? "\\HasChildren" : "\\HasNoChildren",
                            folder != NULL && folder->subscribed ? " \\Subscribed" : "", use != NULL ? " \\" : "", use != NULL ? use : "",
                            PH_FOLDER_DELIMITER, now,
                            before != NULL ? " (\"OLDNAME\" (" : "", before != NULL ? before : "", before != NULL ? "))" : "");
}

/* 5.4: a change of a name is one of its parent, too. */
static gboolean
wants_name (PhImapWatch *self,
            const char  *name,
            gboolean     subscribed)
{
  const char      *slash = strrchr (name, PH_FOLDER_DELIMITER);
  g_autofree char *parent = slash != NULL ? g_strndup (name, (gsize)(slash - name)) : NULL;

  return ((ph_imap_notify_get_events (self->wanted, name, subscribed) | (parent != NULL ? ph_imap_notify_get_events (self->wanted, parent, FALSE) : 0)) & PH_IMAP_EVENT_NAME) != 0;
}

/* The name that a folder had; borrowed, NULL if it was not there. */
static const char *
find_old_name (PhImapWatch    *self,
               const PhFolder *folder)
{
  return g_hash_table_lookup (self->known_names, &folder->id);
}

/* TRUE where it was renamed because its parent was: nothing is told of it (5.4). */
static gboolean
follows_parent (PhImapWatch *self,
                const char  *name,
                const char  *old_name)
{
  const char      *slash = strrchr (name, PH_FOLDER_DELIMITER);
  const char      *old_slash = strrchr (old_name, PH_FOLDER_DELIMITER);
  g_autofree char *parent = slash != NULL ? g_strndup (name, (gsize)(slash - name)) : NULL;
  const PhFolder  *folder = parent != NULL ? ph_account_store_find_folder (self->session->account_store, parent) : NULL;
  const char      *old_parent = folder != NULL && folder->exists ? find_old_name (self, folder) : NULL;

  return old_slash != NULL && old_parent != NULL && strcmp (old_parent, parent) != 0 && strcmp (slash, old_slash) == 0 &&
         strlen (old_parent) == (gsize)(old_slash - old_name) && strncmp (old_parent, old_name, strlen (old_parent)) == 0;
}

static void
compare_folder (PhImapWatch    *self,
                const PhFolder *folder)
{
  const Known *known = g_hash_table_lookup (self->known, folder->name);
  const char  *old_name = folder->exists ? find_old_name (self, folder) : NULL;
  gboolean     told = FALSE;

  if (folder->exists && (known == NULL || !known->exists) && wants_name (self, folder->name, folder->subscribed))
    {
      told = TRUE;
      if (old_name == NULL)
        tell_list (self, folder->name, NULL);
      else if (!follows_parent (self, folder->name, old_name))
        tell_list (self, folder->name, old_name);
    }
  if (!told && folder->subscribed != (known != NULL && known->subscribed) &&
      (ph_imap_notify_get_events (self->wanted, folder->name, TRUE) & PH_IMAP_EVENT_SUBSCRIPTION) != 0)
    tell_list (self, folder->name, NULL);
}

/* A name that is gone, or that is no longer subscribed and was only that. */
static void
compare_known (PhImapWatch    *self,
               const char     *name,
               const Known    *known,
               const PhFolder *folder, /* of that name now, or NULL */
               gboolean        renamed)
{
  gboolean exists = folder != NULL && folder->exists;

  if (known->exists && !exists && !renamed)
    {
      if (wants_name (self, name, known->subscribed))
        tell_list (self, name, NULL);
    }
  else if (folder == NULL && known->subscribed && (ph_imap_notify_get_events (self->wanted, name, TRUE) & PH_IMAP_EVENT_SUBSCRIPTION) != 0)
    {
      tell_list (self, name, NULL);
    }
}

static void
tell_names (PhImapWatch *self)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_int64_hash, g_int64_equal);
  GPtrArray     *folders = ph_account_store_get_folders (self->session->account_store);
  GHashTableIter iter;
  gpointer       name, known;

  self->names_changed = FALSE;
  for (guint i = 0; i < folders->len; i++)
    {
      PhFolder *folder = g_ptr_array_index (folders, i);

      g_hash_table_insert (by_name, folder->name, folder);
      if (folder->exists)
        g_hash_table_add (ids, &folder->id);
    }
  g_hash_table_iter_init (&iter, self->known);
  while (g_hash_table_iter_next (&iter, &name, &known))
    compare_known (self, name, known, g_hash_table_lookup (by_name, name), g_hash_table_contains (ids, &((Known *)known)->id));
  for (guint i = 0; i < folders->len; i++)
    compare_folder (self, g_ptr_array_index (folders, i));
  learn_names (self);
}

static gboolean
is_at_or_below (const char *name,
                const char *top)
{
  gsize n = strlen (top);

  return strncmp (name, top, n) == 0 && (name[n] == '\0' || name[n] == PH_FOLDER_DELIMITER);
}

void
ph_imap_watch_forget_name (PhImapWatch *self,
                           const char  *name)
{
  GPtrArray     *folders;
  GHashTableIter iter;
  gpointer       known_name, known;

  if (self == NULL || name == NULL)
    return;

  g_hash_table_iter_init (&iter, self->known);
  while (g_hash_table_iter_next (&iter, &known_name, &known))
    if (is_at_or_below (known_name, name))
      {
        if (g_hash_table_lookup (self->known_names, &((Known *)known)->id) == known_name)
          g_hash_table_remove (self->known_names, &((Known *)known)->id);
        g_hash_table_iter_remove (&iter);
      }
  folders = ph_account_store_get_folders (self->session->account_store);
  for (guint i = 0; i < folders->len; i++)
    if (is_at_or_below (((const PhFolder *)g_ptr_array_index (folders, i))->name, name))
      learn_name (self, g_ptr_array_index (folders, i));
}

/* Other mailboxes */

guint
ph_imap_watch_get_status_items (PhImapSession *session,
                                guint          events,
                                gboolean       snapshot)
{
  gboolean condstore = (session->enabled & PH_IMAP_ENABLED_CONDSTORE) != 0;
  guint    items = 0;

  /* 5.2, 5.3 */
  if ((events & (PH_IMAP_EVENT_NEW | PH_IMAP_EVENT_EXPUNGE)) != 0)
    items |= PH_IMAP_STATUS_MESSAGES | PH_IMAP_STATUS_UIDNEXT | (condstore ? PH_IMAP_STATUS_HIGHESTMODSEQ : 0) | (snapshot ? PH_IMAP_STATUS_UIDVALIDITY : 0);
  /* 5.1 */
  if ((events & PH_IMAP_EVENT_FLAGS) != 0)
    items |= PH_IMAP_STATUS_UIDVALIDITY | PH_IMAP_STATUS_UNSEEN | (condstore || snapshot ? PH_IMAP_STATUS_HIGHESTMODSEQ : 0);

  return items;
}

static const PhFolder *
find_folder (PhImapWatch *self,
             gint64       id)
{
  GPtrArray *folders = ph_account_store_get_folders (self->session->account_store);

  for (guint i = 0; i < folders->len; i++)
    if (((const PhFolder *)g_ptr_array_index (folders, i))->id == id)
      return g_ptr_array_index (folders, i);

  return NULL;
}

/* What is to be told of a folder: none if it is the selected one, or if nobody asked. */
static guint
get_events (PhImapWatch *self,
            gint64       id,
            const char **name)
{
  const PhFolder *folder = find_folder (self, id);
  PhMailbox      *selected = self->session->view != NULL ? ph_imap_view_get_mailbox (self->session->view) : NULL;
  gpointer        happened = g_hash_table_lookup (self->dirty, &id);

  if (folder == NULL || !folder->exists || (selected != NULL && strcmp (ph_mailbox_get_name (selected), folder->name) == 0))
    return 0;

  *name = folder->name;

  return ph_imap_notify_get_events (self->wanted, folder->name, folder->subscribed) & GPOINTER_TO_UINT (happened) & PH_IMAP_MESSAGE_EVENTS;
}

typedef struct
{
  PhImapSession *session;
  gint64         id;
} Question;

static void
on_status (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (PhImapSession) session = question->session;
  PhImapWatch   *self = session->watch;
  PhFolderStatus status = { 0 };
  gboolean       found = ph_account_store_status_finish (PH_ACCOUNT_STORE (source), result, &status, NULL);
  const char    *name = NULL;
  guint          events;

  if (session->ended || self == NULL)
    return;

  self->asking = FALSE;
  /* A command began meanwhile: it is asked again when that ends. */
  if (!may_tell (self))
    return;

  events = found ? get_events (self, question->id, &name) : 0;
  g_hash_table_remove (self->dirty, &question->id);
  if (events != 0)
    {
      g_autoptr (GString) line = g_string_new (NULL);

      ph_imap_status_format (name, ph_imap_watch_get_status_items (session, events, FALSE), &status, session->append_size_max, ph_imap_session_has_utf8 (session), line);
      ph_imap_session_untagged (session, "%s", line->str);
      ph_session_changed (PH_SESSION (session));
    }
  ph_imap_watch_wake (self);
}

/* The next folder that changed, one at a time. */
static void
ask_status (PhImapWatch *self)
{
  GHashTableIter iter;
  gpointer       id;

  g_hash_table_iter_init (&iter, self->dirty);
  while (!self->asking && g_hash_table_iter_next (&iter, &id, NULL))
    {
      const char *name;
      Question   *question;

      if (get_events (self, *(gint64 *)id, &name) == 0)
        {
          g_hash_table_iter_remove (&iter);
          continue;
        }
      question = g_new0 (Question, 1);
      question->session = g_object_ref (self->session);
      question->id = *(gint64 *)id;
      self->asking = TRUE;
      ph_account_store_status_async (self->session->account_store, name, self->session->cancellable, on_status, question);
    }
}

/* Annotations (5.6, 5.7) */

static void
on_annotations_changed (PhAccountStore *store,
                        const char     *name,
                        GPtrArray      *annotations,
                        PhImapWatch    *self)
{
  const PhFolder *folder = name != NULL ? ph_account_store_find_folder (store, name) : NULL;
  gboolean        subscribed = folder != NULL && folder->subscribed;
  GHashTable     *entries;

  if (ph_imap_metadata_is_own (self->session, annotations) ||
      (name == NULL ? (self->wanted->all & PH_IMAP_EVENT_SERVER_METADATA) : (ph_imap_notify_get_events (self->wanted, name, subscribed) & PH_IMAP_EVENT_MAILBOX_METADATA)) == 0)
    return;

  entries = g_hash_table_lookup (self->annotations, name != NULL ? name : "");
  if (entries == NULL)
    {
      entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (self->annotations, g_strdup (name != NULL ? name : ""), entries);
    }
  for (guint i = 0; i < annotations->len && self->n_annotations < ANNOTATIONS_MAX; i++)
    self->n_annotations += g_hash_table_add (entries, g_strdup (((const PhAnnotation *)g_ptr_array_index (annotations, i))->entry));
  ph_imap_watch_wake (self);
}

/* RFC 5464 4.4.2 */
static void
tell_annotations (PhImapWatch *self)
{
  g_autoptr (GString) line = g_string_new (NULL);
  GHashTableIter places;
  gpointer       name, entries;

  g_hash_table_iter_init (&places, self->annotations);
  while (g_hash_table_iter_next (&places, &name, &entries))
    {
      GHashTableIter iter;
      gpointer       entry;

      ph_imap_metadata_begin_line (self->session, *(const char *)name != '\0' ? name : NULL, line);
      g_hash_table_iter_init (&iter, entries);
      while (g_hash_table_iter_next (&iter, &entry, NULL))
        ph_imap_metadata_append_entry (line, entry);
      g_string_append (line, "\r\n");
      if (g_hash_table_size (entries) > 0)
        ph_imap_session_send (line->str, line->len, self->session);
    }
  g_hash_table_remove_all (self->annotations);
  self->n_annotations = 0;
}

/* The selected mailbox */

static void
tell_selected (PhImapWatch *self)
{
  PhImapSession *session = self->session;
  guint32        last;

  if (session->view == NULL || self->wanted->selected == 0 || ph_mailbox_get_deleted (ph_imap_view_get_mailbox (session->view)))
    return;

  last = ph_imap_view_get_last_uid (session->view);
  ph_imap_session_tell_view (session, session->input == PH_IMAP_INPUT_IDLE || !self->wanted->delayed);
  ph_imap_session_tell_new (session, last);
  ph_imap_context_update (session);
}

static void
timer_cb (gpointer user_data)
{
  PhImapWatch *self = user_data;

  self->timer = 0;
  if (!may_tell (self))
    return;

  if (self->names_changed)
    tell_names (self);
  tell_annotations (self);
  tell_selected (self);
  if (may_tell (self))
    ask_status (self);
  ph_session_changed (PH_SESSION (self->session));
}

void
ph_imap_watch_wake (PhImapWatch *self)
{
  gboolean has_news;

  if (self == NULL || self->timer != 0 || !may_tell (self))
    return;

  has_news = self->names_changed || self->n_annotations > 0 || (g_hash_table_size (self->dirty) > 0 && !self->asking) ||
             (self->session->view != NULL && self->wanted->selected != 0 && ph_imap_view_is_behind (self->session->view));
  if (has_news)
    self->timer = ph_clock_add_timer (self->session->clock, PH_IMAP_IDLE_BATCH_MILLISECONDS * 1000, timer_cb, self);
}

static void
on_list_changed (PhAccountStore *store,
                 PhImapWatch    *self)
{
  self->names_changed = TRUE;
  ph_imap_watch_wake (self);
}

static void
on_folder_changed (PhAccountStore *store,
                   gint64          id,
                   gboolean        list_changed,
                   gboolean        flags_changed,
                   PhImapWatch    *self)
{
  guint    happened = (list_changed ? PH_IMAP_EVENT_NEW | PH_IMAP_EVENT_EXPUNGE : 0) | (flags_changed ? PH_IMAP_EVENT_FLAGS : 0);
  gpointer before = g_hash_table_lookup (self->dirty, &id);

  g_hash_table_insert (self->dirty, g_memdup2 (&id, sizeof id), GUINT_TO_POINTER (GPOINTER_TO_UINT (before) | happened));
  ph_imap_watch_wake (self);
}

void
ph_imap_watch_set (PhImapSession *session,
                   PhImapNotify  *wanted)
{
  PhImapWatch *self = session->watch;

  if (self != NULL)
    {
      ph_imap_notify_free (self->wanted);
    }
  else
    {
      self = session->watch = g_new0 (PhImapWatch, 1);
      self->session = session;
      self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      self->known_names = g_hash_table_new (g_int64_hash, g_int64_equal);
      self->dirty = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      self->annotations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
      self->annotations_handler = g_signal_connect (session->account_store, "annotations-changed", G_CALLBACK (on_annotations_changed), self);
      self->list_handler = g_signal_connect (session->account_store, "list-changed", G_CALLBACK (on_list_changed), self);
      self->folder_handler = g_signal_connect (session->account_store, "folder-changed", G_CALLBACK (on_folder_changed), self);
    }
  self->wanted = wanted;
  self->names_changed = FALSE;
  g_hash_table_remove_all (self->dirty);
  g_hash_table_remove_all (self->annotations);
  self->n_annotations = 0;
  learn_names (self);
}
