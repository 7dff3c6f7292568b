#include "ph-settings-certificates.h"

#include <string.h>

#define CERTIFICATE_PREFIX "Certificate "

static const char *const certificate_keys[] = { "File", "Key", "Password", NULL };

PhCertificateFiles *
ph_certificate_files_new (const char *certificate,
                          const char *key,
                          const char *password)
{
  PhCertificateFiles *self = g_new0 (PhCertificateFiles, 1);

  self->certificate = g_strdup (certificate);
  self->key = g_strdup (key != NULL ? key : "");
  self->password = g_strdup (password != NULL ? password : "");

  return self;
}

void
ph_certificate_files_free (PhCertificateFiles *self)
{
  explicit_bzero (self->password, strlen (self->password));
  g_free (self->password);
  g_free (self->certificate);
  g_free (self->key);
  g_free (self);
}

void
ph_settings_certificates_read (GKeyFile  *file,
                               GPtrArray *list)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_autofree char *certificate = NULL, *key = NULL, *password = NULL;

      if (!g_str_has_prefix (groups[i], CERTIFICATE_PREFIX))
        continue;
      certificate = g_key_file_get_string (file, groups[i], "File", NULL);
      key = g_key_file_get_string (file, groups[i], "Key", NULL);
      password = g_key_file_get_string (file, groups[i], "Password", NULL);
      if (certificate != NULL && *certificate != '\0')
        g_ptr_array_add (list, ph_certificate_files_new (certificate, key, password));
      if (password != NULL)
        explicit_bzero (password, strlen (password));
    }
}

gboolean
ph_settings_certificates_knows (const char *group,
                                const char *key)
{
  return g_str_has_prefix (group, CERTIFICATE_PREFIX) && g_strv_contains (certificate_keys, key);
}
