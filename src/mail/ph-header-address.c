#include "ph-header-address.h"

#include <string.h>

#include "ph-address.h"
#include "ph-encoded-word.h"
#include "ph-octet.h"

/* What ends a run of ordinary characters */
#define SPECIALS "()<>@,;:\"[\\ \t\r\n"

/* One mailbox as it is read.  Outside of angle brackets it is not known before
 * their start whether words are a name or an address, so both are kept. */
typedef struct
{
  const guint8 *at;
  const guint8 *end;
  GPtrArray    *list;

  GString *phrase; /* all words outside of brackets */
  GString *route;
  GString *local;
  GString *domain;
  GString *comment;     /* the last one outside of brackets: "a@b (Name)" */
  gsize    name_length; /* of the phrase, before the word that is the local part */

  gboolean gap; /* blanks were there since the last word */
  gboolean any; /* something to emit */
  gboolean in_angle;
  gboolean after_angle;
  gboolean in_route;
  gboolean has_local;
  gboolean has_domain;
  gboolean domain_ended;
  gboolean in_group;
} PhListParser;

void
ph_header_address_free (PhHeaderAddress *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->route);
  g_free (self->local);
  g_free (self->domain);
  g_free (self);
}

static char *
dup_or_null (const GString *text,
             gsize          length)
{
  return length > 0 ? g_strndup (text->str, length) : NULL;
}

static void
reset (PhListParser *self)
{
  g_string_truncate (self->phrase, 0);
  g_string_truncate (self->route, 0);
  g_string_truncate (self->local, 0);
  g_string_truncate (self->domain, 0);
  g_string_truncate (self->comment, 0);
  self->name_length = 0;
  self->gap = self->any = self->in_angle = self->after_angle = self->in_route = FALSE;
  self->has_local = self->has_domain = self->domain_ended = FALSE;
}

static PhHeaderAddress *
add (PhListParser       *self,
     PhHeaderAddressKind kind)
{
  PhHeaderAddress *address = g_new0 (PhHeaderAddress, 1);

  address->kind = kind;
  g_ptr_array_add (self->list, address);

  return address;
}

static void
emit_mailbox (PhListParser *self)
{
  PhHeaderAddress *address;

  if (self->any)
    {
      address = add (self, PH_HEADER_ADDRESS_MAILBOX);
      if (self->in_angle || self->after_angle)
        address->name = dup_or_null (self->phrase, self->phrase->len);
      else if (self->has_domain)
        address->name = dup_or_null (self->phrase, self->name_length);
      else
        g_string_assign (self->local, self->phrase->str);

      if (address->name == NULL)
        address->name = dup_or_null (self->comment, self->comment->len);
      address->route = dup_or_null (self->route, self->route->len);
      address->local = g_strdup (self->local->str);
      address->domain = self->has_domain ? g_strdup (self->domain->str) : NULL;
    }

  reset (self);
}

static void
end_group (PhListParser *self)
{
  emit_mailbox (self);
  if (self->in_group)
    add (self, PH_HEADER_ADDRESS_GROUP_END);
  self->in_group = FALSE;
}

/* There are no groups in groups: a second start ends the first. */
static void
start_group (PhListParser *self)
{
  g_autofree char *name = g_strdup (self->phrase->str);

  reset (self);
  end_group (self);
  add (self, PH_HEADER_ADDRESS_GROUP_START)->name = g_steal_pointer (&name);
  self->in_group = TRUE;
}

/* Blanks may stand around the dots of an address (obs-local-part, obs-domain). */
static gboolean
is_joined (PhListParser  *self,
           const GString *before,
           const char    *text,
           gsize          length)
{
  return !self->gap || before->len == 0 || before->str[before->len - 1] == '.' || (length > 0 && text[0] == '.');
}

static void
add_to_local (PhListParser *self,
              const char   *text,
              gsize         length,
              gsize         phrase_length)
{
  if (!is_joined (self, self->local, text, length))
    {
      if (self->in_angle)
        g_string_append_c (self->local, ' ');
      else
        {
          g_string_truncate (self->local, 0);
          self->name_length = phrase_length;
        }
    }
  g_string_append_len (self->local, text, (gssize)length);
  self->has_local = TRUE;
}

static void
add_text (PhListParser *self,
          const char   *text,
          gsize         length)
{
  gsize phrase_length = self->phrase->len;

  if (self->after_angle)
    return;

  if (!self->in_angle)
    {
      if (self->gap && self->phrase->len > 0)
        g_string_append_c (self->phrase, ' ');
      g_string_append_len (self->phrase, text, (gssize)length);
    }

  if (self->in_route)
    g_string_append_len (self->route, text, (gssize)length);
  else if (!self->has_domain)
    add_to_local (self, text, length, phrase_length);
  else
    {
      self->domain_ended |= !is_joined (self, self->domain, text, length);
      if (!self->domain_ended)
        g_string_append_len (self->domain, text, (gssize)length);
    }

  self->gap = FALSE;
  self->any = TRUE;
}

static void
read_comment (PhListParser *self)
{
  gboolean keep = !self->in_angle;
  guint    depth = 1;

  self->at++;
  if (keep)
    g_string_truncate (self->comment, 0);

  for (; self->at < self->end; self->at++)
    {
      guint8 c = *self->at;

      if (c == '\\' && self->at + 1 < self->end)
        c = *++self->at;
      else if (c == '(')
        depth++;
      else if (c == ')' && --depth == 0)
        {
          self->at++;
          break;
        }
      if (keep && c != '\0' && c != '\r' && c != '\n')
        g_string_append_c (self->comment, (char)c);
    }

  self->gap = TRUE;
}

static void
read_quoted (PhListParser *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (self->at++; self->at < self->end && *self->at != '"'; self->at++)
    {
      if (*self->at == '\\' && self->at + 1 < self->end)
        self->at++;
      if (*self->at != '\0' && *self->at != '\r' && *self->at != '\n')
        g_string_append_c (text, (char)*self->at);
    }
  if (self->at < self->end)
    self->at++;

  add_text (self, text->str, text->len);
}

/* A run of ordinary characters, a domain literal, or one stray special. */
static void
read_run (PhListParser *self)
{
  const guint8 *start = self->at;

  if (*start == '[' && self->has_domain)
    {
      const guint8 *close = memchr (start, ']', (gsize)(self->end - start));

      self->at = close != NULL ? close + 1 : self->end;
    }
  else
    do
      self->at++;
    while (self->at < self->end && *self->at != '\0' && strchr (SPECIALS, *self->at) == NULL);

  /* Of a literal, the blanks and NULs stay away. */
  for (const guint8 *from = start, *p = start; p <= self->at; p++)
    if (p == self->at || *p == '\0' || *p == '\r' || *p == '\n')
      {
        if (p > from)
          add_text (self, (const char *)from, (gsize)(p - from));
        from = p + 1;
      }
}

static void
read_at_sign (PhListParser *self)
{
  if (self->after_angle)
    return;

  if (self->in_angle && !self->has_local && !self->has_domain && !self->in_route)
    self->in_route = TRUE;

  self->gap = FALSE;
  if (self->in_route || self->has_domain)
    add_text (self, "@", 1);
  else
    {
      if (!self->in_angle)
        g_string_append_c (self->phrase, '@');
      self->has_domain = self->any = TRUE;
    }
}

static void
read_angle (PhListParser *self)
{
  if (self->in_angle)
    return;

  if (self->after_angle) /* the comma was forgotten */
    emit_mailbox (self);

  self->in_angle = self->any = TRUE;
  self->has_local = self->has_domain = self->domain_ended = self->gap = FALSE;
  g_string_truncate (self->local, 0);
  g_string_truncate (self->domain, 0);
}

static void
read_separator (PhListParser *self,
                char          c)
{
  if (self->in_route && c == ':')
    self->in_route = FALSE;
  else if (self->in_route && c == ',')
    add_text (self, ",", 1);
  else if (c == ':' && self->in_angle)
    add_text (self, ":", 1);
  else if (c == ':' && !self->after_angle)
    start_group (self);
  else if (c == ';')
    end_group (self);
  else
    emit_mailbox (self);
}

/* Each call consumes something. */
static void
read_next (PhListParser *self)
{
  switch (*self->at)
    {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      self->gap = TRUE;
      break;
    case '\0':
    case '\\':
      break;
    case '(':
      read_comment (self);
      return;
    case '"':
      read_quoted (self);
      return;
    case '<':
      read_angle (self);
      break;
    case '>':
      self->after_angle |= self->in_angle;
      self->in_angle = self->in_route = FALSE;
      break;
    case '@':
      read_at_sign (self);
      break;
    case ',':
    case ';':
    case ':':
      read_separator (self, (char)*self->at);
      break;
    default:
      read_run (self);
      return;
    }
  self->at++;
}

GPtrArray *
ph_header_address_list_parse (const guint8 *data,
                              gsize         length)
{
  PhListParser self = { .at = data, .end = data + length };

  self.list = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_header_address_free);
  self.phrase = g_string_new (NULL);
  self.route = g_string_new (NULL);
  self.local = g_string_new (NULL);
  self.domain = g_string_new (NULL);
  self.comment = g_string_new (NULL);

  /* The last round may add three: a group's end, a start, its end. */
  while (self.at < self.end && self.list->len < PH_HEADER_ADDRESSES_MAX - 3)
    read_next (&self);
  end_group (&self);

  g_string_free (self.phrase, TRUE);
  g_string_free (self.route, TRUE);
  g_string_free (self.local, TRUE);
  g_string_free (self.domain, TRUE);
  g_string_free (self.comment, TRUE);

  return self.list;
}

char *
ph_header_address_dup_display_name (const PhHeaderAddress *self)
{
  return self->name != NULL ? ph_encoded_word_decode (self->name, strlen (self->name)) : NULL;
}

/* Valid UTF-8 without control characters. */
static char *
dup_clean (const char *text)
{
  char *clean = g_utf8_make_valid (text, -1), *to = clean;

  for (const char *from = clean; *from != '\0'; from++)
    if ((guint8)*from >= 32 && *from != 127)
      *to++ = *from;
  *to = '\0';

  return clean;
}

char *
ph_header_address_dup_addr_spec (const PhHeaderAddress *self)
{
  g_autofree char *local = NULL, *domain = NULL;

  if (self->kind != PH_HEADER_ADDRESS_MAILBOX || self->domain == NULL || self->domain[0] == '\0')
    return NULL;

  local = dup_clean (self->local);
  domain = dup_clean (self->domain);

  return ph_address_format (&(const PhAddress){ local, domain });
}
