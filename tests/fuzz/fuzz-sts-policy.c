/* What a domain publishes of MTA-STS (RFC 8461): the text of a policy, and the same bytes as a TXT record (V33). */

#include "fuzz-target.h"
#include "ph-sts-policy.h"

#include <string.h>

static PhStsPolicy *
parse_again (const PhStsPolicy *policy)
{
  g_autoptr (GString) text = g_string_new ("version: STSv1\n");

  g_string_append_printf (text, "mode: %s\nmax_age: %u\n", ph_sts_mode_to_word (policy->mode), policy->max_age);
  for (guint i = 0; policy->hosts[i] != NULL; i++)
    g_string_append_printf (text, "mx: %s\n", policy->hosts[i]);

  return text->len <= PH_STS_POLICY_MAX ? ph_sts_policy_parse (text->str, text->len) : NULL;
}

/* A policy has the hosts that it names, a wildcard one label more and never its own domain alone. */
static void
check_hosts (const PhStsPolicy *policy)
{
  for (guint i = 0; policy->hosts[i] != NULL && i < 20; i++)
    {
      const char      *host = policy->hosts[i];
      gboolean         is_wildcard = g_str_has_prefix (host, "*.");
      g_autofree char *below = g_strconcat ("fuzz", host + (is_wildcard ? 1 : 0), NULL);

      g_assert_true (strchr (host, '\n') == NULL);
      g_assert_true (ph_sts_policy_has_host (policy, host));
      g_assert_true (!is_wildcard || ph_sts_policy_has_host (policy, below));
    }
}

static void
check_policy (const char *data,
              gsize       size)
{
  g_autoptr (PhStsPolicy) policy = ph_sts_policy_parse (data, size);
  g_autoptr (PhStsPolicy) again = NULL;

  if (policy == NULL)
    return;

  g_assert_cmpint (policy->mode, <=, PH_STS_ENFORCE);
  g_assert_cmpuint (policy->max_age, <=, PH_STS_AGE_MAX);
  g_assert_true (policy->mode == PH_STS_NONE || policy->hosts[0] != NULL);
  check_hosts (policy);
  again = parse_again (policy);
  if (again == NULL)
    return; /* its hosts alone were longer than may be, with "mx: " before each */
  g_assert_cmpint (again->mode, ==, policy->mode);
  g_assert_cmpuint (again->max_age, ==, policy->max_age);
  g_assert_true (g_strv_equal ((const char *const *)again->hosts, (const char *const *)policy->hosts));
}

static void
check_record (const uint8_t *data,
              gsize          size)
{
  g_autoptr (PhDnsAnswer) answer = ph_dns_answer_new (PH_DNS_TXT);
  g_autofree char *id = NULL;

  if (!ph_dns_answer_add (answer, data, size))
    return;
  id = ph_sts_parse_id (answer);
  if (id == NULL)
    return;

  g_assert_true (*id != '\0' && strlen (id) <= 32);
  g_assert_true (strspn (id, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS) == strlen (id));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  check_policy ((const char *)data, size);
  check_record (data, size);

  return 0;
}
