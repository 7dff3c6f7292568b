#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PH_RELAY_ERROR (ph_relay_error_quark ())
GQuark ph_relay_error_quark (void);

typedef enum {
  PH_RELAY_ERROR_FAILED,
  PH_RELAY_ERROR_INVALID, /* an envelope that can't be read, or nobody of that name */
  PH_RELAY_ERROR_GONE,    /* the file is not there any more */
} PhRelayError;

G_END_DECLS
