#include "ph-dkim-public-key.h"

#include "ph-tag-list.h"

#include <glib/gi18n-lib.h>
#include <gnutls/abstract.h>
#include <string.h>

#define ED25519_SIZE 32
#define KEY_SIZE_MAX 2048 /* of an RSA key of 4096 bits there are 550 bytes */

struct _PhDkimPublicKey
{
  gboolean        is_ed25519;
  guint           bits;
  gnutls_pubkey_t key;
};

void
ph_dkim_public_key_free (PhDkimPublicKey *self)
{
  g_clear_pointer (&self->key, gnutls_pubkey_deinit);
  g_free (self);
}

static gboolean
has_word (const PhTagList *tags,
          const char      *tag,
          const char      *word)
{
  const char *value = ph_tag_list_get (tags, tag);
  g_auto (GStrv) words = value != NULL ? ph_tag_split (value) : NULL;

  return words != NULL && g_strv_contains ((const char *const *)words, word);
}

/* Section 6.1.2, steps 5 to 8. */
static gboolean
check_tags (const PhTagList *tags,
            PhDkimSignature *signature,
            gboolean        *is_ed25519)
{
  const PhTag *version = ph_tag_list_find (tags, "v");
  const char  *type = ph_tag_list_get (tags, "k");

  if (version != NULL && (version != ph_tag_list_get_first (tags) || strcmp (version->value, "DKIM1") != 0))
    return ph_dkim_signature_refuse (signature, PH_DKIM_PERMERROR, N_ ("the key in DNS is of another version"));
  if (ph_tag_list_get (tags, "s") != NULL && !has_word (tags, "s", "*") && !has_word (tags, "s", "email"))
    return ph_dkim_signature_refuse (signature, PH_DKIM_PERMERROR, N_ ("the key in DNS is not for mail"));
  if (ph_tag_list_get (tags, "h") != NULL && !has_word (tags, "h", "sha256"))
    return ph_dkim_signature_refuse (signature, PH_DKIM_PERMERROR, N_ ("the key in DNS is not for SHA-256"));
  *is_ed25519 = g_strcmp0 (type, "ed25519") == 0;
  if (type != NULL && !*is_ed25519 && strcmp (type, "rsa") != 0)
    return ph_dkim_signature_refuse (signature, PH_DKIM_PERMERROR, N_ ("the key in DNS is of a kind that is not known"));
  if (*is_ed25519 != (strcmp (signature->algorithm, "ed25519-sha256") == 0))
    return ph_dkim_signature_refuse (signature, PH_DKIM_PERMERROR, N_ ("the key in DNS is of another kind than the signature"));
  if (has_word (tags, "t", "s") && strcmp (signature->identity, signature->domain) != 0)
    return ph_dkim_signature_refuse (signature, PH_DKIM_PERMERROR, N_ ("the key in DNS is not for domains below"));

  return TRUE;
}

/* An element of DER whose content may be up to 64 KiB. */
static void
append_der (GByteArray   *out,
            guint8        tag,
            const guint8 *data,
            gsize         length)
{
  const guint8 head[] = { tag, 0x82, (guint8)(length >> 8), (guint8)length };

  g_byte_array_append (out, head, sizeof head);
  g_byte_array_append (out, data, (guint)length);
}

/* What section 3.6.1 asks for is the bare RSAPublicKey; what most publish has a SubjectPublicKeyInfo around it, which is
 * what GnuTLS reads. */
static GByteArray *
wrap_rsa (GBytes *bare)
{
  static const guint8 algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
  g_autoptr (GByteArray) bits = g_byte_array_new ();
  g_autoptr (GByteArray) inner = g_byte_array_new ();
  GByteArray   *whole = g_byte_array_new ();
  gsize         length;
  const guint8 *data = g_bytes_get_data (bare, &length);

  g_byte_array_append (bits, (const guint8 *)"", 1);
  g_byte_array_append (bits, data, (guint)length);
  g_byte_array_append (inner, algorithm, sizeof algorithm);
  append_der (inner, 0x03, bits->data, bits->len);
  append_der (whole, 0x30, inner->data, inner->len);

  return whole;
}

static gboolean
import_rsa (PhDkimPublicKey *self,
            GBytes          *bytes)
{
  gsize                length;
  const guint8        *data = g_bytes_get_data (bytes, &length);
  const gnutls_datum_t der = { (guint8 *)data, (unsigned int)length };
  g_autoptr (GByteArray) wrapped = NULL;
  gnutls_datum_t again;

  if (gnutls_pubkey_import (self->key, &der, GNUTLS_X509_FMT_DER) != GNUTLS_E_SUCCESS)
    {
      wrapped = wrap_rsa (bytes);
      again = (gnutls_datum_t){ wrapped->data, wrapped->len };
      if (gnutls_pubkey_import (self->key, &again, GNUTLS_X509_FMT_DER) != GNUTLS_E_SUCCESS)
        return FALSE;
    }

  return gnutls_pubkey_get_pk_algorithm (self->key, &self->bits) == GNUTLS_PK_RSA;
}

static gboolean
import_ed25519 (PhDkimPublicKey *self,
                GBytes          *bytes)
{
  gsize                length;
  const guint8        *data = g_bytes_get_data (bytes, &length);
  const gnutls_datum_t x = { (guint8 *)data, (unsigned int)length };

  self->bits = ED25519_SIZE * 8;

  return length == ED25519_SIZE && gnutls_pubkey_import_ecc_raw (self->key, GNUTLS_ECC_CURVE_ED25519, &x, NULL) == GNUTLS_E_SUCCESS;
}

PhDkimPublicKey *
ph_dkim_public_key_parse (const char      *text,
                          gsize            length,
                          PhDkimSignature *signature)
{
  g_autoptr (PhTagList) tags = ph_tag_list_parse (text, length, FALSE);
  g_autoptr (PhDkimPublicKey) self = g_new0 (PhDkimPublicKey, 1);
  g_autoptr (GBytes) bytes = NULL;
  const char *p = tags != NULL ? ph_tag_list_get (tags, "p") : NULL;

  if (p == NULL)
    ph_dkim_signature_refuse (signature, PH_DKIM_PERMERROR, N_ ("the key in DNS makes no sense"));
  else if (*p == '\0')
    ph_dkim_signature_refuse (signature, PH_DKIM_PERMERROR, N_ ("the key was revoked"));
  if (p == NULL || *p == '\0' || !check_tags (tags, signature, &self->is_ed25519))
    return NULL;

  gnutls_pubkey_init (&self->key);
  bytes = ph_tag_decode (p);
  if (bytes == NULL || g_bytes_get_size (bytes) > KEY_SIZE_MAX || !(self->is_ed25519 ? import_ed25519 (self, bytes) : import_rsa (self, bytes)))
    {
      ph_dkim_signature_refuse (signature, PH_DKIM_PERMERROR, N_ ("the key in DNS makes no sense"));
      return NULL;
    }
  if (!self->is_ed25519 && (self->bits < PH_DKIM_RSA_BITS_MIN || self->bits > PH_DKIM_RSA_BITS_MAX))
    {
      /* Translators: a number */
      ph_dkim_signature_refuse (signature, PH_DKIM_POLICY, N_ ("a key of %u bits is not to be relied on"), self->bits);
      return NULL;
    }

  return g_steal_pointer (&self);
}

guint
ph_dkim_public_key_get_bits (const PhDkimPublicKey *self)
{
  return self->bits;
}

gboolean
ph_dkim_public_key_verify (const PhDkimPublicKey *self,
                           const guint8          *data,
                           gsize                  length,
                           GBytes                *bytes)
{
  guint8         digest[PH_DKIM_HASH_SIZE];
  gsize          size;
  const guint8  *text = g_bytes_get_data (bytes, &size);
  gnutls_datum_t input = { (guint8 *)data, (unsigned int)length };
  gnutls_datum_t signature = { (guint8 *)text, (unsigned int)size };

  if (!self->is_ed25519)
    return gnutls_pubkey_verify_data2 (self->key, GNUTLS_SIGN_RSA_SHA256, 0, &input, &signature) >= 0;

  /* RFC 8463 section 3: Ed25519 signs the hash. */
  gnutls_hash_fast (GNUTLS_DIG_SHA256, data, length, digest);
  input = (gnutls_datum_t){ digest, sizeof digest };

  return gnutls_pubkey_verify_data2 (self->key, GNUTLS_SIGN_EDDSA_ED25519, 0, &input, &signature) >= 0;
}
