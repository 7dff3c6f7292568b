#include "ph-relay-rules.h"

#include "ph-address.h"

#include <gio/gio.h>
#include <string.h>

#define SEPARATORS " \t\n,;"

struct _PhRelayRules
{
  grefcount   refs;
  GHashTable *routes; /* pattern → PhRelayTarget */
  GHashTable *tls;    /* patterns, a set */
};

void
ph_relay_target_free (PhRelayTarget *self)
{
  if (self == NULL)
    return;

  g_free (self->host);
  g_free (self);
}

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

  g_hash_table_unref (self->routes);
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

PhRelayTarget *
ph_relay_target_parse (const char *text)
{
  g_autoptr (GSocketConnectable) connectable = g_network_address_parse (text, 0, NULL);
  GNetworkAddress *address = (GNetworkAddress *)connectable;
  PhRelayTarget   *target;

  if (connectable == NULL || *g_network_address_get_hostname (address) == '\0' || strpbrk (text, " \t\r\n") != NULL)
    return NULL;

  target = g_new (PhRelayTarget, 1);
  target->host = g_strdup (g_network_address_get_hostname (address));
  target->port = g_network_address_get_port (address);

  return target;
}

static gboolean
add_route (PhRelayRules *self,
           const char   *word)
{
  const char      *equals = strchr (word, '=');
  g_autofree char *left = equals != NULL ? g_strndup (word, (gsize)(equals - word)) : NULL;
  g_autofree char *pattern = left != NULL ? parse_pattern (left) : NULL;
  PhRelayTarget   *target = pattern != NULL ? ph_relay_target_parse (equals + 1) : NULL;

  if (target != NULL)
    g_hash_table_insert (self->routes, g_steal_pointer (&pattern), target);

  return target != NULL;
}

static gboolean
add_tls (PhRelayRules *self,
         const char   *word)
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
                             const char   *word),
            char **wrong)
{
  g_auto (GStrv) words = g_strsplit_set (text, SEPARATORS, PH_RELAY_RULES_MAX);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !add (self, words[i]) && wrong != NULL && *wrong == NULL)
      *wrong = g_strdup (words[i]);
}

PhRelayRules *
ph_relay_rules_new (const char *routes,
                    const char *require_tls,
                    char      **wrong)
{
  PhRelayRules *self = g_new0 (PhRelayRules, 1);

  g_ref_count_init (&self->refs);
  self->routes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)ph_relay_target_free);
  self->tls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (wrong != NULL)
    *wrong = NULL;
  read_words (self, routes, add_route, wrong);
  read_words (self, require_tls, add_tls, wrong);

  return self;
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

const PhRelayTarget *
ph_relay_rules_find_route (PhRelayRules *self,
                           const char   *domain)
{
  return self != NULL ? find (self->routes, domain) : NULL;
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
