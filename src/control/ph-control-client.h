#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_TYPE_CONTROL_CLIENT (ph_control_client_get_type ())
G_DECLARE_FINAL_TYPE (PhControlClient, ph_control_client, PH, CONTROL_CLIENT, GObject)

/**
 * PhControlClient:
 *
 * Calls PhControl: of the Posthouse that runs on a data folder, through its socket; or,
 * where none runs, of one that it opens in this process for as long as it lives, with no
 * service started.  For the command line: its functions wait, turning the main loop.
 */

/* NULL for the usual places.  With `must_run`, a folder where nothing runs is
 * G_IO_ERROR_NOT_CONNECTED. */
PhControlClient *ph_control_client_open (const char *config_path,
                                         const char *data_dir,
                                         gboolean    must_run,
                                         GError    **error);

/* A method of org.posthouse.Posthouse.xml; `parameters` may be floating or NULL.  The
 * tuple that it answers, or an error whose message is for people. */
GVariant *ph_control_client_call (PhControlClient *self,
                                  const char      *method,
                                  GVariant        *parameters,
                                  GError         **error);

/* The same for what takes its time: `progress` is told of each TransferProgress, and an
 * interrupt (SIGINT) asks it to end. */
typedef void (*PhControlProgressFunc) (guint64 n_messages,
                                       guint64 n_bytes,
                                       guint64 n_rejected);

GVariant *ph_control_client_transfer (PhControlClient      *self,
                                      const char           *method,
                                      GVariant             *parameters,
                                      PhControlProgressFunc progress,
                                      GError              **error);

G_END_DECLS
