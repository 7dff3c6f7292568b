#include "ph-policy-error.h"

G_DEFINE_QUARK (ph_policy_error, ph_policy_error)
