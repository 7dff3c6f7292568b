#pragma once

#include <gio/gio.h>

#include "ph-mailbox.h"

G_BEGIN_DECLS

/* Appends the message in `fd` as mboxrd, in a way from which PhMboxReader gets back every byte,
 * its flags, its keywords and its date; other programs find Status, X-Status and X-Keywords.
 * Nothing is added to a message without flags that ends with a line end and has none of these
 * fields.  Blocks: on a worker.  Function only. */
gboolean ph_mbox_write_message (GOutputStream     *out,
                                int                fd,
                                gint64             date, /* seconds */
                                PhFlags            flags,
                                const char *const *keywords, /* or NULL */
                                GError           **error);

G_END_DECLS
