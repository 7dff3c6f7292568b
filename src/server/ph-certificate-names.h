#pragma once

#include "ph-settings.h"

G_BEGIN_DECLS

/* Addresses of one computer that a certificate names, at most. */
#define PH_CERTIFICATE_NAMES_MAX 64

/* The names by which clients come here: `host_name` first, then the addresses that the
 * services listen on; all of the computer's, where one listens on every address. */
GStrv ph_certificate_names_collect (PhSettings *settings,
                                    const char *host_name);

G_END_DECLS
