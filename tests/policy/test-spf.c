/* SPF (RFC 7208): check_host() on a DNS that is a table. */

#include "ph-spf-macro.h"
#include "ph-spf-record.h"
#include "ph-spf.h"

#include "zone.h"

#define CLIENT "192.0.2.3"
#define CLIENT6 "2001:db8::cb01"

typedef struct
{
  const char *record;  /* of example.com; NULL: none */
  const char *address; /* NULL: CLIENT */
  const char *result;
} Case;

/* What the records below may name. */
static const ZoneRecord around[] = {
  { "example.com", PH_DNS_A, "192.0.2.10" },
  { "example.com", PH_DNS_A, "192.0.2.11" },
  { "example.com", PH_DNS_MX, "10 mx.example.com" },
  { "host.example.com", PH_DNS_A, CLIENT },
  { "host.example.com", PH_DNS_AAAA, CLIENT6 },
  { "near.example.com", PH_DNS_A, "192.0.2.200" },
  { "near.example.com", PH_DNS_AAAA, "2001:db8::1" },
  { "mx.example.com", PH_DNS_A, "192.0.2.20" },
  { "only.example.com", PH_DNS_MX, "10 host.example.com" },
  { "two.example.com", PH_DNS_MX, "20 near.example.com" },
  { "two.example.com", PH_DNS_MX, "10 host.example.com" },
  { "nullmx.example.com", PH_DNS_MX, "0 ." },
  { "abc.123", PH_DNS_A, CLIENT },
  { "foo:bar/baz.example.com", PH_DNS_A, CLIENT },
  { "nothing.example.com", 0, NULL },
  { "down.example.com", 0, ZONE_TROUBLE },
  { "pass.example.org", PH_DNS_TXT, "v=spf1 ip4:192.0.2.0/24 -all" },
  { "fail.example.org", PH_DNS_TXT, "v=spf1 -all exp=why.example.org" },
  { "soft.example.org", PH_DNS_TXT, "v=spf1 ~all" },
  { "neutral.example.org", PH_DNS_TXT, "v=spf1 ?all" },
  { "broken.example.org", PH_DNS_TXT, "v=spf1 ipv4:1.2.3.4 -all" },
  { "none.example.org", PH_DNS_TXT, "v=spf10 -all" },
  { "loop.example.org", PH_DNS_TXT, "v=spf1 include:loop.example.org -all" },
  { "round.example.org", PH_DNS_TXT, "v=spf1 redirect=round.example.org" },
  { "why.example.org", PH_DNS_TXT, "not to be seen" },
  { "3.2.0.192.in-addr.arpa", PH_DNS_PTR, "other.test" },
  { "3.2.0.192.in-addr.arpa", PH_DNS_PTR, "host.example.com" },
  { "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", PH_DNS_PTR, "host.example.com" },
  { "other.test", PH_DNS_A, "203.0.113.1" },
  { "mx.example.org", PH_DNS_TXT, "v=spf1 a:nothing.example.com mx:nullmx.example.com -all" },
  { NULL },
};

/* With the records of `more` before those above. */
static char *
check_as (const ZoneRecord *more,
          const PhSpfQuery *query,
          PhSpfOutcome     *outcome)
{
  g_autoptr (PhDnsFacts) facts = ph_dns_facts_new ();
  g_autoptr (GArray) zone = g_array_new (TRUE, TRUE, sizeof (ZoneRecord));
  guint n = 0;

  for (; more->name != NULL; more++)
    g_array_append_vals (zone, more, 1);
  g_array_append_vals (zone, around, G_N_ELEMENTS (around));
  while (!ph_spf_check (query, facts, outcome))
    g_assert_true (zone_answer_all ((ZoneRecord *)(gpointer)zone->data, facts, &n));
  g_assert_cmpuint (n, <, PH_DNS_FACTS_MAX);

  return g_strdup (ph_spf_result_get_name (outcome->result));
}

static char *
check (const char   *record,
       const char   *address,
       PhSpfOutcome *outcome)
{
  const ZoneRecord more[] = { { record != NULL ? "example.com" : NULL, PH_DNS_TXT, record }, { NULL } };
  const PhSpfQuery query = { address != NULL ? address : CLIENT, "strong-bad@example.com", "mail.example.net", "us.test", 1790000000 };

  return check_as (more, &query, outcome);
}

static void
try_cases (const Case *cases)
{
  for (; cases->result != NULL; cases++)
    {
      g_auto (PhSpfOutcome) outcome = { PH_SPF_NONE };
      g_autofree char *result = check (cases->record, cases->address, &outcome);

      if (strcmp (result, cases->result) != 0)
        g_test_message ("“%s” from %s: %s", cases->record, cases->address, outcome.because.english);
      g_assert_cmpstr (result, ==, cases->result);
      g_assert_nonnull (outcome.because.english);
      g_assert_cmpstr (outcome.domain, ==, "example.com");
    }
}

/* Sections 4.5 and 4.6: the record as a whole. */
static void
test_record (void)
{
  static const Case cases[] = {
    { NULL, NULL, "none" },
    { "v=spf10 -all", NULL, "none" },
    { "v=spf1a", NULL, "none" },
    { " v=spf1 -all", NULL, "none" },
    { "v=spf1", NULL, "neutral" },
    { "v=spf1 ", NULL, "neutral" },
    { "V=SpF1 ~ALL", NULL, "softfail" },
    { "v=spf1  a   -all  ", NULL, "fail" },
    { "v=spf1 -all", NULL, "fail" },
    { "v=spf1 ?all", NULL, "neutral" },
    { "v=spf1 +all", NULL, "pass" },
    { "v=spf1 -all +all", NULL, "fail" },
    { "v=spf1 all.", NULL, "permerror" },
    { "v=spf1 all:x.test", NULL, "permerror" },
    { "v=spf1 all/8", NULL, "permerror" },
    { "v=spf1 -all nonsense", NULL, "permerror" }, /* section 4.6: errors anywhere count */
    { "v=spf1 -all ip4:1.2.3", NULL, "permerror" },
    { "v=spf1\t-all", NULL, "none" },
    { "v=spf1 -all\t", NULL, "permerror" },
    { "v=spf1 a:host\xc3\xa9.example.com -all", NULL, "permerror" },
    { "v=spf1 -all =x", NULL, "permerror" },
    { "v=spf1 -all 9x=y", NULL, "permerror" },
    { "v=spf1 -all a_b-c.d=any:/thing", NULL, "fail" },
    { "v=spf1 -all unknown=", NULL, "fail" },
    { "v=spf1 -all unknown=%", NULL, "permerror" },
    { "v=spf1 -all unknown=%{s} unknown=%{s}", NULL, "fail" },
    { "v=spf1 --all", NULL, "permerror" },
    { "v=spf1 redirect:pass.example.org", NULL, "permerror" },
    { "v=spf1 include=pass.example.org -all", NULL, "fail" }, /* an unknown modifier */
    { NULL, NULL, NULL },
  };
  g_autofree char *large = g_strnfill (PH_SPF_RECORD_MAX, ' ');
  g_autofree char *record = g_strconcat ("v=spf1 +all", large, NULL);
  const Case       too_large[] = { { record, NULL, "permerror" }, { NULL } };

  try_cases (cases);
  try_cases (too_large);
}

/* Section 4.5: several records; what is no SPF does not count. */
static void
test_selection (void)
{
  static const struct
  {
    ZoneRecord  records[4];
    const char *result;
  } table[] = {
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all" }, { "example.com", PH_DNS_TXT, "v=spf1 +all" } }, "permerror" },
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all" }, { "example.com", PH_DNS_TXT, "v=spf1 -all" } }, "permerror" },
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all" }, { "example.com", PH_DNS_TXT, "caf\xe9" }, { "example.com", PH_DNS_TXT, "" } }, "fail" },
    { { { "example.com", PH_DNS_TXT, ZONE_TROUBLE } }, "temperror" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const PhSpfQuery query = { CLIENT, "a@example.com", "mail.example.net", NULL, 0 };
      g_auto (PhSpfOutcome) outcome = { PH_SPF_NONE };
      g_autofree char *result = check_as (table[i].records, &query, &outcome);

      g_assert_cmpstr (result, ==, table[i].result);
    }
}

static void
test_networks (void)
{
  static const Case cases[] = {
    { "v=spf1 ip4:192.0.2.3 -all", NULL, "pass" },
    { "v=spf1 ip4:192.0.2.3/32 -all", NULL, "pass" },
    { "v=spf1 ip4:192.0.2.4 -all", NULL, "fail" },
    { "v=spf1 ip4:192.0.2.0/30 -all", NULL, "pass" },
    { "v=spf1 ip4:192.0.2.4/30 -all", NULL, "fail" },
    { "v=spf1 ip4:1.2.3.4/0 -all", NULL, "pass" },
    { "v=spf1 ip4:192.0.2.0/24 -all", CLIENT6, "fail" },
    { "v=spf1 ip4:1.2.3.4/33 -all", NULL, "permerror" },
    { "v=spf1 ip4:1.2.3.4/032 -all", NULL, "permerror" },
    { "v=spf1 ip4:1.2.3.4/ -all", NULL, "permerror" },
    { "v=spf1 ip4:1.2.3.4//32 -all", NULL, "permerror" },
    { "v=spf1 ip4 -all", NULL, "permerror" },
    { "v=spf1 ip4: -all", NULL, "permerror" },
    { "v=spf1 ip4:192.0.2 -all", NULL, "permerror" },
    { "v=spf1 ip4:192.0.2.03 -all", NULL, "permerror" },
    { "v=spf1 ip4:1.2.3.4:25 -all", NULL, "permerror" },
    { "v=spf1 ip6:2001:db8::cb01 -all", CLIENT6, "pass" },
    { "v=spf1 ip6:2001:db8::/33 -all", CLIENT6, "pass" },
    { "v=spf1 ip6:2001:DB8:8000::/33 -all", CLIENT6, "fail" },
    { "v=spf1 ip6:::/0 -all", CLIENT6, "pass" },
    { "v=spf1 ip6:::/0 -all", NULL, "fail" },
    { "v=spf1 ip6:::1/129 -all", CLIENT6, "permerror" },
    { "v=spf1 ip6:: -all", CLIENT6, "permerror" },
    { "v=spf1 ip6::CAFE::BABE -all", CLIENT6, "permerror" },
    { "v=spf1 ip6 -all", NULL, "permerror" },
    { "v=spf1 ip4:192.0.2.3 -all", "::ffff:192.0.2.3", "pass" }, /* section 5 */
    { "v=spf1 ip6:::ffff:192.0.2.3 -all", "::ffff:192.0.2.3", "fail" },
    { NULL, NULL, NULL },
  };

  try_cases (cases);
}

static void
test_hosts (void)
{
  static const Case cases[] = {
    { "v=spf1 a -all", NULL, "fail" },
    { "v=spf1 a -all", "192.0.2.11", "pass" },
    { "v=spf1 a/24 -all", NULL, "pass" },
    { "v=spf1 a/0 -all", "10.0.0.1", "pass" },
    { "v=spf1 a:host.example.com -all", NULL, "pass" },
    { "v=spf1 A:HOST.example.com. -all", NULL, "pass" },
    { "v=spf1 a:host.example.com -all", CLIENT6, "pass" },
    { "v=spf1 a:near.example.com//64 -all", CLIENT6, "pass" },
    { "v=spf1 a:near.example.com//128 -all", CLIENT6, "fail" },
    { "v=spf1 a:near.example.com/24//128 -all", NULL, "pass" },
    { "v=spf1 a:near.example.com/25//64 -all", CLIENT6, "pass" },
    { "v=spf1 a:near.example.com/25//64 -all", NULL, "fail" },
    { "v=spf1 a/33 -all", NULL, "permerror" },
    { "v=spf1 a//129 -all", NULL, "permerror" },
    { "v=spf1 a/024 -all", NULL, "permerror" },
    { "v=spf1 a/ -all", NULL, "permerror" },
    { "v=spf1 a: -all", NULL, "permerror" },
    { "v=spf1 a:111.222.33.44 -all", NULL, "permerror" },
    { "v=spf1 a:abc.123 -all", NULL, "permerror" },
    { "v=spf1 a:museum -all", NULL, "permerror" },
    { "v=spf1 a:museum. -all", NULL, "permerror" },
    { "v=spf1 a:example.com- -all", NULL, "permerror" },
    { "v=spf1 a:example.com:8080 -all", NULL, "permerror" },
    { "v=spf1 a:example.xn--zckzah -all", NULL, "fail" },
    { "v=spf1 a:foo:bar/baz.example.com -all", NULL, "pass" },
    { "v=spf1 a:down.example.com -all", NULL, "temperror" },
    { "v=spf1 a:nowhere.example.com -all", NULL, "fail" },
    { "v=spf1 mx -all", "192.0.2.20", "pass" },
    { "v=spf1 mx -all", NULL, "fail" },
    { "v=spf1 mx/24 -all", NULL, "pass" },
    { "v=spf1 mx:two.example.com -all", NULL, "pass" },
    { "v=spf1 mx:two.example.com//96 -all", CLIENT6, "pass" },
    { "v=spf1 mx:host.example.com -all", NULL, "fail" }, /* section 5.4: no implicit MX */
    { "v=spf1 mx:nullmx.example.com -all", NULL, "fail" },
    { "v=spf1 mx:down.example.com -all", NULL, "temperror" },
    { "v=spf1 mx: -all", NULL, "permerror" },
    { "v=spf1 exists:host.example.com -all", CLIENT6, "pass" }, /* A, whatever the client has */
    { "v=spf1 exists:nothing.example.com -all", NULL, "fail" },
    { "v=spf1 exists:down.example.com -all", NULL, "temperror" },
    { "v=spf1 exists -all", NULL, "permerror" },
    { "v=spf1 exists: -all", NULL, "permerror" },
    { "v=spf1 exists:host.example.com/8 -all", NULL, "permerror" },
    { "v=spf1 ptr -all", NULL, "pass" },
    { "v=spf1 ptr -all", CLIENT6, "pass" },
    { "v=spf1 ptr:host.example.com -all", NULL, "pass" },
    { "v=spf1 ptr:Example.COM -all", NULL, "pass" },
    { "v=spf1 ptr:other.test -all", NULL, "fail" }, /* does not lead back */
    { "v=spf1 ptr:ample.com -all", NULL, "fail" },
    { "v=spf1 ptr -all", "198.51.100.1", "fail" },
    { "v=spf1 ptr/24 -all", NULL, "permerror" },
    { "v=spf1 ptr: -all", NULL, "permerror" },
    { NULL, NULL, NULL },
  };

  try_cases (cases);
}

static void
test_other_records (void)
{
  static const Case cases[] = {
    { "v=spf1 include:pass.example.org -all", NULL, "pass" },
    { "v=spf1 -include:pass.example.org +all", NULL, "fail" },
    { "v=spf1 include:fail.example.org ~all", NULL, "softfail" },
    { "v=spf1 include:soft.example.org ?all", NULL, "neutral" },
    { "v=spf1 include:neutral.example.org -all", NULL, "fail" },
    { "v=spf1 include:down.example.com -all", NULL, "temperror" },
    { "v=spf1 include:broken.example.org -all", NULL, "permerror" },
    { "v=spf1 include:none.example.org -all", NULL, "permerror" },
    { "v=spf1 include:nowhere.example.org -all", NULL, "permerror" },
    { "v=spf1 include -all", NULL, "permerror" },
    { "v=spf1 include: -all", NULL, "permerror" },
    { "v=spf1 include:pass.example.org/24 -all", NULL, "permerror" },
    { "v=spf1 redirect=pass.example.org", NULL, "pass" },
    { "v=spf1 redirect=pass.example.org", "198.51.100.1", "fail" },
    { "v=spf1 redirect=pass.example.org -all", NULL, "fail" },
    { "v=spf1 REDIRECT=pass.example.org a", NULL, "pass" },
    { "v=spf1 redirect=none.example.org", NULL, "permerror" },
    { "v=spf1 redirect=nowhere.example.org", NULL, "permerror" },
    { "v=spf1 redirect=down.example.com", NULL, "temperror" },
    { "v=spf1 redirect=pass.example.org redirect=pass.example.org", NULL, "permerror" },
    { "v=spf1 -all exp=a.test exp=a.test", NULL, "permerror" },
    { "v=spf1 redirect=", NULL, "permerror" },
    { "v=spf1 -all exp=", NULL, "permerror" },
    { "v=spf1 -all redirect=%{", NULL, "permerror" },
    { NULL, NULL, NULL },
  };

  try_cases (cases);
}

/* Section 4.6.4. */
static void
test_limits (void)
{
  static const Case cases[] = {
    { "v=spf1 include:loop.example.org", NULL, "permerror" },
    { "v=spf1 redirect=round.example.org", NULL, "permerror" },
    { "v=spf1 a a a a a a a a a ptr:nowhere.test -all", NULL, "fail" },
    { "v=spf1 a a a a a a a a a a a -all", NULL, "permerror" },
    { "v=spf1 a a a a a a a a a ip4:192.0.2.3 mx mx", NULL, "pass" }, /* counted as they are met */
    { "v=spf1 a a a a a a a a a include:pass.example.org", NULL, "pass" },
    { "v=spf1 a a a a a a a a include:mx.example.org ip4:192.0.2.3", NULL, "permerror" },
    { "v=spf1 exists:%{p}.x.test exists:%{p}.x.test exists:%{p}.x.test -all", NULL, "permerror" }, /* void */
    { "v=spf1 a:n1.test a:n2.test ~all", NULL, "softfail" },
    { "v=spf1 a:n1.test a:n2.test a:n3.test ~all", NULL, "permerror" },
    { "v=spf1 exists:n1.test mx:nothing.example.com a:nothing.example.com ~all", NULL, "permerror" },
    { NULL, NULL, NULL },
  };
  static const ZoneRecord many[] = {
    { "example.com", PH_DNS_TXT, "v=spf1 mx:many.test -all" },
    { "many.test", PH_DNS_MX, "1 a.many.test" },
    { "many.test", PH_DNS_MX, "2 b.many.test" },
    { "many.test", PH_DNS_MX, "3 c.many.test" },
    { "many.test", PH_DNS_MX, "4 d.many.test" },
    { "many.test", PH_DNS_MX, "5 e.many.test" },
    { "many.test", PH_DNS_MX, "6 f.many.test" },
    { "many.test", PH_DNS_MX, "7 g.many.test" },
    { "many.test", PH_DNS_MX, "8 h.many.test" },
    { "many.test", PH_DNS_MX, "9 i.many.test" },
    { "many.test", PH_DNS_MX, "10 host.example.com" },
    { "many.test", PH_DNS_MX, "11 k.many.test" },
    { NULL },
  };
  ZoneRecord       ten[G_N_ELEMENTS (many)];
  const PhSpfQuery query = { CLIENT, "a@example.com", "x.test", NULL, 0 };
  g_auto (PhSpfOutcome) outcome = { PH_SPF_NONE };
  g_auto (PhSpfOutcome) outcome10 = { PH_SPF_NONE };
  g_autofree char *result = NULL;
  g_autofree char *result10 = NULL;

  try_cases (cases);

  /* Hosts without addresses are no void lookups of the record. */
  memcpy (ten, many, sizeof many);
  ten[G_N_ELEMENTS (many) - 2] = (ZoneRecord){ NULL };
  result10 = check_as (ten, &query, &outcome10);
  g_assert_cmpstr (result10, ==, "pass");
  result = check_as (many, &query, &outcome);
  g_assert_cmpstr (result, ==, "permerror");
}

/* Of more than ten names of a client the first ten count (section 4.6.4). */
static void
test_many_names (void)
{
  g_autoptr (GArray) zone = g_array_new (TRUE, TRUE, sizeof (ZoneRecord));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint last = 9; last <= 10; last++)
    {
      const PhSpfQuery query = { "198.51.100.7", "a@example.com", "x.test", NULL, 0 };
      const ZoneRecord own[] = { { "example.com", PH_DNS_TXT, "v=spf1 ptr -all" }, { "p.example.com", PH_DNS_A, "198.51.100.7" } };
      const ZoneRecord found = { "7.100.51.198.in-addr.arpa", PH_DNS_PTR, "p.example.com" };
      g_auto (PhSpfOutcome) outcome = { PH_SPF_NONE };
      g_autofree char *result = NULL;

      g_array_set_size (zone, 0);
      g_array_append_vals (zone, own, 2);
      for (guint i = 0; i < last; i++)
        {
          ZoneRecord more = { "7.100.51.198.in-addr.arpa", PH_DNS_PTR, g_strdup_printf ("p%u.example.com", i) };

          g_ptr_array_add (names, (gpointer)more.value);
          g_array_append_vals (zone, &more, 1);
        }
      g_array_append_vals (zone, &found, 1);
      result = check_as ((ZoneRecord *)(gpointer)zone->data, &query, &outcome);
      g_assert_cmpstr (result, ==, last == 9 ? "pass" : "fail");
    }
}

/* Section 4.3, and whom a check is about. */
static void
test_identity (void)
{
  static const struct
  {
    const char *sender;
    const char *helo;
    const char *domain;
    const char *result;
  } table[] = {
    { "a@example.org", "x.test", "example.org", "fail" },
    { "a@EXAMPLE.org", "x.test", "example.org", "fail" },
    { "", "example.org", "example.org", "fail" },
    { "", "Example.ORG", "Example.ORG", "fail" },
    { "", "localhost", NULL, "none" },
    { "", "[192.0.2.3]", NULL, "none" },
    { "", "JUMPIN' JUPITER", NULL, "none" },
    { "", "a..test", NULL, "none" },
    { "", NULL, NULL, "none" },
    { "a@[192.0.2.3]", "x.test", NULL, "none" },
    { "a@org", "x.test", NULL, "none" },
    { "a@nowhere.example.org", "x.test", "nowhere.example.org", "none" },
  };
  static const ZoneRecord records[] = { { "example.org", PH_DNS_TXT, "v=spf1 -all" }, { NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const PhSpfQuery query = { CLIENT, table[i].sender, table[i].helo, NULL, 0 };
      g_auto (PhSpfOutcome) outcome = { PH_SPF_NONE };
      g_autofree char *result = check_as (records, &query, &outcome);

      g_test_message ("%u", i);
      g_assert_cmpstr (result, ==, table[i].result);
      g_assert_cmpstr (outcome.domain, ==, table[i].domain);
      g_assert_cmpint (outcome.is_helo, ==, *table[i].sender == '\0');
    }
}

/* Section 7.4, and edges. */
static void
test_macros (void)
{
  static const struct
  {
    const char *text;
    const char *expansion; /* NULL: no domain-spec, or no name */
    gboolean    is_ipv6;
  } table[] = {
    { "%{s}", "strong-bad@email.example.com" },
    { "%{o}", "email.example.com" },
    { "%{d}", "email.example.com" },
    { "%{d4}", "email.example.com" },
    { "%{d3}", "email.example.com" },
    { "%{d2}", "example.com" },
    { "%{d1}", "com" },
    { "%{dr}", "com.example.email" },
    { "%{d2r}", "example.email" },
    { "%{l}", "strong-bad" },
    { "%{l-}", "strong.bad" },
    { "%{lr}", "strong-bad" },
    { "%{lr-}", "bad.strong" },
    { "%{l1r-}", "strong" },
    { "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
    { "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
    { "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
    { "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com" },
    { "%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net" },
    { "%{ir}.%{v}._spf.%{d2}", "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com", TRUE },
    { "%{p}.x.test", "mx.example.org.x.test" },
    { "%{h}", "mx.example.net" },
    { "%{S}.x.test", "strong-bad%40email.example.com.x.test" },
    { "%%.x.test", "%.x.test" },
    { "x%-y.test", "x%20y.test" },
    { "x%_y.test", NULL }, /* a blank is in no name of ours */
    { "%{d+-}.x.test", "email.example.com.x.test" },
    { "%{l+-}.x.test", "strong.bad.x.test" },
    { "%{d127}", "email.example.com" },
    { "%{d99999999999999999999}", "email.example.com" },
    { "a.test.", "a.test" },
    { "%{d}.", NULL },
    { "%{d}x", NULL },
    { "%{d0}", NULL },
    { "%{a}", NULL },
    { "%{c}", NULL },
    { "%{t}.x.test", NULL },
    { "%(d)", NULL },
    { "%", NULL },
    { "%{", NULL },
    { "%{d", NULL },
    { "%{d2r-+", NULL },
    { "%{d!}", NULL },
    { "%x.test", NULL },
    { "", NULL },
    { "test", NULL },
    { "a..test", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const PhSpfMacroValues values = {
        .local = "strong-bad",
        .origin = "email.example.com",
        .domain = "email.example.com",
        .helo = "mx.example.net",
        .address = table[i].is_ipv6 ? CLIENT6 : CLIENT,
        .dotted = table[i].is_ipv6 ? "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1" : CLIENT,
        .is_ipv6 = table[i].is_ipv6,
        .validated = "mx.example.org",
      };
      g_autofree char *name = ph_spf_macro_is_domain_spec (table[i].text) ? ph_spf_macro_expand_domain (table[i].text, &values) : NULL;

      g_test_message ("%s", table[i].text);
      g_assert_cmpstr (name, ==, table[i].expansion);
    }
}

/* Section 7.3: labels go at the left until 253 characters are left. */
static void
test_long_names (void)
{
  g_autofree char       *label = g_strnfill (60, 'x');
  g_autofree char       *local = g_strdup_printf ("%s.%s.%s.%s.%s", label, label, label, label, label);
  g_autofree char       *endless = g_strnfill (100, 'x');
  g_autofree char       *wanted = g_strdup_printf ("%s.%s.%s.%s.x.test", label, label, label, label);
  const PhSpfMacroValues values = { .local = local, .origin = "o.test", .domain = endless, .helo = "h.test", .dotted = CLIENT };
  const PhSpfMacroValues foreign = { .local = "d\xc3\xb6rte", .origin = "o.test", .domain = "o.test", .helo = "h.test", .dotted = CLIENT };
  g_autofree char       *name = ph_spf_macro_expand_domain ("%{l}.x.test", &values);

  g_assert_cmpstr (name, ==, wanted);
  g_assert_null (ph_spf_macro_expand_domain ("%{d}.x.test", &values));  /* a label of 100 */
  g_assert_null (ph_spf_macro_expand_domain ("%{l}.x.test", &foreign)); /* RFC 8616 section 4 */
}

/* Section 6.2. */
static void
test_explanation (void)
{
  static const struct
  {
    ZoneRecord  records[6];
    const char *explanation;
  } table[] = {
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all exp=e.test" }, { "e.test", PH_DNS_TXT, "%{i} is not of %{d} (%{r}, %{t}, %{c})%_%%" } }, "192.0.2.3 is not of example.com (us.test, 1790000000, 192.0.2.3) %" },
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all exp=e.test" }, { "e.test", PH_DNS_TXT, "http://%{d}/why?s=%{S}&p=%{p}" } }, "http://example.com/why?s=strong-bad%40example.com&p=host.example.com" },
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all exp=e.test" } }, NULL },
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all exp=e.test" }, { "e.test", PH_DNS_TXT, "" } }, "" },
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all exp=e.test" }, { "e.test", PH_DNS_TXT, "one" }, { "e.test", PH_DNS_TXT, "two" } }, NULL },
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all exp=e.test" }, { "e.test", PH_DNS_TXT, "a %test" } }, NULL },
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all exp=e.test" }, { "e.test", PH_DNS_TXT, "b\xc3\xb6se" } }, NULL },
    { { { "example.com", PH_DNS_TXT, "v=spf1 -all exp=e.test" }, { "e.test", PH_DNS_TXT, ZONE_TROUBLE } }, NULL },
    { { { "example.com", PH_DNS_TXT, "v=spf1 ~all exp=e.test" }, { "e.test", PH_DNS_TXT, "soft" } }, NULL },
    /* Of the record that decides: a redirect's own, never an include's. */
    { { { "example.com", PH_DNS_TXT, "v=spf1 redirect=r.test exp=e.test" }, { "e.test", PH_DNS_TXT, "mine" }, { "r.test", PH_DNS_TXT, "v=spf1 -all exp=f.test" }, { "f.test", PH_DNS_TXT, "theirs" } }, "theirs" },
    { { { "example.com", PH_DNS_TXT, "v=spf1 redirect=r.test exp=e.test" }, { "e.test", PH_DNS_TXT, "mine" }, { "r.test", PH_DNS_TXT, "v=spf1 -all" } }, NULL },
    { { { "example.com", PH_DNS_TXT, "v=spf1 include:r.test -all exp=e.test" }, { "e.test", PH_DNS_TXT, "mine" }, { "r.test", PH_DNS_TXT, "v=spf1 -all exp=f.test" }, { "f.test", PH_DNS_TXT, "theirs" } }, "mine" },
    { { { "example.com", PH_DNS_TXT, "v=spf1 include:r.test -all" }, { "r.test", PH_DNS_TXT, "v=spf1 -all exp=f.test" }, { "f.test", PH_DNS_TXT, "theirs" } }, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const PhSpfQuery query = { CLIENT, "strong-bad@example.com", "mail.example.net", "us.test", 1790000000 };
      g_auto (PhSpfOutcome) outcome = { PH_SPF_NONE };
      g_autofree char *result = check_as (table[i].records, &query, &outcome);

      g_test_message ("%u: %s", i, result);
      g_assert_cmpstr (outcome.explanation, ==, table[i].explanation);
    }
}

/* What is never answered ends as a temporary error, at once. */
static void
test_time (void)
{
  const PhSpfQuery query = { CLIENT, "a@example.com", "x.test", NULL, 0 };
  g_autoptr (PhDnsFacts) facts = ph_dns_facts_new ();
  g_auto (PhSpfOutcome) outcome = { PH_SPF_NONE };
  PhDnsType   type;
  const char *name;

  g_assert_false (ph_spf_check (&query, facts, &outcome));
  g_assert_true (ph_dns_facts_take_question (facts, &type, &name));
  g_assert_cmpint (type, ==, PH_DNS_TXT);
  g_assert_cmpstr (name, ==, "example.com");
  g_assert_false (ph_dns_facts_take_question (facts, &type, &name));
  ph_dns_facts_close (facts);
  g_assert_true (ph_spf_check (&query, facts, &outcome));
  g_assert_cmpint (outcome.result, ==, PH_SPF_TEMPERROR);
}

/* The mail servers of a name are all asked for at once. */
static void
test_at_once (void)
{
  const ZoneRecord zone[] = { { "example.com", PH_DNS_TXT, "v=spf1 mx:two.example.com -all" }, { "two.example.com", PH_DNS_MX, "1 a.test" }, { "two.example.com", PH_DNS_MX, "2 b.test" }, { NULL } };
  const PhSpfQuery query = { CLIENT, "a@example.com", "x.test", NULL, 0 };
  g_autoptr (PhDnsFacts) facts = ph_dns_facts_new ();
  g_auto (PhSpfOutcome) outcome = { PH_SPF_NONE };
  guint n = 0, rounds = 0;

  while (!ph_spf_check (&query, facts, &outcome))
    {
      g_assert_true (zone_answer_all (zone, facts, &n));
      rounds++;
    }
  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpuint (rounds, ==, 3);
  g_assert_cmpint (outcome.result, ==, PH_SPF_FAIL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/spf/record", test_record);
  g_test_add_func ("/spf/selection", test_selection);
  g_test_add_func ("/spf/networks", test_networks);
  g_test_add_func ("/spf/hosts", test_hosts);
  g_test_add_func ("/spf/other-records", test_other_records);
  g_test_add_func ("/spf/limits", test_limits);
  g_test_add_func ("/spf/many-names", test_many_names);
  g_test_add_func ("/spf/identity", test_identity);
  g_test_add_func ("/spf/macros", test_macros);
  g_test_add_func ("/spf/long-names", test_long_names);
  g_test_add_func ("/spf/explanation", test_explanation);
  g_test_add_func ("/spf/S14/time", test_time);
  g_test_add_func ("/spf/at-once", test_at_once);

  return g_test_run ();
}
