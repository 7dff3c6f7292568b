#include "ph-route-dialog.h"

#include "ph-banner.h"
#include "ph-entry-row.h"
#include "ph-format.h"

struct _PhRouteDialog
{
  AdwWindow parent_instance;

  PhBanner    *error_banner;
  AdwEntryRow *server_entry;
  GtkWidget   *change_button;

  PhServer *server;
  GStrv     ids;
  guint     next; /* message to be changed */
};

G_DEFINE_FINAL_TYPE (PhRouteDialog, ph_route_dialog, ADW_TYPE_WINDOW)

static void change_next (PhRouteDialog *self);

static void
changed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhRouteDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = ph_server_edit_queued_finish (result, &error);

  if (self->server == NULL) /* closed meanwhile */
    return;

  if (!done)
    {
      gtk_widget_set_sensitive (self->change_button, TRUE);
      g_object_set (self->error_banner, "title", ph_format_words (error->message), NULL);
      return;
    }
  self->next++;
  change_next (self);
}

/* One after the other, until one can't be changed. */
static void
change_next (PhRouteDialog *self)
{
  g_autofree char *server = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->server_entry))));

  if (self->ids[self->next] == NULL)
    gtk_window_destroy (GTK_WINDOW (self));
  else
    ph_server_reroute_async (self->server, self->ids[self->next], server, changed_cb, g_object_ref (self));
}

static void
change_cb (PhRouteDialog *self)
{
  if (!gtk_widget_get_sensitive (self->change_button))
    return;

  gtk_widget_set_sensitive (self->change_button, FALSE);
  self->next = 0;
  change_next (self);
}

static void
ph_route_dialog_dispose (GObject *object)
{
  PhRouteDialog *self = PH_ROUTE_DIALOG (object);

  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_ROUTE_DIALOG);

  G_OBJECT_CLASS (ph_route_dialog_parent_class)->dispose (object);
}

static void
ph_route_dialog_finalize (GObject *object)
{
  g_strfreev (PH_ROUTE_DIALOG (object)->ids);

  G_OBJECT_CLASS (ph_route_dialog_parent_class)->finalize (object);
}

static void
ph_route_dialog_class_init (PhRouteDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_route_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_route_dialog_finalize;

  g_type_ensure (PH_TYPE_BANNER);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-route-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PhRouteDialog, error_banner);
  gtk_widget_class_bind_template_child (widget_class, PhRouteDialog, server_entry);
  gtk_widget_class_bind_template_child (widget_class, PhRouteDialog, change_button);
  gtk_widget_class_bind_template_callback (widget_class, change_cb);
}

static void
ph_route_dialog_init (PhRouteDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_route_dialog_new (PhServer          *server,
                     const char *const *ids,
                     GtkWindow         *parent)
{
  PhRouteDialog *self = g_object_new (PH_TYPE_ROUTE_DIALOG, "transient-for", parent, NULL);

  self->server = g_object_ref (server);
  self->ids = g_strdupv ((char **)ids);
  ph_entry_row_focus (self->server_entry);

  return GTK_WIDGET (self);
}
