#pragma once

#include <gio/gio.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_NOTIFIER (ph_notifier_get_type ())
G_DECLARE_FINAL_TYPE (PhNotifier, ph_notifier, PH, NOTIFIER, GObject)

/**
 * PhNotifier:
 *
 * Tells a person who does not look at the window what needs them: a service that could not
 * start, and what the server wants attention for (a certificate that is about to end, a store
 * that is read-only, guessing).  A notification of each service and one of the server at most;
 * it goes when the cause does.  Also the first mail of an account that was added since Posthouse
 * began, and mail that could not be delivered: one notification at most for all of that.  Owned by the application, which lives longer.
 */
PhNotifier *ph_notifier_new (GApplication *application,
                             PhServer     *server);

G_END_DECLS
