#include "ph-use-meter.h"

#include <glib/gi18n.h>

struct _PhUseMeter
{
  AdwBin parent_instance;

  GtkLabel    *label;
  GtkLevelBar *bar;
};

G_DEFINE_FINAL_TYPE (PhUseMeter, ph_use_meter, ADW_TYPE_BIN)

static void
ph_use_meter_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_USE_METER);

  G_OBJECT_CLASS (ph_use_meter_parent_class)->dispose (object);
}

static void
ph_use_meter_class_init (PhUseMeterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_use_meter_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-use-meter.ui");
  gtk_widget_class_bind_template_child (widget_class, PhUseMeter, label);
  gtk_widget_class_bind_template_child (widget_class, PhUseMeter, bar);
}

static void
ph_use_meter_init (PhUseMeter *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  /* Green for what is nearly full would say the contrary. */
  gtk_level_bar_remove_offset_value (self->bar, GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (self->bar, GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (self->bar, GTK_LEVEL_BAR_OFFSET_FULL);
}

void
ph_use_meter_set (PhUseMeter *self,
                  guint64     used,
                  guint64     quota)
{
  g_autofree char *size = g_format_size (used);
  g_autofree char *most = g_format_size (quota);
  g_autofree char *text = NULL;

  g_return_if_fail (PH_IS_USE_METER (self));

  /* Translators: two sizes, such as "1.2 MB of 100.0 MB" */
  text = quota > 0 ? g_strdup_printf (_ ("%s of %s"), size, most) : g_strdup (size);
  gtk_label_set_label (self->label, text);
  gtk_level_bar_set_value (self->bar, quota > 0 ? MIN (1, (double)used / (double)quota) : 0);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), quota > 0);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
}
