#include "ph-sts-policy.h"

#include <string.h>

/* RFC 8461 section 3.2 */
static void
test_policy (void)
{
  static const struct
  {
    const char *text;
    int         mode; /* -1: it is none */
    guint       n_hosts;
    guint       max_age;
  } table[] = {
    { "version: STSv1\r\nmode: enforce\r\nmx: mx.example.org\r\nmx: *.example.net\r\nmax_age: 86400\r\n", PH_STS_ENFORCE, 2, 86400 },
    { "version: STSv1\nmode: testing\nmx: mx.example.org\nmax_age: 1", PH_STS_TESTING, 1, 1 },
    { "version:STSv1\nmode:none\nmax_age:604800\nunknown: x\nno field\n", PH_STS_NONE, 0, 604800 },
    { "version: STSv1\nmode: none\nmode: enforce\nmax_age: 1\nmax_age: 2\n", PH_STS_NONE, 0, 1 },
    { "version: STSv1\nmode: none\nmax_age: 99999999999\n", PH_STS_NONE, 0, PH_STS_AGE_MAX },
    { "", -1 },
    { "mode: none\nmax_age: 1\n", -1 },
    { "version: STSv2\nmode: none\nmax_age: 1\n", -1 },
    { "version: STSv1\nmax_age: 1\n", -1 },
    { "version: STSv1\nmode: none\n", -1 },
    { "version: STSv1\nmode: enforce\nmax_age: 1\n", -1 },
    { "version: STSv1\nmode: often\nmx: a.test\nmax_age: 1\n", -1 },
    { "version: STSv1\nmode: none\nmax_age: -1\n", -1 },
    { "version: STSv1\nmode: none\nmax_age: a day\n", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (PhStsPolicy) policy = ph_sts_policy_parse (table[i].text, strlen (table[i].text));

      g_assert_cmpint (policy != NULL ? (int)policy->mode : -1, ==, table[i].mode);
      if (policy == NULL)
        continue;
      g_assert_cmpuint (g_strv_length (policy->hosts), ==, table[i].n_hosts);
      g_assert_cmpuint (policy->max_age, ==, table[i].max_age);
    }
  g_assert_null (ph_sts_policy_parse ("version: STSv1\nmode: none\nmax_age: 1\n\0", 38));
}

/* Section 4.1: a wildcard is one label, the leftmost, and never none. */
static void
test_hosts (void)
{
  static const struct
  {
    const char *host;
    gboolean    is_there;
  } table[] = {
    { "mx.example.org", TRUE },
    { "MX.Example.ORG", TRUE },
    { "example.org", FALSE },
    { "a.mx.example.org", FALSE },
    { "a.example.net", TRUE },
    { "example.net", FALSE },
    { "a.b.example.net", FALSE },
    { ".example.net", FALSE },
    { "aexample.net", FALSE },
    { "", FALSE },
  };
  static const char text[] = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmx: *.example.net\nmax_age: 1\n";
  g_autoptr (PhStsPolicy) policy = ph_sts_policy_parse (text, strlen (text));

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    g_assert_cmpint (ph_sts_policy_has_host (policy, table[i].host), ==, table[i].is_there);
}

/* Section 3.1 */
static void
test_record (void)
{
  static const struct
  {
    const char *records[3];
    const char *id;
  } table[] = {
    { { "v=STSv1; id=20160831085700Z;" }, "20160831085700Z" },
    { { "v=STSv1;id=1" }, "1" },
    { { "v=STSv1; other=x; id = a2 ;" }, "a2" },
    { { "v=spf1 -all", "v=STSv1; id=7;" }, "7" },
    { { "v=STSv1; id=1;", "v=STSv1; id=2;" }, NULL },
    { { "v=STSv1; id=;" }, NULL },
    { { "v=STSv1; id=a b;" }, NULL },
    { { "v=STSv1; id=123456789012345678901234567890123;" }, NULL },
    { { "v=STSv1" }, NULL },
    { { "v=STSv11; id=1;" }, NULL },
    { { "hello" }, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (PhDnsAnswer) answer = ph_dns_answer_new (PH_DNS_TXT);
      g_autofree char *id = NULL;

      for (guint j = 0; table[i].records[j] != NULL; j++)
        {
          g_autofree char *wire = g_strdup_printf ("%c%s", (int)strlen (table[i].records[j]), table[i].records[j]);

          g_assert_true (ph_dns_answer_add (answer, (const guint8 *)wire, strlen (wire)));
        }
      id = ph_sts_parse_id (answer);
      g_assert_cmpstr (id, ==, table[i].id);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sts-policy/policy", test_policy);
  g_test_add_func ("/sts-policy/hosts", test_hosts);
  g_test_add_func ("/sts-policy/record", test_record);

  return g_test_run ();
}
