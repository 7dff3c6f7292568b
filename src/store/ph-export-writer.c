#include "ph-export-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-import-names.h"
#include "ph-import-source.h"
#include "ph-maildir-name.h"
#include "ph-maildir.h"
#include "ph-mbox-writer.h"
#include "ph-path.h"

typedef struct
{
  gboolean (*begin) (PhExportWriter    *self,
                     const char        *name,
                     const char *const *keywords,
                     GError           **error);
  gboolean (*add) (PhExportWriter        *self,
                   const PhExportMessage *message,
                   GError               **error);
  gboolean (*end) (PhExportWriter *self,
                   GError        **error);
} Format;

struct _PhExportWriter
{
  const Format  *format;
  char          *path;
  gboolean       is_single;
  char          *folder; /* its directory, or the mbox file; NULL between folders */
  GOutputStream *out;    /* the mbox file, or posthouse.tsv */
};

static gboolean
make_directory (const char *path,
                GError    **error)
{
  return g_mkdir_with_parents (path, 0700) == 0 || ph_store_error_set_errno (error, errno, N_ ("A folder can’t be made"));
}

static GOutputStream *
create_file (const char *path,
             GError    **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileOutputStream) out = g_file_create (file, G_FILE_CREATE_PRIVATE, NULL, error);

  return out != NULL ? g_buffered_output_stream_new_sized (G_OUTPUT_STREAM (out), 128 * 1024) : NULL;
}

static gboolean
close_file (PhExportWriter *self,
            GError        **error)
{
  g_autoptr (GOutputStream) out = g_steal_pointer (&self->out);

  return out == NULL || g_output_stream_close (out, NULL, error);
}

/* The whole file, complete under its name or not there. */
static gboolean
copy_file (const PhExportMessage *message,
           const char            *part,
           const char            *name,
           GError               **error)
{
  const struct timespec times[2] = { { message->date, 0 }, { message->date, 0 } };
  int                   fd = open (part, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
  off_t                 offset = 0;
  guint8                piece[64 * 1024];
  ssize_t               n = -1;
  gboolean              ok;

  if (fd < 0)
    return ph_store_error_set_errno (error, errno, N_ ("A file can’t be made"));

  while ((n = pread (message->fd, piece, sizeof piece, offset)) > 0 && write (fd, piece, (size_t)n) == n)
    offset += n;
  futimens (fd, times);
  ok = close (fd) == 0 && n == 0 && rename (part, name) == 0;
  if (!ok)
    {
      ph_store_error_set_errno (error, n > 0 ? ENOSPC : errno, N_ ("A message can’t be written"));
      unlink (part);
    }

  return ok;
}

/* A path below the export for a folder's levels. */
static char *
build_path (PhExportWriter *self,
            const char     *name,
            const char     *suffix)
{
  g_auto (GStrv) levels = g_strsplit (name, "/", -1);
  GString *path = g_string_new (self->path);

  for (guint i = 0; levels[i] != NULL; i++)
    {
      g_autofree char *level = ph_import_encode_level (levels[i]);

      g_string_append_printf (path, "/%s", level);
    }
  g_string_append (path, suffix);

  return g_string_free (path, FALSE);
}

/* .eml files */

static gboolean
begin_eml (PhExportWriter    *self,
           const char        *name,
           const char *const *keywords,
           GError           **error)
{
  g_autofree char *list = NULL;

  self->folder = self->is_single ? g_strdup (self->path) : build_path (self, name, "");
  list = g_build_filename (self->folder, PH_EXPORT_LIST_NAME, NULL);
  self->out = make_directory (self->folder, error) ? create_file (list, error) : NULL;

  return self->out != NULL;
}

static gboolean
add_eml (PhExportWriter        *self,
         const PhExportMessage *message,
         GError               **error)
{
  g_autofree char *name = g_strdup_printf ("%010u.eml", message->uid);
  g_autofree char *part = g_strdup_printf ("%s/.%s.part", self->folder, name);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autofree char *letters = ph_maildir_letters_from_flags (message->flags, 0, 0, "");
  g_autofree char *words = g_strjoinv (" ", message->keywords);
  g_autofree char *line = g_strdup_printf ("%s\t%" G_GINT64_FORMAT "\t%s\t%s\n", name, message->date, letters, words);

  return copy_file (message, part, path, error) && g_output_stream_write_all (self->out, line, strlen (line), NULL, NULL, error);
}

/* mbox */

static gboolean
begin_mbox (PhExportWriter    *self,
            const char        *name,
            const char *const *keywords,
            GError           **error)
{
  g_autofree char *part = NULL;
  g_autofree char *directory = NULL;

  self->folder = self->is_single ? g_strdup (self->path) : build_path (self, name, ".mbox");
  part = g_strconcat (self->folder, ".part", NULL);
  directory = g_path_get_dirname (self->folder);
  self->out = make_directory (directory, error) ? create_file (part, error) : NULL;

  return self->out != NULL;
}

static gboolean
add_mbox (PhExportWriter        *self,
          const PhExportMessage *message,
          GError               **error)
{
  return ph_mbox_write_message (self->out, message->fd, message->date, message->flags, (const char *const *)message->keywords, error);
}

static gboolean
end_mbox (PhExportWriter *self,
          GError        **error)
{
  g_autofree char *part = g_strconcat (self->folder, ".part", NULL);

  if (!close_file (self, error))
    return FALSE;

  return rename (part, self->folder) == 0 || ph_store_error_set_errno (error, errno, N_ ("An mbox file can’t be named"));
}

/* Maildir++ */

static gboolean
write_keywords (PhExportWriter    *self,
                const char *const *keywords,
                GError           **error)
{
  GString         *text = g_string_new (NULL);
  g_autofree char *contents = NULL;
  g_autofree char *path = g_build_filename (self->folder, "dovecot-keywords", NULL);

  for (guint i = 0; keywords[i] != NULL && i < 26; i++)
    g_string_append_printf (text, "%u %s\n", i, keywords[i]);
  contents = g_string_free (text, FALSE);

  return *contents == '\0' || g_file_set_contents_full (path, contents, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

static gboolean
begin_maildir (PhExportWriter    *self,
               const char        *name,
               const char *const *keywords,
               GError           **error)
{
  static const char *const subs[] = { "tmp", "new", "cur" };
  g_autofree char         *directory = self->is_single ? g_strdup (".") : ph_path_encode_folder (name);

  self->folder = g_build_filename (self->path, directory, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (subs); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, subs[i], NULL);

      if (!make_directory (path, error))
        return FALSE;
    }

  return write_keywords (self, keywords, error);
}

static gboolean
add_maildir (PhExportWriter        *self,
             const PhExportMessage *message,
             GError               **error)
{
  g_autofree char *letters = ph_maildir_letters_from_flags (message->flags, message->keyword_bits, 26, "");
  g_autofree char *name = ph_maildir_build_name (PH_MAILDIR_CUR, message->base, letters);
  g_autofree char *part = g_build_filename (self->folder, "tmp", message->base, NULL);
  g_autofree char *path = g_build_filename (self->folder, "cur", name, NULL);

  return copy_file (message, part, path, error);
}

static const Format formats[] = {
  [PH_EXPORT_EML] = { begin_eml, add_eml, close_file },
  [PH_EXPORT_MBOX] = { begin_mbox, add_mbox, end_mbox },
  [PH_EXPORT_MAILDIR] = { begin_maildir, add_maildir, close_file },
};

/* Nothing that is there is changed: it may be an empty directory, where one is wanted. */
static gboolean
check_free (const char *path,
            gboolean    is_file,
            GError    **error)
{
  struct stat st;
  g_autoptr (GDir) dir = NULL;

  if (lstat (path, &st) < 0)
    return TRUE;
  dir = is_file ? NULL : g_dir_open (path, 0, NULL);
  if (dir != NULL && g_dir_read_name (dir) == NULL)
    return TRUE;

  /* Translators: a path */
  g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS, _ ("%s is there already"), path);

  return FALSE;
}

PhExportWriter *
ph_export_writer_new (PhExportFormat format,
                      const char    *path,
                      gboolean       is_single,
                      GError       **error)
{
  gboolean        is_file = is_single && format == PH_EXPORT_MBOX;
  PhExportWriter *self;

  if (!check_free (path, is_file, error) || (!is_file && !make_directory (path, error)))
    return NULL;

  self = g_new0 (PhExportWriter, 1);
  self->format = &formats[format];
  self->path = g_strdup (path);
  self->is_single = is_single;

  return self;
}

void
ph_export_writer_free (PhExportWriter *self)
{
  close_file (self, NULL);
  if (self->folder != NULL && self->format == &formats[PH_EXPORT_MBOX])
    {
      g_autofree char *part = g_strconcat (self->folder, ".part", NULL);

      unlink (part);
    }
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

gboolean
ph_export_writer_begin_folder (PhExportWriter    *self,
                               const char        *name,
                               const char *const *keywords,
                               GError           **error)
{
  return self->format->begin (self, name, keywords, error);
}

gboolean
ph_export_writer_add (PhExportWriter        *self,
                      const PhExportMessage *message,
                      GError               **error)
{
  return self->format->add (self, message, error);
}

gboolean
ph_export_writer_end_folder (PhExportWriter *self,
                             GError        **error)
{
  gboolean ok = self->format->end (self, error);

  if (ok)
    g_clear_pointer (&self->folder, g_free);

  return ok;
}

gboolean
ph_export_writer_finish (PhExportWriter *self,
                         GError        **error)
{
  int      fd = open (self->path, O_RDONLY | O_CLOEXEC);
  gboolean ok = fd >= 0 && syncfs (fd) == 0;

  if (!ok)
    ph_store_error_set_errno (error, errno, N_ ("What was exported can’t be synced"));
  if (fd >= 0)
    close (fd);

  return ok;
}
