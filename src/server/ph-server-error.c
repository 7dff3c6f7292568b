#include "ph-server-error.h"

G_DEFINE_QUARK (ph_server_error, ph_server_error)
