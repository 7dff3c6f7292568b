#include "ph-store-error.h"

G_DEFINE_QUARK (ph - store - error - quark, ph_store_error)
