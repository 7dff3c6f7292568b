#include "ph-uidvalidity.h"

#include <string.h>

#define FILE_NAME "posthouse-uidvalidity"

/* Numbers for which the file is written once. */
#define BLOCK 16
#define FIRST_MAX (1 << 28)

gboolean
ph_uidvalidity_next (PhWriter *writer,
                     guint32  *uidvalidity,
                     GError  **error)
{
  g_autofree char *text = ph_maildir_read_file (writer->maildir, FILE_NAME);
  g_autofree char *reserved_text = NULL;
  gint64           last, reserved;

  if (!ph_index_get_meta (writer->index, "uidvalidity", &last, error))
    return FALSE;

  reserved = text != NULL ? CLAMP (g_ascii_strtoll (text, NULL, 10), 0, G_MAXUINT32 - BLOCK) : 0;
  /* A new or a lost index starts after all that the old may have given. */
  if (last == 0)
    last = reserved > 0 ? reserved : g_random_int_range (1, FIRST_MAX);
  last++;

  if (last > reserved)
    {
      reserved_text = g_strdup_printf ("%" G_GINT64_FORMAT "\n", last + BLOCK);
      if (!ph_maildir_write_file (writer->maildir, FILE_NAME, reserved_text, error))
        return FALSE;
    }
  *uidvalidity = (guint32)last;

  return ph_index_set_meta (writer->index, "uidvalidity", last, error);
}
