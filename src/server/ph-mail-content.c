#include "ph-mail-content.h"

#include "ph-date.h"
#include "ph-encoded-word.h"
#include "ph-header.h"
#include "ph-journal-escape.h"
#include "ph-mail-message.h"
#include "ph-mail-part-private.h"

#include <string.h>

/* Of one field in the list of headers, in bytes. */
#define FIELD_MAX (16 * 1024)

/* The header */

static char *
dup_field (const PhHeader *header,
           const char     *name)
{
  g_autofree char *text = ph_header_dup_text (header, name);

  return ph_journal_escape_dup (text, FIELD_MAX);
}

static void
append_field (PhMailText          *target,
              const PhHeader      *header,
              const PhHeaderField *field)
{
  g_autofree char *raw = ph_header_dup_field_value (header, field);
  g_autofree char *value = ph_encoded_word_decode (raw, strnlen (raw, FIELD_MAX));

  ph_mail_text_append (target, (const char *)header->data + field->offset, field->name_length, PH_MAIL_STYLE_BOLD, NULL);
  ph_mail_text_append (target, ": ", 2, PH_MAIL_STYLE_BOLD, NULL);
  ph_mail_text_append (target, value, strlen (value), PH_MAIL_STYLE_NONE, NULL);
  ph_mail_text_append (target, "\n", 1, PH_MAIL_STYLE_NONE, NULL);
}

/* "<a@b>" without its brackets. */
static char *
dup_path (const PhHeader *header,
          const char     *name)
{
  g_autofree char *value = ph_header_dup_value (header, name);
  gsize            length;

  if (value == NULL)
    return NULL;

  length = strlen (value);
  if (length >= 2 && value[0] == '<' && value[length - 1] == '>')
    {
      value[length - 1] = '\0';
      return ph_journal_escape_dup (value + 1, FIELD_MAX);
    }

  return ph_journal_escape_dup (value, FIELD_MAX);
}

static void
escape_in_place (char **text)
{
  char *escaped = ph_journal_escape_dup (*text, PH_RECEIVED_CLAUSE_MAX);

  g_free (*text);
  *text = escaped;
}

static void
read_hops (PhMailContent  *self,
           const PhHeader *header)
{
  for (const PhHeaderField *field = NULL; self->hops->len < PH_MAIL_MESSAGE_HOPS_MAX && (field = ph_header_find (header, "Received", field)) != NULL;)
    {
      g_autofree char *value = ph_header_dup_field_value (header, field);
      PhReceived      *hop = ph_received_parse (value);

      escape_in_place (&hop->from);
      escape_in_place (&hop->from_comment);
      escape_in_place (&hop->by);
      escape_in_place (&hop->with);
      escape_in_place (&hop->with_comment);
      escape_in_place (&hop->id);
      escape_in_place (&hop->recipient);
      g_ptr_array_add (self->hops, hop);
    }
}

/* Of the server that received it last: it has removed what others wrote by its name (RFC 8601 section 5). */
static void
read_checks (PhMailContent  *self,
             const PhHeader *header)
{
  g_autofree char *received = ph_header_dup_value (header, "Received");
  g_autoptr (PhReceived) hop = received != NULL ? ph_received_parse (received) : NULL;

  if (hop == NULL || hop->by == NULL)
    return;

  for (const PhHeaderField *field = NULL; (field = ph_header_find (header, "Authentication-Results", field)) != NULL;)
    {
      g_autofree char *value = ph_header_dup_field_value (header, field);

      ph_auth_result_parse_field (value, hop->by, self->checks);
    }
  for (guint i = 0; i < self->checks->len; i++)
    escape_in_place (&((PhAuthResult *)self->checks->pdata[i])->subject);
}

static void
read_header (PhMailContent *self,
             GBytes        *bytes)
{
  g_autoptr (PhHeader) header = ph_header_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autofree char *date = ph_header_dup_value (header, "Date");
  PhDate           parsed;

  self->subject = dup_field (header, "Subject");
  self->from = dup_field (header, "From");
  self->to = dup_field (header, "To");
  self->cc = dup_field (header, "Cc");
  self->return_path = dup_path (header, "Return-Path");
  self->delivered_to = dup_path (header, "Delivered-To");
  if (date != NULL && ph_date_parse (date, strlen (date), &parsed))
    self->date = parsed.time * G_USEC_PER_SEC;
  read_hops (self, header);
  read_checks (self, header);
  for (guint i = 0; i < header->n_fields; i++)
    append_field (self->headers, header, &header->fields[i]);
  self->headers->truncated |= header->truncated;
}

/* The body */

static gboolean
is_text (const PhMimePart *part)
{
  return part->first_child == NULL && (ph_mime_part_is (part, "text", "plain") || ph_mime_part_is (part, "text", "html")) && !ph_mail_part_is_attachment (part);
}

/* The innermost multipart/alternative that it is in, or NULL. */
static const PhMimePart *
find_alternative (const PhMimePart *part)
{
  for (part = part->parent; part != NULL; part = part->parent)
    if (ph_mime_part_is (part, "multipart", "alternative"))
      return part;

  return NULL;
}

/* Below `root`, without what is attached. */
static const PhMimePart *
next_below (const PhMimePart *part,
            const PhMimePart *root)
{
  if (part->first_child != NULL && (part == root || !ph_mail_part_is_attachment (part)))
    return part->first_child;

  while (part != root && part->next == NULL)
    part = part->parent;

  return part != root ? part->next : NULL;
}

static gboolean
has_subtype (const PhMimePart *alternative,
             const char       *subtype)
{
  for (const PhMimePart *part = alternative; part != NULL; part = next_below (part, alternative))
    if (is_text (part) && ph_mime_part_is (part, "text", subtype))
      return TRUE;

  return FALSE;
}

/* All text in its order; of an alternative what is `wanted`, or else what there is.
 * *n_wanted and *n_other: how many of each type there were. */
static PhMailText *
make_text (PhMessage        *message,
           const PhMimePart *root,
           const char       *wanted,
           gboolean         *chose,
           GError          **error)
{
  g_autoptr (PhMailText) text = ph_mail_text_new ();
  guint n = 0;

  for (const PhMimePart *part = root; part != NULL && n < PH_MAIL_CONTENT_PARTS_MAX; part = next_below (part, root))
    {
      const PhMimePart *alternative = is_text (part) ? find_alternative (part) : NULL;

      if (!is_text (part))
        continue;
      n++;
      if (alternative != NULL && !ph_mime_part_is (part, "text", wanted) && has_subtype (alternative, wanted))
        {
          *chose = TRUE;
          continue;
        }

      if (text->text->len > 0)
        ph_mail_text_append (text, "\n\n", 2, PH_MAIL_STYLE_NONE, NULL);
      if (!ph_mail_part_append_body (message, part, text, error))
        return NULL;
    }

  return g_steal_pointer (&text);
}

static void
find_attachments (PhMailContent    *self,
                  const PhMimePart *root)
{
  for (const PhMimePart *part = root; part != NULL && self->attachments->len < PH_MAIL_MESSAGE_ATTACHMENTS_MAX; part = next_below (part, root))
    if (ph_mail_part_is_attachment (part))
      g_ptr_array_add (self->attachments, (gpointer)part);
}

PhMailContent *
ph_mail_content_new (PhMessage        *message,
                     const PhMimePart *root,
                     GError          **error)
{
  g_autoptr (PhMailContent) self = g_new0 (PhMailContent, 1);
  g_autoptr (GBytes) header = ph_mail_part_read (message, 0, root->header_length, PH_HEADER_SIZE_MAX, error);
  gboolean chose = FALSE;

  self->hops = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_received_free);
  self->checks = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_auth_result_free);
  self->attachments = g_ptr_array_new ();
  self->headers = ph_mail_text_new ();
  if (header == NULL)
    return NULL;

  read_header (self, header);
  find_attachments (self, root);
  self->rich_text = make_text (message, root, "html", &chose, error);
  if (self->rich_text == NULL)
    return NULL;
  if (chose)
    {
      self->plain_text = make_text (message, root, "plain", &chose, error);
      if (self->plain_text == NULL)
        return NULL;
    }

  return g_steal_pointer (&self);
}

void
ph_mail_content_free (PhMailContent *self)
{
  g_free (self->subject);
  g_free (self->from);
  g_free (self->to);
  g_free (self->cc);
  g_free (self->return_path);
  g_free (self->delivered_to);
  g_clear_pointer (&self->hops, g_ptr_array_unref);
  g_clear_pointer (&self->checks, g_ptr_array_unref);
  g_clear_pointer (&self->attachments, g_ptr_array_unref);
  g_clear_pointer (&self->rich_text, ph_mail_text_free);
  g_clear_pointer (&self->plain_text, ph_mail_text_free);
  g_clear_pointer (&self->headers, ph_mail_text_free);
  g_free (self);
}
