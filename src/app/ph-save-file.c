#include "ph-save-file.h"

#include "ph-choose-file.h"

#include <glib/gi18n.h>

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
chosen_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GFile) file = ph_choose_file_finish (GTK_WIDGET (source), result, &error);
  GBytes *contents = g_task_get_task_data (task);

  if (file == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  g_file_replace_contents_bytes_async (file, contents, NULL, FALSE, G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION,
                                       g_task_get_cancellable (task), written_cb, g_object_ref (task));
}

void
ph_save_file_async (GtkWidget          *parent,
                    const char         *suggested_name,
                    GBytes             *contents,
                    GCancellable       *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer            user_data)
{
  GTask *task = g_task_new (parent, cancellable, callback, user_data);

  g_task_set_task_data (task, g_bytes_ref (contents), (GDestroyNotify)g_bytes_unref);
  ph_choose_file_async (parent, PH_CHOOSE_SAVE, _ ("Save the transcript"), suggested_name, cancellable, chosen_cb, task);
}

gboolean
ph_save_file_finish (GtkWidget    *parent,
                     GAsyncResult *result,
                     GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
