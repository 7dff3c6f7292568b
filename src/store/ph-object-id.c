#include "ph-object-id.h"

#include <string.h>

#define DIGITS 16

gint64
ph_object_id_hash (const char *text,
                   gsize       length)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize  size = sizeof digest;
  gint64 number = 0;

  g_checksum_update (checksum, (const guchar *)text, (gssize)length);
  g_checksum_get_digest (checksum, digest, &size);
  for (guint i = 0; i < 8; i++)
    number = number << 8 | (i == 0 ? digest[i] & 0x7f : digest[i]);

  return MAX (number, 1);
}

void
ph_object_id_format (char    kind,
                     guint64 number,
                     char    out[PH_OBJECT_ID_SIZE])
{
  g_snprintf (out, PH_OBJECT_ID_SIZE, "%c%016" G_GINT64_MODIFIER "x", kind, number);
}

gboolean
ph_object_id_parse (char        kind,
                    const char *text,
                    guint64    *number)
{
  if (text[0] != kind || strlen (text) != 1 + DIGITS || strspn (text + 1, "0123456789abcdef") != DIGITS)
    return FALSE;

  *number = g_ascii_strtoull (text + 1, NULL, 16);

  return TRUE;
}

char *
ph_object_id_new_guid (void)
{
  return g_strdup_printf ("%08x%08x%08x%08x", g_random_int (), g_random_int (), g_random_int (), g_random_int ());
}
