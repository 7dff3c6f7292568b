#pragma once

#include "ph-tls-client.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_TYPE_AUTHORITIES (ph_authorities_get_type ())
G_DECLARE_FINAL_TYPE (PhAuthorities, ph_authorities, PH, AUTHORITIES, GObject)

/**
 * PhAuthorities:
 *
 * The certificate authorities that prove who a mail server is.  Reading them takes a millisecond each: so they are read once, by
 * a worker, when the first attempt needs them.  Owned by the dispatcher.
 */

/* `file`: PEM; NULL: those of the system. */
PhAuthorities *ph_authorities_new (const char *file);

/* Calls back when they are read, or can't be: then ph_authorities_get() stays NULL. */
void ph_authorities_read_async (PhAuthorities      *self,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);

/* NULL until then.  Borrowed. */
PhTlsClient *ph_authorities_get (PhAuthorities *self);

const char *ph_authorities_get_file (PhAuthorities *self);

G_END_DECLS
