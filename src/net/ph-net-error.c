#include "ph-net-error.h"

G_DEFINE_QUARK (ph - net - error - quark, ph_net_error)
