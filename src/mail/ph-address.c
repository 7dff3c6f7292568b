#include "ph-address.h"

#include <arpa/inet.h>
#include <glib/gi18n-lib.h>
#include <idn2.h>
#include <string.h>

#include "ph-mail-error.h"
#include "ph-octet.h"

/* A slice that is consumed from its start. */
typedef struct
{
  const char    *at;
  const char    *end;
  PhAddressFlags flags;
} PhCursor;

static gboolean
refuse (GError    **error,
        PhMailError code,
        const char *why)
{
  g_set_error_literal (error, PH_MAIL_ERROR, code, why);

  return FALSE;
}

static gboolean
take (PhCursor *cursor,
      char      c)
{
  if (cursor->at == cursor->end || *cursor->at != c)
    return FALSE;

  cursor->at++;
  return TRUE;
}

static gboolean
is_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guint8)*text >= 128)
      return FALSE;

  return TRUE;
}

static gboolean
is_dot_atom (const char *text)
{
  gboolean after_dot = TRUE;

  for (; *text != '\0'; text++)
    {
      if (*text == '.' && after_dot)
        return FALSE;
      if (*text != '.' && (guint8)*text < 128 && !ph_octet_is_atext ((guint8)*text))
        return FALSE;
      after_dot = *text == '.';
    }

  return !after_dot;
}

/* RFC 6531 leaves the characters open; those that end lines or hide are no name. */
static gboolean
is_clean_utf8 (const char *text,
               gsize       length)
{
  if (!g_utf8_validate_len (text, length, NULL))
    return FALSE;

  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    switch ((int)g_unichar_type (g_utf8_get_char (p)))
      {
      case G_UNICODE_CONTROL:
      case G_UNICODE_LINE_SEPARATOR:
      case G_UNICODE_PARAGRAPH_SEPARATOR:
      case G_UNICODE_UNASSIGNED:
      case G_UNICODE_SURROGATE:
        return FALSE;
      default:
        break;
      }

  return TRUE;
}

/* --- Domains --- */

/* Labels of letters, digits, hyphens, and underscores, which host names in
 * container networks do have.  A last label that looks like a number is refused:
 * resolvers take such names for addresses. */
static gboolean
is_host_name (const char *name)
{
  const char *label = name;

  for (const char *p = name;; p++)
    {
      if (*p == '.' || *p == '\0')
        {
          if (p == label || p - label > 63 || *label == '-' || p[-1] == '-')
            return FALSE;
          if (*p == '\0')
            break;
          label = p + 1;
        }
      else if (!g_ascii_isalnum (*p) && *p != '-' && *p != '_')
        return FALSE;
    }

  if (g_str_has_prefix (label, "0x"))
    return label[2 + strspn (label + 2, "0123456789abcdef")] != '\0';

  return label[strspn (label, "0123456789")] != '\0';
}

/* Lower case and A-labels; NULL if it is no domain name. */
static char *
normalize_name (const char *name,
                gsize       length)
{
  g_autofree char *lower = NULL;
  char            *ascii = NULL, *copy;

  if (length > 2 * PH_ADDRESS_DOMAIN_MAX || memchr (name, '\0', length) != NULL)
    return NULL;

  copy = g_strndup (name, length);
  if (is_ascii (copy))
    lower = copy;
  else
    {
      if (idn2_to_ascii_8z (copy, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK)
        lower = g_strdup (ascii);
      idn2_free (ascii);
      g_free (copy);
    }

  for (char *p = lower; p != NULL && *p != '\0'; p++)
    *p = g_ascii_tolower (*p);

  /* Checked last: the mapping of IDNA makes dots and more of wide characters. */
  if (lower == NULL || strlen (lower) > PH_ADDRESS_DOMAIN_MAX || !is_host_name (lower))
    return NULL;

  return g_steal_pointer (&lower);
}

/* RFC 5321 4.1.3, without its brackets. */
static char *
normalize_literal (const char *text,
                   gsize       length)
{
  g_autofree char *copy = g_strndup (text, MIN (length, 64));
  guint8           address[16];
  char             buffer[INET6_ADDRSTRLEN];

  if (strlen (copy) != length)
    return NULL;

  if (g_ascii_strncasecmp (copy, "IPv6:", 5) == 0)
    {
      if (inet_pton (AF_INET6, copy + 5, address) != 1 || inet_ntop (AF_INET6, address, buffer, sizeof buffer) == NULL)
        return NULL;
      return g_strconcat ("[IPv6:", buffer, "]", NULL);
    }

  if (inet_pton (AF_INET, copy, address) != 1 || inet_ntop (AF_INET, address, buffer, sizeof buffer) == NULL)
    return NULL;

  return g_strconcat ("[", buffer, "]", NULL);
}

static char *
parse_domain (PhCursor *cursor,
              GError  **error)
{
  const char *start = cursor->at;
  char       *domain;

  if (take (cursor, '['))
    {
      const char *close = memchr (cursor->at, ']', (gsize)(cursor->end - cursor->at));

      domain = close != NULL ? normalize_literal (cursor->at, (gsize)(close - cursor->at)) : NULL;
      if (domain == NULL)
        refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Invalid address literal"));
      else
        cursor->at = close + 1;
      return domain;
    }

  for (; cursor->at < cursor->end; cursor->at++)
    {
      char c = *cursor->at;

      if ((guint8)c >= 128 && (cursor->flags & PH_ADDRESS_UTF8) == 0)
        {
          refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Non-ASCII domain needs SMTPUTF8"));
          return NULL;
        }
      if (!g_ascii_isalnum (c) && c != '-' && c != '.' && c != '_' && (guint8)c < 128)
        break;
    }

  domain = normalize_name (start, (gsize)(cursor->at - start));
  if (domain == NULL)
    refuse (error,
            cursor->at - start > PH_ADDRESS_DOMAIN_MAX ? PH_MAIL_ERROR_LIMIT : PH_MAIL_ERROR_SYNTAX,
            N_ ("Invalid domain"));

  return domain;
}

/* --- Local parts --- */

static gboolean
parse_quoted (PhCursor *cursor,
              GString  *local,
              GError  **error)
{
  while (cursor->at < cursor->end && *cursor->at != '"')
    {
      char c = *cursor->at++;

      if (c == '\\')
        {
          if (cursor->at == cursor->end)
            break;
          c = *cursor->at++;
        }
      if ((guint8)c < 32 || c == 127)
        return refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Control character in address"));
      g_string_append_c (local, c);
    }

  return take (cursor, '"') || refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Quoted string has no end"));
}

static char *
parse_local (PhCursor *cursor,
             GError  **error)
{
  g_autoptr (GString) local = g_string_new (NULL);

  if (take (cursor, '"'))
    {
      if (!parse_quoted (cursor, local, error))
        return NULL;
    }
  else
    {
      const char *start = cursor->at;

      while (cursor->at < cursor->end && (*cursor->at == '.' || (guint8)*cursor->at >= 128 || ph_octet_is_atext ((guint8)*cursor->at)))
        cursor->at++;
      g_string_append_len (local, start, cursor->at - start);
      if (local->len > 0 && !is_dot_atom (local->str))
        {
          refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Misplaced dot in local part"));
          return NULL;
        }
    }

  if (local->len == 0)
    refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Empty local part"));
  else if (local->len > PH_ADDRESS_LOCAL_MAX)
    refuse (error, PH_MAIL_ERROR_LIMIT, N_ ("Local part too long"));
  else if (!is_ascii (local->str) && (cursor->flags & PH_ADDRESS_UTF8) == 0)
    refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Non-ASCII local part needs SMTPUTF8"));
  else if (!is_clean_utf8 (local->str, local->len))
    refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Invalid characters in local part"));
  else
    return g_string_free (g_steal_pointer (&local), FALSE);

  return NULL;
}

/* --- Mailboxes and paths --- */

static PhAddress *
parse_mailbox (PhCursor *cursor,
               GError  **error)
{
  g_autoptr (PhAddress) self = g_new0 (PhAddress, 1);
  g_autofree char *formatted = NULL;

  self->local = parse_local (cursor, error);
  if (self->local == NULL)
    return NULL;

  if (take (cursor, '@'))
    {
      self->domain = parse_domain (cursor, error);
      if (self->domain == NULL)
        return NULL;
    }
  else if ((cursor->flags & PH_ADDRESS_POSTMASTER) == 0 || g_ascii_strcasecmp (self->local, "postmaster") != 0)
    {
      refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Domain missing"));
      return NULL;
    }

  formatted = ph_address_format (self);
  if (strlen (formatted) > PH_ADDRESS_MAX)
    {
      refuse (error, PH_MAIL_ERROR_LIMIT, N_ ("Address too long"));
      return NULL;
    }

  return g_steal_pointer (&self);
}

/* "@a,@b:" of RFC 5321 4.1.2, which is to be ignored. */
static gboolean
skip_source_route (PhCursor *cursor,
                   GError  **error)
{
  while (take (cursor, '@'))
    {
      g_autofree char *domain = parse_domain (cursor, error);

      if (domain == NULL)
        return FALSE;
      if (take (cursor, ':'))
        return TRUE;
      if (!take (cursor, ','))
        break;
    }

  return refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Invalid source route"));
}

PhAddress *
ph_address_parse_path (const char    *text,
                       gsize          length,
                       PhAddressFlags flags,
                       gsize         *consumed,
                       GError       **error)
{
  PhCursor cursor = { text, text + length, flags };
  g_autoptr (PhAddress) self = NULL;

  if (!take (&cursor, '<'))
    {
      refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Address must be in angle brackets"));
      return NULL;
    }

  if (cursor.at < cursor.end && *cursor.at == '>' && (flags & PH_ADDRESS_NULL_PATH) != 0)
    {
      self = g_new0 (PhAddress, 1);
      self->local = g_strdup ("");
    }
  else
    {
      if (cursor.at < cursor.end && *cursor.at == '@' && !skip_source_route (&cursor, error))
        return NULL;
      self = parse_mailbox (&cursor, error);
      if (self == NULL)
        return NULL;
    }

  if (!take (&cursor, '>'))
    {
      refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Closing angle bracket missing"));
      return NULL;
    }

  *consumed = (gsize)(cursor.at - text);
  return g_steal_pointer (&self);
}

PhAddress *
ph_address_parse (const char    *text,
                  gsize          length,
                  PhAddressFlags flags,
                  GError       **error)
{
  PhCursor cursor = { text, text + length, flags };
  g_autoptr (PhAddress) self = parse_mailbox (&cursor, error);

  if (self == NULL)
    return NULL;

  if (cursor.at != cursor.end)
    {
      refuse (error, PH_MAIL_ERROR_SYNTAX, N_ ("Unexpected characters after address"));
      return NULL;
    }

  return g_steal_pointer (&self);
}

PhAddress *
ph_address_copy (const PhAddress *self)
{
  PhAddress *copy = g_new0 (PhAddress, 1);

  copy->local = g_strdup (self->local);
  copy->domain = g_strdup (self->domain);

  return copy;
}

void
ph_address_free (PhAddress *self)
{
  if (self == NULL)
    return;

  g_free (self->local);
  g_free (self->domain);
  g_free (self);
}

gboolean
ph_address_is_null_path (const PhAddress *self)
{
  return self->local[0] == '\0';
}

gboolean
ph_address_needs_utf8 (const PhAddress *self)
{
  return !is_ascii (self->local);
}

char *
ph_address_format (const PhAddress *self)
{
  GString *text = g_string_new (NULL);

  if (self->local[0] == '\0' || is_dot_atom (self->local))
    g_string_append (text, self->local);
  else
    {
      g_string_append_c (text, '"');
      for (const char *p = self->local; *p != '\0'; p++)
        {
          if (*p == '"' || *p == '\\')
            g_string_append_c (text, '\\');
          g_string_append_c (text, *p);
        }
      g_string_append_c (text, '"');
    }

  if (self->domain != NULL)
    {
      g_string_append_c (text, '@');
      g_string_append (text, self->domain);
    }

  return g_string_free (text, FALSE);
}

/* NFC, so that two spellings of one name are one. */
static PhAddress *
parse_normalized (const char *text)
{
  g_autoptr (PhAddress) self = ph_address_parse (text, strlen (text), PH_ADDRESS_UTF8, NULL);
  char *local;

  if (self == NULL)
    return NULL;

  local = g_utf8_normalize (self->local, -1, G_NORMALIZE_NFC);
  g_free (self->local);
  self->local = local;
  if (local == NULL || strlen (local) > PH_ADDRESS_LOCAL_MAX)
    return NULL;

  return g_steal_pointer (&self);
}

char *
ph_address_normalize (const char *text)
{
  g_autoptr (PhAddress) self = parse_normalized (text);

  return self != NULL ? ph_address_format (self) : NULL;
}

char *
ph_address_canonicalize (const char *text)
{
  g_autoptr (PhAddress) self = ph_address_parse (text, strlen (text), PH_ADDRESS_UTF8, NULL);

  return self != NULL ? ph_address_format (self) : NULL;
}

char *
ph_address_normalize_domain (const char *domain)
{
  PhCursor         cursor = { domain, domain + strlen (domain), PH_ADDRESS_UTF8 };
  g_autofree char *result = parse_domain (&cursor, NULL);

  return cursor.at == cursor.end ? g_steal_pointer (&result) : NULL;
}

char *
ph_address_make_key (const char *text)
{
  g_autofree char *normal = text != NULL ? ph_address_normalize (text) : NULL;

  return normal != NULL ? g_utf8_casefold (normal, -1) : NULL;
}

gboolean
ph_address_equal (const char *a,
                  const char *b)
{
  g_autoptr (PhAddress) first = parse_normalized (a);
  g_autoptr (PhAddress) second = parse_normalized (b);
  g_autofree char *first_local = NULL, *second_local = NULL;

  if (first == NULL || second == NULL || strcmp (first->domain, second->domain) != 0)
    return FALSE;

  first_local = g_utf8_casefold (first->local, -1);
  second_local = g_utf8_casefold (second->local, -1);

  return strcmp (first_local, second_local) == 0;
}

gboolean
ph_address_split (const char *text,
                  char      **local,
                  char      **domain)
{
  g_autoptr (PhAddress) self = parse_normalized (text);

  if (local != NULL)
    *local = self != NULL ? g_steal_pointer (&self->local) : NULL;
  if (domain != NULL)
    *domain = self != NULL ? g_steal_pointer (&self->domain) : NULL;

  return self != NULL;
}
