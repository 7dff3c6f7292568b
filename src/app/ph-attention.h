#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_ATTENTION (ph_attention_get_type ())
G_DECLARE_FINAL_TYPE (PhAttention, ph_attention, PH, ATTENTION, AdwBin)

/**
 * PhAttention:
 *
 * The banners below the header bar: what is wrong with the server as a whole, and which service could
 * not start, why, with a button that mends it.  Takes no room while all is well.
 */
void ph_attention_set_server (PhAttention *self,
                              PhServer    *server);

G_END_DECLS
