#include "ph-account.h"

struct _PhAccount
{
  GObject parent_instance;

  char              *address;
  char              *display_name;
  PhScramCredential *credential;
  gboolean           enabled;
  guint64            quota;
  gint64             last_login;
  char              *last_login_client;
};

G_DEFINE_FINAL_TYPE (PhAccount, ph_account, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_ADDRESS,
  PROP_DISPLAY_NAME,
  PROP_CREDENTIAL,
  PROP_ENABLED,
  PROP_QUOTA,
  PROP_LAST_LOGIN,
  PROP_LAST_LOGIN_CLIENT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
ph_account_finalize (GObject *object)
{
  PhAccount *self = PH_ACCOUNT (object);

  g_free (self->address);
  g_free (self->display_name);
  ph_scram_credential_free (self->credential);
  g_free (self->last_login_client);

  G_OBJECT_CLASS (ph_account_parent_class)->finalize (object);
}

static void
ph_account_get_property (GObject    *object,
                         guint       id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  PhAccount *self = PH_ACCOUNT (object);

  switch (id)
    {
    case PROP_ADDRESS:
      g_value_set_string (value, self->address);
      break;
    case PROP_DISPLAY_NAME:
      g_value_set_string (value, self->display_name);
      break;
    case PROP_CREDENTIAL:
      g_value_set_boxed (value, self->credential);
      break;
    case PROP_ENABLED:
      g_value_set_boolean (value, self->enabled);
      break;
    case PROP_QUOTA:
      g_value_set_uint64 (value, self->quota);
      break;
    case PROP_LAST_LOGIN:
      g_value_set_int64 (value, self->last_login);
      break;
    case PROP_LAST_LOGIN_CLIENT:
      g_value_set_string (value, self->last_login_client);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_account_set_property (GObject      *object,
                         guint         id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  PhAccount *self = PH_ACCOUNT (object);

  switch (id)
    {
    case PROP_ADDRESS:
      self->address = g_value_dup_string (value);
      return;
    case PROP_DISPLAY_NAME:
      g_free (self->display_name);
      self->display_name = g_value_dup_string (value);
      break;
    case PROP_CREDENTIAL:
      ph_scram_credential_free (self->credential);
      self->credential = g_value_dup_boxed (value);
      break;
    case PROP_ENABLED:
      self->enabled = g_value_get_boolean (value);
      break;
    case PROP_QUOTA:
      self->quota = g_value_get_uint64 (value);
      break;
    case PROP_LAST_LOGIN:
      self->last_login = g_value_get_int64 (value);
      break;
    case PROP_LAST_LOGIN_CLIENT:
      g_free (self->last_login_client);
      self->last_login_client = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  g_object_notify_by_pspec (object, pspec);
}

static void
ph_account_class_init (PhAccountClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = ph_account_finalize;
  object_class->get_property = ph_account_get_property;
  object_class->set_property = ph_account_set_property;

  properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_DISPLAY_NAME] = g_param_spec_string ("display-name", NULL, NULL, NULL, flags);
  properties[PROP_CREDENTIAL] = g_param_spec_boxed ("credential", NULL, NULL, PH_TYPE_SCRAM_CREDENTIAL, flags);
  properties[PROP_ENABLED] = g_param_spec_boolean ("enabled", NULL, NULL, TRUE, flags);
  properties[PROP_QUOTA] = g_param_spec_uint64 ("quota", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_LAST_LOGIN] = g_param_spec_int64 ("last-login", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_LAST_LOGIN_CLIENT] = g_param_spec_string ("last-login-client", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_account_init (PhAccount *self)
{
  self->enabled = TRUE;
}

PhAccount *
ph_account_new (const char              *address,
                const PhScramCredential *credential)
{
  return g_object_new (PH_TYPE_ACCOUNT, "address", address, "credential", credential, NULL);
}

const char *
ph_account_get_address (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), NULL);

  return self->address;
}

const char *
ph_account_get_display_name (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), NULL);

  return self->display_name;
}

const PhScramCredential *
ph_account_get_credential (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), NULL);

  return self->credential;
}

gboolean
ph_account_get_enabled (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), FALSE);

  return self->enabled;
}

guint64
ph_account_get_quota (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), 0);

  return self->quota;
}
