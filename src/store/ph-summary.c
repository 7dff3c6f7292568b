#include "ph-summary.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-header.h"
#include "ph-mime-format.h"
#include "ph-mime-part.h"
#include "ph-preview.h"
#include "ph-store-error.h"
#include "ph-threader.h"

/* Ids of a References field that count. */
#define REFERENCES_MAX 200

static void
clear_text (gpointer data)
{
  PhMessageSummary *summary = data;

  g_clear_pointer (&summary->envelope, g_bytes_unref);
  g_clear_pointer (&summary->body, g_bytes_unref);
  g_clear_pointer (&summary->bodystructure, g_bytes_unref);
  g_clear_pointer (&summary->preview, g_free);
  g_clear_pointer (&summary->references, g_free);
}

PhMessageSummary *
ph_message_summary_ref (PhMessageSummary *summary)
{
  return g_atomic_rc_box_acquire (summary);
}

void
ph_message_summary_free (PhMessageSummary *summary)
{
  if (summary != NULL)
    g_atomic_rc_box_release_full (summary, clear_text);
}

void
ph_summary_clear (PhSummary *self)
{
  clear_text (&self->text);
}

static GBytes *
buffer_to_bytes (PhBuffer *buffer)
{
  GBytes *bytes = g_bytes_new (ph_buffer_get_data (buffer), ph_buffer_get_length (buffer));

  ph_buffer_consume (buffer, ph_buffer_get_length (buffer));

  return bytes;
}

PhMessageSummary *
ph_message_summary_copy (const PhMessageSummary *summary)
{
  PhMessageSummary *copy = g_atomic_rc_box_new0 (PhMessageSummary);

  copy->envelope = g_bytes_ref (summary->envelope);
  copy->body = g_bytes_ref (summary->body);
  copy->bodystructure = g_bytes_ref (summary->bodystructure);
  copy->preview = g_strdup (summary->preview);
  copy->references = g_strdup (summary->references);

  return copy;
}

/* RFC 5256 3, REFERENCES 1.A: those of References, or else the first of In-Reply-To. */
static char *
make_references (const PhHeader *header)
{
  g_autofree char *references = ph_header_dup_value (header, "References");
  g_autofree char *in_reply_to = ph_header_dup_value (header, "In-Reply-To");
  g_auto (GStrv) ids = ph_threader_parse_ids (references, REFERENCES_MAX);
  GString *text = g_string_new (NULL);

  if (ids[0] == NULL)
    {
      g_strfreev (ids);
      ids = ph_threader_parse_ids (in_reply_to, REFERENCES_MAX);
      for (guint i = 1; ids[0] != NULL && ids[i] != NULL; i++)
        g_clear_pointer (&ids[i], g_free);
    }
  for (guint i = 0; ids[i] != NULL; i++)
    g_string_append_printf (text, "%s<%s>", i > 0 ? " " : "", ids[i]);

  return g_string_free (text, FALSE);
}

void
ph_summary_compute_bytes (PhSummary *self,
                          GBytes    *bytes)
{
  PhMessageSummary *summary = &self->text;
  gsize             length;
  const guint8     *data = g_bytes_get_data (bytes, &length);
  g_autoptr (PhHeader) header = ph_header_parse (data, length);
  g_autoptr (PhMimePart) root = ph_mime_part_parse (data, length);
  g_auto (PhBuffer) out = { 0 };

  ph_mime_format_envelope (header, &out);
  summary->envelope = buffer_to_bytes (&out);
  ph_mime_format_structure (root, data, FALSE, &out);
  summary->body = buffer_to_bytes (&out);
  ph_mime_format_structure (root, data, TRUE, &out);
  summary->bodystructure = buffer_to_bytes (&out);
  summary->preview = ph_preview_make (root, data);
  ph_thread_ids_read (header, &self->ids);
  summary->references = make_references (header);
}

gboolean
ph_summary_save (const PhSummary *self,
                 PhIndex         *index,
                 gint64           object,
                 GError         **error)
{
  const PhMessageSummary *text = &self->text;

  return ph_index_run (index, error, "INSERT OR REPLACE INTO summaries (object, envelope, body, bodystructure, preview, message_id, refs) VALUES (?, ?, ?, ?, ?, ?, ?)", "ibbbsis",
                       object, text->envelope, text->body, text->bodystructure, text->preview, self->ids.message_id, text->references);
}

static GBytes *
column_bytes (sqlite3_stmt *statement,
              int           column)
{
  gsize       length = (gsize)sqlite3_column_bytes (statement, column);
  const void *data = sqlite3_column_blob (statement, column);

  return g_bytes_new (data, length);
}

PhMessageSummary *
ph_message_summary_read (sqlite3_stmt *statement)
{
  PhMessageSummary *summary;

  for (int column = 0; column < PH_SUMMARY_N_COLUMNS; column++)
    if (sqlite3_column_type (statement, column) == SQLITE_NULL)
      return NULL;

  summary = g_atomic_rc_box_new0 (PhMessageSummary);
  summary->envelope = column_bytes (statement, 0);
  summary->body = column_bytes (statement, 1);
  summary->bodystructure = column_bytes (statement, 2);
  summary->preview = g_strdup ((const char *)sqlite3_column_text (statement, 3));
  summary->references = g_strdup ((const char *)sqlite3_column_text (statement, 4));

  return summary;
}

GBytes *
ph_summary_read_file (int      fd,
                      GError **error)
{
  g_autofree guint8 *data = NULL;
  struct stat        st;
  gsize              used = 0;
  ssize_t            n;

  if (fstat (fd, &st) < 0)
    {
      ph_store_error_set_errno (error, errno, N_ ("A message can’t be read"));
      return NULL;
    }
  if (!S_ISREG (st.st_mode) || st.st_size > G_MAXUINT32)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, N_ ("The message is no file or too large"));
      return NULL;
    }

  data = g_malloc ((gsize)st.st_size + 1);
  while (used < (gsize)st.st_size && (n = pread (fd, data + used, (gsize)st.st_size - used, (off_t)used)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          ph_store_error_set_errno (error, errno, N_ ("A message can’t be read"));
          return NULL;
        }
      used += (gsize)n;
    }

  return g_bytes_new_take (g_steal_pointer (&data), used);
}

guint64
ph_summary_count_bare_lf (const guint8 *data,
                          gsize         length)
{
  const guint8 *end = data + length;
  guint64       n = 0;

  for (const guint8 *lf = data; length > 0 && (lf = memchr (lf, '\n', (gsize)(end - lf))) != NULL; lf++)
    if (lf == data || lf[-1] != '\r')
      n++;

  return n;
}

/* A bare LF counts as a CRLF, which it is when it is read. */
PhMessageEnding
ph_summary_get_ending (const guint8 *data,
                       gsize         length)
{
  return length == 0 || data[length - 1] == '\n' ? PH_MESSAGE_ENDING_CRLF : PH_MESSAGE_ENDING_OPEN;
}

GBytes *
ph_summary_to_crlf (GBytes *bytes)
{
  gsize         length, used = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  guint64       n_bare = ph_summary_count_bare_lf (data, length);
  guint8       *out;

  if (n_bare == 0)
    return g_bytes_ref (bytes);

  out = g_malloc (length + n_bare);
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
        out[used++] = '\r';
      out[used++] = data[i];
    }

  return g_bytes_new_take (out, used);
}

gboolean
ph_summary_compute (int        fd,
                    PhSummary *self,
                    GError   **error)
{
  g_autoptr (GBytes) bytes = ph_summary_read_file (fd, error);
  g_autoptr (GBytes) crlf = NULL;

  if (bytes == NULL)
    return FALSE;

  crlf = ph_summary_to_crlf (bytes);
  self->file_size = g_bytes_get_size (bytes);
  self->size = g_bytes_get_size (crlf);
  self->ending = ph_summary_get_ending (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (self->size > G_MAXUINT32)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, N_ ("The message is too large"));
      return FALSE;
    }
  ph_summary_compute_bytes (self, crlf);

  return TRUE;
}
