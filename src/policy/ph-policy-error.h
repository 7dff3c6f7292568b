#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PH_POLICY_ERROR (ph_policy_error_quark ())
GQuark ph_policy_error_quark (void);

typedef enum {
  PH_POLICY_ERROR_FAILED,
  PH_POLICY_ERROR_KEY, /* a key file that is unreadable, or open to others */
} PhPolicyError;

G_END_DECLS
