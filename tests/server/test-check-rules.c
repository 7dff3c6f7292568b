/* Whose mail is checked, and what is refused for it (S29). */

#include "ph-check-rules.h"

static void
test_apply (void)
{
  static const struct
  {
    PhChecks    checks;
    gboolean    guard_is_open;
    const char *address;
    gboolean    apply;
  } table[] = {
    { PH_CHECKS_AUTO, FALSE, "192.0.2.1", FALSE }, /* no DNS leaves a computer whose mail doesn't */
    { PH_CHECKS_AUTO, TRUE, "192.0.2.1", TRUE },
    { PH_CHECKS_AUTO, TRUE, "127.0.0.1", FALSE },
    { PH_CHECKS_AUTO, TRUE, "::1", FALSE },
    { PH_CHECKS_AUTO, TRUE, "::ffff:127.0.0.2", FALSE },
    { PH_CHECKS_OFF, TRUE, "192.0.2.1", FALSE },
    { PH_CHECKS_NOTE, FALSE, "127.0.0.1", TRUE },
    { PH_CHECKS_ENFORCE, FALSE, "127.0.0.1", TRUE },
    { PH_CHECKS_NOTE, FALSE, "nonsense", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const PhCheckRules rules = { table[i].checks, table[i].guard_is_open, FALSE, FALSE, "" };

      g_assert_cmpint (ph_check_rules_apply_to (&rules, table[i].address), ==, table[i].apply);
    }
}

static void
test_trusted (void)
{
  static const struct
  {
    const char *trusted;
    const char *address;
    gboolean    refused;
  } table[] = {
    { "", "127.0.0.1", TRUE },
    { "private", "127.0.0.1", FALSE },
    { "Private", "10.1.2.3", FALSE },
    { "private", "172.31.255.255", FALSE },
    { "private", "172.32.0.0", TRUE },
    { "private", "fd00::1", FALSE },
    { "private", "::ffff:192.168.0.1", FALSE },
    { "private", "192.0.2.1", TRUE },
    { "192.0.2.0/24", "192.0.2.1", FALSE },
    { "192.0.2.0/24", "192.0.3.1", TRUE },
    { "198.51.100.1, 2001:db8::/32", "2001:db8::5", FALSE },
    { "198.51.100.1", "198.51.100.1", FALSE },
    { "nonsense 192.0.2.0/33", "192.0.2.1", TRUE },
    { "0.0.0.0/0", "2001:db8::5", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const PhCheckRules rules = { PH_CHECKS_ENFORCE, FALSE, FALSE, FALSE, table[i].trusted };
      PhSenderVerdict    verdict = { .sender = (char *)"a@b.test", .null_mx = TRUE };
      g_autoptr (PhSmtpReply) refusal = NULL;

      g_assert_true (ph_client_address_parse (&verdict.client, table[i].address));
      refusal = ph_check_rules_judge (&rules, &verdict);
      g_test_message ("“%s” %s", table[i].trusted, table[i].address);
      g_assert_cmpint (refusal != NULL, ==, table[i].refused);
    }
}

static void
test_wrong (void)
{
  const PhCheckRules right = { .trusted = "private  192.0.2.1;2001:db8::/32" };
  const PhCheckRules wrong = { .trusted = "private 192.0.2/24" };
  g_autofree char   *found = ph_check_rules_find_wrong (&wrong);

  g_assert_null (ph_check_rules_find_wrong (&right));
  g_assert_cmpstr (found, ==, "192.0.2/24");
}

static void
test_judge (void)
{
  static const struct
  {
    PhChecks      checks;
    gboolean      refuse_spf_fail;
    PhSpfResult   spf;
    PhDmarcResult dmarc;
    PhDmarcPolicy policy;
    gboolean      policy_known;
    PhDmarcPolicy disposition;
    guint         code;
    const char   *enhanced;
  } table[] = {
    { PH_CHECKS_NOTE, TRUE, PH_SPF_FAIL, PH_DMARC_FAIL, PH_DMARC_POLICY_REJECT, TRUE, PH_DMARC_POLICY_REJECT, 0, NULL },
    { PH_CHECKS_AUTO, TRUE, PH_SPF_FAIL, PH_DMARC_FAIL, PH_DMARC_POLICY_REJECT, TRUE, PH_DMARC_POLICY_REJECT, 0, NULL },
    { PH_CHECKS_ENFORCE, FALSE, PH_SPF_FAIL, PH_DMARC_FAIL, PH_DMARC_POLICY_REJECT, TRUE, PH_DMARC_POLICY_REJECT, 550, "5.7.26" },
    { PH_CHECKS_ENFORCE, FALSE, PH_SPF_FAIL, PH_DMARC_FAIL, PH_DMARC_POLICY_REJECT, TRUE, PH_DMARC_POLICY_QUARANTINE, 0, NULL },
    { PH_CHECKS_ENFORCE, FALSE, PH_SPF_FAIL, PH_DMARC_PASS, PH_DMARC_POLICY_REJECT, TRUE, PH_DMARC_POLICY_NONE, 0, NULL },
    { PH_CHECKS_ENFORCE, FALSE, PH_SPF_FAIL, PH_DMARC_NONE, PH_DMARC_POLICY_NONE, FALSE, PH_DMARC_POLICY_NONE, 0, NULL },
    { PH_CHECKS_ENFORCE, FALSE, PH_SPF_PASS, PH_DMARC_PERMERROR, PH_DMARC_POLICY_NONE, FALSE, PH_DMARC_POLICY_NONE, 550, "5.7.26" },
    { PH_CHECKS_ENFORCE, FALSE, PH_SPF_TEMPERROR, PH_DMARC_TEMPERROR, PH_DMARC_POLICY_REJECT, TRUE, PH_DMARC_POLICY_NONE, 451, "4.4.3" },
    { PH_CHECKS_ENFORCE, FALSE, PH_SPF_PASS, PH_DMARC_TEMPERROR, PH_DMARC_POLICY_NONE, FALSE, PH_DMARC_POLICY_NONE, 451, "4.4.3" },
    { PH_CHECKS_ENFORCE, FALSE, PH_SPF_TEMPERROR, PH_DMARC_TEMPERROR, PH_DMARC_POLICY_NONE, TRUE, PH_DMARC_POLICY_NONE, 0, NULL },
    { PH_CHECKS_ENFORCE, FALSE, PH_SPF_TEMPERROR, PH_DMARC_NONE, PH_DMARC_POLICY_NONE, FALSE, PH_DMARC_POLICY_NONE, 0, NULL },
    { PH_CHECKS_ENFORCE, TRUE, PH_SPF_FAIL, PH_DMARC_NONE, PH_DMARC_POLICY_NONE, FALSE, PH_DMARC_POLICY_NONE, 550, "5.7.23" },
    { PH_CHECKS_ENFORCE, TRUE, PH_SPF_FAIL, PH_DMARC_PASS, PH_DMARC_POLICY_NONE, TRUE, PH_DMARC_POLICY_NONE, 0, NULL }, /* forwarded */
    { PH_CHECKS_ENFORCE, TRUE, PH_SPF_SOFTFAIL, PH_DMARC_NONE, PH_DMARC_POLICY_NONE, FALSE, PH_DMARC_POLICY_NONE, 0, NULL },
    { PH_CHECKS_ENFORCE, TRUE, PH_SPF_PERMERROR, PH_DMARC_NONE, PH_DMARC_POLICY_NONE, FALSE, PH_DMARC_POLICY_NONE, 0, NULL },
    { PH_CHECKS_ENFORCE, TRUE, PH_SPF_TEMPERROR, PH_DMARC_NONE, PH_DMARC_POLICY_NONE, FALSE, PH_DMARC_POLICY_NONE, 451, "4.7.24" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const PhCheckRules rules = { table[i].checks, TRUE, table[i].refuse_spf_fail, FALSE, "" };
      PhSenderVerdict    verdict = { .sender = (char *)"a@b.test" };
      g_autoptr (PhSmtpReply) refusal = NULL;

      g_assert_true (ph_client_address_parse (&verdict.client, "192.0.2.1"));
      verdict.spf = (PhSpfOutcome){ .result = table[i].spf, .domain = (char *)"b.test" };
      verdict.dmarc = (PhDmarcOutcome){ .result = table[i].dmarc, .domain = (char *)"b.test", .policy = table[i].policy, .policy_known = table[i].policy_known, .disposition = table[i].disposition, .because = { .english = (char *)"x" } };
      refusal = ph_check_rules_judge (&rules, &verdict);
      g_test_message ("%u", i);
      g_assert_cmpuint (refusal != NULL ? refusal->code : 0, ==, table[i].code);
      g_assert_cmpstr (refusal != NULL ? refusal->enhanced : NULL, ==, table[i].enhanced);
    }
}

/* p=quarantine: only where mail is refused at all, of who is not trusted, and where the setting says so. */
static void
test_suspect (void)
{
  static const struct
  {
    PhChecks      checks;
    gboolean      junk_suspects;
    const char   *trusted;
    PhDmarcResult dmarc;
    PhDmarcPolicy disposition;
    gboolean      suspect;
  } table[] = {
    { PH_CHECKS_ENFORCE, TRUE, "", PH_DMARC_FAIL, PH_DMARC_POLICY_QUARANTINE, TRUE },
    { PH_CHECKS_ENFORCE, FALSE, "", PH_DMARC_FAIL, PH_DMARC_POLICY_QUARANTINE, FALSE },
    { PH_CHECKS_NOTE, TRUE, "", PH_DMARC_FAIL, PH_DMARC_POLICY_QUARANTINE, FALSE },
    { PH_CHECKS_AUTO, TRUE, "", PH_DMARC_FAIL, PH_DMARC_POLICY_QUARANTINE, FALSE },
    { PH_CHECKS_ENFORCE, TRUE, "192.0.2.0/24", PH_DMARC_FAIL, PH_DMARC_POLICY_QUARANTINE, FALSE },
    { PH_CHECKS_ENFORCE, TRUE, "", PH_DMARC_FAIL, PH_DMARC_POLICY_NONE, FALSE },
    { PH_CHECKS_ENFORCE, TRUE, "", PH_DMARC_PASS, PH_DMARC_POLICY_NONE, FALSE },
    { PH_CHECKS_ENFORCE, TRUE, "", PH_DMARC_TEMPERROR, PH_DMARC_POLICY_QUARANTINE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const PhCheckRules rules = { .checks = table[i].checks, .junk_suspects = table[i].junk_suspects, .trusted = table[i].trusted };
      PhSenderVerdict    verdict = { .dmarc = { .result = table[i].dmarc, .disposition = table[i].disposition } };

      g_assert_true (ph_client_address_parse (&verdict.client, "192.0.2.1"));
      g_test_message ("%u", i);
      g_assert_cmpint (ph_check_rules_is_suspect (&rules, &verdict), ==, table[i].suspect);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/check-rules/apply", test_apply);
  g_test_add_func ("/check-rules/trusted", test_trusted);
  g_test_add_func ("/check-rules/wrong", test_wrong);
  g_test_add_func ("/check-rules/S16,S29/judge", test_judge);

  g_test_add_func ("/check-rules/S29/suspect", test_suspect);

  return g_test_run ();
}
