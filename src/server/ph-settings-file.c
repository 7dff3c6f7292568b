#include "ph-settings-file.h"

#include "ph-server-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* TRUE for what GKeyFile takes: blank, comment, [group], key=value. */
static gboolean
is_ini_line (const char *line,
             gsize       length)
{
  while (length > 0 && g_ascii_isspace (line[length - 1]))
    length--;
  while (length > 0 && g_ascii_isspace (*line))
    {
      line++;
      length--;
    }

  if (length == 0 || *line == '#')
    return TRUE;
  if (*line == '[')
    return line[length - 1] == ']';

  return *line != '=' && memchr (line, '=', length) != NULL;
}

static guint
find_bad_line (const char *text,
               gsize       length)
{
  const char *end = text + length;
  guint       number = 0;

  while (text < end)
    {
      const char *newline = memchr (text, '\n', (gsize)(end - text));
      const char *stop = newline != NULL ? newline : end;

      number++;
      if (!is_ini_line (text, (gsize)(stop - text)) || !g_utf8_validate (text, stop - text, NULL))
        return number;
      text = stop + 1;
    }

  return 0;
}

GKeyFile *
ph_settings_file_parse (const char *path,
                        const char *text,
                        gsize       length,
                        GError    **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) parse_error = NULL;
  guint bad_line = find_bad_line (text, length);

  if (bad_line != 0)
    {
      g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS,
                   /* Translators: the path of a file, a line’s number; “[group]” and “Key=value” are what such a file may have */
                   _ ("%s, line %u: not a [group], a Key=value or a # comment"), path, bad_line);
      return NULL;
    }

  if (length > 0 && !g_key_file_load_from_data (file, text, length, G_KEY_FILE_KEEP_COMMENTS, &parse_error))
    {
      g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, "%s: %s", path, parse_error->message);
      return NULL;
    }

  return g_steal_pointer (&file);
}

guint
ph_settings_file_find_line (const char *text,
                            const char *group,
                            const char *key)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *header = g_strdup_printf ("[%s]", group);
  gboolean         in_group = FALSE;
  guint            found = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *line = g_strstrip (lines[i]);
      char *equals = strchr (line, '=');

      if (*line == '[')
        {
          in_group = strcmp (line, header) == 0;
          if (in_group && key == NULL)
            return i + 1;
        }
      else if (in_group && key != NULL && equals != NULL && *line != '#')
        {
          *equals = '\0';
          if (strcmp (g_strchomp (line), key) == 0)
            found = i + 1; /* the last one counts */
        }
    }

  return found;
}

static gboolean
check_unchanged (const char *path,
                 const char *expected,
                 GError    **error)
{
  g_autofree char *found = NULL;
  g_autoptr (GError) read_error = NULL;

  if (!g_file_get_contents (path, &found, NULL, &read_error))
    {
      /* Removed by somebody: writing it again loses nothing. */
      if (g_error_matches (read_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&read_error));
      return FALSE;
    }

  if (g_strcmp0 (found, expected) == 0)
    return TRUE;

  g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS,
               /* Translators: the path of a file */
               _ ("%s was changed by another program, so it is not overwritten: start Posthouse again to use it"), path);

  return FALSE;
}

static gboolean
sync_directory (const char *directory,
                GError    **error)
{
  int      fd = g_open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (errno), "%s: %s", directory, g_strerror (errno));
  if (fd >= 0)
    close (fd);

  return synced;
}

/* Newer GLib keeps the mode of the file that is replaced; older takes the one that is given. */
static void
close_to_others (const char *path)
{
  int         fd = g_open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
  struct stat st;

  if (fd >= 0 && fstat (fd, &st) == 0 && st.st_uid == geteuid () && (st.st_mode & 077) != 0)
    (void)!fchmod (fd, 0600);
  if (fd >= 0)
    close (fd);
}

gboolean
ph_settings_file_write (const char *path,
                        const char *expected,
                        const char *text,
                        GError    **error)
{
  g_autofree char *directory = g_path_get_dirname (path);

  if (g_mkdir_with_parents (directory, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (errno), "%s: %s", directory, g_strerror (errno));
      return FALSE;
    }

  if (!check_unchanged (path, expected, error))
    return FALSE;

  close_to_others (path);

  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error) && sync_directory (directory, error);
}
