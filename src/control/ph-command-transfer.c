/* import and export, backup, verify and restore */

#include "ph-command-private.h"

#include "ph-place.h"
#include "ph-server.h"
#include "ph-settings-file.h"

#include <glib-unix.h>
#include <unistd.h>

static void
show_progress (guint64 n_messages,
               guint64 n_bytes,
               guint64 n_rejected)
{
  if (isatty (STDERR_FILENO))
    g_printerr ("\r%" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT " MB", n_messages, n_bytes / 1000000);
}

/* What a script reads: "messages bytes rejected", parted by tabs; the rest is for people. */
static int
tell (PhCommand *self,
      GVariant  *answer)
{
  guint64     n_messages, n_bytes, n_rejected;
  const char *rejected_dir, *trouble;

  g_variant_get (answer, "(ttt&s&s)", &n_messages, &n_bytes, &n_rejected, &rejected_dir, &trouble);
  if (isatty (STDERR_FILENO))
    g_printerr ("\r");
  g_print ("%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\n", n_messages, n_bytes, n_rejected);
  if (*rejected_dir != '\0')
    g_printerr ("%s: What could not be taken is kept in %s, with the reasons\n", self->program, rejected_dir);
  else if (n_rejected > 0)
    g_printerr ("%s: Some messages could not be read\n", self->program);
  if (*trouble != '\0')
    return ph_command_fail (self, trouble);

  return n_rejected == 0 ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

static int
transfer (PhCommand  *self,
          const char *method,
          GVariant   *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = ph_control_client_transfer (self->client, method, parameters, show_progress, &error);

  return answer != NULL ? tell (self, answer) : ph_command_fail (self, error->message);
}

static const char *
get_folder (void)
{
  return ph_command_options.folder != NULL ? ph_command_options.folder : "";
}

static int
import (PhCommand *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) paths = NULL;

  /* Another process opens them. */
  for (guint i = 1; self->arguments[i] != NULL; i++)
    {
      g_autofree char *path = g_canonicalize_filename (self->arguments[i], NULL);

      if (!g_utf8_validate (path, -1, NULL))
        return ph_command_fail (self, "A path that is not UTF-8 can’t be named; name the directory that it is in");
      g_strv_builder_add (builder, path);
    }
  paths = g_strv_builder_end (builder);

  return transfer (self, "Import", g_variant_new ("(sss^as)", self->arguments[0], get_folder (), ph_command_options.format != NULL ? ph_command_options.format : "auto", paths));
}

static int export(PhCommand *self)
{
  g_autofree char *path = g_canonicalize_filename (self->arguments[1], NULL);

  if (!g_utf8_validate (path, -1, NULL))
    return ph_command_fail (self, "A path that is not UTF-8 can’t be named");

  return transfer (self, "Export", g_variant_new ("(ssss)", self->arguments[0], get_folder (), ph_command_options.format != NULL ? ph_command_options.format : "maildir", path));
}

static int
backup (PhCommand *self)
{
  g_autofree char *path = g_canonicalize_filename (self->arguments[0], NULL);

  if (!g_utf8_validate (path, -1, NULL))
    return ph_command_fail (self, "A path that is not UTF-8 can’t be named");

  return transfer (self, "Backup", g_variant_new ("(s)", path));
}

/* Verifying and restoring, in a thread, so that a person can end it. */
typedef struct
{
  const char      *path;
  const char      *data_dir; /* NULL: verifies */
  GCancellable    *cancellable;
  PhTransferCounts counts;
  GError          *error;
  gboolean         done;
  gint             ended; /* atomic */
} Files;

static void
progress_cb (const PhTransferCounts *counts,
             gpointer                user_data)
{
  if (isatty (STDERR_FILENO))
    g_printerr ("\r%" G_GUINT64_FORMAT " files, %" G_GUINT64_FORMAT " MB", counts->n_messages, counts->n_bytes / 1000000);
}

static gpointer
work (gpointer data)
{
  Files *self = data;

  self->done = self->data_dir != NULL ? ph_server_restore_backup (self->path, self->data_dir, self->cancellable, progress_cb, NULL, &self->counts, &self->error)
                                      : ph_server_verify_backup (self->path, self->cancellable, progress_cb, NULL, &self->counts, &self->error);
  g_atomic_int_set (&self->ended, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

static gboolean
signal_cb (gpointer data)
{
  g_cancellable_cancel (data);

  return G_SOURCE_CONTINUE;
}

/* SIGINT and SIGTERM end it, with nothing half left behind. */
static gboolean
work_on_files (Files *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const guint sources[] = { g_unix_signal_add (SIGINT, signal_cb, cancellable), g_unix_signal_add (SIGTERM, signal_cb, cancellable) };
  GThread    *thread;

  self->cancellable = cancellable;
  thread = g_thread_new ("files", work, self);
  while (!g_atomic_int_get (&self->ended))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  if (isatty (STDERR_FILENO))
    g_printerr ("\r");

  return self->done;
}

static int
tell_files (PhCommand *self,
            Files     *files)
{
  g_autoptr (GError) error = g_steal_pointer (&files->error);

  if (error != NULL)
    return ph_command_fail (self, error->message);

  g_print ("%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\n", files->counts.n_messages, files->counts.n_bytes);

  return PH_COMMAND_DONE;
}

static int
verify (PhCommand *self)
{
  Files files = { .path = self->arguments[0] };

  work_on_files (&files);

  return tell_files (self, &files);
}

/* The settings that it has, where there are none. */
static gboolean
restore_settings (PhSettings *settings,
                  const char *data_dir,
                  GError    **error)
{
  const char      *path = ph_settings_get_path (settings);
  g_autofree char *restored = g_build_filename (data_dir, "posthouse.ini", NULL);
  g_autofree char *text = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS) || !g_file_test (restored, G_FILE_TEST_EXISTS))
    return TRUE;

  return g_file_get_contents (restored, &text, NULL, error) && ph_settings_file_write (path, NULL, text, error);
}

static int
restore (PhCommand *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSettings) settings = ph_place_open_settings (self->config_path, &error);
  g_autofree char *data_dir = NULL;
  Files            files = { .path = self->arguments[0] };

  if (settings == NULL)
    return ph_command_fail (self, error->message);
  data_dir = ph_place_choose_data_dir (settings, self->data_dir);

  files.data_dir = data_dir;
  if (work_on_files (&files))
    restore_settings (settings, data_dir, &files.error);

  return tell_files (self, &files);
}

static const GOptionEntry import_options[] = {
  { "folder", 0, 0, G_OPTION_ARG_STRING, &ph_command_options.folder, "Into this folder, and below it; else into INBOX, and beside it", "FOLDER" },
  { "format", 0, 0, G_OPTION_ARG_STRING, &ph_command_options.format, "How mbox files are quoted: auto, mboxo, mboxrd, mboxcl, mboxcl2", "FORMAT" },
  G_OPTION_ENTRY_NULL
};

static const GOptionEntry export_options[] = {
  { "folder", 0, 0, G_OPTION_ARG_STRING, &ph_command_options.folder, "Only this folder", "FOLDER" },
  { "format", 0, 0, G_OPTION_ARG_STRING, &ph_command_options.format, "maildir (as shipped), mbox, eml", "FORMAT" },
  G_OPTION_ENTRY_NULL
};

const PhCommandRow ph_command_transfer_rows[] = {
  { "import", "ADDRESS FILE…", "Copy mail from files, mbox files, Maildirs into an account", 2, G_MAXUINT, FALSE, import, import_options },
  { "export", "ADDRESS FILE", "Copy the mail of an account into files", 2, 2, FALSE, export, export_options },
  { "backup", "FILE", "Copy all mail, the queue, keys and settings into a new directory", 1, 1, FALSE, backup, NULL },
  { "verify", "FILE", "Read all of a backup, and compare", 1, 1, FALSE, verify, NULL, TRUE },
  { "restore", "FILE", "Copy a backup into a data folder that is empty", 1, 1, FALSE, restore, NULL, TRUE },
  { NULL },
};
