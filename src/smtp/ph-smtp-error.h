#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PH_SMTP_ERROR (ph_smtp_error_quark ())
GQuark ph_smtp_error_quark (void);

typedef enum {
  PH_SMTP_ERROR_SYNTAX,
  PH_SMTP_ERROR_TOO_LONG,
} PhSmtpError;

G_END_DECLS
