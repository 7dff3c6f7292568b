#include "ph-open-banner.h"

#include "ph-banner.h"
#include "ph-format.h"
#include "ph-window-state.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PhOpenBanner
{
  GtkWidget parent_instance;

  PhBanner *banner;

  PhServer *server;
  char    **seen; /* names of services of which it is known that they are open */
};

G_DEFINE_FINAL_TYPE (PhOpenBanner, ph_open_banner, GTK_TYPE_WIDGET)

/* Of PhService, borrowed: the server's list is fixed. */
static GPtrArray *
find_open (PhOpenBanner *self)
{
  GListModel *services = ph_server_get_services (self->server);
  GPtrArray  *found = g_ptr_array_new ();

  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      if (ph_service_get_state (service) == PH_SERVICE_RUNNING && !ph_format_is_loopback (ph_service_get_address (service)))
        g_ptr_array_add (found, service);
    }

  return found;
}

static gboolean
are_all_seen (PhOpenBanner *self,
              GPtrArray    *found)
{
  for (guint i = 0; i < found->len; i++)
    if (!g_strv_contains ((const char *const *)self->seen, ph_service_get_name (g_ptr_array_index (found, i))))
      return FALSE;

  return TRUE;
}

static void
update (PhOpenBanner *self)
{
  g_autoptr (GPtrArray) found = find_open (self);
  g_autofree char *title = NULL;

  if (found->len == 1)
    /* Translators: the name of a service */
    title = g_strdup_printf (_ ("%s listens on more than this computer: others can reach it"), ph_service_get_title (g_ptr_array_index (found, 0)));
  else if (found->len > 1)
    /* Translators: the name of a service, and how many others */
    title = g_strdup_printf (ngettext ("%s and %u other service listen on more than this computer: others can reach them",
                                       "%s and %u other services listen on more than this computer: others can reach them", found->len - 1),
                             ph_service_get_title (g_ptr_array_index (found, 0)), found->len - 1);

  g_object_set (self->banner, "title", are_all_seen (self, found) ? NULL : title, NULL);
}

/* A service whose settings change starts again where it now belongs. */
static void
close_clicked_cb (PhOpenBanner *self)
{
  g_autoptr (GPtrArray) found = find_open (self);
  PhSettings *settings = ph_server_get_settings (self->server);

  for (guint i = 0; i < found->len; i++)
    {
      const char      *name = ph_service_get_name (g_ptr_array_index (found, i));
      g_autofree char *address = NULL;
      gboolean         enabled;
      guint16          port;

      if (ph_settings_get_service (settings, name, &enabled, &address, &port))
        ph_settings_set_service (settings, name, enabled, strchr (address, ':') != NULL ? "::1" : "127.0.0.1", port);
    }
}

static void
dismissed_cb (PhOpenBanner *self)
{
  g_autoptr (GPtrArray) found = find_open (self);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < found->len; i++)
    g_strv_builder_add (names, ph_service_get_name (g_ptr_array_index (found, i)));
  g_strfreev (self->seen);
  self->seen = g_strv_builder_end (names);
  text = g_strjoinv (" ", self->seen);
  ph_window_state_set_seen_open (text);
  update (self);
}

static void
ph_open_banner_dispose (GObject *object)
{
  g_clear_object (&PH_OPEN_BANNER (object)->server);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_OPEN_BANNER);

  G_OBJECT_CLASS (ph_open_banner_parent_class)->dispose (object);
}

static void
ph_open_banner_finalize (GObject *object)
{
  g_strfreev (PH_OPEN_BANNER (object)->seen);

  G_OBJECT_CLASS (ph_open_banner_parent_class)->finalize (object);
}

static void
ph_open_banner_class_init (PhOpenBannerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_open_banner_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_open_banner_finalize;

  g_type_ensure (PH_TYPE_BANNER);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-open-banner.ui");
  gtk_widget_class_bind_template_child (widget_class, PhOpenBanner, banner);
  gtk_widget_class_bind_template_callback (widget_class, close_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, dismissed_cb);
}

static void
ph_open_banner_init (PhOpenBanner *self)
{
  g_autofree char *seen = ph_window_state_dup_seen_open ();

  self->seen = g_strsplit (seen != NULL ? seen : "", " ", -1);
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_open_banner_set_server (PhOpenBanner *self,
                           PhServer     *server)
{
  GListModel *services = ph_server_get_services (server);

  g_return_if_fail (PH_IS_OPEN_BANNER (self) && self->server == NULL);

  self->server = g_object_ref (server);
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      g_signal_connect_object (service, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  update (self);
}
