#include "ph-mime-part.h"

#include <string.h>

#include "ph-header.h"
#include "ph-octet.h"
#include "ph-transfer-encoding.h"

/* A multipart whose boundary is looked for. */
typedef struct
{
  PhMimePart *part;
  const char *boundary; /* borrowed from its parameters */
  gsize       length;
} PhFrame;

typedef struct
{
  const guint8 *data;
  gsize         length;
  GArray       *frames; /* of PhFrame, innermost last */
  PhMimePart   *current;
  guint         depth; /* of the current part; the root has 0 */
  guint         n_parts;
  gsize         at;    /* all before it was looked at */
  gsize         lines; /* line ends before `at` */
} PhMimeParser;

typedef struct
{
  gsize start;
  gsize text_end; /* without the line end */
  gsize end;
} PhLine;

static PhLine
line_at (const PhMimeParser *self,
         gsize               start)
{
  const guint8 *lf = memchr (self->data + start, '\n', self->length - start);
  PhLine        line = { start, self->length, self->length };

  if (lf != NULL)
    {
      line.text_end = (gsize)(lf - self->data);
      line.end = line.text_end + 1;
      if (line.text_end > start && lf[-1] == '\r')
        line.text_end--;
    }

  return line;
}

static gsize
count_lines (const PhMimeParser *self,
             gsize               start,
             gsize               end)
{
  const guint8 *at = self->data + start;
  gsize         n = 0;

  while (at < self->data + end && (at = memchr (at, '\n', (gsize)(self->data + end - at))) != NULL)
    {
      n++;
      at++;
    }

  return n;
}

/* --- What the header says --- */

static PhParameterList *
default_type (const char *type,
              const char *subtype,
              gboolean    with_charset)
{
  PhParameterList *list = g_new0 (PhParameterList, 1);

  list->type = g_strdup (type);
  list->subtype = g_strdup (subtype);
  if (with_charset)
    {
      list->parameters = g_new (PhParameter, 1);
      list->parameters[0] = (PhParameter){ g_strdup ("charset"), g_strdup ("us-ascii") };
      list->n_parameters = 1;
    }

  return list;
}

static gboolean
is_token (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!ph_octet_is_token ((guint8)*p))
      return FALSE;

  return text[0] != '\0';
}

/* What can't be read is text/plain (RFC 2045 5.2), but for what is surely a multipart. */
static PhParameterList *
parse_type (const guint8 *data,
            gsize         length)
{
  g_autoptr (PhParameterList) list = ph_parameter_list_parse (data, length);

  if (list->subtype == NULL && g_ascii_strcasecmp (list->type, "multipart") == 0)
    list->subtype = g_strdup ("mixed");
  if (!is_token (list->type) || list->subtype == NULL || !is_token (list->subtype))
    return default_type ("text", "plain", TRUE);

  return g_steal_pointer (&list);
}

static char *
parse_encoding (const guint8 *data,
                gsize         length)
{
  g_autoptr (PhParameterList) list = ph_parameter_list_parse (data, length);

  return is_token (list->type) ? g_steal_pointer (&list->type) : NULL;
}

static void
take_field (PhMimePart          *part,
            const PhHeader      *header,
            const PhHeaderField *field)
{
  const struct
  {
    const char *name;
    char      **to;
  } texts[] = {
    { "Content-ID", &part->id },
    { "Content-Description", &part->description },
    { "Content-Language", &part->language },
    { "Content-Location", &part->location },
    { "Content-MD5", &part->md5 },
  };
  const guint8 *value = header->data + field->value_offset;

  if (part->content_type == NULL && ph_header_field_has_name (header, field, "Content-Type"))
    part->content_type = parse_type (value, field->value_length);
  else if (part->encoding == NULL && ph_header_field_has_name (header, field, "Content-Transfer-Encoding"))
    part->encoding = parse_encoding (value, field->value_length);
  else if (part->disposition == NULL && ph_header_field_has_name (header, field, "Content-Disposition"))
    part->disposition = ph_parameter_list_parse (value, field->value_length);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (*texts[i].to == NULL && ph_header_field_has_name (header, field, texts[i].name))
      *texts[i].to = ph_header_dup_field_value (header, field);
}

static void
take_header (PhMimePart     *part,
             const PhHeader *header)
{
  gboolean in_digest = part->parent != NULL && ph_mime_part_is (part->parent, "multipart", "digest");

  for (guint i = 0; i < header->n_fields; i++)
    if (header->fields[i].name_length > 8 &&
        g_ascii_strncasecmp ((const char *)header->data + header->fields[i].offset, "Content-", 8) == 0)
      take_field (part, header, &header->fields[i]);

  if (part->content_type == NULL)
    part->content_type = in_digest ? default_type ("message", "rfc822", FALSE) : default_type ("text", "plain", TRUE);

  if (part->disposition != NULL && !is_token (part->disposition->type))
    g_clear_pointer (&part->disposition, ph_parameter_list_free);
}

/* --- Boundaries --- */

/* The line is "--boundary" or "--boundary--" and blanks, nothing else, so one that
 * is the start of another does no harm (RFC 2046 5.1.1). */
static gboolean
matches (const PhFrame *frame,
         const guint8  *text,
         gsize          length,
         gboolean      *closes)
{
  if (length < frame->length + 2 || memcmp (text + 2, frame->boundary, frame->length) != 0)
    return FALSE;

  text += 2 + frame->length;
  length -= 2 + frame->length;
  *closes = length >= 2 && text[0] == '-' && text[1] == '-';
  if (*closes)
    {
      text += 2;
      length -= 2;
    }

  while (length > 0 && ph_octet_is_blank (text[length - 1]))
    length--;

  return length == 0;
}

/* The index of the innermost frame whose boundary the line is, or -1. */
static gint
find_frame (const PhMimeParser *self,
            const guint8       *text,
            gsize               length,
            gboolean           *closes)
{
  if (length < 3 || text[0] != '-' || text[1] != '-')
    return -1;

  for (gint i = (gint)self->frames->len - 1; i >= 0; i--)
    if (matches (&g_array_index (self->frames, PhFrame, i), text, length, closes))
      return i;

  return -1;
}

/* --- Parts --- */

static PhMimePart *
add_part (PhMimeParser *self,
          PhMimePart   *parent,
          gsize         offset)
{
  PhMimePart *part = g_new0 (PhMimePart, 1);

  part->parent = parent;
  part->header_offset = part->body_offset = offset;
  self->n_parts++;

  if (parent != NULL)
    {
      if (parent->last_child != NULL)
        parent->last_child->next = part;
      else
        parent->first_child = part;
      parent->last_child = part;
      parent->n_children++;
    }

  return part;
}

/* A header ends at a boundary too, even where that looks like a field. */
static gboolean
is_boundary_cb (const guint8 *text,
                gsize         length,
                gpointer      user_data)
{
  PhMimeParser *self = user_data;
  gboolean      closes;

  return find_frame (self, text, length, &closes) >= 0;
}

/* While a part is open, n_lines is the number of lines before its body. */
static void
read_header (PhMimeParser *self,
             PhMimePart   *part)
{
  g_autoptr (PhHeader) header = ph_header_parse_until (self->data + self->at, self->length - self->at,
                                                       is_boundary_cb, self);

  take_header (part, header);
  part->header_length = header->body_offset;
  part->body_offset = part->header_offset + part->header_length;

  self->lines += count_lines (self, self->at, part->body_offset);
  self->at = part->body_offset;
  part->n_lines = self->lines;
}

static gboolean
is_nested_message (const PhMimePart *part)
{
  return ph_mime_part_is (part, "message", "rfc822") &&
         ph_transfer_encoding_from_name (part->encoding) == PH_TRANSFER_ENCODING_IDENTITY;
}

/* Reads the header at `at` into the new current part, and those of the messages
 * that start with its body. */
static void
open_part (PhMimeParser *self,
           PhMimePart   *part)
{
  for (;;)
    {
      gboolean    may_split = self->depth < PH_MIME_DEPTH_MAX && self->n_parts + 1 < PH_MIME_PARTS_MAX;
      const char *boundary;

      self->current = part;
      read_header (self, part);

      boundary = ph_parameter_list_get (part->content_type, "boundary");
      if (may_split && boundary != NULL && boundary[0] != '\0' && ph_mime_part_is (part, "multipart", NULL))
        {
          PhFrame frame = { part, boundary, strlen (boundary) };

          while (frame.length > 0 && ph_octet_is_blank ((guint8)boundary[frame.length - 1]))
            frame.length--;
          if (frame.length > 0)
            g_array_append_val (self->frames, frame);
        }

      if (!may_split || !is_nested_message (part))
        return;

      self->depth++;
      part = add_part (self, part, part->body_offset);
    }
}

/* A multipart of no parts shows its body as one, so that it has a structure and
 * its text can be read (I33). */
static void
add_missing_child (PhMimeParser *self,
                   PhMimePart   *part)
{
  PhMimePart *child;

  if (part->first_child != NULL || !ph_mime_part_is (part, "multipart", NULL) || self->depth >= PH_MIME_DEPTH_MAX ||
      self->n_parts + 1 >= PH_MIME_PARTS_MAX)
    return;

  child = add_part (self, part, part->body_offset);
  child->content_type = default_type ("text", "plain", TRUE);
  child->body_length = part->body_length;
  child->n_lines = part->n_lines;
}

/* Where nothing is left for the last part in it, the line end that the boundary took was of
 * that part's header, or of the boundary before it: nothing in a part goes on behind its end. */
static void
cut_children (PhMimePart *part,
              gsize       end)
{
  for (part = part->last_child; part != NULL && part->body_offset > end; part = part->last_child)
    {
      part->header_offset = MIN (part->header_offset, end);
      part->body_offset = end;
      part->header_length = end - part->header_offset;
    }
}

/* The current part ends; its parent is the current one then. `lines` are the line
 * ends before `end`. */
static void
close_part (PhMimeParser *self,
            gsize         end,
            gsize         lines)
{
  PhMimePart *part = self->current;

  if (end > part->body_offset)
    {
      part->body_length = end - part->body_offset;
      part->n_lines = lines - part->n_lines + (self->data[end - 1] != '\n');
    }
  else
    part->n_lines = 0;

  cut_children (part, part->body_offset + part->body_length);
  add_missing_child (self, part);
  self->current = part->parent;
  self->depth--;
}

/* The line end before a boundary belongs to the boundary. */
static void
close_parts_before (PhMimeParser *self,
                    const PhLine *line,
                    PhMimePart   *until)
{
  gsize end = line->start, lines = self->lines;

  if (end > 0 && self->data[end - 1] == '\n')
    {
      end--;
      lines--;
      if (end > 0 && self->data[end - 1] == '\r')
        end--;
    }

  while (self->current != until)
    close_part (self, end, lines);
}

static void
take_boundary (PhMimeParser *self,
               const PhLine *line,
               guint         index,
               gboolean      closes)
{
  PhMimePart *parent = g_array_index (self->frames, PhFrame, index).part;

  close_parts_before (self, line, parent);
  self->at = line->end;
  if (line->end > line->text_end)
    self->lines++;

  g_array_set_size (self->frames, closes ? index : index + 1);
  if (closes)
    return;

  /* The last part there may be takes all that follows. */
  if (self->n_parts + 1 >= PH_MIME_PARTS_MAX)
    g_array_set_size (self->frames, 0);

  self->depth++;
  open_part (self, add_part (self, parent, self->at));
}

PhMimePart *
ph_mime_part_parse (const guint8 *data,
                    gsize         length)
{
  PhMimeParser self = { .data = data != NULL ? data : (const guint8 *)"", .length = length };
  PhMimePart  *root = add_part (&self, NULL, 0);

  self.frames = g_array_new (FALSE, FALSE, sizeof (PhFrame));
  open_part (&self, root);

  while (self.at < length)
    {
      gboolean closes = FALSE;
      PhLine   line = line_at (&self, self.at);
      gint     index = find_frame (&self, self.data + line.start, line.text_end - line.start, &closes);

      if (index >= 0)
        take_boundary (&self, &line, (guint)index, closes);
      else
        {
          self.lines += line.end > line.text_end;
          self.at = line.end;
        }
    }

  while (self.current != NULL)
    close_part (&self, length, self.lines);
  g_array_unref (self.frames);

  return root;
}

void
ph_mime_part_free (PhMimePart *root)
{
  while (root != NULL)
    {
      PhMimePart *part = root, *next;

      /* What is below comes first into the list, so no stack is needed. */
      next = part->next;
      if (part->first_child != NULL)
        {
          part->last_child->next = next;
          next = part->first_child;
        }

      g_clear_pointer (&part->content_type, ph_parameter_list_free);
      g_clear_pointer (&part->disposition, ph_parameter_list_free);
      g_free (part->encoding);
      g_free (part->id);
      g_free (part->description);
      g_free (part->language);
      g_free (part->location);
      g_free (part->md5);
      g_free (part);
      root = next;
    }
}

gboolean
ph_mime_part_is (const PhMimePart *self,
                 const char       *type,
                 const char       *subtype)
{
  return g_ascii_strcasecmp (self->content_type->type, type) == 0 &&
         (subtype == NULL || g_ascii_strcasecmp (self->content_type->subtype, subtype) == 0);
}

const PhMimePart *
ph_mime_part_next (const PhMimePart *self)
{
  if (self->first_child != NULL)
    return self->first_child;

  while (self != NULL && self->next == NULL)
    self = self->parent;

  return self != NULL ? self->next : NULL;
}

/* --- Sections --- */

const PhMimePart *
ph_mime_part_find (const PhMimePart *root,
                   const guint32    *path,
                   guint             n)
{
  const PhMimePart *part = root;
  gboolean          as_message = TRUE; /* `part` is a message, not yet the part that its body is */

  for (guint i = 0; i < n; i++)
    {
      if (!as_message && ph_mime_part_is (part, "message", NULL) && part->first_child != NULL)
        {
          part = part->first_child;
          as_message = TRUE;
        }

      if (ph_mime_part_is (part, "multipart", NULL) && part->first_child != NULL)
        {
          if (path[i] < 1 || path[i] > part->n_children)
            return NULL;

          part = part->first_child;
          for (guint32 k = 1; k < path[i]; k++)
            part = part->next;
        }
      else if (!as_message || path[i] != 1)
        return NULL;
      as_message = FALSE;
    }

  return part;
}

gboolean
ph_mime_part_find_section (const PhMimePart *root,
                           const guint32    *path,
                           guint             n,
                           PhMimeSection     section,
                           gsize            *offset,
                           gsize            *length)
{
  const PhMimePart *part = ph_mime_part_find (root, path, n);

  /* The header and text of a numbered part are those of the message in it. */
  if (part != NULL && n > 0 && (section == PH_MIME_SECTION_HEADER || section == PH_MIME_SECTION_TEXT))
    part = ph_mime_part_is (part, "message", NULL) ? part->first_child : NULL;

  if (part == NULL || (n == 0 && section == PH_MIME_SECTION_MIME))
    return FALSE;

  if (section == PH_MIME_SECTION_HEADER || section == PH_MIME_SECTION_MIME)
    {
      *offset = part->header_offset;
      *length = part->header_length;
    }
  else if (section == PH_MIME_SECTION_BODY && n == 0)
    {
      *offset = part->header_offset;
      *length = part->header_length + part->body_length;
    }
  else
    {
      *offset = part->body_offset;
      *length = part->body_length;
    }

  return TRUE;
}
