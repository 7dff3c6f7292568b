#include "ph-service-private.h"

#include <gio/gio.h>
#include <string.h>

struct _PhService
{
  GObject parent_instance;

  const PhSettingsService *row;
  const char              *alpn;
  PhListener              *listener;
  PhTlsServer             *tls; /* or NULL */
  PhListenerSessionFunc    make_session;
  gpointer                 user_data;
  PhServiceState           state;
  char                    *reason;
  gboolean                 enabled;
  char                    *address;
  guint16                  port;
  PhServiceRules           rules;
  guint64                  n_total;
  PhTally                 *tally;
};

G_DEFINE_FINAL_TYPE (PhService, ph_service, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_NAME,
  PROP_TITLE,
  PROP_STATE,
  PROP_REASON,
  PROP_ENABLED,
  PROP_ADDRESS,
  PROP_PORT,
  PROP_TLS,
  PROP_N_SESSIONS,
  PROP_N_TOTAL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
ph_service_get_property (GObject    *object,
                         guint       property_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  PhService *self = PH_SERVICE (object);

  switch (property_id)
    {
    case PROP_NAME:
      g_value_set_static_string (value, self->row->name);
      break;
    case PROP_TITLE:
      g_value_set_static_string (value, self->row->title);
      break;
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    case PROP_REASON:
      g_value_set_string (value, self->reason);
      break;
    case PROP_ENABLED:
      g_value_set_boolean (value, self->enabled);
      break;
    case PROP_ADDRESS:
      g_value_set_string (value, self->address);
      break;
    case PROP_PORT:
      g_value_set_uint (value, ph_service_get_port (self));
      break;
    case PROP_TLS:
      g_value_set_uint (value, ph_service_get_tls (self));
      break;
    case PROP_N_SESSIONS:
      g_value_set_uint (value, ph_service_get_n_sessions (self));
      break;
    case PROP_N_TOTAL:
      g_value_set_uint64 (value, self->n_total);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
ph_service_dispose (GObject *object)
{
  PhService *self = PH_SERVICE (object);

  g_clear_object (&self->listener);
  g_clear_object (&self->tls);

  G_OBJECT_CLASS (ph_service_parent_class)->dispose (object);
}

static void
ph_service_finalize (GObject *object)
{
  PhService *self = PH_SERVICE (object);

  g_free (self->reason);
  g_free (self->address);
  g_object_unref (self->tally);

  G_OBJECT_CLASS (ph_service_parent_class)->finalize (object);
}

static void
ph_service_class_init (PhServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ph_service_get_property;
  object_class->dispose = ph_service_dispose;
  object_class->finalize = ph_service_finalize;

  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, PH_SERVICE_FAILED, 0, flags);
  properties[PROP_REASON] = g_param_spec_string ("reason", NULL, NULL, NULL, flags);
  properties[PROP_ENABLED] = g_param_spec_boolean ("enabled", NULL, NULL, FALSE, flags);
  properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, flags);
  properties[PROP_PORT] = g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT16, 0, flags);
  properties[PROP_TLS] = g_param_spec_uint ("tls", NULL, NULL, 0, PH_SERVICE_TLS_IMPLICIT, 0, flags);
  properties[PROP_N_SESSIONS] = g_param_spec_uint ("n-sessions", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_TOTAL] = g_param_spec_uint64 ("n-total", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_service_init (PhService *self)
{
  self->tally = ph_tally_new ();
}

static PhSession *
make_session_cb (PhListener *listener,
                 PhPeer     *peer,
                 gpointer    user_data)
{
  PhService *self = user_data;
  PhSession *session = self->make_session (listener, peer, self->user_data);

  self->n_total++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_TOTAL]);
  if (session != NULL)
    {
      ph_journal_session_set_tally (ph_session_get_journal (session), self->tally);
      ph_session_set_silence (session, 60 * self->rules.silence);
    }

  return session;
}

static void
n_connections_cb (PhService *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_SESSIONS]);
}

PhService *
ph_service_new (const PhSettingsService *row,
                PhPoller                *poller,
                const char              *alpn,
                const char              *farewell,
                PhListenerSessionFunc    make_session,
                gpointer                 user_data)
{
  PhService *self = g_object_new (PH_TYPE_SERVICE, NULL);

  self->row = row;
  self->alpn = alpn;
  self->make_session = make_session;
  self->user_data = user_data;
  self->address = g_strdup ("127.0.0.1");
  self->port = row->port;
  self->rules = (PhServiceRules){ PH_TLS_RULE_OFFERED, PH_SERVICE_CONNECTIONS, PH_SERVICE_PER_ADDRESS, row->silence };
  self->listener = ph_listener_new (poller, make_session_cb, self);
  ph_listener_set_farewell (self->listener, farewell);
  ph_listener_set_tls (self->listener, NULL, row->tls == PH_SERVICE_TLS_IMPLICIT, alpn);
  g_signal_connect_object (self->listener, "notify::n-connections", G_CALLBACK (n_connections_cb), self, G_CONNECT_SWAPPED);

  return self;
}

static void
set_state (PhService     *self,
           PhServiceState state,
           const char    *reason)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (self->state != state)
    {
      self->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PORT]);
    }
  if (g_strcmp0 (self->reason, reason) != 0)
    {
      g_free (self->reason);
      self->reason = g_strdup (reason);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REASON]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

void
ph_service_configure (PhService  *self,
                      gboolean    enabled,
                      const char *address,
                      guint16     port)
{
  g_object_freeze_notify (G_OBJECT (self));
  self->enabled = enabled;
  g_free (self->address);
  self->address = g_strdup (address);
  self->port = port;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ENABLED]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ADDRESS]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PORT]);
  g_object_thaw_notify (G_OBJECT (self));
}

gboolean
ph_service_is_configured (PhService  *self,
                          gboolean    enabled,
                          const char *address,
                          guint16     port)
{
  return self->enabled == enabled && self->port == port && strcmp (self->address, address) == 0;
}

static void
apply_tls (PhService *self)
{
  gboolean is_implicit = self->row->tls == PH_SERVICE_TLS_IMPLICIT;
  gboolean is_off = self->rules.tls == PH_TLS_RULE_OFF && !is_implicit;

  ph_listener_set_tls (self->listener, is_off ? NULL : self->tls, is_implicit, self->alpn);
  ph_listener_require_tls (self->listener, self->rules.tls == PH_TLS_RULE_REQUIRED);
}

/* Tests and load generators come from one address of this computer. */
static void
apply_limits (PhService *self)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (self->address);
  gboolean is_loopback = inet != NULL && g_inet_address_get_is_loopback (inet);

  ph_listener_set_limits (self->listener, self->rules.connections, is_loopback ? self->rules.connections : self->rules.connections_per_address);
}

void
ph_service_set_rules (PhService            *self,
                      const PhServiceRules *rules)
{
  if (ph_service_rules_equal (&self->rules, rules))
    return;

  self->rules = *rules;
  apply_tls (self);
  apply_limits (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TLS]);
}

gboolean
ph_service_needs_tls (PhService *self)
{
  return self->row->tls == PH_SERVICE_TLS_IMPLICIT || self->rules.tls == PH_TLS_RULE_REQUIRED;
}

void
ph_service_set_tls (PhService   *self,
                    PhTlsServer *tls)
{
  g_set_object (&self->tls, tls);
  apply_tls (self);
}

void
ph_service_set_refuse (PhService            *self,
                       PhListenerRefuseFunc  refuse,
                       PhListenerRefusedFunc refused,
                       gpointer              user_data)
{
  ph_listener_set_refuse (self->listener, refuse, refused, user_data);
}

void
ph_service_start (PhService   *self,
                  PhTlsServer *tls)
{
  g_autoptr (GError) error = NULL;

  if (self->state == PH_SERVICE_RUNNING || self->state == PH_SERVICE_STOPPING)
    return;

  self->n_total = 0;
  apply_limits (self);
  ph_service_set_tls (self, tls);
  if (ph_listener_start (self->listener, self->address, self->port, &error))
    set_state (self, PH_SERVICE_RUNNING, NULL);
  else
    set_state (self, PH_SERVICE_FAILED, error->message);
}

void
ph_service_fail (PhService  *self,
                 const char *reason)
{
  set_state (self, PH_SERVICE_FAILED, reason);
}

static void
stopped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  ph_listener_stop_finish (PH_LISTENER (source), result, NULL);
  set_state (g_task_get_source_object (task), PH_SERVICE_STOPPED, NULL);
  g_task_return_boolean (task, TRUE);
}

void
ph_service_stop_async (PhService          *self,
                       GAsyncReadyCallback callback,
                       gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  if (self->state != PH_SERVICE_RUNNING)
    {
      if (self->state == PH_SERVICE_FAILED)
        set_state (self, PH_SERVICE_STOPPED, NULL);
      g_task_return_boolean (task, TRUE);
      return;
    }

  set_state (self, PH_SERVICE_STOPPING, NULL);
  ph_listener_stop_async (self->listener, stopped_cb, g_steal_pointer (&task));
}

gboolean
ph_service_stop_finish (PhService    *self,
                        GAsyncResult *result,
                        GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

const char *
ph_service_get_name (PhService *self)
{
  return self->row->name;
}

const char *
ph_service_get_title (PhService *self)
{
  return self->row->title;
}

PhServiceState
ph_service_get_state (PhService *self)
{
  return self->state;
}

const char *
ph_service_get_reason (PhService *self)
{
  return self->reason;
}

gboolean
ph_service_get_enabled (PhService *self)
{
  return self->enabled;
}

const char *
ph_service_get_address (PhService *self)
{
  return self->address;
}

guint16
ph_service_get_port (PhService *self)
{
  guint16 in_use = ph_listener_get_port (self->listener);

  return in_use != 0 ? in_use : self->port;
}

PhServiceTls
ph_service_get_tls (PhService *self)
{
  if (self->row->tls == PH_SERVICE_TLS_STARTTLS && self->rules.tls == PH_TLS_RULE_OFF)
    return PH_SERVICE_TLS_NONE;

  return self->row->tls;
}

guint
ph_service_get_n_sessions (PhService *self)
{
  return ph_listener_get_n_connections (self->listener);
}

gboolean
ph_service_disconnect (PhService        *self,
                       PhJournalSession *session)
{
  g_return_val_if_fail (PH_IS_SERVICE (self), FALSE);

  return ph_listener_disconnect (self->listener, session);
}

guint
ph_service_get_silence_min (PhService *self)
{
  g_return_val_if_fail (PH_IS_SERVICE (self), 0);

  return self->row->silence;
}

PhTally *
ph_service_get_tally (PhService *self)
{
  g_return_val_if_fail (PH_IS_SERVICE (self), NULL);

  return self->tally;
}
