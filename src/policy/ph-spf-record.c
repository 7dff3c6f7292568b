#include "ph-spf-record.h"

#include "ph-spf-macro.h"

#include <arpa/inet.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define VERSION "v=spf1"

static void
term_free (gpointer data)
{
  PhSpfTerm *term = data;

  g_free (term->domain);
  g_free (term->text);
  g_free (term);
}

void
ph_spf_record_free (PhSpfRecord *self)
{
  g_ptr_array_unref (self->terms);
  g_free (self->redirect);
  g_free (self->explanation);
  g_free (self);
}

gboolean
ph_spf_record_is (const char *text,
                  gsize       length)
{
  gsize version = strlen (VERSION);

  return length >= version && g_ascii_strncasecmp (text, VERSION, version) == 0 && (length == version || text[version] == ' ');
}

/* What follows the name of a mechanism: the domain-spec after ":", then prefixes. */

/* "0" or digits that do not begin with one (section 5.6); *end is where they begin in `text`, whose end
 * they stand at.  -1 where there are none. */
static int
take_digits (const char *text,
             gsize      *end)
{
  gsize at = *end;
  int   value = 0;

  while (at > 0 && g_ascii_isdigit (text[at - 1]) && *end - at < 4)
    at--;
  if (at == *end || (text[at] == '0' && *end - at > 1))
    return -1;

  for (gsize i = at; i < *end; i++)
    value = value * 10 + (text[i] - '0');
  *end = at;

  return value;
}

/* dual-cidr-length at the end of `text`, which is cut before it.  FALSE where a number is too large. */
static gboolean
take_prefixes (char      *text,
               PhSpfTerm *term)
{
  gsize end = strlen (text);
  gsize at = end;
  int   bits = take_digits (text, &at);

  if (bits >= 0 && at >= 2 && text[at - 1] == '/' && text[at - 2] == '/')
    {
      if (bits > 128)
        return FALSE;
      term->prefix6 = (guint)bits;
      end = at = at - 2;
      text[end] = '\0';
      bits = take_digits (text, &at);
    }
  if (bits >= 0 && at >= 1 && text[at - 1] == '/')
    {
      if (bits > 32)
        return FALSE;
      term->prefix4 = (guint)bits;
      text[at - 1] = '\0';
    }

  return TRUE;
}

/* *rest is what follows the name: "", ":DOMAIN". */
static gboolean
take_domain (const char *rest,
             gboolean    required,
             PhSpfTerm  *term)
{
  if (*rest == '\0')
    return !required;
  if (*rest != ':' || !ph_spf_macro_is_domain_spec (rest + 1))
    return FALSE;

  term->domain = g_strdup (rest + 1);

  return TRUE;
}

static gboolean
parse_nothing (char      *rest,
               PhSpfTerm *term)
{
  return *rest == '\0';
}

static gboolean
parse_needed_domain (char      *rest,
                     PhSpfTerm *term)
{
  return take_domain (rest, TRUE, term);
}

static gboolean
parse_domain (char      *rest,
              PhSpfTerm *term)
{
  return take_domain (rest, FALSE, term);
}

static gboolean
parse_hosts (char      *rest,
             PhSpfTerm *term)
{
  return take_prefixes (rest, term) && take_domain (rest, FALSE, term);
}

static gboolean
parse_network (char      *rest,
               PhSpfTerm *term)
{
  gboolean is_ip4 = term->mechanism == PH_SPF_IP4;
  char    *slash = strchr (rest, '/');
  guint   *prefix = is_ip4 ? &term->prefix4 : &term->prefix6;

  if (*rest != ':')
    return FALSE;
  if (slash != NULL)
    {
      gsize end = strlen (slash);
      int   bits = take_digits (slash, &end);

      if (bits < 0 || end != 1 || bits > (int)*prefix)
        return FALSE;
      *prefix = (guint)bits;
      *slash = '\0';
    }

  return inet_pton (is_ip4 ? AF_INET : AF_INET6, rest + 1, term->network) == 1;
}

static const struct
{
  const char    *name;
  PhSpfMechanism mechanism;
  gboolean (*parse) (char      *rest,
                     PhSpfTerm *term);
} mechanisms[] = {
  { "all", PH_SPF_ALL, parse_nothing },
  { "include", PH_SPF_INCLUDE, parse_needed_domain },
  { "a", PH_SPF_A, parse_hosts },
  { "mx", PH_SPF_MX, parse_hosts },
  { "ptr", PH_SPF_PTR, parse_domain },
  { "ip4", PH_SPF_IP4, parse_network },
  { "ip6", PH_SPF_IP6, parse_network },
  { "exists", PH_SPF_EXISTS, parse_needed_domain },
};

static gboolean
parse_directive (PhSpfRecord *self,
                 const char  *word)
{
  const char      *name = strchr ("+-?~", *word) != NULL ? word + 1 : word;
  gsize            length = strcspn (name, ":/");
  g_autofree char *rest = g_strdup (name + length);
  PhSpfTerm       *term = g_new0 (PhSpfTerm, 1);

  term->qualifier = name == word ? '+' : *word;
  term->prefix4 = 32;
  term->prefix6 = 128;
  term->text = g_strdup (word);
  g_ptr_array_add (self->terms, term);
  for (guint i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    if (strlen (mechanisms[i].name) == length && g_ascii_strncasecmp (mechanisms[i].name, name, length) == 0)
      {
        term->mechanism = mechanisms[i].mechanism;
        return mechanisms[i].parse (rest, term);
      }

  return FALSE;
}

/* A macro-string, which may be anything with its macros whole: the value of a modifier that nobody knows. */
static gboolean
is_macro_string (const char *text)
{
  return strchr (text, ' ') == NULL && ph_spf_macro_is_explanation (text);
}

static gboolean
take_once (char      **place,
           const char *value)
{
  if (*place != NULL || !ph_spf_macro_is_domain_spec (value))
    return FALSE;

  *place = g_strdup (value);

  return TRUE;
}

static gboolean
parse_modifier (PhSpfRecord *self,
                const char  *word,
                gsize        name_length)
{
  const char *value = word + name_length + 1;

  if (name_length == strlen ("redirect") && g_ascii_strncasecmp (word, "redirect", name_length) == 0)
    return take_once (&self->redirect, value);
  if (name_length == strlen ("exp") && g_ascii_strncasecmp (word, "exp", name_length) == 0)
    return take_once (&self->explanation, value);

  return is_macro_string (value);
}

/* The length of the name where `word` is a modifier: "=" comes right after a name (section 4.6.1). */
static gsize
measure_modifier (const char *word)
{
  gsize length = strspn (word, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.");

  return g_ascii_isalpha (*word) && word[length] == '=' ? length : 0;
}

static gboolean
parse_term (PhSpfRecord *self,
            const char  *word)
{
  gsize modifier = measure_modifier (word);

  return modifier > 0 ? parse_modifier (self, word, modifier) : parse_directive (self, word);
}

PhSpfRecord *
ph_spf_record_parse (const char *text,
                     gsize       length,
                     const char *domain,
                     PhReason   *why)
{
  g_autoptr (PhSpfRecord) self = g_new0 (PhSpfRecord, 1);
  g_autofree char *copy = g_strndup (text, length);
  g_auto (GStrv) words = NULL;

  self->terms = g_ptr_array_new_with_free_func (term_free);
  if (length > PH_SPF_RECORD_MAX)
    {
      /* Translators: a domain, and 8192 or so */
      ph_reason_set (why, N_ ("the record of %s is longer than %d bytes"), domain, PH_SPF_RECORD_MAX);
      return NULL;
    }
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isprint (text[i]))
      {
        /* Translators: a domain */
        ph_reason_set (why, N_ ("the record of %s has characters that are not printable ASCII"), domain);
        return NULL;
      }

  words = g_strsplit (copy + strlen (VERSION), " ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !parse_term (self, words[i]))
      {
        /* Translators: a word, and a domain */
        ph_reason_set (why, N_ ("“%s” in the record of %s makes no sense"), words[i], domain);
        return NULL;
      }

  return g_steal_pointer (&self);
}
