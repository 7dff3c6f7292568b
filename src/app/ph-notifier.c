#include "ph-notifier.h"

#include "ph-format.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>

struct _PhNotifier
{
  GObject parent_instance;

  GApplication *application; /* not owned */
  PhServer     *server;
  GHashTable   *told;  /* ids of what is not withdrawn yet */
  GHashTable   *fresh; /* addresses of accounts that were added, and have had no mail */
};

G_DEFINE_FINAL_TYPE (PhNotifier, ph_notifier, G_TYPE_OBJECT)

/* Whoever looks at the window sees the banner there. */
static gboolean
is_watched (PhNotifier *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self->application));

  return window != NULL && gtk_window_is_active (window);
}

static void
send (PhNotifier *self,
      const char *wish, /* the setting that allows it */
      const char *id,
      const char *title,
      const char *body)
{
  g_autoptr (GNotification) notification = NULL;

  if (!ph_settings_get_boolean (ph_server_get_settings (self->server), wish))
    return;

  notification = g_notification_new (title);
  if (body != NULL)
    g_notification_set_body (notification, body);
  g_notification_set_default_action (notification, "app.activate");
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  g_application_send_notification (self->application, id, notification);
  g_hash_table_add (self->told, g_strdup (id));
}

static void
withdraw (PhNotifier *self,
          const char *id)
{
  if (g_hash_table_remove (self->told, id))
    g_application_withdraw_notification (self->application, id);
}

static void
service_cb (PhNotifier *self,
            GParamSpec *pspec,
            PhService  *service)
{
  g_autofree char *id = g_strconcat ("service-", ph_service_get_name (service), NULL);
  g_autofree char *title = NULL;

  if (ph_service_get_state (service) != PH_SERVICE_FAILED)
    {
      withdraw (self, id);
      return;
    }
  if (is_watched (self))
    return;

  /* Translators: a service, such as IMAP */
  title = g_strdup_printf (_ ("%s could not start"), ph_service_get_title (service));
  send (self, "notify-services", id, title, ph_service_get_reason (service) != NULL ? ph_format_words (ph_service_get_reason (service)) : NULL);
}

static void
attention_cb (PhNotifier *self)
{
  g_autofree char *attention = NULL;

  g_object_get (self->server, "attention", &attention, NULL);
  if (attention == NULL)
    withdraw (self, "attention");
  else if (!is_watched (self))
    send (self, "notify-services", "attention", _ ("The mail server needs you"), ph_format_words (attention));
}

/* Mail */

static void
accounts_changed_cb (PhNotifier *self,
                     guint       position,
                     guint       removed,
                     guint       added,
                     GListModel *accounts)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (accounts, position + i);

      g_hash_table_add (self->fresh, g_strdup (ph_account_get_address (account)));
    }
}

static void
tell_first_mail (PhNotifier        *self,
                 const PhTrailStep *step)
{
  g_autofree char *id = NULL;
  g_autofree char *body = NULL;

  if (step->detail == NULL || !g_hash_table_remove (self->fresh, step->detail) || is_watched (self))
    return;

  id = g_strconcat ("first-mail-", step->detail, NULL);
  /* Translators: the address of an account */
  body = g_strdup_printf (_ ("%s has its first mail"), step->detail);
  send (self, "notify-mail", id, _ ("Mail has come"), body);
}

static void
tell_failure (PhNotifier        *self,
              const PhTrailStep *step)
{
  if (!is_watched (self))
    send (self, "notify-failures", "given-up", _ ("Mail could not be delivered"), step->detail);
}

static void
trail_changed_cb (PhNotifier *self,
                  PhTrail    *trail)
{
  g_autoptr (GPtrArray) news = ph_trail_get_news (trail);

  for (guint i = 0; i < news->len; i++)
    {
      const PhTrailStep *step = news->pdata[i];

      if (step->kind == PH_TRAIL_DELIVERED)
        tell_first_mail (self, step);
      else if (step->kind == PH_TRAIL_GIVEN_UP)
        tell_failure (self, step);
    }
}

static void
ph_notifier_dispose (GObject *object)
{
  g_clear_object (&PH_NOTIFIER (object)->server);

  G_OBJECT_CLASS (ph_notifier_parent_class)->dispose (object);
}

static void
ph_notifier_finalize (GObject *object)
{
  g_hash_table_unref (PH_NOTIFIER (object)->told);
  g_hash_table_unref (PH_NOTIFIER (object)->fresh);

  G_OBJECT_CLASS (ph_notifier_parent_class)->finalize (object);
}

static void
ph_notifier_class_init (PhNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_notifier_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_notifier_finalize;
}

static void
ph_notifier_init (PhNotifier *self)
{
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->fresh = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

PhNotifier *
ph_notifier_new (GApplication *application,
                 PhServer     *server)
{
  PhNotifier *self = g_object_new (PH_TYPE_NOTIFIER, NULL);
  GListModel *services = ph_server_get_services (server);

  self->application = application;
  self->server = g_object_ref (server);
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      g_signal_connect_object (service, "notify::state", G_CALLBACK (service_cb), self, G_CONNECT_SWAPPED);
    }
  g_signal_connect_object (ph_server_get_accounts (server), "items-changed", G_CALLBACK (accounts_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ph_journal_get_trail (ph_server_get_journal (server)), "changed", G_CALLBACK (trail_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "notify::attention", G_CALLBACK (attention_cb), self, G_CONNECT_SWAPPED);

  return self;
}
