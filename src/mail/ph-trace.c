#include "ph-trace.h"

#include "ph-date.h"
#include "ph-header.h"

#include <string.h>

/* Text of the peer inside a comment or a name: what could end it, or the line, becomes "?" (V14). */
static void
append_harmless (PhBuffer   *out,
                 const char *text)
{
  for (; *text != '\0'; text++)
    {
      guchar c = (guchar)*text;
      char   shown = c <= 0x20 || c == 0x7f || strchr ("()<>\\\";", (int)c) != NULL ? '?' : *text;

      ph_buffer_append (out, &shown, 1);
    }
}

static void
append_from (const PhTrace *self,
             PhBuffer      *out)
{
  ph_buffer_append_string (out, "Received: from ");
  append_harmless (out, self->helo != NULL && *self->helo != '\0' ? self->helo : "unknown");
  if (self->peer_address == NULL)
    return;

  ph_buffer_append_string (out, " (");
  if (self->peer_name != NULL)
    {
      append_harmless (out, self->peer_name);
      ph_buffer_append_string (out, " ");
    }
  ph_buffer_append_printf (out, strchr (self->peer_address, ':') != NULL ? "[IPv6:%s])" : "[%s])", self->peer_address);
}

/* RFC 3848, RFC 6531 section 4.3 */
static void
append_with (const PhTrace *self,
             PhBuffer      *out)
{
  const char *base = self->lmtp ? "LMTP" : self->extended ? "ESMTP"
                                                          : "SMTP";

  if (self->utf8)
    base = self->lmtp ? "UTF8LMTP" : "UTF8SMTP";
  ph_buffer_append_printf (out, "\r\n with %s%s%s", base, self->extended && self->secured ? "S" : "", self->extended && self->authenticated ? "A" : "");
  if (self->tls != NULL)
    {
      ph_buffer_append_string (out, " (");
      for (const char *c = self->tls; *c != '\0'; c++)
        ph_buffer_append (out, (guchar)*c < 0x20 || strchr ("()\\", *c) != NULL ? "?" : c, 1);
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
  append_harmless (out, self->host);
  append_with (self, out);
  if (self->id != NULL)
    {
      ph_buffer_append_string (out, " id ");
      append_harmless (out, self->id);
    }
  if (self->recipient != NULL)
    {
      ph_buffer_append_string (out, "\r\n for <");
      for (const char *c = self->recipient; *c != '\0'; c++)
        ph_buffer_append (out, (guchar)*c < 0x20 || *c == '<' || *c == '>' ? "?" : c, 1);
      ph_buffer_append_string (out, ">");
    }
  ph_buffer_append_printf (out, ";\r\n %s\r\n", text);
}

void
ph_trace_append_return_path (const char *sender,
                             PhBuffer   *out)
{
  ph_buffer_append_string (out, "Return-Path: <");
  for (const char *c = sender != NULL ? sender : ""; *c != '\0'; c++)
    ph_buffer_append (out, (guchar)*c < 0x20 || *c == 0x7f ? "?" : c, 1);
  ph_buffer_append_string (out, ">\r\n");
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

  for (guint i = 0; i < header->n_fields; i++)
    n += ph_header_field_has_name (header, &header->fields[i], "Received");

  return n;
}
