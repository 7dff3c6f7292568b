#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_USE_METER (ph_use_meter_get_type ())
G_DECLARE_FINAL_TYPE (PhUseMeter, ph_use_meter, PH, USE_METER, AdwBin)

/**
 * PhUseMeter:
 *
 * How much of its quota an account uses, in words and as a bar: "1.2 MB of 100.0 MB".  Not to be
 * seen until it is told.
 */

/* In bytes; a quota of 0 is none, and then there is no bar. */
void ph_use_meter_set (PhUseMeter *self,
                       guint64     used,
                       guint64     quota);

G_END_DECLS
