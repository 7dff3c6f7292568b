#include "ph-attention.h"

#include "ph-banner.h"
#include "ph-mend.h"
#include "ph-open-banner.h"

#include <glib/gi18n.h>

struct _PhAttention
{
  AdwBin parent_instance;

  PhBanner     *attention_banner;
  PhBanner     *failure_banner;
  PhOpenBanner *open_banner;

  PhServer *server;
  guint16   mend_port; /* what the failure banner's button does; 0 for "try again" */
};

G_DEFINE_FINAL_TYPE (PhAttention, ph_attention, ADW_TYPE_BIN)

/* The first service that could not start; *n_failed: how many could not. */
static PhService *
find_failed (PhAttention *self,
             guint       *n_failed)
{
  GListModel *services = ph_server_get_services (self->server);
  PhService  *first = NULL;

  *n_failed = 0;
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      if (ph_service_get_state (service) != PH_SERVICE_FAILED)
        continue;
      if ((*n_failed)++ == 0)
        first = service; /* the model keeps it */
    }

  return first;
}

static void
update_failure (PhAttention *self)
{
  guint            n_failed;
  PhService       *failed = find_failed (self, &n_failed);
  g_autofree char *title = NULL;
  g_autofree char *button = NULL;

  if (failed == NULL)
    {
      g_object_set (self->failure_banner, "title", NULL, NULL);
      return;
    }

  self->mend_port = ph_mend_find_port (failed);
  /* Translators: a port */
  button = self->mend_port != 0 ? g_strdup_printf (_ ("Use %u"), self->mend_port) : g_strdup (_ ("Try Again"));
  if (n_failed == 1)
    /* Translators: the name of a service, and why */
    title = g_strdup_printf (_ ("%s could not start: %s"), ph_service_get_title (failed), ph_service_get_reason (failed));
  else
    /* Translators: the name of a service, how many others, and why the first could not */
    title = g_strdup_printf (ngettext ("%s and %u other service could not start: %s", "%s and %u other services could not start: %s", n_failed - 1),
                             ph_service_get_title (failed), n_failed - 1, ph_service_get_reason (failed));
  g_object_set (self->failure_banner, "title", title, "button-label", button, NULL);
}

static void
mend_clicked_cb (PhAttention *self)
{
  guint            n_failed;
  PhService       *failed = find_failed (self, &n_failed);
  g_autofree char *address = NULL;
  gboolean         enabled;
  guint16          port;

  if (failed == NULL)
    return;

  /* Settings that change start a service that failed again. */
  if (self->mend_port == 0)
    ph_server_start_service (self->server, failed);
  else if (ph_settings_get_service (ph_server_get_settings (self->server), ph_service_get_name (failed), &enabled, &address, &port))
    ph_settings_set_service (ph_server_get_settings (self->server), ph_service_get_name (failed), enabled, address, self->mend_port);
}

/* What takes long is told where nothing is wrong. */
static void
update_attention (PhAttention *self)
{
  g_autofree char *attention = NULL;
  g_autofree char *work = NULL;

  g_object_get (self->server, "attention", &attention, "work", &work, NULL);
  g_object_set (self->attention_banner, "title", attention != NULL ? attention : work, NULL);
}

static void
ph_attention_dispose (GObject *object)
{
  g_clear_object (&PH_ATTENTION (object)->server);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_ATTENTION);

  G_OBJECT_CLASS (ph_attention_parent_class)->dispose (object);
}

static void
ph_attention_class_init (PhAttentionClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_attention_dispose;

  g_type_ensure (PH_TYPE_BANNER);
  g_type_ensure (PH_TYPE_OPEN_BANNER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-attention.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAttention, attention_banner);
  gtk_widget_class_bind_template_child (widget_class, PhAttention, failure_banner);
  gtk_widget_class_bind_template_child (widget_class, PhAttention, open_banner);
  gtk_widget_class_bind_template_callback (widget_class, mend_clicked_cb);
}

static void
ph_attention_init (PhAttention *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
watch_services (PhAttention *self)
{
  GListModel *services = ph_server_get_services (self->server);

  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      g_signal_connect_object (service, "notify::state", G_CALLBACK (update_failure), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (service, "notify::reason", G_CALLBACK (update_failure), self, G_CONNECT_SWAPPED);
    }
  update_failure (self);
}

void
ph_attention_set_server (PhAttention *self,
                         PhServer    *server)
{
  g_return_if_fail (PH_IS_ATTENTION (self));
  g_return_if_fail (self->server == NULL);

  self->server = g_object_ref (server);
  g_signal_connect_object (server, "notify::attention", G_CALLBACK (update_attention), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "notify::work", G_CALLBACK (update_attention), self, G_CONNECT_SWAPPED);
  watch_services (self);
  ph_open_banner_set_server (self->open_banner, server);
  update_attention (self);
}
