#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Appends `text` (UTF-8) as a string of JSON, in its quotes (RFC 8259 section 7). */
void ph_json_append_string (GString    *target,
                            const char *text);

G_END_DECLS
