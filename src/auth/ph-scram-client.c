#include "ph-scram-client.h"

#include "ph-password.h"
#include "ph-scram-credential.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define NONCE_BYTES 18

/* RFC 7677 section 4: with less, whoever plays the server could try passwords quickly. */
#define ITERATIONS_MIN 4096

#define GS2_HEADER "n,,"
#define GS2_BASE64 "biws"

struct _PhScramClient
{
  char    *user;
  char    *password; /* prepared; NULL where it can't be one */
  char    *nonce;
  char    *first;                          /* without the GS2 header */
  guint8   signature[PH_SCRAM_KEY_LENGTH]; /* that the server must show */
  gboolean has_signature;
};

PhScramClient *
ph_scram_client_new (const char *user,
                     const char *password)
{
  PhScramClient *self = g_new0 (PhScramClient, 1);
  guint8         random[NONCE_BYTES];

  gnutls_rnd (GNUTLS_RND_NONCE, random, sizeof random);
  self->user = g_strdup (user);
  self->password = ph_password_prepare (password, NULL);
  self->nonce = g_base64_encode (random, sizeof random);

  return self;
}

void
ph_scram_client_free (PhScramClient *self)
{
  if (self->password != NULL)
    explicit_bzero (self->password, strlen (self->password));
  g_free (self->password);
  g_free (self->user);
  g_free (self->nonce);
  g_free (self->first);
  g_free (self);
}

void
ph_scram_client_set_nonce (PhScramClient *self,
                           const char    *nonce)
{
  g_free (self->nonce);
  self->nonce = g_strdup (nonce);
}

char *
ph_scram_client_begin (PhScramClient *self)
{
  g_autoptr (GString) name = g_string_new (self->user);

  g_string_replace (name, "=", "=3D", 0);
  g_string_replace (name, ",", "=2C", 0);
  g_free (self->first);
  self->first = g_strdup_printf ("n=%s,r=%s", name->str, self->nonce);

  return g_strconcat (GS2_HEADER, self->first, NULL);
}

/* "r=…,s=…,i=…", in that order; what follows is for extensions that are no must. */
static gboolean
parse_challenge (PhScramClient *self,
                 const char    *challenge,
                 char         **nonce,
                 guchar       **salt,
                 gsize         *salt_length,
                 guint64       *iterations)
{
  g_auto (GStrv) parts = g_strsplit (challenge, ",", 4);

  if (g_strv_length (parts) < 3 || !g_str_has_prefix (parts[0], "r=") || !g_str_has_prefix (parts[1], "s=") || !g_str_has_prefix (parts[2], "i="))
    return FALSE;
  if (!g_str_has_prefix (parts[0] + 2, self->nonce) || strlen (parts[0] + 2) <= strlen (self->nonce))
    return FALSE;
  if (!g_ascii_string_to_unsigned (parts[2] + 2, 10, ITERATIONS_MIN, PH_SCRAM_ITERATIONS_MAX, iterations, NULL))
    return FALSE;

  *salt = g_base64_decode (parts[1] + 2, salt_length);
  *nonce = g_strdup (parts[0] + 2);

  return *salt_length > 0 && *salt_length <= PH_SCRAM_SALT_MAX;
}

static void
get_mac (const guint8 *key,
         const char   *text,
         guint8        mac[PH_SCRAM_KEY_LENGTH])
{
  gnutls_hmac_fast (GNUTLS_MAC_SHA256, key, PH_SCRAM_KEY_LENGTH, text, strlen (text), mac);
}

/* RFC 5802 section 3 */
static void
make_proof (PhScramClient *self,
            const guint8   salted[PH_SCRAM_KEY_LENGTH],
            const char    *auth_message,
            guint8         proof[PH_SCRAM_KEY_LENGTH])
{
  guint8 client_key[PH_SCRAM_KEY_LENGTH], stored_key[PH_SCRAM_KEY_LENGTH], server_key[PH_SCRAM_KEY_LENGTH], signature[PH_SCRAM_KEY_LENGTH];

  get_mac (salted, "Client Key", client_key);
  gnutls_hash_fast (GNUTLS_DIG_SHA256, client_key, sizeof client_key, stored_key);
  get_mac (stored_key, auth_message, signature);
  for (guint i = 0; i < PH_SCRAM_KEY_LENGTH; i++)
    proof[i] = client_key[i] ^ signature[i];
  get_mac (salted, "Server Key", server_key);
  get_mac (server_key, auth_message, self->signature);
  self->has_signature = TRUE;

  explicit_bzero (client_key, sizeof client_key);
  explicit_bzero (stored_key, sizeof stored_key);
  explicit_bzero (server_key, sizeof server_key);
}

char *
ph_scram_client_answer (PhScramClient *self,
                        const char    *challenge)
{
  g_autofree char   *nonce = NULL;
  g_autofree guchar *salt = NULL;
  g_autofree char   *without_proof = NULL;
  g_autofree char   *auth_message = NULL;
  g_autofree char   *encoded = NULL;
  gsize              salt_length = 0;
  guint64            iterations = 0;
  guint8             salted[PH_SCRAM_KEY_LENGTH], proof[PH_SCRAM_KEY_LENGTH];
  gnutls_datum_t     password, salt_datum;

  if (self->password == NULL || self->first == NULL || !parse_challenge (self, challenge, &nonce, &salt, &salt_length, &iterations))
    return NULL;

  password = (gnutls_datum_t){ (guchar *)self->password, (guint)strlen (self->password) };
  salt_datum = (gnutls_datum_t){ salt, (guint)salt_length };
  if (gnutls_pbkdf2 (GNUTLS_MAC_SHA256, &password, &salt_datum, (guint)iterations, salted, sizeof salted) < 0)
    return NULL;

  without_proof = g_strdup_printf ("c=" GS2_BASE64 ",r=%s", nonce);
  auth_message = g_strdup_printf ("%s,%s,%s", self->first, challenge, without_proof);
  make_proof (self, salted, auth_message, proof);
  explicit_bzero (salted, sizeof salted);
  encoded = g_base64_encode (proof, sizeof proof);

  return g_strdup_printf ("%s,p=%s", without_proof, encoded);
}

gboolean
ph_scram_client_check (PhScramClient *self,
                       const char    *final)
{
  g_autofree guchar *shown = NULL;
  gsize              length = 0;

  if (!self->has_signature || !g_str_has_prefix (final, "v="))
    return FALSE;
  shown = g_base64_decode (final + 2, &length);

  return length == PH_SCRAM_KEY_LENGTH && gnutls_memcmp (shown, self->signature, length) == 0;
}
