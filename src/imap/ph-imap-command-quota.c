#include "ph-imap-session-private.h"

/* QUOTA (RFC 9208): one root for the whole account where that has a limit of STORAGE, else none.
 * Limits are set in the window, never here. */

#define ROOT "\"\""

static gboolean
has_root (PhImapSession *self)
{
  return ph_account_get_quota (self->account) > 0;
}

/* In units of 1,024 octets; what is used is rounded up. */
static void
tell_quota (PhImapSession *self)
{
  ph_imap_session_untagged (self, "QUOTA " ROOT " (STORAGE %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT ")",
                            (ph_account_store_get_used (self->account_store) + 1023) / 1024,
                            ph_account_get_quota (self->account) / 1024);
}

void
ph_imap_command_getquota (PhImapSession *self,
                          PhImapParser  *arguments)
{
  g_autofree char *root = NULL;

  if (ph_imap_parser_take_space (arguments))
    ph_imap_parser_take_astring (arguments, &root);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (*root != '\0' || !has_root (self))
    {
      ph_imap_session_no (self, "NONEXISTENT", "No such quota root");
      return;
    }

  tell_quota (self);
  ph_imap_session_ok (self, NULL, "Quota told");
}

void
ph_imap_command_getquotaroot (PhImapSession *self,
                              PhImapParser  *arguments)
{
  g_autofree char *name = NULL;
  g_autofree char *wire = NULL;
  const PhFolder  *folder;

  if (ph_imap_parser_take_space (arguments))
    ph_imap_parser_take_mailbox (arguments, &name);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  folder = name != NULL ? ph_account_store_find_folder (self->account_store, name) : NULL;
  if (folder == NULL || !folder->exists)
    {
      ph_imap_session_no (self, "NONEXISTENT", "No such mailbox");
      return;
    }

  wire = ph_imap_format_mailbox (folder->name, ph_imap_session_has_utf8 (self));
  ph_imap_session_untagged (self, "QUOTAROOT %s%s", wire, has_root (self) ? " " ROOT : "");
  if (has_root (self))
    tell_quota (self);
  ph_imap_session_ok (self, NULL, "Quota told");
}

/* RFC 9208 4.1.3: only with QUOTASET, which is not offered. */
void
ph_imap_command_setquota (PhImapSession *self,
                          PhImapParser  *arguments)
{
  ph_imap_session_no (self, "NOPERM", "Quotas are set by whoever runs the server");
}
