#include "ph-trouble-window.h"

struct _PhTroubleWindow
{
  AdwApplicationWindow parent_instance;

  AdwStatusPage *status_page;
};

G_DEFINE_FINAL_TYPE (PhTroubleWindow, ph_trouble_window, ADW_TYPE_APPLICATION_WINDOW)

static void
ph_trouble_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_TROUBLE_WINDOW);

  G_OBJECT_CLASS (ph_trouble_window_parent_class)->dispose (object);
}

static void
ph_trouble_window_class_init (PhTroubleWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_trouble_window_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-trouble-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PhTroubleWindow, status_page);
}

static void
ph_trouble_window_init (PhTroubleWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_trouble_window_new (GtkApplication *application,
                       const char     *message)
{
  PhTroubleWindow *self = g_object_new (PH_TYPE_TROUBLE_WINDOW, "application", application, NULL);
  g_autofree char *escaped = g_markup_escape_text (message, -1);

  adw_status_page_set_description (self->status_page, escaped);

  return GTK_WIDGET (self);
}
