#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PhSettingsFile:
 *
 * The ini file as text: parsed into a GKeyFile with line numbers for what is
 * wrong, and written so that a crash leaves the old or the new one.  Functions
 * only; PhSettings owns the values.
 */

/* NULL and PH_SERVER_ERROR_SETTINGS, naming file and line, where `text` is no ini
 * file.  `path` is for messages. */
GKeyFile *ph_settings_file_parse (const char *path,
                                  const char *text,
                                  gsize       length,
                                  GError    **error);

/* The line, from 1, on which [group] key= stands (key NULL: the group); 0 if nowhere. */
guint ph_settings_file_find_line (const char *text,
                                  const char *group,
                                  const char *key);

/* Blocks.  Writes mode 0600, synced, by rename.  Where the file is not what
 * `expected` says (NULL: not there) another program has changed it: an error, and
 * it is left alone. */
gboolean ph_settings_file_write (const char *path,
                                 const char *expected,
                                 const char *text,
                                 GError    **error);

G_END_DECLS
