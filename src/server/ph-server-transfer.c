/* The part of PhServer that lets mail come and go as files. */

#include "ph-export.h"
#include "ph-import.h"
#include "ph-server-error.h"
#include "ph-server-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const dialects[] = {
  [PH_MBOX_ANY] = "auto",
  [PH_MBOX_O] = "mboxo",
  [PH_MBOX_RD] = "mboxrd",
  [PH_MBOX_CL] = "mboxcl",
  [PH_MBOX_CL2] = "mboxcl2",
};

static const char *const formats[] = {
  [PH_EXPORT_EML] = "eml",
  [PH_EXPORT_MBOX] = "mbox",
  [PH_EXPORT_MAILDIR] = "maildir",
};

typedef struct
{
  char            *folder;
  char           **paths;
  char            *rejected_dir; /* of an import */
  guint            kind;         /* a PhMboxDialect or PhExportFormat */
  gboolean         imports;
  PhTransferFunc   progress;
  gpointer         progress_data;
  PhTransferCounts counts;
} Transfer;

static void
transfer_free (gpointer data)
{
  Transfer *self = data;

  g_free (self->folder);
  g_strfreev (self->paths);
  g_free (self->rejected_dir);
  g_free (self);
}

static gboolean
find_name (const char *const *names,
           guint              n_names,
           const char        *name,
           guint             *found,
           GError           **error)
{
  for (guint i = 0; i < n_names; i++)
    if (strcmp (names[i], name) == 0)
      {
        *found = i;
        return TRUE;
      }

  g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_REFUSED, "“%s” is no format that is known", name);

  return FALSE;
}

static void
done_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Transfer       *self = g_task_get_task_data (task);
  PhAccountStore *account = PH_ACCOUNT_STORE (source);
  GError         *error = NULL;
  gboolean        done = self->imports ? ph_import_finish (account, result, &self->counts, &error) : ph_export_finish (account, result, &self->counts, &error);

  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
account_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Transfer     *self = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError       *error = NULL;
  g_autoptr (PhAccountStore) account = ph_store_open_account_finish (PH_STORE (source), result, &error);

  if (account == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  if (self->imports)
    ph_import_async (account, (const char *const *)self->paths, self->folder, self->kind, self->rejected_dir, cancellable,
                     self->progress, self->progress_data, done_cb, g_steal_pointer (&task));
  else
    ph_export_async (account, self->folder, self->kind, self->paths[0], cancellable, self->progress, self->progress_data, done_cb, g_steal_pointer (&task));
}

static void
begin (PhServer          *self,
       GTask             *task, /* transfer full */
       const char        *address,
       const char *const *names,
       guint              n_names,
       const char        *format)
{
  PhAccount *account = ph_accounts_find (self->accounts, address);
  Transfer  *transfer = g_task_get_task_data (task);
  GError    *error = NULL;

  if (!find_name (names, n_names, format, &transfer->kind, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  if (account == NULL)
    {
      /* Translators: an address */
      g_task_return_new_error (task, PH_SERVER_ERROR, PH_SERVER_ERROR_REFUSED, _ ("There is no account %s"), address);
      g_object_unref (task);
      return;
    }

  ph_store_open_account_async (self->store, ph_account_get_address (account), NULL, account_cb, task);
}

static GTask *
new_task (PhServer           *self,
          const char         *folder,
          PhTransferFunc      progress,
          gpointer            progress_data,
          GCancellable       *cancellable,
          GAsyncReadyCallback callback,
          gpointer            user_data)
{
  GTask    *task = g_task_new (self, cancellable, callback, user_data);
  Transfer *transfer = g_new0 (Transfer, 1);

  transfer->folder = folder != NULL && *folder != '\0' ? g_strdup (folder) : NULL;
  transfer->progress = progress;
  transfer->progress_data = progress_data;
  g_task_set_task_data (task, transfer, transfer_free);
  /* How far it has come is told even then. */
  g_task_set_check_cancellable (task, FALSE);

  return task;
}

static char *
name_rejected_dir (PhServer   *self,
                   const char *address)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC);
  g_autofree char *time = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *account = g_strdelimit (g_strdup (address), "/", '_');
  g_autofree char *name = g_strdup_printf ("%s-%s", time, account);

  return g_build_filename (self->data_dir, "rejected", name, NULL);
}

void
ph_server_import_async (PhServer           *self,
                        const char         *address,
                        const char *const  *paths,
                        const char         *folder,
                        const char         *format,
                        GCancellable       *cancellable,
                        PhTransferFunc      progress,
                        gpointer            progress_data,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  GTask    *task;
  Transfer *transfer;

  g_return_if_fail (PH_IS_SERVER (self));

  task = new_task (self, folder, progress, progress_data, cancellable, callback, user_data);
  transfer = g_task_get_task_data (task);
  transfer->imports = TRUE;
  transfer->paths = g_strdupv ((char **)paths);
  transfer->rejected_dir = name_rejected_dir (self, address);
  begin (self, task, address, dialects, G_N_ELEMENTS (dialects), format);
}

void
ph_server_export_async (PhServer           *self,
                        const char         *address,
                        const char         *folder,
                        const char         *format,
                        const char         *path,
                        GCancellable       *cancellable,
                        PhTransferFunc      progress,
                        gpointer            progress_data,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  GTask    *task;
  Transfer *transfer;

  g_return_if_fail (PH_IS_SERVER (self));

  task = new_task (self, folder, progress, progress_data, cancellable, callback, user_data);
  transfer = g_task_get_task_data (task);
  transfer->paths = g_strdupv ((char *[]){ (char *)path, NULL });
  begin (self, task, address, formats, G_N_ELEMENTS (formats), format);
}

gboolean
ph_server_transfer_finish (PhServer         *self,
                           GAsyncResult     *result,
                           PhTransferCounts *counts,
                           char            **rejected_dir,
                           GError          **error)
{
  Transfer *transfer = g_task_get_task_data (G_TASK (result));

  if (counts != NULL)
    *counts = transfer->counts;
  if (rejected_dir != NULL)
    *rejected_dir = transfer->imports && transfer->counts.n_rejected > 0 ? g_strdup (transfer->rejected_dir) : NULL;

  return g_task_propagate_boolean (G_TASK (result), error);
}
