#include "ph-imap-session-private.h"

/* COMPRESS (RFC 4978): everything after the OK, both ways, is a raw deflate stream. */
void
ph_imap_command_compress (PhImapSession *self,
                          PhImapParser  *arguments)
{
  g_autofree char *algorithm = NULL;

  if (ph_imap_parser_take_space (arguments))
    ph_imap_parser_take_atom (arguments, &algorithm);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (g_ascii_strcasecmp (algorithm, "DEFLATE") != 0)
    {
      ph_imap_session_bad (self, "Only DEFLATE");
      return;
    }
  if (self->deflate != NULL)
    {
      ph_imap_session_no (self, "COMPRESSIONACTIVE", "It is compressed already");
      return;
    }

  ph_imap_session_ok (self, NULL, "Compressed from now on");
  self->deflate = ph_imap_deflate_new ();
  ph_session_set_encoder (PH_SESSION (self), ph_imap_deflate_encode, self->deflate);
}

/* Inflates and feeds by turns.  While inflated bytes wait for the session, one byte of the
 * input is kept back, so that the driver has something to offer again. */
gsize
ph_imap_compressed_feed (PhImapSession *self,
                         const guint8  *data,
                         gsize          length)
{
  PhBuffer *plain = ph_imap_deflate_get_plain (self->deflate);
  gsize     offset = self->deflate_held ? 1 : 0;
  gboolean  waits;

  self->deflate_held = FALSE;
  while (TRUE)
    {
      gsize n = ph_buffer_get_length (plain);
      gsize taken = n > 0 ? ph_imap_session_feed_plain (self, ph_buffer_get_data (plain), n) : 0;

      ph_buffer_consume (plain, taken);
      if (ph_buffer_get_length (plain) > 0)
        {
          if (taken == 0)
            break;
          continue;
        }
      if (self->ended || (offset == length && !ph_imap_deflate_has_more (self->deflate)))
        break;

      if (!ph_imap_deflate_decode (self->deflate, data + offset, length - offset, &taken))
        {
          ph_imap_session_bye (self, NULL, "That is no deflate stream");
          return length;
        }
      offset += taken;
      if (taken == 0 && ph_buffer_get_length (plain) == 0)
        break;
    }

  waits = ph_buffer_get_length (plain) > 0 || ph_imap_deflate_has_more (self->deflate);
  self->deflate_held = waits && offset == length && length > 0;

  return offset - (self->deflate_held ? 1 : 0);
}
