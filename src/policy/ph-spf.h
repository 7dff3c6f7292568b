#pragma once

#include "ph-dns-facts.h"
#include "ph-reason.h"

G_BEGIN_DECLS

/* RFC 7208 section 2.6. */
typedef enum {
  PH_SPF_NONE,
  PH_SPF_NEUTRAL,
  PH_SPF_PASS,
  PH_SPF_FAIL,
  PH_SPF_SOFTFAIL,
  PH_SPF_TEMPERROR,
  PH_SPF_PERMERROR,
} PhSpfResult;

/* RFC 7208 section 4.6.4. */
#define PH_SPF_LOOKUPS_MAX 10
#define PH_SPF_VOID_LOOKUPS_MAX 2
#define PH_SPF_HOSTS_MAX 10 /* of one MX or PTR */

/* Who sent from where.  All borrowed. */
typedef struct
{
  const char *address;  /* of the client, in figures; an IPv4 address mapped into IPv6 is IPv4 */
  const char *sender;   /* of MAIL FROM, canonical; "" is the null sender: then HELO is judged */
  const char *helo;     /* as it was said, or NULL */
  const char *receiver; /* our name, for %{r}; or NULL */
  gint64      now;      /* seconds, for %{t} */
} PhSpfQuery;

/**
 * PhSpfOutcome:
 *
 * What check_host() found (RFC 7208 section 4), with what a person wants to know about it.  A plain struct; clear it.
 */
typedef struct
{
  PhSpfResult result;
  gboolean    is_helo;     /* HELO was judged, not MAIL FROM */
  char       *domain;      /* that was judged; NULL where there was none */
  PhReason    because;     /* the mechanism that matched, or the error */
  char       *explanation; /* of the domain's owner, printable ASCII; or NULL */
} PhSpfOutcome;

void ph_spf_outcome_clear (PhSpfOutcome *self);

/* FALSE while an answer is missing in `facts`: ask, and call again.  *outcome is set with TRUE. */
gboolean ph_spf_check (const PhSpfQuery *query,
                       PhDnsFacts       *facts,
                       PhSpfOutcome     *outcome);

/* "pass", "softfail" … */
const char *ph_spf_result_get_name (PhSpfResult result);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhSpfOutcome, ph_spf_outcome_clear)

G_END_DECLS
