#include "ph-mime-format.h"

#include "ph-header-address.h"

#include <string.h>

static gboolean
can_quote (const guint8 *data,
           gsize         length)
{
  if (length > 1000)
    return FALSE;

  for (gsize i = 0; i < length; i++)
    if (data[i] < 0x20 || data[i] >= 0x7f)
      return FALSE;

  return TRUE;
}

void
ph_mime_format_string (const void *data,
                       gsize       length,
                       PhBuffer   *out)
{
  const guint8 *bytes = data;
  gsize         n_nul = 0;

  if (can_quote (bytes, length))
    {
      ph_buffer_append (out, "\"", 1);
      for (gsize i = 0; i < length; i++)
        {
          if (bytes[i] == '"' || bytes[i] == '\\')
            ph_buffer_append (out, "\\", 1);
          ph_buffer_append (out, bytes + i, 1);
        }
      ph_buffer_append (out, "\"", 1);
      return;
    }

  for (gsize i = 0; i < length; i++)
    n_nul += bytes[i] == 0;
  ph_buffer_append_printf (out, "{%" G_GSIZE_FORMAT "}\r\n", length - n_nul);
  for (gsize i = 0; i < length; i++)
    if (bytes[i] != 0)
      ph_buffer_append (out, bytes + i, 1);
}

void
ph_mime_format_nstring (const char *string,
                        PhBuffer   *out)
{
  if (string == NULL)
    ph_buffer_append_string (out, "NIL");
  else
    ph_mime_format_string (string, strlen (string), out);
}

/* ENVELOPE */

static void
format_address (const PhHeaderAddress *address,
                PhBuffer              *out)
{
  ph_buffer_append_string (out, "(");
  if (address->kind == PH_HEADER_ADDRESS_GROUP_START)
    {
      ph_buffer_append_string (out, "NIL NIL ");
      ph_mime_format_nstring (address->name != NULL ? address->name : "", out);
      ph_buffer_append_string (out, " NIL");
    }
  else if (address->kind == PH_HEADER_ADDRESS_GROUP_END)
    ph_buffer_append_string (out, "NIL NIL NIL NIL");
  else
    {
      ph_mime_format_nstring (address->name, out);
      ph_buffer_append_string (out, " ");
      ph_mime_format_nstring (address->route, out);
      ph_buffer_append_string (out, " ");
      ph_mime_format_nstring (address->local, out);
      ph_buffer_append_string (out, " ");
      /* Where there is none, "" says that it is no group (RFC 3501 7.4.2). */
      ph_mime_format_nstring (address->domain != NULL ? address->domain : "", out);
    }
  ph_buffer_append_string (out, ")");
}

static void
format_addresses (const PhHeader *header,
                  const char     *name,
                  const char     *fallback,
                  PhBuffer       *out)
{
  const PhHeaderField *field = ph_header_find (header, name, NULL);
  g_autoptr (GPtrArray) list = NULL;

  if (field != NULL)
    list = ph_header_address_list_parse (header->data + field->value_offset, field->value_length);
  if ((list == NULL || list->len == 0) && fallback != NULL)
    {
      format_addresses (header, fallback, NULL, out);
      return;
    }
  if (list == NULL || list->len == 0)
    {
      ph_buffer_append_string (out, "NIL");
      return;
    }

  ph_buffer_append_string (out, "(");
  for (guint i = 0; i < list->len; i++)
    format_address (list->pdata[i], out);
  ph_buffer_append_string (out, ")");
}

static void
format_field (const PhHeader *header,
              const char     *name,
              PhBuffer       *out)
{
  g_autofree char *value = ph_header_dup_value (header, name);

  ph_mime_format_nstring (value, out);
}

static const struct
{
  const char *name;
  const char *fallback; /* of an address list; "" for a field that is none */
} envelope_fields[] = {
  { "Date", "" },
  { "Subject", "" },
  { "From", NULL },
  { "Sender", "From" },
  { "Reply-To", "From" },
  { "To", NULL },
  { "Cc", NULL },
  { "Bcc", NULL },
  { "In-Reply-To", "" },
  { "Message-ID", "" },
};

void
ph_mime_format_envelope (const PhHeader *header,
                         PhBuffer       *out)
{
  for (guint i = 0; i < G_N_ELEMENTS (envelope_fields); i++)
    {
      ph_buffer_append_string (out, i == 0 ? "(" : " ");
      if (envelope_fields[i].fallback != NULL && *envelope_fields[i].fallback == '\0')
        format_field (header, envelope_fields[i].name, out);
      else
        format_addresses (header, envelope_fields[i].name, envelope_fields[i].fallback, out);
    }
  ph_buffer_append_string (out, ")");
}

/* BODY and BODYSTRUCTURE */

static void
format_upper (const char *text,
              PhBuffer   *out)
{
  g_autofree char *upper = g_ascii_strup (text, -1);

  ph_mime_format_string (upper, strlen (upper), out);
}

static void
format_parameters (const PhParameterList *list,
                   PhBuffer              *out)
{
  if (list->n_parameters == 0)
    {
      ph_buffer_append_string (out, "NIL");
      return;
    }

  for (guint i = 0; i < list->n_parameters; i++)
    {
      ph_buffer_append_string (out, i == 0 ? "(" : " ");
      format_upper (list->parameters[i].name, out);
      ph_buffer_append_string (out, " ");
      ph_mime_format_nstring (list->parameters[i].value, out);
    }
  ph_buffer_append_string (out, ")");
}

/* disposition, language, location: what both kinds of parts have at their end. */
static void
format_extension (const PhMimePart *part,
                  PhBuffer         *out)
{
  if (part->disposition == NULL)
    ph_buffer_append_string (out, " NIL ");
  else
    {
      ph_buffer_append_string (out, " (");
      format_upper (part->disposition->type, out);
      ph_buffer_append_string (out, " ");
      format_parameters (part->disposition, out);
      ph_buffer_append_string (out, ") ");
    }
  ph_mime_format_nstring (part->language, out);
  ph_buffer_append_string (out, " ");
  ph_mime_format_nstring (part->location, out);
}

/* From "(" to before the parts that stand inside. */
static void
open_leaf (const PhMimePart *part,
           const guint8     *data,
           PhBuffer         *out)
{
  ph_buffer_append_string (out, "(");
  format_upper (part->content_type->type, out);
  ph_buffer_append_string (out, " ");
  format_upper (part->content_type->subtype, out);
  ph_buffer_append_string (out, " ");
  format_parameters (part->content_type, out);
  ph_buffer_append_string (out, " ");
  ph_mime_format_nstring (part->id, out);
  ph_buffer_append_string (out, " ");
  ph_mime_format_nstring (part->description, out);
  ph_buffer_append_string (out, " ");
  format_upper (part->encoding != NULL ? part->encoding : "7BIT", out);
  ph_buffer_append_printf (out, " %" G_GSIZE_FORMAT, part->body_length);
  if (part->first_child != NULL)
    {
      const PhMimePart *child = part->first_child;
      g_autoptr (PhHeader) header = ph_header_parse (data + child->header_offset, child->header_length);

      ph_buffer_append_string (out, " ");
      ph_mime_format_envelope (header, out);
      ph_buffer_append_string (out, " ");
    }
}

static gboolean
is_split (const PhMimePart *part)
{
  return ph_mime_part_is (part, "multipart", NULL) && part->first_child != NULL;
}

static void
close_part (const PhMimePart *part,
            gboolean          extended,
            PhBuffer         *out)
{
  if (is_split (part))
    {
      ph_buffer_append_string (out, " ");
      format_upper (part->content_type->subtype, out);
      if (extended)
        {
          ph_buffer_append_string (out, " ");
          format_parameters (part->content_type, out);
          format_extension (part, out);
        }
      ph_buffer_append_string (out, ")");
      return;
    }

  if (ph_mime_part_is (part, "text", NULL) || part->first_child != NULL)
    ph_buffer_append_printf (out, " %" G_GSIZE_FORMAT, part->n_lines);
  if (extended)
    {
      ph_buffer_append_string (out, " ");
      ph_mime_format_nstring (part->md5, out);
      format_extension (part, out);
    }
  ph_buffer_append_string (out, ")");
}

/* A part that says multipart or message/rfc822 but could not be split is shown as what it can
 * be without lying about its syntax (I33). */
static void
open_part (const PhMimePart *part,
           const guint8     *data,
           PhBuffer         *out)
{
  if (is_split (part))
    ph_buffer_append_string (out, "(");
  else if (part->first_child == NULL && (ph_mime_part_is (part, "multipart", NULL) || ph_mime_part_is (part, "message", "rfc822")))
    ph_buffer_append_printf (out, "(\"APPLICATION\" \"OCTET-STREAM\" NIL NIL NIL \"7BIT\" %" G_GSIZE_FORMAT, part->body_length);
  else
    open_leaf (part, data, out);
}

void
ph_mime_format_structure (const PhMimePart *root,
                          const guint8     *data,
                          gboolean          extended,
                          PhBuffer         *out)
{
  const PhMimePart *part = root;

  open_part (part, data, out);
  while (part != NULL)
    {
      if (part->first_child != NULL)
        {
          part = part->first_child;
          open_part (part, data, out);
          continue;
        }

      close_part (part, extended, out);
      while (part != root && part->next == NULL)
        {
          part = part->parent;
          close_part (part, extended, out);
        }
      if (part == root)
        return;
      part = part->next;
      open_part (part, data, out);
    }
}
