#include "ph-mime-part.h"

#include "ph-header.h"
#include "ph-octet.h"
#include "ph-transfer-encoding.h"

/**
 * Parser:
 *
 * Reads the message line by line, once.  `current` is the innermost part whose
 * body the lines belong to; multiparts above it wait for their boundaries.  The
 * stack is the chain of parents, bounded by PH_MIME_DEPTH_MAX (V06).
 */
typedef struct
{
  const guint8 *data;
  gsize         length;
  PhMimePart   *current;
  guint         depth;
  guint         n_parts;
} Parser;

static PhParameterList *
make_type (const char *text)
{
  return ph_parameter_list_parse ((const guint8 *)text, strlen (text));
}

gboolean
ph_mime_part_is (const PhMimePart *self,
                 const char       *type,
                 const char       *subtype)
{
  return g_ascii_strcasecmp (self->content_type->type, type) == 0 && (subtype == NULL || (self->content_type->subtype != NULL && g_ascii_strcasecmp (self->content_type->subtype, subtype) == 0));
}

static PhParameterList *
read_list (const PhHeader *header,
           const char     *name)
{
  const PhHeaderField *field = ph_header_find (header, name, NULL);

  return field != NULL ? ph_parameter_list_parse (header->data + field->value_offset, field->value_length) : NULL;
}

static char *
read_token (const PhHeader *header,
            const char     *name)
{
  g_autoptr (PhParameterList) list = read_list (header, name);

  return list != NULL && *list->type != '\0' ? g_strdup (list->type) : NULL;
}

static void
read_fields (PhMimePart     *part,
             const PhHeader *header)
{
  gboolean in_digest = part->parent != NULL && ph_mime_part_is (part->parent, "multipart", "digest");

  part->content_type = read_list (header, "Content-Type");
  if (part->content_type != NULL && (*part->content_type->type == '\0' || part->content_type->subtype == NULL || *part->content_type->subtype == '\0'))
    g_clear_pointer (&part->content_type, ph_parameter_list_free);
  if (part->content_type == NULL)
    part->content_type = make_type (in_digest ? "message/rfc822" : "text/plain; charset=us-ascii");

  part->disposition = read_list (header, "Content-Disposition");
  if (part->disposition != NULL && *part->disposition->type == '\0')
    g_clear_pointer (&part->disposition, ph_parameter_list_free);
  part->encoding = read_token (header, "Content-Transfer-Encoding");
  part->id = ph_header_dup_value (header, "Content-ID");
  part->description = ph_header_dup_value (header, "Content-Description");
  part->language = ph_header_dup_value (header, "Content-Language");
  part->location = ph_header_dup_value (header, "Content-Location");
  part->md5 = ph_header_dup_value (header, "Content-MD5");
}

static PhMimePart *
add_part (Parser     *parser,
          PhMimePart *parent)
{
  PhMimePart *part = g_new0 (PhMimePart, 1);

  part->parent = parent;
  parser->n_parts++;
  if (parent == NULL)
    return part;

  parser->depth++;
  parent->n_children++;
  if (parent->last_child != NULL)
    parent->last_child->next = part;
  else
    parent->first_child = part;
  parent->last_child = part;

  return part;
}

static gboolean
can_split (const Parser *parser)
{
  return parser->depth < PH_MIME_DEPTH_MAX && parser->n_parts < PH_MIME_PARTS_MAX;
}

static const char *
get_boundary (const PhMimePart *part)
{
  const char *boundary = ph_mime_part_is (part, "multipart", NULL) ? ph_parameter_list_get (part->content_type, "boundary") : NULL;

  return boundary != NULL && *boundary != '\0' ? boundary : NULL;
}

typedef enum {
  LINE_TEXT,
  LINE_DELIMITER,
  LINE_CLOSE,
} LineKind;

/* RFC 2046 section 5.1.1: the boundary, then nothing but blanks. */
static LineKind
match_boundary (const PhMimePart *part,
                const guint8     *line,
                gsize             length)
{
  const char *boundary = get_boundary (part);
  gsize       n = boundary != NULL ? strlen (boundary) : 0;
  LineKind    kind = LINE_DELIMITER;

  if (n == 0 || length < n + 2 || line[0] != '-' || line[1] != '-' || memcmp (line + 2, boundary, n) != 0)
    return LINE_TEXT;

  n += 2;
  if (length >= n + 2 && line[n] == '-' && line[n + 1] == '-')
    {
      kind = LINE_CLOSE;
      n += 2;
    }
  while (n < length && ph_octet_is_space (line[n]))
    n++;

  return n == length ? kind : LINE_TEXT;
}

/* The line end before a delimiter belongs to it. */
static void
end_part (const Parser *parser,
          PhMimePart   *part,
          gsize         at,
          gboolean      before_delimiter)
{
  gsize end = MAX (at, part->body_offset);

  if (before_delimiter && end > part->body_offset && parser->data[end - 1] == '\n')
    {
      end--;
      if (end > part->body_offset && parser->data[end - 1] == '\r')
        end--;
    }
  part->body_length = end - part->body_offset;
  for (gsize i = part->body_offset; i < end; i++)
    {
      const guint8 *newline = memchr (parser->data + i, '\n', end - i);

      part->n_lines++;
      if (newline == NULL)
        break;
      i = (gsize)(newline - parser->data);
    }
}

/* Reads the header at `at`; messages in it begin at once.  Returns where the body goes on. */
static gsize
begin_part (Parser     *parser,
            PhMimePart *part,
            gsize       at)
{
  for (;;)
    {
      g_autoptr (PhHeader) header = ph_header_parse (parser->data + at, parser->length - at);

      part->header_offset = at;
      part->header_length = header->body_offset;
      part->body_offset = at = at + header->body_offset;
      read_fields (part, header);
      parser->current = part;
      if (!ph_mime_part_is (part, "message", "rfc822") || !can_split (parser) || ph_transfer_encoding_from_name (part->encoding) == PH_TRANSFER_ENCODING_BASE64 || ph_transfer_encoding_from_name (part->encoding) == PH_TRANSFER_ENCODING_QUOTED_PRINTABLE)
        return at;

      part = add_part (parser, part);
    }
}

static PhMimePart *
find_delimited (const Parser *parser,
                const guint8 *line,
                gsize         length,
                LineKind     *kind)
{
  if (length < 3 || line[0] != '-' || line[1] != '-')
    return NULL;

  for (PhMimePart *part = parser->current; part != NULL; part = part->parent)
    {
      *kind = match_boundary (part, line, length);
      if (*kind != LINE_TEXT)
        return part;
    }

  return NULL;
}

/* A delimiter of `part`: all that is open inside it ends; a new child begins. */
static gsize
take_delimiter (Parser     *parser,
                PhMimePart *part,
                LineKind    kind,
                gsize       at,
                gsize       after)
{
  while (parser->current != part)
    {
      PhMimePart *ended = parser->current;

      end_part (parser, ended, at, TRUE);
      parser->current = ended->parent;
      parser->depth--;
    }

  /* Behind the close comes the epilogue, or a multipart around this one goes on. */
  return kind == LINE_DELIMITER && can_split (parser) ? begin_part (parser, add_part (parser, part), after) : after;
}

PhMimePart *
ph_mime_part_parse (const guint8 *data,
                    gsize         length)
{
  Parser      parser = { data, length, NULL, 0, 0 };
  PhMimePart *root = add_part (&parser, NULL);
  gsize       at = begin_part (&parser, root, 0);

  while (at < length)
    {
      const guint8 *newline = memchr (data + at, '\n', length - at);
      gsize         after = newline != NULL ? (gsize)(newline - data) + 1 : length;
      LineKind      kind;
      PhMimePart   *part = find_delimited (&parser, data + at, after - at, &kind);

      at = part != NULL ? take_delimiter (&parser, part, kind, at, after) : after;
    }

  for (PhMimePart *part = parser.current; part != NULL; part = part->parent)
    end_part (&parser, part, length, FALSE);

  return root;
}

static void
free_one (PhMimePart *part)
{
  ph_parameter_list_free (part->content_type);
  g_clear_pointer (&part->disposition, ph_parameter_list_free);
  g_free (part->encoding);
  g_free (part->id);
  g_free (part->description);
  g_free (part->language);
  g_free (part->location);
  g_free (part->md5);
  g_free (part);
}

void
ph_mime_part_free (PhMimePart *root)
{
  PhMimePart *part = root;

  while (part != NULL)
    {
      PhMimePart *parent = part->parent;

      if (part->first_child != NULL)
        {
          PhMimePart *child = part->first_child;

          part->first_child = child->next;
          part = child;
          continue;
        }
      free_one (part);
      if (part == root)
        return;
      part = parent;
    }
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

/* The part whose children have numbers: the message inside a message/rfc822 counts as its body. */
static const PhMimePart *
get_numbered (const PhMimePart *part)
{
  return ph_mime_part_is (part, "message", "rfc822") && part->first_child != NULL ? part->first_child : part;
}

const PhMimePart *
ph_mime_part_find (const PhMimePart *root,
                   const guint32    *path,
                   guint             n)
{
  const PhMimePart *part = root;

  for (guint i = 0; i < n; i++)
    {
      const PhMimePart *numbered = i == 0 ? part : get_numbered (part);

      if (numbered->n_children > 0 && ph_mime_part_is (numbered, "multipart", NULL))
        {
          part = numbered->first_child;
          for (guint32 k = 1; k < path[i] && part != NULL; k++)
            part = part->next;
          if (part == NULL || path[i] == 0)
            return NULL;
        }
      else if (path[i] == 1 && (i == 0 || numbered != part))
        part = numbered;
      else
        return NULL;
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

  if (part == NULL)
    return FALSE;

  /* HEADER and TEXT are of a message: the whole one, or one inside. */
  if (n > 0 && (section == PH_MIME_SECTION_HEADER || section == PH_MIME_SECTION_TEXT))
    {
      if (!ph_mime_part_is (part, "message", "rfc822") || part->first_child == NULL)
        return FALSE;
      part = part->first_child;
    }

  if (section == PH_MIME_SECTION_HEADER || section == PH_MIME_SECTION_MIME)
    {
      *offset = part->header_offset;
      *length = part->header_length;
      return section == PH_MIME_SECTION_HEADER || n > 0;
    }

  *offset = n == 0 && section == PH_MIME_SECTION_BODY ? part->header_offset : part->body_offset;
  *length = part->body_offset + part->body_length - *offset;

  return TRUE;
}
