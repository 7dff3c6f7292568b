#include "ph-tlsa.h"

/* What of TLSA records can be used. With certificates: tests/end-to-end/test_dane.py. */

#define DIGEST "0123456789abcdef0123456789abcdef"

static void
add (PhDnsAnswer *answer,
     guint8       usage,
     guint8       selector,
     guint8       matching,
     const char  *data)
{
  g_autoptr (GByteArray) record = g_byte_array_new ();
  const guint8 header[] = { usage, selector, matching };

  g_byte_array_append (record, header, sizeof header);
  g_byte_array_append (record, (const guint8 *)data, (guint)strlen (data));
  g_assert_true (ph_dns_answer_add (answer, record->data, record->len));
}

static gboolean
is_usable (PhDnsAnswer *answer)
{
  static const char *const names[] = { "mx.test", NULL };
  g_autoptr (PhTlsa) tlsa = ph_tlsa_new (answer, names);
  gnutls_datum_t rubbish = { (guint8 *)"0", 1 };

  g_assert_false (ph_tlsa_check (tlsa, &rubbish, 1));
  g_assert_false (ph_tlsa_check (tlsa, NULL, 0));

  return ph_tlsa_is_usable (tlsa);
}

/* RFC 7672 section 3.1: usages 2 and 3 alone; digests are as long as they should be. */
static void
test_usable (void)
{
  static const struct
  {
    guint8      usage, selector, matching;
    const char *data;
    gboolean    usable;
  } table[] = {
    { 3, 1, 1, DIGEST, TRUE },
    { 3, 0, 1, DIGEST, TRUE },
    { 2, 0, 1, DIGEST, TRUE },
    { 2, 1, 2, DIGEST DIGEST, TRUE },
    { 3, 0, 0, "anything", TRUE },
    { 0, 0, 1, DIGEST, FALSE },
    { 1, 1, 1, DIGEST, FALSE },
    { 4, 1, 1, DIGEST, FALSE },
    { 255, 1, 1, DIGEST, FALSE },
    { 3, 2, 1, DIGEST, FALSE },
    { 3, 1, 3, DIGEST, FALSE },
    { 3, 1, 1, "too short", FALSE },
    { 3, 1, 1, DIGEST "!", FALSE },
    { 3, 1, 2, DIGEST, FALSE },
    { 3, 1, 0, "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (PhDnsAnswer) answer = ph_dns_answer_new (PH_DNS_TLSA);

      add (answer, table[i].usage, table[i].selector, table[i].matching, table[i].data);
      g_assert_cmpint (is_usable (answer), ==, table[i].usable);
    }
}

/* Shorter than a header, none at all, and more than anybody needs. */
static void
test_malformed (void)
{
  g_autoptr (PhDnsAnswer) answer = ph_dns_answer_new (PH_DNS_TLSA);

  g_assert_false (is_usable (answer));
  g_assert_true (ph_dns_answer_add (answer, (const guint8 *)"", 0));
  g_assert_true (ph_dns_answer_add (answer, (const guint8 *)"\003\001", 2));
  g_assert_false (is_usable (answer));
  for (guint i = 0; i < 1000; i++)
    add (answer, 3, 1, 1, DIGEST);
  g_assert_true (is_usable (answer));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tlsa/usable", test_usable);
  g_test_add_func ("/tlsa/malformed", test_malformed);

  return g_test_run ();
}
