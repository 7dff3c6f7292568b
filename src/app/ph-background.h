#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Serving on without a window.  In a sandbox the desktop's portal decides whether a
 * program may (org.freedesktop.portal.Background), and may ask the person; one that it
 * refused is ended after a while.  Elsewhere, and where there is no such portal, nobody
 * needs to be asked. */

/* `reason` is for people; `bus` may be NULL. */
void ph_background_request_async (GDBusConnection    *bus,
                                  const char         *reason,
                                  gboolean            starts_on_login,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data);

/* FALSE where it was refused. */
gboolean ph_background_request_finish (GAsyncResult *result);

/* What the desktop shows of a program without a window; of at most 96 characters. */
void ph_background_set_status (GDBusConnection *bus,
                               const char      *status);

/* Whether there is a portal to ask, as in a sandbox. */
gboolean ph_background_has_portal (GDBusConnection *bus);

G_END_DECLS
