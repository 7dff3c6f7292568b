#include "ph-server.h"

#include "ph-authenticator.h"
#include "ph-intake.h"
#include "ph-mail-private.h"
#include "ph-relay.h"
#include "ph-server-private.h"
#include "ph-service-private.h"
#include "ph-session-factory.h"
#include "ph-store-wishes.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Hashing a password takes milliseconds of a core. */
#define PH_SERVER_PASSWORD_THREADS 2

#define PH_SERVER_LOG_FILE_SIZE (16 * 1024 * 1024)
#define PH_SERVER_LOG_FILES 5

#define PH_SERVER_DAY (24 * 60 * 60)

G_DEFINE_FINAL_TYPE (PhServer, ph_server, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_RUNNING,
  PROP_ATTENTION,
  PROP_WORK,
  PROP_CERTIFICATE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

PhService *
ph_server_get_service (PhServer *self,
                       guint     position)
{
  g_autoptr (PhService) service = g_list_model_get_item (G_LIST_MODEL (self->services), position);

  return service;
}

guint
ph_server_count_services (PhServer *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->services));
}

gboolean
ph_server_is_running (PhServer *self)
{
  for (guint i = 0; i < ph_server_count_services (self); i++)
    if (ph_service_get_state (ph_server_get_service (self, i)) == PH_SERVICE_RUNNING)
      return TRUE;

  return FALSE;
}

static void
ph_server_get_property (GObject    *object,
                        guint       property_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  PhServer *self = PH_SERVER (object);

  switch (property_id)
    {
    case PROP_RUNNING:
      g_value_set_boolean (value, ph_server_is_running (self));
      break;
    case PROP_WORK:
      g_value_set_string (value, self->work);
      break;
    case PROP_ATTENTION:
      g_value_set_string (value, self->attention);
      break;
    case PROP_CERTIFICATE:
      g_value_set_string (value, ph_server_get_certificate_fingerprint (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
ph_server_dispose (GObject *object)
{
  PhServer *self = PH_SERVER (object);

  if (self->relay != NULL && self->relay_runs)
    ph_relay_stop (self->relay);
  g_clear_object (&self->services);
  g_clear_pointer (&self->doors, g_ptr_array_unref);
  g_clear_object (&self->blocked);
  g_clear_object (&self->factory);
  g_clear_object (&self->relay);
  g_clear_object (&self->responder);
  g_clear_object (&self->intake);
  g_clear_object (&self->resolver);
  g_clear_object (&self->authenticator);
  g_clear_object (&self->certificates);
  g_clear_object (&self->disk_watch);
  g_clear_object (&self->mail);
  g_clear_object (&self->store);
  g_clear_object (&self->journal);
  g_clear_object (&self->workers);
  g_clear_object (&self->poller);
  g_clear_object (&self->clock);
  g_clear_object (&self->accounts);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (ph_server_parent_class)->dispose (object);
}

static void
ph_server_finalize (GObject *object)
{
  PhServer *self = PH_SERVER (object);

  g_free (self->data_dir);
  g_free (self->relay_dir);
  g_free (self->host_name);
  g_free (self->attention);
  g_free (self->work);

  G_OBJECT_CLASS (ph_server_parent_class)->finalize (object);
}

static void
ph_server_class_init (PhServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ph_server_get_property;
  object_class->dispose = ph_server_dispose;
  object_class->finalize = ph_server_finalize;

  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);
  properties[PROP_ATTENTION] = g_param_spec_string ("attention", NULL, NULL, NULL, flags);
  properties[PROP_WORK] = g_param_spec_string ("work", NULL, NULL, NULL, flags);
  properties[PROP_CERTIFICATE] = g_param_spec_string ("certificate", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_server_init (PhServer *self)
{
  self->services = g_list_store_new (PH_TYPE_SERVICE);
}

/* What the settings say */

static void
saved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ph_settings_save_finish (PH_SETTINGS (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ph_server_save (GTask *task)
{
  PhServer *self = g_task_get_source_object (task);

  ph_settings_save_async (self->settings, NULL, saved_cb, task);
}

static void
update_attention (PhServer *self)
{
  g_autofree char *text = NULL;
  gboolean         read_only;

  g_object_get (self->settings, "save-error", &text, NULL);
  if (text == NULL)
    text = g_strdup (ph_disk_watch_get_warning (self->disk_watch));
  if (text == NULL)
    text = g_strdup (ph_certificates_get_attention (self->certificates));
  if (text == NULL)
    text = g_strdup (ph_guess_watch_get_warning (ph_authenticator_get_guess_watch (self->authenticator)));
  g_object_get (self->store, "read-only", &read_only, NULL);
  if (read_only)
    {
      g_free (text);
      g_object_get (self->store, "read-only-reason", &text, NULL);
    }

  if (g_strcmp0 (self->attention, text) == 0)
    return;
  g_free (self->attention);
  self->attention = g_steal_pointer (&text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ATTENTION]);
}

static void
filling_cb (PhServer   *self,
            const char *address,
            guint       n_done,
            guint       n_total)
{
  g_clear_pointer (&self->work, g_free);
  if (n_total > 0)
    /* Translators: an account’s address, and how many messages are done */
    self->work = g_strdup_printf (ngettext ("The index of %s is made anew from its mail: %u of %u message", "The index of %s is made anew from its mail: %u of %u messages", n_total), address, n_done, n_total);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WORK]);
}

static void
update_host_name (PhServer *self)
{
  const char *name = ph_settings_get_string (self->settings, "host-name");

  g_free (self->host_name);
  self->host_name = g_strdup (*name != '\0' ? name : g_get_host_name ());
  ph_intake_set_host_name (self->intake, self->host_name);
  ph_responder_set_host_name (self->responder, self->host_name);
}

static void
configure_checks (PhServer *self)
{
  PhCheckRules rules = {
    .checks = (PhChecks)ph_settings_get_uint (self->settings, "checks"),
    .guard_is_open = ph_settings_get_uint (self->settings, "guard") != PH_RELAY_GUARD_LOCAL,
    .refuse_spf_fail = ph_settings_get_boolean (self->settings, "checks-refuse-spf-fail"),
    .junk_suspects = ph_settings_get_boolean (self->settings, "checks-quarantine"),
    .trusted = ph_settings_get_string (self->settings, "checks-trusted"),
  };
  g_autofree char *wrong = ph_check_rules_find_wrong (&rules);

  if (wrong != NULL)
    g_message ("Checks: “%s” in the settings is no network", wrong);
  ph_intake_set_checks (self->intake, &rules, self->resolver);
}

static void
configure_guard (PhServer *self)
{
  ph_server_configure_relay (self);
  configure_checks (self);
}

static void
configure_dns (PhServer *self)
{
  g_autoptr (GError) error = NULL;

  if (!ph_resolver_set_server (self->resolver, ph_settings_get_string (self->settings, "dns-server"), &error))
    g_warning ("%s", error->message);
  g_clear_error (&error);
  if (!ph_resolver_set_trust_anchor (self->resolver, ph_settings_get_string (self->settings, "trust-anchor"), &error))
    g_warning ("%s", error->message);
}

static void
configure_factory (PhServer *self)
{
  guint64 size_max;

  g_object_get (self->settings, "message-size-max", &size_max, NULL);
  ph_session_factory_configure (self->factory, self->host_name, size_max, ph_settings_get_uint (self->settings, "imap-messages"));
}

/* The words of the setting are in the order of PhSpecialUse, which begins with none. */
static void
configure_store (PhServer *self)
{
  G_STATIC_ASSERT (PH_SPECIAL_ARCHIVE == 1 && PH_SPECIAL_DRAFTS == 2 && PH_SPECIAL_JUNK == 3 && PH_SPECIAL_SENT == 4 && PH_SPECIAL_TRASH == 5);

  ph_store_set_standard_folders (self->store, ph_settings_get_uint (self->settings, "standard-folders") << 1);
}

static void
configure_limits (PhServer *self)
{
  PhMailLimitsConfig limits = {
    .address_messages = ph_settings_get_uint (self->settings, "address-messages"),
    .address_recipients = ph_settings_get_uint (self->settings, "address-recipients"),
    .account_messages = ph_settings_get_uint (self->settings, "account-messages"),
    .account_recipients = ph_settings_get_uint (self->settings, "account-recipients"),
    .address_unknown = ph_settings_get_uint (self->settings, "address-unknown"),
    .account_messages_day = ph_settings_get_uint (self->settings, "account-messages-day"),
    .account_recipients_day = ph_settings_get_uint (self->settings, "account-recipients-day"),
    .counts_loopback = ph_settings_get_boolean (self->settings, "limits-count-loopback"),
  };

  ph_intake_set_limits (self->intake, &limits);
  ph_intake_set_hold_max (self->intake, ph_settings_get_uint (self->settings, "hold-days") * PH_SERVER_DAY);
}

static void
configure_log_file (PhServer *self)
{
  g_autofree char *path = g_build_filename (self->data_dir, "log", "posthouse.log", NULL);
  g_autoptr (GError) error = NULL;

  if (!ph_journal_set_file (self->journal, ph_settings_get_boolean (self->settings, "log-file") ? path : NULL,
                            PH_SERVER_LOG_FILE_SIZE, PH_SERVER_LOG_FILES, &error))
    g_warning ("%s", error->message);
}

static void
configure_logins (PhServer *self)
{
  ph_authenticator_allow_clear (self->authenticator, ph_settings_get_boolean (self->settings, "logins-in-clear"));
}

static void
configure_all (PhServer *self)
{
  configure_logins (self);
  update_host_name (self);
  configure_guard (self);
  configure_dns (self);
  configure_factory (self);
  configure_store (self);
  configure_limits (self);
  configure_log_file (self);
}

static const struct
{
  const char *property;
  void (*apply) (PhServer *self);
} appliers[] = {
  { "host-name", configure_all },
  { "message-size-max", configure_factory },
  { "imap-messages", configure_factory },
  { "standard-folders", configure_store },
  { "address-messages", configure_limits },
  { "address-recipients", configure_limits },
  { "account-messages", configure_limits },
  { "account-recipients", configure_limits },
  { "address-unknown", configure_limits },
  { "account-messages-day", configure_limits },
  { "account-recipients-day", configure_limits },
  { "limits-count-loopback", configure_limits },
  { "hold-days", configure_limits },
  { "checks", configure_checks },
  { "checks-refuse-spf-fail", configure_checks },
  { "checks-trusted", configure_checks },
  { "guard", configure_guard },
  { "logins-in-clear", configure_logins },
  { "dns-server", configure_dns },
  { "trust-anchor", configure_dns },
  { "log-file", configure_log_file },
  { "blocked", NULL }, /* the list of them wrote it */
  { "save-error", update_attention },
};

static void
settings_notify_cb (PhServer   *self,
                    GParamSpec *pspec)
{
  for (guint i = 0; i < G_N_ELEMENTS (appliers); i++)
    if (strcmp (appliers[i].property, pspec->name) == 0)
      {
        if (appliers[i].apply != NULL)
          appliers[i].apply (self);
        return;
      }

  ph_server_configure_relay (self);
}

static char *
choose_folder (PhServer   *self,
               const char *property,
               const char *name)
{
  const char *chosen = ph_settings_get_string (self->settings, property);

  return *chosen != '\0' ? g_strdup (chosen) : g_build_filename (self->data_dir, name, NULL);
}

static void
make_engine (PhServer *self)
{
  g_autofree char *tls_dir = g_build_filename (self->data_dir, "tls", NULL);
  g_autofree char *secret_file = g_build_filename (self->data_dir, "salts.key", NULL);
  g_autofree char *bad_dir = choose_folder (self, "bad-folder", "bad");
  g_autofree char *replies_dir = g_build_filename (self->data_dir, "replies", NULL);
  g_autofree char *mail_dir = g_build_filename (self->data_dir, "mail", NULL);

  self->relay_dir = choose_folder (self, "relay-folder", "relay");
  self->poller = ph_poller_new (self->clock);
  self->journal = ph_journal_new (self->clock);
  self->workers = ph_worker_pool_new ("passwords", PH_SERVER_PASSWORD_THREADS);
  self->certificates = ph_certificates_new (self->settings, tls_dir, self->clock, self->workers);
  self->disk_watch = ph_disk_watch_new (mail_dir, self->clock);
  self->authenticator = ph_authenticator_new (self->accounts, self->clock, self->workers);
  ph_authenticator_keep_secret (self->authenticator, secret_file);
  self->resolver = ph_resolver_new (self->poller);
  self->intake = ph_intake_new (self->accounts, self->store, self->clock);
  self->relay = ph_relay_new (self->relay_dir, bad_dir, self->clock, self->poller, self->journal, PH_RELAY_HANDLER (self->intake));
  ph_relay_set_resolver (self->relay, self->resolver);
  ph_intake_set_relay (self->intake, self->relay);
  self->responder = ph_responder_new (self->accounts, self->clock, replies_dir);
  ph_intake_set_responder (self->intake, self->responder);
  self->factory = ph_session_factory_new (self->journal, self->authenticator, self->store, PH_SMTP_HANDLER (self->intake), self->clock);
  self->mail = ph_mail_new (self->store, self->accounts, self->factory);
}

PhServer *
ph_server_new (PhSettings *settings,
               const char *data_dir,
               PhClock    *clock,
               GError    **error)
{
  g_autoptr (PhServer) self = g_object_new (PH_TYPE_SERVER, NULL);

  self->settings = g_object_ref (settings);
  self->accounts = g_object_ref (ph_settings_get_accounts (settings));
  self->clock = g_object_ref (clock);
  self->data_dir = g_strdup (data_dir);
  self->store = ph_store_new (data_dir, clock, error);
  if (self->store == NULL)
    return NULL;

  ph_store_wishes_follow (self->accounts, self->store);
  make_engine (self);
  ph_server_make_services (self);
  configure_all (self);
  g_signal_connect_object (settings, "notify", G_CALLBACK (settings_notify_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->accounts, "changed", G_CALLBACK (ph_server_ask_certificates), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->certificates, "changed", G_CALLBACK (ph_server_take_certificates), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->certificates, "notify::attention", G_CALLBACK (update_attention), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->disk_watch, "notify::warning", G_CALLBACK (update_attention), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ph_authenticator_get_guess_watch (self->authenticator), "notify::warning", G_CALLBACK (update_attention), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->store, "notify::read-only", G_CALLBACK (update_attention), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->store, "filling", G_CALLBACK (filling_cb), self, G_CONNECT_SWAPPED);

  return g_steal_pointer (&self);
}

/* Models */

PhSettings *
ph_server_get_settings (PhServer *self)
{
  g_return_val_if_fail (PH_IS_SERVER (self), NULL);

  return self->settings;
}

PhAccounts *
ph_server_get_accounts (PhServer *self)
{
  g_return_val_if_fail (PH_IS_SERVER (self), NULL);

  return self->accounts;
}

const char *
ph_server_get_data_dir (PhServer *self)
{
  g_return_val_if_fail (PH_IS_SERVER (self), NULL);

  return self->data_dir;
}

PhJournal *
ph_server_get_journal (PhServer *self)
{
  g_return_val_if_fail (PH_IS_SERVER (self), NULL);

  return self->journal;
}

PhMail *
ph_server_get_mail (PhServer *self)
{
  g_return_val_if_fail (PH_IS_SERVER (self), NULL);

  return self->mail;
}

GListModel *
ph_server_get_services (PhServer *self)
{
  g_return_val_if_fail (PH_IS_SERVER (self), NULL);

  return G_LIST_MODEL (self->services);
}

PhService *
ph_server_find_service (PhServer   *self,
                        const char *name)
{
  for (guint i = 0; i < ph_server_count_services (self); i++)
    if (strcmp (ph_service_get_name (ph_server_get_service (self, i)), name) == 0)
      return ph_server_get_service (self, i);

  return NULL;
}

GListModel *
ph_server_get_queue (PhServer *self)
{
  g_return_val_if_fail (PH_IS_SERVER (self), NULL);

  return ph_relay_get_queue (self->relay);
}

GListModel *
ph_server_get_bad (PhServer *self)
{
  g_return_val_if_fail (PH_IS_SERVER (self), NULL);

  return ph_relay_get_bad (self->relay);
}
