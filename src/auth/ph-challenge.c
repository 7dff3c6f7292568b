#include "ph-challenge.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define DIGITS 32
#define NONCE_BYTES 12

char *
ph_challenge_new (const char *host)
{
  guint8 bytes[NONCE_BYTES];
  char   digits[2 * NONCE_BYTES + 1];

  if (gnutls_rnd (GNUTLS_RND_NONCE, bytes, sizeof bytes) < 0)
    g_error ("No random numbers");
  for (guint i = 0; i < NONCE_BYTES; i++)
    g_snprintf (digits + 2 * i, 3, "%02x", bytes[i]);

  return g_strdup_printf ("<%s.%" G_GINT64_FORMAT "@%s>", digits, g_get_real_time () / G_USEC_PER_SEC, host);
}

gboolean
ph_challenge_is_digest (const char *text,
                        gsize       length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;

  return length == DIGITS;
}

static char *
make_apop (const char *challenge,
           const char *password)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_MD5);

  g_checksum_update (sum, (const guchar *)challenge, (gssize)strlen (challenge));
  g_checksum_update (sum, (const guchar *)password, (gssize)strlen (password));

  return g_strdup (g_checksum_get_string (sum));
}

gboolean
ph_challenge_fits (PhChallengeKind kind,
                   const char     *challenge,
                   const char     *password,
                   const char     *digest)
{
  g_autofree char *expected = kind == PH_CHALLENGE_APOP ? make_apop (challenge, password)
                                                        : g_compute_hmac_for_string (G_CHECKSUM_MD5, (const guchar *)password, strlen (password), challenge, (gssize)strlen (challenge));
  g_autofree char *given = g_ascii_strdown (digest, DIGITS);
  gboolean         fits = gnutls_memcmp (expected, given, DIGITS) == 0;

  explicit_bzero (expected, DIGITS);

  return fits;
}
