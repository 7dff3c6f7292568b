#include "ph-reply-format.h"

#include "ph-date.h"
#include "ph-encoded-word.h"
#include "ph-transfer-encoding.h"

#include <string.h>

static char *
dup_subject (const PhReply *self)
{
  const char      *answered = self->answered_subject != NULL ? self->answered_subject : "";
  gboolean         is_long = g_utf8_strlen (answered, -1) > PH_REPLY_SUBJECT_MAX;
  g_autofree char *bounded = is_long ? g_utf8_substring (answered, 0, PH_REPLY_SUBJECT_MAX) : g_strdup (answered);
  g_autofree char *text = *self->subject != '\0' ? g_strdup (self->subject) : g_strconcat ("Auto: ", bounded, is_long ? "…" : "", NULL);

  return ph_encoded_word_encode_text (g_strchomp (text), strlen ("Subject: "));
}

/* Each on a line of its own. */
static void
append_references (const char *references,
                   PhBuffer   *out)
{
  g_auto (GStrv) ids = g_strsplit (references, " ", -1);
  g_autofree char *folded = g_strjoinv ("\r\n ", ids);

  ph_buffer_append_printf (out, "References: %s\r\n", folded);
}

void
ph_reply_format (const PhReply *self,
                 PhBuffer      *out)
{
  PhDate           now = ph_date_from_local (self->time);
  g_autofree char *date = ph_date_format (&now);
  g_autofree char *phrase = self->name != NULL && *self->name != '\0' ? ph_encoded_word_encode_phrase (self->name, strlen ("From: ")) : NULL;
  g_autofree char *subject = dup_subject (self);
  g_autofree char *unique = g_uuid_string_random ();

  ph_buffer_append_printf (out, "Date: %s\r\nFrom: %s%s<%s>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: <%s@%s>\r\n", date, phrase != NULL ? phrase : "",
                           phrase != NULL ? " " : "", self->from, self->to, subject, unique, self->host);
  if (self->answered_id != NULL)
    ph_buffer_append_printf (out, "In-Reply-To: %s\r\n", self->answered_id);
  if (self->references != NULL)
    append_references (self->references, out);

  /* The second says the same to servers that know nothing of the first. */
  ph_buffer_append_string (out, "Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n"
                                "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
  ph_transfer_encode_quoted_printable ((const guint8 *)self->text, strlen (self->text), out);
  ph_buffer_append_string (out, "\r\n");
}
