#include "ph-keyword-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "dovecot-keywords"

/* A number, a blank, a keyword, a line end: for each letter. */
#define FILE_BYTES_MAX (PH_KEYWORD_LETTERS * 512)

gboolean
ph_keyword_file_write (PhWriter          *writer,
                       const PhFolderRow *folder,
                       GError           **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) names = ph_index_load_keywords (writer->index, folder->id, error);

  if (names == NULL)
    return FALSE;

  for (guint i = 0; names[i] != NULL && i < PH_KEYWORD_LETTERS; i++)
    g_string_append_printf (text, "%u %s\n", i, names[i]);

  return ph_maildir_replace_in_folder (writer->maildir, folder->directory, FILE_NAME, text->str, text->len, error);
}

gboolean
ph_keyword_file_ensure (PhWriter          *writer,
                        const PhFolderRow *folder,
                        GError           **error)
{
  guint n;
  int   fd;

  if (!ph_keyword_file_count (writer->index, folder->id, &n, error))
    return FALSE;
  if (n == 0)
    return TRUE;

  fd = ph_maildir_open_in_folder (writer->maildir, folder->directory, FILE_NAME, O_RDONLY);
  if (fd < 0)
    return ph_keyword_file_write (writer, folder, error);
  close (fd);

  return TRUE;
}

gboolean
ph_keyword_file_adopt (PhWriter          *writer,
                       const PhFolderRow *folder,
                       GError           **error)
{
  g_autofree char *text = g_malloc0 (FILE_BYTES_MAX + 1);
  g_auto (GStrv) lines = NULL;
  int     fd = ph_maildir_open_in_folder (writer->maildir, folder->directory, FILE_NAME, O_RDONLY);
  ssize_t n = fd >= 0 ? read (fd, text, FILE_BYTES_MAX) : 0;

  if (fd >= 0)
    close (fd);
  text[MAX (n, 0)] = '\0';
  lines = g_strsplit (text, "\n", -1);

  /* In order and without a gap, or the letters would mean other keywords. */
  for (guint i = 0; i < PH_KEYWORD_LETTERS && lines[i] != NULL; i++)
    {
      char       *name;
      guint64     number = g_ascii_strtoull (lines[i], &name, 10);
      const char *names[] = { NULL, NULL };
      guint64     bits;

      if (number != i || *name != ' ' || name == lines[i])
        break;
      names[0] = name + 1;
      if (!ph_index_map_keywords (writer->index, folder->id, names, &bits, NULL, NULL) || bits != G_GUINT64_CONSTANT (1) << i)
        break;
    }

  return TRUE;
}

gboolean
ph_keyword_file_count (PhIndex *index,
                       gint64   folder,
                       guint   *n,
                       GError **error)
{
  gint64 count;

  if (!ph_index_get_number (index, &count, 0, error, "SELECT count(*) FROM keywords WHERE folder = ?", "i", folder))
    return FALSE;
  *n = (guint)MIN (count, PH_KEYWORD_LETTERS);

  return TRUE;
}
