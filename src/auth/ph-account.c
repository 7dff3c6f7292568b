#include "ph-account.h"

#include "ph-auth-error.h"
#include "ph-password.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _PhAccount
{
  GObject parent_instance;

  char              *address;
  char              *display_name;
  PhScramCredential *credential;
  gboolean           enabled;
  guint64            quota;
  PhProtocols        protocols;
  PhAutomaticReply  *automatic_reply; /* or NULL */
  gboolean           search_index;
  char              *clear_password; /* NULL: not for old programs */
  GPtrArray         *certificates;   /* of char *, NULL-terminated */
  GListStore        *app_passwords;
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
  PROP_PROTOCOLS,
  PROP_AUTOMATIC_REPLY,
  PROP_SEARCH_INDEX,
  PROP_CLEAR_PASSWORD,
  PROP_CERTIFICATES,
  PROP_APP_PASSWORDS,
  PROP_LAST_LOGIN,
  PROP_LAST_LOGIN_CLIENT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint       revoked_signal;

static void
ph_account_finalize (GObject *object)
{
  PhAccount *self = PH_ACCOUNT (object);

  g_free (self->address);
  g_free (self->display_name);
  ph_scram_credential_free (self->credential);
  ph_automatic_reply_free (self->automatic_reply);
  ph_password_free (self->clear_password);
  g_ptr_array_unref (self->certificates);
  g_object_unref (self->app_passwords);
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
    case PROP_PROTOCOLS:
      g_value_set_uint (value, self->protocols);
      break;
    case PROP_AUTOMATIC_REPLY:
      g_value_set_boxed (value, self->automatic_reply);
      break;
    case PROP_SEARCH_INDEX:
      g_value_set_boolean (value, self->search_index);
      break;
    case PROP_CLEAR_PASSWORD:
      g_value_set_string (value, self->clear_password);
      break;
    case PROP_CERTIFICATES:
      g_value_set_boxed (value, self->certificates->pdata);
      break;
    case PROP_APP_PASSWORDS:
      g_value_set_object (value, self->app_passwords);
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

char *
ph_account_normalize_fingerprint (const char *text)
{
  const char *equals = strrchr (text, '=');
  GString    *out = g_string_new (NULL);
  guint       n_digits = 0;

  for (const char *p = equals != NULL ? equals + 1 : text; *p != '\0' && n_digits <= 64; p++)
    {
      if (*p == ':' || *p == ' ')
        continue;
      if (!g_ascii_isxdigit (*p))
        n_digits = 64;
      if (n_digits > 0 && n_digits % 2 == 0)
        g_string_append_c (out, ':');
      g_string_append_c (out, g_ascii_toupper (*p));
      n_digits++;
    }

  return g_string_free (out, n_digits != 64);
}

/* TRUE where one is missing that was there. */
static gboolean
set_certificates (PhAccount         *self,
                  const char *const *certificates)
{
  g_auto (GStrv) before = (GStrv)g_ptr_array_steal (self->certificates, NULL);

  for (; certificates != NULL && *certificates != NULL && self->certificates->len < PH_ACCOUNT_CERTIFICATES_MAX; certificates++)
    {
      char *normal = ph_account_normalize_fingerprint (*certificates);

      if (normal != NULL)
        g_ptr_array_add (self->certificates, normal);
    }
  g_ptr_array_add (self->certificates, NULL);

  for (guint i = 0; before[i] != NULL; i++)
    if (!g_strv_contains (ph_account_get_certificates (self), before[i]))
      return TRUE;

  return FALSE;
}

static void
emit_revoked (PhAccount  *self,
              PhProtocols protocol,
              const char *reason)
{
  g_signal_emit (self, revoked_signal, g_quark_from_static_string (ph_protocol_get_name (protocol)), reason);
}

void
ph_account_revoke (PhAccount *self)
{
  g_return_if_fail (PH_IS_ACCOUNT (self));

  for (guint protocol = 1; protocol < PH_PROTOCOL_ALL; protocol <<= 1)
    emit_revoked (self, protocol, "Please log in again: a password of this account was changed or taken back");
}

static void
set_protocols (PhAccount  *self,
               PhProtocols protocols)
{
  PhProtocols gone = self->protocols & ~protocols;

  self->protocols = protocols & PH_PROTOCOL_ALL;
  for (guint protocol = 1; protocol < PH_PROTOCOL_ALL; protocol <<= 1)
    if (gone & protocol)
      emit_revoked (self, protocol, ph_protocol_get_refusal (protocol));
}

/* FALSE where it is what it was. */
static gboolean
set_credential (PhAccount         *self,
                PhScramCredential *credential)
{
  gboolean is_new = self->credential == NULL || credential == NULL || !ph_scram_credential_equal (self->credential, credential);

  ph_scram_credential_free (self->credential);
  self->credential = credential;

  return is_new;
}

static void
ph_account_set_property (GObject      *object,
                         guint         id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  PhAccount *self = PH_ACCOUNT (object);
  gboolean   is_revoked = FALSE;

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
      is_revoked = set_credential (self, g_value_dup_boxed (value));
      break;
    case PROP_ENABLED:
      self->enabled = g_value_get_boolean (value);
      is_revoked = !self->enabled;
      break;
    case PROP_QUOTA:
      self->quota = g_value_get_uint64 (value);
      break;
    case PROP_PROTOCOLS:
      set_protocols (self, g_value_get_uint (value));
      break;
    case PROP_AUTOMATIC_REPLY:
      ph_automatic_reply_free (self->automatic_reply);
      self->automatic_reply = g_value_dup_boxed (value);
      break;
    case PROP_SEARCH_INDEX:
      self->search_index = g_value_get_boolean (value);
      break;
    case PROP_CLEAR_PASSWORD:
      ph_password_free (self->clear_password);
      self->clear_password = g_value_dup_string (value);
      break;
    case PROP_CERTIFICATES:
      is_revoked = set_certificates (self, g_value_get_boxed (value));
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
  if (is_revoked)
    ph_account_revoke (self);
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
  properties[PROP_PROTOCOLS] = g_param_spec_uint ("protocols", NULL, NULL, 0, PH_PROTOCOL_ALL, PH_PROTOCOL_ALL, flags);
  properties[PROP_AUTOMATIC_REPLY] = g_param_spec_boxed ("automatic-reply", NULL, NULL, PH_TYPE_AUTOMATIC_REPLY, flags);
  properties[PROP_SEARCH_INDEX] = g_param_spec_boolean ("search-index", NULL, NULL, TRUE, flags);
  properties[PROP_CLEAR_PASSWORD] = g_param_spec_string ("clear-password", NULL, NULL, NULL, flags);
  properties[PROP_CERTIFICATES] = g_param_spec_boxed ("certificates", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_APP_PASSWORDS] = g_param_spec_object ("app-passwords", NULL, NULL, G_TYPE_LIST_MODEL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_LAST_LOGIN] = g_param_spec_int64 ("last-login", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_LAST_LOGIN_CLIENT] = g_param_spec_string ("last-login-client", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  revoked_signal = g_signal_new ("revoked", PH_TYPE_ACCOUNT, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
ph_account_init (PhAccount *self)
{
  self->enabled = TRUE;
  self->protocols = PH_PROTOCOL_ALL;
  self->search_index = TRUE;
  self->certificates = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->certificates, NULL);
  self->app_passwords = g_list_store_new (PH_TYPE_APP_PASSWORD);
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

const char *const *
ph_account_get_certificates (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), NULL);

  return (const char *const *)self->certificates->pdata;
}

const char *
ph_account_get_clear_password (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), NULL);

  return self->clear_password;
}

guint64
ph_account_get_quota (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), 0);

  return self->quota;
}

PhProtocols
ph_account_get_protocols (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), 0);

  return self->protocols;
}

const PhAutomaticReply *
ph_account_get_automatic_reply (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), NULL);

  return self->automatic_reply;
}

gboolean
ph_account_get_search_index (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), FALSE);

  return self->search_index;
}

/* Secrets */

GListModel *
ph_account_get_app_passwords (PhAccount *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), NULL);

  return G_LIST_MODEL (self->app_passwords);
}

/* Borrowed: the list holds it. */
static PhAppPassword *
get_app_password (PhAccount *self,
                  guint      i)
{
  g_autoptr (PhAppPassword) app_password = g_list_model_get_item (G_LIST_MODEL (self->app_passwords), i);

  return app_password;
}

static guint
count_app_passwords (PhAccount *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->app_passwords));
}

gboolean
ph_account_add_app_password (PhAccount     *self,
                             PhAppPassword *app_password)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), FALSE);

  if (count_app_passwords (self) >= PH_APP_PASSWORD_MAX || self->credential == NULL ||
      !ph_scram_credential_is_like (self->credential, ph_app_password_get_credential (app_password)))
    return FALSE;

  g_list_store_append (self->app_passwords, app_password);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_APP_PASSWORDS]);

  return TRUE;
}

gboolean
ph_account_remove_app_password (PhAccount  *self,
                                const char *id)
{
  g_return_val_if_fail (PH_IS_ACCOUNT (self), FALSE);

  for (guint i = 0; i < count_app_passwords (self); i++)
    if (strcmp (ph_app_password_get_id (get_app_password (self, i)), id) == 0)
      {
        g_list_store_remove (self->app_passwords, i);
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_APP_PASSWORDS]);
        ph_account_revoke (self);
        return TRUE;
      }

  return FALSE;
}

GPtrArray *
ph_account_dup_secrets (PhAccount *self)
{
  GPtrArray *secrets;

  g_return_val_if_fail (PH_IS_ACCOUNT (self), NULL);

  if (self->credential == NULL)
    return NULL;

  secrets = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_scram_credential_free);
  g_ptr_array_add (secrets, ph_scram_credential_copy (self->credential));
  for (guint i = 0; i < count_app_passwords (self); i++)
    {
      const PhScramCredential *credential = ph_app_password_get_credential (get_app_password (self, i));

      /* The password may have got another salt since. */
      if (ph_scram_credential_is_like (self->credential, credential))
        g_ptr_array_add (secrets, ph_scram_credential_copy (credential));
    }

  return secrets;
}

/* *used: the app password that it is of, borrowed; NULL for the account's own. */
static gboolean
find_secret (PhAccount               *self,
             const PhScramCredential *secret,
             PhAppPassword          **used)
{
  *used = NULL;
  if (ph_scram_credential_equal (self->credential, secret))
    return TRUE;

  for (guint i = 0; i < count_app_passwords (self); i++)
    if (ph_scram_credential_equal (ph_app_password_get_credential (get_app_password (self, i)), secret))
      {
        *used = get_app_password (self, i);
        return TRUE;
      }

  return FALSE;
}

gboolean
ph_account_use_secret (PhAccount               *self,
                       const PhScramCredential *secret,
                       PhProtocols              protocol,
                       gint64                   now,
                       GError                 **error)
{
  PhAppPassword *used;

  g_return_val_if_fail (PH_IS_ACCOUNT (self), FALSE);

  if (!find_secret (self, secret, &used))
    {
      /* Translators: an address */
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FAILED, _ ("The password of %s was changed while this one was looked at"), self->address);
      return FALSE;
    }
  if (!(self->protocols & protocol))
    {
      /* Translators: an address, and a sentence, such as “POP3 is switched off for this account” */
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FORBIDDEN, _ ("%s proved who it is and was sent away: %s"), self->address, _ (ph_protocol_get_refusal (protocol)));
      return FALSE;
    }

  if (used != NULL)
    ph_app_password_set_last_used (used, now);
  g_object_set (self, "last-login", now, NULL);

  return TRUE;
}
