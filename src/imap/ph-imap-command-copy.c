#include "ph-imap-session-private.h"

#include "ph-store-error.h"

/* COPY and MOVE (RFC 3501 6.4.7, 6851) with COPYUID (4315). */

typedef struct
{
  GArray  *uids;
  gboolean move;
} Copy;

static void
copy_free (gpointer data)
{
  Copy *copy = data;

  g_clear_pointer (&copy->uids, g_array_unref);
  g_free (copy);
}

/* "COPYUID 12 1:3,5 7:10", both sets in the same order (I11). */
static char *
format_copyuid (GArray *pairs,
                guint32 uidvalidity)
{
  g_autoptr (GArray) sources = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) targets = g_array_new (FALSE, FALSE, sizeof (guint32));
  GString *code = g_string_new (NULL);

  for (guint i = 0; i < pairs->len; i++)
    {
      const PhCopiedUid *pair = &g_array_index (pairs, PhCopiedUid, i);

      g_array_append_val (sources, pair->source);
      g_array_append_val (targets, pair->target);
    }

  g_string_printf (code, "COPYUID %u ", uidvalidity);
  ph_imap_set_format ((const guint32 *)(gpointer)sources->data, sources->len, code);
  g_string_append_c (code, ' ');
  ph_imap_set_format ((const guint32 *)(gpointer)targets->data, targets->len, code);

  return g_string_free (code, FALSE);
}

static void
on_copied (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  guint32 uidvalidity = 0;
  g_autoptr (GArray) pairs = ph_mailbox_copy_finish (PH_MAILBOX (source), result, &uidvalidity, &error);
  const Copy      *copy = self->work;
  g_autofree char *code = NULL;
  gboolean         some_gone;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (pairs == NULL)
    {
      if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND))
        ph_imap_session_no (self, "TRYCREATE", "No such mailbox");
      else
        ph_imap_session_fail (self, error);
      return;
    }

  some_gone = pairs->len < copy->uids->len;
  if (pairs->len > 0)
    code = format_copyuid (pairs, uidvalidity);
  /* RFC 6851 4.3: before the EXPUNGE responses. */
  if (copy->move && code != NULL)
    ph_imap_session_untagged (self, "OK [%s] Moved", code);

  if (some_gone && !self->by_uid && pairs->len == 0)
    ph_imap_session_no (self, "EXPUNGEISSUED", "The messages have been deleted");
  else if (copy->move)
    ph_imap_session_ok (self, NULL, "Done");
  else
    ph_imap_session_ok (self, code, "Copied");
}

static void
copy_messages (PhImapSession *self,
               PhImapParser  *arguments,
               gboolean       move)
{
  g_autoptr (GArray) set = NULL;
  g_autofree char *name = NULL;
  const PhFolder  *folder;
  GArray          *uids;
  Copy            *copy;

  if (ph_imap_parser_take_space (arguments) && ph_imap_set_take (arguments, &set) && ph_imap_parser_take_space (arguments))
    ph_imap_parser_take_mailbox (arguments, &name);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (move && ph_imap_view_get_read_only (self->view))
    {
      ph_imap_session_no (self, "READ-ONLY", "The mailbox was opened with EXAMINE");
      return;
    }

  uids = ph_imap_view_select (self->view, set, self->by_uid);
  if (uids == NULL)
    {
      ph_imap_session_bad (self, "There is no message with such a number");
      return;
    }

  if (move)
    ph_imap_session_limit (self, uids);
  else if (!ph_imap_session_check_limit (self, uids, uids->len))
    {
      g_array_unref (uids);
      return;
    }

  copy = g_new0 (Copy, 1);
  copy->uids = uids;
  copy->move = move;
  ph_imap_session_wait (self, copy, copy_free);

  folder = name != NULL ? ph_account_store_find_folder (self->account_store, name) : NULL;
  if (folder == NULL || !folder->exists)
    ph_imap_session_no (self, name != NULL ? "TRYCREATE" : "CANNOT", "No such mailbox");
  else if (uids->len == 0)
    ph_imap_session_ok (self, NULL, "No such messages");
  else
    ph_mailbox_copy_async (ph_imap_view_get_mailbox (self->view),
                           (const guint32 *)(gpointer)uids->data, uids->len, name, move,
                           self->cancellable, on_copied, g_object_ref (self));
}

void
ph_imap_command_copy (PhImapSession *self,
                      PhImapParser  *arguments)
{
  copy_messages (self, arguments, FALSE);
}

void
ph_imap_command_move (PhImapSession *self,
                      PhImapParser  *arguments)
{
  copy_messages (self, arguments, TRUE);
}
