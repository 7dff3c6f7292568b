#include "ph-mail-error.h"

G_DEFINE_QUARK (ph_mail_error, ph_mail_error)
