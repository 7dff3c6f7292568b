#pragma once

#include "ph-settings.h"

G_BEGIN_DECLS

/* What is to be published in DNS, so that others can verify what this server signs for `domain`: lines of
 * "NAME  TXT  VALUE".  Makes the keys where there are none.  Blocks: on a worker, or in a program that does nothing
 * else. */
char *ph_settings_format_dkim_records (PhSettings *self,
                                       const char *data_dir,
                                       const char *domain,
                                       GError    **error);

G_END_DECLS
