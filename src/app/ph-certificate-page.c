#include "ph-certificate-page.h"

#include "ph-certificate-dialog.h"
#include "ph-copy-row.h"
#include "ph-format.h"
#include "ph-row-name.h"
#include "ph-save-file.h"
#include "ph-time-label.h"
#include "ph-trust.h"

#include <glib/gi18n.h>

struct _PhCertificatePage
{
  AdwBin parent_instance;

  AdwActionRow        *kind_row;
  GtkWidget           *own_button;
  GtkWidget           *back_button;
  PhCopyRow           *fingerprint_row;
  PhTimeLabel         *expiry_label;
  AdwPreferencesGroup *trust_group;

  PhServer     *server;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (PhCertificatePage, ph_certificate_page, ADW_TYPE_BIN)

static void
update (PhCertificatePage *self)
{
  const char *file = ph_settings_get_string (ph_server_get_settings (self->server), "certificate-file");
  gboolean    is_own = file != NULL && *file != '\0';

  adw_action_row_set_subtitle (self->kind_row, is_own ? file : _ ("Made by Posthouse, and renewed by itself"));
  gtk_widget_set_visible (self->back_button, is_own);
  gtk_widget_set_visible (GTK_WIDGET (self->trust_group), !is_own);
  ph_copy_row_set_value (self->fingerprint_row, ph_server_get_certificate_fingerprint (self->server));
  g_object_set (self->expiry_label, "time", ph_server_get_certificate_expiry (self->server), NULL);
}

/* Trust */

typedef struct
{
  PhCertificatePage *page;
  PhTrustFormat      format;
} PhTrustExport;

static void
exported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autofree PhTrustExport *export = user_data;
  g_autoptr (PhCertificatePage) self = export->page;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ph_server_export_authority_finish (PH_SERVER (source), result, &error);

  if (bytes != NULL)
    ph_save_file (GTK_WIDGET (self), _ ("Save the certificate"), ph_trust_get_file_name (export->format), bytes, self->cancellable);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", ph_format_words (error->message));
}

static void
save_clicked_cb (PhCertificatePage *self,
                 GtkWidget         *button)
{
  PhTrustExport *export = g_new0 (PhTrustExport, 1);

  export->page = g_object_ref (self);
  export->format = (PhTrustFormat)GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "format"));
  ph_server_export_authority_async (self->server, export->format, self->cancellable, exported_cb, export);
}

/* A client's row unfolds to what to do there, and a button for the file that it takes. */
static void
add_client (PhCertificatePage  *self,
            const PhTrustSteps *steps)
{
  const char *file = ph_trust_get_file_name (steps->format);
  const char *name = _ (steps->client);
  g_auto (GStrv) parts = g_strsplit (_ (steps->steps), "%s", -1);
  g_autofree char *text = g_strjoinv (file, parts);
  /* Translators: the name of a client */
  g_autofree char *label = g_strdup_printf (_ ("Save the certificate for %s"), name);
  GtkWidget       *row = g_object_new (ADW_TYPE_EXPANDER_ROW, "use-markup", FALSE, "title", name, NULL);
  GtkWidget       *what = g_object_new (GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_VERTICAL, "spacing", 9, "margin-top", 12, "margin-bottom", 12,
                                        "margin-start", 12, "margin-end", 12, NULL);
  GtkWidget       *steps_label = g_object_new (GTK_TYPE_LABEL, "label", text, "wrap", TRUE, "wrap-mode", PANGO_WRAP_WORD_CHAR, "xalign", 0.0, "selectable", TRUE,
                                               "can-focus", FALSE, NULL);
  GtkWidget       *button = gtk_button_new_with_label (_ ("Save…"));

  gtk_widget_set_halign (button, GTK_ALIGN_END);
  ph_row_name_control (button, label);
  g_object_set_data (G_OBJECT (button), "format", GUINT_TO_POINTER (steps->format));
  g_signal_connect_object (button, "clicked", G_CALLBACK (save_clicked_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (what), steps_label);
  gtk_box_append (GTK_BOX (what), button);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), what);
  adw_preferences_group_add (self->trust_group, row);
}

/* The user's own */

static void
own_clicked_cb (PhCertificatePage *self)
{
  gtk_window_present (GTK_WINDOW (ph_certificate_dialog_new (self->server, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))))));
}

static void
went_back_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhCertificatePage) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ph_server_set_certificate_finish (PH_SERVER (source), result, &error))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", ph_format_words (error->message));
}

static void
back_clicked_cb (PhCertificatePage *self)
{
  ph_server_set_certificate_async (self->server, "", NULL, NULL, NULL, went_back_cb, g_object_ref (self));
}

static void
ph_certificate_page_dispose (GObject *object)
{
  PhCertificatePage *self = PH_CERTIFICATE_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_CERTIFICATE_PAGE);

  G_OBJECT_CLASS (ph_certificate_page_parent_class)->dispose (object);
}

static void
ph_certificate_page_class_init (PhCertificatePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_certificate_page_dispose;

  g_type_ensure (PH_TYPE_COPY_ROW);
  g_type_ensure (PH_TYPE_TIME_LABEL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-certificate-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PhCertificatePage, kind_row);
  gtk_widget_class_bind_template_child (widget_class, PhCertificatePage, own_button);
  gtk_widget_class_bind_template_child (widget_class, PhCertificatePage, back_button);
  gtk_widget_class_bind_template_child (widget_class, PhCertificatePage, fingerprint_row);
  gtk_widget_class_bind_template_child (widget_class, PhCertificatePage, expiry_label);
  gtk_widget_class_bind_template_child (widget_class, PhCertificatePage, trust_group);
  gtk_widget_class_bind_template_callback (widget_class, own_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_clicked_cb);
}

static void
ph_certificate_page_init (PhCertificatePage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_row_wrap_buttons (GTK_WIDGET (self));
  ph_row_keep_name (self->own_button);
}

void
ph_certificate_page_set_server (PhCertificatePage *self,
                                PhServer          *server)
{
  guint               n;
  const PhTrustSteps *steps = ph_trust_get_steps (&n);

  g_return_if_fail (PH_IS_CERTIFICATE_PAGE (self));
  g_return_if_fail (self->server == NULL);

  self->server = g_object_ref (server);
  for (guint i = 0; i < n; i++)
    add_client (self, &steps[i]);
  g_signal_connect_object (server, "notify::certificate", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ph_server_get_settings (server), "notify::certificate-file", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
