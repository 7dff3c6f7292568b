#pragma once

#include "ph-send-context.h"
#include "ph-tlsa.h"

G_BEGIN_DECLS

/* At most so many addresses are tried for one message (S16). */
#define PH_ROUTE_ADDRESSES_MAX 5

/* Of so many mail exchangers the addresses are looked up. */
#define PH_ROUTE_HOSTS_MAX 10

/* A place to connect to. */
typedef struct
{
  char    *host;            /* its name: for TLS, logs and reports */
  char    *address;         /* numeric */
  PhTlsa  *tlsa;            /* what DANE binds the host to; NULL where that does not apply */
  gboolean is_sts_enforced; /* the domain's MTA-STS policy has the host, and demands proof of its name */
  gboolean is_proven;       /* to be for the domain: the user has named it, or DNSSEC or MTA-STS says so (RFC 8689 section 4.2.1) */
} PhRouteStop;

/**
 * PhRoute:
 *
 * Where mail for a domain goes: addresses in the order in which they are to be tried, or why
 * there is none.  By MX records (RFC 5321 section 5.1), a domain's own addresses, an address
 * literal, or through a server of the user's choice.  A host about whose TLSA records DNS gives no answer that is proven
 * is left out (RFC 7672 section 2.2), and one that the domain's MTA-STS policy does not have, where that is enforced
 * and DANE does not speak for the host (RFC 8461 section 5).  Counted, immutable.
 */
typedef struct
{
  GPtrArray       *stops; /* of PhRouteStop; empty where `failure` is set */
  PhSmtpReply     *failure;
  PhSmtpResultKind kind;      /* of the failure */
  gboolean         is_proven; /* by DNSSEC: the hosts are those of the domain */
} PhRoute;

PhRoute *ph_route_ref (PhRoute *self);
void     ph_route_unref (PhRoute *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRoute, ph_route_unref)

/* What is looked for. */
typedef struct
{
  const char    *domain;          /* canonical ("example.org", "[192.0.2.1]"); NULL: all domains, by the target */
  PhRelayTarget *target;          /* the server of the user's choice that takes mail for it; NULL: MX hosts */
  gboolean       tls_is_optional; /* the sender wants nothing to be held to what the domain demands of TLS (RFC 8689 section 5) */
} PhRouteQuery;

/* Answers of DNS become lines of `journal`.  Never fails but by G_IO_ERROR_CANCELLED: a route that leads nowhere
 * says why. */
void     ph_route_find_async (PhSendContext      *context,
                              const PhRouteQuery *query,
                              PhJournalSession   *journal,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);
PhRoute *ph_route_find_finish (GAsyncResult *result,
                               GError      **error);

G_END_DECLS
