#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a client comes to trust this server: the certificate of its local authority in the
 * form that it takes, and what to do with it. */
typedef enum {
  PH_TRUST_PEM,
  PH_TRUST_DER,
  PH_TRUST_PROFILE, /* a configuration profile of Apple's devices (.mobileconfig) */
} PhTrustFormat;

/* `authority` is in DER.  Of a file that is named so, the suffix says which form. */
GBytes       *ph_trust_format (GBytes       *authority,
                               PhTrustFormat format,
                               const char   *host_name);
PhTrustFormat ph_trust_guess_format (const char *file_name);

/* "posthouse-authority.crt", …: what to name the file. Static. */
const char *ph_trust_get_file_name (PhTrustFormat format);

typedef struct
{
  const char   *client; /* "Thunderbird"; marked for translation, as the steps are */
  PhTrustFormat format; /* that it takes */
  const char   *steps;  /* in plain words, "%s" in place of the file's name */
} PhTrustSteps;

/* Static. */
const PhTrustSteps *ph_trust_get_steps (guint *n);

G_END_DECLS
