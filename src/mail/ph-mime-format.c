#include "ph-mime-format.h"

#include <string.h>

#include "ph-header-address.h"

/* Longer strings are literals: some clients bound the length of a line. */
#define QUOTED_MAX 1000

/* --- Strings --- */

static void
append_literal (const guint8 *data,
                gsize         length,
                gsize         n_nuls,
                PhBuffer     *out)
{
  ph_buffer_append_printf (out, "{%" G_GSIZE_FORMAT "}\r\n", length - n_nuls);

  while (length > 0)
    {
      const guint8 *nul = memchr (data, '\0', length);
      gsize         run = nul != NULL ? (gsize)(nul - data) : length;

      ph_buffer_append (out, data, run);
      run += nul != NULL;
      data += run;
      length -= run;
    }
}

void
ph_mime_format_string (const void *data,
                       gsize       length,
                       PhBuffer   *out)
{
  const guint8 *text = data;
  gsize         n_nuls = 0;
  gboolean      quoted = length <= QUOTED_MAX;
  guint8       *to;

  for (gsize i = 0; i < length; i++)
    {
      n_nuls += text[i] == '\0';
      quoted = quoted && (text[i] == '\t' || (text[i] >= 32 && text[i] < 127));
    }

  if (!quoted)
    {
      append_literal (text, length, n_nuls, out);
      return;
    }

  to = ph_buffer_reserve (out, 2 * length + 2);
  *to++ = '"';
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] == '"' || text[i] == '\\')
        *to++ = '\\';
      *to++ = text[i];
    }
  *to++ = '"';
  ph_buffer_commit (out, (gsize)(to - (out->data + out->end)));
}

void
ph_mime_format_nstring (const char *string,
                        PhBuffer   *out)
{
  if (string == NULL)
    ph_buffer_append (out, "NIL", 3);
  else
    ph_mime_format_string (string, strlen (string), out);
}

static void
append_upper (const char *string,
              PhBuffer   *out)
{
  g_autofree char *upper = g_ascii_strup (string, -1);

  ph_mime_format_nstring (upper, out);
}

/* --- ENVELOPE --- */

static void
append_address (const char *name,
                const char *route,
                const char *mailbox,
                const char *host,
                PhBuffer   *out)
{
  ph_buffer_append (out, "(", 1);
  ph_mime_format_nstring (name, out);
  ph_buffer_append (out, " ", 1);
  ph_mime_format_nstring (route, out);
  ph_buffer_append (out, " ", 1);
  ph_mime_format_nstring (mailbox, out);
  ph_buffer_append (out, " ", 1);
  ph_mime_format_nstring (host, out);
  ph_buffer_append (out, ")", 1);
}

/* A NIL host marks groups, so a mailbox without a domain has "" (RFC 3501 7.4.2). */
static void
append_list_element (const PhHeaderAddress *address,
                     PhBuffer              *out)
{
  if (address->kind == PH_HEADER_ADDRESS_MAILBOX)
    append_address (address->name, address->route, address->local, address->domain != NULL ? address->domain : "", out);
  else if (address->kind == PH_HEADER_ADDRESS_GROUP_START)
    append_address (NULL, NULL, address->name, NULL, out);
  else
    append_address (NULL, NULL, NULL, NULL, out);
}

/* All fields of that name together, or those called `otherwise` if they hold none. */
static void
append_address_list (const PhHeader *header,
                     const char     *name,
                     const char     *otherwise,
                     PhBuffer       *out)
{
  guint n = 0;

  for (const PhHeaderField *field = NULL; n < PH_HEADER_ADDRESSES_MAX && (field = ph_header_find (header, name, field)) != NULL;)
    {
      g_autoptr (GPtrArray) list = ph_header_address_list_parse (header->data + field->value_offset, field->value_length);

      for (guint i = 0; i < list->len; i++)
        {
          if (n++ == 0)
            ph_buffer_append (out, "(", 1);
          append_list_element (g_ptr_array_index (list, i), out);
        }
    }

  if (n > 0)
    ph_buffer_append (out, ")", 1);
  else if (otherwise != NULL)
    append_address_list (header, otherwise, NULL, out);
  else
    ph_buffer_append (out, "NIL", 3);
}

static void
append_value (const PhHeader *header,
              const char     *name,
              PhBuffer       *out)
{
  g_autofree char *value = ph_header_dup_value (header, name);

  ph_mime_format_nstring (value, out);
}

void
ph_mime_format_envelope (const PhHeader *header,
                         PhBuffer       *out)
{
  static const struct
  {
    const char *name;
    const char *otherwise;
  } lists[] = {
    { "From", NULL },
    { "Sender", "From" },
    { "Reply-To", "From" },
    { "To", NULL },
    { "Cc", NULL },
    { "Bcc", NULL },
  };

  ph_buffer_append (out, "(", 1);
  append_value (header, "Date", out);
  ph_buffer_append (out, " ", 1);
  append_value (header, "Subject", out);
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      ph_buffer_append (out, " ", 1);
      append_address_list (header, lists[i].name, lists[i].otherwise, out);
    }
  ph_buffer_append (out, " ", 1);
  append_value (header, "In-Reply-To", out);
  ph_buffer_append (out, " ", 1);
  append_value (header, "Message-ID", out);
  ph_buffer_append (out, ")", 1);
}

/* --- BODY and BODYSTRUCTURE --- */

static void
append_parameters (const PhParameterList *list,
                   PhBuffer              *out)
{
  if (list->n_parameters == 0)
    ph_buffer_append (out, "NIL", 3);

  for (guint i = 0; i < list->n_parameters; i++)
    {
      ph_buffer_append (out, i == 0 ? "(" : " ", 1);
      append_upper (list->parameters[i].name, out);
      ph_buffer_append (out, " ", 1);
      ph_mime_format_nstring (list->parameters[i].value, out);
    }

  if (list->n_parameters > 0)
    ph_buffer_append (out, ")", 1);
}

static void
append_language (const char *language,
                 PhBuffer   *out)
{
  g_auto (GStrv) tags = g_strsplit_set (language != NULL ? language : "", ", \t", PH_PARAMETERS_MAX);
  guint n = 0;

  for (guint i = 0; tags[i] != NULL; i++)
    if (tags[i][0] != '\0')
      {
        ph_buffer_append (out, n++ == 0 ? "(" : " ", 1);
        ph_mime_format_nstring (tags[i], out);
      }

  ph_buffer_append_string (out, n == 0 ? "NIL" : ")");
}

/* " disposition language location" */
static void
append_extension (const PhMimePart *part,
                  PhBuffer         *out)
{
  if (part->disposition != NULL)
    {
      ph_buffer_append (out, " (", 2);
      append_upper (part->disposition->type, out);
      ph_buffer_append (out, " ", 1);
      append_parameters (part->disposition, out);
      ph_buffer_append (out, ") ", 2);
    }
  else
    ph_buffer_append (out, " NIL ", 5);

  append_language (part->language, out);
  ph_buffer_append (out, " ", 1);
  ph_mime_format_nstring (part->location, out);
}

/* A multipart or message that was not looked into is not said to be one: its type
 * would promise what does not follow. */
static void
append_fields (const PhMimePart *part,
               PhBuffer         *out)
{
  gboolean opaque = part->first_child == NULL &&
                    (ph_mime_part_is (part, "multipart", NULL) || ph_mime_part_is (part, "message", "rfc822"));

  if (opaque)
    ph_buffer_append_string (out, "\"APPLICATION\" \"OCTET-STREAM\"");
  else
    {
      append_upper (part->content_type->type, out);
      ph_buffer_append (out, " ", 1);
      append_upper (part->content_type->subtype, out);
    }
  ph_buffer_append (out, " ", 1);
  append_parameters (part->content_type, out);
  ph_buffer_append (out, " ", 1);
  ph_mime_format_nstring (part->id, out);
  ph_buffer_append (out, " ", 1);
  ph_mime_format_nstring (part->description, out);
  ph_buffer_append (out, " ", 1);
  append_upper (part->encoding != NULL ? part->encoding : "7bit", out);
  ph_buffer_append_printf (out, " %" G_GSIZE_FORMAT, part->body_length);
}

/* What stands before the children; all of it for a leaf. */
static void
open_structure (const PhMimePart *part,
                const guint8     *data,
                PhBuffer         *out)
{
  ph_buffer_append (out, "(", 1);
  if (part->first_child != NULL && ph_mime_part_is (part, "multipart", NULL))
    return;

  append_fields (part, out);
  if (part->first_child != NULL)
    {
      g_autoptr (PhHeader) header = ph_header_parse (data + part->first_child->header_offset, part->first_child->header_length);

      ph_buffer_append (out, " ", 1);
      ph_mime_format_envelope (header, out);
      ph_buffer_append (out, " ", 1);
    }
}

static void
close_structure (const PhMimePart *part,
                 gboolean          extended,
                 PhBuffer         *out)
{
  gboolean is_multipart = part->first_child != NULL && ph_mime_part_is (part, "multipart", NULL);

  if (is_multipart)
    {
      ph_buffer_append (out, " ", 1);
      append_upper (part->content_type->subtype, out);
    }
  else if (part->first_child != NULL || ph_mime_part_is (part, "text", NULL))
    ph_buffer_append_printf (out, " %" G_GSIZE_FORMAT, part->n_lines);

  if (extended)
    {
      ph_buffer_append (out, " ", 1);
      if (is_multipart)
        append_parameters (part->content_type, out);
      else
        ph_mime_format_nstring (part->md5, out);
      append_extension (part, out);
    }
  ph_buffer_append (out, ")", 1);
}

void
ph_mime_format_structure (const PhMimePart *root,
                          const guint8     *data,
                          gboolean          extended,
                          PhBuffer         *out)
{
  const PhMimePart *part = root;

  while (part != NULL)
    {
      open_structure (part, data, out);
      if (part->first_child != NULL)
        {
          part = part->first_child;
          continue;
        }

      close_structure (part, extended, out);
      while (part != root && part->next == NULL)
        {
          part = part->parent;
          close_structure (part, extended, out);
        }
      part = part != root ? part->next : NULL;
    }
}
