#include "ph-connect-row.h"

#include "ph-client-setup.h"
#include "ph-copy-row.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

struct _PhConnectRow
{
  AdwExpanderRow parent_instance;

  PhCopyRow *server_row;
  PhCopyRow *port_row;
  PhCopyRow *security_row;
  PhCopyRow *user_row;

  PhService *service;
  PhAccount *account; /* NULL for none */
  char      *host_name;
};

G_DEFINE_FINAL_TYPE (PhConnectRow, ph_connect_row, ADW_TYPE_EXPANDER_ROW)

/* In the words that mail programs use. */
static const char *const security_labels[] = {
  [PH_SERVICE_TLS_NONE] = N_ ("None"),
  [PH_SERVICE_TLS_STARTTLS] = "STARTTLS",
  [PH_SERVICE_TLS_IMPLICIT] = "SSL/TLS",
};

static char *
dup_title (PhService *service)
{
  const char *name = ph_service_get_name (service);

  if (g_str_has_prefix (name, "imap"))
    /* Translators: the name of a protocol, “IMAP” */
    return g_strdup_printf (_ ("Read with %s"), ph_service_get_title (service));
  if (g_str_has_prefix (name, "pop3"))
    /* Translators: the name of a protocol, “POP3” */
    return g_strdup_printf (_ ("Fetch with %s"), ph_service_get_title (service));

  /* Translators: the name of a protocol, “Submission” */
  return g_strdup_printf (_ ("Send with %s"), ph_service_get_title (service));
}

static void
update (PhConnectRow *self)
{
  g_autofree char *port = g_strdup_printf ("%u", ph_service_get_port (self->service));
  const char      *security = _ (security_labels[MIN ((guint)ph_service_get_tls (self->service), G_N_ELEMENTS (security_labels) - 1)]);
  g_autofree char *subtitle = NULL;

  ph_copy_row_set_value (self->server_row, ph_client_setup_get_host (self->service, self->host_name));
  ph_copy_row_set_value (self->port_row, port);
  ph_copy_row_set_value (self->security_row, security);
  /* Translators: a server, a port and the kind of security */
  subtitle = g_strdup_printf (_ ("%s, port %s, %s"), ph_client_setup_get_host (self->service, self->host_name), port, security);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), subtitle);
}

/* What does not run, or what the account may not use, is not offered. */
static void
update_visible (PhConnectRow *self)
{
  PhProtocols allowed = self->account != NULL ? ph_account_get_protocols (self->account) : PH_PROTOCOL_ALL;

  gtk_widget_set_visible (GTK_WIDGET (self), ph_service_get_enabled (self->service) && (allowed & ph_client_setup_get_protocol (self->service)) != 0);
}

static void
set_account (PhConnectRow *self,
             PhAccount    *account)
{
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_set_object (&self->account, account);
  if (account != NULL)
    g_signal_connect_object (account, "notify::protocols", G_CALLBACK (update_visible), self, G_CONNECT_SWAPPED);
}

static void
ph_connect_row_dispose (GObject *object)
{
  PhConnectRow *self = PH_CONNECT_ROW (object);

  if (self->service != NULL)
    g_signal_handlers_disconnect_by_data (self->service, self);
  g_clear_object (&self->service);
  set_account (self, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_CONNECT_ROW);

  G_OBJECT_CLASS (ph_connect_row_parent_class)->dispose (object);
}

static void
ph_connect_row_finalize (GObject *object)
{
  g_free (PH_CONNECT_ROW (object)->host_name);

  G_OBJECT_CLASS (ph_connect_row_parent_class)->finalize (object);
}

static void
ph_connect_row_class_init (PhConnectRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_connect_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_connect_row_finalize;

  g_type_ensure (PH_TYPE_COPY_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-connect-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhConnectRow, server_row);
  gtk_widget_class_bind_template_child (widget_class, PhConnectRow, port_row);
  gtk_widget_class_bind_template_child (widget_class, PhConnectRow, security_row);
  gtk_widget_class_bind_template_child (widget_class, PhConnectRow, user_row);
}

static void
ph_connect_row_init (PhConnectRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_connect_row_new (PhService *service)
{
  PhConnectRow    *self = g_object_new (PH_TYPE_CONNECT_ROW, NULL);
  g_autofree char *title = dup_title (service);

  self->service = g_object_ref (service);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  g_signal_connect_object (service, "notify::address", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::port", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::tls", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::enabled", G_CALLBACK (update_visible), self, G_CONNECT_SWAPPED);
  update (self);
  update_visible (self);

  return GTK_WIDGET (self);
}

void
ph_connect_row_set_account (PhConnectRow *self,
                            PhAccount    *account,
                            const char   *host_name)
{
  g_return_if_fail (PH_IS_CONNECT_ROW (self));

  set_account (self, account);
  g_free (self->host_name);
  self->host_name = g_strdup (host_name);
  if (account != NULL)
    ph_copy_row_set_value (self->user_row, ph_account_get_address (account));
  gtk_widget_set_visible (GTK_WIDGET (self->user_row), account != NULL);
  update (self);
  update_visible (self);
}
