#include "ph-place.h"

PhSettings *
ph_place_open_settings (const char *config_path,
                        GError    **error)
{
  g_autofree char *usual = g_build_filename (g_get_user_config_dir (), "posthouse", "posthouse.ini", NULL);

  return ph_settings_new (config_path != NULL ? config_path : usual, error);
}

char *
ph_place_choose_data_dir (PhSettings *settings,
                          const char *data_dir)
{
  const char *chosen = data_dir != NULL ? data_dir : ph_settings_get_string (settings, "data-folder");

  return *chosen != '\0' ? g_strdup (chosen) : g_build_filename (g_get_user_data_dir (), "posthouse", NULL);
}
