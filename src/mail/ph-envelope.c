#include "ph-envelope.h"

#include <string.h>

typedef struct
{
  const char *data;
  gsize       length;
  gsize       position;
} Reader;

static void
address_clear (PhEnvelopeAddress *self)
{
  g_free (self->name);
  g_free (self->mailbox);
  g_free (self->host);
}

void
ph_envelope_clear (PhEnvelope *self)
{
  g_free (self->date);
  g_free (self->subject);
  address_clear (&self->from);
  address_clear (&self->to);
  address_clear (&self->cc);
  g_free (self->in_reply_to);
  g_free (self->message_id);
  *self = (PhEnvelope){ 0 };
}

static gboolean
take (Reader *reader,
      char    c)
{
  if (reader->position >= reader->length || reader->data[reader->position] != c)
    return FALSE;

  reader->position++;

  return TRUE;
}

static gboolean
take_word (Reader     *reader,
           const char *word)
{
  gsize n = strlen (word);

  if (reader->length - reader->position < n || memcmp (reader->data + reader->position, word, n) != 0)
    return FALSE;

  reader->position += n;

  return TRUE;
}

static gboolean
take_quoted (Reader *reader,
             char  **string)
{
  GString *text = g_string_new (NULL);

  while (reader->position < reader->length)
    {
      char c = reader->data[reader->position++];

      if (c == '"')
        {
          *string = g_string_free (text, FALSE);
          return TRUE;
        }
      if (c == '\\' && reader->position < reader->length)
        c = reader->data[reader->position++];
      g_string_append_c (text, c);
    }
  g_string_free (text, TRUE);

  return FALSE;
}

static gboolean
take_literal (Reader *reader,
              char  **string)
{
  gsize size = 0;

  while (reader->position < reader->length && g_ascii_isdigit (reader->data[reader->position]))
    {
      size = size * 10 + (gsize)(reader->data[reader->position++] - '0');
      if (size > reader->length)
        return FALSE;
    }
  if (!take_word (reader, "}\r\n") || size > reader->length - reader->position)
    return FALSE;

  *string = g_strndup (reader->data + reader->position, size);
  reader->position += size;

  return TRUE;
}

/* *string is NULL for NIL. */
static gboolean
take_nstring (Reader *reader,
              char  **string)
{
  *string = NULL;
  if (take_word (reader, "NIL"))
    return TRUE;
  if (take (reader, '"'))
    return take_quoted (reader, string);

  return take (reader, '{') && take_literal (reader, string);
}

static gboolean
take_address (Reader            *reader,
              PhEnvelopeAddress *address)
{
  g_autofree char *route = NULL;

  return take (reader, '(') && take_nstring (reader, &address->name) && take (reader, ' ') && take_nstring (reader, &route) && take (reader, ' ') && take_nstring (reader, &address->mailbox) && take (reader, ' ') && take_nstring (reader, &address->host) && take (reader, ')');
}

/* The first is kept where `first` is not NULL. */
static gboolean
take_addresses (Reader            *reader,
                PhEnvelopeAddress *first)
{
  if (take_word (reader, "NIL"))
    return TRUE;
  if (!take (reader, '('))
    return FALSE;

  while (!take (reader, ')'))
    {
      PhEnvelopeAddress address = { 0 };
      gboolean          ok = take_address (reader, &address);

      if (ok && first != NULL)
        *first = address;
      else
        address_clear (&address);
      first = NULL;
      if (!ok)
        return FALSE;
    }

  return TRUE;
}

gboolean
ph_envelope_parse (const void *data,
                   gsize       length,
                   PhEnvelope *self)
{
  Reader             reader = { data, length, 0 };
  PhEnvelopeAddress *fields[] = { &self->from, NULL, NULL, &self->to, &self->cc, NULL };

  *self = (PhEnvelope){ 0 };
  if (!take (&reader, '(') || !take_nstring (&reader, &self->date) || !take (&reader, ' ') || !take_nstring (&reader, &self->subject))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (!take (&reader, ' ') || !take_addresses (&reader, fields[i]))
      return FALSE;

  return take (&reader, ' ') && take_nstring (&reader, &self->in_reply_to) && take (&reader, ' ') && take_nstring (&reader, &self->message_id) && take (&reader, ')');
}

static void
append_address (GString                 *out,
                const PhEnvelopeAddress *address)
{
  if (out->len > 0)
    g_string_append (out, ", ");
  if (address->host == NULL) /* the beginning or the end of a group */
    g_string_append (out, address->mailbox != NULL ? address->mailbox : "");
  else if (address->name != NULL)
    g_string_append_printf (out, "%s <%s@%s>", address->name, address->mailbox != NULL ? address->mailbox : "", address->host);
  else
    g_string_append_printf (out, "%s@%s", address->mailbox != NULL ? address->mailbox : "", address->host);
}

/* *text: of all of them, NULL for NIL. */
static gboolean
take_address_text (Reader *reader,
                   char  **text)
{
  g_autoptr (GString) out = NULL;

  *text = NULL;
  if (take_word (reader, "NIL"))
    return TRUE;
  if (!take (reader, '('))
    return FALSE;

  out = g_string_new (NULL);
  while (!take (reader, ')'))
    {
      PhEnvelopeAddress address = { 0 };
      gboolean          ok = take_address (reader, &address);

      if (ok)
        append_address (out, &address);
      address_clear (&address);
      if (!ok)
        return FALSE;
    }
  *text = g_string_free (g_steal_pointer (&out), FALSE);

  return TRUE;
}

char *
ph_envelope_dup_field (const void     *data,
                       gsize           length,
                       PhEnvelopeField field)
{
  Reader reader = { data, length, 0 };

  for (guint i = PH_ENVELOPE_DATE; i <= (guint)field; i++)
    {
      gboolean         is_list = i >= PH_ENVELOPE_FROM && i <= PH_ENVELOPE_BCC;
      g_autofree char *text = NULL;

      if (!take (&reader, i == PH_ENVELOPE_DATE ? '(' : ' '))
        return NULL;
      if (is_list ? !take_address_text (&reader, &text) : !take_nstring (&reader, &text))
        return NULL;
      if (i == (guint)field)
        return g_steal_pointer (&text);
    }

  return NULL;
}
