#include "ph-app-password-row.h"

#include "ph-format.h"

#include <glib/gi18n.h>

struct _PhAppPasswordRow
{
  AdwActionRow parent_instance;

  GtkButton *revoke_button;

  PhAppPassword *app_password;
};

G_DEFINE_FINAL_TYPE (PhAppPasswordRow, ph_app_password_row, ADW_TYPE_ACTION_ROW)

static guint revoke_signal;

static void
revoke_clicked_cb (PhAppPasswordRow *self)
{
  g_signal_emit (self, revoke_signal, 0);
}

static void
update (PhAppPasswordRow *self)
{
  gint64           now = g_get_real_time ();
  gint64           last_used = ph_app_password_get_last_used (self->app_password);
  g_autofree char *made = ph_format_relative_time (ph_app_password_get_created (self->app_password), now);
  g_autofree char *used = last_used != 0 ? ph_format_relative_time (last_used, now) : NULL;
  g_autofree char *exact = ph_format_absolute_time (last_used != 0 ? last_used : ph_app_password_get_created (self->app_password));
  g_autofree char *subtitle = NULL;

  if (used != NULL)
    /* Translators: both are moments, such as "5 minutes ago" or "3 Mar 2026" */
    subtitle = g_strdup_printf (_ ("Made %s · last used %s"), made, used);
  else
    /* Translators: a moment, such as "5 minutes ago" or "3 Mar 2026" */
    subtitle = g_strdup_printf (_ ("Made %s · not used yet"), made);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), exact);
}

/* So that "just now" stays true when it is looked at again. */
static void
ph_app_password_row_map (GtkWidget *widget)
{
  PhAppPasswordRow *self = PH_APP_PASSWORD_ROW (widget);

  if (self->app_password != NULL)
    update (self);
  GTK_WIDGET_CLASS (ph_app_password_row_parent_class)->map (widget);
}

static void
ph_app_password_row_dispose (GObject *object)
{
  PhAppPasswordRow *self = PH_APP_PASSWORD_ROW (object);

  if (self->app_password != NULL)
    g_signal_handlers_disconnect_by_data (self->app_password, self);
  g_clear_object (&self->app_password);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_APP_PASSWORD_ROW);

  G_OBJECT_CLASS (ph_app_password_row_parent_class)->dispose (object);
}

static void
ph_app_password_row_class_init (PhAppPasswordRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_app_password_row_dispose;
  widget_class->map = ph_app_password_row_map;
  revoke_signal = g_signal_new ("revoke", PH_TYPE_APP_PASSWORD_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-app-password-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswordRow, revoke_button);
  gtk_widget_class_bind_template_callback (widget_class, revoke_clicked_cb);
}

static void
ph_app_password_row_init (PhAppPasswordRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_app_password_row_new (PhAppPassword *app_password)
{
  PhAppPasswordRow *self = g_object_new (PH_TYPE_APP_PASSWORD_ROW, "title", ph_app_password_get_name (app_password), NULL);
  /* Translators: the name that a person gave a device or program */
  g_autofree char *label = g_strdup_printf (_ ("Revoke “%s”"), ph_app_password_get_name (app_password));

  self->app_password = g_object_ref (app_password);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->revoke_button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_object (app_password, "notify::last-used", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);

  return GTK_WIDGET (self);
}

PhAppPassword *
ph_app_password_row_get_app_password (PhAppPasswordRow *self)
{
  g_return_val_if_fail (PH_IS_APP_PASSWORD_ROW (self), NULL);

  return self->app_password;
}
