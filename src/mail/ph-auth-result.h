#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of one message, and bytes of one result: the rest is left out. */
#define PH_AUTH_RESULTS_MAX 50
#define PH_AUTH_RESULT_LENGTH_MAX 1024

/**
 * PhAuthResult:
 *
 * What one method found of who sent a message, as it stands in an Authentication-Results field (RFC 8601
 * section 2.2), read leniently, without comments.  A plain struct, owned by whoever parsed it.
 */
typedef struct
{
  char *method;  /* lower case: "spf" */
  char *result;  /* lower case: "pass" */
  char *subject; /* the value of the first property, an address, domain or IP address; or NULL.  As written, maybe not UTF-8 */
} PhAuthResult;

/* Whether the unfolded value of a field says that the server `authserv` wrote it. */
gboolean ph_auth_result_is_by (const char *value,
                               const char *authserv);

/* Adds to `results` those in such a value, where that server wrote it: what others say proves nothing (section 4.1). */
void ph_auth_result_parse_field (const char *value,
                                 const char *authserv,
                                 GPtrArray  *results);

void ph_auth_result_free (PhAuthResult *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhAuthResult, ph_auth_result_free)

G_END_DECLS
