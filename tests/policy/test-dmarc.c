/* DMARC (RFC 7489): records, alignment, policy, samples, several authors. */

#include "ph-dkim-signature.h"
#include "ph-dmarc.h"
#include "ph-organization.h"

#include "zone.h"

static void
test_organization (void)
{
  static const struct
  {
    const char *domain;
    const char *organization;
  } table[] = {
    { "example.com", "example.com" },
    { "a.b.example.com", "example.com" },
    { "example.co.uk", "example.co.uk" },
    { "mail.example.co.uk", "example.co.uk" },
    { "co.uk", "co.uk" },
    { "com", "com" },
    { "a.b.example.test", "example.test" },
    { "www.xn--bcher-kva.de", "xn--bcher-kva.de" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    g_assert_cmpstr (ph_organization_find (table[i].domain), ==, table[i].organization);
}

/* "POLICY SUBDOMAIN adkim aspf PERCENT" */
static void
test_record (void)
{
  static const struct
  {
    const char *text;
    const char *parsed; /* NULL: none */
  } table[] = {
    { "v=DMARC1; p=reject", "reject reject r r 100" },
    { "v=DMARC1;p=none;", "none none r r 100" },
    { " v = DMARC1 ; p = Quarantine ; sp=none; adkim=s; aspf=s; pct=20; fo=1; ri=3600; x=y", "quarantine none s s 20" },
    { "v=DMARC1; p=reject; pct=101; adkim=x; nonsense; =; aspf", "reject reject r r 100" },
    { "v=DMARC1; p=reject; pct=0", "reject reject r r 0" },
    { "v=DMARC1; p=deny", NULL },
    { "v=DMARC1; p=deny; rua=mailto:a@x.test", "none none r r 100" },
    { "v=DMARC1; rua=mailto:a@x.test", "none none r r 100" },
    { "v=DMARC1; p=reject; sp=deny", NULL },
    { "v=DMARC1", NULL },
    { "v=DMARC1; p=", NULL },
    { "v=dmarc1; p=reject", NULL },
    { "v=DMARC2; p=reject", NULL },
    { "p=reject; v=DMARC1", NULL },
    { "x; v=DMARC1; p=reject", NULL },
    { "", NULL },
    { "v=spf1 -all", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      PhDmarcRecord    record;
      gboolean         found = ph_dmarc_record_parse (table[i].text, strlen (table[i].text), &record);
      g_autofree char *parsed = found ? g_strdup_printf ("%s %s %s %s %u", ph_dmarc_policy_get_name (record.policy), ph_dmarc_policy_get_name (record.subdomain_policy),
                                                         record.strict_dkim ? "s" : "r", record.strict_spf ? "s" : "r", record.percent)
                                      : NULL;

      g_test_message ("%s", table[i].text);
      g_assert_cmpstr (parsed, ==, table[i].parsed);
    }
}

static void
test_authors (void)
{
  static const struct
  {
    const char *header;
    const char *authors; /* NULL: too many */
  } table[] = {
    { "From: a@example.com\r\n\r\n", "example.com" },
    { "From: \"b@other.test\" <a@EXAMPLE.com> (c@third.test)\r\n\r\n", "example.com" },
    { "From: a@example.com, b@example.com, c@other.test\r\n\r\n", "example.com other.test" },
    { "From: a@example.com\r\nFROM: b@other.test\r\n\r\n", "example.com other.test" },
    { "From: g: a@example.com;\r\n\r\n", "example.com" },
    { "From: a@b\xc3\xbc"
      "cher.test\r\n\r\n",
      "xn--bcher-kva.test" },
    { "From: nobody\r\n\r\n", "" },
    { "From: a@[192.0.2.1]\r\n\r\n", "" },
    { "Subject: x\r\n\r\n", "" },
    { "From: a@1.test,a@2.test,a@3.test,a@4.test,a@5.test,a@6.test,a@7.test,a@8.test,a@9.test,a@10.test\r\n\r\n", "1.test 2.test 3.test 4.test 5.test 6.test 7.test 8.test 9.test 10.test" },
    { "From: a@1.test,a@2.test,a@3.test,a@4.test,a@5.test,a@6.test,a@7.test,a@8.test,a@9.test,a@10.test,a@11.test\r\n\r\n", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (PhHeader) header = ph_header_parse ((const guint8 *)table[i].header, strlen (table[i].header));
      g_auto (GStrv) authors = ph_dmarc_dup_authors (header);
      g_autofree char *list = authors != NULL ? g_strjoinv (" ", authors) : NULL;

      g_assert_cmpstr (list, ==, table[i].authors);
    }
}

static const ZoneRecord zone[] = {
  { "_dmarc.example.com", PH_DNS_TXT, "v=DMARC1; p=reject; sp=quarantine" },
  { "_dmarc.own.example.com", PH_DNS_TXT, "v=DMARC1; p=none" },
  { "_dmarc.strict.com", PH_DNS_TXT, "v=DMARC1; p=reject; adkim=s; aspf=s" },
  { "_dmarc.half.com", PH_DNS_TXT, "v=DMARC1; p=reject; pct=50" },
  { "_dmarc.quarter.com", PH_DNS_TXT, "v=DMARC1; p=quarantine; pct=25" },
  { "_dmarc.two.com", PH_DNS_TXT, "v=DMARC1; p=reject" },
  { "_dmarc.two.com", PH_DNS_TXT, "v=DMARC1; p=none" },
  { "_dmarc.noise.com", PH_DNS_TXT, "" },
  { "_dmarc.noise.com", PH_DNS_TXT, "v=spf1 -all" },
  { "_dmarc.noise.com", PH_DNS_TXT, "v=DMARC1; p=reject" },
  { "_dmarc.broken.com", PH_DNS_TXT, "v=DMARC1; p=deny" },
  { "_dmarc.down.com", 0, ZONE_TROUBLE },
  { "_dmarc.gov.uk", PH_DNS_TXT, "v=DMARC1; p=reject" },
  { NULL },
};

typedef struct
{
  const char *authors;
  const char *spf; /* "RESULT DOMAIN" */
  const char *signatures[3];
  guint       sample;
  const char *result; /* "RESULT DOMAIN POLICY DISPOSITION" */
} Case;

static PhSpfResult
parse_spf_result (const char *name)
{
  for (guint i = 0; i <= PH_SPF_PERMERROR; i++)
    if (g_str_has_prefix (name, ph_spf_result_get_name ((PhSpfResult)i)) && name[strlen (ph_spf_result_get_name ((PhSpfResult)i))] == ' ')
      return (PhSpfResult)i;

  return PH_SPF_NONE;
}

static char *
check (const Case *one)
{
  g_auto (GStrv) authors = g_strsplit (one->authors, " ", -1);
  g_autoptr (GPtrArray) signatures = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_dkim_signature_free);
  g_autoptr (PhDnsFacts) facts = ph_dns_facts_new ();
  g_auto (PhDmarcOutcome) outcome = { PH_DMARC_NONE };
  PhSpfOutcome spf = { PH_SPF_NONE };
  PhDmarcQuery query = { (const char *const *)authors, &spf, signatures, one->sample };
  guint        n = 0;

  if (one->spf != NULL)
    {
      spf.result = parse_spf_result (one->spf);
      spf.domain = strchr (one->spf, ' ') + 1;
    }
  for (guint i = 0; one->signatures[i] != NULL; i++)
    {
      PhDkimSignature *signature = g_new0 (PhDkimSignature, 1);

      signature->domain = g_strdup (strchr (one->signatures[i], ' ') + 1);
      signature->result = g_str_has_prefix (one->signatures[i], "pass") ? PH_DKIM_PASS : g_str_has_prefix (one->signatures[i], "temp") ? PH_DKIM_TEMPERROR
                                                                                                                                       : PH_DKIM_FAIL;
      g_ptr_array_add (signatures, signature);
    }
  while (!ph_dmarc_check (&query, facts, &outcome))
    g_assert_true (zone_answer_all (zone, facts, &n));
  g_assert_nonnull (outcome.because.english);

  return g_strdup_printf ("%s %s %s %s", ph_dmarc_result_get_name (outcome.result), outcome.domain != NULL ? outcome.domain : "-",
                          ph_dmarc_policy_get_name (outcome.policy), ph_dmarc_policy_get_name (outcome.disposition));
}

static void
test_check (void)
{
  static const Case cases[] = {
    /* No policy, no opinion. */
    { "example.org", "pass example.org", { NULL }, 0, "none example.org none none" },
    { "", NULL, { NULL }, 0, "none - none none" },
    { "two.com", NULL, { NULL }, 0, "none two.com none none" },
    { "broken.com", NULL, { NULL }, 0, "none broken.com none none" },
    { "noise.com", NULL, { NULL }, 0, "fail noise.com reject reject" },
    { "down.com", NULL, { NULL }, 0, "temperror down.com none none" },
    /* Alignment (sections 3.1.1 and 3.1.2). */
    { "example.com", "pass example.com", { NULL }, 0, "pass example.com reject none" },
    { "example.com", "pass Bounces.EXAMPLE.com", { NULL }, 0, "pass example.com reject none" },
    { "example.com", "pass example.net", { NULL }, 0, "fail example.com reject reject" },
    { "example.com", "pass badexample.com", { NULL }, 0, "fail example.com reject reject" },
    { "example.com", "softfail example.com", { NULL }, 0, "fail example.com reject reject" },
    { "example.com", "fail example.com", { "pass example.com" }, 0, "pass example.com reject none" },
    { "example.com", "fail example.com", { "fail example.com", "pass mail.example.com" }, 0, "pass example.com reject none" },
    { "example.com", "fail example.com", { "pass list.test" }, 0, "fail example.com reject reject" },
    { "example.com", NULL, { "pass com" }, 0, "fail example.com reject reject" },
    { "mail.example.com", NULL, { "pass example.com" }, 0, "pass mail.example.com quarantine none" },
    { "strict.com", "pass mail.strict.com", { "pass mail.strict.com" }, 0, "fail strict.com reject reject" },
    { "strict.com", "pass strict.com", { NULL }, 0, "pass strict.com reject none" },
    { "strict.com", "pass x.test", { "pass strict.com" }, 0, "pass strict.com reject none" },
    { "a.gov.uk", "pass b.gov.uk", { NULL }, 0, "none a.gov.uk none none" }, /* other organisations */
    /* sp=, and a record of its own. */
    { "mail.example.com", NULL, { NULL }, 0, "fail mail.example.com quarantine quarantine" },
    { "own.example.com", NULL, { NULL }, 0, "fail own.example.com none none" },
    { "a.b.example.com", NULL, { NULL }, 0, "fail a.b.example.com quarantine quarantine" },
    /* pct= (section 6.6.4). */
    { "half.com", NULL, { NULL }, 49, "fail half.com reject reject" },
    { "half.com", NULL, { NULL }, 50, "fail half.com reject quarantine" },
    { "quarter.com", NULL, { NULL }, 24, "fail quarter.com quarantine quarantine" },
    { "quarter.com", NULL, { NULL }, 99, "fail quarter.com quarantine none" },
    /* What may be proved later is no failure (section 6.6.2). */
    { "example.com", "temperror example.com", { NULL }, 0, "temperror example.com reject none" },
    { "example.com", "temperror example.net", { NULL }, 0, "fail example.com reject reject" },
    { "example.com", NULL, { "temp example.com" }, 0, "temperror example.com reject none" },
    { "example.com", "temperror example.com", { "pass example.com" }, 0, "pass example.com reject none" },
    /* Several authors: the strictest of those that fail. */
    { "example.com example.org", "pass example.com", { NULL }, 0, "none example.org none none" },
    { "own.example.com strict.com", "pass example.com", { NULL }, 0, "fail strict.com reject reject" },
    { "strict.com own.example.com", "pass strict.com", { NULL }, 0, "fail own.example.com none none" },
    { "quarter.com example.com", NULL, { NULL }, 0, "fail example.com reject reject" },
    { "example.com quarter.com", NULL, { NULL }, 0, "fail example.com reject reject" },
    { "example.com strict.com", "pass strict.com", { "pass example.com" }, 0, "pass example.com reject none" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *result = check (&cases[i]);

      g_test_message ("%u: %s", i, cases[i].authors);
      g_assert_cmpstr (result, ==, cases[i].result);
    }
}

static void
test_too_many (void)
{
  g_autoptr (GPtrArray) signatures = g_ptr_array_new ();
  g_autoptr (PhDnsFacts) facts = ph_dns_facts_new ();
  g_auto (PhDmarcOutcome) outcome = { PH_DMARC_NONE };
  const PhSpfOutcome spf = { PH_SPF_NONE };
  const PhDmarcQuery query = { NULL, &spf, signatures, 0 };

  g_assert_true (ph_dmarc_check (&query, facts, &outcome));
  g_assert_cmpint (outcome.result, ==, PH_DMARC_PERMERROR);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/dmarc/organization", test_organization);
  g_test_add_func ("/dmarc/record", test_record);
  g_test_add_func ("/dmarc/authors", test_authors);
  g_test_add_func ("/dmarc/check", test_check);
  g_test_add_func ("/dmarc/too-many", test_too_many);

  return g_test_run ();
}
