#include "ph-scram-credential.h"

#include "ph-auth-error.h"
#include "ph-base64.h"
#include "ph-password.h"

#include <glib/gi18n-lib.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define SCHEME "SCRAM-SHA-256"
#define SALT_LENGTH 16

/* RFC 7677 section 4. */
#define ITERATIONS_MIN 4096

struct _PhScramCredential
{
  guint  iterations;
  gsize  salt_length;
  guint8 salt[PH_SCRAM_SALT_MAX];
  guint8 stored_key[PH_SCRAM_KEY_LENGTH];
  guint8 server_key[PH_SCRAM_KEY_LENGTH];
};

G_DEFINE_BOXED_TYPE (PhScramCredential, ph_scram_credential, ph_scram_credential_copy, ph_scram_credential_free)

static void
get_hmac (const guint8 *key,
          const char   *text,
          guint8        mac[PH_SCRAM_KEY_LENGTH])
{
  if (gnutls_hmac_fast (GNUTLS_MAC_SHA256, key, PH_SCRAM_KEY_LENGTH, text, strlen (text), mac) < 0)
    g_error ("No HMAC-SHA-256");
}

static void
get_hash (const guint8 *key,
          guint8        hash[PH_SCRAM_KEY_LENGTH])
{
  if (gnutls_hash_fast (GNUTLS_DIG_SHA256, key, PH_SCRAM_KEY_LENGTH, hash) < 0)
    g_error ("No SHA-256");
}

/* The keys of `password`, which is prepared, from the salt that is set (RFC 5802 section 3). */
static void
derive_keys (PhScramCredential *self,
             const char        *password)
{
  gnutls_datum_t password_datum = { (guint8 *)password, (guint)strlen (password) };
  gnutls_datum_t salt = { self->salt, (guint)self->salt_length };
  guint8         salted[PH_SCRAM_KEY_LENGTH], client_key[PH_SCRAM_KEY_LENGTH];

  if (gnutls_pbkdf2 (GNUTLS_MAC_SHA256, &password_datum, &salt, self->iterations, salted, sizeof salted) < 0)
    g_error ("No PBKDF2");
  get_hmac (salted, "Client Key", client_key);
  get_hash (client_key, self->stored_key);
  get_hmac (salted, "Server Key", self->server_key);

  explicit_bzero (salted, sizeof salted);
  explicit_bzero (client_key, sizeof client_key);
}

PhScramCredential *
ph_scram_credential_new_like (const PhScramCredential *like,
                              const char              *password,
                              GError                 **error)
{
  PhScramCredential *self;
  char              *prepared = ph_password_prepare (password, error);

  if (prepared == NULL)
    return NULL;

  self = ph_scram_credential_copy (like);
  derive_keys (self, prepared);
  ph_password_free (prepared);

  return self;
}

PhScramCredential *
ph_scram_credential_new (const char *password,
                         GError    **error)
{
  PhScramCredential fresh = { .iterations = PH_SCRAM_ITERATIONS, .salt_length = SALT_LENGTH };

  if (gnutls_rnd (GNUTLS_RND_RANDOM, fresh.salt, SALT_LENGTH) < 0)
    g_error ("No random numbers");

  return ph_scram_credential_new_like (&fresh, password, error);
}

gboolean
ph_scram_credential_is_like (const PhScramCredential *a,
                             const PhScramCredential *b)
{
  return a->iterations == b->iterations && a->salt_length == b->salt_length && memcmp (a->salt, b->salt, a->salt_length) == 0;
}

PhScramCredential *
ph_scram_credential_new_dummy (const guint8 secret[PH_SCRAM_KEY_LENGTH],
                               const char  *name)
{
  PhScramCredential *self = g_new0 (PhScramCredential, 1);
  guint8             mac[PH_SCRAM_KEY_LENGTH];

  self->iterations = PH_SCRAM_ITERATIONS;
  self->salt_length = SALT_LENGTH;
  get_hmac (secret, name, mac);
  memcpy (self->salt, mac, SALT_LENGTH);
  if (gnutls_rnd (GNUTLS_RND_RANDOM, self->stored_key, PH_SCRAM_KEY_LENGTH) < 0 ||
      gnutls_rnd (GNUTLS_RND_RANDOM, self->server_key, PH_SCRAM_KEY_LENGTH) < 0)
    g_error ("No random numbers");

  return self;
}

/* Looks at all, so that the time does not say which. */
static int
find_stored_key (GPtrArray    *credentials,
                 const guint8 *stored_key)
{
  int found = -1;

  for (guint i = 0; i < credentials->len; i++)
    {
      const PhScramCredential *credential = credentials->pdata[i];

      if (gnutls_memcmp (credential->stored_key, stored_key, PH_SCRAM_KEY_LENGTH) == 0)
        found = (int)i;
    }

  return found;
}

int
ph_scram_credential_find (GPtrArray  *credentials,
                          const char *password)
{
  PhScramCredential other = *(const PhScramCredential *)credentials->pdata[0];
  char             *prepared = ph_password_prepare (password, NULL);
  int               found;

  derive_keys (&other, prepared != NULL ? prepared : "");
  found = find_stored_key (credentials, other.stored_key);
  if (prepared == NULL)
    found = -1;
  ph_password_free (prepared);
  explicit_bzero (&other, sizeof other);

  return found;
}

gboolean
ph_scram_credential_verify (const PhScramCredential *self,
                            const char              *password)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new ();

  g_ptr_array_add (one, (gpointer)self);

  return ph_scram_credential_find (one, password) == 0;
}

guint
ph_scram_credential_get_iterations (const PhScramCredential *self)
{
  return self->iterations;
}

const guint8 *
ph_scram_credential_get_salt (const PhScramCredential *self,
                              gsize                   *length)
{
  *length = self->salt_length;

  return self->salt;
}

static gboolean
check_proof (const PhScramCredential *self,
             const guint8            *proof,
             const char              *auth_message)
{
  guint8   client_key[PH_SCRAM_KEY_LENGTH], hash[PH_SCRAM_KEY_LENGTH];
  gboolean is_right;

  /* ClientKey = ClientProof XOR HMAC (StoredKey, AuthMessage) */
  get_hmac (self->stored_key, auth_message, client_key);
  for (guint i = 0; i < sizeof client_key; i++)
    client_key[i] ^= proof[i];
  get_hash (client_key, hash);
  is_right = gnutls_memcmp (hash, self->stored_key, sizeof hash) == 0;
  explicit_bzero (client_key, sizeof client_key);

  return is_right;
}

int
ph_scram_credential_find_proof (GPtrArray    *credentials,
                                const guint8 *proof,
                                const char   *auth_message)
{
  int found = -1;

  for (guint i = 0; i < credentials->len; i++)
    if (check_proof (credentials->pdata[i], proof, auth_message))
      found = (int)i;

  return found;
}

void
ph_scram_credential_sign (const PhScramCredential *self,
                          const char              *auth_message,
                          guint8                   signature[PH_SCRAM_KEY_LENGTH])
{
  get_hmac (self->server_key, auth_message, signature);
}

/* Takes base64 up to `end` (or the end of the text) off *text. */
static gboolean
parse_bytes (const char **text,
             char         end,
             guint8      *bytes,
             gsize        max,
             gsize       *n_bytes)
{
  const char *stop = end != '\0' ? strchr (*text, end) : *text + strlen (*text);
  guint8     *decoded = stop != NULL ? ph_base64_decode_strict (*text, (gsize)(stop - *text), n_bytes) : NULL;
  gboolean    fits = decoded != NULL && *n_bytes > 0 && *n_bytes <= max;

  if (fits)
    {
      memcpy (bytes, decoded, *n_bytes);
      *text = end != '\0' ? stop + 1 : stop;
    }
  ph_base64_wipe (decoded, *n_bytes);

  return fits;
}

static gboolean
parse_fields (PhScramCredential *self,
              const char        *text)
{
  guint64 iterations;
  gsize   stored_length = 0, server_length = 0;
  char   *end;

  if (!g_str_has_prefix (text, SCHEME "$") || !g_ascii_isdigit (text[strlen (SCHEME "$")]))
    return FALSE;
  iterations = g_ascii_strtoull (text + strlen (SCHEME "$"), &end, 10);
  if (*end != ':' || iterations < ITERATIONS_MIN || iterations > PH_SCRAM_ITERATIONS_MAX)
    return FALSE;
  self->iterations = (guint)iterations;
  text = end + 1;

  return parse_bytes (&text, '$', self->salt, sizeof self->salt, &self->salt_length) &&
         parse_bytes (&text, ':', self->stored_key, PH_SCRAM_KEY_LENGTH, &stored_length) && stored_length == PH_SCRAM_KEY_LENGTH &&
         parse_bytes (&text, '\0', self->server_key, PH_SCRAM_KEY_LENGTH, &server_length) && server_length == PH_SCRAM_KEY_LENGTH;
}

PhScramCredential *
ph_scram_credential_parse (const char *text,
                           GError    **error)
{
  g_autoptr (PhScramCredential) self = g_new0 (PhScramCredential, 1);

  /* The text is as good as a password to some: it is in no message. */
  if (!parse_fields (self, text))
    {
      /* Translators: how it is to be written */
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("Not a credential of the form %s"), SCHEME "$ITERATIONS:SALT$STOREDKEY:SERVERKEY");
      return NULL;
    }

  return g_steal_pointer (&self);
}

char *
ph_scram_credential_format (const PhScramCredential *self)
{
  g_autofree char *salt = g_base64_encode (self->salt, self->salt_length);
  g_autofree char *stored_key = g_base64_encode (self->stored_key, PH_SCRAM_KEY_LENGTH);
  g_autofree char *server_key = g_base64_encode (self->server_key, PH_SCRAM_KEY_LENGTH);

  return g_strdup_printf (SCHEME "$%u:%s$%s:%s", self->iterations, salt, stored_key, server_key);
}

gboolean
ph_scram_credential_equal (const PhScramCredential *a,
                           const PhScramCredential *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  return a->iterations == b->iterations && a->salt_length == b->salt_length && memcmp (a->salt, b->salt, a->salt_length) == 0 &&
         memcmp (a->stored_key, b->stored_key, PH_SCRAM_KEY_LENGTH) == 0 && memcmp (a->server_key, b->server_key, PH_SCRAM_KEY_LENGTH) == 0;
}

PhScramCredential *
ph_scram_credential_copy (const PhScramCredential *self)
{
  return g_memdup2 (self, sizeof *self);
}

void
ph_scram_credential_free (PhScramCredential *self)
{
  if (self != NULL)
    explicit_bzero (self, sizeof *self);
  g_free (self);
}
