#include "ph-route-private.h"

#include "ph-sts-store.h"

#include <glib/gi18n-lib.h>
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

static void
host_clear (gpointer data)
{
  g_free (((PhRouteHost *)data)->name);
}

static void
search_free (gpointer data)
{
  PhRouteSearch *search = data;

  g_clear_object (&search->journal);
  g_clear_pointer (&search->target, ph_relay_target_unref);
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

void
ph_route_search_add_host (PhRouteSearch *search,
                          const char    *name,
                          guint          preference)
{
  PhRouteHost host = { preference, g_random_int (), g_strdup (name) };

  g_array_append_val (search->hosts, host);
}

static void
return_route (GTask *task) /* taken */
{
  PhRouteSearch *search = g_task_get_task_data (task);

  g_task_return_pointer (task, ph_route_ref (search->route), (GDestroyNotify)ph_route_unref);
  g_object_unref (task);
}

void
ph_route_search_lead_nowhere (GTask           *task, /* taken */
                              PhSmtpResultKind kind,
                              guint            code,
                              const char      *enhanced,
                              const char      *format,
                              ...)
{
  PhRouteSearch   *search = g_task_get_task_data (task);
  g_autofree char *text = NULL;
  va_list          args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  va_start (args, format);
  ph_journal_session_note_valist (search->journal, format, args);
  va_end (args);

  /* What the user has set wrong, the user can mend: mail waits for it. */
  search->route->kind = search->target != NULL || search->name == NULL ? PH_SMTP_RESULT_TEMPORARY : kind;
  search->route->failure = ph_smtp_reply_new (code, enhanced, "%s", text);
  return_route (task);
}

void
ph_route_search_end (GTask *task)
{
  PhRouteSearch *search = g_task_get_task_data (task);

  if (search->route->stops->len > 0)
    return_route (task);
  else if (search->is_temporary)
    /* Translators: a domain */
    ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, 451, "4.4.3", N_ ("The addresses of %s's mail servers could not be looked up"), search->domain);
  else if (search->had_stranger)
    /* Translators: a domain */
    ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, 451, "4.7.5", N_ ("The MTA-STS policy of %s has none of its mail servers"), search->domain);
  else if (search->had_own)
    /* Translators: a domain */
    ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_PERMANENT, 554, "5.4.6", N_ ("Mail for %s would come back to this server"), search->domain);
  else if (search->had_any)
    /* Translators: a domain */
    ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, 451, "4.4.1", N_ ("The mail servers of %s can't be reached from this computer's network"), search->domain);
  else
    /* Translators: a domain */
    ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_PERMANENT, 550, "5.4.4", N_ ("The mail servers of %s have no address"), search->domain);
}

/* Where it begins */

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
policy_found_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  GTask         *task = user_data;
  PhRouteSearch *search = g_task_get_task_data (task);

  search->policy = ph_sts_store_find_finish (PH_STS_STORE (source), result);
  ph_route_search_look_up_exchangers (task);
}

static void
begin_search (GTask *task)
{
  PhRouteSearch   *search = g_task_get_task_data (task);
  g_autofree char *literal = search->name != NULL ? parse_literal (search->name) : NULL;
  const char      *address = literal != NULL ? literal : search->name;

  if (search->name == NULL)
    ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, 451, "4.4.4", N_ ("No smarthost is set"));
  else if (literal != NULL || (search->target != NULL && g_hostname_is_ip_address (address)))
    {
      ph_route_search_take_address (search, address, address);
      ph_route_search_take_stops (search, address, NULL);
      ph_route_search_end (task);
    }
  else if (search->context->resolver == NULL)
    /* Translators: a domain */
    ph_route_search_lead_nowhere (task, PH_SMTP_RESULT_TEMPORARY, 451, "4.4.3", N_ ("There is no DNS to look up %s"), search->domain);
  else if (search->target != NULL)
    {
      ph_route_search_add_host (search, search->name, 0);
      ph_route_search_look_up_next_host (task);
    }
  else if (search->context->sts != NULL && !search->tls_is_optional && search->context->config->sts_port != 0)
    ph_sts_store_find_async (search->context->sts, search->domain, search->journal, NULL, policy_found_cb, task);
  else
    ph_route_search_look_up_exchangers (task);
}

void
ph_route_find_async (PhSendContext      *context,
                     const PhRouteQuery *query,
                     PhJournalSession   *journal,
                     GCancellable       *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer            user_data)
{
  GTask         *task = g_task_new (NULL, cancellable, callback, user_data);
  PhRouteSearch *search = g_new0 (PhRouteSearch, 1);

  g_task_set_task_data (task, search, search_free);
  search->context = context;
  g_set_object (&search->journal, journal);
  search->tls_is_optional = query->tls_is_optional;
  search->target = query->target != NULL ? ph_relay_target_ref (query->target) : NULL;
  search->port = ph_relay_config_get_port (context->config, query->target);
  search->name = g_strdup (query->target != NULL ? query->target->host : query->domain);
  search->domain = g_strdup (query->domain != NULL ? query->domain : search->name);
  search->guard = ph_address_guard_new ();
  search->route = route_new ();
  search->hosts = g_array_new (FALSE, FALSE, sizeof (PhRouteHost));
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
