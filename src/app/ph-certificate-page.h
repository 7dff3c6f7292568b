#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_CERTIFICATE_PAGE (ph_certificate_page_get_type ())
G_DECLARE_FINAL_TYPE (PhCertificatePage, ph_certificate_page, PH, CERTIFICATE_PAGE, AdwBin)

/**
 * PhCertificatePage:
 *
 * What Preferences say of the certificate: which certificate clients are shown, how each client comes to trust the
 * local authority, and the user's own certificate in its place.
 */
void ph_certificate_page_set_server (PhCertificatePage *self,
                                     PhServer          *server);

G_END_DECLS
