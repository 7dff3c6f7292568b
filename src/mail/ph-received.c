#include "ph-received.h"

#include <string.h>

#include "ph-date.h"
#include "ph-header.h"

/* The text of a comment at "(", nested ones with it; *at moves past it. */
static char *
read_comment (const char **at)
{
  const char *start = *at + 1, *p = start;
  guint       depth = 1;

  for (; *p != '\0'; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        p++;
      else if (*p == '(')
        depth++;
      else if (*p == ')' && --depth == 0)
        break;
    }
  *at = *p != '\0' ? p + 1 : p;

  return g_strndup (start, MIN ((gsize)(p - start), PH_RECEIVED_CLAUSE_MAX));
}

static char *
read_word (const char **at)
{
  const char *start = *at;
  gboolean    quoted = FALSE;

  while (**at != '\0' && (quoted || strchr (" \t\r\n(;", **at) == NULL))
    {
      if (**at == '"')
        quoted = !quoted;
      (*at)++;
    }

  return g_strndup (start, MIN ((gsize)(*at - start), PH_RECEIVED_CLAUSE_MAX));
}

static void
skip_blanks (const char **at)
{
  while (g_ascii_isspace (**at))
    (*at)++;
}

static const struct
{
  const char *name;
  gsize       value;
  gsize       comment; /* 0: not kept */
} clauses[] = {
  { "from", G_STRUCT_OFFSET (PhReceived, from), G_STRUCT_OFFSET (PhReceived, from_comment) },
  { "by", G_STRUCT_OFFSET (PhReceived, by), 0 },
  { "with", G_STRUCT_OFFSET (PhReceived, with), G_STRUCT_OFFSET (PhReceived, with_comment) },
  { "id", G_STRUCT_OFFSET (PhReceived, id), 0 },
  { "for", G_STRUCT_OFFSET (PhReceived, recipient), 0 },
};

static void
take (PhReceived *self,
      gsize       offset,
      char       *value)
{
  char **place = &G_STRUCT_MEMBER (char *, self, offset);

  /* The first one counts. */
  if (*place == NULL && *value != '\0')
    *place = value;
  else
    g_free (value);
}

static void
read_clause (PhReceived  *self,
             const char **at)
{
  g_autofree char *name = read_word (at);

  for (guint i = 0; i < G_N_ELEMENTS (clauses); i++)
    {
      if (g_ascii_strcasecmp (name, clauses[i].name) != 0)
        continue;

      skip_blanks (at);
      take (self, clauses[i].value, read_word (at));
      skip_blanks (at);
      if (**at == '(' && clauses[i].comment != 0)
        take (self, clauses[i].comment, read_comment (at));
      return;
    }
}

/* Some servers say before "by" how the line was encrypted. */
static void
read_loose_comment (PhReceived  *self,
                    const char **at)
{
  char *comment = read_comment (at);

  if (strstr (comment, "TLS") != NULL)
    take (self, G_STRUCT_OFFSET (PhReceived, with_comment), comment);
  else
    g_free (comment);
}

PhReceived *
ph_received_parse (const char *value)
{
  PhReceived *self = g_new0 (PhReceived, 1);
  PhDate      date;

  for (skip_blanks (&value); *value != '\0' && *value != ';'; skip_blanks (&value))
    {
      if (*value == '(')
        read_loose_comment (self, &value);
      else
        read_clause (self, &value);
    }
  if (*value == ';' && ph_date_parse (value + 1, strlen (value + 1), &date))
    self->time = date.time;

  if (self->recipient != NULL && self->recipient[0] == '<')
    {
      char *end = strrchr (self->recipient, '>');

      if (end != NULL)
        *end = '\0';
      memmove (self->recipient, self->recipient + 1, strlen (self->recipient));
    }

  return self;
}

void
ph_received_free (PhReceived *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < G_N_ELEMENTS (clauses); i++)
    {
      g_free (G_STRUCT_MEMBER (char *, self, clauses[i].value));
      if (clauses[i].comment != 0)
        g_free (G_STRUCT_MEMBER (char *, self, clauses[i].comment));
    }
  g_free (self);
}

char *
ph_received_dup_first_id (const guint8 *data,
                          gsize         length)
{
  g_autoptr (PhHeader) header = ph_header_parse (data, length);
  g_autofree char *value = ph_header_dup_value (header, "Received");
  g_autoptr (PhReceived) received = value != NULL ? ph_received_parse (value) : NULL;

  return received != NULL ? g_steal_pointer (&received->id) : NULL;
}
