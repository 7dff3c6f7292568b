#include "ph-mime-recode.h"

#include "ph-header.h"
#include "ph-mime-part.h"
#include "ph-transfer-encoding.h"

#include <string.h>

/* What stands in a run of bytes. */
typedef struct
{
  gboolean has_8bit;
  gboolean has_binary; /* NUL, a bare CR or a bare LF */
  gboolean has_long_line;
} PhMimeTraits;

typedef struct
{
  const guint8      *data;
  gsize              length;
  PhMimeRecodeTarget target;
  PhBuffer          *out;
  gsize              copied;  /* what is before it was written, or replaced */
  gsize              checked; /* what is before it was found fit, or replaced */
} PhMimeRecoder;

static PhMimeTraits
look_at (const guint8 *data,
         gsize         length)
{
  PhMimeTraits traits = { 0 };
  gsize        line = 0;

  for (gsize i = 0; i < length; i++)
    {
      gboolean is_end = data[i] == '\r' && i + 1 < length && data[i + 1] == '\n';

      if (data[i] >= 0x80)
        traits.has_8bit = TRUE;
      else if (data[i] == '\0' || data[i] == '\n' || (data[i] == '\r' && !is_end))
        traits.has_binary = TRUE;

      if (is_end)
        {
          i++;
          line = 0;
        }
      else if (++line > PH_MIME_RECODE_LINE_MAX)
        traits.has_long_line = TRUE;
    }

  return traits;
}

static gboolean
fits (const PhMimeRecoder *self,
      const PhMimeTraits  *traits)
{
  if (self->target == PH_MIME_RECODE_FOR_8BIT)
    return !traits->has_binary;

  return !traits->has_binary && !traits->has_8bit && !traits->has_long_line;
}

/* Its bytes, header and all, are what was signed (RFC 1847). */
static gboolean
is_sealed (const PhMimePart *part)
{
  for (part = part->parent; part != NULL; part = part->parent)
    if (ph_mime_part_is (part, "multipart", "signed") || ph_mime_part_is (part, "multipart", "encrypted"))
      return TRUE;

  return FALSE;
}

/* RFC 2045 section 6.4, RFC 2046 section 5.2 */
static gboolean
may_be_encoded (const PhMimePart *part)
{
  return !ph_mime_part_is (part, "message", NULL) && !ph_mime_part_is (part, "multipart", NULL) &&
         ph_transfer_encoding_from_name (part->encoding) == PH_TRANSFER_ENCODING_IDENTITY && part->header_length > 0;
}

static gboolean
is_composite (const PhMimePart *part)
{
  return part->first_child != NULL;
}

/* Headers, and what stands between parts, can't be encoded. */
static gboolean
check_frame (PhMimeRecoder *self,
             gsize          end)
{
  PhMimeTraits traits = look_at (self->data + self->checked, end - MIN (end, self->checked));

  self->checked = MAX (self->checked, end);

  return !traits.has_binary && (self->target == PH_MIME_RECODE_FOR_8BIT || !traits.has_8bit);
}

static void
copy_until (PhMimeRecoder *self,
            gsize          end)
{
  if (end > self->copied)
    ph_buffer_append (self->out, self->data + self->copied, end - self->copied);
  self->copied = MAX (self->copied, end);
}

static void
skip_until (PhMimeRecoder *self,
            gsize          end)
{
  self->copied = MAX (self->copied, end);
}

/* The header with another Content-Transfer-Encoding, which goes last. */
static void
write_header (PhMimeRecoder    *self,
              const PhMimePart *part,
              const char       *encoding)
{
  g_autoptr (PhHeader) header = ph_header_parse (self->data + part->header_offset, part->header_length);
  gsize end = part->header_offset + header->length;

  for (const PhHeaderField *field = ph_header_find (header, "Content-Transfer-Encoding", NULL); field != NULL;
       field = ph_header_find (header, "Content-Transfer-Encoding", field))
    {
      copy_until (self, part->header_offset + field->offset);
      skip_until (self, part->header_offset + field->offset + field->length);
    }
  copy_until (self, end);

  /* What is no MIME message becomes one. */
  if (part->parent == NULL && ph_header_find (header, "MIME-Version", NULL) == NULL)
    ph_buffer_append_string (self->out, "MIME-Version: 1.0\r\n");
  if (part->parent == NULL && ph_header_find (header, "Content-Type", NULL) == NULL)
    ph_buffer_append_string (self->out, "Content-Type: text/plain; charset=unknown-8bit\r\n"); /* RFC 1428 */
  ph_buffer_append_printf (self->out, "Content-Transfer-Encoding: %s\r\n", encoding);
  if (end == part->body_offset)
    ph_buffer_append_string (self->out, "\r\n"); /* there was no blank line */
  copy_until (self, part->body_offset);
}

/* FALSE where that can't be. */
static gboolean
recode_leaf (PhMimeRecoder    *self,
             const PhMimePart *part)
{
  const guint8 *body = self->data + part->body_offset;
  PhMimeTraits  traits = look_at (body, part->body_length);
  gboolean      says_binary = part->encoding != NULL && g_ascii_strcasecmp (part->encoding, "binary") == 0;
  gsize         end = part->body_offset + part->body_length;
  gboolean      as_text = !traits.has_binary && ph_mime_part_is (part, "text", NULL);

  if (!check_frame (self, part->body_offset))
    return FALSE;
  self->checked = end;
  if (fits (self, &traits) && (!says_binary || is_sealed (part) || !may_be_encoded (part)))
    return TRUE;
  if (is_sealed (part) || !may_be_encoded (part))
    return FALSE;

  write_header (self, part, as_text ? "quoted-printable" : "base64");
  if (as_text)
    ph_transfer_encode_quoted_printable (body, part->body_length, self->out);
  else
    ph_transfer_encode_base64 (body, part->body_length, self->out);
  skip_until (self, end);

  /* The encoder ended its last line, and a boundary brings its own line end. */
  if (!as_text && part->body_length > 0 && end < self->length)
    self->out->end -= strlen ("\r\n");

  return TRUE;
}

/* A multipart says what its parts need at most (RFC 2045 section 6.4). */
static gboolean
relabel (PhMimeRecoder    *self,
         const PhMimePart *part)
{
  const char *encoding = self->target == PH_MIME_RECODE_FOR_7BIT ? "7bit" : "8bit";

  if (!check_frame (self, part->body_offset))
    return FALSE;
  if (is_sealed (part) || part->encoding == NULL || g_ascii_strcasecmp (part->encoding, encoding) == 0 || g_ascii_strcasecmp (part->encoding, "7bit") == 0)
    return TRUE;

  write_header (self, part, encoding);

  return TRUE;
}

static gboolean
says_binary (const PhMimePart *root)
{
  for (const PhMimePart *part = root; part != NULL; part = ph_mime_part_next (part))
    if (part->encoding != NULL && g_ascii_strcasecmp (part->encoding, "binary") == 0)
      return TRUE;

  return FALSE;
}

PhMimeRecodeResult
ph_mime_recode (const guint8      *data,
                gsize              length,
                PhMimeRecodeTarget target,
                PhBuffer          *out)
{
  PhMimeRecoder self = { data, length, target, out, 0, 0 };
  PhMimeTraits  traits = look_at (data, length);
  g_autoptr (PhMimePart) root = NULL;

  if (fits (&self, &traits) && memmem (data, length, "inary", 5) == NULL)
    return PH_MIME_RECODE_UNNEEDED;

  root = ph_mime_part_parse (data, length);
  if (fits (&self, &traits) && !says_binary (root))
    return PH_MIME_RECODE_UNNEEDED;

  for (const PhMimePart *part = root; part != NULL; part = ph_mime_part_next (part))
    if (!(is_composite (part) ? relabel (&self, part) : recode_leaf (&self, part)))
      return PH_MIME_RECODE_IMPOSSIBLE;
  if (!check_frame (&self, length))
    return PH_MIME_RECODE_IMPOSSIBLE;
  copy_until (&self, length);

  return PH_MIME_RECODE_DONE;
}
