#include "ph-mail-draft.h"

#include "ph-address.h"
#include "ph-buffer.h"
#include "ph-date.h"
#include "ph-encoded-word.h"
#include "ph-header-address.h"
#include "ph-server-error.h"
#include "ph-trace.h"
#include "ph-transfer-encoding.h"

#include <glib/gi18n-lib.h>
#include <string.h>

PhMailDraft *
ph_mail_draft_copy (const PhMailDraft *self)
{
  PhMailDraft *copy = g_new0 (PhMailDraft, 1);

  copy->from = g_strdup (self->from);
  copy->to = g_strdup (self->to);
  copy->subject = g_strdup (self->subject);
  copy->body = g_strdup (self->body);
  g_set_object (&copy->attachment, self->attachment);

  return copy;
}

void
ph_mail_draft_free (PhMailDraft *self)
{
  g_free (self->from);
  g_free (self->to);
  g_free (self->subject);
  g_free (self->body);
  g_clear_object (&self->attachment);
  g_free (self);
}

/* FALSE and a problem. */
static gboolean
add_recipient (GPtrArray             *recipients,
               const PhHeaderAddress *address,
               char                 **problem)
{
  g_autofree char *spec = ph_header_address_dup_addr_spec (address);
  g_autofree char *normal = spec != NULL ? ph_address_normalize (spec) : NULL;

  if (address->kind != PH_HEADER_ADDRESS_MAILBOX)
    return TRUE;
  if (normal == NULL)
    {
      /* Translators: what was typed in */
      *problem = g_strdup_printf (_ ("“%s” is not an address like name@example.org"), spec != NULL ? spec : address->local != NULL ? address->local
                                                                                                                                   : "");
      return FALSE;
    }
  if (!g_ptr_array_find_with_equal_func (recipients, normal, g_str_equal, NULL))
    g_ptr_array_add (recipients, g_steal_pointer (&normal));

  return TRUE;
}

GStrv
ph_mail_draft_dup_recipients (const char *to,
                              char      **problem)
{
  g_autoptr (GPtrArray) addresses = ph_header_address_list_parse ((const guint8 *)to, strlen (to));
  g_autoptr (GPtrArray) recipients = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < addresses->len; i++)
    if (!add_recipient (recipients, addresses->pdata[i], problem))
      return NULL;

  if (recipients->len == 0 || recipients->len > PH_MAIL_DRAFT_RECIPIENTS_MAX)
    {
      /* Translators: a number of recipients */
      g_autofree char *too_many = g_strdup_printf (_ ("More than %d people are to have it"), PH_MAIL_DRAFT_RECIPIENTS_MAX);

      *problem = recipients->len == 0 ? g_strdup (_ ("Nobody is to have it")) : g_steal_pointer (&too_many);
      return NULL;
    }
  g_ptr_array_add (recipients, NULL);

  return (GStrv)g_ptr_array_steal (recipients, NULL);
}

static void
append_people (const char *to,
               PhBuffer   *out)
{
  g_autoptr (GPtrArray) addresses = ph_header_address_list_parse ((const guint8 *)to, strlen (to));
  gboolean is_first = TRUE;

  ph_buffer_append_string (out, "To: ");
  for (guint i = 0; i < addresses->len; i++)
    {
      const PhHeaderAddress *address = addresses->pdata[i];
      g_autofree char       *spec = ph_header_address_dup_addr_spec (address);
      g_autofree char       *normal = spec != NULL ? ph_address_normalize (spec) : NULL;
      g_autofree char       *name = ph_header_address_dup_display_name (address);
      g_autofree char       *phrase = name != NULL && *name != '\0' ? ph_encoded_word_encode_phrase (name, 1) : NULL;

      if (normal == NULL)
        continue;
      ph_buffer_append_printf (out, "%s%s%s<%s>", is_first ? "" : ",\r\n ", phrase != NULL ? phrase : "", phrase != NULL ? " " : "", normal);
      is_first = FALSE;
    }
  ph_buffer_append_string (out, "\r\n");
}

static void
append_header (const PhMailDraft *self,
               const char        *name,
               const char        *host,
               gint64             time,
               PhBuffer          *out)
{
  g_autofree char *phrase = *name != '\0' ? ph_encoded_word_encode_phrase (name, strlen ("From: ")) : NULL;
  g_autofree char *subject = ph_encoded_word_encode_text (self->subject, strlen ("Subject: "));
  g_autofree char *id = ph_trace_new_message_id (host);
  PhDate           local = ph_date_from_local (time);
  g_autofree char *date = ph_date_format (&local);

  ph_buffer_append_printf (out, "Date: %s\r\nMessage-ID: %s\r\n", date, id);
  ph_buffer_append_printf (out, "From: %s%s<%s>\r\n", phrase != NULL ? phrase : "", phrase != NULL ? " " : "", self->from);
  append_people (self->to, out);
  ph_buffer_append_printf (out, "Subject: %s\r\nMIME-Version: 1.0\r\n", subject);
}

static void
append_text (const char *text,
             PhBuffer   *out)
{
  ph_buffer_append_string (out, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
  ph_transfer_encode_quoted_printable ((const guint8 *)text, strlen (text), out);
}

/* RFC 2231: any name, without a way out of its parameter. */
static void
append_attachment (const char *name,
                   const char *type,
                   GBytes     *contents,
                   PhBuffer   *out)
{
  g_autofree char *escaped = g_uri_escape_string (name, NULL, FALSE);

  ph_buffer_append_printf (out, "Content-Type: %s\r\nContent-Disposition: attachment;\r\n filename*=utf-8''%s\r\nContent-Transfer-Encoding: base64\r\n\r\n", type, escaped);
  ph_transfer_encode_base64 (g_bytes_get_data (contents, NULL), g_bytes_get_size (contents), out);
}

static GBytes *
read_attachment (const PhMailDraft *self,
                 guint64            size_max,
                 char             **type,
                 GCancellable      *cancellable,
                 GError           **error)
{
  g_autoptr (GFileInfo) info = g_file_query_info (self->attachment, G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE, cancellable, error);
  g_autofree char *name = g_file_get_basename (self->attachment);
  g_autofree char *content_type = NULL;
  GBytes          *bytes;

  if (info == NULL)
    return NULL;
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR || (guint64)g_file_info_get_size (info) > size_max)
    {
      /* Translators: the name of a file */
      g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_FAILED, _ ("“%s” is too large to be sent, or no file"), name);
      return NULL;
    }

  bytes = g_file_load_bytes (self->attachment, cancellable, NULL, error);
  if (bytes == NULL)
    return NULL;
  content_type = g_content_type_guess (name, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);
  *type = g_content_type_get_mime_type (content_type);
  if (*type == NULL)
    *type = g_strdup ("application/octet-stream");

  return bytes;
}

GBytes *
ph_mail_draft_format (const PhMailDraft *self,
                      const char        *name,
                      const char        *host,
                      gint64             time,
                      guint64            size_max,
                      GCancellable      *cancellable,
                      GError           **error)
{
  PhBuffer         out = { 0 };
  g_autofree char *boundary = g_uuid_string_random ();
  g_autofree char *type = NULL;
  g_autofree char *file_name = NULL;
  g_autoptr (GBytes) attachment = NULL;
  gsize   length;
  GBytes *bytes;

  append_header (self, name, host, time, &out);
  if (self->attachment == NULL)
    {
      append_text (self->body, &out);
    }
  else
    {
      attachment = read_attachment (self, size_max, &type, cancellable, error);
      if (attachment == NULL)
        {
          ph_buffer_clear (&out);
          return NULL;
        }
      file_name = g_file_get_basename (self->attachment);
      ph_buffer_append_printf (&out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary);
      append_text (self->body, &out);
      ph_buffer_append_printf (&out, "\r\n--%s\r\n", boundary);
      append_attachment (file_name, type, attachment, &out);
      ph_buffer_append_printf (&out, "\r\n--%s--\r\n", boundary);
    }

  length = ph_buffer_get_length (&out);
  bytes = g_bytes_new (ph_buffer_get_data (&out), length);
  ph_buffer_clear (&out);

  return bytes;
}
