#include "ph-transfer-dialog.h"

#include "ph-format.h"

#include <glib/gi18n.h>

struct _PhTransferDialog
{
  AdwWindow parent_instance;

  GtkLabel       *status_label;
  GtkLabel       *detail_label;
  GtkProgressBar *progress_bar;
  GtkButton      *button;

  GCancellable *cancellable;
  gboolean      is_import;
  gboolean      is_done;
};

G_DEFINE_FINAL_TYPE (PhTransferDialog, ph_transfer_dialog, ADW_TYPE_WINDOW)

static char *
describe (const PhTransferCounts *counts)
{
  g_autofree char *size = g_format_size (counts->n_bytes);

  /* Translators: a number and a size: "1,204 messages, 3.5 MB" */
  return g_strdup_printf (ngettext ("%'u message, %s", "%'u messages, %s", (guint)counts->n_messages), (guint)counts->n_messages, size);
}

static void
progress_cb (const PhTransferCounts *counts,
             gpointer                user_data)
{
  PhTransferDialog *self = user_data;
  g_autofree char  *text = describe (counts);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  gtk_label_set_label (self->detail_label, text);
  gtk_progress_bar_pulse (self->progress_bar);
}

static const char *
get_outcome (PhTransferDialog *self,
             const GError     *error)
{
  if (error == NULL)
    return self->is_import ? _ ("All mail is in") : _ ("All mail is saved");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return self->is_import ? _ ("Cancelled. What is in stays in.") : _ ("Cancelled. What is saved stays.");

  return ph_format_words (error->message);
}

static void
done_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (PhTransferDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *rejected_dir = NULL;
  g_autofree char *text = NULL;
  PhTransferCounts counts = { 0 };

  ph_server_transfer_finish (PH_SERVER (source), result, &counts, &rejected_dir, &error);
  self->is_done = TRUE;
  if (self->button == NULL) /* closed meanwhile */
    return;

  text = describe (&counts);
  if (counts.n_rejected > 0 && rejected_dir != NULL)
    {
      /* Translators: a folder */
      g_autofree char *more = g_strdup_printf (ngettext ("%s. %'u could not be taken, and is kept in %s.", "%s. %'u could not be taken, and are kept in %s.", (guint)counts.n_rejected),
                                               text, (guint)counts.n_rejected, rejected_dir);

      gtk_label_set_label (self->detail_label, more);
    }
  else
    gtk_label_set_label (self->detail_label, text);
  gtk_label_set_label (self->status_label, get_outcome (self, error));
  gtk_widget_hide (GTK_WIDGET (self->progress_bar));
  gtk_button_set_label (self->button, _ ("_Close"));
}

static void
button_clicked_cb (PhTransferDialog *self)
{
  if (self->is_done)
    gtk_window_close (GTK_WINDOW (self));
  else
    g_cancellable_cancel (self->cancellable);
}

static void
ph_transfer_dialog_dispose (GObject *object)
{
  PhTransferDialog *self = PH_TRANSFER_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_TRANSFER_DIALOG);

  G_OBJECT_CLASS (ph_transfer_dialog_parent_class)->dispose (object);
}

static void
ph_transfer_dialog_finalize (GObject *object)
{
  g_object_unref (PH_TRANSFER_DIALOG (object)->cancellable);

  G_OBJECT_CLASS (ph_transfer_dialog_parent_class)->finalize (object);
}

static void
ph_transfer_dialog_class_init (PhTransferDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_transfer_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_transfer_dialog_finalize;

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-transfer-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PhTransferDialog, status_label);
  gtk_widget_class_bind_template_child (widget_class, PhTransferDialog, detail_label);
  gtk_widget_class_bind_template_child (widget_class, PhTransferDialog, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, PhTransferDialog, button);
  gtk_widget_class_bind_template_callback (widget_class, button_clicked_cb);
}

static void
ph_transfer_dialog_init (PhTransferDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

static PhTransferDialog *
make (GtkWindow  *parent,
      gboolean    is_import,
      const char *address)
{
  PhTransferDialog *self = g_object_new (PH_TYPE_TRANSFER_DIALOG, "transient-for", parent, "title", is_import ? _ ("Import Mail") : _ ("Export Mail"), NULL);
  g_autofree char  *status = g_strdup_printf (is_import ? /* Translators: the name of an account */ _ ("Bringing mail to %s…") : /* Translators: the name of an account */ _ ("Saving the mail of %s…"), address);

  self->is_import = is_import;
  gtk_label_set_label (self->status_label, status);

  return self;
}

GtkWidget *
ph_transfer_dialog_new_import (PhServer          *server,
                               const char        *address,
                               const char        *folder,
                               const char *const *paths,
                               GtkWindow         *parent)
{
  PhTransferDialog *self = make (parent, TRUE, address);

  ph_server_import_async (server, address, paths, folder, "auto", self->cancellable, progress_cb, self, done_cb, g_object_ref (self));

  return GTK_WIDGET (self);
}

GtkWidget *
ph_transfer_dialog_new_export (PhServer   *server,
                               const char *address,
                               GFile      *target,
                               GtkWindow  *parent)
{
  PhTransferDialog *self = make (parent, FALSE, address);
  g_autofree char  *path = g_file_get_path (target);

  ph_server_export_async (server, address, NULL, "mbox", path != NULL ? path : "", self->cancellable, progress_cb, self, done_cb, g_object_ref (self));

  return GTK_WIDGET (self);
}
