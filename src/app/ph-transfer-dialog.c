#include "ph-transfer-dialog.h"

#include "ph-format.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *title;
  const char *done;
  const char *cancelled;
} Words;

static const Words import_words = { N_ ("Import Mail"), N_ ("All mail is in"), N_ ("Cancelled. What is in stays in.") };
static const Words export_words = { N_ ("Export Mail"), N_ ("All mail is saved"), N_ ("Cancelled. What is saved stays.") };
static const Words backup_words = { N_ ("Back Up"), N_ ("All of it is backed up"), N_ ("Cancelled. Nothing of it stays.") };

struct _PhTransferDialog
{
  AdwWindow parent_instance;

  GtkLabel       *status_label;
  GtkLabel       *detail_label;
  GtkProgressBar *progress_bar;
  GtkButton      *button;

  GCancellable *cancellable;
  const Words  *words;
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
    return _ (self->words->done);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return _ (self->words->cancelled);

  return ph_format_words (error->message);
}

/* `rejected_dir`: where an import has kept what it could not take, else NULL. */
static char *
describe_end (const PhTransferCounts *counts,
              const char             *rejected_dir)
{
  g_autofree char *text = describe (counts);
  guint            n_rejected = (guint)counts->n_rejected;

  if (n_rejected == 0)
    return g_steal_pointer (&text);
  if (rejected_dir != NULL)
    /* Translators: a folder */
    return g_strdup_printf (ngettext ("%s. %'u could not be taken, and is kept in %s.", "%s. %'u could not be taken, and are kept in %s.", n_rejected),
                            text, n_rejected, rejected_dir);

  /* Translators: first "1,204 messages, 3.5 MB" */
  return g_strdup_printf (ngettext ("%s. %'u could not be read.", "%s. %'u could not be read.", n_rejected), text, n_rejected);
}

static void
show_end (PhTransferDialog       *self,
          const PhTransferCounts *counts,
          const char             *rejected_dir,
          const GError           *error)
{
  g_autofree char *text = NULL;

  self->is_done = TRUE;
  if (self->button == NULL) /* closed meanwhile */
    return;

  text = describe_end (counts, rejected_dir);
  gtk_label_set_label (self->detail_label, text);
  gtk_label_set_label (self->status_label, get_outcome (self, error));
  gtk_widget_hide (GTK_WIDGET (self->progress_bar));
  gtk_button_set_label (self->button, _ ("_Close"));
}

static void
done_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (PhTransferDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *rejected_dir = NULL;
  PhTransferCounts counts = { 0 };

  ph_server_transfer_finish (PH_SERVER (source), result, &counts, &rejected_dir, &error);
  show_end (self, &counts, rejected_dir, error);
}

static void
backed_up_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhTransferDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  PhTransferCounts counts = { 0 };

  ph_server_backup_finish (PH_SERVER (source), result, &counts, &error);
  show_end (self, &counts, NULL, error);
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
make (GtkWindow   *parent,
      const Words *words,
      const char  *status)
{
  PhTransferDialog *self = g_object_new (PH_TYPE_TRANSFER_DIALOG, "transient-for", parent, "title", _ (words->title), NULL);

  self->words = words;
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
  /* Translators: the name of an account */
  g_autofree char  *status = g_strdup_printf (_ ("Bringing mail to %s…"), address);
  PhTransferDialog *self = make (parent, &import_words, status);

  ph_server_import_async (server, address, paths, folder, "auto", self->cancellable, progress_cb, self, done_cb, g_object_ref (self));

  return GTK_WIDGET (self);
}

GtkWidget *
ph_transfer_dialog_new_export (PhServer   *server,
                               const char *address,
                               const char *folder,
                               const char *path,
                               GtkWindow  *parent)
{
  /* Translators: the name of an account */
  g_autofree char  *status = g_strdup_printf (_ ("Saving the mail of %s…"), address);
  PhTransferDialog *self = make (parent, &export_words, status);

  ph_server_export_async (server, address, folder, "mbox", path, self->cancellable, progress_cb, self, done_cb, g_object_ref (self));

  return GTK_WIDGET (self);
}

GtkWidget *
ph_transfer_dialog_new_backup (PhServer   *server,
                               const char *path,
                               GtkWindow  *parent)
{
  PhTransferDialog *self = make (parent, &backup_words, _ ("Backing up mail, accounts, keys and settings…"));

  ph_server_backup_async (server, path, self->cancellable, progress_cb, self, backed_up_cb, g_object_ref (self));

  return GTK_WIDGET (self);
}
