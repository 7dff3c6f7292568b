#include "ph-imap-append.h"

#include "ph-imap-command.h"
#include "ph-store-error.h"

#include <string.h>

/* "CATENATE (TEXT {n} URL …)" in APPEND and REPLACE (RFC 4469): each part is written behind the one
 * before when its turn comes, a literal from the input, the bytes of a URL from the mailbox. */

/* RFC 4469 4.1: what can stand in the code. */
static char *
format_badurl (const char *url)
{
  GString *code = g_string_new ("BADURL ");

  for (; *url != '\0' && code->len < 1000; url++)
    if ((guint8)*url > 0x20 && (guint8)*url < 0x7f && strchr ("\\]\"", *url) == NULL)
      g_string_append_c (code, *url);

  return g_string_free (code, FALSE);
}

static void
on_copied (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean         copied = ph_imap_url_copy_finish (PH_ACCOUNT_STORE (source), result, &error);
  PhImapAppend    *append = self->work;
  g_autofree char *code = NULL;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (copied)
    {
      ph_imap_append_take_parts (self);
      ph_session_changed (PH_SESSION (self));
      return;
    }

  if (append->at_literal)
    ph_imap_command_refuse_literal (self);
  if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA))
    {
      ph_imap_session_no (self, "TOOBIG", "Message too large");
    }
  else if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND))
    {
      code = format_badurl (append->url_text);
      ph_imap_session_no (self, code, "There is no such message or part");
    }
  else
    {
      ph_imap_session_fail (self, error);
    }
}

static void
copy_url (PhImapSession *self,
          PhImapAppend  *append)
{
  const char      *selected = self->view != NULL ? ph_mailbox_get_name (ph_imap_view_get_mailbox (self->view)) : NULL;
  g_autofree char *code = NULL;

  g_clear_pointer (&append->url, ph_imap_url_free);
  append->url = ph_imap_url_parse (append->url_text, selected);
  if (append->url != NULL)
    {
      ph_imap_session_wait (self, append, ph_imap_append_free);
      ph_imap_url_copy_async (append->url, self->account_store, ph_imap_append_get_last (append)->spool, self->append_size_max, self->cancellable, on_copied, g_object_ref (self));
      return;
    }

  code = format_badurl (append->url_text);
  if (append->at_literal)
    ph_imap_command_refuse_literal (self);
  ph_imap_session_no (self, code, "Not a URL of a message of this account");
}

/* At the literal of a TEXT. */
static void
begin_text (PhImapSession *self,
            PhImapAppend  *append)
{
  guint64 size = ph_spool_get_size (ph_imap_append_get_last (append)->spool);

  if (self->reader.literal_size <= self->append_size_max && size <= self->append_size_max - self->reader.literal_size)
    {
      ph_imap_append_begin_literal (self, append);
      return;
    }

  ph_imap_session_no (self, "TOOBIG", "Message too large");
  ph_imap_command_refuse_literal (self);
}

/* A URL as a literal is gathered like any other argument. */
static void
gather_url (PhImapSession *self,
            PhImapParser  *parser)
{
  if (!ph_imap_reader_may_accept (&self->reader))
    {
      ph_imap_parser_fail (parser, "Literal too large");
      ph_imap_append_refuse (self, parser, TRUE);
      return;
    }

  self->busy = FALSE;
  if (self->reader.literal_sync)
    ph_imap_session_send ("+ OK\r\n", 6, self);
  ph_imap_reader_accept (&self->reader);
}

/* "TEXT {n}" or "URL …", or what follows the last of them. */
static void
take_part (PhImapSession *self,
           PhImapAppend  *append,
           PhImapParser  *parser)
{
  static const char *const kinds[] = { "TEXT", "URL" };
  gboolean                 binary;
  gboolean                 announced;
  guint                    kind;
  gboolean                 is_first = parser->data[parser->position - 1] == '(';

  if (!is_first && ph_imap_parser_skip_char (parser, ')'))
    {
      append->listing = FALSE;
      append->position = parser->position;
      ph_imap_append_finish_message (self, append, parser);
      return;
    }
  if (!is_first)
    ph_imap_parser_take_space (parser);
  if (parser->error != NULL || !ph_imap_parser_take_word_of (parser, kinds, G_N_ELEMENTS (kinds), &kind, "Expected TEXT or URL") || !ph_imap_parser_take_space (parser))
    {
      ph_imap_append_refuse (self, parser, append->at_literal);
      return;
    }

  announced = append->at_literal && ph_imap_append_is_at_announcement (parser, &binary) && !binary;
  if (announced && kind == 0)
    begin_text (self, append);
  else if (announced)
    gather_url (self, parser);
  else if (kind == 0)
    {
      ph_imap_parser_fail (parser, "Expected the text as a literal");
      ph_imap_append_refuse (self, parser, append->at_literal);
    }
  else
    {
      g_clear_pointer (&append->url_text, g_free);
      if (!ph_imap_parser_take_astring (parser, &append->url_text))
        {
          ph_imap_append_refuse (self, parser, append->at_literal);
          return;
        }
      append->position = parser->position;
      copy_url (self, append);
    }
}

void
ph_imap_append_take_parts (PhImapSession *self)
{
  PhImapAppend *append = self->work;
  PhImapParser  parser;

  ph_imap_parser_init (&parser, ph_buffer_get_data (&self->reader.text), ph_buffer_get_length (&self->reader.text));
  parser.utf8 = ph_imap_session_has_utf8 (self);
  parser.position = append->position;
  take_part (self, append, &parser);
}
