#include "ph-imap-session-private.h"

#include "ph-imap-special-use.h"
#include "ph-imap-status.h"
#include "ph-imap-watch.h"

#include <string.h>

/* The work of all of them. */
typedef struct
{
  char    *spelled; /* the name that the client gave; of RENAME: the old one */
  char    *name;    /* the name that there is now; of DELETE: that there is no more */
  gboolean tell;    /* a name was not in the store's spelling */
} Naming;

static void
naming_free (gpointer data)
{
  Naming *naming = data;

  g_free (naming->spelled);
  g_free (naming->name);
  g_free (naming);
}

static Naming *
naming_new (const char *spelled,
            const char *name,
            gboolean    tell)
{
  Naming *naming = g_new0 (Naming, 1);

  naming->spelled = g_strdup (spelled);
  naming->name = g_strdup (name);
  naming->tell = tell;

  return naming;
}

static void
tell_naming (PhImapSession *self)
{
  const Naming    *naming = self->work;
  g_autofree char *before = ph_folder_name_normalize (naming->spelled);

  ph_imap_watch_forget_name (self->watch, before);
  ph_imap_watch_forget_name (self->watch, naming->name);
  if (naming->tell)
    ph_imap_session_tell_name (self, naming->spelled, naming->name, FALSE);
}

/* For DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE. */
static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = ph_account_store_finish (PH_ACCOUNT_STORE (source), result, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  /* Who deletes the mailbox it is in, is in none (I31). */
  if (self->view != NULL && ph_mailbox_get_deleted (ph_imap_view_get_mailbox (self->view)))
    ph_imap_session_unselect (self);

  if (done)
    {
      tell_naming (self);
      ph_imap_session_ok (self, NULL, "Done");
    }
  else
    {
      ph_imap_session_fail (self, error);
    }
}

/* Answers NO for a name that can't be. */
static gboolean
check_name (PhImapSession *self,
            const char    *name)
{
  if (name != NULL)
    return TRUE;

  ph_imap_session_no (self, "CANNOT", "Not a possible mailbox name");

  return FALSE;
}

/* RFC 6154 section 3: "(USE (\Sent))" */
static gboolean
take_use (PhImapParser *parser,
          PhSpecialUse *use,
          gboolean     *known)
{
  if (ph_imap_parser_at_end (parser))
    return TRUE;

  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_char (parser, '('))
    return FALSE;
  if (!ph_imap_parser_skip_word (parser, "USE"))
    return ph_imap_parser_fail (parser, "Unknown parameter");
  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_char (parser, '('))
    return FALSE;

  while (ph_imap_parser_peek (parser) != ')')
    {
      g_autofree char *name = NULL;

      if (!ph_imap_parser_take_char (parser, '\\') || !ph_imap_parser_take_atom (parser, &name))
        return FALSE;
      *known = *use == PH_SPECIAL_NONE && ph_imap_special_use_parse (name, use) && *known;
      if (!ph_imap_parser_skip_char (parser, ' '))
        break;
    }

  return ph_imap_parser_take_char (parser, ')') && ph_imap_parser_take_char (parser, ')');
}

static gboolean
is_use_free (PhImapSession *self,
             PhSpecialUse   use)
{
  GPtrArray *folders = ph_account_store_get_folders (self->account_store);

  for (guint i = 0; use != PH_SPECIAL_NONE && i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);

      if (folder->exists && folder->special_use == use)
        return FALSE;
    }

  return TRUE;
}

/* RFC 8474 4.1: OK names the new mailbox for good. */
static void
on_created (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean         created = ph_account_store_finish (PH_ACCOUNT_STORE (source), result, &error);
  const PhFolder  *folder;
  g_autofree char *code = NULL;

  if (!ph_imap_session_is_waiting (self))
    return;

  folder = created ? ph_account_store_find_folder (PH_ACCOUNT_STORE (source), ((const Naming *)self->work)->name) : NULL;
  if (folder != NULL)
    code = g_strdup_printf ("MAILBOXID (%s)", folder->mailbox_id);
  if (created)
    {
      tell_naming (self);
      ph_imap_session_ok (self, code, "Created");
    }
  else
    {
      ph_imap_session_fail (self, error);
    }
}

void
ph_imap_command_create (PhImapSession *self,
                        PhImapParser  *arguments)
{
  g_autofree char *text = NULL;
  g_autofree char *spelled = NULL;
  g_autofree char *name = NULL;
  PhSpecialUse     use = PH_SPECIAL_NONE;
  gboolean         known = TRUE;

  if (ph_imap_parser_take_space (arguments) && ph_imap_parser_take_astring (arguments, &text))
    take_use (arguments, &use, &known);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  /* "name/" only says that there will be children (I27). */
  if (strlen (text) > 1 && g_str_has_suffix (text, "/"))
    text[strlen (text) - 1] = '\0';
  spelled = ph_imap_text_from_wire (text, arguments->utf8);
  name = spelled != NULL ? ph_folder_name_normalize (spelled) : NULL;
  if (!check_name (self, name))
    return;
  if (!known || !is_use_free (self, use))
    {
      ph_imap_session_no (self, "USEATTR", "That special use is unknown here or taken");
      return;
    }

  ph_imap_session_wait (self, naming_new (spelled, name, strcmp (spelled, name) != 0), naming_free);
  ph_account_store_create_folder_async (self->account_store, name, use, self->cancellable,
                                        on_created, g_object_ref (self));
}

void
ph_imap_command_delete (PhImapSession *self,
                        PhImapParser  *arguments)
{
  g_autofree char *spelled = NULL;
  g_autofree char *name = NULL;

  if (ph_imap_parser_take_space (arguments))
    ph_imap_parser_take_spelled_mailbox (arguments, &spelled, &name);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (name == NULL)
    {
      ph_imap_session_no (self, "NONEXISTENT", "No such mailbox");
      return;
    }

  ph_imap_session_wait (self, naming_new (spelled, name, strcmp (spelled, name) != 0), naming_free);
  ph_account_store_delete_folder_async (self->account_store, name, self->cancellable,
                                        on_done, g_object_ref (self));
}

static gboolean
is_below (const char *name,
          const char *parent)
{
  gsize n = strlen (parent);

  return strncmp (name, parent, n) == 0 && name[n] == PH_FOLDER_DELIMITER;
}

void
ph_imap_command_rename (PhImapSession *self,
                        PhImapParser  *arguments)
{
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  g_autofree char *from_spelled = NULL;
  g_autofree char *to_spelled = NULL;

  if (ph_imap_parser_take_space (arguments) && ph_imap_parser_take_spelled_mailbox (arguments, &from_spelled, &from) && ph_imap_parser_take_space (arguments))
    ph_imap_parser_take_spelled_mailbox (arguments, &to_spelled, &to);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (from == NULL)
    {
      ph_imap_session_no (self, "NONEXISTENT", "No such mailbox");
      return;
    }
  if (!check_name (self, to))
    return;
  if (is_below (to, from) && strcmp (from, "INBOX") != 0)
    {
      ph_imap_session_no (self, "CANNOT", "A mailbox can't go into itself");
      return;
    }

  ph_imap_session_wait (self, naming_new (from_spelled, to, strcmp (from_spelled, from) != 0 || strcmp (to_spelled, to) != 0), naming_free);
  ph_account_store_rename_folder_async (self->account_store, from, to, self->cancellable,
                                        on_done, g_object_ref (self));
}

static void
subscribe (PhImapSession *self,
           PhImapParser  *arguments,
           gboolean       subscribed)
{
  g_autofree char *name = NULL;

  if (ph_imap_parser_take_space (arguments))
    ph_imap_parser_take_mailbox (arguments, &name);
  if (!ph_imap_session_end_arguments (self, arguments) || !check_name (self, name))
    return;

  ph_imap_session_wait (self, naming_new (name, name, FALSE), naming_free);
  ph_account_store_subscribe_async (self->account_store, name, subscribed, self->cancellable,
                                    on_done, g_object_ref (self));
}

void
ph_imap_command_subscribe (PhImapSession *self,
                           PhImapParser  *arguments)
{
  subscribe (self, arguments, TRUE);
}

void
ph_imap_command_unsubscribe (PhImapSession *self,
                             PhImapParser  *arguments)
{
  subscribe (self, arguments, FALSE);
}

typedef struct
{
  char *name;
  guint items;
} Status;

static void
status_free (gpointer data)
{
  Status *status = data;

  g_free (status->name);
  g_free (status);
}

static void
on_status (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) line = g_string_new (NULL);
  PhFolderStatus counts = { 0 };
  const Status  *status = self->work;
  gboolean       found = ph_account_store_status_finish (PH_ACCOUNT_STORE (source), result, &counts, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  if (!found)
    {
      ph_imap_session_fail (self, error);
      return;
    }

  ph_imap_status_format (status->name, status->items, &counts, self->append_size_max,
                         ph_imap_session_has_utf8 (self), line);
  ph_imap_session_untagged (self, "%s", line->str);
  ph_imap_session_ok (self, NULL, "Status told");
}

void
ph_imap_command_status (PhImapSession *self,
                        PhImapParser  *arguments)
{
  g_autofree char *name = NULL;
  guint            items = 0;
  gboolean         uses_modseq = FALSE;
  Status          *status;

  if (ph_imap_parser_take_space (arguments) && ph_imap_parser_take_mailbox (arguments, &name) && ph_imap_parser_take_space (arguments))
    ph_imap_status_take (arguments, &items, &uses_modseq);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (name == NULL)
    {
      ph_imap_session_no (self, "NONEXISTENT", "No such mailbox");
      return;
    }

  ph_imap_session_note_poll (self, name);
  if (uses_modseq)
    ph_imap_session_enable (self, PH_IMAP_ENABLED_CONDSTORE);
  status = g_new0 (Status, 1);
  status->name = g_steal_pointer (&name);
  status->items = items;
  ph_imap_session_wait (self, status, status_free);
  ph_account_store_status_async (self->account_store, status->name, self->cancellable,
                                 on_status, g_object_ref (self));
}
