/* The Authentication-Results field (RFC 8601) of values that came from outside: nothing in it ends it or begins another. */

#include "ph-dkim-signature.h"
#include "ph-sender-verdict.h"

#include "zone.h"

static char *
format (const char  *sender,
        const char  *helo,
        const char  *because,
        const char  *name,
        PhSpfOutcome spf,
        GPtrArray   *signatures)
{
  PhSenderVerdict verdict = { .sender = (char *)sender, .helo = (char *)helo, .has_iprev = name != NULL, .iprev = PH_IPREV_FAIL, .name = (char *)name, .spf = spf, .signatures = signatures };

  verdict.spf.because.english = (char *)because;
  verdict.dmarc.because.english = (char *)because;
  g_assert_true (ph_client_address_parse (&verdict.client, "2001:db8::1"));

  return ph_sender_verdict_format_field (&verdict, "mx.test");
}

static void
test_field (void)
{
  g_autoptr (GPtrArray) signatures = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_dkim_signature_free);
  PhDkimSignature *signature = g_new0 (PhDkimSignature, 1);
  PhSpfOutcome     spf = { .result = PH_SPF_PASS, .domain = (char *)"a.test" };
  g_autofree char *none = format ("a+b@a.test", NULL, "“mx” in a.test", "c.test", spf, signatures);
  g_autofree char *some = NULL;

  g_assert_cmpstr (none, ==,
                   "Authentication-Results: mx.test;\r\n\tiprev=fail (c.test) policy.iprev=2001:db8::1;\r\n\tspf=pass (\"mx\" in a.test) smtp.mailfrom=a+b@a.test;\r\n"
                   "\tdkim=none;\r\n\tdmarc=none (\"mx\" in a.test)\r\n");

  signature->result = PH_DKIM_POLICY;
  ph_reason_set (&signature->reason, "a (short) key");
  signature->domain = g_strdup ("a.test");
  signature->start = g_strdup ("ab/+c=\"");
  g_ptr_array_add (signatures, signature);
  spf.is_helo = TRUE;
  some = format ("", "[192.0.2.1]", "x", NULL, spf, signatures);
  g_assert_cmpstr (some, ==,
                   "Authentication-Results: mx.test;\r\n\tspf=pass (x) smtp.helo=\"[192.0.2.1]\";\r\n\tdkim=policy (a \\(short\\) key) header.d=a.test header.b=\"ab/+c=\\\"\";\r\n"
                   "\tdmarc=none (x)\r\n");
}

static void
test_hostile (void)
{
  static const char *const texts[] = { "\r\nX: y", ") x=y; dmarc=pass (", "\\", "a\\)b", "\xff\xfe", "caf\xc3\xa9", "\"", "; dkim=pass", "\x7f\x01", "", "a b@c.test", "\"a b\"@c.test", "d\xc3\xb6@c.test" };
  g_autoptr (GPtrArray) signatures = g_ptr_array_new ();
  g_autofree char *endless = g_strnfill (100000, '(');

  for (guint i = 0; i <= G_N_ELEMENTS (texts); i++)
    {
      const char      *text = i < G_N_ELEMENTS (texts) ? texts[i] : endless;
      PhSpfOutcome     spf = { .result = PH_SPF_FAIL, .is_helo = i % 2 == 0 };
      g_autofree char *field = format (text, text, text, text, spf, signatures);
      g_auto (GStrv) lines = g_strsplit (field, "\r\n", -1);
      guint    depth = 0;
      gboolean quoted = FALSE;

      if (i < G_N_ELEMENTS (texts))
        g_assert_cmpuint (strlen (field), <, 2000);
      g_assert_cmpuint (g_strv_length (lines), ==, 6);
      for (guint j = 1; j < 5; j++)
        g_assert_cmpint (lines[j][0], ==, '\t');
      for (const char *c = field; *c != '\0'; c++)
        {
          g_assert_true (g_ascii_isprint (*c) || strchr ("\r\n\t", *c) != NULL);
          if (*c == '\\')
            c++;
          else if (*c == '"' && depth == 0)
            quoted = !quoted;
          else if (!quoted && *c == '(')
            depth++;
          else if (!quoted && *c == ')')
            depth--;
          else if (!quoted && depth == 0 && *c == ';')
            g_assert_cmpstr (strndupa (c, 4), ==, ";\r\n\t");
        }
      g_assert_cmpuint (depth, ==, 0);
      g_assert_false (quoted);
    }
}

static void
test_iprev (void)
{
  static const ZoneRecord zone[] = {
    { "1.2.0.192.in-addr.arpa", PH_DNS_PTR, "liar.test" },
    { "1.2.0.192.in-addr.arpa", PH_DNS_PTR, "true.test" },
    { "true.test", PH_DNS_A, "192.0.2.1" },
    { "2.2.0.192.in-addr.arpa", PH_DNS_PTR, "true.test" },
    { "3.2.0.192.in-addr.arpa", 0, ZONE_TROUBLE },
    { "4.2.0.192.in-addr.arpa", PH_DNS_PTR, "down.test" },
    { "down.test", 0, ZONE_TROUBLE },
    { NULL },
  };
  static const struct
  {
    const char *address;
    const char *result;
    const char *name;
  } table[] = {
    { "192.0.2.1", "pass", "true.test" },
    { "::ffff:192.0.2.1", "pass", "true.test" },
    { "192.0.2.2", "fail", "true.test" },
    { "192.0.2.3", "temperror", NULL },
    { "192.0.2.4", "temperror", "down.test" },
    { "192.0.2.5", "permerror", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (PhDnsFacts) facts = ph_dns_facts_new ();
      PhClientAddress client;
      PhIprevResult   result;
      const char     *name;
      guint           n = 0;

      g_assert_true (ph_client_address_parse (&client, table[i].address));
      while (!ph_iprev_check (&client, facts, &result, &name))
        g_assert_true (zone_answer_all (zone, facts, &n));
      g_assert_cmpstr (ph_iprev_result_get_name (result), ==, table[i].result);
      g_assert_cmpstr (name, ==, table[i].name);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sender-verdict/S29/field", test_field);
  g_test_add_func ("/sender-verdict/hostile", test_hostile);
  g_test_add_func ("/sender-verdict/iprev", test_iprev);

  return g_test_run ();
}
