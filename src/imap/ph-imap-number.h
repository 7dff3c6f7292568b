#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Appends the digits.  A list of 100,000 numbers is no place for printf. */
void ph_imap_number_append (guint64  number,
                            GString *out);

G_END_DECLS
