#include "ph-password.h"

#include "ph-auth-error.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define N_GROUPS 4
#define GROUP_LENGTH 4

static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

/* Without l, o, 0 and 1: five bits each. */
G_STATIC_ASSERT (sizeof alphabet - 1 == 32);

/* NULL where there is a character that a password can't have. */
static char *
map_characters (const char *password)
{
  /* Never grows: a space of any kind is no shorter than U+0020. */
  char *mapped = g_malloc (strlen (password) + 1);
  char *to = mapped;

  for (const char *p = password; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar     character = g_utf8_get_char (p);
      GUnicodeType type = g_unichar_type (character);

      if (type == G_UNICODE_CONTROL || type == G_UNICODE_UNASSIGNED || type == G_UNICODE_SURROGATE ||
          type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
        {
          *to = '\0';
          ph_password_free (mapped);
          return NULL;
        }
      to += g_unichar_to_utf8 (type == G_UNICODE_SPACE_SEPARATOR ? ' ' : character, to);
    }
  *to = '\0';

  return mapped;
}

char *
ph_password_prepare (const char *password,
                     GError    **error)
{
  gsize length = strnlen (password, PH_PASSWORD_MAX + 1);
  char *mapped, *prepared;

  if (length == 0 || length > PH_PASSWORD_MAX)
    {
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, "A password has 1 to %d bytes", PH_PASSWORD_MAX);
      return NULL;
    }
  if (!g_utf8_validate (password, (gssize)length, NULL) || (mapped = map_characters (password)) == NULL)
    {
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, "A password can't have control characters");
      return NULL;
    }

  prepared = g_utf8_normalize (mapped, -1, G_NORMALIZE_DEFAULT_COMPOSE);
  ph_password_free (mapped);

  return prepared;
}

void
ph_password_free (char *password)
{
  if (password != NULL)
    explicit_bzero (password, strlen (password));
  g_free (password);
}

static gboolean
is_common (const char *password)
{
  static const char *const words[] = {
    "password",
    "passw0rd",
    "qwerty",
    "qwertz",
    "azerty",
    "letmein",
    "welcome",
    "iloveyou",
    "admin",
    "dragon",
    "monkey",
    "secret",
    "master",
    "football",
    "sunshine",
    "princess",
    "abc123",
    "changeme",
    "posthouse",
    "geheim",
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = strlen (words[i]);

      /* With a few more characters it is no less common. */
      if (g_ascii_strncasecmp (password, words[i], length) == 0 && strlen (password) <= length + 4)
        return TRUE;
    }

  return FALSE;
}

/* Bits that a character of its kind adds. */
static double
get_kind_bits (const char *password)
{
  gboolean lower = FALSE, upper = FALSE, digit = FALSE, other = FALSE;

  for (const char *p = password; *p != '\0'; p++)
    {
      lower |= g_ascii_islower (*p);
      upper |= g_ascii_isupper (*p);
      digit |= g_ascii_isdigit (*p);
      other |= !g_ascii_isalnum (*p);
    }

  return 1.0 + (lower ? 3.0 : 0) + (upper ? 0.8 : 0) + (digit ? 1.0 : 0) + (other ? 0.8 : 0) + (digit && !lower && !upper ? 1.3 : 0);
}

PhPasswordStrength
ph_password_get_strength (const char *password)
{
  double   per_character = get_kind_bits (password), bits = 0;
  gunichar before = 0;

  if (is_common (password) || !g_utf8_validate (password, -1, NULL))
    return PH_PASSWORD_WEAK;

  for (const char *p = password; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);

      /* The next of a repeat or a run is no surprise. */
      bits += character == before || character == before + 1 || character + 1 == before ? 1.0 : per_character;
      before = character;
    }

  return bits < 36 ? PH_PASSWORD_WEAK : bits < 60 ? PH_PASSWORD_FAIR
                                      : bits < 75 ? PH_PASSWORD_GOOD
                                                  : PH_PASSWORD_STRONG;
}

char *
ph_password_generate (void)
{
  guint8 random[N_GROUPS * GROUP_LENGTH];
  char  *password = g_malloc0 (sizeof random + N_GROUPS);
  char  *to = password;

  /* Fails only where the system has no randomness, where nothing is safe. */
  if (gnutls_rnd (GNUTLS_RND_KEY, random, sizeof random) < 0)
    g_error ("No random numbers");

  for (guint i = 0; i < sizeof random; i++)
    {
      if (i > 0 && i % GROUP_LENGTH == 0)
        *to++ = '-';
      *to++ = alphabet[random[i] & 31];
    }
  explicit_bzero (random, sizeof random);

  return password;
}
