#include "ph-settings.h"

#include "ph-server-error.h"
#include "ph-settings-accounts.h"
#include "ph-settings-app-passwords.h"
#include "ph-settings-certificates.h"
#include "ph-settings-file.h"
#include "ph-settings-keys.h"
#include "ph-settings-services.h"
#include "ph-settings-smarthosts.h"
#include "ph-settings-writer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _PhSettings
{
  GObject parent_instance;

  char              *path;
  GKeyFile          *file; /* as read, with what has changed since */
  GPtrArray         *warnings;
  GValue            *values;   /* one for each of ph_settings_keys */
  PhServiceSettings *services; /* one for each of ph_settings_services */
  PhAccounts        *accounts;
  PhSettingsWriter  *writer;
  gboolean           loading;
};

G_DEFINE_FINAL_TYPE (PhSettings, ph_settings, G_TYPE_OBJECT)

enum {
  SIGNAL_SERVICES_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* Property 1 … n are the rows of ph_settings_keys; then comes save-error. */

static void
ph_settings_get_property (GObject    *object,
                          guint       property_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  PhSettings *self = PH_SETTINGS (object);

  if (property_id <= ph_settings_n_keys)
    g_value_copy (&self->values[property_id - 1], value);
  else
    g_object_get_property (G_OBJECT (self->writer), "error", value);
}

static void
ph_settings_set_property (GObject      *object,
                          guint         property_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  PhSettings          *self = PH_SETTINGS (object);
  const PhSettingsKey *key = &ph_settings_keys[property_id - 1];
  GValue              *held = &self->values[property_id - 1];
  g_autofree char     *before = ph_settings_key_format (key, held);
  g_autofree char     *after = NULL;

  g_value_copy (value, held);
  if (key->type == G_TYPE_STRING && g_value_get_string (held) == NULL)
    g_value_set_static_string (held, "");

  after = ph_settings_key_format (key, held);
  if (strcmp (before, after) == 0)
    return;

  g_key_file_set_string (self->file, key->group, key->key, after);
  ph_settings_writer_schedule (self->writer, PH_SETTINGS_SOON_MS);
  g_object_notify_by_pspec (object, pspec);
}

static void
ph_settings_finalize (GObject *object)
{
  PhSettings *self = PH_SETTINGS (object);

  g_clear_object (&self->writer);
  g_signal_handlers_disconnect_by_data (self->accounts, self);
  g_clear_object (&self->accounts);
  for (guint i = 0; i < ph_settings_n_keys; i++)
    g_value_unset (&self->values[i]);
  g_free (self->values);
  ph_settings_services_free (self->services);
  g_clear_pointer (&self->file, g_key_file_unref);
  g_ptr_array_unref (self->warnings);
  g_free (self->path);

  G_OBJECT_CLASS (ph_settings_parent_class)->finalize (object);
}

static GParamSpec *
make_pspec (const PhSettingsKey *key)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  if (key->type == G_TYPE_BOOLEAN)
    return g_param_spec_boolean (key->property, NULL, NULL, FALSE, flags);
  if (key->type == G_TYPE_UINT64)
    return g_param_spec_uint64 (key->property, NULL, NULL, key->minimum, key->maximum, key->minimum, flags);
  if (key->words != NULL)
    return g_param_spec_uint (key->property, NULL, NULL, 0, key->is_set ? (1u << g_strv_length ((GStrv)key->words)) - 1 : g_strv_length ((GStrv)key->words) - 1, 0, flags);
  if (key->type == G_TYPE_UINT)
    return g_param_spec_uint (key->property, NULL, NULL, (guint)key->minimum, (guint)key->maximum, (guint)key->minimum, flags);

  return g_param_spec_string (key->property, NULL, NULL, "", flags);
}

static void
ph_settings_class_init (PhSettingsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ph_settings_get_property;
  object_class->set_property = ph_settings_set_property;
  object_class->finalize = ph_settings_finalize;

  for (guint i = 0; i < ph_settings_n_keys; i++)
    g_object_class_install_property (object_class, i + 1, make_pspec (&ph_settings_keys[i]));
  g_object_class_install_property (object_class, ph_settings_n_keys + 1,
                                   g_param_spec_string ("save-error", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  signals[SIGNAL_SERVICES_CHANGED] = g_signal_new ("services-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
save_accounts (PhSettings *self,
               guint       delay)
{
  if (self->loading)
    return;

  ph_settings_accounts_write (self->accounts, self->file);
  ph_settings_app_passwords_write (self->accounts, self->file);
  ph_settings_writer_schedule (self->writer, delay);
}

static void
accounts_changed_cb (PhSettings *self)
{
  save_accounts (self, PH_SETTINGS_SOON_MS);
}

static void
accounts_used_cb (PhSettings *self)
{
  save_accounts (self, PH_SETTINGS_LATER_MS);
}

static void
ph_settings_init (PhSettings *self)
{
  self->file = g_key_file_new ();
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->warnings, NULL);
  self->accounts = ph_accounts_new ();
  g_signal_connect_object (self->accounts, "changed", G_CALLBACK (accounts_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->accounts, "used", G_CALLBACK (accounts_used_cb), self, G_CONNECT_SWAPPED);

  self->values = g_new0 (GValue, ph_settings_n_keys);
  for (guint i = 0; i < ph_settings_n_keys; i++)
    {
      g_autofree char *why = NULL;

      if (!ph_settings_key_parse (&ph_settings_keys[i], ph_settings_keys[i].initial, &self->values[i], &why))
        g_error ("%s: %s", ph_settings_keys[i].key, why);
    }

  self->services = ph_settings_services_new ();
}

/* Reading */

static void
warn (PhSettings *self,
      char       *text) /* transfer full */
{
  g_ptr_array_insert (self->warnings, (int)self->warnings->len - 1, text);
}

static gboolean
fail_at (PhSettings *self,
         const char *text,
         const char *group,
         const char *key,
         const char *why,
         GError    **error)
{
  g_autofree char *place = g_strdup_printf ("[%s]%s%s", group, key != NULL ? " " : "", key != NULL ? key : "");

  /* Translators: a file, a number, a place in it such as “[Mail] SizeMax”, and what is wrong */
  g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, _ ("%s, line %u: %s: %s"), self->path, ph_settings_file_find_line (text, group, key), place, why);

  return FALSE;
}

static gboolean
read_values (PhSettings *self,
             const char *text,
             GError    **error)
{
  for (guint i = 0; i < ph_settings_n_keys; i++)
    {
      const PhSettingsKey *key = &ph_settings_keys[i];
      g_autofree char     *found = g_key_file_get_string (self->file, key->group, key->key, NULL);
      g_autofree char     *why = NULL;
      g_auto (GValue) value = G_VALUE_INIT;

      if (found == NULL)
        continue;
      if (!ph_settings_key_parse (key, found, &value, &why))
        return fail_at (self, text, key->group, key->key, why, error);
      g_value_copy (&value, &self->values[i]);
    }

  return TRUE;
}

/* A key that is missing is said of its group. */
static gboolean
fail_with (PhSettings            *self,
           const char            *text,
           const PhSettingsFault *fault,
           GError               **error)
{
  const char *key = g_key_file_has_key (self->file, fault->group, fault->key, NULL) ? fault->key : NULL;

  return fail_at (self, text, fault->group, key, fault->why, error);
}

static gboolean
check_smarthosts (PhSettings *self,
                  const char *text,
                  GError    **error)
{
  g_auto (PhSettingsFault) fault = { 0 };
  g_autoptr (GPtrArray) smarthosts G_GNUC_UNUSED = ph_settings_smarthosts_read (self->file, &fault);

  return fault.group == NULL || fail_with (self, text, &fault, error);
}

static gboolean
read_services (PhSettings *self,
               const char *text,
               GError    **error)
{
  g_auto (PhSettingsFault) fault = { 0 };

  return ph_settings_services_read (self->services, self->file, &fault) || fail_with (self, text, &fault, error);
}

static gboolean
is_known_key (const char *group,
              const char *key)
{
  return ph_settings_keys_know (group, key) || ph_settings_services_knows (group, key) || ph_settings_accounts_knows (group, key) || ph_settings_app_passwords_knows (group, key) ||
         ph_settings_certificates_knows (group, key) || ph_settings_smarthosts_knows (group, key);
}

static void
warn_of_unknown (PhSettings *self,
                 const char *text)
{
  g_auto (GStrv) groups = g_key_file_get_groups (self->file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_auto (GStrv) keys = g_key_file_get_keys (self->file, groups[i], NULL, NULL);

      for (guint j = 0; keys != NULL && keys[j] != NULL; j++)
        if (!is_known_key (groups[i], keys[j]))
          warn (self, g_strdup_printf ("%s, line %u: “%s” in [%s] is not known; it is kept", self->path,
                                       ph_settings_file_find_line (text, groups[i], keys[j]), keys[j], groups[i]));
    }
}

static void
read_app_passwords (PhSettings *self)
{
  g_autoptr (GPtrArray) odd = g_ptr_array_new_with_free_func (g_free);

  ph_settings_app_passwords_read (self->accounts, self->file, odd);
  for (guint i = 0; i < odd->len; i++)
    warn (self, g_strdup_printf ("%s: [%s] can't be used: no such account, or another salt than its credential has", self->path, (char *)odd->pdata[i]));
}

/* *text: what the file holds, NULL where there is none. */
static gboolean
read_file (PhSettings *self,
           char      **text,
           GError    **error)
{
  g_autoptr (GError) read_error = NULL;
  gsize     length = 0;
  GKeyFile *file;

  if (!g_file_get_contents (self->path, text, &length, &read_error))
    {
      if (g_error_matches (read_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      g_set_error_literal (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, read_error->message);
      return FALSE;
    }

  file = ph_settings_file_parse (self->path, *text, length, error);
  if (file == NULL)
    return FALSE;
  g_key_file_unref (self->file);
  self->file = file;

  return TRUE;
}

static void
writer_error_cb (PhSettings *self)
{
  g_object_notify (G_OBJECT (self), "save-error");
}

static gboolean
ph_settings_load (PhSettings *self,
                  GError    **error)
{
  g_autofree char *text = NULL;
  gboolean         read;

  if (!read_file (self, &text, error))
    return FALSE;

  self->writer = ph_settings_writer_new (self->path, text, self->file);
  g_signal_connect_object (self->writer, "notify::error", G_CALLBACK (writer_error_cb), self, G_CONNECT_SWAPPED);
  if (text == NULL)
    return TRUE;

  self->loading = TRUE;
  read = read_services (self, text, error) && read_values (self, text, error) && check_smarthosts (self, text, error) && ph_settings_accounts_read (self->accounts, self->file, self->path, text, error);
  if (read)
    read_app_passwords (self);
  self->loading = FALSE;
  if (read)
    warn_of_unknown (self, text);

  return read;
}

PhSettings *
ph_settings_new (const char *path,
                 GError    **error)
{
  g_autoptr (PhSettings) self = g_object_new (PH_TYPE_SETTINGS, NULL);

  g_return_val_if_fail (path != NULL, NULL);

  self->path = g_strdup (path);

  return ph_settings_load (self, error) ? g_steal_pointer (&self) : NULL;
}

/* Writing */

static void
saved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ph_settings_writer_save_finish (PH_SETTINGS_WRITER (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ph_settings_save_async (PhSettings         *self,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  g_return_if_fail (PH_IS_SETTINGS (self));

  ph_settings_writer_save_async (self->writer, NULL, saved_cb, g_task_new (self, cancellable, callback, user_data));
}

gboolean
ph_settings_save_finish (PhSettings   *self,
                         GAsyncResult *result,
                         GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
ph_settings_flush (PhSettings *self,
                   GError    **error)
{
  g_return_val_if_fail (PH_IS_SETTINGS (self), FALSE);

  return ph_settings_writer_flush (self->writer, error);
}

/* Values */

const char *
ph_settings_get_path (PhSettings *self)
{
  g_return_val_if_fail (PH_IS_SETTINGS (self), NULL);

  return self->path;
}

const char *const *
ph_settings_get_warnings (PhSettings *self)
{
  g_return_val_if_fail (PH_IS_SETTINGS (self), NULL);

  return (const char *const *)self->warnings->pdata;
}

static const GValue *
find_value (PhSettings *self,
            const char *property,
            GType       type)
{
  for (guint i = 0; i < ph_settings_n_keys; i++)
    if (strcmp (ph_settings_keys[i].property, property) == 0 && ph_settings_keys[i].type == type)
      return &self->values[i];

  g_error ("PhSettings has no property %s of type %s", property, g_type_name (type));
}

const char *
ph_settings_get_string (PhSettings *self,
                        const char *property)
{
  return g_value_get_string (find_value (self, property, G_TYPE_STRING));
}

guint
ph_settings_get_uint (PhSettings *self,
                      const char *property)
{
  return g_value_get_uint (find_value (self, property, G_TYPE_UINT));
}

gboolean
ph_settings_get_boolean (PhSettings *self,
                         const char *property)
{
  return g_value_get_boolean (find_value (self, property, G_TYPE_BOOLEAN));
}

GPtrArray *
ph_settings_dup_certificates (PhSettings *self)
{
  GPtrArray  *list = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_certificate_files_free);
  const char *certificate = ph_settings_get_string (self, "certificate-file");

  if (*certificate != '\0')
    g_ptr_array_add (list, ph_certificate_files_new (certificate, ph_settings_get_string (self, "key-file"),
                                                     ph_settings_get_string (self, "certificate-password")));
  ph_settings_certificates_read (self->file, list);

  return list;
}

/* What is wrong in them was said when the file was read. */
GPtrArray *
ph_settings_dup_smarthosts (PhSettings *self)
{
  g_auto (PhSettingsFault) fault = { 0 };

  return ph_settings_smarthosts_read (self->file, &fault);
}

PhAccounts *
ph_settings_get_accounts (PhSettings *self)
{
  g_return_val_if_fail (PH_IS_SETTINGS (self), NULL);

  return self->accounts;
}

gboolean
ph_settings_get_service (PhSettings *self,
                         const char *service,
                         gboolean   *enabled,
                         char      **address,
                         guint16    *port)
{
  const PhSettingsService *row = ph_settings_find_service (service);
  const PhServiceSettings *held;

  if (row == NULL)
    return FALSE;

  held = &self->services[row - ph_settings_services];
  if (enabled != NULL)
    *enabled = held->enabled;
  if (address != NULL)
    *address = g_strdup (held->address);
  if (port != NULL)
    *port = held->port;

  return TRUE;
}

static void
services_changed (PhSettings              *self,
                  const PhSettingsService *row)
{
  ph_settings_services_write (&self->services[row - ph_settings_services], row->name, self->file);
  ph_settings_writer_schedule (self->writer, PH_SETTINGS_SOON_MS);
  g_signal_emit (self, signals[SIGNAL_SERVICES_CHANGED], 0, row->name);
}

void
ph_settings_set_service (PhSettings *self,
                         const char *service,
                         gboolean    enabled,
                         const char *address,
                         guint16     port)
{
  const PhSettingsService *row = ph_settings_find_service (service);
  PhServiceSettings       *held;

  g_return_if_fail (row != NULL);
  g_return_if_fail (g_hostname_is_ip_address (address));

  held = &self->services[row - ph_settings_services];
  if (held->enabled == enabled && held->port == port && strcmp (held->address, address) == 0)
    return;

  held->enabled = enabled;
  held->port = port;
  g_free (held->address);
  held->address = g_strdup (address);
  services_changed (self, row);
}

gboolean
ph_settings_get_service_rules (PhSettings     *self,
                               const char     *service,
                               PhServiceRules *rules)
{
  const PhSettingsService *row = ph_settings_find_service (service);

  if (row != NULL)
    *rules = self->services[row - ph_settings_services].rules;

  return row != NULL;
}

void
ph_settings_set_service_rules (PhSettings           *self,
                               const char           *service,
                               const PhServiceRules *rules)
{
  const PhSettingsService *row = ph_settings_find_service (service);
  PhServiceRules          *held;

  g_return_if_fail (row != NULL);
  g_return_if_fail (rules->connections >= 1 && rules->connections <= PH_SERVICE_CONNECTIONS_MAX);
  g_return_if_fail (rules->connections_per_address >= 1 && rules->connections_per_address <= PH_SERVICE_PER_ADDRESS_MAX);
  g_return_if_fail (rules->silence >= row->silence && rules->silence <= PH_SERVICE_SILENCE_MAX);

  held = &self->services[row - ph_settings_services].rules;
  if (ph_service_rules_equal (held, rules))
    return;

  *held = *rules;
  services_changed (self, row);
}

void
ph_settings_use_free_ports (PhSettings *self)
{
  g_return_if_fail (PH_IS_SETTINGS (self));

  for (guint i = 0; i < ph_settings_n_services; i++)
    {
      PhServiceSettings *service = &self->services[i];

      g_free (service->address);
      service->address = g_strdup (PH_SETTINGS_LOOPBACK);
      service->enabled |= !ph_settings_services[i].is_extra;
      service->port = 0;
    }
}
