/* The mechanisms of SPF (RFC 7208 section 5), and the names that they are about. */

#include "ph-spf-private.h"

#include <arpa/inet.h>
#include <glib/gi18n-lib.h>
#include <string.h>

/* Addresses */

/* Whether the client is among the addresses of `name`. */
static PhSpfVerdict
match_host (PhSpfCheck *self,
            const char *name,
            guint       prefix4,
            guint       prefix6,
            gboolean   *is_void)
{
  const PhDnsAnswer *answer;
  PhDnsFact          fact = ph_dns_facts_look_up (self->facts, self->client.family == AF_INET ? PH_DNS_A : PH_DNS_AAAA, name, &answer);
  guint              prefix = self->client.family == AF_INET ? prefix4 : prefix6;

  *is_void = fact == PH_DNS_FACT_NO_DATA || fact == PH_DNS_FACT_NO_NAME;
  if (fact == PH_DNS_FACT_WANTED)
    return PH_SPF_WANTS;
  if (fact == PH_DNS_FACT_TROUBLE)
    {
      /* Translators: a host */
      ph_reason_set (&self->because, N_ ("the addresses of %s are not to be had now"), name);
      return PH_SPF_NOT_NOW;
    }

  for (guint i = 0; answer != NULL && i < answer->records->len; i++)
    {
      guint8 network[16];

      if (inet_pton (self->client.family, ph_dns_answer_get (answer, i)->name, network) == 1 && ph_client_address_is_in (&self->client, network, prefix))
        return PH_SPF_MATCH;
    }

  return PH_SPF_NO_MATCH;
}

/* Limits (section 4.6.4) */

gboolean
ph_spf_count_lookup (PhSpfCheck *self)
{
  if (++self->n_lookups <= PH_SPF_LOOKUPS_MAX)
    return TRUE;

  /* Translators: 10 */
  ph_reason_set (&self->because, N_ ("the record asks for more than %d lookups"), PH_SPF_LOOKUPS_MAX);

  return FALSE;
}

static PhSpfVerdict
end_void (PhSpfCheck *self)
{
  if (++self->n_void <= PH_SPF_VOID_LOOKUPS_MAX)
    return PH_SPF_NO_MATCH;

  /* Translators: 2 */
  ph_reason_set (&self->because, N_ ("more than %d names in the record do not exist"), PH_SPF_VOID_LOOKUPS_MAX);

  return PH_SPF_NEVER;
}

/* The client's own names (section 5.5) */

static gboolean
is_within (const char *name,
           const char *domain)
{
  gsize length = strlen (name), end = strlen (domain);

  return length >= end && g_ascii_strcasecmp (name + length - end, domain) == 0 && (length == end || name[length - end - 1] == '.');
}

PhSpfVerdict
ph_spf_find_validated (PhSpfCheck  *self,
                       const char  *domain,
                       gboolean     strict,
                       const char **found)
{
  g_autofree char   *reverse = ph_client_address_format_reverse (&self->client);
  const PhDnsAnswer *answer;
  PhDnsFact          fact = ph_dns_facts_look_up (self->facts, PH_DNS_PTR, reverse, &answer);
  gboolean           wanted = fact == PH_DNS_FACT_WANTED;
  int                best = -1;

  *found = NULL;
  for (guint i = 0; answer != NULL && i < MIN (answer->records->len, PH_SPF_HOSTS_MAX); i++)
    {
      const char  *name = ph_dns_answer_get (answer, i)->name;
      int          rank = g_ascii_strcasecmp (name, domain) == 0 ? 2 : is_within (name, domain) ? 1
                                                                                                : 0;
      gboolean     is_void;
      PhSpfVerdict verdict;

      if ((strict && rank == 0) || rank <= best)
        continue;
      verdict = match_host (self, name, 32, 128, &is_void);
      wanted |= verdict == PH_SPF_WANTS;
      if (verdict == PH_SPF_MATCH)
        {
          *found = name;
          best = rank;
        }
    }

  return wanted ? PH_SPF_WANTS : *found != NULL ? PH_SPF_MATCH
                                                : PH_SPF_NO_MATCH;
}

/* Names with macros (section 4.8) */

PhSpfMacroValues
ph_spf_make_values (const PhSpfCheck *self,
                    const char       *domain)
{
  return (PhSpfMacroValues){
    .local = self->local,
    .origin = self->origin,
    .domain = domain,
    .helo = self->query->helo != NULL ? self->query->helo : "unknown",
    .address = self->client.text,
    .dotted = self->dotted,
    .is_ipv6 = self->client.family == AF_INET6,
    .receiver = self->query->receiver,
    .now = self->query->now,
  };
}

PhSpfVerdict
ph_spf_expand_target (PhSpfCheck *self,
                      const char *spec, /* NULL: the domain itself */
                      const char *domain,
                      char      **target)
{
  PhSpfMacroValues values = ph_spf_make_values (self, domain);

  if (spec != NULL && ph_spf_macro_needs_validated (spec))
    {
      if (!ph_spf_count_lookup (self))
        return PH_SPF_NEVER;
      if (ph_spf_find_validated (self, domain, FALSE, &values.validated) == PH_SPF_WANTS)
        return PH_SPF_WANTS;
    }

  *target = spec != NULL ? ph_spf_macro_expand_domain (spec, &values) : g_strdup (domain);

  return *target != NULL ? PH_SPF_MATCH : PH_SPF_NO_MATCH;
}

/* Mechanisms (section 5) */

static PhSpfVerdict
match_a (PhSpfCheck      *self,
         const PhSpfTerm *term,
         const char      *target)
{
  gboolean     is_void;
  PhSpfVerdict verdict = match_host (self, target, term->prefix4, term->prefix6, &is_void);

  return is_void ? end_void (self) : verdict;
}

static PhSpfVerdict
match_mx (PhSpfCheck      *self,
          const PhSpfTerm *term,
          const char      *target)
{
  const PhDnsAnswer *answer;
  PhDnsFact          fact = ph_dns_facts_look_up (self->facts, PH_DNS_MX, target, &answer);
  PhSpfVerdict       verdict = PH_SPF_NO_MATCH;
  gboolean           wanted = fact == PH_DNS_FACT_WANTED;

  if (fact == PH_DNS_FACT_TROUBLE)
    {
      /* Translators: a domain */
      ph_reason_set (&self->because, N_ ("the mail servers of %s are not to be had now"), target);
      return PH_SPF_NOT_NOW;
    }
  if (fact == PH_DNS_FACT_NO_DATA || fact == PH_DNS_FACT_NO_NAME)
    return end_void (self);
  if (answer != NULL && answer->records->len > PH_SPF_HOSTS_MAX)
    {
      /* Translators: a domain, and 10 */
      ph_reason_set (&self->because, N_ ("%s has more than %d mail servers"), target, PH_SPF_HOSTS_MAX);
      return PH_SPF_NEVER;
    }

  /* All are asked for at once; what counts is the first that is no “no”. */
  for (guint i = 0; answer != NULL && i < answer->records->len; i++)
    {
      const char  *host = ph_dns_answer_get (answer, i)->name;
      gboolean     is_void;
      PhSpfVerdict found = *host != '\0' ? match_host (self, host, term->prefix4, term->prefix6, &is_void) : PH_SPF_NO_MATCH;

      wanted |= found == PH_SPF_WANTS;
      if (verdict == PH_SPF_NO_MATCH)
        verdict = found;
    }

  return wanted ? PH_SPF_WANTS : verdict;
}

static PhSpfVerdict
match_ptr (PhSpfCheck      *self,
           const PhSpfTerm *term,
           const char      *target)
{
  const char *name;

  return ph_spf_find_validated (self, target, TRUE, &name);
}

static PhSpfVerdict
match_exists (PhSpfCheck      *self,
              const PhSpfTerm *term,
              const char      *target)
{
  const PhDnsAnswer *answer;

  switch (ph_dns_facts_look_up (self->facts, PH_DNS_A, target, &answer))
    {
    case PH_DNS_FACT_WANTED:
      return PH_SPF_WANTS;
    case PH_DNS_FACT_RECORDS:
      return PH_SPF_MATCH;
    case PH_DNS_FACT_TROUBLE:
      /* Translators: a name in DNS */
      ph_reason_set (&self->because, N_ ("whether %s exists is not to be had now"), target);
      return PH_SPF_NOT_NOW;
    case PH_DNS_FACT_NO_DATA:
    case PH_DNS_FACT_NO_NAME:
    default:
      return end_void (self);
    }
}

static PhSpfVerdict
match_include (PhSpfCheck      *self,
               const PhSpfTerm *term,
               const char      *target)
{
  PhSpfResult result = ph_spf_check_host (self, target, FALSE);

  if (result == PH_SPF_WANTED)
    return PH_SPF_WANTS;
  if (result == PH_SPF_NONE)
    /* Translators: what an SPF record says, such as “include:example.org” */
    ph_reason_set (&self->because, N_ ("“%s” leads to no record"), term->text);
  if (result == PH_SPF_TEMPERROR)
    return PH_SPF_NOT_NOW;

  return result == PH_SPF_PASS ? PH_SPF_MATCH : result == PH_SPF_PERMERROR || result == PH_SPF_NONE ? PH_SPF_NEVER
                                                                                                    : PH_SPF_NO_MATCH;
}

/* Those that need a target, and so a lookup. */
static PhSpfVerdict (*const matchers[]) (PhSpfCheck      *self,
                                         const PhSpfTerm *term,
                                         const char      *target) = {
  [PH_SPF_INCLUDE] = match_include,
  [PH_SPF_A] = match_a,
  [PH_SPF_MX] = match_mx,
  [PH_SPF_PTR] = match_ptr,
  [PH_SPF_EXISTS] = match_exists,
};

PhSpfVerdict
ph_spf_match_term (PhSpfCheck      *self,
                   const PhSpfTerm *term,
                   const char      *domain)
{
  g_autofree char *target = NULL;
  PhSpfVerdict     verdict;

  if (term->mechanism == PH_SPF_ALL)
    return PH_SPF_MATCH;
  if (term->mechanism == PH_SPF_IP4)
    return self->client.family == AF_INET && ph_client_address_is_in (&self->client, term->network, term->prefix4) ? PH_SPF_MATCH : PH_SPF_NO_MATCH;
  if (term->mechanism == PH_SPF_IP6)
    return self->client.family == AF_INET6 && ph_client_address_is_in (&self->client, term->network, term->prefix6) ? PH_SPF_MATCH : PH_SPF_NO_MATCH;

  if (!ph_spf_count_lookup (self))
    return PH_SPF_NEVER;
  verdict = ph_spf_expand_target (self, term->domain, domain, &target);
  if (verdict == PH_SPF_NO_MATCH && term->mechanism == PH_SPF_INCLUDE)
    {
      /* Translators: what an SPF record says, such as “include:%{x}” */
      ph_reason_set (&self->because, N_ ("“%s” leads to what is no name"), term->text);
      return PH_SPF_NEVER;
    }

  return verdict == PH_SPF_MATCH ? matchers[term->mechanism](self, term, target) : verdict;
}
