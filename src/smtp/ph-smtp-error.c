#include "ph-smtp-error.h"

G_DEFINE_QUARK (ph_smtp_error, ph_smtp_error)
