/* How a search for a route finds the mail exchangers of a domain, and in which order they are tried (RFC 5321 section 5.1, S16). */

#include "ph-route-private.h"

#include <glib/gi18n-lib.h>

static int
compare_hosts (gconstpointer a,
               gconstpointer b)
{
  const PhRouteHost *left = a, *right = b;

  if (left->preference != right->preference)
    return left->preference < right->preference ? -1 : 1;

  return left->shuffle < right->shuffle ? -1 : left->shuffle > right->shuffle;
}

/* RFC 5321 section 5.1: a host that finds itself in the list must not use those that are no
 * better than itself.  TRUE where somebody is left. */
static gboolean
drop_self_and_worse (PhRouteSearch *search)
{
  guint best_self = G_MAXUINT;

  for (guint i = 0; i < search->hosts->len; i++)
    {
      const PhRouteHost *host = &g_array_index (search->hosts, PhRouteHost, i);

      if (g_ascii_strcasecmp (host->name, search->context->config->host_name) == 0)
        best_self = MIN (best_self, host->preference);
    }

  for (guint i = search->hosts->len; i > 0; i--)
    if (g_array_index (search->hosts, PhRouteHost, i - 1).preference >= best_self)
      g_array_remove_index (search->hosts, i - 1);

  return search->hosts->len > 0;
}

/* Where DANE is not used, the transcript says whose lack that is. */
static void
note_proof (PhRouteSearch     *search,
            const PhDnsAnswer *answer)
{
  if (!answer->is_secure && ph_resolver_lacks_proof (search->context->resolver))
    /* Translators: a domain */
    ph_journal_session_note (search->journal, N_ ("DNS: the name server passes on no signatures: whether %s has DANE is not known, and it is not used"), search->domain);
}

static void
note_hosts (PhRouteSearch *search)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_more = search->hosts->len - MIN (search->hosts->len, PH_ROUTE_HOSTS_MAX);

  for (guint i = 0; i < search->hosts->len && i < PH_ROUTE_HOSTS_MAX; i++)
    {
      const PhRouteHost *host = &g_array_index (search->hosts, PhRouteHost, i);

      g_string_append_printf (text, "%s%s (%u)", i > 0 ? ", " : "", host->name, host->preference);
    }
  if (n_more > 0)
    /* Translators: a domain, the hosts to which its mail goes, and how many there are besides */
    ph_journal_session_note (search->journal, ngettext ("DNS: mail for %s goes to %s and %u more", "DNS: mail for %s goes to %s and %u more", n_more), search->domain, text->str, n_more);
  else
    /* Translators: a domain, and the hosts to which its mail goes */
    ph_journal_session_note (search->journal, N_ ("DNS: mail for %s goes to %s"), search->domain, text->str);
}

static void
use_exchangers (GTask             *task,
                const PhDnsAnswer *answer)
{
  PhRouteSearch *search = g_task_get_task_data (task);

  for (guint i = 0; i < answer->records->len; i++)
    {
      const PhDnsRecord *record = ph_dns_answer_get (answer, i);

      if (*record->name != '\0')
        ph_route_search_add_host (search, record->name, record->preference);
    }

  if (search->hosts->len == 0)
    {
      /* RFC 7505 */
      /* Translators: a domain */
      ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_PERMANENT, 556, "5.1.10", N_ ("%s takes no mail at all (null MX)"), search->domain);
      return;
    }

  g_array_sort (search->hosts, compare_hosts);
  note_hosts (search);
  if (drop_self_and_worse (search))
    ph_route_search_look_up_next_host (task);
  else
    /* Translators: a domain */
    ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_PERMANENT, 554, "5.4.6", N_ ("Mail for %s would come back to this server"), search->domain);
}

static void
exchangers_found_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  GTask         *task = user_data;
  PhRouteSearch *search = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhDnsAnswer) answer = ph_resolver_lookup_finish (PH_RESOLVER (source), result, &error);

  if (answer != NULL)
    {
      search->route->is_proven = answer->is_secure;
      note_proof (search, answer);
      use_exchangers (task, answer);
      return;
    }

  if (g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_NO_DATA))
    {
      /* Translators: a domain */
      ph_journal_session_note (search->journal, N_ ("DNS: %s has no MX record: its own address counts"), search->domain);
      search->is_implicit = search->route->is_proven = TRUE; /* as far as its address is */
      ph_route_search_add_host (search, search->domain, 0);
      ph_route_search_look_up_next_host (task);
    }
  else if (g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_NOT_FOUND))
    /* Translators: a domain */
    ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_PERMANENT, 550, "5.1.2", N_ ("The domain %s does not exist"), search->domain);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
    }
  else
    /* Translators: a domain, and why */
    ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, 451, "4.4.3", N_ ("Looking up %s failed: %s"), search->domain, error->message);
}

void
ph_route_search_look_up_exchangers (GTask *task)
{
  PhRouteSearch *search = g_task_get_task_data (task);

  ph_resolver_lookup_async (search->context->resolver, PH_DNS_MX, search->domain, g_task_get_cancellable (task), exchangers_found_cb, task);
}
