#include "ph-imap-watch.h"

#include "ph-imap-fetch.h"
#include "ph-imap-status.h"

#include <string.h>

/* NOTIFY (RFC 5465). */

/* The STATUS indicator: what is still to be told. */
typedef struct
{
  PhImapNotify *wanted;
  GPtrArray    *names;
  guint         next;
} Notify;

static void
notify_free (gpointer data)
{
  Notify *notify = data;

  g_clear_pointer (&notify->wanted, ph_imap_notify_free);
  g_ptr_array_unref (notify->names);
  g_free (notify);
}

static void ask_status (PhImapSession *self);

static guint
get_items (PhImapSession *self,
           const char    *name)
{
  const Notify   *notify = self->work;
  const PhFolder *folder = ph_account_store_find_folder (self->account_store, name);

  return ph_imap_watch_get_status_items (self, ph_imap_notify_get_events (notify->wanted, name, folder != NULL && folder->subscribed), TRUE);
}

static void
on_status (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(PhImapSession) self = user_data;
  PhFolderStatus status = { 0 };
  Notify        *notify = self->work;
  gboolean       found = ph_account_store_status_finish (PH_ACCOUNT_STORE (source), result, &status, NULL);

  if (!ph_imap_session_is_waiting (self))
    return;

  if (found)
    {
      const char *name = g_ptr_array_index (notify->names, notify->next);
      g_autoptr(GString) line = g_string_new (NULL);

      ph_imap_status_format (name, get_items (self, name), &status, self->append_size_max, ph_imap_session_has_utf8 (self), line);
      ph_imap_session_untagged (self, "%s", line->str);
    }
  notify->next++;
  ask_status (self);
}

static void
ask_status (PhImapSession *self)
{
  Notify *notify = self->work;

  if (notify->next < notify->names->len)
    {
      ph_account_store_status_async (self->account_store, g_ptr_array_index (notify->names, notify->next), self->cancellable, on_status, g_object_ref (self));
      return;
    }

  /* 3.1: what is new in the selected mailbox comes as with NOOP. */
  if (self->view != NULL)
    ph_imap_view_set_behind (self->view);
  ph_imap_watch_set (self, g_steal_pointer (&notify->wanted));
  ph_imap_session_ok (self, NULL, "You will hear");
}

/* Those that exist, have events of messages, and are not the selected one. */
static GPtrArray *
list_watched (PhImapSession      *self,
              const PhImapNotify *wanted)
{
  GPtrArray  *names = g_ptr_array_new_with_free_func (g_free);
  GPtrArray  *folders = ph_account_store_get_folders (self->account_store);
  const char *selected = self->view != NULL ? ph_mailbox_get_name (ph_imap_view_get_mailbox (self->view)) : NULL;

  for (guint i = 0; wanted->with_status && i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);

      if (folder->exists && g_strcmp0 (folder->name, selected) != 0 && (ph_imap_notify_get_events (wanted, folder->name, folder->subscribed) & PH_IMAP_MESSAGE_EVENTS) != 0)
        g_ptr_array_add (names, g_strdup (folder->name));
    }

  return names;
}

void
ph_imap_command_notify (PhImapSession *self,
                        PhImapParser  *arguments)
{
  g_autoptr(PhImapNotify) wanted = ph_imap_notify_take (arguments);
  Notify *notify;

  if (!ph_imap_session_end_arguments (self, arguments))
    return;
  if (wanted->has_unsupported)
    {
      ph_imap_session_no (self, "BADEVENT (" PH_IMAP_EVENT_NAMES ")", "There is no such event here");
      return;
    }

  notify = g_new0 (Notify, 1);
  notify->names = list_watched (self, wanted);
  notify->wanted = g_steal_pointer (&wanted);
  ph_imap_session_wait (self, notify, notify_free);
  ask_status (self);
}

void
ph_imap_session_tell_view (PhImapSession *self,
                           gboolean       may_expunge)
{
  const PhImapNotify *wanted = ph_imap_watch_get_wanted (self->watch);

  ph_imap_view_set_tells_flags (self->view, wanted == NULL || (wanted->selected & PH_IMAP_EVENT_FLAGS) != 0);
  ph_imap_view_sync (self->view, may_expunge, ph_imap_session_send, self);
}

/* 5.2: EXISTS is followed by what was asked for of each new message. */
void
ph_imap_session_tell_new (PhImapSession *self,
                          guint32        last)
{
  const PhImapNotify *wanted = ph_imap_watch_get_wanted (self->watch);
  g_autoptr(GArray) uids = NULL;
  PhImapParser parser;

  if (self->view == NULL || wanted == NULL || wanted->items == NULL || self->ended || self->busy)
    return;

  uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint i = ph_imap_view_get_n_entries (self->view); i > 0 && ph_imap_view_get_entry (self->view, i - 1)->uid > last; i--)
    g_array_prepend_vals (uids, &ph_imap_view_get_entry (self->view, i - 1)->uid, 1);
  if (uids->len == 0)
    return;

  ph_imap_parser_init (&parser, wanted->items, strlen (wanted->items));
  ph_imap_fetch_tell (self, ph_imap_fetch_items_take (&parser), g_steal_pointer (&uids));
}
