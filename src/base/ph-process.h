#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What every program of ours does first: files for their owner alone (umask), no
 * core dumps with secrets in them (V48), no SIGPIPE, and as many file descriptors as
 * the system allows. */
void ph_process_harden (void);

G_END_DECLS
