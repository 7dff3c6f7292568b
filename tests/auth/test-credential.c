#include "ph-auth-error.h"
#include "ph-base64.h"
#include "ph-password.h"
#include "ph-scram-credential.h"

#include <string.h>

/* RFC 7677 section 3: user "user", password "pencil". */
#define RFC_SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define RFC_AUTH_MESSAGE                                                                    \
  "n=user,r=rOprNGfwEbeRWgbNEkqO,"                                                          \
  "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," \
  "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define RFC_PROOF "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define RFC_SIGNATURE "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

/* The keys of that exchange, from Python's hashlib. */
#define RFC_STORED_KEY "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
#define RFC_SERVER_KEY "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
#define RFC_TEXT "SCRAM-SHA-256$4096:" RFC_SALT "$" RFC_STORED_KEY ":" RFC_SERVER_KEY

static void
test_vector (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhScramCredential) credential = ph_scram_credential_parse (RFC_TEXT, &error);
  g_autoptr (PhScramCredential) other = ph_scram_credential_new_like (credential, "pen", &error);
  g_autoptr (GPtrArray) several = g_ptr_array_new ();
  g_autofree char *signature_text = NULL;
  gsize            length;
  guint8          *proof = ph_base64_decode_strict (RFC_PROOF, strlen (RFC_PROOF), &length);
  guint8           signature[PH_SCRAM_KEY_LENGTH];

  g_assert_no_error (error);
  g_assert_cmpuint (length, ==, PH_SCRAM_KEY_LENGTH);
  g_assert_true (ph_scram_credential_verify (credential, "pencil"));
  g_assert_false (ph_scram_credential_verify (credential, "Pencil"));
  g_assert_false (ph_scram_credential_verify (credential, ""));
  g_ptr_array_add (several, other);
  g_ptr_array_add (several, credential);
  g_assert_cmpint (ph_scram_credential_find_proof (several, proof, RFC_AUTH_MESSAGE), ==, 1);
  g_assert_cmpint (ph_scram_credential_find_proof (several, proof, RFC_AUTH_MESSAGE "x"), ==, -1);
  proof[31] ^= 1;
  g_assert_cmpint (ph_scram_credential_find_proof (several, proof, RFC_AUTH_MESSAGE), ==, -1);
  g_assert_cmpint (ph_scram_credential_find (several, "pencil"), ==, 1);
  g_assert_cmpint (ph_scram_credential_find (several, "pen"), ==, 0);
  g_assert_cmpint (ph_scram_credential_find (several, "penci"), ==, -1);
  g_assert_cmpint (ph_scram_credential_find (several, "\xff"), ==, -1);
  ph_scram_credential_sign (credential, RFC_AUTH_MESSAGE, signature);
  signature_text = g_base64_encode (signature, sizeof signature);
  g_assert_cmpstr (signature_text, ==, RFC_SIGNATURE);
  ph_base64_wipe (proof, length);
}

/* RFC 5803 */
static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new ("pässword", &error);
  g_autoptr (PhScramCredential) other = ph_scram_credential_new ("pässword", NULL);
  g_autoptr (PhScramCredential) parsed = NULL;
  g_autoptr (PhScramCredential) vector = ph_scram_credential_parse (RFC_TEXT, NULL);
  g_autofree char *text = ph_scram_credential_format (credential);
  g_autofree char *vector_text = ph_scram_credential_format (vector);

  g_assert_cmpstr (vector_text, ==, RFC_TEXT);
  g_assert_true (g_str_has_prefix (text, "SCRAM-SHA-256$10000:"));
  g_assert_null (strstr (text, "ssword"));
  parsed = ph_scram_credential_parse (text, &error);
  g_assert_no_error (error);
  g_assert_true (ph_scram_credential_equal (parsed, credential));
  g_assert_false (ph_scram_credential_equal (other, credential)); /* another salt */
  g_assert_true (ph_scram_credential_verify (parsed, "pässword"));
  g_assert_true (ph_scram_credential_verify (parsed, "pa\xcc\x88ssword")); /* NFD */
  g_assert_false (ph_scram_credential_verify (parsed, "passwort"));
}

static void
test_bad_texts (void)
{
  static const char *const texts[] = {
    "",
    "SCRAM-SHA-256",
    "SCRAM-SHA-256$",
    "SCRAM-SHA-1$4096:" RFC_SALT "$" RFC_STORED_KEY ":" RFC_SERVER_KEY,
    "SCRAM-SHA-256$0:" RFC_SALT "$" RFC_STORED_KEY ":" RFC_SERVER_KEY,
    "SCRAM-SHA-256$4095:" RFC_SALT "$" RFC_STORED_KEY ":" RFC_SERVER_KEY,
    "SCRAM-SHA-256$-4096:" RFC_SALT "$" RFC_STORED_KEY ":" RFC_SERVER_KEY,
    "SCRAM-SHA-256$1000001:" RFC_SALT "$" RFC_STORED_KEY ":" RFC_SERVER_KEY,
    "SCRAM-SHA-256$99999999999999999999:" RFC_SALT "$" RFC_STORED_KEY ":" RFC_SERVER_KEY,
    "SCRAM-SHA-256$4096:$" RFC_STORED_KEY ":" RFC_SERVER_KEY,
    "SCRAM-SHA-256$4096:****$" RFC_STORED_KEY ":" RFC_SERVER_KEY,
    "SCRAM-SHA-256$4096:" RFC_SALT "$" RFC_SALT ":" RFC_SERVER_KEY,
    "SCRAM-SHA-256$4096:" RFC_SALT "$" RFC_STORED_KEY ":" RFC_SALT,
    "SCRAM-SHA-256$4096:" RFC_SALT "$" RFC_STORED_KEY,
    "SCRAM-SHA-256$4096:" RFC_SALT "$" RFC_STORED_KEY ":" RFC_SERVER_KEY " ",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ph_scram_credential_parse (texts[i], &error));
      g_assert_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID);
      g_assert_null (strstr (error->message, RFC_STORED_KEY));
    }
}

/* V20: the same salt for the same name, and nothing fits. */
static void
test_dummy (void)
{
  guint8 secret[PH_SCRAM_KEY_LENGTH] = { 1, 2, 3 };
  g_autoptr (PhScramCredential) a = ph_scram_credential_new_dummy (secret, "nobody");
  g_autoptr (PhScramCredential) b = ph_scram_credential_new_dummy (secret, "nobody");
  g_autoptr (PhScramCredential) c = ph_scram_credential_new_dummy (secret, "noone");
  gsize         length;
  const guint8 *salt = ph_scram_credential_get_salt (a, &length);

  g_assert_cmpuint (length, ==, 16);
  g_assert_cmpmem (salt, length, ph_scram_credential_get_salt (b, &length), 16);
  g_assert_cmpint (memcmp (salt, ph_scram_credential_get_salt (c, &length), 16), !=, 0);
  g_assert_cmpuint (ph_scram_credential_get_iterations (a), ==, PH_SCRAM_ITERATIONS);
  g_assert_false (ph_scram_credential_verify (a, "nobody"));
}

static void
test_prepare (void)
{
  g_autofree char *too_long = g_strnfill (PH_PASSWORD_MAX + 1, 'x');
  const char      *refused[] = { "", "a\nb", "a\x7f", "\xc2\x85", "\xff", "a\xc3", "\xe2\x80\xa8", too_long };
  char            *prepared;

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ph_password_prepare (refused[i], &error));
      g_assert_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID);
    }

  prepared = ph_password_prepare ("A\xcc\x8a b\xc2\xa0\xe3\x80\x80"
                                  "c",
                                  NULL);
  g_assert_cmpstr (prepared, ==, "Å b  c");
  ph_password_free (prepared);
  too_long[PH_PASSWORD_MAX] = '\0';
  prepared = ph_password_prepare (too_long, NULL);
  g_assert_cmpstr (prepared, ==, too_long);
  ph_password_free (prepared);
}

/* RFC 8264 section 4.3, RFC 8265 section 4.2.3 (examples). */
static void
test_precis (void)
{
  static const struct
  {
    const char *password;
    const char *prepared; /* NULL: refused */
  } rows[] = {
    { "correct horse battery staple", "correct horse battery staple" },
    { "Correct Horse Battery Staple", "Correct Horse Battery Staple" },
    { "πßå", "πßå" },
    { "Jack of ♦s", "Jack of ♦s" },
    { "foo\xe1\x9a\x80"
      "bar",
      "foo bar" },                                              /* U+1680, OGHAM SPACE MARK */
    { "\xef\xbc\xa1\xef\xbd\x81", "\xef\xbc\xa1\xef\xbd\x81" }, /* no width mapping */
    { "\xef\xac\x81", "\xef\xac\x81" },                         /* nor compatibility */
    { "①Ⅷ²", "①Ⅷ²" },
    { "\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91" }, /* an emoji */
    { "l·l", "l·l" },
    { "my cat is a \t by", NULL }, /* the RFC's "my cat is a <control> by" */
    { "a\xc2\xad"
      "b",
      NULL }, /* soft hyphen */
    { "a\xe2\x80\x8b"
      "b",
      NULL }, /* zero width space */
    { "a\xe2\x80\xae"
      "b",
      NULL },                  /* right-to-left override */
    { "a\xef\xb8\x8f", NULL }, /* variation selector */
    { "\xe1\x84\x80", NULL },  /* old Hangul jamo */
    { "\xee\x80\x80", NULL },  /* private use */
    { "\xef\xbf\xbe", NULL },  /* noncharacter */
    { "\xef\xbb\xbf"
      "a",
      NULL }, /* byte order mark */
    { "a\xe2\x80\x8d"
      "b",
      NULL },                                                                           /* a joiner that joins nothing */
    { "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d", "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d" }, /* after a virama */
    { "\xd9\x85\xe2\x80\x8c\xd9\x87", "\xd9\x85\xe2\x80\x8c\xd9\x87" },                 /* within Arabic */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char *prepared = ph_password_prepare (rows[i].password, NULL);

      g_assert_cmpstr (prepared, ==, rows[i].prepared);
      ph_password_free (prepared);
    }
}

static void
test_strength (void)
{
  char *first = ph_password_generate (), *second = ph_password_generate ();

  g_assert_cmpuint (ph_password_get_strength (""), ==, PH_PASSWORD_WEAK);
  g_assert_cmpuint (ph_password_get_strength ("Password1"), ==, PH_PASSWORD_WEAK);
  g_assert_cmpuint (ph_password_get_strength ("aaaaaaaaaaaaaaaaaaaa"), ==, PH_PASSWORD_WEAK);
  g_assert_cmpuint (ph_password_get_strength ("abcdefghijklmnop"), ==, PH_PASSWORD_WEAK);
  g_assert_cmpuint (ph_password_get_strength ("xkqpvmzt"), ==, PH_PASSWORD_WEAK);
  g_assert_cmpuint (ph_password_get_strength ("xK4p!mzT"), ==, PH_PASSWORD_FAIR);
  g_assert_cmpuint (ph_password_get_strength ("xK4p!mzTuw"), ==, PH_PASSWORD_GOOD);
  g_assert_cmpuint (ph_password_get_strength (first), ==, PH_PASSWORD_STRONG);
  g_assert_cmpuint (strlen (first), ==, 19);
  g_assert_cmpuint (strspn (first, "abcdefghijkmnpqrstuvwxyz23456789-"), ==, 19);
  g_assert_cmpstr (first, !=, second);
  ph_password_free (first);
  ph_password_free (second);
}

static void
test_base64 (void)
{
  static const char *const bad[] = { "=", "A", "AA", "AAA", "A===", "====", "AA=A", "AAAA=", "AA==AAAA", "AB==", "AAB=", "AA A", " AAA", "AAA\n", "AA-_", "*" };
  gsize                    length;
  guint8                  *bytes;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (ph_base64_decode_strict (bad[i], strlen (bad[i]), &length));
  g_assert_null (ph_base64_decode_strict ("AA\0A", 4, &length));

  bytes = ph_base64_decode_strict ("", 0, &length);
  g_assert_nonnull (bytes);
  g_assert_cmpuint (length, ==, 0);
  ph_base64_wipe (bytes, length);
  for (gsize n = 0; n < 300; n++)
    {
      guint8           data[300];
      g_autofree char *text = NULL;

      for (gsize i = 0; i < n; i++)
        data[i] = (guint8)(i * 7 + n);
      text = g_base64_encode (data, n);
      bytes = ph_base64_decode_strict (text, strlen (text), &length);
      g_assert_cmpmem (bytes, length, data, n);
      ph_base64_wipe (bytes, length);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/auth/credential/vector", test_vector);
  g_test_add_func ("/auth/credential/round-trip", test_round_trip);
  g_test_add_func ("/auth/credential/bad-texts", test_bad_texts);
  g_test_add_func ("/auth/credential/dummy", test_dummy);
  g_test_add_func ("/auth/password/prepare", test_prepare);
  g_test_add_func ("/auth/password/precis", test_precis);
  g_test_add_func ("/auth/password/strength", test_strength);
  g_test_add_func ("/auth/base64", test_base64);

  return g_test_run ();
}
