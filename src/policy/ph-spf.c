#include "ph-spf-private.h"

#include "ph-address.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const result_names[] = { "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror" };

static void
check_clear (PhSpfCheck *self)
{
  g_free (self->dotted);
  g_free (self->local);
  g_free (self->origin);
  ph_reason_clear (&self->because);
  g_free (self->explanation);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhSpfCheck, check_clear)

void
ph_spf_outcome_clear (PhSpfOutcome *self)
{
  g_clear_pointer (&self->domain, g_free);
  ph_reason_clear (&self->because);
  g_clear_pointer (&self->explanation, g_free);
}

const char *
ph_spf_result_get_name (PhSpfResult result)
{
  return result_names[result];
}

/* Records */

/* The one SPF record of the domain (section 4.5): PH_SPF_PASS with it, else the result that its lack means. */
static PhSpfResult
select_record (PhSpfCheck  *self,
               const char  *domain,
               const char **text,
               gsize       *length)
{
  const PhDnsAnswer *answer;
  PhDnsFact          fact = ph_dns_facts_look_up (self->facts, PH_DNS_TXT, domain, &answer);
  guint              n_found = 0;

  if (fact == PH_DNS_FACT_WANTED)
    return PH_SPF_WANTED;
  if (fact == PH_DNS_FACT_TROUBLE)
    {
      /* Translators: a domain */
      ph_reason_set (&self->because, N_ ("the record of %s is not to be had now"), domain);
      return PH_SPF_TEMPERROR;
    }

  for (guint i = 0; answer != NULL && i < answer->records->len; i++)
    {
      gsize       size;
      const char *data = ph_dns_answer_get_text (answer, i, &size);

      if (!ph_spf_record_is (data, size))
        continue;
      *text = data;
      *length = size;
      n_found++;
    }

  if (n_found > 1)
    /* Translators: a domain, and a number that is 2 or more */
    ph_reason_set (&self->because, N_ ("%s has %u SPF records"), domain, n_found);
  else if (n_found == 0)
    /* Translators: a domain */
    ph_reason_set (&self->because, N_ ("%s has no SPF record"), domain);

  return n_found == 1 ? PH_SPF_PASS : n_found == 0 ? PH_SPF_NONE
                                                   : PH_SPF_PERMERROR;
}

/* Section 6.2: FALSE while it is wanted; what is wrong with it is no error. */
static gboolean
explain_failure (PhSpfCheck *self,
                 const char *spec,
                 const char *domain)
{
  PhSpfMacroValues   values = ph_spf_make_values (self, domain);
  g_autofree char   *target = NULL;
  g_autofree char   *text = NULL;
  const PhDnsAnswer *answer = NULL;
  const char        *found;
  gsize              length;
  PhDnsFact          fact;

  if (ph_spf_macro_needs_validated (spec) && ph_spf_find_validated (self, domain, FALSE, &values.validated) == PH_SPF_WANTS)
    return FALSE;
  target = ph_spf_macro_expand_domain (spec, &values);
  fact = target != NULL ? ph_dns_facts_look_up (self->facts, PH_DNS_TXT, target, &answer) : PH_DNS_FACT_NO_NAME;
  if (fact == PH_DNS_FACT_WANTED)
    return FALSE;
  if (answer == NULL || answer->records->len != 1)
    return TRUE;

  found = ph_dns_answer_get_text (answer, 0, &length);
  text = g_strndup (found, MIN (length, PH_SPF_RECORD_MAX));
  if (!ph_spf_macro_is_explanation (text))
    return TRUE;
  if (ph_spf_macro_needs_validated (text) && ph_spf_find_validated (self, domain, FALSE, &values.validated) == PH_SPF_WANTS)
    return FALSE;
  self->explanation = ph_spf_macro_expand_explanation (text, &values);

  return TRUE;
}

static PhSpfResult
follow_redirect (PhSpfCheck *self,
                 const char *spec,
                 const char *domain,
                 gboolean    explain)
{
  g_autofree char *target = NULL;
  PhSpfResult      result;

  if (!ph_spf_count_lookup (self))
    return PH_SPF_PERMERROR;

  switch (ph_spf_expand_target (self, spec, domain, &target))
    {
    case PH_SPF_WANTS:
      return PH_SPF_WANTED;
    case PH_SPF_MATCH:
      result = ph_spf_check_host (self, target, explain);
      return result == PH_SPF_NONE ? PH_SPF_PERMERROR : result;
    case PH_SPF_NO_MATCH:
      /* Translators: a name as it was written */
      ph_reason_set (&self->because, N_ ("“redirect=%s” leads to what is no name"), spec);
      return PH_SPF_PERMERROR;
    case PH_SPF_NOT_NOW:
    case PH_SPF_NEVER:
    default:
      return PH_SPF_PERMERROR;
    }
}

static PhSpfResult
qualify (char qualifier)
{
  return qualifier == '-' ? PH_SPF_FAIL : qualifier == '~' ? PH_SPF_SOFTFAIL
                                        : qualifier == '?' ? PH_SPF_NEUTRAL
                                                           : PH_SPF_PASS;
}

static PhSpfResult
evaluate (PhSpfCheck        *self,
          const PhSpfRecord *record,
          const char        *domain,
          gboolean           explain)
{
  for (guint i = 0; i < record->terms->len; i++)
    {
      const PhSpfTerm *term = record->terms->pdata[i];

      switch (ph_spf_match_term (self, term, domain))
        {
        case PH_SPF_WANTS:
          return PH_SPF_WANTED;
        case PH_SPF_NOT_NOW:
          return PH_SPF_TEMPERROR;
        case PH_SPF_NEVER:
          return PH_SPF_PERMERROR;
        case PH_SPF_MATCH:
          if (explain && term->qualifier == '-' && record->explanation != NULL && !explain_failure (self, record->explanation, domain))
            return PH_SPF_WANTED;
          /* Translators: what an SPF record says, and the domain that says it: the answer to “may it send?” */
          ph_reason_set (&self->because, N_ ("“%s” in the record of %s"), term->text, domain);
          return qualify (term->qualifier);
        case PH_SPF_NO_MATCH:
        default:
          break;
        }
    }

  if (record->redirect != NULL)
    return follow_redirect (self, record->redirect, domain, explain);
  /* Translators: a domain */
  ph_reason_set (&self->because, N_ ("nothing in the record of %s is about this client"), domain);

  return PH_SPF_NEUTRAL;
}

/* A name of more than one label (section 4.3). */
static gboolean
is_domain (const char *text)
{
  const char *dot = strchr (text, '.');

  return *text != '[' && ph_dns_facts_is_name (text) && dot != NULL && dot[1] != '\0';
}

/* The depth is bounded by the number of lookups. */
PhSpfResult
ph_spf_check_host (PhSpfCheck *self,
                   const char *domain,
                   gboolean    explain)
{
  g_autoptr (PhSpfRecord) record = NULL;
  const char *text = NULL;
  gsize       length = 0;
  PhSpfResult result;

  if (!is_domain (domain))
    {
      /* Translators: a word */
      ph_reason_set (&self->because, N_ ("“%s” is no domain"), domain);
      return PH_SPF_NONE;
    }

  result = select_record (self, domain, &text, &length);
  if (result != PH_SPF_PASS)
    return result;
  record = ph_spf_record_parse (text, length, domain, &self->because);

  return record != NULL ? evaluate (self, record, domain, explain) : PH_SPF_PERMERROR;
}

/* Whom it is about: FALSE where there is nobody. */
static gboolean
choose_identity (PhSpfCheck   *self,
                 PhSpfOutcome *outcome)
{
  const PhSpfQuery *query = self->query;

  outcome->is_helo = *query->sender == '\0';
  if (!outcome->is_helo && !ph_address_split (query->sender, &self->local, &self->origin))
    return FALSE;
  if (outcome->is_helo)
    {
      self->local = g_strdup ("postmaster");
      self->origin = g_strdup (query->helo != NULL ? query->helo : "");
    }
  outcome->domain = is_domain (self->origin) ? g_strdup (self->origin) : NULL;

  return TRUE;
}

gboolean
ph_spf_check (const PhSpfQuery *query,
              PhDnsFacts       *facts,
              PhSpfOutcome     *outcome)
{
  g_auto (PhSpfCheck) self = { .query = query, .facts = facts };
  g_auto (PhSpfOutcome) found = { PH_SPF_NONE };

  if (!ph_client_address_parse (&self.client, query->address))
    ph_reason_set (&self.because, N_ ("the client has no address"));
  else if (!choose_identity (&self, &found))
    /* Translators: an address as it was written */
    ph_reason_set (&self.because, N_ ("“%s” is no address of a domain"), query->sender);
  else
    {
      self.dotted = ph_client_address_format_dotted (&self.client);
      found.result = ph_spf_check_host (&self, self.origin, TRUE);
    }
  if (found.result == PH_SPF_WANTED)
    return FALSE;

  found.because = self.because;
  self.because = (PhReason){ NULL, NULL };
  if (found.result == PH_SPF_FAIL)
    found.explanation = g_steal_pointer (&self.explanation);
  *outcome = found;
  found = (PhSpfOutcome){ PH_SPF_NONE };

  return TRUE;
}
