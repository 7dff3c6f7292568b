#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_TYPE_SETTINGS_WRITER (ph_settings_writer_get_type ())
G_DECLARE_FINAL_TYPE (PhSettingsWriter, ph_settings_writer, PH, SETTINGS_WRITER, GObject)

/**
 * PhSettingsWriter:
 *
 * Brings the ini file up to a GKeyFile that others change: soon after a change,
 * several at once, by a worker.  Never overwrites what another program wrote.
 * Owned by PhSettings.  Property: error (string or NULL), why the last write failed.
 */

/* `on_disk` is what was read from `path`, NULL where there was no file. */
PhSettingsWriter *ph_settings_writer_new (const char *path,
                                          const char *on_disk,
                                          GKeyFile   *file);

/* Changes that come together are written together: what a person decided soon, what only
 * happened (a login) later. */
#define PH_SETTINGS_SOON_MS 200
#define PH_SETTINGS_LATER_MS (60 * 1000)

/* The key file has changed: it is written within `delay` ms. */
void ph_settings_writer_schedule (PhSettingsWriter *self,
                                  guint             delay);

/* Writes what has changed; done when it is on disk. */
void     ph_settings_writer_save_async (PhSettingsWriter   *self,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
gboolean ph_settings_writer_save_finish (PhSettingsWriter *self,
                                         GAsyncResult     *result,
                                         GError          **error);

/* The same, and waits: blocks. */
gboolean ph_settings_writer_flush (PhSettingsWriter *self,
                                   GError          **error);

G_END_DECLS
