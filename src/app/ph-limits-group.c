#include "ph-limits-group.h"

#define N_SPINS 9

struct _PhLimitsGroup
{
  AdwPreferencesGroup parent_instance;

  GtkSpinButton *spins[N_SPINS];
  GtkSwitch     *loopback_switch;
};

G_DEFINE_FINAL_TYPE (PhLimitsGroup, ph_limits_group, ADW_TYPE_PREFERENCES_GROUP)

static const struct
{
  const char *id;
  const char *property;
} spins[N_SPINS] = {
  { "address_messages_spin", "address-messages" },
  { "address_recipients_spin", "address-recipients" },
  { "address_unknown_spin", "address-unknown" },
  { "account_messages_spin", "account-messages" },
  { "account_recipients_spin", "account-recipients" },
  { "account_messages_day_spin", "account-messages-day" },
  { "account_recipients_day_spin", "account-recipients-day" },
  { "hold_days_spin", "hold-days" },
  { "imap_messages_spin", "imap-messages" },
};

static void
ph_limits_group_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_LIMITS_GROUP);

  G_OBJECT_CLASS (ph_limits_group_parent_class)->dispose (object);
}

static void
ph_limits_group_class_init (PhLimitsGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_limits_group_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-limits-group.ui");
  for (guint i = 0; i < N_SPINS; i++)
    gtk_widget_class_bind_template_child_full (widget_class, spins[i].id, FALSE,
                                               G_STRUCT_OFFSET (PhLimitsGroup, spins) + (gssize)(i * sizeof (gpointer)));
  gtk_widget_class_bind_template_child (widget_class, PhLimitsGroup, loopback_switch);
}

static void
ph_limits_group_init (PhLimitsGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_limits_group_set_settings (PhLimitsGroup *self,
                              PhSettings    *settings)
{
  GBindingFlags flags = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;

  g_return_if_fail (PH_IS_LIMITS_GROUP (self));

  for (guint i = 0; i < N_SPINS; i++)
    g_object_bind_property (settings, spins[i].property, self->spins[i], "value", flags);
  g_object_bind_property (settings, "limits-count-loopback", self->loopback_switch, "active", flags);
}
