/* The part of PhServer that copies all of it, and takes a copy back. */

#include "ph-backup.h"
#include "ph-server-private.h"

#include <string.h>

/* Dovecot's passwd-file: nobody needs a new password there. */
static void
append_account (GString   *text,
                PhAccount *account)
{
  const PhScramCredential *credential = ph_account_get_credential (account);
  const char              *address = ph_account_get_address (account);
  g_autofree char         *words = credential != NULL ? ph_scram_credential_format (credential) : NULL;
  g_auto (GStrv) parts = words != NULL ? g_strsplit_set (words, "$:", -1) : NULL;

  /* SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY */
  if (parts == NULL || g_strv_length (parts) != 5 || !ph_account_get_enabled (account) || strchr (address, ':') != NULL)
    return;

  g_string_append_printf (text, "%s:{SCRAM-SHA-256}%s,%s,%s,%s::::::\n", address, parts[1], parts[2], parts[3], parts[4]);
}

static char *
format_passwd (PhServer *self)
{
  GListModel *accounts = G_LIST_MODEL (self->accounts);
  GString    *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (accounts, i);

      append_account (text, account);
    }

  return g_string_free (text, FALSE);
}

static void
add_extra (GPtrArray  *extras,
           const char *name,
           const char *directory,
           const char *file)
{
  g_autofree char *path = g_build_filename (directory, file, NULL);

  g_ptr_array_add (extras, ph_backup_extra_new (name, path, NULL));
}

static void
done_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhTransferCounts *counts = g_task_get_task_data (task);
  GError           *error = NULL;

  if (ph_store_backup_finish (PH_STORE (source), result, counts, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ph_server_backup_async (PhServer           *self,
                        const char         *path,
                        GCancellable       *cancellable,
                        PhTransferFunc      progress,
                        gpointer            progress_data,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  static const char *const directories[] = { "intake", "tls", "dkim", "bad", "replies" };
  g_autoptr (GPtrArray) extras = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_backup_extra_free);
  g_autofree char *passwd = NULL;
  GTask           *task;

  g_return_if_fail (PH_IS_SERVER (self));

  passwd = format_passwd (self);
  g_ptr_array_add (extras, ph_backup_extra_new ("posthouse.ini", ph_settings_get_path (self->settings), NULL));
  g_ptr_array_add (extras, ph_backup_extra_new ("dovecot-passwd", NULL, passwd));
  g_ptr_array_add (extras, ph_backup_extra_new ("relay", self->relay_dir, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    add_extra (extras, directories[i], self->data_dir, directories[i]);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, g_new0 (PhTransferCounts, 1), g_free);
  g_task_set_check_cancellable (task, FALSE);
  ph_store_backup_async (self->store, path, extras, cancellable, progress, progress_data, done_cb, task);
}

gboolean
ph_server_backup_finish (PhServer         *self,
                         GAsyncResult     *result,
                         PhTransferCounts *counts,
                         GError          **error)
{
  if (counts != NULL)
    *counts = *(PhTransferCounts *)g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
ph_server_verify_backup (const char       *path,
                         GCancellable     *cancellable,
                         PhTransferFunc    progress,
                         gpointer          user_data,
                         PhTransferCounts *counts,
                         GError          **error)
{
  return ph_backup_verify (path, cancellable, progress, user_data, counts, error);
}

gboolean
ph_server_restore_backup (const char       *path,
                          const char       *data_dir,
                          GCancellable     *cancellable,
                          PhTransferFunc    progress,
                          gpointer          user_data,
                          PhTransferCounts *counts,
                          GError          **error)
{
  return ph_backup_restore (path, data_dir, cancellable, progress, user_data, counts, error);
}
