#pragma once

#include "ph-daemon-options.h"
#include "ph-readiness.h"
#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_DAEMON (ph_daemon_get_type ())
G_DECLARE_FINAL_TYPE (PhDaemon, ph_daemon, PH, DAEMON, GObject)

/**
 * PhDaemon:
 *
 * The server without a window: adds what --demo asks for, starts, prints how to
 * connect, listens to the command line, and stops at SIGTERM, SIGINT or SIGHUP.
 */
PhDaemon *ph_daemon_new (PhServer              *server,
                         const PhDaemonOptions *options, /* borrowed, must outlive it */
                         const char            *data_dir,
                         PhReadiness           *readiness); /* likewise */

/* Returns when all has ended: the exit status. */
int ph_daemon_run (PhDaemon *self);

G_END_DECLS
