#include "ph-settings-dkim.h"

#include "ph-server-private.h"

PhDkimSigner *
ph_server_make_signer (PhSettings *settings,
                       const char *data_dir)
{
  g_autofree char *key_dir = g_build_filename (data_dir, "dkim", NULL);
  g_auto (GStrv) domains = g_strsplit_set (ph_settings_get_string (settings, "dkim-domains"), "; ,", -1);

  return ph_dkim_signer_new (key_dir, ph_settings_get_string (settings, "dkim-selector"), (const char *const *)domains);
}

char *
ph_settings_format_dkim_records (PhSettings *self,
                                 const char *data_dir,
                                 const char *domain,
                                 GError    **error)
{
  g_autoptr (PhDkimSigner) signer = ph_server_make_signer (self, data_dir);

  return ph_dkim_signer_format_records (signer, domain, error);
}
