#include "ph-auth-error.h"

G_DEFINE_QUARK (ph_auth_error, ph_auth_error)
