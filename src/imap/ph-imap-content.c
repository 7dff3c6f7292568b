#include "ph-imap-content.h"

#include "ph-header.h"
#include "ph-store-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Nearly every header ends within this. */
#define FIRST_READ (16 * 1024)

void
ph_imap_content_clear (PhImapContent *self)
{
  ph_buffer_clear (&self->buffer);
  *self = (PhImapContent){ 0 };
}

static gboolean
read_all (PhMessage *message,
          guint64    offset,
          gsize      length,
          PhBuffer  *out,
          GError   **error)
{
  gssize n = ph_message_read (message, offset, ph_buffer_reserve (out, length), length, error);

  if (n < 0)
    return FALSE;
  ph_buffer_commit (out, (gsize)n);

  return TRUE;
}

gboolean
ph_imap_content_find_body (PhMessage *message,
                           gsize     *body_offset,
                           GError   **error)
{
  static const gsize sizes[] = { FIRST_READ, PH_HEADER_SIZE_MAX };
  guint64            size = ph_message_get_size (message);
  gsize              n_held;
  const guint8      *held = ph_message_peek (message, &n_held);

  /* What is held has the whole header. */
  if (n_held > 0)
    {
      g_autoptr (PhHeader) header = ph_header_parse (held, n_held);

      *body_offset = header->body_offset;
      return TRUE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (PhBuffer) bytes = { 0 };
      g_autoptr (PhHeader) header = NULL;
      gsize n;

      if (!read_all (message, 0, MIN (size, sizes[i]), &bytes, error))
        return FALSE;

      n = ph_buffer_get_length (&bytes);
      header = ph_header_parse (ph_buffer_get_data (&bytes), n);
      *body_offset = header->body_offset;
      if (!header->truncated && (header->body_offset < n || n == size))
        return TRUE;
    }

  return FALSE;
}

static gboolean
find_section (guint64              size,
              const PhMimePart    *root,
              gsize                body_offset,
              const PhImapSection *section,
              gsize               *offset,
              gsize               *length)
{
  *offset = 0;
  *length = size;
  if (section->n_path == 0 && section->section == PH_MIME_SECTION_BODY)
    return TRUE;

  if (root != NULL)
    return ph_mime_part_find_section (root, section->path, section->n_path, section->section, offset, length);

  if (section->section == PH_MIME_SECTION_HEADER)
    {
      *length = body_offset;
    }
  else
    {
      *offset = body_offset;
      *length = size - body_offset;
    }

  return TRUE;
}

/* Picks the fields (RFC 3501 6.4.5). */
static gboolean
pick_fields (PhImapContent       *self,
             const PhImapSection *section,
             gsize                offset,
             gsize                length,
             GError             **error)
{
  g_auto (PhBuffer) bytes = { 0 };
  g_autoptr (PhHeader) header = NULL;
  gsize         n_held;
  const guint8 *held = ph_message_peek (self->message, &n_held);

  length = MIN (length, PH_HEADER_SIZE_MAX);
  if (offset + length > n_held)
    {
      if (!read_all (self->message, offset, length, &bytes, error))
        return FALSE;
      held = ph_buffer_get_data (&bytes);
      length = ph_buffer_get_length (&bytes);
      offset = 0;
    }

  header = ph_header_parse (held + offset, length);
  ph_header_append_fields (header, (const char *const *)section->fields->pdata, section->fields_not, &self->buffer);
  self->in_memory = TRUE;

  return TRUE;
}

gboolean
ph_imap_content_open (PhImapContent       *self,
                      PhMessage           *message,
                      const PhMimePart    *root,
                      gsize                body_offset,
                      const PhImapSection *section,
                      gboolean            *found,
                      GError             **error)
{
  gsize offset;
  gsize length;

  *self = (PhImapContent){ .message = message };
  *found = find_section (ph_message_get_size (message), root, body_offset, section, &offset, &length);
  if (!*found)
    return TRUE;

  if (section->fields != NULL)
    {
      if (!pick_fields (self, section, offset, length, error))
        return FALSE;
      offset = 0;
      length = ph_buffer_get_length (&self->buffer);
    }

  if (section->partial)
    {
      gsize skipped = MIN (length, section->offset);

      offset += skipped;
      length = MIN (length - skipped, section->count);
    }
  self->offset = offset;
  self->remaining = length;

  return TRUE;
}

gssize
ph_imap_content_read (PhImapContent *self,
                      void          *data,
                      gsize          length,
                      GError       **error)
{
  gssize n = (gssize)MIN (length, self->remaining);

  if (n == 0)
    return 0;

  if (self->in_memory)
    memcpy (data, ph_buffer_get_data (&self->buffer) + self->offset, (gsize)n);
  else
    n = ph_message_read (self->message, self->offset, data, (gsize)n, error);

  /* A file that became shorter: the announced size can't be kept. */
  if (n == 0)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_FAILED, N_ ("The message's file was cut"));
      return -1;
    }
  if (n > 0)
    {
      self->offset += (guint64)n;
      self->remaining -= (guint64)n;
    }

  return n;
}
