#include "ph-trace.h"

#include <string.h>

#include "ph-date.h"
#include "ph-header.h"

/* Of each string from the peer, so that no line gets near 998 (RFC 5322 2.1.1). */
#define TEXT_MAX 320

/* Text of the peer: what could end the line, the comment or the path it is in
 * becomes "?" (V14); so does 8-bit unless the message may have it. */
static void
append_harmless (const char *text,
                 const char *harmful,
                 gboolean    utf8,
                 PhBuffer   *out)
{
  const char *end = text + strnlen (text, TEXT_MAX);

  utf8 = utf8 && g_utf8_validate (text, -1, NULL);
  if (utf8)
    g_utf8_validate_len (text, (gsize)(end - text), &end);

  for (; text < end; text++)
    {
      gboolean bad = (guint8)*text < 32 || *text == 127 || strchr (harmful, *text) != NULL || ((guint8)*text >= 128 && !utf8);

      ph_buffer_append (out, bad ? "?" : text, 1);
    }
}

static void
append_from (const PhTrace *self,
             PhBuffer      *out)
{
  ph_buffer_append_string (out, "Received: from ");
  append_harmless (self->helo != NULL && self->helo[0] != '\0' ? self->helo : "unknown", " ()<>\\\",;", self->utf8, out);
  if (self->peer_address == NULL)
    return;

  ph_buffer_append_string (out, " (");
  if (self->peer_name != NULL)
    {
      append_harmless (self->peer_name, " ()<>\\\",;[]", FALSE, out);
      ph_buffer_append_string (out, " ");
    }
  ph_buffer_append_string (out, strchr (self->peer_address, ':') != NULL ? "[IPv6:" : "[");
  append_harmless (self->peer_address, " ()\\[]", FALSE, out);
  ph_buffer_append_string (out, "])");
}

/* RFC 3848, RFC 6531 4.3 */
static void
append_with (const PhTrace *self,
             PhBuffer      *out)
{
  gboolean extended = self->extended || self->lmtp || self->utf8;

  ph_buffer_append_string (out, "\r\n with ");
  if (self->utf8)
    ph_buffer_append_string (out, self->lmtp ? "UTF8LMTP" : "UTF8SMTP");
  else
    ph_buffer_append_string (out, self->lmtp ? "LMTP" : extended ? "ESMTP"
                                                                 : "SMTP");
  if (extended && self->secured)
    ph_buffer_append_string (out, "S");
  if (extended && self->authenticated)
    ph_buffer_append_string (out, "A");

  if (self->tls != NULL)
    {
      ph_buffer_append_string (out, " (");
      append_harmless (self->tls, "()\\", FALSE, out);
      ph_buffer_append_string (out, ")");
    }
}

void
ph_trace_append_received (const PhTrace *self,
                          PhBuffer      *out)
{
  PhDate           date = ph_date_from_local (self->time);
  g_autofree char *text = ph_date_format (&date);

  append_from (self, out);
  ph_buffer_append_string (out, "\r\n by ");
  append_harmless (self->host, " ()<>\\\",;", FALSE, out);
  append_with (self, out);
  if (self->id != NULL)
    {
      ph_buffer_append_string (out, " id ");
      append_harmless (self->id, " ()<>\\\",;", FALSE, out);
    }
  if (self->recipient != NULL)
    {
      ph_buffer_append_string (out, "\r\n for <");
      append_harmless (self->recipient, "<>", self->utf8, out);
      ph_buffer_append_string (out, ">");
    }
  ph_buffer_append_printf (out, ";\r\n %s\r\n", text);
}

void
ph_trace_append_return_path (const char *sender,
                             PhBuffer   *out)
{
  ph_buffer_append_string (out, "Return-Path: <");
  append_harmless (sender != NULL ? sender : "", "<>", TRUE, out);
  ph_buffer_append_string (out, ">\r\n");
}

void
ph_trace_append_delivered_to (const char *address,
                              PhBuffer   *out)
{
  ph_buffer_append_string (out, "Delivered-To: ");
  append_harmless (address, "", TRUE, out);
  ph_buffer_append_string (out, "\r\n");
}

char *
ph_trace_new_message_id (const char *host)
{
  g_autofree char *id = g_uuid_string_random ();

  return g_strdup_printf ("<%s@%s>", id, host);
}

guint
ph_trace_count_received (const guint8 *data,
                         gsize         length)
{
  g_autoptr (PhHeader) header = ph_header_parse (data, length);
  guint n = 0;

  for (const PhHeaderField *field = NULL; (field = ph_header_find (header, "Received", field)) != NULL;)
    n++;

  return n;
}
