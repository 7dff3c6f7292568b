#include "ph-uidvalidity.h"

#include <stdio.h>
#include <string.h>

#define FILE_NAME "posthouse-uidvalidity"

/* Numbers for which the file is written once. */
#define BLOCK 16
#define FIRST_MAX (1 << 28)

/* FALSE where there is none: both are 0. */
static gboolean
read_file (PhWriter *writer,
           gint64   *reserved,
           gint64   *epoch)
{
  g_autofree char *text = ph_maildir_read_file (writer->maildir, FILE_NAME);
  char            *rest;

  *reserved = text != NULL ? CLAMP (g_ascii_strtoll (text, &rest, 10), 0, G_MAXUINT32 - BLOCK) : 0;
  *epoch = text != NULL ? CLAMP (g_ascii_strtoll (rest, NULL, 10), 0, 1 << 22) : 0;

  return text != NULL;
}

static gboolean
write_file (PhWriter *writer,
            gint64    reserved,
            gint64    epoch,
            GError  **error)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", reserved, epoch);

  return ph_maildir_write_file (writer->maildir, FILE_NAME, text, error);
}

gboolean
ph_uidvalidity_begin_epoch (PhWriter *writer,
                            GError  **error)
{
  gint64 reserved, epoch;

  if (!read_file (writer, &reserved, &epoch))
    return TRUE;

  return write_file (writer, reserved, epoch + 1, error) && ph_index_set_meta (writer->index, "epoch", epoch + 1, error);
}

static gboolean
set_last (PhWriter *writer,
          gint64    last,
          GError  **error)
{
  gint64 reserved, epoch;

  read_file (writer, &reserved, &epoch);
  if (last > reserved && !write_file (writer, last + BLOCK, epoch, error))
    return FALSE;

  return ph_index_set_meta (writer->index, "uidvalidity", last, error);
}

gboolean
ph_uidvalidity_skip (PhWriter *writer,
                     guint32   uidvalidity,
                     GError  **error)
{
  gint64 last;

  return ph_index_get_meta (writer->index, "uidvalidity", &last, error) && (last >= uidvalidity || set_last (writer, uidvalidity, error));
}

gboolean
ph_uidvalidity_next (PhWriter *writer,
                     guint32  *uidvalidity,
                     GError  **error)
{
  gint64 last, reserved, epoch;

  if (!ph_index_get_meta (writer->index, "uidvalidity", &last, error))
    return FALSE;

  /* A new or a lost index starts after all that the old may have given. */
  read_file (writer, &reserved, &epoch);
  if (last == 0)
    last = reserved > 0 ? reserved : g_random_int_range (1, FIRST_MAX);
  *uidvalidity = (guint32)++last;

  return set_last (writer, last, error);
}
