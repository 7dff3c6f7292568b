#include "ph-smtp-error.h"

G_DEFINE_QUARK (ph - smtp - error - quark, ph_smtp_error)
