#include "ph-dkim-key.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RSA_BITS 2048
#define KEY_FILE_MAX (64 * 1024)

struct _PhDkimKey
{
  gatomicrefcount  refs;
  PhDkimAlgorithm  algorithm;
  gnutls_privkey_t key;
};

PhDkimKey *
ph_dkim_key_ref (PhDkimKey *self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

void
ph_dkim_key_unref (PhDkimKey *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  gnutls_privkey_deinit (self->key);
  g_free (self);
}

static gboolean
fail (GError    **error,
      const char *what,
      const char *why)
{
  g_set_error (error, PH_POLICY_ERROR, PH_POLICY_ERROR_KEY, "%s: %s", what, why);

  return FALSE;
}

/* The file's text, which is wiped by the caller; NULL and no error where there is none. */
static char *
read_file (const char *path,
           gsize      *length,
           GError    **error)
{
  int         fd = g_open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
  struct stat st;
  char       *text = NULL;
  gssize      n = -1;

  if (fd < 0)
    {
      if (errno != ENOENT)
        fail (error, path, g_strerror (errno));
      return NULL;
    }

  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode) || st.st_size > KEY_FILE_MAX)
    fail (error, path, _ ("this is no key"));
  else if ((st.st_mode & 077) != 0)
    fail (error, path, _ ("others can read this key; make it readable for you alone"));
  else
    {
      text = g_malloc0 ((gsize)st.st_size + 1);
      n = read (fd, text, (gsize)st.st_size);
    }
  close (fd);
  *length = (gsize)MAX (n, 0);

  return text;
}

static gboolean
write_file (gnutls_x509_privkey_t key,
            const char           *path,
            GError              **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  gnutls_datum_t   pem;
  gboolean         written;

  if (g_mkdir_with_parents (directory, 0700) != 0)
    return fail (error, directory, g_strerror (errno));
  if (gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem) != GNUTLS_E_SUCCESS)
    return fail (error, path, _ ("the key could not be written"));

  written = g_file_set_contents_full (path, (const char *)pem.data, (gssize)pem.size, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
  explicit_bzero (pem.data, pem.size);
  gnutls_free (pem.data);

  return written;
}

static gboolean
make (gnutls_x509_privkey_t key,
      PhDkimAlgorithm       algorithm,
      const char           *path,
      GError              **error)
{
  int code = algorithm == PH_DKIM_RSA ? gnutls_x509_privkey_generate (key, GNUTLS_PK_RSA, RSA_BITS, 0)
                                      : gnutls_x509_privkey_generate (key, GNUTLS_PK_EDDSA_ED25519, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_ED25519), 0);

  return code == GNUTLS_E_SUCCESS ? write_file (key, path, error) : fail (error, path, gnutls_strerror (code));
}

static gboolean
read_or_make (gnutls_x509_privkey_t key,
              PhDkimAlgorithm       algorithm,
              const char           *path,
              GError              **error)
{
  g_autoptr (GError) trouble = NULL;
  gsize            length = 0;
  g_autofree char *text = read_file (path, &length, &trouble);
  gnutls_datum_t   pem = { (guint8 *)text, (unsigned int)length };
  int              code;

  if (trouble != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&trouble));
      return FALSE;
    }
  if (text == NULL)
    return make (key, algorithm, path, error);

  code = gnutls_x509_privkey_import2 (key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
  explicit_bzero (text, length);
  if (code != GNUTLS_E_SUCCESS)
    return fail (error, path, gnutls_strerror (code));
  if (gnutls_x509_privkey_get_pk_algorithm (key) != (algorithm == PH_DKIM_RSA ? GNUTLS_PK_RSA : GNUTLS_PK_EDDSA_ED25519))
    return fail (error, path, _ ("the key is of another kind"));

  return TRUE;
}

PhDkimKey *
ph_dkim_key_open (const char     *path,
                  PhDkimAlgorithm algorithm,
                  GError        **error)
{
  gnutls_x509_privkey_t key;
  PhDkimKey            *self;

  gnutls_x509_privkey_init (&key);
  if (!read_or_make (key, algorithm, path, error))
    {
      gnutls_x509_privkey_deinit (key);
      return NULL;
    }

  self = g_new0 (PhDkimKey, 1);
  g_atomic_ref_count_init (&self->refs);
  self->algorithm = algorithm;
  gnutls_privkey_init (&self->key);
  gnutls_privkey_import_x509 (self->key, key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);

  return self;
}

const char *
ph_dkim_key_get_algorithm (PhDkimKey *self)
{
  return self->algorithm == PH_DKIM_RSA ? "rsa-sha256" : "ed25519-sha256";
}

/* RFC 6376 section 3.6.1: the SubjectPublicKeyInfo of an RSA key; RFC 8463 section 4: the bare 32 bytes of
 * an Ed25519 key. */
char *
ph_dkim_key_format_record (PhDkimKey *self)
{
  gnutls_datum_t bytes = { 0 };
  gnutls_pubkey_t public;
  g_autofree char *text = NULL;

  gnutls_pubkey_init (&public);
  gnutls_pubkey_import_privkey (public, self->key, 0, 0);
  if (self->algorithm == PH_DKIM_RSA)
    gnutls_pubkey_export2 (public, GNUTLS_X509_FMT_DER, &bytes);
  else
    gnutls_pubkey_export_ecc_raw2 (public, NULL, &bytes, NULL, 0);
  gnutls_pubkey_deinit (public);

  text = g_base64_encode (bytes.data, bytes.size);
  gnutls_free (bytes.data);

  return g_strdup_printf ("v=DKIM1; k=%s; p=%s", self->algorithm == PH_DKIM_RSA ? "rsa" : "ed25519", text);
}

char *
ph_dkim_key_sign (PhDkimKey    *self,
                  const guint8 *data,
                  gsize         length,
                  GError      **error)
{
  guint8         digest[32];
  gnutls_datum_t input = { (guint8 *)data, (unsigned int)length };
  gnutls_datum_t signature = { 0 };
  char          *text;
  int            code;

  if (self->algorithm == PH_DKIM_RSA)
    code = gnutls_privkey_sign_data2 (self->key, GNUTLS_SIGN_RSA_SHA256, 0, &input, &signature);
  else
    {
      /* RFC 8463 section 3: Ed25519 signs the hash, not the text. */
      gnutls_hash_fast (GNUTLS_DIG_SHA256, data, length, digest);
      input = (gnutls_datum_t){ digest, sizeof digest };
      code = gnutls_privkey_sign_data2 (self->key, GNUTLS_SIGN_EDDSA_ED25519, 0, &input, &signature);
    }
  if (code != GNUTLS_E_SUCCESS)
    {
      fail (error, ph_dkim_key_get_algorithm (self), gnutls_strerror (code));
      return NULL;
    }

  text = g_base64_encode (signature.data, signature.size);
  gnutls_free (signature.data);

  return text;
}
