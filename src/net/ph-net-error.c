#include "ph-net-error.h"

/* It would put spaces into the name. */
/* clang-format off */
G_DEFINE_QUARK (ph-net-error-quark, ph_net_error)
/* clang-format on */
