#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PH_SERVER_ERROR (ph_server_error_quark ())
GQuark ph_server_error_quark (void);

typedef enum {
  PH_SERVER_ERROR_FAILED,
  PH_SERVER_ERROR_REFUSED,  /* a message that is not taken: the message says why */
  PH_SERVER_ERROR_SETTINGS, /* the ini file: the message names the line */
} PhServerError;

G_END_DECLS
