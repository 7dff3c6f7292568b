/* The one place that knows the file chooser, which is another one from GTK 4.10 on. */

#include "ph-choose-file.h"

static void
answer (GTask *task,
        GFile *file) /* transfer full */
{
  if (file != NULL)
    g_task_return_pointer (task, file, g_object_unref);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "No file was chosen");
}

#if GTK_CHECK_VERSION(4, 10, 0)

G_GNUC_BEGIN_IGNORE_DEPRECATIONS

static void
saved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  answer (task, gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, NULL));
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  answer (task, gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, NULL));
}

static void
folder_opened_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  answer (task, gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result, NULL));
}

static void
ask (GTask       *task,
     GtkWindow   *parent,
     PhChooseMode mode,
     const char  *title,
     const char  *suggested_name)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, title);
  gtk_file_dialog_set_initial_name (dialog, suggested_name);
  if (mode == PH_CHOOSE_SAVE)
    gtk_file_dialog_save (dialog, parent, g_task_get_cancellable (task), saved_cb, task);
  else if (mode == PH_CHOOSE_FOLDER)
    gtk_file_dialog_select_folder (dialog, parent, g_task_get_cancellable (task), folder_opened_cb, task);
  else
    gtk_file_dialog_open (dialog, parent, g_task_get_cancellable (task), opened_cb, task);
}

G_GNUC_END_IGNORE_DEPRECATIONS

#else

static void
response_cb (GtkNativeDialog *dialog,
             int              response,
             gpointer         user_data)
{
  g_autoptr (GTask) task = user_data;

  answer (task, response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL);
  g_object_unref (dialog);
}

static void
ask (GTask       *task,
     GtkWindow   *parent,
     PhChooseMode mode,
     const char  *title,
     const char  *suggested_name)
{
  static const GtkFileChooserAction actions[] = {
    [PH_CHOOSE_SAVE] = GTK_FILE_CHOOSER_ACTION_SAVE,
    [PH_CHOOSE_OPEN] = GTK_FILE_CHOOSER_ACTION_OPEN,
    [PH_CHOOSE_FOLDER] = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
  };
  gboolean              saves = mode == PH_CHOOSE_SAVE;
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, parent, actions[mode], NULL, NULL);

  if (saves && suggested_name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), suggested_name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (response_cb), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

#endif

void
ph_choose_file_async (GtkWidget          *parent,
                      PhChooseMode        mode,
                      const char         *title,
                      const char         *suggested_name,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            user_data)
{
  GtkRoot *root = gtk_widget_get_root (parent);

  ask (g_task_new (parent, cancellable, callback, user_data), GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, mode, title, suggested_name);
}

GFile *
ph_choose_file_finish (GtkWidget    *parent,
                       GAsyncResult *result,
                       GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
