#include "ph-traffic-group.h"

#include "ph-plot.h"

#include <glib/gi18n.h>

struct _PhTrafficGroup
{
  AdwPreferencesGroup parent_instance;

  PhPlot *messages_plot;
  PhPlot *connections_plot;
  PhPlot *refused_plot;
};

G_DEFINE_FINAL_TYPE (PhTrafficGroup, ph_traffic_group, ADW_TYPE_PREFERENCES_GROUP)

static void
ph_traffic_group_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_TRAFFIC_GROUP);

  G_OBJECT_CLASS (ph_traffic_group_parent_class)->dispose (object);
}

static void
ph_traffic_group_class_init (PhTrafficGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_traffic_group_dispose;

  g_type_ensure (PH_TYPE_PLOT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-traffic-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PhTrafficGroup, messages_plot);
  gtk_widget_class_bind_template_child (widget_class, PhTrafficGroup, connections_plot);
  gtk_widget_class_bind_template_child (widget_class, PhTrafficGroup, refused_plot);
}

static void
ph_traffic_group_init (PhTrafficGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_traffic_group_set_journal (PhTrafficGroup *self,
                              PhJournal      *journal)
{
  PhTraffic *traffic;

  g_return_if_fail (PH_IS_TRAFFIC_GROUP (self));

  traffic = ph_journal_get_traffic (journal);
  ph_plot_set_series (self->messages_plot, traffic, _ ("Messages"), PH_TRAFFIC_RECEIVED, _ ("received"), PH_TRAFFIC_SENT, _ ("sent on"));
  ph_plot_set_series (self->connections_plot, traffic, _ ("Connections"), PH_TRAFFIC_CONNECTIONS, _ ("opened"), PH_TRAFFIC_FAILED, _ ("failed"));
  /* Translators: in "Refused in the last hour: 2 mail and logins, 1 connections" */
  ph_plot_set_series (self->refused_plot, traffic, _ ("Refused"), PH_TRAFFIC_REFUSED, _ ("mail and logins"), PH_TRAFFIC_TURNED_AWAY, _ ("connections"));
}
