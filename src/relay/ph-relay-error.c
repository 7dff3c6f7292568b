#include "ph-relay-error.h"

G_DEFINE_QUARK (ph_relay_error, ph_relay_error)
