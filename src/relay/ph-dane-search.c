#include "ph-dane-search.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  PhResolver       *resolver;
  PhJournalSession *journal;
  char             *host;
  char             *domain;
  char             *names[2]; /* whose records are looked up, in this order */
  guint             next;
  guint16           port;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_object_unref (search->resolver);
  g_clear_object (&search->journal);
  g_free (search->host);
  g_free (search->domain);
  g_free (search->names[0]);
  g_free (search->names[1]);
  g_free (search);
}

static void look_up_next (GTask *task);

static PhTlsa *
make_tlsa (Search            *search,
           const char        *name,
           const PhDnsAnswer *answer)
{
  const char *names[] = { name, search->host, search->domain, NULL };
  PhTlsa     *tlsa = ph_tlsa_new (answer, names);
  guint       n = answer->records->len;

  if (ph_tlsa_is_usable (tlsa))
    /* Translators: a port, a host and a number of records; “_%u._tcp.%s” is a name in DNS */
    ph_journal_session_note (search->journal, ngettext ("DNS: _%u._tcp.%s has %u TLSA record, proven by DNSSEC", "DNS: _%u._tcp.%s has %u TLSA records, proven by DNSSEC", n), search->port, name, n);
  else
    /* Translators: a port, a host and a number of records; “_%u._tcp.%s” is a name in DNS */
    ph_journal_session_note (search->journal, ngettext ("DNS: _%u._tcp.%s has %u TLSA record, proven by DNSSEC, that can’t be used", "DNS: _%u._tcp.%s has %u TLSA records, proven by DNSSEC; none can be used", n), search->port, name, n);

  return tlsa;
}

static gboolean
is_denial (const GError *error)
{
  return g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_NO_DATA) || g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_NOT_FOUND);
}

static void
fail (GTask  *task,
      GError *error) /* taken */
{
  Search          *search = g_task_get_task_data (task);
  g_autofree char *why = ph_resolver_explain (error);

  /* Translators: a host, and why */
  ph_journal_session_note (search->journal, N_ ("DNS: whether %s has TLSA records is not known: %s"), search->host, why);
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
records_found_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  GTask  *task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhDnsAnswer) answer = ph_resolver_lookup_finish (PH_RESOLVER (source), result, &error);

  if (answer != NULL && answer->is_secure)
    {
      g_task_return_pointer (task, make_tlsa (search, search->names[search->next], answer), (GDestroyNotify)ph_tlsa_unref);
      g_object_unref (task);
    }
  else if (answer != NULL || is_denial (error))
    {
      search->next++;
      look_up_next (task);
    }
  else
    fail (task, g_steal_pointer (&error));
}

static void
look_up_next (GTask *task)
{
  Search          *search = g_task_get_task_data (task);
  g_autofree char *name = NULL;

  if (search->next == G_N_ELEMENTS (search->names) || search->names[search->next] == NULL)
    {
      g_task_return_pointer (task, NULL, NULL);
      g_object_unref (task);
      return;
    }

  name = g_strdup_printf ("_%u._tcp.%s", search->port, search->names[search->next]);
  ph_resolver_lookup_async (search->resolver, PH_DNS_TLSA, name, g_task_get_cancellable (task), records_found_cb, task);
}

/* An alias that is proven may lead to a zone that is not signed: the host's own name then counts. */
static void
alias_found_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  GTask  *task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhDnsAnswer) answer = ph_resolver_lookup_finish (PH_RESOLVER (source), result, &error);

  if (answer != NULL && answer->is_secure)
    search->names[0] = g_strdup (search->host);
  if (answer != NULL || is_denial (error))
    look_up_next (task);
  else
    fail (task, g_steal_pointer (&error));
}

void
ph_dane_search_async (PhResolver         *resolver,
                      const PhDaneHost   *host,
                      PhJournalSession   *journal,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            user_data)
{
  GTask  *task = g_task_new (NULL, cancellable, callback, user_data);
  Search *search = g_new0 (Search, 1);

  g_task_set_source_tag (task, ph_dane_search_async);
  g_task_set_task_data (task, search, search_free);
  search->resolver = g_object_ref (resolver);
  g_set_object (&search->journal, journal);
  search->host = g_strdup (host->host);
  search->domain = g_strdup (host->domain);
  search->port = host->port;

  if (!host->is_secure && host->canonical != NULL)
    {
      ph_resolver_lookup_async (resolver, PH_DNS_CNAME, host->host, cancellable, alias_found_cb, task);
      return;
    }
  if (host->is_secure)
    {
      search->names[0] = g_strdup (host->canonical != NULL ? host->canonical : host->host);
      search->names[1] = host->canonical != NULL ? g_strdup (host->host) : NULL;
    }
  look_up_next (task);
}

PhTlsa *
ph_dane_search_finish (GAsyncResult *result,
                       GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
