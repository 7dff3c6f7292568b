#include "ph-base64.h"

#include <string.h>

/* -1 for what is not in the alphabet. */
static int
get_value (char character)
{
  if (character >= 'A' && character <= 'Z')
    return character - 'A';
  if (character >= 'a' && character <= 'z')
    return character - 'a' + 26;
  if (character >= '0' && character <= '9')
    return character - '0' + 52;
  if (character == '+')
    return 62;
  return character == '/' ? 63 : -1;
}

guint8 *
ph_base64_decode_strict (const char *text,
                         gsize       length,
                         gsize      *n_bytes)
{
  gsize   n_padding = 0, n = 0;
  guint32 bits = 0;
  guint   n_bits = 0;
  guint8 *bytes;

  *n_bytes = 0;
  if (length % 4 != 0)
    return NULL;
  while (n_padding < 2 && n_padding < length && text[length - n_padding - 1] == '=')
    n_padding++;

  bytes = g_malloc (length / 4 * 3 + 1);
  for (gsize i = 0; i < length - n_padding; i++)
    {
      int value = get_value (text[i]);

      if (value < 0)
        {
          ph_base64_wipe (bytes, n);
          return NULL;
        }
      bits = bits << 6 | (guint32)value;
      n_bits += 6;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          bytes[n++] = (guint8)(bits >> n_bits);
          bits &= (1u << n_bits) - 1;
        }
    }

  /* Bits that no byte takes must be zero, or two texts would mean the same. */
  if (bits != 0)
    {
      ph_base64_wipe (bytes, n);
      return NULL;
    }
  bytes[n] = '\0';
  *n_bytes = n;

  return bytes;
}

void
ph_base64_wipe (guint8 *bytes,
                gsize   n_bytes)
{
  if (bytes != NULL)
    explicit_bzero (bytes, n_bytes);
  g_free (bytes);
}
