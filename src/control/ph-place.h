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

G_END_DECLS
