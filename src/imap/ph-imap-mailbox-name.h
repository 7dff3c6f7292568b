#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Mailbox names as they go over the wire.  Functions only. */

/* As an IMAP string: in modified UTF-7 (RFC 3501 5.1.3), or with `utf8` as it is. */
void  ph_imap_append_mailbox (GString    *out,
                              const char *name,
                              gboolean    utf8);
char *ph_imap_format_mailbox (const char *name,
                              gboolean    utf8);

G_END_DECLS
