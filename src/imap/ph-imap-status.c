#include "ph-imap-status.h"

#include "ph-imap-mailbox-name.h"

#include <string.h>

static const char *const item_names[] = {
  "MESSAGES",
  "RECENT",
  "UIDNEXT",
  "UIDVALIDITY",
  "UNSEEN",
  "DELETED",
  "SIZE",
  "APPENDLIMIT",
  "HIGHESTMODSEQ",
  "DELETED-STORAGE",
  "MAILBOXID",
};

gboolean
ph_imap_status_take (PhImapParser *parser,
                     guint        *items,
                     gboolean     *uses_modseq)
{
  *items = 0;
  if (!ph_imap_parser_take_char (parser, '('))
    return FALSE;

  do
    {
      guint i;

      if (!ph_imap_parser_take_word_of (parser, item_names, G_N_ELEMENTS (item_names), &i, "Unknown status item"))
        return FALSE;
      *items |= 1u << i;
      *uses_modseq |= strcmp (item_names[i], "HIGHESTMODSEQ") == 0;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  return ph_imap_parser_take_char (parser, ')');
}

void
ph_imap_status_format (const char           *name,
                       guint                 items,
                       const PhFolderStatus *status,
                       guint64               append_limit,
                       gboolean              utf8,
                       GString              *out)
{
  const guint64 values[] = {
    status->messages,
    status->recent,
    status->uidnext,
    status->uidvalidity,
    status->unseen,
    status->deleted,
    status->size,
    append_limit,
    status->highestmodseq,
    (status->deleted_size + 1023) / 1024,
    0, /* no number */
  };
  const char *separator = "";

  g_string_append (out, "STATUS ");
  ph_imap_append_mailbox (out, name, utf8);
  g_string_append (out, " (");
  for (guint i = 0; i < G_N_ELEMENTS (item_names); i++)
    if ((items & (1u << i)) != 0)
      {
        if (strcmp (item_names[i], "MAILBOXID") == 0)
          g_string_append_printf (out, "%sMAILBOXID (%s)", separator, status->mailbox_id);
        else
          g_string_append_printf (out, "%s%s %" G_GUINT64_FORMAT, separator, item_names[i], values[i]);
        separator = " ";
      }
  g_string_append_c (out, ')');
}
