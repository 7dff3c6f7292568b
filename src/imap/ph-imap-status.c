#include "ph-imap-status.h"

#include "ph-imap-session-private.h"

static const char *const item_names[] = {
  "MESSAGES",
  "RECENT",
  "UIDNEXT",
  "UIDVALIDITY",
  "UNSEEN",
  "DELETED",
  "SIZE",
  "APPENDLIMIT",
};

gboolean
ph_imap_status_take (PhImapParser *parser,
                     guint        *items)
{
  *items = 0;
  if (!ph_imap_parser_take_char (parser, '('))
    return FALSE;

  do
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (item_names) && !ph_imap_parser_skip_word (parser, item_names[i]))
        i++;
      if (i == G_N_ELEMENTS (item_names))
        return ph_imap_parser_fail (parser, "Unknown status item");
      *items |= 1u << i;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  return ph_imap_parser_take_char (parser, ')');
}

void
ph_imap_status_format (const char           *name,
                       guint                 items,
                       const PhFolderStatus *status,
                       guint64               append_limit,
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
  };
  const char *separator = "";

  g_string_append (out, "STATUS ");
  ph_imap_append_mailbox (out, name);
  g_string_append (out, " (");
  for (guint i = 0; i < G_N_ELEMENTS (item_names); i++)
    if ((items & (1u << i)) != 0)
      {
        g_string_append_printf (out, "%s%s %" G_GUINT64_FORMAT, separator, item_names[i], values[i]);
        separator = " ";
      }
  g_string_append_c (out, ')');
}
