#pragma once

#include "ph-settings.h"

G_BEGIN_DECLS

/* Which Posthouse a command line means: its settings file and its data folder. */

/* The settings in `config_path`; NULL for the usual ~/.config/posthouse/posthouse.ini. */
PhSettings *ph_place_open_settings (const char *config_path,
                                    GError    **error);

/* `data_dir` if not NULL, else the folder that the settings name, or its old place while it waits to be moved there, else the usual
 * ~/.local/share/posthouse.  Transfer full. */
char *ph_place_choose_data_dir (PhSettings *settings,
                                const char *data_dir);

/* Where the folder at `data_dir` may be moved, for who has chosen `folder`: that itself where it is empty, else "posthouse" in it.  NULL and an
 * error, in the language of the person, where it can't be.  Looks at the disk, so on a worker.  Transfer full. */
char *ph_place_find_target (const char *data_dir,
                            const char *folder,
                            GError    **error);

/* Before anybody opens it: brings the data folder to where the settings want it, by one rename.  FALSE and an error where that can't be
 * done: then it stays, and the settings name its old place again.  Nothing is done where `data_dir` is given.  Nothing is synced: the
 * settings remember the old place, so a rename that a power cut took back is done again. */
gboolean ph_place_follow (PhSettings *settings,
                          const char *data_dir,
                          GError    **error);

/* A data folder that others can read is refused (V47).  One that was made by hand a moment
 * ago is closed instead: if it is ours and empty, or `even_if_used`. */
void ph_place_close_folder (const char *data_dir,
                            gboolean    even_if_used);

G_END_DECLS
