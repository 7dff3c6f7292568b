#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PH_AUTH_ERROR (ph_auth_error_quark ())
GQuark ph_auth_error_quark (void);

typedef enum {
  PH_AUTH_ERROR_FAILED,    /* wrong name or password, or not allowed */
  PH_AUTH_ERROR_FORBIDDEN, /* the right password, but the account may not be used by this protocol */
  PH_AUTH_ERROR_EXISTS,    /* there is one of that name */
  PH_AUTH_ERROR_INVALID,   /* not an address, not a credential, not a usable password */
} PhAuthError;

G_END_DECLS
