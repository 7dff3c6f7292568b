#include "ph-domain-records.h"

#include "ph-dmarc.h"
#include "ph-organization.h"
#include "ph-spf-record.h"
#include "ph-spf.h"
#include "ph-tag-list.h"

#include <glib/gi18n.h>
#include <string.h>

static PhDomainRecord *
add_record (GPtrArray  *records,
            const char *kind,
            const char *type,
            char       *name, /* transfer full */
            char       *value)      /* transfer full */
{
  PhDomainRecord *record = g_new0 (PhDomainRecord, 1);

  record->kind = kind;
  record->type = type;
  record->name = name;
  record->value = value;
  record->found = g_strdup ("");
  g_ptr_array_add (records, record);

  return record;
}

G_GNUC_PRINTF (3, 4)
static void
conclude (PhDomainRecord *record,
          PhRecordState   state,
          const char     *format,
          ...)
{
  va_list args;

  record->state = state;
  va_start (args, format);
  ph_reason_set_valist (&record->remark, format, args);
  va_end (args);
}

/* Texts */

/* The texts of a name for which `is` is true; the first of them is what was found.  FALSE while it is not known. */
static gboolean
find_texts (PhDnsFacts     *facts,
            PhDomainRecord *record,
            gboolean (*is) (const char *text, gsize length),
            GStrv *texts)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const PhDnsAnswer *answer;
  PhDnsFact          fact = ph_dns_facts_look_up (facts, PH_DNS_TXT, record->name, &answer);

  for (guint i = 0; answer != NULL && i < answer->records->len; i++)
    {
      gsize            length;
      const char      *data = ph_dns_answer_get_text (answer, i, &length);
      g_autofree char *text = g_strndup (data, length);
      g_autofree char *valid = g_utf8_make_valid (text, -1);

      if (is (data, length))
        g_strv_builder_add (builder, valid);
    }
  *texts = g_strv_builder_end (builder);
  if (**texts != NULL)
    {
      g_free (record->found);
      record->found = g_strdup (**texts);
    }
  else if (fact == PH_DNS_FACT_TROUBLE)
    conclude (record, PH_RECORD_UNKNOWN, N_ ("DNS gives no answer now"));
  else
    /* Translators: a name in DNS */
    conclude (record, PH_RECORD_MISSING, N_ ("%s publishes nothing of this kind"), record->name);

  return fact != PH_DNS_FACT_WANTED;
}

/* MX */

/* Whether a host has an address; TRUE also where that is not to be had.  FALSE in *known while it is missing. */
static gboolean
has_address (PhDnsFacts *facts,
             const char *host,
             gboolean   *known)
{
  const PhDnsAnswer *answer;
  PhDnsFact          ip4 = ph_dns_facts_look_up (facts, PH_DNS_A, host, &answer);
  PhDnsFact          ip6 = ph_dns_facts_look_up (facts, PH_DNS_AAAA, host, &answer);

  *known &= ip4 != PH_DNS_FACT_WANTED && ip6 != PH_DNS_FACT_WANTED;

  return ip4 == PH_DNS_FACT_RECORDS || ip6 == PH_DNS_FACT_RECORDS || ip4 == PH_DNS_FACT_TROUBLE || ip6 == PH_DNS_FACT_TROUBLE;
}

static gboolean
check_mx (const PhDomainQuery *query,
          PhDnsFacts          *facts,
          GPtrArray           *records)
{
  PhDomainRecord *record = add_record (records, "MX", "MX", g_strdup (query->domain), g_strdup_printf ("10 %s.", query->host));
  g_autoptr (GString) found = g_string_new (NULL);
  const PhDnsAnswer *answer;
  PhDnsFact          fact = ph_dns_facts_look_up (facts, PH_DNS_MX, query->domain, &answer);
  gboolean           known = fact != PH_DNS_FACT_WANTED, ours = FALSE;

  for (guint i = 0; answer != NULL && i < answer->records->len; i++)
    {
      const PhDnsRecord *mx = ph_dns_answer_get (answer, i);

      g_string_append_printf (found, "%s%u %s.", i > 0 ? ", " : "", mx->preference, mx->name);
      ours |= g_ascii_strcasecmp (mx->name, query->host) == 0;
    }
  g_free (record->found);
  record->found = g_strdup (found->str);

  if (strchr (query->host, '.') == NULL)
    /* Translators: a host */
    conclude (record, PH_RECORD_WRONG, N_ ("“%s” is no name that others can find: give this server a whole one (HostName)"), query->host);
  else if (fact == PH_DNS_FACT_TROUBLE)
    conclude (record, PH_RECORD_UNKNOWN, N_ ("DNS gives no answer now"));
  else if (answer == NULL)
    /* Translators: a domain */
    conclude (record, PH_RECORD_MISSING, N_ ("without it others look for a mail server at %s itself"), query->domain);
  else if (!ours)
    conclude (record, PH_RECORD_WRONG, N_ ("mail goes to other servers than this one"));
  else if (!has_address (facts, query->host, &known))
    /* Translators: a host */
    conclude (record, PH_RECORD_WRONG, N_ ("%s has no address (A or AAAA record)"), query->host);

  return known;
}

/* SPF */

/* Every address of our host must be allowed.  FALSE while that is not known. */
static gboolean
try_spf (const PhDomainQuery *query,
         PhDnsFacts          *facts,
         PhDomainRecord      *record)
{
  g_autofree char *sender = g_strdup_printf ("postmaster@%s", query->domain);
  gboolean         known = TRUE;

  for (guint i = 0; i < 2; i++)
    {
      const PhDnsAnswer *answer;

      known &= ph_dns_facts_look_up (facts, i == 0 ? PH_DNS_A : PH_DNS_AAAA, query->host, &answer) != PH_DNS_FACT_WANTED;
      for (guint j = 0; answer != NULL && j < answer->records->len && j < PH_SPF_HOSTS_MAX; j++)
        {
          const char      *address = ph_dns_answer_get (answer, j)->name;
          const PhSpfQuery spf = { .address = address, .sender = sender, .helo = query->host, .receiver = query->host };
          g_auto (PhSpfOutcome) outcome = { PH_SPF_NONE };

          if (!ph_spf_check (&spf, facts, &outcome))
            known = FALSE;
          else if (outcome.result == PH_SPF_TEMPERROR)
            conclude (record, PH_RECORD_UNKNOWN, N_ ("DNS gives no answer now"));
          else if (outcome.result != PH_SPF_PASS)
            /* Translators: an address, and “fail” or another word of the standard */
            conclude (record, PH_RECORD_WRONG, N_ ("it does not allow this server (%s: %s)"), address, ph_spf_result_get_name (outcome.result));
          if (outcome.because.english != NULL && outcome.result != PH_SPF_PASS)
            ph_reason_add (&record->remark, &outcome.because);
        }
    }

  return known;
}

static gboolean
check_spf (const PhDomainQuery *query,
           PhDnsFacts          *facts,
           GPtrArray           *records)
{
  char           *value = query->smarthost != NULL ? g_strdup_printf ("v=spf1 mx a:%s -all", query->smarthost) : g_strdup ("v=spf1 mx -all");
  PhDomainRecord *record = add_record (records, "SPF", "TXT", g_strdup (query->domain), value);
  g_auto (GStrv) texts = NULL;
  gboolean known = find_texts (facts, record, ph_spf_record_is, &texts);
  g_autoptr (PhSpfRecord) parsed = *texts != NULL ? ph_spf_record_parse (*texts, strlen (*texts), query->domain, &record->remark) : NULL;

  if (*texts == NULL)
    return known;
  if (texts[1] != NULL)
    /* Translators: a domain */
    conclude (record, PH_RECORD_WRONG, N_ ("%s has several SPF records: one is allowed"), query->domain);
  else if (parsed == NULL)
    record->state = PH_RECORD_WRONG;
  else if (query->smarthost != NULL)
    /* Translators: a host */
    conclude (record, PH_RECORD_RIGHT, N_ ("it must allow what %s sends from, as its operator says"), query->smarthost);
  else
    known &= try_spf (query, facts, record);

  return known;
}

/* DKIM */

static gboolean
is_any (const char *text,
        gsize       length)
{
  return TRUE;
}

/* The key in a record, without blanks; "" where it makes no sense. */
static char *
dup_key (const char *text)
{
  g_autoptr (PhTagList) tags = ph_tag_list_parse (text, strlen (text), FALSE);
  const char *p = tags != NULL ? ph_tag_list_get (tags, "p") : NULL;
  g_auto (GStrv) parts = p != NULL ? ph_tag_split (p) : NULL;

  return g_strdup (parts != NULL && *parts != NULL ? *parts : "");
}

static gboolean
check_dkim (const char *line, /* "NAME  TXT  VALUE" */
            PhDnsFacts *facts,
            GPtrArray  *records)
{
  g_auto (GStrv) parts = g_strsplit (line, "  TXT  ", 2);
  g_auto (GStrv) texts = NULL;
  PhDomainRecord *record;
  gboolean        known;

  if (g_strv_length (parts) != 2)
    return TRUE;

  record = add_record (records, "DKIM", "TXT", g_strdup (parts[0]), g_strdup (parts[1]));
  known = find_texts (facts, record, is_any, &texts);
  if (*texts != NULL)
    {
      g_autofree char *wanted = dup_key (record->value);
      g_autofree char *found = dup_key (*texts);

      if (texts[1] != NULL)
        conclude (record, PH_RECORD_WRONG, N_ ("there is more than one record"));
      else if (*found == '\0')
        conclude (record, PH_RECORD_WRONG, N_ ("there is no key in it"));
      else if (strcmp (found, wanted) != 0)
        conclude (record, PH_RECORD_WRONG, N_ ("it is another key"));
    }

  return known;
}

static gboolean
check_all_dkim (const PhDomainQuery *query,
                PhDnsFacts          *facts,
                GPtrArray           *records)
{
  gboolean known = TRUE;

  for (guint i = 0; query->dkim[i] != NULL; i++)
    known &= check_dkim (query->dkim[i], facts, records);
  if (*query->dkim == NULL)
    conclude (add_record (records, "DKIM", "TXT", g_strconcat ("posthouse._domainkey.", query->domain, NULL), g_strdup ("")), PH_RECORD_UNWANTED,
              N_ ("mail of this domain is not signed"));

  return known;
}

/* DMARC */

static gboolean
is_dmarc (const char *text,
          gsize       length)
{
  return length >= 8 && g_ascii_strncasecmp (text, "v=DMARC1", 8) == 0;
}

static gboolean
check_dmarc (const PhDomainQuery *query,
             PhDnsFacts          *facts,
             GPtrArray           *records)
{
  PhDomainRecord *record = add_record (records, "DMARC", "TXT", g_strconcat ("_dmarc.", query->domain, NULL), g_strdup ("v=DMARC1; p=none"));
  const char     *organization = ph_organization_find (query->domain);
  g_auto (GStrv) texts = NULL;
  gboolean      known = find_texts (facts, record, is_dmarc, &texts);
  PhDmarcRecord parsed;

  if (known && *texts == NULL && record->state == PH_RECORD_MISSING && strcmp (organization, query->domain) != 0)
    {
      g_clear_pointer (&texts, g_strfreev);
      g_free (record->name);
      record->name = g_strconcat ("_dmarc.", organization, NULL);
      known = find_texts (facts, record, is_dmarc, &texts);
      if (*texts != NULL)
        {
          conclude (record, PH_RECORD_RIGHT, N_ ("of the whole organisation"));
        }
      else
        {
          g_free (record->name);
          record->name = g_strconcat ("_dmarc.", query->domain, NULL);
        }
    }
  if (*texts != NULL && texts[1] != NULL)
    conclude (record, PH_RECORD_WRONG, N_ ("there are several records: one is allowed"));
  else if (*texts != NULL && !ph_dmarc_record_parse (*texts, strlen (*texts), &parsed))
    conclude (record, PH_RECORD_WRONG, N_ ("it has no policy that makes sense"));

  return known;
}

gboolean
ph_domain_records_check (const PhDomainQuery *query,
                         PhDnsFacts          *facts,
                         GPtrArray          **records)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_domain_record_free);
  gboolean known = check_mx (query, facts, list);

  known &= check_spf (query, facts, list);
  known &= check_all_dkim (query, facts, list);
  known &= check_dmarc (query, facts, list);
  *records = known ? g_steal_pointer (&list) : NULL;

  return known;
}
