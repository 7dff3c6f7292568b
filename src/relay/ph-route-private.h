#pragma once

#include "ph-route.h"
#include "ph-sts-policy.h"

G_BEGIN_DECLS

/* What the files of PhRoute share: a search on its way, which is the data of its task.  ph-route.c begins it, ph-route-exchangers.c
 * finds the hosts, ph-route-addresses.c what to connect to.  Nobody else includes this. */

typedef struct
{
  guint preference;
  guint shuffle;
  char *name;
} PhRouteHost;

typedef struct
{
  PhSendContext    *context;
  PhJournalSession *journal;
  char             *domain;
  PhRelayTarget    *target; /* where the user has it go instead, or NULL */
  gboolean          tls_is_optional;
  guint16           port;
  char             *name; /* of that host, or the domain */
  PhAddressGuard   *guard;
  PhRoute          *route;
  GArray           *hosts; /* of PhRouteHost, in the order to be tried */
  guint             next_host;
  GPtrArray        *found[2]; /* addresses of the host at hand: IPv6, IPv4 */
  guint             n_pending;
  gboolean          is_implicit;  /* there is no MX record */
  gboolean          is_insecure;  /* an address of the host at hand is not proven by DNSSEC */
  char             *canonical;    /* its name behind CNAMEs */
  PhStsPolicy      *policy;       /* MTA-STS; NULL: none is in force */
  gboolean          had_stranger; /* a host was left out because the policy does not have it */
  gboolean          is_temporary; /* DNS failed in a way that may pass */
  gboolean          had_own;      /* an address was left out because it is ours */
  gboolean          had_any;      /* there were addresses at all */
} PhRouteSearch;

/* All but the first three take the task, which is over, or goes on by itself. */

void ph_route_search_add_host (PhRouteSearch *search,
                               const char    *name,
                               guint          preference);

/* S17; what the user has named may be anywhere. */
void ph_route_search_take_address (PhRouteSearch *search,
                                   const char    *host,
                                   const char    *address);

/* The addresses of the host at hand become stops. */
void ph_route_search_take_stops (PhRouteSearch *search,
                                 const char    *host,
                                 PhTlsa        *tlsa);

/* Why is marked with N_(): the note is translated, the reply is not.  Takes `task`. */
void ph_route_search_lead_nowhere (GTask           *task,
                                   PhSmtpResultKind kind,
                                   guint            code,
                                   const char      *enhanced,
                                   const char      *format,
                                   ...) G_GNUC_PRINTF (5, 6);
void ph_route_search_end (GTask *task);
void ph_route_search_look_up_exchangers (GTask *task);
void ph_route_search_look_up_next_host (GTask *task);

G_END_DECLS
