#include "ph-place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

void
ph_place_close_folder (const char *data_dir,
                       gboolean    even_if_used)
{
  g_autoptr (GDir) entries = g_dir_open (data_dir, 0, NULL);
  int         fd = open (data_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;

  if (fd < 0)
    return;

  /* What can't be closed is refused by the store, with the reason. */
  if (entries != NULL && (even_if_used || g_dir_read_name (entries) == NULL) && fstat (fd, &st) == 0 && st.st_uid == geteuid () && (st.st_mode & 077) != 0)
    (void)!fchmod (fd, 0700);
  close (fd);
}
