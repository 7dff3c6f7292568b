/* TLSA records of a DNS server and the chain of a mail server, both hostile (V33, V34).  The input is records, each with its length in
 * two bytes before it, up to one of length 0; then certificates in the same way. */

#include "fuzz-target.h"
#include "ph-tlsa.h"

#include <gnutls/x509.h>
#include <string.h>

/* The next piece; FALSE at the end of all, or of its kind. */
static gboolean
take (const uint8_t **data,
      size_t         *size,
      gnutls_datum_t *piece)
{
  size_t length;

  if (*size < 2)
    return FALSE;
  length = MIN ((size_t)((*data)[0] << 8 | (*data)[1]), *size - 2);
  *piece = (gnutls_datum_t){ (unsigned char *)*data + 2, (unsigned)length };
  *data += 2 + length;
  *size -= 2 + length;

  return length > 0;
}

static gboolean
is_certificate (const gnutls_datum_t *der)
{
  gnutls_x509_crt_t certificate;
  gboolean          is_read;

  g_assert_cmpint (gnutls_x509_crt_init (&certificate), ==, GNUTLS_E_SUCCESS);
  is_read = gnutls_x509_crt_import (certificate, der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS;
  gnutls_x509_crt_deinit (certificate);

  return is_read;
}

/* Usage 3 with the whole certificate: it fits that one, and with a byte of it changed it does not. */
static void
check_whole (const gnutls_datum_t *chain,
             guint                 n)
{
  static const char *const names[] = { "mx.test", NULL };

  for (guint wrong = 0; wrong < 2; wrong++)
    {
      g_autoptr (PhDnsAnswer) answer = ph_dns_answer_new (PH_DNS_TLSA);
      g_autoptr (GByteArray) record = g_byte_array_new ();
      g_autoptr (PhTlsa) tlsa = NULL;

      g_byte_array_append (record, (const guint8 *)"\003\000\000", 3);
      g_byte_array_append (record, chain[0].data, chain[0].size);
      record->data[record->len - 1] ^= (guint8)wrong;
      if (!ph_dns_answer_add (answer, record->data, record->len))
        return;
      tlsa = ph_tlsa_new (answer, names);
      g_assert_true (ph_tlsa_is_usable (tlsa));
      g_assert_cmpint (ph_tlsa_check (tlsa, chain, n), ==, !wrong);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  static const char *const names[] = { "mx.test", "domain.test", NULL };
  g_autoptr (PhDnsAnswer) answer = ph_dns_answer_new (PH_DNS_TLSA);
  g_autoptr (PhTlsa) tlsa = NULL;
  gnutls_datum_t piece, chain[PH_TLSA_CHAIN_MAX + 2];
  guint          n = 0;
  gboolean       are_certificates = TRUE;

  while (take (&data, &size, &piece))
    ph_dns_answer_add (answer, piece.data, piece.size);
  while (n < G_N_ELEMENTS (chain) && take (&data, &size, &chain[n]))
    n++;

  tlsa = ph_tlsa_new (answer, names);
  g_assert_true (!ph_tlsa_check (tlsa, chain, n) || (n > 0 && ph_tlsa_is_usable (tlsa)));
  for (guint i = 0; i < MIN (n, PH_TLSA_CHAIN_MAX); i++)
    are_certificates &= is_certificate (&chain[i]);
  if (n > 0 && are_certificates)
    check_whole (chain, n);

  return 0;
}
