#include "ph-explain-check.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *method;
  const char *result;
  const char *meaning; /* a sentence for people */
} PhCheckMeaning;

/* RFC 8601, section 2.7. */
static const PhCheckMeaning meanings[] = {
  { "iprev", "pass", N_ ("The name that the client’s address has in DNS leads back to it.") },
  { "iprev", "fail", N_ ("The name that the client’s address has in DNS is of another address.") },
  { "iprev", "temperror", N_ ("DNS did not say then what the client is called.") },
  { "iprev", "permerror", N_ ("The client’s address has no name in DNS.") },
  { "spf", "pass", N_ ("The domain says in DNS that this client may send for it.") },
  { "spf", "fail", N_ ("The domain says in DNS that this client may not send for it.") },
  { "spf", "softfail", N_ ("The domain says in DNS that this client should not send for it, but asks nobody to refuse it.") },
  { "spf", "neutral", N_ ("The domain leaves open whether this client may send for it.") },
  { "spf", "none", N_ ("The domain does not say who may send for it.") },
  { "spf", "temperror", N_ ("DNS did not say then who may send for the domain.") },
  { "spf", "permerror", N_ ("What the domain says about who may send for it makes no sense.") },
  { "dkim", "pass", N_ ("The domain has signed the message, and nobody has changed it since.") },
  { "dkim", "fail", N_ ("The signature does not fit: it is forged, or the message was changed on its way.") },
  { "dkim", "policy", N_ ("The signature may fit, but it is too weak to prove anything.") },
  { "dkim", "neutral", N_ ("The signature is not written as signatures are.") },
  { "dkim", "none", N_ ("The message is not signed.") },
  { "dkim", "temperror", N_ ("DNS did not have the key of the signature then.") },
  { "dkim", "permerror", N_ ("The key of the signature is not in DNS, or can’t be used.") },
  { "dmarc", "pass", N_ ("SPF or a signature proves that it is from the domain in From.") },
  { "dmarc", "fail", N_ ("Nothing proves that it is from the domain in From.") },
  { "dmarc", "none", N_ ("The domain in From does not say what is to be done with what it has not sent.") },
  { "dmarc", "temperror", N_ ("DNS did not say then what the domain in From wants.") },
  { "dmarc", "permerror", N_ ("What the domain in From says in DNS makes no sense.") },
};

static const PhCheckMeaning *
find_meaning (const PhAuthResult *check)
{
  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (g_str_equal (meanings[i].method, check->method) && g_str_equal (meanings[i].result, check->result))
      return &meanings[i];

  return NULL;
}

char *
ph_explain_check_dup_title (const PhAuthResult *check)
{
  g_autofree char *method = g_ascii_strup (check->method, -1);

  if (find_meaning (check) == NULL)
    return NULL;
  if (check->subject == NULL)
    return g_strdup_printf ("%s %s", method, check->result);

  /* Translators: a check such as SPF, “pass” or another word of the standard, and a domain or an address */
  return g_strdup_printf (_ ("%s %s: %s"), method, check->result, check->subject);
}

char *
ph_explain_check_dup_text (const PhAuthResult *check)
{
  const PhCheckMeaning *meaning = find_meaning (check);

  return meaning != NULL ? g_strdup (_ (meaning->meaning)) : NULL;
}
