#include "ph-reply-header.h"

#include "ph-address.h"
#include "ph-header-address.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Fields that say for whom it is (RFC 3834 section 2). */
static const char *const recipient_fields[] = { "To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc" };

/* Local parts that programs send from (RFC 3834 section 2, and what is common besides). */
static const char *const machine_names[] = {
  "mailer-daemon",
  "owner-*",
  "*-owner",
  "*-request",
  "listserv",
  "majordomo",
  "bounce",
  "bounces",
  "bounce-*",
  "bounces-*",
  "bounce+*",
  "bounces+*",
  "*-bounce",
  "*-bounces",
  "noreply*",
  "no-reply*",
  "no_reply*",
  "*-noreply",
  "*-no-reply",
  "donotreply*",
  "do-not-reply*",
  "do_not_reply*",
  "nobody",
};

void
ph_reply_header_free (PhReplyHeader *self)
{
  g_ptr_array_unref (self->recipients);
  g_free (self->subject);
  g_free (self->message_id);
  g_free (self->references);
  g_free (self);
}

/* Past blanks and comments (CFWS); comments may be nested, and one that does not end is all there is. */
static const char *
skip_comments (const char *text)
{
  guint depth = 0;

  for (; *text != '\0' && (depth > 0 || *text == ' ' || *text == '\t' || *text == '('); text++)
    {
      if (*text == '\\' && depth > 0 && text[1] != '\0')
        text++;
      else if (*text == '(')
        depth++;
      else if (*text == ')' && depth > 0)
        depth--;
    }

  return text;
}

/* The first word of a field's value, in small letters: what is before parameters, commas and comments. */
static char *
dup_word (const PhHeader      *header,
          const PhHeaderField *field)
{
  g_autofree char *value = ph_header_dup_field_value (header, field);
  const char      *start = skip_comments (value);

  return g_ascii_strdown (start, (gssize)strcspn (start, " \t;,("));
}

static gboolean
has_word (const PhHeader    *header,
          const char        *name,
          const char *const *words)
{
  for (const PhHeaderField *field = ph_header_find (header, name, NULL); field != NULL; field = ph_header_find (header, name, field))
    {
      g_autofree char *word = dup_word (header, field);

      if (g_strv_contains (words, word))
        return TRUE;
    }

  return FALSE;
}

/* Any word but "no" (RFC 3834 section 5). */
static gboolean
is_auto_submitted (const PhHeader *header)
{
  for (const PhHeaderField *field = ph_header_find (header, "Auto-Submitted", NULL); field != NULL; field = ph_header_find (header, "Auto-Submitted", field))
    {
      g_autofree char *word = dup_word (header, field);

      if (strcmp (word, "no") != 0)
        return TRUE;
    }

  return FALSE;
}

/* List-Id, List-Unsubscribe and the others (RFC 2369, RFC 2919). */
static gboolean
has_list_field (const PhHeader *header)
{
  for (guint i = 0; i < header->n_fields; i++)
    if (header->fields[i].name_length > strlen ("List-") && g_ascii_strncasecmp ((const char *)header->data + header->fields[i].offset, "List-", strlen ("List-")) == 0)
      return TRUE;

  return FALSE;
}

const char *
ph_reply_header_find_automatic (const PhHeader *header)
{
  static const char *const bulk[] = { "bulk", "list", "junk", NULL };

  if (is_auto_submitted (header))
    return N_ ("a program sent it (Auto-Submitted)");
  if (has_list_field (header))
    return N_ ("it came by a mailing list (List-…)");
  if (has_word (header, "Precedence", bulk))
    return N_ ("it is bulk mail (Precedence)");

  return NULL;
}

/* Whether a check of the sender failed, whoever says so: wrongly believed, that only keeps us silent (V26). */
static gboolean
is_forged (const PhHeader *header)
{
  static const char *const failures[] = { "spf=fail", "spf=softfail", "dmarc=fail" };

  for (const PhHeaderField *field = ph_header_find (header, "Authentication-Results", NULL); field != NULL;
       field = ph_header_find (header, "Authentication-Results", field))
    {
      g_autofree char *value = ph_header_dup_field_value (header, field);
      g_autofree char *small = g_ascii_strdown (value, -1);

      for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
        for (const char *found = strstr (small, failures[i]); found != NULL; found = strstr (found + 1, failures[i]))
          if (!g_ascii_isalnum (found[strlen (failures[i])]))
            return TRUE;
    }

  return FALSE;
}

static const char *
find_problem (const PhHeader *header)
{
  static const char *const suppressed[] = { "all", "oof", "autoreply", NULL };
  static const char *const yes[] = { "yes", "true", NULL };
  const char              *automatic = ph_reply_header_find_automatic (header);

  if (automatic != NULL)
    return automatic;
  if (has_word (header, "X-Auto-Response-Suppress", suppressed))
    return N_ ("it asks for no automatic reply (X-Auto-Response-Suppress)");
  if (has_word (header, "X-Spam-Flag", yes))
    return N_ ("it is marked as junk (X-Spam-Flag)");
  if (is_forged (header))
    return N_ ("it may not be from whom it says (SPF, DMARC)");

  return NULL;
}

static void
add_recipients (GPtrArray           *recipients,
                const PhHeader      *header,
                const PhHeaderField *field)
{
  g_autoptr (GPtrArray) addresses = ph_header_address_list_parse (header->data + field->value_offset, field->value_length);

  for (guint i = 0; i < addresses->len && recipients->len <= PH_REPLY_RECIPIENTS_MAX; i++)
    {
      g_autofree char *spec = ph_header_address_dup_addr_spec (addresses->pdata[i]);
      char            *normal = spec != NULL ? ph_address_normalize (spec) : NULL;

      if (normal != NULL)
        g_ptr_array_add (recipients, normal);
    }
}

/* The next "<…>" at or after *text, which is moved behind it; NULL where there is none. */
static char *
take_id (const char **text)
{
  const char *start;

  while ((start = strchr (*text, '<')) != NULL)
    {
      gsize length = 1;

      while (g_ascii_isgraph (start[length]) && start[length] != '<' && start[length] != '>')
        length++;
      *text = start + length;
      if (start[length] == '>' && length > 1 && length < PH_REPLY_ID_MAX)
        return g_strndup (start, length + 1);
    }

  return NULL;
}

static void
add_ids (GPtrArray  *ids,
         const char *value)
{
  char *id;

  while (value != NULL && (id = take_id (&value)) != NULL)
    {
      g_ptr_array_add (ids, id);
      if (ids->len > PH_REPLY_REFERENCES_MAX)
        g_ptr_array_remove_index (ids, 0);
    }
}

/* Those of the message, or, where it has none, what it answers; then itself (RFC 5322 section 3.6.4). */
static void
take_references (PhReplyHeader  *self,
                 const PhHeader *header)
{
  g_autofree char *own = ph_header_dup_value (header, "Message-ID");
  g_autofree char *references = ph_header_dup_value (header, "References");
  g_autofree char *answered = ph_header_dup_value (header, "In-Reply-To");
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  const char *place = own;

  self->message_id = own != NULL ? take_id (&place) : NULL;
  if (self->message_id == NULL)
    return;

  add_ids (ids, references);
  if (ids->len == 0)
    add_ids (ids, answered);
  add_ids (ids, self->message_id);
  g_ptr_array_add (ids, NULL);
  self->references = g_strjoinv (" ", (GStrv)ids->pdata);
}

PhReplyHeader *
ph_reply_header_parse (const guint8 *data,
                       gsize         length)
{
  PhReplyHeader *self = g_new0 (PhReplyHeader, 1);
  g_autoptr (PhHeader) header = ph_header_parse (data, length);

  self->recipients = g_ptr_array_new_with_free_func (g_free);
  self->problem = header->truncated ? N_ ("its header is too long") : find_problem (header);
  self->subject = ph_header_dup_text (header, "Subject");
  take_references (self, header);
  for (guint i = 0; i < G_N_ELEMENTS (recipient_fields); i++)
    for (const PhHeaderField *field = ph_header_find (header, recipient_fields[i], NULL); field != NULL; field = ph_header_find (header, recipient_fields[i], field))
      add_recipients (self->recipients, header, field);
  if (self->problem == NULL && self->recipients->len > PH_REPLY_RECIPIENTS_MAX)
    self->problem = N_ ("it is for too many people");

  return self;
}

const char *
ph_reply_header_find_sender_problem (const char *sender)
{
  g_autofree char *local = NULL, *small = NULL;

  if (*sender == '\0')
    return N_ ("it has no sender");
  if (!ph_address_split (sender, &local, NULL))
    return N_ ("its sender is no address");

  small = g_ascii_strdown (local, -1);
  for (guint i = 0; i < G_N_ELEMENTS (machine_names); i++)
    if (g_pattern_match_simple (machine_names[i], small))
      return N_ ("nobody reads at its sender’s address");

  return NULL;
}
