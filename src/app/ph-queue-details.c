#include "ph-queue-details.h"

#include "ph-copy-row.h"
#include "ph-format.h"
#include "ph-recipient-row.h"

#include <glib/gi18n.h>

struct _PhQueueDetails
{
  AdwWindow parent_instance;

  AdwToastOverlay *toast_overlay;
  PhCopyRow       *subject_row;
  PhCopyRow       *sender_row;
  PhCopyRow       *arrived_row;
  PhCopyRow       *size_row;
  PhCopyRow       *id_row;
  GtkListBox      *recipients;

  char *id;
};

G_DEFINE_FINAL_TYPE (PhQueueDetails, ph_queue_details, ADW_TYPE_WINDOW)

static GtkWidget *
make_row (gpointer item,
          gpointer data)
{
  return ph_recipient_row_new (item);
}

/* For the rows that copy. */
static void
toast_cb (GtkWidget  *widget,
          const char *action,
          GVariant   *parameter)
{
  g_autofree char *escaped = g_markup_escape_text (g_variant_get_string (parameter, NULL), -1);

  adw_toast_overlay_add_toast (PH_QUEUE_DETAILS (widget)->toast_overlay, adw_toast_new (escaped));
}

/* In the place of this dialog: two upon each other are one too many. */
static void
life_clicked_cb (PhQueueDetails *self)
{
  GtkWindow        *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  const char *const messages[] = { self->id, NULL };

  if (parent != NULL)
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.show-life", "^as", messages);
  gtk_window_close (GTK_WINDOW (self));
}

static void
ph_queue_details_dispose (GObject *object)
{
  PhQueueDetails *self = PH_QUEUE_DETAILS (object);

  if (self->recipients != NULL)
    gtk_list_box_bind_model (self->recipients, NULL, NULL, NULL, NULL);
  g_clear_pointer (&self->id, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_QUEUE_DETAILS);

  G_OBJECT_CLASS (ph_queue_details_parent_class)->dispose (object);
}

static void
ph_queue_details_class_init (PhQueueDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_queue_details_dispose;

  g_type_ensure (PH_TYPE_COPY_ROW);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-queue-details.ui");
  gtk_widget_class_bind_template_child (widget_class, PhQueueDetails, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, PhQueueDetails, subject_row);
  gtk_widget_class_bind_template_child (widget_class, PhQueueDetails, sender_row);
  gtk_widget_class_bind_template_child (widget_class, PhQueueDetails, arrived_row);
  gtk_widget_class_bind_template_child (widget_class, PhQueueDetails, size_row);
  gtk_widget_class_bind_template_child (widget_class, PhQueueDetails, id_row);
  gtk_widget_class_bind_template_child (widget_class, PhQueueDetails, recipients);
  gtk_widget_class_bind_template_callback (widget_class, life_clicked_cb);
}

static void
ph_queue_details_init (PhQueueDetails *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_queue_details_new (GObject   *item,
                      GtkWindow *parent)
{
  PhQueueDetails  *self = g_object_new (PH_TYPE_QUEUE_DETAILS, "transient-for", parent, NULL);
  g_autofree char *subject = NULL, *sender = NULL, *id = NULL, *arrived_text = NULL, *size_text = NULL;
  g_autoptr (GListModel) recipients = NULL;
  gint64  arrived;
  guint64 size;

  g_object_get (item, "subject", &subject, "sender", &sender, "id", &id, "arrived", &arrived, "size", &size, "recipients", &recipients, NULL);
  arrived_text = ph_format_absolute_time (arrived);
  size_text = g_format_size (size);
  ph_copy_row_set_value (self->subject_row, subject);
  ph_copy_row_set_value (self->sender_row, sender);
  ph_copy_row_set_value (self->arrived_row, arrived_text);
  ph_copy_row_set_value (self->size_row, size_text);
  ph_copy_row_set_value (self->id_row, id);
  self->id = g_steal_pointer (&id);
  gtk_list_box_bind_model (self->recipients, recipients, make_row, NULL, NULL);

  return GTK_WIDGET (self);
}
