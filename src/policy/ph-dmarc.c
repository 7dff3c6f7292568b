#include "ph-dmarc.h"

#include "ph-address.h"
#include "ph-dkim-signature.h"
#include "ph-header-address.h"
#include "ph-organization.h"
#include "ph-tag-list.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const result_names[] = { "none", "pass", "fail", "temperror", "permerror" };
static const char *const policy_names[] = { "none", "quarantine", "reject" };

const char *
ph_dmarc_result_get_name (PhDmarcResult result)
{
  return result_names[result];
}

const char *
ph_dmarc_policy_get_name (PhDmarcPolicy policy)
{
  return policy_names[policy];
}

void
ph_dmarc_outcome_clear (PhDmarcOutcome *self)
{
  g_clear_pointer (&self->domain, g_free);
  ph_reason_clear (&self->because);
}

/* Records */

static gboolean
parse_policy (const char    *text,
              PhDmarcPolicy *policy)
{
  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (policy_names); i++)
    if (g_ascii_strcasecmp (policy_names[i], text) == 0)
      {
        *policy = (PhDmarcPolicy)i;
        return TRUE;
      }

  return FALSE;
}

/* Section 6.6.3, step 2. */
static gboolean
is_record (const char      *text,
           gsize            length,
           const PhTagList *tags)
{
  const PhTag *first = ph_tag_list_get_first (tags);

  while (length > 0 && (*text == ' ' || *text == '\t'))
    {
      text++;
      length--;
    }

  return length > 0 && *text == 'v' && first != NULL && strcmp (first->name, "v") == 0 && strcmp (first->value, "DMARC1") == 0;
}

gboolean
ph_dmarc_record_parse (const char    *text,
                       gsize          length,
                       PhDmarcRecord *record)
{
  g_autoptr (PhTagList) tags = ph_tag_list_parse (text, length, TRUE);
  const char *subdomain = ph_tag_list_get (tags, "sp");
  const char *percent = ph_tag_list_get (tags, "pct");
  const char *reports = ph_tag_list_get (tags, "rua");
  guint64     number;

  *record = (PhDmarcRecord){ .percent = 100 };
  if (!is_record (text, length, tags))
    return FALSE;

  /* Step 6: who only wants reports has no policy. */
  if (!parse_policy (ph_tag_list_get (tags, "p"), &record->policy) || (subdomain != NULL && !parse_policy (subdomain, &record->subdomain_policy)))
    {
      record->policy = record->subdomain_policy = PH_DMARC_POLICY_NONE;
      return reports != NULL && g_ascii_strncasecmp (reports, "mailto:", strlen ("mailto:")) == 0;
    }
  if (subdomain == NULL)
    record->subdomain_policy = record->policy;
  record->strict_dkim = g_strcmp0 (ph_tag_list_get (tags, "adkim"), "s") == 0;
  record->strict_spf = g_strcmp0 (ph_tag_list_get (tags, "aspf"), "s") == 0;
  if (percent != NULL && ph_tag_parse_number (percent, &number) && number <= 100)
    record->percent = (guint)number;

  return TRUE;
}

/* Authors (section 6.6.1) */

GStrv
ph_dmarc_dup_authors (const PhHeader *header)
{
  g_autoptr (GPtrArray) domains = g_ptr_array_new_with_free_func (g_free);

  for (const PhHeaderField *from = NULL; (from = ph_header_find (header, "From", from)) != NULL;)
    {
      g_autoptr (GPtrArray) addresses = ph_header_address_list_parse (header->data + from->value_offset, from->value_length);

      for (guint i = 0; i < addresses->len; i++)
        {
          const PhHeaderAddress *address = addresses->pdata[i];
          g_autofree char       *domain = address->domain != NULL ? ph_address_normalize_domain (address->domain) : NULL;

          if (domain == NULL || *domain == '[' || g_ptr_array_find_with_equal_func (domains, domain, g_str_equal, NULL))
            continue;
          if (domains->len == PH_DMARC_AUTHORS_MAX)
            return NULL;
          g_ptr_array_add (domains, g_steal_pointer (&domain));
        }
    }
  g_ptr_array_add (domains, NULL);

  return (GStrv)g_ptr_array_steal (domains, NULL);
}

/* Policy (section 6.6.3) */

/* TRUE where it is known what there is at `name`: *n_found records, the last of them in *record. */
static PhDnsFact
find_record (PhDnsFacts    *facts,
             const char    *domain,
             PhDmarcRecord *record,
             guint         *n_found)
{
  g_autofree char   *name = g_strconcat ("_dmarc.", domain, NULL);
  const PhDnsAnswer *answer;
  PhDnsFact          fact = ph_dns_facts_look_up (facts, PH_DNS_TXT, name, &answer);

  *n_found = 0;
  for (guint i = 0; answer != NULL && i < answer->records->len; i++)
    {
      gsize       length;
      const char *text = ph_dns_answer_get_text (answer, i, &length);
      g_autoptr (PhTagList) tags = ph_tag_list_parse (text, length, TRUE);
      PhDmarcRecord parsed;

      if (!is_record (text, length, tags))
        continue;
      (*n_found)++;
      if (!ph_dmarc_record_parse (text, length, &parsed))
        *n_found += 2; /* no policy in it: as if there were several */
      *record = parsed;
    }

  return fact;
}

/* Alignment (section 3.1) */

static gboolean
is_aligned (const char *domain,
            const char *author,
            gboolean    strict)
{
  g_autofree char *canonical = g_ascii_strdown (domain, -1);

  return strict ? strcmp (canonical, author) == 0 : strcmp (ph_organization_find (canonical), ph_organization_find (author)) == 0;
}

/* PASS with what proves it in *because, TEMPERROR where it may be proved later. */
static PhDmarcResult
find_proof (const PhDmarcQuery  *query,
            const char          *author,
            const PhDmarcRecord *record,
            PhReason            *because)
{
  gboolean later = FALSE;

  for (guint i = 0; i < query->signatures->len; i++)
    {
      const PhDkimSignature *signature = query->signatures->pdata[i];

      if (signature->domain == NULL || !is_aligned (signature->domain, author, record->strict_dkim))
        continue;
      later |= signature->result == PH_DKIM_TEMPERROR;
      if (signature->result == PH_DKIM_PASS)
        {
          /* Translators: a domain */
          ph_reason_set (because, N_ ("it is signed by %s"), signature->domain);
          return PH_DMARC_PASS;
        }
    }

  if (query->spf->domain != NULL && is_aligned (query->spf->domain, author, record->strict_spf))
    {
      later |= query->spf->result == PH_SPF_TEMPERROR;
      if (query->spf->result == PH_SPF_PASS)
        {
          /* Translators: a domain */
          ph_reason_set (because, N_ ("SPF allows the client to send for %s"), query->spf->domain);
          return PH_DMARC_PASS;
        }
    }
  ph_reason_set (because, later ? N_ ("SPF or a signature can't be checked now") : N_ ("neither SPF nor a signature is of its domain"));

  return later ? PH_DMARC_TEMPERROR : PH_DMARC_FAIL;
}

static void
judge (const PhDmarcQuery  *query,
       const char          *author,
       const PhDmarcRecord *record,
       gboolean             is_below,
       PhDmarcOutcome      *outcome)
{
  outcome->result = find_proof (query, author, record, &outcome->because);
  outcome->policy_known = TRUE;
  outcome->policy = is_below ? record->subdomain_policy : record->policy;

  /* Section 6.6.4: who is spared gets the next weaker. */
  if (outcome->result == PH_DMARC_FAIL)
    outcome->disposition = outcome->policy == PH_DMARC_POLICY_NONE || query->sample < record->percent ? outcome->policy : (PhDmarcPolicy)(outcome->policy - 1);
}

/* FALSE while an answer is missing. */
static gboolean
check_author (const PhDmarcQuery *query,
              const char         *author,
              PhDnsFacts         *facts,
              PhDmarcOutcome     *outcome)
{
  const char   *organization = ph_organization_find (author);
  PhDmarcRecord record;
  guint         n_found;
  PhDnsFact     fact = find_record (facts, author, &record, &n_found);
  gboolean      is_below = n_found == 0 && fact != PH_DNS_FACT_WANTED && strcmp (organization, author) != 0;

  if (is_below && fact != PH_DNS_FACT_TROUBLE)
    fact = find_record (facts, organization, &record, &n_found);
  if (fact == PH_DNS_FACT_WANTED)
    return FALSE;

  outcome->domain = g_strdup (author);
  if (fact == PH_DNS_FACT_TROUBLE)
    {
      outcome->result = PH_DMARC_TEMPERROR;
      ph_reason_set (&outcome->because, N_ ("its policy is not to be had now"));
    }
  else if (n_found != 1)
    ph_reason_set (&outcome->because, n_found == 0 ? N_ ("its domain has no policy") : N_ ("its domain has no policy that can be used"));
  else
    judge (query, author, &record, is_below, outcome);

  return TRUE;
}

/* Which of two outcomes counts for the message. */
static int
rank (const PhDmarcOutcome *outcome)
{
  switch (outcome->result)
    {
    case PH_DMARC_FAIL:
      return 3 + (int)outcome->disposition;
    case PH_DMARC_TEMPERROR:
      return 2 + (!outcome->policy_known || outcome->policy == PH_DMARC_POLICY_REJECT ? 2 : 0);
    case PH_DMARC_NONE:
      return 1;
    case PH_DMARC_PASS:
    case PH_DMARC_PERMERROR:
    default:
      return 0;
    }
}

gboolean
ph_dmarc_check (const PhDmarcQuery *query,
                PhDnsFacts         *facts,
                PhDmarcOutcome     *outcome)
{
  g_auto (PhDmarcOutcome) worst = { PH_DMARC_NONE };
  gboolean whole = TRUE;

  if (query->authors == NULL || *query->authors == NULL)
    {
      worst.result = query->authors == NULL ? PH_DMARC_PERMERROR : PH_DMARC_NONE;
      ph_reason_set (&worst.because, query->authors == NULL ? N_ ("From names too many domains") : N_ ("From names no domain"));
    }
  for (guint i = 0; query->authors != NULL && query->authors[i] != NULL; i++)
    {
      g_auto (PhDmarcOutcome) found = { PH_DMARC_NONE };

      if (!check_author (query, query->authors[i], facts, &found))
        whole = FALSE;
      else if (i == 0 || rank (&found) > rank (&worst))
        {
          ph_dmarc_outcome_clear (&worst);
          worst = found;
          found = (PhDmarcOutcome){ PH_DMARC_NONE };
        }
    }
  if (!whole)
    return FALSE;

  *outcome = worst;
  worst = (PhDmarcOutcome){ PH_DMARC_NONE };

  return TRUE;
}
