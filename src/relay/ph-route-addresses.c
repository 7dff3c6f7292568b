/* How a search for a route goes from hosts to addresses, and learns what is demanded of each: by MTA-STS and DANE. */

#include "ph-route-private.h"

#include "ph-dane-search.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Without MX records the host is the domain, whose name the certificate has to prove. */
static gboolean
is_proven (PhRouteSearch *search,
           const char    *host)
{
  gboolean is_by_sts = search->policy != NULL && search->policy->mode != PH_STS_NONE && ph_sts_policy_has_host (search->policy, host);

  return search->target != NULL || search->hosts->len == 0 || search->is_implicit || search->route->is_proven || is_by_sts;
}

static void
add_stop (PhRouteSearch *search,
          const char    *host,
          const char    *address,
          PhTlsa        *tlsa)
{
  PhRouteStop *stop = g_new (PhRouteStop, 1);

  stop->tlsa = tlsa != NULL ? ph_tlsa_ref (tlsa) : NULL;
  stop->is_sts_enforced = search->policy != NULL && search->policy->mode == PH_STS_ENFORCE;
  stop->is_proven = is_proven (search, host);
  stop->host = g_strdup (host);
  stop->address = g_strdup (address);
  g_ptr_array_add (search->route->stops, stop);
}

static void
note_dns_failure (PhRouteSearch *search,
                  const GError  *error)
{
  g_autofree char *why = ph_resolver_explain (error);

  ph_journal_session_note (search->journal, "DNS: %s", why);
}

void
ph_route_search_take_address (PhRouteSearch *search,
                              const char    *host,
                              const char    *address)
{
  gboolean         is_ipv6 = strchr (address, ':') != NULL;
  PhAddressVerdict verdict = search->target != NULL ? PH_ADDRESS_FINE : ph_address_guard_check (search->guard, address, search->context->config->allow_loopback);

  search->had_any = TRUE;
  if (verdict == PH_ADDRESS_FINE)
    g_ptr_array_add (search->found[is_ipv6 ? 0 : 1], g_strdup (address));
  else if (verdict == PH_ADDRESS_OWN)
    {
      search->had_own = TRUE;
      /* Translators: a host and its address */
      ph_journal_session_note (search->journal, N_ ("%s at %s is this computer: left out"), host, address);
    }
  else if (verdict == PH_ADDRESS_FORBIDDEN)
    /* Translators: a host and its address */
    ph_journal_session_note (search->journal, N_ ("%s at %s can be no mail server: left out"), host, address);
  else
    /* Translators: a host and its address */
    ph_journal_session_note (search->journal, N_ ("%s at %s can’t be reached from here: left out"), host, address);
}

/* One of each family in turn, so that the one that does not work holds up the other once only. */
void
ph_route_search_take_stops (PhRouteSearch *search,
                            const char    *host,
                            PhTlsa        *tlsa)
{
  guint n = MAX (search->found[0]->len, search->found[1]->len);

  for (guint i = 0; i < n; i++)
    for (guint family = 0; family < G_N_ELEMENTS (search->found); family++)
      if (i < search->found[family]->len && search->route->stops->len < PH_ROUTE_ADDRESSES_MAX)
        add_stop (search, host, search->found[family]->pdata[i], tlsa);
}

static const char *
get_host (PhRouteSearch *search)
{
  return g_array_index (search->hosts, PhRouteHost, search->next_host).name;
}

static void
go_to_next_host (GTask *task)
{
  PhRouteSearch *search = g_task_get_task_data (task);

  g_ptr_array_set_size (search->found[0], 0);
  g_ptr_array_set_size (search->found[1], 0);
  search->is_insecure = FALSE;
  g_clear_pointer (&search->canonical, g_free);
  search->next_host++;
  ph_route_search_look_up_next_host (task);
}

/* RFC 8461 section 5; DANE, where it speaks for the host, takes its place (section 2). */
static void
take_host (PhRouteSearch *search,
           PhTlsa        *tlsa)
{
  const char *host = get_host (search);
  gboolean    is_stranger = tlsa == NULL && search->policy != NULL && search->policy->mode != PH_STS_NONE && !ph_sts_policy_has_host (search->policy, host);
  gboolean    is_enforced = is_stranger && search->policy->mode == PH_STS_ENFORCE;

  if (is_stranger && is_enforced)
    /* Translators: a domain and a host */
    ph_journal_session_note (search->journal, N_ ("MTA-STS: the policy of %s does not have %s: left out"), search->domain, host);
  else if (is_stranger)
    /* Translators: a domain and a host */
    ph_journal_session_note (search->journal, N_ ("MTA-STS: the policy of %s does not have %s; it is in testing"), search->domain, host);
  if (is_enforced)
    search->had_stranger = TRUE;
  else
    ph_route_search_take_stops (search, host, tlsa);
}

static void
dane_found_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  GTask         *task = user_data;
  PhRouteSearch *search = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhTlsa) tlsa = ph_dane_search_finish (result, &error);

  if (error == NULL)
    take_host (search, tlsa);
  else
    search->is_temporary = TRUE;
  go_to_next_host (task);
}

/* DANE binds hosts that are proven to be the domain's, or that the user has named; not where the user has laid down what
 * such a host is to prove. */
static gboolean
may_have_dane (PhRouteSearch *search)
{
  return search->found[0]->len + search->found[1]->len > 0 && !search->tls_is_optional &&
         (search->target != NULL ? search->target->tls == PH_SMTP_TLS_OPPORTUNISTIC : search->route->is_proven);
}

static void
look_for_dane (GTask *task)
{
  PhRouteSearch *search = g_task_get_task_data (task);
  PhDaneHost     host = { get_host (search), search->canonical, !search->is_insecure, search->port, search->target != NULL ? search->name : search->domain };

  if (may_have_dane (search))
    {
      ph_dane_search_async (search->context->resolver, &host, search->journal, g_task_get_cancellable (task), dane_found_cb, task);
      return;
    }

  take_host (search, NULL);
  go_to_next_host (task);
}

static void
take_answer (PhRouteSearch     *search,
             const PhDnsAnswer *answer)
{
  const char *host = get_host (search);

  for (guint i = 0; i < answer->records->len; i++)
    {
      /* Translators: a host and its address */
      ph_journal_session_note (search->journal, N_ ("DNS: %s has the address %s"), host, ph_dns_answer_get (answer, i)->name);
      ph_route_search_take_address (search, host, ph_dns_answer_get (answer, i)->name);
    }
  if (!answer->is_secure)
    {
      search->is_insecure = TRUE;
      search->route->is_proven &= !search->is_implicit;
    }
  if (search->canonical == NULL)
    search->canonical = g_strdup (answer->canonical);
}

static void
address_found_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  GTask         *task = user_data;
  PhRouteSearch *search = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhDnsAnswer) answer = ph_resolver_lookup_finish (PH_RESOLVER (source), result, &error);

  if (answer != NULL)
    take_answer (search, answer);
  if (g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_TEMPORARY))
    {
      search->is_temporary = TRUE;
      note_dns_failure (search, error);
    }
  else if (error != NULL && !g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_NO_DATA))
    note_dns_failure (search, error);

  if (--search->n_pending == 0)
    look_for_dane (task);
}

void
ph_route_search_look_up_next_host (GTask *task)
{
  PhRouteSearch *search = g_task_get_task_data (task);
  GCancellable  *cancellable = g_task_get_cancellable (task);
  const char    *host;

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }
  if (search->next_host == MIN (search->hosts->len, PH_ROUTE_HOSTS_MAX) || search->route->stops->len >= PH_ROUTE_ADDRESSES_MAX)
    {
      ph_route_search_end (task);
      return;
    }

  host = get_host (search);
  search->n_pending = 2;
  ph_resolver_lookup_async (search->context->resolver, PH_DNS_AAAA, host, cancellable, address_found_cb, task);
  ph_resolver_lookup_async (search->context->resolver, PH_DNS_A, host, cancellable, address_found_cb, task);
}
