#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define PH_SCALE_MEGABYTE (1024 * 1024)
#define PH_SCALE_HOUR (60 * 60)
#define PH_SCALE_DAY (24 * 60 * 60)

/* Binds a property in bytes or seconds (uint64 or uint) to the value of a spin button in so many of them (double), in
 * both directions and from now on. Borrowed; unbind it to end that. */
GBinding *ph_scale_bind (gpointer    source,
                         const char *property,
                         gpointer    spin_button,
                         guint       unit);

G_END_DECLS
