#include "ph-relay-rules.h"

#include "ph-address.h"

#include <string.h>

#define SEPARATORS " \t\n,;"

struct _PhRelayRules
{
  grefcount   refs;
  GHashTable *targets; /* pattern → PhRelayTarget */
  GHashTable *tls;     /* patterns, a set */
};

PhRelayRules *
ph_relay_rules_ref (PhRelayRules *self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

void
ph_relay_rules_unref (PhRelayRules *self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  g_hash_table_unref (self->targets);
  g_hash_table_unref (self->tls);
  g_free (self);
}

/* Reading */

/* "*", "example.org", ".example.org" ("*.example.org" is the same), canonical; NULL for no such thing. */
static char *
parse_pattern (const char *text)
{
  gboolean         below = text[0] == '.' || g_str_has_prefix (text, "*.");
  g_autofree char *domain = NULL;

  if (strcmp (text, "*") == 0)
    return g_strdup (text);
  if (below)
    text = strchr (text, '.') + 1;

  domain = ph_address_normalize_domain (text);

  return domain != NULL ? g_strconcat (below ? "." : "", domain, NULL) : NULL;
}

static gboolean
add_target (PhRelayRules  *self,
            const char    *text,
            PhRelayTarget *target)
{
  g_autofree char *pattern = parse_pattern (text);

  return pattern != NULL && !g_hash_table_contains (self->targets, pattern) &&
         g_hash_table_insert (self->targets, g_steal_pointer (&pattern), ph_relay_target_ref (target));
}

static gboolean
add_route (PhRelayRules *self,
           const char   *word,
           gpointer      user_data)
{
  const char      *equals = strchr (word, '=');
  g_autofree char *domain = equals != NULL ? g_strndup (word, (gsize)(equals - word)) : NULL;
  g_autoptr (PhRelayTarget) target = domain != NULL ? ph_relay_target_parse (equals + 1) : NULL;

  return target != NULL && add_target (self, domain, target);
}

static gboolean
add_domain (PhRelayRules *self,
            const char   *word,
            gpointer      target)
{
  return add_target (self, word, target);
}

static gboolean
add_tls (PhRelayRules *self,
         const char   *word,
         gpointer      user_data)
{
  char *pattern = parse_pattern (word);

  if (pattern != NULL)
    g_hash_table_add (self->tls, pattern);

  return pattern != NULL;
}

static void
read_words (PhRelayRules *self,
            const char   *text,
            gboolean (*add) (PhRelayRules *self,
                             const char   *word,
                             gpointer      user_data),
            gpointer user_data,
            char   **wrong)
{
  g_auto (GStrv) words = g_strsplit_set (text, SEPARATORS, PH_RELAY_RULES_MAX);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !add (self, words[i], user_data) && wrong != NULL && *wrong == NULL)
      *wrong = g_strdup (words[i]);
}

PhRelayRules *
ph_relay_rules_new (const char *routes,
                    const char *require_tls,
                    char      **wrong)
{
  PhRelayRules *self = g_new0 (PhRelayRules, 1);

  g_ref_count_init (&self->refs);
  self->targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)ph_relay_target_unref);
  self->tls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (wrong != NULL)
    *wrong = NULL;
  read_words (self, routes, add_route, NULL, wrong);
  read_words (self, require_tls, add_tls, NULL, wrong);

  return self;
}

void
ph_relay_rules_add_target (PhRelayRules  *self,
                           const char    *domains,
                           PhRelayTarget *target,
                           char         **wrong)
{
  read_words (self, domains, add_domain, target, wrong);
}

/* Asking */

/* From what says most to what says least: the domain, what it is below, "*". */
static gpointer
find (GHashTable *patterns,
      const char *domain)
{
  gpointer found = g_hash_table_lookup (patterns, domain);

  for (const char *dot = strchr (domain, '.'); found == NULL && dot != NULL; dot = strchr (dot + 1, '.'))
    found = g_hash_table_lookup (patterns, dot);

  return found != NULL ? found : g_hash_table_lookup (patterns, "*");
}

PhRelayTarget *
ph_relay_rules_find_target (PhRelayRules *self,
                            const char   *domain)
{
  return self != NULL ? find (self->targets, domain) : NULL;
}

gboolean
ph_relay_rules_requires_tls (PhRelayRules *self,
                             const char   *domain)
{
  return self != NULL && find (self->tls, domain) != NULL;
}

gboolean
ph_relay_rules_has_tls (PhRelayRules *self)
{
  return self != NULL && g_hash_table_size (self->tls) > 0;
}
