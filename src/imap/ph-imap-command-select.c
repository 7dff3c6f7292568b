#include "ph-imap-resync.h"

#include "ph-imap-special-use.h"
#include "ph-store-error.h"

#include <string.h>

/* The first message without \Seen, as a sequence number; 0 for none. */
static guint
find_unseen (PhImapView *view)
{
  for (guint i = 0; i < ph_imap_view_get_n_entries (view); i++)
    if ((ph_imap_view_get_entry (view, i)->flags & PH_FLAG_SEEN) == 0)
      return i + 1;

  return 0;
}

void
ph_imap_session_tell_name (PhImapSession *self,
                           const char    *spelled,
                           const char    *name,
                           gboolean       always)
{
  const PhFolder  *folder = ph_account_store_find_folder (self->account_store, name);
  gboolean         exists = folder != NULL && folder->exists;
  const char      *use = exists ? ph_imap_special_use_get_name (folder->special_use) : NULL;
  g_autofree char *now = ph_imap_format_mailbox (name, TRUE);
  g_autofree char *before = ph_imap_format_mailbox (spelled, TRUE);
  gboolean         differs = strcmp (spelled, name) != 0;

  if ((self->enabled & PH_IMAP_ENABLED_REV2) == 0 || !(always || differs))
    return;

  ph_imap_session_untagged (self, "LIST (%s%s) \"%c\" %s%s%s%s",
                            !exists ? "\\NonExistent" : use != NULL ? "\\"
                                                                    : "",
                            use != NULL ? use : "", PH_FOLDER_DELIMITER, now,
                            differs ? " (\"OLDNAME\" (" : "", differs ? before : "", differs ? "))" : "");
}

/* RFC 3501 6.3.1, 9051 6.3.2, 7162 3.1.2 */
static void
tell_mailbox (PhImapSession *self,
              const char    *spelled)
{
  gboolean   rev2 = (self->enabled & PH_IMAP_ENABLED_REV2) != 0;
  PhMailbox *mailbox = ph_imap_view_get_mailbox (self->view);
  guint      unseen = find_unseen (self->view);

  ph_imap_view_announce_flags (self->view, ph_imap_session_send, self);
  ph_imap_session_untagged (self, "%u EXISTS", ph_imap_view_get_n_entries (self->view));
  if (!rev2)
    ph_imap_session_untagged (self, "%u RECENT", ph_imap_view_count_recent (self->view));
  if (!rev2 && unseen > 0 && (self->enabled & PH_IMAP_ENABLED_UIDONLY) == 0)
    ph_imap_session_untagged (self, "OK [UNSEEN %u] The first that was not read", unseen);
  ph_imap_session_untagged (self, "OK [UIDVALIDITY %u] UIDs hold", ph_mailbox_get_uidvalidity (mailbox));
  ph_imap_session_untagged (self, "OK [UIDNEXT %u] The next UID", ph_mailbox_get_uidnext (mailbox));
  ph_imap_session_untagged (self, "OK [MAILBOXID (%s)] Its name for good", ph_mailbox_get_mailbox_id (mailbox));
  ph_imap_session_untagged (self, "OK [HIGHESTMODSEQ %" G_GUINT64_FORMAT "] The last change", ph_mailbox_get_highestmodseq (mailbox));
  ph_imap_session_tell_name (self, spelled, ph_mailbox_get_name (mailbox), TRUE);
}

typedef struct
{
  PhImapResync resync;
  char        *spelled; /* as the client wrote the name */
  PhMailbox   *mailbox; /* while what vanished is looked up */
} Select;

static void
select_free (gpointer data)
{
  Select *select = data;

  ph_imap_resync_clear (&select->resync);
  g_free (select->spelled);
  g_clear_object (&select->mailbox);
  g_free (select);
}

/* `vanished` of PhUidRange, or NULL where the client did not ask or knew another mailbox. */
static void
enter (PhImapSession *self,
       PhMailbox     *mailbox,
       const GArray  *vanished)
{
  const Select *select = self->work;
  gboolean      read_only = self->command->run == ph_imap_command_examine;

  ph_imap_session_select (self, mailbox, read_only);
  tell_mailbox (self, select->spelled);
  if (vanished != NULL)
    {
      ph_imap_session_tell_vanished (self, vanished, select->resync.known);
      ph_imap_resync_tell_changes (&select->resync, self);
    }
  ph_imap_session_ok (self, read_only ? "READ-ONLY" : "READ-WRITE", "Selected");
}

static void
on_vanished (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) vanished = ph_mailbox_load_vanished_finish (PH_MAILBOX (source), result, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  if (vanished == NULL)
    ph_imap_session_fail (self, error);
  else
    enter (self, PH_MAILBOX (source), vanished);
}

static void
on_mailbox_opened (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMailbox) mailbox = ph_account_store_open_mailbox_finish (PH_ACCOUNT_STORE (source), result, &error);
  Select *select = self->work;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (mailbox == NULL)
    {
      ph_imap_session_fail (self, error);
      return;
    }
  /* RFC 7162 3.2.5: another mailbox of that name is selected as if nothing were known. */
  if (!select->resync.given || select->resync.uidvalidity != ph_mailbox_get_uidvalidity (mailbox))
    {
      enter (self, mailbox, NULL);
      return;
    }

  select->mailbox = g_steal_pointer (&mailbox);
  ph_mailbox_load_vanished_async (select->mailbox, select->resync.modseq, self->cancellable, on_vanished, g_object_ref (self));
}

/* "(CONDSTORE)" or "(QRESYNC (…))" (RFC 7162), or nothing. */
static gboolean
take_parameters (PhImapParser *arguments,
                 Select       *select,
                 gboolean     *condstore)
{
  if (ph_imap_parser_at_end (arguments))
    return TRUE;
  if (!ph_imap_parser_take_space (arguments) || !ph_imap_parser_take_char (arguments, '('))
    return FALSE;

  do
    {
      if (ph_imap_parser_skip_word (arguments, "CONDSTORE"))
        *condstore = TRUE;
      else if (select->resync.given || !ph_imap_parser_skip_word (arguments, "QRESYNC"))
        return ph_imap_parser_fail (arguments, "Unknown parameter");
      else if (!ph_imap_resync_take (arguments, &select->resync))
        return FALSE;
    }
  while (ph_imap_parser_skip_char (arguments, ' '));

  return ph_imap_parser_take_char (arguments, ')');
}

/* Whatever comes of it, the mailbox selected before is not any more, and nothing
 * in it is expunged (I16). */
static void
leave (PhImapSession *self)
{
  /* RFC 7162 3.2.11, 9051 6.3.2: what follows is of the other mailbox. */
  if (self->view != NULL)
    ph_imap_session_untagged (self, "OK [CLOSED] Left the other mailbox");
  ph_imap_session_unselect (self);
}

static void
select_mailbox (PhImapSession *self,
                PhImapParser  *arguments)
{
  g_autofree char *name = NULL;
  Select          *select = g_new0 (Select, 1);
  gboolean         condstore = FALSE;

  if (ph_imap_parser_take_space (arguments) && ph_imap_parser_take_spelled_mailbox (arguments, &select->spelled, &name) && take_parameters (arguments, select, &condstore) && select->resync.given && (self->enabled & PH_IMAP_ENABLED_QRESYNC) == 0)
    ph_imap_parser_fail (arguments, "QRESYNC is not enabled");
  if (select->resync.by_numbers && (self->enabled & PH_IMAP_ENABLED_UIDONLY) != 0)
    ph_imap_parser_fail (arguments, "[UIDREQUIRED] UIDONLY is enabled: name messages by UID");
  if (!ph_imap_session_end_arguments (self, arguments))
    {
      select_free (select);
      return;
    }

  ph_imap_session_note_poll (self, name);
  leave (self);
  ph_imap_session_wait (self, select, select_free);
  if (name == NULL)
    {
      ph_imap_session_no (self, "NONEXISTENT", "No such mailbox");
      return;
    }

  ph_imap_session_enable (self, condstore ? PH_IMAP_ENABLED_CONDSTORE : 0);
  ph_account_store_open_mailbox_async (self->account_store, name, self->cancellable,
                                       on_mailbox_opened, g_object_ref (self));
}

void
ph_imap_command_select (PhImapSession *self,
                        PhImapParser  *arguments)
{
  select_mailbox (self, arguments);
}

void
ph_imap_command_examine (PhImapSession *self,
                         PhImapParser  *arguments)
{
  select_mailbox (self, arguments);
}

static void
on_close_expunged (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *code = ph_imap_session_dup_modseq_code (self, PH_MAILBOX (source), PH_IMAP_ENABLED_QRESYNC);
  gboolean         expunged = ph_mailbox_expunge_finish (PH_MAILBOX (source), result, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  ph_imap_session_unselect (self);
  if (expunged || g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND))
    ph_imap_session_ok (self, code, "Closed");
  else
    ph_imap_session_fail (self, error);
}

/* Removes what is \Deleted, without EXPUNGE responses; after EXAMINE nothing (I16). */
void
ph_imap_command_close (PhImapSession *self,
                       PhImapParser  *arguments)
{
  g_autoptr (GArray) uids = NULL;

  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (ph_imap_view_get_read_only (self->view) || ph_imap_view_get_n_entries (self->view) == 0)
    {
      ph_imap_session_unselect (self);
      ph_imap_session_ok (self, NULL, "Closed");
      return;
    }

  uids = ph_imap_view_dup_uids (self->view);
  ph_imap_session_wait (self, NULL, NULL);
  ph_mailbox_expunge_async (ph_imap_view_get_mailbox (self->view),
                            (const guint32 *)(gpointer)uids->data, uids->len, TRUE,
                            self->cancellable, on_close_expunged, g_object_ref (self));
}

/* RFC 3691 */
void
ph_imap_command_unselect (PhImapSession *self,
                          PhImapParser  *arguments)
{
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  ph_imap_session_unselect (self);
  ph_imap_session_ok (self, NULL, "Closed, nothing expunged");
}
