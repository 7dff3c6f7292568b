#include "ph-password.h"

#include "ph-auth-error.h"

#include <glib/gi18n-lib.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define N_GROUPS 4
#define GROUP_LENGTH 4

static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

/* Without l, o, 0 and 1: five bits each. */
G_STATIC_ASSERT (sizeof alphabet - 1 == 32);

/* Valid of the FreeformClass as a category: letters, marks, numbers, spaces, symbols and
 * punctuation.  Not Cc, Cf, Cn, Co, Cs, Zl, Zp. */
#define ALLOWED_TYPES                                                                                                                     \
  (1u << G_UNICODE_LOWERCASE_LETTER | 1u << G_UNICODE_MODIFIER_LETTER | 1u << G_UNICODE_OTHER_LETTER | 1u << G_UNICODE_TITLECASE_LETTER | \
   1u << G_UNICODE_UPPERCASE_LETTER | 1u << G_UNICODE_SPACING_MARK | 1u << G_UNICODE_ENCLOSING_MARK | 1u << G_UNICODE_NON_SPACING_MARK |  \
   1u << G_UNICODE_DECIMAL_NUMBER | 1u << G_UNICODE_LETTER_NUMBER | 1u << G_UNICODE_OTHER_NUMBER | 1u << G_UNICODE_SPACE_SEPARATOR |      \
   1u << G_UNICODE_CONNECT_PUNCTUATION | 1u << G_UNICODE_DASH_PUNCTUATION | 1u << G_UNICODE_CLOSE_PUNCTUATION |                           \
   1u << G_UNICODE_FINAL_PUNCTUATION | 1u << G_UNICODE_INITIAL_PUNCTUATION | 1u << G_UNICODE_OTHER_PUNCTUATION |                          \
   1u << G_UNICODE_OPEN_PUNCTUATION | 1u << G_UNICODE_CURRENCY_SYMBOL | 1u << G_UNICODE_MODIFIER_SYMBOL | 1u << G_UNICODE_MATH_SYMBOL |   \
   1u << G_UNICODE_OTHER_SYMBOL)

/* Of those categories, and yet not: OldHangulJamo and PrecisIgnorableProperties (RFC 8264
 * sections 9.8 and 9.13). */
static const struct
{
  gunichar first, last;
} excluded[] = {
  { 0x034F, 0x034F },   /* combining grapheme joiner */
  { 0x1100, 0x11FF },   /* jamo, with the fillers in them */
  { 0x17B4, 0x17B5 },   /* inherent vowels of Khmer */
  { 0x180B, 0x180F },   /* variation selectors of Mongolian */
  { 0x3164, 0x3164 },   /* Hangul filler */
  { 0xA960, 0xA97C },   /* jamo extended A */
  { 0xD7B0, 0xD7FB },   /* jamo extended B */
  { 0xFE00, 0xFE0F },   /* variation selectors */
  { 0xFFA0, 0xFFA0 },   /* halfwidth Hangul filler */
  { 0xE0100, 0xE01EF }, /* variation selectors supplement */
};

#define NON_JOINER 0x200C
#define JOINER 0x200D
#define VIRAMA_CLASS 9

static gboolean
is_cursive (gunichar character)
{
  static const GUnicodeScript scripts[] = {
    G_UNICODE_SCRIPT_ARABIC, G_UNICODE_SCRIPT_SYRIAC, G_UNICODE_SCRIPT_MONGOLIAN, G_UNICODE_SCRIPT_NKO, G_UNICODE_SCRIPT_MANDAIC
  };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    if (g_unichar_get_script (character) == scripts[i])
      return TRUE;

  return FALSE;
}

/* RFC 5892 appendix A.1 and A.2: after a virama; a non-joiner also within a cursive script. */
static gboolean
may_join (gunichar before,
          gunichar character,
          gunichar after)
{
  return g_unichar_combining_class (before) == VIRAMA_CLASS || (character == NON_JOINER && is_cursive (before) && is_cursive (after));
}

static gboolean
is_allowed (gunichar character)
{
  for (guint i = 0; i < G_N_ELEMENTS (excluded); i++)
    if (character >= excluded[i].first && character <= excluded[i].last)
      return FALSE;

  return (ALLOWED_TYPES & 1u << g_unichar_type (character)) != 0;
}

/* NULL where there is a character that a password can't have. */
static char *
map_characters (const char *password)
{
  /* Never grows: a space of any kind is no shorter than U+0020. */
  char    *mapped = g_malloc (strlen (password) + 1);
  char    *to = mapped;
  gunichar before = 0;

  for (const char *p = password; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);
      gboolean is_joiner = character == NON_JOINER || character == JOINER;

      if (is_joiner ? !may_join (before, character, g_utf8_get_char (g_utf8_next_char (p))) : !is_allowed (character))
        {
          *to = '\0';
          ph_password_free (mapped);
          return NULL;
        }
      to += g_unichar_to_utf8 (g_unichar_type (character) == G_UNICODE_SPACE_SEPARATOR ? ' ' : character, to);
      before = character;
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
      /* Translators: a number */
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("A password has 1 to %d bytes"), PH_PASSWORD_MAX);
      return NULL;
    }
  if (!g_utf8_validate (password, (gssize)length, NULL) || (mapped = map_characters (password)) == NULL)
    {
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("A password can’t have control characters or invisible ones"));
      return NULL;
    }

  /* Normalizing leaves copies that nobody wipes; ASCII is normal already. */
  if (g_str_is_ascii (mapped))
    return mapped;

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
