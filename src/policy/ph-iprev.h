#pragma once

#include "ph-client-address.h"
#include "ph-dns-facts.h"

G_BEGIN_DECLS

/* RFC 8601 section 2.7.3. */
typedef enum {
  PH_IPREV_PASS,
  PH_IPREV_FAIL, /* no name of the client leads back to it */
  PH_IPREV_TEMPERROR,
  PH_IPREV_PERMERROR, /* it has no name */
} PhIprevResult;

/* Whether the client has a name that leads back to it.  FALSE while an answer is missing.  *name (borrowed from the facts):
 * that name, or the first that does not; NULL where there is none. */
gboolean ph_iprev_check (const PhClientAddress *client,
                         PhDnsFacts            *facts,
                         PhIprevResult         *result,
                         const char           **name);

const char *ph_iprev_result_get_name (PhIprevResult result);

G_END_DECLS
