#pragma once

#include "ph-settings.h"

G_BEGIN_DECLS

/* Which Posthouse a command line means: its settings file and its data folder. */

/* The settings in `config_path`; NULL for the usual ~/.config/posthouse/posthouse.ini. */
PhSettings *ph_place_open_settings (const char *config_path,
                                    GError    **error);

/* `data_dir` if not NULL, else the folder that the settings name, else the usual
 * ~/.local/share/posthouse.  Transfer full. */
char *ph_place_choose_data_dir (PhSettings *settings,
                                const char *data_dir);

/* A data folder that others can read is refused (V47).  One that was made by hand a moment
 * ago is closed instead: if it is ours and empty, or `even_if_used`. */
void ph_place_close_folder (const char *data_dir,
                            gboolean    even_if_used);

G_END_DECLS
