#include "ph-relay-error.h"

G_DEFINE_QUARK (ph - relay - error - quark, ph_relay_error)
