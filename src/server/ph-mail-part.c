#include "ph-mail-part-private.h"

#include "ph-charset.h"
#include "ph-journal-escape.h"
#include "ph-mail-html.h"
#include "ph-transfer-encoding.h"

#include <string.h>

/* Encoded bytes that are read to show a text: base64 and tags take more than is shown. */
#define SHOWN_READ_MAX (4 * PH_MAIL_TEXT_MAX)

/* Of strings that a part says of itself, in bytes. */
#define NAME_MAX_BYTES 200

#define PIECE (64 * 1024)

struct _PhMailPart
{
  GObject parent_instance;

  PhMessage        *message; /* owns what `part` is in */
  const PhMimePart *part;
  PhWorkerPool     *workers;
  char             *number;
  char             *content_type;
  char             *charset;
  char             *encoding;
  char             *disposition;
  char             *description;
  char             *file_name;
};

G_DEFINE_FINAL_TYPE (PhMailPart, ph_mail_part, G_TYPE_OBJECT)

static void
ph_mail_part_finalize (GObject *object)
{
  PhMailPart *self = PH_MAIL_PART (object);

  g_clear_object (&self->message);
  g_clear_object (&self->workers);
  g_free (self->number);
  g_free (self->content_type);
  g_free (self->charset);
  g_free (self->encoding);
  g_free (self->disposition);
  g_free (self->description);
  g_free (self->file_name);

  G_OBJECT_CLASS (ph_mail_part_parent_class)->finalize (object);
}

static void
ph_mail_part_class_init (PhMailPartClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_mail_part_finalize;
}

static void
ph_mail_part_init (PhMailPart *self)
{
}

/* What it says of itself */

static gboolean
is_multipart (const PhMimePart *part)
{
  return ph_mime_part_is (part, "multipart", NULL) && part->first_child != NULL;
}

/* RFC 3501 6.4.5: a multipart inside a message/rfc822 has no number of its own. */
static char *
number_child (const PhMimePart *parent,
              const char       *parent_number,
              const PhMimePart *child,
              guint             place)
{
  if (!is_multipart (parent) && is_multipart (child))
    return g_strdup (parent_number);

  return g_strdup_printf ("%s%s%u", parent_number, *parent_number != '\0' ? "." : "", place);
}

static char *
make_number (const PhMimePart *part)
{
  g_autofree char  *above = NULL;
  const PhMimePart *parent = part->parent;
  guint             place = 1;

  if (parent == NULL)
    return g_strdup (is_multipart (part) ? "" : "1");

  above = make_number (parent);
  for (const PhMimePart *other = parent->first_child; other != part; other = other->next)
    place++;

  return number_child (parent, above, part, place);
}

static char *
dup_shown (const char *text)
{
  return ph_journal_escape_dup (text, NAME_MAX_BYTES);
}

/* V15: a name is only ever a name. */
static char *
make_file_name (const PhMimePart *part)
{
  g_autofree char *name = part->disposition != NULL ? ph_parameter_list_dup_decoded (part->disposition, "filename") : NULL;
  g_autofree char *shown = NULL;
  char            *start, *slash;

  if (name == NULL)
    name = ph_parameter_list_dup_decoded (part->content_type, "name");
  shown = dup_shown (name);
  if (shown == NULL)
    return NULL;

  g_strdelimit (shown, "\\:*?\"<>|", '_');
  slash = strrchr (shown, '/');
  start = slash != NULL ? slash + 1 : shown;
  while (*start == '.' || *start == ' ')
    start++;
  if (!g_utf8_validate (start, -1, NULL) || *start == '\0')
    return NULL;

  return g_strdup (start);
}

static PhMailPart *
new_numbered (PhMessage        *message,
              const PhMimePart *part,
              char             *number, /* transfer full */
              PhWorkerPool     *workers)
{
  PhMailPart      *self = g_object_new (PH_TYPE_MAIL_PART, NULL);
  g_autofree char *type = NULL;
  g_autofree char *charset = ph_parameter_list_dup_decoded (part->content_type, "charset");

  self->message = g_object_ref (message);
  self->part = part;
  self->workers = g_object_ref (workers);

  type = g_strdup_printf ("%s/%s", part->content_type->type, part->content_type->subtype != NULL ? part->content_type->subtype : "");
  self->content_type = dup_shown (type);
  self->charset = dup_shown (charset);
  self->encoding = dup_shown (part->encoding);
  self->disposition = dup_shown (part->disposition != NULL ? part->disposition->type : NULL);
  self->description = dup_shown (part->description);
  self->file_name = make_file_name (part);
  self->number = number;

  return self;
}

PhMailPart *
ph_mail_part_new (PhMessage        *message,
                  const PhMimePart *part,
                  PhWorkerPool     *workers)
{
  return new_numbered (message, part, make_number (part), workers);
}

GListModel *
ph_mail_part_dup_children (PhMailPart *self)
{
  GListStore *children;
  guint       place = 1;

  g_return_val_if_fail (PH_IS_MAIL_PART (self), NULL);

  if (self->part->first_child == NULL)
    return NULL;

  children = g_list_store_new (PH_TYPE_MAIL_PART);
  for (const PhMimePart *child = self->part->first_child; child != NULL; child = child->next)
    {
      char *number = number_child (self->part, self->number, child, place++);
      g_autoptr (PhMailPart) part = new_numbered (self->message, child, number, self->workers);

      g_list_store_append (children, part);
    }

  return G_LIST_MODEL (children);
}

gboolean
ph_mail_part_is_attachment (const PhMimePart *part)
{
  if (is_multipart (part))
    return FALSE;
  if (part->disposition != NULL && g_ascii_strcasecmp (part->disposition->type, "attachment") == 0)
    return TRUE;

  return !ph_mime_part_is (part, "text", "plain") && !ph_mime_part_is (part, "text", "html");
}

/* Reading, on a worker */

GBytes *
ph_mail_part_read (PhMessage *message,
                   gsize      offset,
                   gsize      length,
                   gsize      max,
                   GError   **error)
{
  gsize              size = MIN (length, max);
  g_autofree guint8 *data = g_malloc (size + 1);
  gssize             n = ph_message_read (message, offset, data, size, error);

  return n >= 0 ? g_bytes_new_take (g_steal_pointer (&data), (gsize)n) : NULL;
}

static gboolean
read_decoded (PhMessage        *message,
              const PhMimePart *part,
              PhBuffer         *decoded,
              GError          **error)
{
  g_autoptr (GBytes) bytes = ph_mail_part_read (message, part->body_offset, part->body_length, SHOWN_READ_MAX, error);

  if (bytes == NULL)
    return FALSE;
  ph_transfer_decode (ph_transfer_encoding_from_name (part->encoding), g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), decoded);

  return TRUE;
}

gboolean
ph_mail_part_append_body (PhMessage        *message,
                          const PhMimePart *part,
                          PhMailText       *target,
                          GError          **error)
{
  g_auto (PhBuffer) decoded = { 0 };
  g_autofree char *text = NULL;

  if (!read_decoded (message, part, &decoded, error))
    return FALSE;
  if (ph_buffer_get_length (&decoded) == 0)
    return TRUE;

  text = ph_charset_to_utf8 (ph_parameter_list_get (part->content_type, "charset"), ph_buffer_get_data (&decoded), ph_buffer_get_length (&decoded));
  if (ph_mime_part_is (part, "text", "html"))
    ph_mail_html_append (target, text, strlen (text));
  else
    ph_mail_text_append_plain (target, text, strlen (text));
  target->truncated |= part->body_length > SHOWN_READ_MAX;

  return TRUE;
}

static void
append_hex (PhMailText   *target,
            const guint8 *data,
            gsize         length)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize shown = MIN (length, PH_MAIL_PART_HEX_MAX);

  for (gsize line = 0; line < shown; line += 16)
    {
      g_string_append_printf (text, "%08" G_GSIZE_MODIFIER "x ", line);
      for (gsize i = line; i < line + 16; i++)
        if (i < shown)
          g_string_append_printf (text, " %02x", data[i]);
        else
          g_string_append (text, "   ");
      g_string_append (text, "  ");
      for (gsize i = line; i < MIN (line + 16, shown); i++)
        g_string_append_c (text, g_ascii_isprint (data[i]) ? (char)data[i] : '.');
      g_string_append_c (text, '\n');
    }
  ph_mail_text_append (target, text->str, text->len, PH_MAIL_STYLE_MONOSPACE, NULL);
  target->truncated |= shown < length;
}

static gboolean
append_decoded (PhMailPart *self,
                PhMailText *target,
                GError    **error)
{
  g_auto (PhBuffer) decoded = { 0 };
  g_autofree char *text = NULL;

  if (!read_decoded (self->message, self->part, &decoded, error))
    return FALSE;
  if (ph_buffer_get_length (&decoded) == 0)
    return TRUE;

  if (!ph_mime_part_is (self->part, "text", NULL) && !ph_mime_part_is (self->part, "message", NULL) && !is_multipart (self->part))
    {
      append_hex (target, ph_buffer_get_data (&decoded), ph_buffer_get_length (&decoded));
      return TRUE;
    }

  text = ph_charset_to_utf8 (self->charset, ph_buffer_get_data (&decoded), ph_buffer_get_length (&decoded));
  ph_mail_text_append (target, text, strlen (text), PH_MAIL_STYLE_MONOSPACE, NULL);
  target->truncated |= self->part->body_length > SHOWN_READ_MAX;

  return TRUE;
}

static gboolean
append_raw (PhMailPart *self,
            PhMailText *target,
            GError    **error)
{
  gsize length = self->part->header_length + self->part->body_length;
  g_autoptr (GBytes) bytes = ph_mail_part_read (self->message, self->part->header_offset, length, PH_MAIL_TEXT_MAX, error);

  if (bytes == NULL)
    return FALSE;
  ph_mail_text_append (target, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), PH_MAIL_STYLE_MONOSPACE, NULL);
  target->truncated |= length > PH_MAIL_TEXT_MAX;

  return TRUE;
}

static void
load_text_in_thread (GTask        *task,
                     gpointer      source,
                     gpointer      data,
                     GCancellable *cancellable)
{
  PhMailPart *self = source;
  g_autoptr (PhMailText) text = ph_mail_text_new ();
  GError  *error = NULL;
  gboolean done = GPOINTER_TO_UINT (data) == PH_MAIL_PART_RAW ? append_raw (self, text, &error) : append_decoded (self, text, &error);

  if (done)
    g_task_return_pointer (task, g_steal_pointer (&text), (GDestroyNotify)ph_mail_text_free);
  else
    g_task_return_error (task, error);
}

void
ph_mail_part_load_text_async (PhMailPart         *self,
                              PhMailPartForm      form,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PH_IS_MAIL_PART (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, GUINT_TO_POINTER ((guint)form), NULL);
  ph_worker_pool_run (self->workers, task, load_text_in_thread);
}

PhMailText *
ph_mail_part_load_text_finish (PhMailPart   *self,
                               GAsyncResult *result,
                               GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Saving */

typedef struct
{
  PhMailPartForm form;
  GFile         *file;
} PhSaveJob;

static void
ph_save_job_free (gpointer data)
{
  PhSaveJob *job = data;

  g_object_unref (job->file);
  g_free (job);
}

static gboolean
write_part (PhMailPart    *self,
            PhMailPartForm form,
            GOutputStream *stream,
            GCancellable  *cancellable,
            GError       **error)
{
  g_auto (PhTransferDecoder) decoder = { 0 };
  g_auto (PhBuffer) decoded = { 0 };
  g_autofree guint8 *piece = g_malloc (PIECE);
  gsize              at = form == PH_MAIL_PART_RAW ? self->part->header_offset : self->part->body_offset;
  gsize              end = self->part->body_offset + self->part->body_length;

  ph_transfer_decoder_init (&decoder, form == PH_MAIL_PART_RAW ? PH_TRANSFER_ENCODING_IDENTITY : ph_transfer_encoding_from_name (self->part->encoding));
  while (at < end)
    {
      gssize n = ph_message_read (self->message, at, piece, MIN (PIECE, end - at), error);

      if (n < 0)
        return FALSE;
      if (n == 0)
        break;
      at += (gsize)n;
      ph_transfer_decoder_feed (&decoder, piece, (gsize)n, &decoded);
      if (!g_output_stream_write_all (stream, ph_buffer_get_data (&decoded), ph_buffer_get_length (&decoded), NULL, cancellable, error))
        return FALSE;
      ph_buffer_clear (&decoded);
    }
  ph_transfer_decoder_finish (&decoder, &decoded);

  return g_output_stream_write_all (stream, ph_buffer_get_data (&decoded), ph_buffer_get_length (&decoded), NULL, cancellable, error) && g_output_stream_close (stream, cancellable, error);
}

static void
save_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  PhSaveJob *job = data;
  GError    *error = NULL;
  g_autoptr (GFileOutputStream) stream = g_file_replace (job->file, NULL, FALSE, G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION, cancellable, &error);

  if (stream != NULL && write_part (source, job->form, G_OUTPUT_STREAM (stream), cancellable, &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  /* Closing a cancelled stream leaves what was there before. */
  if (stream != NULL)
    {
      g_autoptr (GCancellable) cancelled = g_cancellable_new ();

      g_cancellable_cancel (cancelled);
      g_output_stream_close (G_OUTPUT_STREAM (stream), cancelled, NULL);
    }
  g_task_return_error (task, error);
}

void
ph_mail_part_save_async (PhMailPart         *self,
                         PhMailPartForm      form,
                         GFile              *file,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  PhSaveJob *job;

  g_return_if_fail (PH_IS_MAIL_PART (self));

  job = g_new (PhSaveJob, 1);
  job->form = form;
  job->file = g_object_ref (file);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, job, ph_save_job_free);
  ph_worker_pool_run (self->workers, task, save_in_thread);
}

gboolean
ph_mail_part_save_finish (PhMailPart   *self,
                          GAsyncResult *result,
                          GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

#define GETTER(name)                                     \
  const char *ph_mail_part_get_##name (PhMailPart *self) \
  {                                                      \
    g_return_val_if_fail (PH_IS_MAIL_PART (self), NULL); \
                                                         \
    return self->name;                                   \
  }

GETTER (number)
GETTER (content_type)
GETTER (charset)
GETTER (encoding)
GETTER (disposition)
GETTER (description)
GETTER (file_name)

guint64
ph_mail_part_get_size (PhMailPart *self)
{
  g_return_val_if_fail (PH_IS_MAIL_PART (self), 0);

  return self->part->header_length + self->part->body_length;
}
