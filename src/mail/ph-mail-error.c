#include "ph-mail-error.h"

G_DEFINE_QUARK (ph - mail - error - quark, ph_mail_error)
