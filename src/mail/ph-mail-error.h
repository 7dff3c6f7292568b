#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PH_MAIL_ERROR (ph_mail_error_quark ())
GQuark ph_mail_error_quark (void);

typedef enum {
  PH_MAIL_ERROR_SYNTAX, /* not what its RFC says */
  PH_MAIL_ERROR_LIMIT,  /* longer, deeper or more than the named limit */
} PhMailError;

G_END_DECLS
