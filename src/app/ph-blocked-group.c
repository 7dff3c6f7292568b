#include "ph-blocked-group.h"

#include "ph-format.h"

#include <glib/gi18n.h>

struct _PhBlockedGroup
{
  AdwPreferencesGroup parent_instance;

  GtkListBox *list;

  PhServer *server;
};

G_DEFINE_FINAL_TYPE (PhBlockedGroup, ph_blocked_group, ADW_TYPE_PREFERENCES_GROUP)

static void
unblock_cb (GtkWidget  *widget,
            const char *action,
            GVariant   *parameter)
{
  PhBlockedGroup *self = PH_BLOCKED_GROUP (widget);

  if (self->server != NULL)
    ph_server_unblock (self->server, g_variant_get_string (parameter, NULL));
}

static GtkWidget *
make_row (gpointer item,
          gpointer data)
{
  GtkWidget       *row = adw_action_row_new ();
  GtkWidget       *button = gtk_button_new_with_label (_ ("Unblock"));
  g_autofree char *address = NULL;
  g_autofree char *when = NULL;
  g_autofree char *subtitle = NULL;
  gint64           until;

  g_object_get (item, "address", &address, "until", &until, NULL);
  when = until != 0 ? ph_format_absolute_time (until) : NULL;
  /* Translators: date and time */
  subtitle = when != NULL ? g_strdup_printf (_ ("Until %s"), when) : g_strdup (_ ("Until you unblock it"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), address);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "blocked.unblock");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", address);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);

  return row;
}

static void
ph_blocked_group_dispose (GObject *object)
{
  PhBlockedGroup *self = PH_BLOCKED_GROUP (object);

  if (self->list != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_BLOCKED_GROUP);

  G_OBJECT_CLASS (ph_blocked_group_parent_class)->dispose (object);
}

static void
ph_blocked_group_class_init (PhBlockedGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_blocked_group_dispose;

  gtk_widget_class_install_action (widget_class, "blocked.unblock", "s", unblock_cb);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-blocked-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PhBlockedGroup, list);
}

static void
ph_blocked_group_init (PhBlockedGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_blocked_group_set_server (PhBlockedGroup *self,
                             PhServer       *server)
{
  g_return_if_fail (PH_IS_BLOCKED_GROUP (self));

  g_set_object (&self->server, server);
  gtk_list_box_bind_model (self->list, ph_server_get_blocked (server), make_row, NULL, NULL);
}
