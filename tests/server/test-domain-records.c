/* What a domain publishes, against what it should. */

#include "ph-domain-records.h"

#include "../policy/zone.h"

/* "KIND STATE" of each, parted by ", ". */
static char *
check (const ZoneRecord *zone,
       const char       *host,
       const char       *smarthost,
       gboolean          is_signed,
       GPtrArray       **records)
{
  char         *signed_lines[] = { (char *)"sel._domainkey.ours.test  TXT  v=DKIM1; k=rsa; p=AAAA", NULL };
  char         *none[] = { NULL };
  PhDomainQuery query = { "ours.test", host, smarthost, is_signed ? signed_lines : none };
  g_autoptr (PhDnsFacts) facts = ph_dns_facts_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  guint n = 0;

  while (!ph_domain_records_check (&query, facts, records))
    g_assert_true (zone_answer_all (zone, facts, &n));
  for (guint i = 0; i < (*records)->len; i++)
    {
      const PhDomainRecord *record = (*records)->pdata[i];

      g_test_message ("%s %s: %s (%s)", record->kind, record->name, record->remark.english, record->found);
      g_assert_nonnull (record->value);
      g_assert_true (record->state == PH_RECORD_RIGHT || record->remark.english != NULL);
      g_string_append_printf (out, "%s%s %s", i > 0 ? ", " : "", record->kind, ph_record_state_get_name (record->state));
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

#define HOST                                   \
  { "mx.ours.test", PH_DNS_A, "192.0.2.1" },   \
  {                                            \
    "mx.ours.test", PH_DNS_AAAA, "2001:db8::1" \
  }
#define MX                                    \
  {                                           \
    "ours.test", PH_DNS_MX, "10 mx.ours.test" \
  }
#define SPF                                   \
  {                                           \
    "ours.test", PH_DNS_TXT, "v=spf1 mx -all" \
  }
#define DKIM                                                          \
  {                                                                   \
    "sel._domainkey.ours.test", PH_DNS_TXT, "v=DKIM1; k=rsa; p=AA AA" \
  }
#define DMARC                                            \
  {                                                      \
    "_dmarc.ours.test", PH_DNS_TXT, "v=DMARC1; p=reject" \
  }

static void
test_states (void)
{
  static const struct
  {
    ZoneRecord  zone[8];
    const char *states;
  } table[] = {
    { { HOST, MX, SPF, DKIM, DMARC }, "MX right, SPF right, DKIM right, DMARC right" },
    { { { "ours.test", PH_DNS_TXT, "" }, { "sel._domainkey.ours.test", PH_DNS_TXT, "" } }, "MX missing, SPF missing, DKIM wrong, DMARC missing" },
    { { { NULL } }, "MX missing, SPF missing, DKIM missing, DMARC missing" },
    { { MX, SPF, DKIM, DMARC }, "MX wrong, SPF right, DKIM right, DMARC right" }, /* no address */
    { { HOST, { "ours.test", PH_DNS_MX, "5 old.test" }, SPF, DKIM, DMARC }, "MX wrong, SPF wrong, DKIM right, DMARC right" },
    { { HOST, MX, { "ours.test", PH_DNS_TXT, "v=spf1 ip4:192.0.2.1 -all" }, DKIM, DMARC }, "MX right, SPF wrong, DKIM right, DMARC right" }, /* not its IPv6 */
    { { HOST, MX, { "ours.test", PH_DNS_TXT, "v=spf1 ip4:192.0.2 -all" }, DKIM, DMARC }, "MX right, SPF wrong, DKIM right, DMARC right" },
    { { HOST, MX, SPF, SPF, DKIM }, "MX right, SPF wrong, DKIM right, DMARC missing" },
    { { HOST, MX, { "ours.test", PH_DNS_TXT, "v=spf1 mx include:down.test -all" }, { "down.test", 0, ZONE_TROUBLE }, DKIM, DMARC }, "MX right, SPF right, DKIM right, DMARC right" },
    { { HOST, MX, { "ours.test", PH_DNS_TXT, "v=spf1 include:down.test -all" }, { "down.test", 0, ZONE_TROUBLE }, DKIM, DMARC }, "MX right, SPF unknown, DKIM right, DMARC right" },
    { { HOST, MX, SPF, { "sel._domainkey.ours.test", PH_DNS_TXT, "v=DKIM1; p=BBBB" }, DMARC }, "MX right, SPF right, DKIM wrong, DMARC right" },
    { { HOST, MX, SPF, { "sel._domainkey.ours.test", PH_DNS_TXT, "v=DKIM1; p=" }, DMARC }, "MX right, SPF right, DKIM wrong, DMARC right" },
    { { HOST, MX, SPF, DKIM, DKIM, { "_dmarc.ours.test", PH_DNS_TXT, "v=DMARC1; p=deny" } }, "MX right, SPF right, DKIM wrong, DMARC wrong" },
    { { HOST, MX, SPF, DKIM, DMARC, DMARC }, "MX right, SPF right, DKIM right, DMARC wrong" },
    { { { "ours.test", 0, ZONE_TROUBLE }, DKIM, { "_dmarc.ours.test", 0, ZONE_TROUBLE } }, "MX unknown, SPF unknown, DKIM right, DMARC unknown" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GPtrArray) records = NULL;
      g_autofree char *states = check (table[i].zone, "mx.ours.test", NULL, TRUE, &records);

      g_test_message ("%u", i);
      g_assert_cmpstr (states, ==, table[i].states);
    }
}

static void
test_values (void)
{
  static const ZoneRecord zone[] = { HOST, MX, { "ours.test", PH_DNS_TXT, "v=spf1 a:out.isp.test -all" }, { "ours.test", PH_DNS_TXT, "other=text" }, { NULL } };
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autofree char *states = check (zone, "mx.ours.test", "out.isp.test", FALSE, &records);
  g_autofree char *short_name = check (zone, "laptop", NULL, FALSE, &again);
  static const struct
  {
    const char *name;
    const char *value;
    const char *found;
  } table[] = {
    { "ours.test", "10 mx.ours.test.", "10 mx.ours.test." },
    { "ours.test", "v=spf1 mx a:out.isp.test -all", "v=spf1 a:out.isp.test -all" },
    { "posthouse._domainkey.ours.test", "", "" },
    { "_dmarc.ours.test", "v=DMARC1; p=none", "" },
  };

  g_assert_cmpstr (states, ==, "MX right, SPF right, DKIM unwanted, DMARC missing");
  g_assert_cmpstr (short_name, ==, "MX wrong, SPF right, DKIM unwanted, DMARC missing");
  g_assert_cmpuint (records->len, ==, G_N_ELEMENTS (table));
  for (guint i = 0; i < records->len; i++)
    {
      const PhDomainRecord *record = records->pdata[i];

      g_assert_cmpstr (record->name, ==, table[i].name);
      g_assert_cmpstr (record->value, ==, table[i].value);
      g_assert_cmpstr (record->found, ==, table[i].found);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/domain-records/states", test_states);
  g_test_add_func ("/domain-records/values", test_values);

  return g_test_run ();
}
