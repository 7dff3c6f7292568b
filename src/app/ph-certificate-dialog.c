#include "ph-certificate-dialog.h"

#include "ph-banner.h"
#include "ph-choose-file.h"
#include "ph-format.h"

#include <glib/gi18n.h>

typedef enum {
  FILE_CERTIFICATE,
  FILE_KEY,
  N_FILES,
} FileKind;

struct _PhCertificateDialog
{
  AdwWindow parent_instance;

  PhBanner     *error_banner;
  GtkWidget    *form;
  AdwActionRow *rows[N_FILES];
  GtkEditable  *password_entry;
  GtkWidget    *use_button;

  PhServer     *server;
  GCancellable *cancellable;
  GFile        *files[N_FILES];
  FileKind      choosing;
  gboolean      is_checking;
};

G_DEFINE_FINAL_TYPE (PhCertificateDialog, ph_certificate_dialog, ADW_TYPE_WINDOW)

static void
update (PhCertificateDialog *self)
{
  for (guint i = 0; i < N_FILES; i++)
    if (self->files[i] != NULL)
      {
        g_autofree char *name = g_file_get_parse_name (self->files[i]);

        adw_action_row_set_subtitle (self->rows[i], name);
      }
  gtk_widget_set_sensitive (self->form, !self->is_checking);
  gtk_widget_set_sensitive (self->use_button, self->files[FILE_CERTIFICATE] != NULL && !self->is_checking);
}

/* Choosing */

static void
chosen_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhCertificateDialog *self = PH_CERTIFICATE_DIALOG (source);
  g_autoptr (GFile) file = ph_choose_file_finish (GTK_WIDGET (source), result, NULL);

  if (file == NULL || self->server == NULL)
    return;

  g_set_object (&self->files[self->choosing], file);
  g_object_set (self->error_banner, "title", NULL, NULL);
  update (self);
}

static void
choose (PhCertificateDialog *self,
        FileKind             kind,
        const char          *title)
{
  self->choosing = kind;
  ph_choose_file_async (GTK_WIDGET (self), PH_CHOOSE_OPEN, title, NULL, self->cancellable, chosen_cb, NULL);
}

static void
choose_certificate_cb (PhCertificateDialog *self)
{
  choose (self, FILE_CERTIFICATE, _ ("Choose the certificate"));
}

static void
choose_key_cb (PhCertificateDialog *self)
{
  choose (self, FILE_KEY, _ ("Choose the key"));
}

/* Using */

static void
used_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (PhCertificateDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = ph_server_set_certificate_finish (PH_SERVER (source), result, &error);

  if (self->server == NULL) /* closed meanwhile */
    return;

  if (done)
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }

  self->is_checking = FALSE;
  update (self);
  g_object_set (self->error_banner, "title", ph_format_words (error->message), NULL);
}

static void
use_cb (PhCertificateDialog *self)
{
  g_autofree char *certificate = self->files[FILE_CERTIFICATE] != NULL ? g_file_get_path (self->files[FILE_CERTIFICATE]) : NULL;
  g_autofree char *key = self->files[FILE_KEY] != NULL ? g_file_get_path (self->files[FILE_KEY]) : NULL;

  if (certificate == NULL || (key == NULL && self->files[FILE_KEY] != NULL))
    {
      g_object_set (self->error_banner, "title", _ ("The file must be on this computer"), NULL);
      return;
    }

  self->is_checking = TRUE;
  gtk_window_set_focus (GTK_WINDOW (self), NULL); /* an entry that has the keyboard when it goes makes GTK complain */
  update (self);
  ph_server_set_certificate_async (self->server, certificate, key, gtk_editable_get_text (self->password_entry), NULL, used_cb, g_object_ref (self));
}

static void
ph_certificate_dialog_dispose (GObject *object)
{
  PhCertificateDialog *self = PH_CERTIFICATE_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  for (guint i = 0; i < N_FILES; i++)
    g_clear_object (&self->files[i]);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_CERTIFICATE_DIALOG);

  G_OBJECT_CLASS (ph_certificate_dialog_parent_class)->dispose (object);
}

static void
ph_certificate_dialog_class_init (PhCertificateDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_certificate_dialog_dispose;

  g_type_ensure (PH_TYPE_BANNER);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-certificate-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PhCertificateDialog, error_banner);
  gtk_widget_class_bind_template_child (widget_class, PhCertificateDialog, form);
  gtk_widget_class_bind_template_child_full (widget_class, "certificate_row", FALSE, G_STRUCT_OFFSET (PhCertificateDialog, rows[FILE_CERTIFICATE]));
  gtk_widget_class_bind_template_child_full (widget_class, "key_row", FALSE, G_STRUCT_OFFSET (PhCertificateDialog, rows[FILE_KEY]));
  gtk_widget_class_bind_template_child (widget_class, PhCertificateDialog, password_entry);
  gtk_widget_class_bind_template_child (widget_class, PhCertificateDialog, use_button);
  gtk_widget_class_bind_template_callback (widget_class, choose_certificate_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, use_cb);
}

static void
ph_certificate_dialog_init (PhCertificateDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  update (self);
}

GtkWidget *
ph_certificate_dialog_new (PhServer  *server,
                           GtkWindow *parent)
{
  PhCertificateDialog *self = g_object_new (PH_TYPE_CERTIFICATE_DIALOG, "transient-for", parent, NULL);

  self->server = g_object_ref (server);

  return GTK_WIDGET (self);
}
