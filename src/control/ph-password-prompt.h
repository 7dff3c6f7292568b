#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A password from standard input: typed twice without being shown where that is a
 * terminal, else its first line.  Never a word of the command line, which others see
 * (V48).  NULL with an error; to be freed with ph_password_free(). */
char *ph_password_prompt (GError **error);

G_END_DECLS
