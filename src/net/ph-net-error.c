#include "ph-net-error.h"

G_DEFINE_QUARK (ph_net_error, ph_net_error)
