#include "ph-imap-watch.h"

#include "ph-imap-context.h"
#include "ph-imap-fetch.h"
#include "ph-imap-status-queue.h"

#include <string.h>

/* NOTIFY (RFC 5465). */

static void
told_cb (PhImapSession *self,
         gpointer       data)
{
  /* 3.1: what is new in the selected mailbox comes as with NOOP. */
  if (self->view != NULL)
    ph_imap_view_set_behind (self->view);
  ph_imap_watch_set (self, data);
  ph_imap_session_ok (self, NULL, "You will hear");
}

static void
wanted_free (gpointer data)
{
  ph_imap_notify_free (data);
}

/* The STATUS indicator: of those that exist, have events of messages, and are not the selected one. */
static PhImapStatusQueue *
list_watched (PhImapSession      *self,
              const PhImapNotify *wanted)
{
  PhImapStatusQueue *queue = ph_imap_status_queue_new ();
  GPtrArray         *folders = ph_account_store_get_folders (self->account_store);
  const char        *selected = self->view != NULL ? ph_mailbox_get_name (ph_imap_view_get_mailbox (self->view)) : NULL;

  for (guint i = 0; wanted->with_status && i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);
      guint           events = ph_imap_notify_get_events (wanted, folder->name, folder->subscribed);

      if (folder->exists && g_strcmp0 (folder->name, selected) != 0 && (events & PH_IMAP_MESSAGE_EVENTS) != 0)
        ph_imap_status_queue_add (queue, folder->name, ph_imap_watch_get_status_items (self, events, TRUE));
    }

  return queue;
}

void
ph_imap_command_notify (PhImapSession *self,
                        PhImapParser  *arguments)
{
  g_autoptr (PhImapNotify) wanted = ph_imap_notify_take (arguments);
  PhImapStatusQueue *queue;

  if (!ph_imap_session_end_arguments (self, arguments))
    return;
  if (wanted->has_unsupported)
    {
      ph_imap_session_no (self, "BADEVENT (" PH_IMAP_EVENT_NAMES ")", "There is no such event here");
      return;
    }

  queue = list_watched (self, wanted);
  ph_imap_status_queue_tell (queue, self, told_cb, g_steal_pointer (&wanted), wanted_free);
}

void
ph_imap_session_tell_view (PhImapSession *self,
                           gboolean       may_expunge)
{
  const PhImapNotify *wanted = ph_imap_watch_get_wanted (self->watch);

  ph_imap_view_set_tells_flags (self->view, wanted == NULL || (wanted->selected & PH_IMAP_EVENT_FLAGS) != 0);
  if (ph_imap_view_is_behind (self->view))
    ph_imap_context_tell_gone (self);
  ph_imap_view_sync (self->view, may_expunge, ph_imap_session_send, self);
}

/* 5.2: EXISTS is followed by what was asked for of each new message. */
void
ph_imap_session_tell_new (PhImapSession *self,
                          guint32        last)
{
  const PhImapNotify *wanted = ph_imap_watch_get_wanted (self->watch);
  g_autoptr (GArray) uids = NULL;
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
