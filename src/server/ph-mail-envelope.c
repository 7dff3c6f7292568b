#include "ph-mail-envelope.h"

#include "ph-encoded-word.h"
#include "ph-journal-escape.h"

#include <string.h>

/* Of one field, in bytes. */
#define FIELD_MAX 1024

typedef struct
{
  const char *at;
  const char *end;
} Reader;

static gboolean
take (Reader *self,
      char    byte)
{
  while (self->at < self->end && *self->at == ' ')
    self->at++;
  if (self->at == self->end || *self->at != byte)
    return FALSE;

  self->at++;

  return TRUE;
}

static char *
read_quoted (Reader *self)
{
  GString *text = g_string_new (NULL);

  for (; self->at < self->end && *self->at != '"'; self->at++)
    {
      if (*self->at == '\\' && self->at + 1 < self->end)
        self->at++;
      g_string_append_c (text, *self->at);
    }
  self->at += self->at < self->end;

  return g_string_free (text, FALSE);
}

/* After "{"; its length is ours to trust no more than the rest. */
static char *
read_literal (Reader *self)
{
  gsize length = 0;
  char *text;

  while (self->at < self->end && g_ascii_isdigit (*self->at) && length < G_MAXUINT32)
    length = length * 10 + (gsize)g_ascii_digit_value (*self->at++);
  while (self->at < self->end && *self->at != '\n')
    self->at++;
  self->at += self->at < self->end;

  length = MIN (length, (gsize)(self->end - self->at));
  text = g_strndup (self->at, length);
  self->at += length;

  return text;
}

/* NULL for NIL and what is no string. */
static char *
read_string (Reader *self)
{
  if (take (self, '"'))
    return read_quoted (self);
  if (take (self, '{'))
    return read_literal (self);

  while (self->at < self->end && *self->at != ' ' && *self->at != ')' && *self->at != '(')
    self->at++;

  return NULL;
}

static char *
show (const char *raw)
{
  g_autofree char *decoded = NULL;

  if (raw == NULL)
    return g_strdup ("");

  decoded = ph_encoded_word_decode (raw, strnlen (raw, FIELD_MAX));

  return ph_journal_escape_dup (decoded, FIELD_MAX);
}

/* "(name route local domain)": its name or address, NULL for the marks of a group. */
static char *
read_address (Reader *self)
{
  g_autofree char               *name = read_string (self);
  G_GNUC_UNUSED g_autofree char *route = read_string (self);
  g_autofree char               *local = read_string (self);
  g_autofree char               *domain = read_string (self);
  g_autofree char               *address = NULL;

  take (self, ')');
  if (local == NULL || domain == NULL)
    return NULL;
  if (name != NULL && *name != '\0')
    return show (name);
  address = *domain != '\0' ? g_strdup_printf ("%s@%s", local, domain) : g_strdup (local);

  return show (address);
}

/* Appends the people of one field; *n counts all. */
static void
read_addresses (Reader  *self,
                GString *names,
                guint   *n)
{
  if (!take (self, '('))
    {
      g_free (read_string (self));
      return;
    }

  while (take (self, '('))
    {
      g_autofree char *name = read_address (self);

      if (name == NULL || (*n)++ >= PH_MAIL_ENVELOPE_NAMES_MAX)
        continue;
      if (names->len > 0)
        g_string_append (names, ", ");
      g_string_append (names, name);
    }
  take (self, ')');
}

static char *
end_names (GString *names,
           guint    n)
{
  if (n > PH_MAIL_ENVELOPE_NAMES_MAX)
    g_string_append_printf (names, " (+%u)", n - PH_MAIL_ENVELOPE_NAMES_MAX);

  return g_string_free (names, FALSE);
}

void
ph_mail_envelope_parse (PhMailEnvelope *self,
                        GBytes         *imap)
{
  gsize            length;
  const char      *data = g_bytes_get_data (imap, &length);
  Reader           reader = { data, data + length };
  GString         *from = g_string_new (NULL), *to = g_string_new (NULL), *others = g_string_new (NULL);
  guint            n_from = 0, n_to = 0, n_others = 0;
  g_autofree char *date = NULL;
  g_autofree char *subject = NULL;

  take (&reader, '(');
  date = read_string (&reader);
  subject = read_string (&reader);
  read_addresses (&reader, from, &n_from);
  read_addresses (&reader, others, &n_others); /* Sender */
  read_addresses (&reader, others, &n_others); /* Reply-To */
  read_addresses (&reader, to, &n_to);
  read_addresses (&reader, to, &n_to); /* Cc */

  self->subject = show (subject);
  self->from = end_names (from, n_from);
  self->to = end_names (to, n_to);
  g_string_free (others, TRUE);
}

void
ph_mail_envelope_clear (PhMailEnvelope *self)
{
  g_clear_pointer (&self->subject, g_free);
  g_clear_pointer (&self->from, g_free);
  g_clear_pointer (&self->to, g_free);
}
