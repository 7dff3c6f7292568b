#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_DOMAIN_ROW (ph_domain_row_get_type ())
G_DECLARE_FINAL_TYPE (PhDomainRow, ph_domain_row, PH, DOMAIN_ROW, AdwExpanderRow)

/**
 * PhDomainRow:
 *
 * One domain of this server: what it is, whether its mail is signed, and the records that it is to
 * publish in DNS, each with whether it does and a button that copies it.  DNS is asked when the row
 * is first opened, and when somebody asks again.
 */
GtkWidget *ph_domain_row_new (PhServer   *server,
                              const char *domain);

G_END_DECLS
