#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_CERTIFICATE_DIALOG (ph_certificate_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PhCertificateDialog, ph_certificate_dialog, PH, CERTIFICATE_DIALOG, AdwWindow)

/**
 * PhCertificateDialog:
 *
 * Asks for the user's own certificate: PEM with its key in the same or in another file, or
 * PKCS#12.  The server checks it before it is used; the dialog closes when it is.
 */
GtkWidget *ph_certificate_dialog_new (PhServer  *server,
                                      GtkWindow *parent);

G_END_DECLS
