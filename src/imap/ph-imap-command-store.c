#include "ph-imap-session-private.h"

#include "ph-imap-flags.h"
#include "ph-store-error.h"

/* STORE (RFC 3501 6.4.6). */

typedef struct
{
  GArray       *uids;
  PhFlagsChange change;
  PhImapFlags   flags;
  gboolean      silent;
} Store;

static void
store_free (gpointer data)
{
  Store *store = data;

  g_clear_pointer (&store->uids, g_array_unref);
  ph_imap_flags_clear (&store->flags);
  g_free (store);
}

/* "+FLAGS.SILENT (\Deleted)" */
static gboolean
take_change (PhImapParser *arguments,
             Store        *store)
{
  store->change = PH_FLAGS_SET;
  if (ph_imap_parser_skip_char (arguments, '+'))
    store->change = PH_FLAGS_ADD;
  else if (ph_imap_parser_skip_char (arguments, '-'))
    store->change = PH_FLAGS_REMOVE;

  store->silent = ph_imap_parser_skip_word (arguments, "FLAGS.SILENT");
  if (!store->silent && !ph_imap_parser_skip_word (arguments, "FLAGS"))
    return ph_imap_parser_fail (arguments, "Expected FLAGS");

  return ph_imap_parser_take_space (arguments) && ph_imap_flags_take (arguments, TRUE, &store->flags);
}

/* The client's own change: told once, or expected (I04). */
static guint
tell_result (PhImapSession *self,
             const Store   *store)
{
  guint n_gone = 0;

  for (guint i = 0; i < store->uids->len; i++)
    {
      guint32 uid = g_array_index (store->uids, guint32, i);
      guint   position;
      g_autoptr(GString) flags = NULL;

      if (!ph_imap_view_find_uid (self->view, uid, &position))
        continue;
      if (ph_imap_view_is_gone (self->view, uid))
        {
          n_gone++;
          continue;
        }
      if (store->silent)
        {
          ph_imap_view_expect_flags (self->view, position, store->change, store->flags.system,
                                     ph_imap_flags_get_keywords (&store->flags));
          continue;
        }

      flags = g_string_new (NULL);
      ph_imap_view_tell_flags (self->view, position, FALSE, flags);
      if (self->by_uid)
        ph_imap_session_untagged (self, "%u FETCH (UID %u %s)", position + 1, uid, flags->str);
      else
        ph_imap_session_untagged (self, "%u FETCH (%s)", position + 1, flags->str);
    }

  return n_gone;
}

static void
on_stored (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(PhImapSession) self = user_data;
  g_autoptr(GError) error = NULL;
  gboolean stored = ph_mailbox_store_flags_finish (PH_MAILBOX (source), result, NULL, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  if (!stored)
    {
      if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID))
        ph_imap_session_no (self, "LIMIT", "Too many keywords in this mailbox");
      else
        ph_imap_session_fail (self, error);
      return;
    }

  /* A new keyword is named before a message has it (I13). */
  ph_imap_view_sync_keywords (self->view, ph_imap_session_send, self);
  if (tell_result (self, self->work) > 0 && !self->by_uid)
    ph_imap_session_no (self, "EXPUNGEISSUED", "Some of the messages are gone");
  else
    ph_imap_session_ok (self, NULL, "Stored");
}

/* Answers and is FALSE where nothing is to be stored. */
static gboolean
check_store (PhImapSession *self,
             Store         *store,
             GArray        *set)
{
  if (ph_imap_view_get_read_only (self->view))
    {
      ph_imap_session_no (self, "READ-ONLY", "The mailbox was opened with EXAMINE");
      return FALSE;
    }
  if (store->flags.over_limit)
    {
      ph_imap_session_no (self, "LIMIT", "Too many keywords, or one too long");
      return FALSE;
    }

  store->uids = ph_imap_view_select (self->view, set, self->by_uid);
  if (store->uids == NULL)
    {
      ph_imap_session_bad (self, "There is no message with such a number");
      return FALSE;
    }
  if (store->uids->len == 0)
    {
      ph_imap_session_ok (self, NULL, "Nothing to store");
      return FALSE;
    }

  return TRUE;
}

void
ph_imap_command_store (PhImapSession *self,
                       PhImapParser  *arguments)
{
  g_autoptr(GArray) set = NULL;
  Store *store = g_new0 (Store, 1);

  if (ph_imap_parser_take_space (arguments) && ph_imap_set_take (arguments, &set) && ph_imap_parser_take_space (arguments))
    take_change (arguments, store);

  if (!ph_imap_session_end_arguments (self, arguments) || !check_store (self, store, set))
    {
      store_free (store);
      return;
    }

  ph_imap_session_wait (self, store, store_free);
  ph_mailbox_store_flags_async (ph_imap_view_get_mailbox (self->view),
                                (const guint32 *)(gpointer)store->uids->data, store->uids->len,
                                store->change, store->flags.system,
                                ph_imap_flags_get_keywords (&store->flags), G_MAXUINT64,
                                self->cancellable, on_stored, g_object_ref (self));
}
