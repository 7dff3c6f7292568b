#include "ph-route.h"

#include "ph-dane-search.h"
#include "ph-sts-store.h"

#include <string.h>

static void
stop_free (gpointer data)
{
  PhRouteStop *stop = data;

  g_free (stop->host);
  g_free (stop->address);
  g_clear_pointer (&stop->tlsa, ph_tlsa_unref);
  g_free (stop);
}

static PhRoute *
route_new (void)
{
  PhRoute *self = g_rc_box_new0 (PhRoute);

  self->stops = g_ptr_array_new_with_free_func (stop_free);

  return self;
}

PhRoute *
ph_route_ref (PhRoute *self)
{
  return g_rc_box_acquire (self);
}

static void
route_clear (gpointer data)
{
  PhRoute *self = data;

  g_ptr_array_unref (self->stops);
  ph_smtp_reply_free (self->failure);
}

void
ph_route_unref (PhRoute *self)
{
  g_rc_box_release_full (self, route_clear);
}

/* A search */

typedef struct
{
  guint preference;
  guint shuffle;
  char *name;
} Host;

typedef struct
{
  PhSendContext    *context;
  PhJournalSession *journal;
  char             *domain;
  gboolean          is_smarthost;
  gboolean          tls_is_optional;
  guint16           port;
  gboolean          is_chosen; /* the user named the host: the smarthost, or the target of a rule */
  char             *name;      /* of that host, or the domain */
  PhAddressGuard   *guard;
  PhRoute          *route;
  GArray           *hosts; /* of Host, in the order to be tried */
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
} Search;

static void
host_clear (gpointer data)
{
  g_free (((Host *)data)->name);
}

static void
search_free (gpointer data)
{
  Search *search = data;

  g_clear_object (&search->journal);
  g_free (search->domain);
  g_free (search->name);
  g_free (search->canonical);
  g_clear_pointer (&search->policy, ph_sts_policy_unref);
  ph_address_guard_free (search->guard);
  ph_route_unref (search->route);
  g_array_unref (search->hosts);
  g_ptr_array_unref (search->found[0]);
  g_ptr_array_unref (search->found[1]);
  g_free (search);
}

/* Ends */

static void
return_route (GTask *task) /* taken */
{
  Search *search = g_task_get_task_data (task);

  g_task_return_pointer (task, ph_route_ref (search->route), (GDestroyNotify)ph_route_unref);
  g_object_unref (task);
}

static void
lead_nowhere (GTask           *task, /* taken */
              PhSmtpResultKind kind,
              PhSmtpReply     *why) /* taken */
{
  Search *search = g_task_get_task_data (task);

  /* What the user has set wrong, the user can mend: mail waits for it. */
  search->route->kind = search->is_chosen ? PH_SMTP_RESULT_TEMPORARY : kind;
  search->route->failure = why;
  ph_journal_session_note (search->journal, "%s", why->text);
  return_route (task);
}

static void
end_search (GTask *task)
{
  Search *search = g_task_get_task_data (task);

  if (search->route->stops->len > 0)
    return_route (task);
  else if (search->is_temporary)
    lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_new (451, "4.4.3", "The addresses of %s's mail servers could not be looked up", search->domain));
  else if (search->had_stranger)
    lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_new (451, "4.7.5", "The MTA-STS policy of %s has none of its mail servers", search->domain));
  else if (search->had_own)
    lead_nowhere (task, PH_SMTP_RESULT_PERMANENT, ph_smtp_reply_new (554, "5.4.6", "Mail for %s would come back to this server", search->domain));
  else if (search->had_any)
    lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_new (451, "4.4.1", "The mail servers of %s can't be reached from this computer's network", search->domain));
  else
    lead_nowhere (task, PH_SMTP_RESULT_PERMANENT, ph_smtp_reply_new (550, "5.4.4", "The mail servers of %s have no address", search->domain));
}

/* Addresses */

static void
add_stop (Search     *search,
          const char *host,
          const char *address,
          PhTlsa     *tlsa)
{
  PhRouteStop *stop = g_new (PhRouteStop, 1);

  stop->tlsa = tlsa != NULL ? ph_tlsa_ref (tlsa) : NULL;
  stop->is_sts_enforced = search->policy != NULL && search->policy->mode == PH_STS_ENFORCE;
  stop->host = g_strdup (host);
  stop->address = g_strdup (address);
  g_ptr_array_add (search->route->stops, stop);
}

/* S17; the smarthost is the user's own choice and may be anywhere. */
static void
take_address (Search     *search,
              const char *host,
              const char *address)
{
  gboolean         is_ipv6 = strchr (address, ':') != NULL;
  PhAddressVerdict verdict = search->is_chosen ? PH_ADDRESS_FINE : ph_address_guard_check (search->guard, address, search->context->config->allow_loopback);

  search->had_any = TRUE;
  if (verdict == PH_ADDRESS_FINE)
    g_ptr_array_add (search->found[is_ipv6 ? 0 : 1], g_strdup (address));
  else if (verdict == PH_ADDRESS_OWN)
    {
      search->had_own = TRUE;
      ph_journal_session_note (search->journal, "%s at %s is this computer: left out", host, address);
    }
  else
    ph_journal_session_note (search->journal, "%s at %s %s: left out", host, address,
                             verdict == PH_ADDRESS_FORBIDDEN ? "can be no mail server" : "can't be reached from here");
}

/* One of each family in turn, so that the one that does not work holds up the other once only. */
static void
interleave (Search     *search,
            const char *host,
            PhTlsa     *tlsa)
{
  guint n = MAX (search->found[0]->len, search->found[1]->len);

  for (guint i = 0; i < n; i++)
    for (guint family = 0; family < G_N_ELEMENTS (search->found); family++)
      if (i < search->found[family]->len && search->route->stops->len < PH_ROUTE_ADDRESSES_MAX)
        add_stop (search, host, search->found[family]->pdata[i], tlsa);
}

static void look_up_next_host (GTask *task);

static const char *
get_host (Search *search)
{
  return g_array_index (search->hosts, Host, search->next_host).name;
}

static void
go_to_next_host (GTask *task)
{
  Search *search = g_task_get_task_data (task);

  g_ptr_array_set_size (search->found[0], 0);
  g_ptr_array_set_size (search->found[1], 0);
  search->is_insecure = FALSE;
  g_clear_pointer (&search->canonical, g_free);
  search->next_host++;
  look_up_next_host (task);
}

/* RFC 8461 section 5; DANE, where it speaks for the host, takes its place (section 2). */
static void
take_host (Search *search,
           PhTlsa *tlsa)
{
  const char *host = get_host (search);
  gboolean    is_stranger = tlsa == NULL && search->policy != NULL && search->policy->mode != PH_STS_NONE && !ph_sts_policy_has_host (search->policy, host);
  gboolean    is_enforced = is_stranger && search->policy->mode == PH_STS_ENFORCE;

  if (is_stranger)
    ph_journal_session_note (search->journal, "MTA-STS: the policy of %s does not have %s%s", search->domain, host, is_enforced ? ": left out" : "; it is in testing");
  if (is_enforced)
    search->had_stranger = TRUE;
  else
    interleave (search, host, tlsa);
}

static void
dane_found_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  GTask  *task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhTlsa) tlsa = ph_dane_search_finish (result, &error);

  if (error == NULL)
    take_host (search, tlsa);
  else
    search->is_temporary = TRUE;
  go_to_next_host (task);
}

/* DANE binds hosts that are proven to be the domain's, or that the user has named; not where the user has laid down what
 * the smarthost is to prove. */
static gboolean
may_have_dane (Search *search)
{
  return search->found[0]->len + search->found[1]->len > 0 && !search->tls_is_optional &&
         (search->is_chosen ? !search->is_smarthost || search->context->config->smarthost_tls == PH_SMTP_TLS_OPPORTUNISTIC : search->route->is_proven);
}

static void
look_for_dane (GTask *task)
{
  Search    *search = g_task_get_task_data (task);
  PhDaneHost host = { get_host (search), search->canonical, !search->is_insecure, search->port, search->is_chosen ? search->name : search->domain };

  if (may_have_dane (search))
    {
      ph_dane_search_async (search->context->resolver, &host, search->journal, g_task_get_cancellable (task), dane_found_cb, task);
      return;
    }

  take_host (search, NULL);
  go_to_next_host (task);
}

static void
take_answer (Search            *search,
             const PhDnsAnswer *answer)
{
  const char *host = get_host (search);

  for (guint i = 0; i < answer->records->len; i++)
    {
      ph_journal_session_note (search->journal, "DNS: %s has the address %s", host, ph_dns_answer_get (answer, i)->name);
      take_address (search, host, ph_dns_answer_get (answer, i)->name);
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
  GTask  *task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhDnsAnswer) answer = ph_resolver_lookup_finish (PH_RESOLVER (source), result, &error);

  if (answer != NULL)
    take_answer (search, answer);
  if (g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_TEMPORARY))
    {
      search->is_temporary = TRUE;
      ph_journal_session_note (search->journal, "DNS: %s", error->message);
    }
  else if (error != NULL && !g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_NO_DATA))
    ph_journal_session_note (search->journal, "DNS: %s", error->message);

  if (--search->n_pending == 0)
    look_for_dane (task);
}

static void
look_up_next_host (GTask *task)
{
  Search       *search = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  const char   *host;

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }
  if (search->next_host == MIN (search->hosts->len, PH_ROUTE_HOSTS_MAX) || search->route->stops->len >= PH_ROUTE_ADDRESSES_MAX)
    {
      end_search (task);
      return;
    }

  host = get_host (search);
  search->n_pending = 2;
  ph_resolver_lookup_async (search->context->resolver, PH_DNS_AAAA, host, cancellable, address_found_cb, task);
  ph_resolver_lookup_async (search->context->resolver, PH_DNS_A, host, cancellable, address_found_cb, task);
}

/* Mail exchangers */

static void
add_host (Search     *search,
          const char *name,
          guint       preference)
{
  Host host = { preference, g_random_int (), g_strdup (name) };

  g_array_append_val (search->hosts, host);
}

static int
compare_hosts (gconstpointer a,
               gconstpointer b)
{
  const Host *left = a, *right = b;

  if (left->preference != right->preference)
    return left->preference < right->preference ? -1 : 1;

  return left->shuffle < right->shuffle ? -1 : left->shuffle > right->shuffle;
}

/* RFC 5321 section 5.1: a host that finds itself in the list must not use those that are no
 * better than itself.  TRUE where somebody is left. */
static gboolean
drop_self_and_worse (Search *search)
{
  guint best_self = G_MAXUINT;

  for (guint i = 0; i < search->hosts->len; i++)
    {
      const Host *host = &g_array_index (search->hosts, Host, i);

      if (g_ascii_strcasecmp (host->name, search->context->config->host_name) == 0)
        best_self = MIN (best_self, host->preference);
    }

  for (guint i = search->hosts->len; i > 0; i--)
    if (g_array_index (search->hosts, Host, i - 1).preference >= best_self)
      g_array_remove_index (search->hosts, i - 1);

  return search->hosts->len > 0;
}

static void
note_hosts (Search *search)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < search->hosts->len && i < PH_ROUTE_HOSTS_MAX; i++)
    {
      const Host *host = &g_array_index (search->hosts, Host, i);

      g_string_append_printf (text, "%s%s (%u)", i > 0 ? ", " : "", host->name, host->preference);
    }
  if (search->hosts->len > PH_ROUTE_HOSTS_MAX)
    g_string_append_printf (text, " and %u more", search->hosts->len - PH_ROUTE_HOSTS_MAX);
  ph_journal_session_note (search->journal, "DNS: mail for %s goes to %s", search->domain, text->str);
}

static void
use_exchangers (GTask             *task,
                const PhDnsAnswer *answer)
{
  Search *search = g_task_get_task_data (task);

  for (guint i = 0; i < answer->records->len; i++)
    {
      const PhDnsRecord *record = ph_dns_answer_get (answer, i);

      if (*record->name != '\0')
        add_host (search, record->name, record->preference);
    }

  if (search->hosts->len == 0)
    {
      /* RFC 7505 */
      lead_nowhere (task, PH_SMTP_RESULT_PERMANENT, ph_smtp_reply_new (556, "5.1.10", "%s takes no mail at all (null MX)", search->domain));
      return;
    }

  g_array_sort (search->hosts, compare_hosts);
  note_hosts (search);
  if (drop_self_and_worse (search))
    look_up_next_host (task);
  else
    lead_nowhere (task, PH_SMTP_RESULT_PERMANENT, ph_smtp_reply_new (554, "5.4.6", "Mail for %s would come back to this server", search->domain));
}

static void
exchangers_found_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  GTask  *task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhDnsAnswer) answer = ph_resolver_lookup_finish (PH_RESOLVER (source), result, &error);

  if (answer != NULL)
    {
      search->route->is_proven = answer->is_secure;
      use_exchangers (task, answer);
      return;
    }

  if (g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_NO_DATA))
    {
      ph_journal_session_note (search->journal, "DNS: %s has no MX record: its own address counts", search->domain);
      search->is_implicit = search->route->is_proven = TRUE; /* as far as its address is */
      add_host (search, search->domain, 0);
      look_up_next_host (task);
    }
  else if (g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_NOT_FOUND))
    lead_nowhere (task, PH_SMTP_RESULT_PERMANENT, ph_smtp_reply_new (550, "5.1.2", "The domain %s does not exist", search->domain));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
    }
  else
    lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_new (451, "4.4.3", "Looking up %s failed: %s", search->domain, error->message));
}

/* "192.0.2.1" of "[192.0.2.1]", "2001:db8::1" of "[IPv6:2001:db8::1]"; NULL for a name. */
static char *
parse_literal (const char *domain)
{
  const char *start = domain + 1;
  gsize       length = strlen (domain);

  if (domain[0] != '[' || domain[length - 1] != ']')
    return NULL;
  if (g_ascii_strncasecmp (start, "IPv6:", strlen ("IPv6:")) == 0)
    start += strlen ("IPv6:");

  return g_strndup (start, (gsize)(domain + length - 1 - start));
}

static void
look_up_exchangers (GTask *task)
{
  Search *search = g_task_get_task_data (task);

  ph_resolver_lookup_async (search->context->resolver, PH_DNS_MX, search->domain, g_task_get_cancellable (task), exchangers_found_cb, task);
}

static void
policy_found_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  GTask  *task = user_data;
  Search *search = g_task_get_task_data (task);

  search->policy = ph_sts_store_find_finish (PH_STS_STORE (source), result);
  look_up_exchangers (task);
}

static void
begin_search (GTask *task)
{
  Search          *search = g_task_get_task_data (task);
  g_autofree char *literal = search->name != NULL ? parse_literal (search->name) : NULL;
  const char      *address = literal != NULL ? literal : search->name;

  if (search->name == NULL)
    lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_new (451, "4.4.4", "No smarthost is set"));
  else if (literal != NULL || (search->is_chosen && g_hostname_is_ip_address (address)))
    {
      take_address (search, address, address);
      interleave (search, address, NULL);
      end_search (task);
    }
  else if (search->context->resolver == NULL)
    lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_new (451, "4.4.3", "There is no DNS to look up %s", search->domain));
  else if (search->is_chosen)
    {
      add_host (search, search->name, 0);
      look_up_next_host (task);
    }
  else if (search->context->sts != NULL && !search->tls_is_optional && search->context->config->sts_port != 0)
    ph_sts_store_find_async (search->context->sts, search->domain, search->journal, NULL, policy_found_cb, task);
  else
    look_up_exchangers (task);
}

void
ph_route_find_async (PhSendContext      *context,
                     const PhRouteQuery *query,
                     PhJournalSession   *journal,
                     GCancellable       *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer            user_data)
{
  GTask               *task = g_task_new (NULL, cancellable, callback, user_data);
  Search              *search = g_new0 (Search, 1);
  const char          *domain = query->domain;
  const PhRelayTarget *target = query->via != NULL ? query->via : ph_relay_config_find_route (context->config, domain);

  g_task_set_task_data (task, search, search_free);
  search->context = context;
  g_set_object (&search->journal, journal);
  search->tls_is_optional = query->tls_is_optional;
  search->is_smarthost = domain == NULL;
  search->port = ph_relay_config_get_port (context->config, domain, query->via);
  search->is_chosen = domain == NULL || target != NULL;
  search->domain = g_strdup (domain != NULL ? domain : context->config->smarthost);
  search->name = g_strdup (target != NULL ? target->host : search->domain);
  search->guard = ph_address_guard_new ();
  search->route = route_new ();
  search->hosts = g_array_new (FALSE, FALSE, sizeof (Host));
  g_array_set_clear_func (search->hosts, host_clear);
  search->found[0] = g_ptr_array_new_with_free_func (g_free);
  search->found[1] = g_ptr_array_new_with_free_func (g_free);
  begin_search (task);
}

PhRoute *
ph_route_find_finish (GAsyncResult *result,
                      GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
