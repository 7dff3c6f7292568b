#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Binds a property in bytes (uint64) to the value of a spin button in MiB (double), in both
 * directions and from now on. Borrowed; unbind it to end that. */
GBinding *ph_megabytes_bind (gpointer    source,
                             const char *property,
                             gpointer    spin_button);

G_END_DECLS
