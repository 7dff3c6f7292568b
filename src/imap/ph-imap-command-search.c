#include "ph-imap-session-private.h"

#include "ph-imap-search-key.h"

#include <string.h>

/* SEARCH (RFC 3501 6.4.4) and its extended result (4731). */

typedef enum {
  RETURN_MIN = 1 << 0,
  RETURN_MAX = 1 << 1,
  RETURN_COUNT = 1 << 2,
  RETURN_ALL = 1 << 3,
} Return;

typedef struct
{
  gboolean extended;
  guint    options; /* Return */
} Search;

static gboolean
take_return (PhImapParser *arguments,
             Search       *search)
{
  static const struct
  {
    const char *name;
    Return      option;
  } options[] = {
    { "MIN", RETURN_MIN },
    { "MAX", RETURN_MAX },
    { "COUNT", RETURN_COUNT },
    { "ALL", RETURN_ALL },
  };

  if (!ph_imap_parser_skip_word (arguments, "RETURN"))
    return TRUE;

  search->extended = TRUE;
  if (!ph_imap_parser_take_space (arguments) || !ph_imap_parser_take_char (arguments, '('))
    return FALSE;
  if (ph_imap_parser_skip_char (arguments, ')'))
    {
      search->options = RETURN_ALL;
      return ph_imap_parser_take_space (arguments);
    }

  do
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (options) && !ph_imap_parser_skip_word (arguments, options[i].name))
        i++;
      if (i == G_N_ELEMENTS (options))
        return ph_imap_parser_fail (arguments, "Unknown return option");
      search->options |= options[i].option;
    }
  while (ph_imap_parser_skip_char (arguments, ' '));

  return ph_imap_parser_take_char (arguments, ')') && ph_imap_parser_take_space (arguments);
}

/* *known is FALSE for a charset other than US-ASCII and UTF-8 (I39). */
static gboolean
take_charset (PhImapParser *arguments,
              gboolean     *known)
{
  g_autofree char *charset = NULL;

  *known = TRUE;
  if (!ph_imap_parser_skip_word (arguments, "CHARSET"))
    return TRUE;
  if (!ph_imap_parser_take_space (arguments) || !ph_imap_parser_take_astring (arguments, &charset))
    return FALSE;

  *known = g_ascii_strcasecmp (charset, "UTF-8") == 0 || g_ascii_strcasecmp (charset, "US-ASCII") == 0;

  return !*known || ph_imap_parser_take_space (arguments);
}

/* Found UIDs as the client counts: UIDs or, in place, sequence numbers. */
static void
to_numbers (PhImapSession *self,
            GArray        *found)
{
  guint n = 0;

  for (guint i = 0; i < found->len; i++)
    {
      guint32 uid = g_array_index (found, guint32, i);
      guint   position;

      if (ph_imap_view_find_uid (self->view, uid, &position))
        g_array_index (found, guint32, n++) = self->by_uid ? uid : position + 1;
    }
  g_array_set_size (found, n);
}

static void
tell_found (PhImapSession *self,
            GArray        *found)
{
  g_autoptr(GString) line = g_string_new ("* SEARCH");

  for (guint i = 0; i < found->len; i++)
    g_string_append_printf (line, " %u", g_array_index (found, guint32, i));
  g_string_append (line, "\r\n");
  ph_imap_session_send (line->str, line->len, self);
}

static void
tell_extended (PhImapSession *self,
               GArray        *found,
               guint          options)
{
  g_autoptr(GString) line = g_string_new ("* ESEARCH (TAG \"");
  const guint32 *numbers = (const guint32 *)(gpointer)found->data;

  /* A tag has no character that would need an escape. */
  g_string_append_printf (line, "%s\")", self->tag);
  if (self->by_uid)
    g_string_append (line, " UID");
  if (found->len > 0 && (options & RETURN_MIN) != 0)
    g_string_append_printf (line, " MIN %u", numbers[0]);
  if (found->len > 0 && (options & RETURN_MAX) != 0)
    g_string_append_printf (line, " MAX %u", numbers[found->len - 1]);
  if ((options & RETURN_COUNT) != 0)
    g_string_append_printf (line, " COUNT %u", found->len);
  if (found->len > 0 && (options & RETURN_ALL) != 0)
    {
      g_string_append (line, " ALL ");
      ph_imap_set_format (numbers, found->len, line);
    }
  g_string_append (line, "\r\n");
  ph_imap_session_send (line->str, line->len, self);
}

static void
on_found (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(PhImapSession) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) found = ph_mailbox_search_finish (PH_MAILBOX (source), result, &error);
  const Search *search = self->work;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (found == NULL)
    {
      ph_imap_session_fail (self, error);
      return;
    }

  to_numbers (self, found);
  if (search->extended)
    tell_extended (self, found, search->options);
  else
    tell_found (self, found);
  ph_imap_session_ok (self, NULL, "Searched");
}

void
ph_imap_command_search (PhImapSession *self,
                        PhImapParser  *arguments)
{
  g_autoptr(PhSearchKey) key = NULL;
  g_autoptr(GArray) uids = NULL;
  Search   search = { 0 };
  gboolean known = TRUE;

  if (ph_imap_parser_take_space (arguments) && take_return (arguments, &search) && take_charset (arguments, &known) && known)
    key = ph_imap_search_key_take (arguments, self->view);

  if (!known)
    {
      ph_imap_session_no (self, "BADCHARSET (UTF-8)", "Charset unknown");
      return;
    }
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  uids = ph_imap_view_dup_uids (self->view);
  ph_imap_session_wait (self, g_memdup2 (&search, sizeof search), g_free);
  ph_mailbox_search_async (ph_imap_view_get_mailbox (self->view), g_steal_pointer (&key),
                           (const guint32 *)(gpointer)uids->data, uids->len,
                           self->cancellable, on_found, g_object_ref (self));
}
