#include "ph-auth-error.h"

G_DEFINE_QUARK (ph - auth - error - quark, ph_auth_error)
