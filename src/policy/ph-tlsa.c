#include "ph-tlsa.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

/* RFC 7218. */
enum {
  USAGE_DANE_TA = 2,
  USAGE_DANE_EE = 3,
};
enum {
  SELECTOR_CERT = 0,
  SELECTOR_SPKI = 1,
};
enum {
  MATCHING_FULL = 0,
  MATCHING_SHA256 = 1,
  MATCHING_SHA512 = 2,
};

#define HEADER 3
#define DIGEST_MAX 64

typedef struct
{
  guint8        usage, selector, matching;
  GBytes       *bytes; /* keeps `data` */
  const guint8 *data;
  gsize         length;
} Record;

struct _PhTlsa
{
  grefcount refs;
  GArray   *records; /* of Record, usable ones */
  GStrv     names;
};

/* Reading */

static void
record_clear (gpointer data)
{
  g_bytes_unref (((Record *)data)->bytes);
}

static gboolean
is_usable (const Record *record)
{
  static const gsize lengths[] = { [MATCHING_SHA256] = 32, [MATCHING_SHA512] = 64 };

  /* PKIX-TA and PKIX-EE are not for SMTP (RFC 7672 section 3.1.3). */
  if ((record->usage != USAGE_DANE_TA && record->usage != USAGE_DANE_EE) || record->selector > SELECTOR_SPKI || record->matching > MATCHING_SHA512)
    return FALSE;

  return record->matching == MATCHING_FULL ? record->length > 0 : record->length == lengths[record->matching];
}

/* RFC 7671 section 9: of the digests of one kind only the strongest counts. */
static gboolean
is_outdone (PhTlsa       *self,
            const Record *record)
{
  for (guint i = 0; i < self->records->len && record->matching == MATCHING_SHA256; i++)
    {
      const Record *other = &g_array_index (self->records, Record, i);

      if (other->matching == MATCHING_SHA512 && other->usage == record->usage && other->selector == record->selector)
        return TRUE;
    }

  return FALSE;
}

PhTlsa *
ph_tlsa_new (const PhDnsAnswer *answer,
             const char *const *names)
{
  PhTlsa *self = g_new0 (PhTlsa, 1);

  g_ref_count_init (&self->refs);
  self->names = g_strdupv ((GStrv)names);
  self->records = g_array_new (FALSE, FALSE, sizeof (Record));
  g_array_set_clear_func (self->records, record_clear);

  for (guint i = 0; i < answer->records->len && self->records->len < PH_TLSA_RECORDS_MAX; i++)
    {
      GBytes       *bytes = ph_dns_answer_get (answer, i)->data;
      gsize         length;
      const guint8 *data = g_bytes_get_data (bytes, &length);
      Record        record;

      if (length < HEADER)
        continue;
      record = (Record){ data[0], data[1], data[2], bytes, data + HEADER, length - HEADER };
      if (!is_usable (&record))
        continue;
      g_bytes_ref (bytes);
      g_array_append_val (self->records, record);
    }

  return self;
}

PhTlsa *
ph_tlsa_ref (PhTlsa *self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

void
ph_tlsa_unref (PhTlsa *self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  g_array_unref (self->records);
  g_strfreev (self->names);
  g_free (self);
}

gboolean
ph_tlsa_is_usable (PhTlsa *self)
{
  return self->records->len > 0;
}

/* Matching */

static gboolean
equals (const Record         *record,
        const gnutls_datum_t *data)
{
  guint8                    digest[DIGEST_MAX];
  gnutls_digest_algorithm_t algorithm = record->matching == MATCHING_SHA256 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA512;

  if (record->matching == MATCHING_FULL)
    return data->size == record->length && memcmp (data->data, record->data, record->length) == 0;

  return gnutls_hash_fast (algorithm, data->data, data->size, digest) == GNUTLS_E_SUCCESS && memcmp (digest, record->data, record->length) == 0;
}

static gboolean
get_spki (gnutls_x509_crt_t certificate,
          gnutls_datum_t   *spki)
{
  gnutls_pubkey_t key;
  gboolean        done;

  if (gnutls_pubkey_init (&key) != GNUTLS_E_SUCCESS)
    return FALSE;
  done = gnutls_pubkey_import_x509 (key, certificate, 0) == GNUTLS_E_SUCCESS && gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_DER, spki) == GNUTLS_E_SUCCESS;
  gnutls_pubkey_deinit (key);

  return done;
}

static gboolean
matches (const Record         *record,
         const gnutls_datum_t *der,
         gnutls_x509_crt_t     certificate)
{
  gnutls_datum_t spki = { 0 };
  gboolean       found;

  if (record->selector == SELECTOR_CERT)
    return equals (record, der);

  found = get_spki (certificate, &spki) && equals (record, &spki);
  gnutls_free (spki.data);

  return found;
}

/* RFC 7672 section 3.2.3 */
static gboolean
has_name (PhTlsa           *self,
          gnutls_x509_crt_t certificate)
{
  for (guint i = 0; self->names[i] != NULL; i++)
    if (gnutls_x509_crt_check_hostname (certificate, self->names[i]))
      return TRUE;

  return FALSE;
}

/* Whether the first of them is signed by the authority, through the others. */
static gboolean
is_signed_by (gnutls_x509_crt_t *chain,
              guint              n,
              gnutls_x509_crt_t  authority)
{
  gnutls_x509_trust_list_t list;
  guint                    status = G_MAXUINT;
  gboolean                 done;

  if (gnutls_x509_trust_list_init (&list, 0) != GNUTLS_E_SUCCESS)
    return FALSE;

  done = gnutls_x509_trust_list_add_cas (list, &authority, 1, 0) == 1 &&
         gnutls_x509_trust_list_verify_crt2 (list, chain, n, NULL, 0, 0, &status, NULL) == GNUTLS_E_SUCCESS && status == 0;
  gnutls_x509_trust_list_deinit (list, 0);

  return done;
}

/* An authority that the server does not show, because the record itself has it whole (RFC 7671 section 5.2.2). */
static gboolean
is_signed_by_record (const Record      *record,
                     gnutls_x509_crt_t *chain,
                     guint              n)
{
  gnutls_datum_t    der = { (guint8 *)record->data, (guint)record->length };
  gnutls_x509_crt_t authority;
  gboolean          done;

  if (record->selector != SELECTOR_CERT || record->matching != MATCHING_FULL || gnutls_x509_crt_init (&authority) != GNUTLS_E_SUCCESS)
    return FALSE;

  done = gnutls_x509_crt_import (authority, &der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS && is_signed_by (chain, n, authority);
  gnutls_x509_crt_deinit (authority);

  return done;
}

static gboolean
check_authority (PhTlsa               *self,
                 const Record         *record,
                 const gnutls_datum_t *der,
                 gnutls_x509_crt_t    *chain,
                 guint                 n)
{
  if (!has_name (self, chain[0]))
    return FALSE;

  for (guint i = 1; i < n; i++)
    if (matches (record, &der[i], chain[i]) && is_signed_by (chain, i, chain[i]))
      return TRUE;

  return is_signed_by_record (record, chain, n);
}

/* By usage 3 neither names nor dates of the certificate count (RFC 7672 section 3.1.1). */
static gboolean
check (PhTlsa               *self,
       const gnutls_datum_t *der,
       gnutls_x509_crt_t    *chain,
       guint                 n)
{
  for (guint i = 0; i < self->records->len; i++)
    {
      const Record *record = &g_array_index (self->records, Record, i);

      if (is_outdone (self, record))
        continue;
      if (record->usage == USAGE_DANE_EE ? matches (record, &der[0], chain[0]) : check_authority (self, record, der, chain, n))
        return TRUE;
    }

  return FALSE;
}

gboolean
ph_tlsa_check (PhTlsa               *self,
               const gnutls_datum_t *chain,
               guint                 n)
{
  gnutls_x509_crt_t certificates[PH_TLSA_CHAIN_MAX];
  guint             n_read = 0;
  gboolean          is_good = TRUE, fits;

  n = MIN (n, PH_TLSA_CHAIN_MAX);
  while (is_good && n_read < n && gnutls_x509_crt_init (&certificates[n_read]) == GNUTLS_E_SUCCESS)
    {
      is_good = gnutls_x509_crt_import (certificates[n_read], &chain[n_read], GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS;
      n_read++;
    }

  fits = is_good && n > 0 && n_read == n && check (self, chain, certificates, n);
  for (guint i = 0; i < n_read; i++)
    gnutls_x509_crt_deinit (certificates[i]);

  return fits;
}
