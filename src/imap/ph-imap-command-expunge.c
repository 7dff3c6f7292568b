#include "ph-imap-session-private.h"

static void
on_expunged (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *code = ph_imap_session_dup_modseq_code (self, PH_MAILBOX (source), PH_IMAP_ENABLED_CONDSTORE);
  gboolean         expunged = ph_mailbox_expunge_finish (PH_MAILBOX (source), result, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  if (expunged)
    ph_imap_session_ok (self, code, "Expunged");
  else
    ph_imap_session_fail (self, error);
}

/* Only what is deleted counts (RFC 9738 3.1). */
static void
limit (PhImapSession *self,
       GArray        *uids)
{
  PhMailbox *mailbox = ph_imap_view_get_mailbox (self->view);
  guint      n = 0, place;

  for (guint i = 0; i < uids->len; i++)
    {
      guint32 uid = g_array_index (uids, guint32, i);

      if (ph_mailbox_find_uid (mailbox, uid, &place) && (ph_mailbox_get_info (mailbox, place)->flags & PH_FLAG_DELETED) != 0)
        g_array_index (uids, guint32, n++) = uid;
    }
  g_array_set_size (uids, n);
  ph_imap_session_limit (self, uids);
}

/* EXPUNGE, and UID EXPUNGE of RFC 4315; the EXPUNGE responses are the news. */
void
ph_imap_command_expunge (PhImapSession *self,
                         PhImapParser  *arguments)
{
  g_autoptr (GArray) set = NULL;
  g_autoptr (GArray) uids = NULL;

  if (self->by_uid && ph_imap_parser_take_space (arguments))
    ph_imap_set_take (arguments, &set);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (ph_imap_view_get_read_only (self->view))
    {
      ph_imap_session_no (self, "READ-ONLY", "The mailbox was opened with EXAMINE");
      return;
    }

  uids = set != NULL ? ph_imap_view_select (self->view, set, TRUE) : ph_imap_view_dup_uids (self->view);
  if (set != NULL && self->message_limit > 0)
    limit (self, uids);
  if (uids->len == 0)
    {
      ph_imap_session_ok (self, NULL, "Nothing to expunge");
      return;
    }

  ph_imap_session_wait (self, NULL, NULL);
  ph_mailbox_expunge_async (ph_imap_view_get_mailbox (self->view),
                            (const guint32 *)(gpointer)uids->data, uids->len, TRUE,
                            self->cancellable, on_expunged, g_object_ref (self));
}
