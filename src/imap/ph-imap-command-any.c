#include "ph-imap-session-private.h"

#include "ph-login.h"

#include <string.h>

/* RFC 2971 3.3: 30 pairs, keys of 30 and values of 1,024 octets. */
#define ID_PAIRS_MAX 30
#define ID_VALUE_MAX 1024

/* NOOP and CHECK: the news come with every answer. */
void
ph_imap_command_noop (PhImapSession *self,
                      PhImapParser  *arguments)
{
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (self->view != NULL)
    ph_imap_session_note_poll (self, ph_mailbox_get_name (ph_imap_view_get_mailbox (self->view)));
  ph_imap_session_ok (self, NULL, "Done");
}

void
ph_imap_command_logout (PhImapSession *self,
                        PhImapParser  *arguments)
{
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  ph_imap_session_untagged (self, "BYE Logging out");
  ph_imap_session_ok (self, NULL, "Goodbye");
  self->ended = TRUE;
  ph_imap_session_unselect (self);
  ph_session_close (PH_SESSION (self));
}

/* Appends to the name that the window shows. */
static void
note_id (GString    *client,
         const char *key,
         const char *value)
{
  if (value == NULL || (g_ascii_strcasecmp (key, "name") != 0 && g_ascii_strcasecmp (key, "version") != 0))
    return;

  if (g_ascii_strcasecmp (key, "name") == 0)
    g_string_prepend (client, client->len > 0 ? " " : "");
  else if (client->len > 0)
    g_string_append_c (client, ' ');

  if (g_ascii_strcasecmp (key, "name") == 0)
    g_string_prepend (client, value);
  else
    g_string_append (client, value);
}

static gboolean
take_id (PhImapParser *arguments,
         GString      *client)
{
  guint n = 0;

  if (!ph_imap_parser_take_space (arguments))
    return FALSE;
  if (ph_imap_parser_skip_word (arguments, "NIL"))
    return TRUE;
  if (!ph_imap_parser_take_char (arguments, '('))
    return FALSE;
  if (ph_imap_parser_skip_char (arguments, ')'))
    return TRUE;

  do
    {
      g_autofree char *key = NULL;
      g_autofree char *value = NULL;

      if (!ph_imap_parser_take_string (arguments, &key) || !ph_imap_parser_take_space (arguments) || !ph_imap_parser_take_nstring (arguments, &value))
        return FALSE;
      if (++n > ID_PAIRS_MAX || (value != NULL && strlen (value) > ID_VALUE_MAX))
        return ph_imap_parser_fail (arguments, "Too much to know");
      note_id (client, key, value);
    }
  while (ph_imap_parser_skip_char (arguments, ' '));

  return ph_imap_parser_take_char (arguments, ')');
}

/* RFC 2971 */
void
ph_imap_command_id (PhImapSession *self,
                    PhImapParser  *arguments)
{
  g_autoptr (GString) client = g_string_new (NULL);
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (self));

  take_id (arguments, client);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (journal != NULL && client->len > 0)
    {
      g_autofree char *name = g_utf8_make_valid (client->str, (gssize)client->len);

      ph_journal_session_set_client_name (journal, name);
      if (self->account != NULL)
        ph_login_note_client (self->account, PH_SESSION (self));
    }
  ph_imap_session_untagged (self, "ID (\"name\" \"Posthouse\")");
  ph_imap_session_ok (self, NULL, "Nice to meet you");
}

/* RFC 2342: one namespace, the person's own. */
void
ph_imap_command_namespace (PhImapSession *self,
                           PhImapParser  *arguments)
{
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  ph_imap_session_untagged (self, "NAMESPACE ((\"\" \"%c\")) NIL NIL", PH_FOLDER_DELIMITER);
  ph_imap_session_ok (self, NULL, "Namespaces listed");
}

void
ph_imap_command_starttls (PhImapSession *self,
                          PhImapParser  *arguments)
{
  PhPeer *peer = ph_session_get_peer (PH_SESSION (self));

  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (!self->offer_starttls || peer == NULL || peer->is_tls)
    {
      if (!self->offer_starttls)
        ph_login_note_no_tls (PH_SESSION (self));
      ph_imap_session_bad (self, "TLS is not offered, or it is active already");
      return;
    }

  ph_imap_session_ok (self, NULL, "Begin TLS now");
  ph_session_start_tls (PH_SESSION (self));
}
