#pragma once

#include "ph-service.h"

G_BEGIN_DECLS

/* A port on which a service that could not start will: its usual one without
 * privilege, else one near it.  0 where another port is not what it needs.  Tries
 * to listen, for an instant, which does not block. */
guint16 ph_mend_find_port (PhService *service);

G_END_DECLS
