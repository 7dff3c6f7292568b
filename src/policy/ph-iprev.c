#include "ph-iprev.h"

#include <string.h>

/* Of a client's names that are looked at. */
#define NAMES_MAX 3

static const char *const result_names[] = { "pass", "fail", "temperror", "permerror" };

const char *
ph_iprev_result_get_name (PhIprevResult result)
{
  return result_names[result];
}

static gboolean
has_address (const PhDnsAnswer     *answer,
             const PhClientAddress *client)
{
  for (guint i = 0; answer != NULL && i < answer->records->len; i++)
    {
      PhClientAddress address;

      if (ph_client_address_parse (&address, ph_dns_answer_get (answer, i)->name) && address.family == client->family &&
          memcmp (address.bytes, client->bytes, sizeof client->bytes) == 0)
        return TRUE;
    }

  return FALSE;
}

gboolean
ph_iprev_check (const PhClientAddress *client,
                PhDnsFacts            *facts,
                PhIprevResult         *result,
                const char           **name)
{
  g_autofree char   *reverse = ph_client_address_format_reverse (client);
  const PhDnsAnswer *names, *answer;
  PhDnsFact          fact = ph_dns_facts_look_up (facts, PH_DNS_PTR, reverse, &names);
  gboolean           whole = fact != PH_DNS_FACT_WANTED;

  *name = names != NULL ? ph_dns_answer_get (names, 0)->name : NULL;
  *result = fact == PH_DNS_FACT_TROUBLE ? PH_IPREV_TEMPERROR : fact == PH_DNS_FACT_RECORDS ? PH_IPREV_FAIL
                                                                                           : PH_IPREV_PERMERROR;
  for (guint i = 0; names != NULL && i < MIN (names->records->len, NAMES_MAX); i++)
    {
      const char *one = ph_dns_answer_get (names, i)->name;

      fact = ph_dns_facts_look_up (facts, client->family == AF_INET ? PH_DNS_A : PH_DNS_AAAA, one, &answer);
      whole &= fact != PH_DNS_FACT_WANTED;
      if (fact == PH_DNS_FACT_TROUBLE)
        *result = PH_IPREV_TEMPERROR;
      if (!has_address (answer, client))
        continue;
      *result = PH_IPREV_PASS;
      *name = one;
      return TRUE;
    }

  return whole;
}
