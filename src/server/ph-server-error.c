#include "ph-server-error.h"

G_DEFINE_QUARK (ph - server - error - quark, ph_server_error)
