#include "ph-spf-macro.h"

#include "ph-dns-facts.h"

#include <string.h>

#define DOMAIN_MAX 253
#define EXPANSION_MAX (16 * 1024) /* before a domain is cut; only a hostile record is longer */
#define EXPLANATION_MAX 300

#define DELIMITERS ".-+,/_="

/* One macro-expand of the form %{…}. */
typedef struct
{
  char     letter;
  guint    keep; /* right-hand parts; 0: all */
  gboolean reverse;
  char     delimiters[sizeof DELIMITERS];
} Macro;

/* The length of the "%{…}" at `text`; 0 where it is none. */
static gsize
parse_macro (const char *text,
             const char *letters,
             Macro      *macro)
{
  const char *c = text + 2;
  gsize       n;
  guint64     keep = 0;

  *macro = (Macro){ 0 };
  if (*c == '\0' || strchr (letters, g_ascii_tolower (*c)) == NULL)
    return 0;
  macro->letter = *c++;

  n = strspn (c, G_CSET_DIGITS);
  for (gsize i = 0; i < n; i++)
    keep = MIN (keep * 10 + (guint64)(c[i] - '0'), G_MAXUINT32);
  if (n > 0 && keep == 0)
    return 0;
  macro->keep = (guint)keep;
  c += n;

  if (*c == 'r' || *c == 'R')
    {
      macro->reverse = TRUE;
      c++;
    }
  n = strspn (c, DELIMITERS);
  for (gsize i = 0; i < n; i++)
    if (strchr (macro->delimiters, c[i]) == NULL)
      macro->delimiters[strlen (macro->delimiters)] = c[i];
  c += n;

  return *c == '}' ? (gsize)(c + 1 - text) : 0;
}

#define LETTERS "slodipvh"
#define EXPLANATION_LETTERS LETTERS "crt"

/* The length of the macro-expand at `text`, which begins with "%"; 0 where it is none. */
static gsize
measure_expand (const char *text,
                const char *letters)
{
  Macro macro;

  if (text[1] == '%' || text[1] == '_' || text[1] == '-')
    return 2;

  return text[1] == '{' ? parse_macro (text, letters, &macro) : 0;
}

/* toplabel: letters, digits and inner hyphens, but not digits alone. */
static gboolean
is_top_label (const char *text,
              gsize       length)
{
  gboolean other = FALSE;

  if (length == 0 || text[0] == '-' || text[length - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (text[i]) && text[i] != '-')
        return FALSE;
      other |= !g_ascii_isdigit (text[i]);
    }

  return other;
}

gboolean
ph_spf_macro_is_domain_spec (const char *text)
{
  const char *dot = NULL; /* the last one outside of macros, after them */
  gsize       length;

  if (*text == '\0')
    return FALSE;

  for (const char *c = text; *c != '\0';)
    if (*c == '%')
      {
        gsize n = measure_expand (c, LETTERS);

        if (n == 0)
          return FALSE;
        c += n;
        dot = NULL;
        if (*c == '\0')
          return TRUE;
      }
    else
      {
        if (!g_ascii_isgraph (*c))
          return FALSE;
        if (*c == '.' && c[1] != '\0')
          dot = c;
        c++;
      }

  if (dot == NULL)
    return FALSE;
  length = strlen (dot + 1);
  if (dot[length] == '.')
    length--;

  return is_top_label (dot + 1, length);
}

gboolean
ph_spf_macro_is_explanation (const char *text)
{
  for (const char *c = text; *c != '\0';)
    {
      gsize n = *c == '%' ? measure_expand (c, EXPLANATION_LETTERS) : g_ascii_isprint (*c) ? 1
                                                                                           : 0;

      if (n == 0)
        return FALSE;
      c += n;
    }

  return TRUE;
}

gboolean
ph_spf_macro_needs_validated (const char *text)
{
  for (const char *c = strchr (text, '%'); c != NULL; c = strchr (c + 2, '%'))
    {
      if (c[1] == '{' && g_ascii_tolower (c[2]) == 'p')
        return TRUE;
      if (c[1] == '\0')
        return FALSE;
    }

  return FALSE;
}

/* Expansion */

static char *
dup_value (const PhSpfMacroValues *values,
           char                    letter)
{
  switch (g_ascii_tolower (letter))
    {
    case 's':
      return g_strdup_printf ("%s@%s", values->local, values->origin);
    case 'l':
      return g_strdup (values->local);
    case 'o':
      return g_strdup (values->origin);
    case 'd':
      return g_strdup (values->domain);
    case 'i':
      return g_strdup (values->dotted);
    case 'p':
      return g_strdup (values->validated != NULL ? values->validated : "unknown");
    case 'v':
      return g_strdup (values->is_ipv6 ? "ip6" : "in-addr");
    case 'h':
      return g_strdup (values->helo);
    case 'c':
      return g_strdup (values->address);
    case 'r':
      return g_strdup (values->receiver != NULL ? values->receiver : "unknown");
    case 't':
    default:
      return g_strdup_printf ("%" G_GINT64_FORMAT, values->now);
    }
}

static void
reverse (GStrv parts,
         guint n)
{
  for (guint i = 0; i < n / 2; i++)
    {
      char *other = parts[i];

      parts[i] = parts[n - 1 - i];
      parts[n - 1 - i] = other;
    }
}

/* Section 7.3: split, reverse, keep the right-hand parts, join with dots. */
static char *
transform (const Macro *macro,
           char        *value) /* transfer full */
{
  g_autofree char *owned = value;
  g_auto (GStrv) parts = NULL;
  guint n, skip;

  if (macro->keep == 0 && !macro->reverse && *macro->delimiters == '\0')
    return g_steal_pointer (&owned);

  parts = g_strsplit_set (owned, *macro->delimiters != '\0' ? macro->delimiters : ".", -1);
  n = g_strv_length (parts);
  if (macro->reverse)
    reverse (parts, n);
  skip = macro->keep > 0 && macro->keep < n ? n - macro->keep : 0;

  return g_strjoinv (".", parts + skip);
}

static void
append_macro (const Macro            *macro,
              const PhSpfMacroValues *values,
              GString                *out)
{
  g_autofree char *text = transform (macro, dup_value (values, macro->letter));

  if (g_ascii_isupper (macro->letter))
    g_string_append_uri_escaped (out, text, NULL, FALSE);
  else
    g_string_append (out, text);
}

/* NULL where it grows too large. */
static char *
expand (const char             *text,
        const PhSpfMacroValues *values)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (const char *c = text; *c != '\0';)
    {
      Macro macro;

      if (out->len > EXPANSION_MAX)
        return NULL;
      if (*c != '%')
        {
          g_string_append_c (out, *c++);
          continue;
        }
      if (c[1] == '{')
        {
          c += parse_macro (c, EXPLANATION_LETTERS, &macro);
          append_macro (&macro, values, out);
          continue;
        }
      g_string_append (out, c[1] == '%' ? "%" : c[1] == '_' ? " "
                                                            : "%20");
      c += 2;
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
ph_spf_macro_expand_domain (const char             *text,
                            const PhSpfMacroValues *values)
{
  g_autofree char *whole = expand (text, values);
  const char      *name = whole;
  gsize            length = whole != NULL ? strlen (whole) : 0;

  if (length > 0 && whole[length - 1] == '.')
    whole[--length] = '\0';
  /* Whole labels go at the left. */
  while (length > DOMAIN_MAX && (name = strchr (name, '.')) != NULL)
    length = strlen (++name);

  return length > 0 && name != NULL && ph_dns_facts_is_name (name) ? g_strdup (name) : NULL;
}

char *
ph_spf_macro_expand_explanation (const char             *text,
                                 const PhSpfMacroValues *values)
{
  char *whole = expand (text, values);

  if (whole == NULL)
    return NULL;
  if (strlen (whole) > EXPLANATION_MAX)
    whole[EXPLANATION_MAX] = '\0';
  for (char *c = whole; *c != '\0'; c++)
    if (!g_ascii_isprint (*c))
      *c = '?';

  return whole;
}
