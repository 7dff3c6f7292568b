#include "ph-sts-file.h"

#include <glib/gstdio.h>
#include <string.h>

#define GROUP "Policy"
#define NAME_MAX_LENGTH 200
#define FILE_MAX (2 * PH_STS_POLICY_MAX)

typedef struct
{
  char *domain;
  char *path;
  char *text; /* to be written, or as it was read */
} File;

static void
file_free (gpointer data)
{
  File *file = data;

  g_free (file->domain);
  g_free (file->path);
  g_free (file->text);
  g_free (file);
}

static GTask *
new_task (const char         *folder,
          const char         *domain,
          char               *text, /* taken */
          GAsyncReadyCallback callback,
          gpointer            user_data)
{
  GTask           *task = g_task_new (NULL, NULL, callback, user_data);
  g_autofree char *hash = strlen (domain) > NAME_MAX_LENGTH ? g_compute_checksum_for_string (G_CHECKSUM_SHA256, domain, -1) : NULL;
  File            *file = g_new0 (File, 1);

  file->domain = g_strdup (domain);
  file->path = g_build_filename (folder, hash != NULL ? hash : domain, NULL);
  file->text = text;
  g_task_set_task_data (task, file, file_free);

  return task;
}

/* Writing */

static void
write_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  const File      *file = data;
  g_autofree char *folder = g_path_get_dirname (file->path);
  GError          *error = NULL;

  if (g_mkdir_with_parents (folder, 0700) == 0 && g_file_set_contents_full (file->path, file->text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error != NULL ? error : g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_FAILED, folder));
}

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_message ("MTA-STS: a policy is not kept: %s", error->message);
}

void
ph_sts_file_write (PhWorkerPool *workers,
                   const char   *folder,
                   const char   *domain,
                   const char   *id,
                   gint64        fetched,
                   GBytes       *policy)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *text = g_strndup (g_bytes_get_data (policy, NULL), g_bytes_get_size (policy));
  g_autoptr (GTask) task = NULL;

  g_key_file_set_string (keys, GROUP, "Domain", domain);
  g_key_file_set_string (keys, GROUP, "Id", id);
  g_key_file_set_int64 (keys, GROUP, "Fetched", fetched);
  g_key_file_set_string (keys, GROUP, "Text", text);
  task = new_task (folder, domain, g_key_file_to_data (keys, NULL, NULL), written_cb, NULL);
  g_task_set_source_tag (task, ph_sts_file_write);
  ph_worker_pool_run (workers, task, write_in_thread);
}

/* Reading */

static void
read_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  File    *file = data;
  GStatBuf info;

  if (g_stat (file->path, &info) == 0 && info.st_size < FILE_MAX)
    g_file_get_contents (file->path, &file->text, NULL, NULL);
  g_task_return_boolean (task, TRUE);
}

void
ph_sts_file_read_async (PhWorkerPool       *workers,
                        const char         *folder,
                        const char         *domain,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  g_autoptr (GTask) task = new_task (folder, domain, NULL, callback, user_data);

  g_task_set_source_tag (task, ph_sts_file_read_async);
  ph_worker_pool_run (workers, task, read_in_thread);
}

PhStsPolicy *
ph_sts_file_read_finish (GAsyncResult *result,
                         gint64        now,
                         char        **id,
                         gint64       *fetched)
{
  const File *file = g_task_get_task_data (G_TASK (result));
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *domain = NULL;
  g_autofree char *text = NULL;
  g_autofree char *its_id = NULL;
  PhStsPolicy     *policy = NULL;

  if (file->text == NULL || !g_key_file_load_from_data (keys, file->text, strlen (file->text), G_KEY_FILE_NONE, NULL))
    return NULL;

  domain = g_key_file_get_string (keys, GROUP, "Domain", NULL);
  text = g_key_file_get_string (keys, GROUP, "Text", NULL);
  its_id = g_key_file_get_string (keys, GROUP, "Id", NULL);
  *fetched = g_key_file_get_int64 (keys, GROUP, "Fetched", NULL);
  if (text != NULL && its_id != NULL && g_strcmp0 (domain, file->domain) == 0 && *fetched <= now)
    policy = ph_sts_policy_parse (text, strlen (text));
  if (policy != NULL)
    *id = g_steal_pointer (&its_id);

  return policy;
}
