#include "ph-sts-store.h"

#include "ph-sts-fetch.h"
#include "ph-sts-file.h"

#include <glib/gi18n-lib.h>

/* Policies that are fetched at once. */
#define FETCHES_MAX 4

/* What is known of a domain. */
typedef struct
{
  PhStsStore *store;
  char       *domain;
  gboolean    is_read; /* from its file */

  PhStsPolicy *policy; /* NULL: none */
  char        *id;
  gint64       fetched; /* seconds since 1970 */

  gint64 checked; /* µs, monotonic: DNS was asked; 0: never */
  gint64 failed;  /* likewise: it could not be fetched */
  char  *trouble; /* why, for the transcript */

  gboolean      is_busy;
  GQueue        waiting; /* of GTask, owned */
  char         *new_id;  /* while it is fetched */
  GPtrArray    *addresses;
  guint         n_lookups;
  GCancellable *cancellable;
  PhDeadline    deadline;
} Domain;

struct _PhStsStore
{
  GObject parent_instance;

  PhSendContext *context; /* NULL once it is stopped */
  GHashTable    *domains; /* name → Domain, owned */
  PhPoller      *poller;
  PhWorkerPool  *fetchers;
  PhWorkerPool  *files;
};

G_DEFINE_FINAL_TYPE (PhStsStore, ph_sts_store, G_TYPE_OBJECT)

static void
domain_free (gpointer data)
{
  Domain *domain = data;

  g_free (domain->domain);
  g_clear_pointer (&domain->policy, ph_sts_policy_unref);
  g_free (domain->id);
  g_free (domain->new_id);
  g_free (domain->trouble);
  g_clear_pointer (&domain->addresses, g_ptr_array_unref);
  g_clear_object (&domain->cancellable);
  g_free (domain);
}

static void
ph_sts_store_finalize (GObject *object)
{
  PhStsStore *self = PH_STS_STORE (object);

  g_hash_table_unref (self->domains);
  g_clear_object (&self->fetchers);
  g_clear_object (&self->files);
  g_object_unref (self->poller);

  G_OBJECT_CLASS (ph_sts_store_parent_class)->finalize (object);
}

static void
ph_sts_store_class_init (PhStsStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_sts_store_finalize;
}

static void
ph_sts_store_init (PhStsStore *self)
{
  self->domains = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, domain_free);
  self->fetchers = ph_worker_pool_new ("policies", FETCHES_MAX);
  self->files = ph_worker_pool_new ("policy files", 1);
}

PhStsStore *
ph_sts_store_new (PhSendContext *context)
{
  PhStsStore *self = g_object_new (PH_TYPE_STS_STORE, NULL);

  self->context = context;
  self->poller = g_object_ref (context->poller);

  return self;
}

static gint64
get_now (PhStsStore *self)
{
  return ph_clock_get_real_time (ph_poller_get_clock (self->poller)) / G_USEC_PER_SEC;
}

static gint64
get_monotonic (PhStsStore *self)
{
  return ph_clock_get_monotonic_time (ph_poller_get_clock (self->poller));
}

static gboolean
is_recent (PhStsStore *self,
           gint64      time,
           guint       seconds)
{
  return time != 0 && get_monotonic (self) - time < seconds * G_USEC_PER_SEC;
}

/* The end of a search */

static gboolean
is_in_force (Domain *domain)
{
  return domain->policy != NULL && get_now (domain->store) < domain->fetched + domain->policy->max_age;
}

static void
tell_journal (Domain           *domain,
              PhJournalSession *journal)
{
  g_autoptr (GDateTime) end = NULL;
  g_autofree char *date = NULL;

  if (domain->trouble != NULL)
    /* Translators: a domain, and why */
    ph_journal_session_note (journal, N_ ("MTA-STS: the policy of %s could not be fetched: %s"), domain->domain, _ (domain->trouble));
  if (!is_in_force (domain))
    return;

  end = g_date_time_new_from_unix_utc (domain->fetched + domain->policy->max_age);
  date = end != NULL ? g_date_time_format (end, "%Y-%m-%d %H:%M") : NULL;
  /* Translators: a domain, “enforce” or “testing” or “none”, and a date and time */
  ph_journal_session_note (journal, N_ ("MTA-STS: %s has the policy “%s”, until %s"), domain->domain, ph_sts_mode_to_word (domain->policy->mode), date != NULL ? date : "?");
}

static void
end_search (Domain *domain)
{
  g_autoptr (PhStsStore) alive G_GNUC_UNUSED = g_object_ref (domain->store);
  GQueue                       waiting = domain->waiting;

  domain->is_busy = FALSE;
  g_queue_init (&domain->waiting);
  while (!g_queue_is_empty (&waiting))
    {
      g_autoptr (GTask) task = g_queue_pop_head (&waiting);

      tell_journal (domain, g_task_get_task_data (task));
      if (is_in_force (domain))
        g_task_return_pointer (task, ph_sts_policy_ref (domain->policy), (GDestroyNotify)ph_sts_policy_unref);
      else
        g_task_return_pointer (task, NULL, NULL);
    }
}

static void
fail_fetch (Domain     *domain,
            const char *why)
{
  g_free (domain->trouble);
  domain->trouble = g_strdup (why);
  domain->failed = get_monotonic (domain->store);
  end_search (domain);
}

/* Fetching */

static void
on_deadline (gpointer user_data)
{
  g_cancellable_cancel (((Domain *)user_data)->cancellable);
}

static void
fetched_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Domain *domain = user_data;
  g_autoptr (PhStsStore) self = domain->store; /* as it was referred to */
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ph_sts_fetch_finish (result, &error);
  g_autoptr (PhStsPolicy) policy = NULL;

  ph_deadlines_clear (ph_poller_get_deadlines (self->poller), &domain->deadline);
  g_clear_object (&domain->cancellable);
  if (bytes != NULL)
    policy = ph_sts_policy_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (policy == NULL || self->context == NULL)
    {
      fail_fetch (domain, error != NULL ? error->message : N_ ("what is there is no policy"));
      return;
    }

  g_clear_pointer (&domain->policy, ph_sts_policy_unref);
  domain->policy = g_steal_pointer (&policy);
  g_free (domain->id);
  domain->id = g_steal_pointer (&domain->new_id);
  domain->fetched = get_now (self);
  domain->failed = 0;
  g_clear_pointer (&domain->trouble, g_free);
  if (self->context->config->sts_folder != NULL)
    ph_sts_file_write (self->files, self->context->config->sts_folder, domain->domain, domain->id, domain->fetched, bytes);
  end_search (domain);
}

static void
fetch (Domain *domain)
{
  PhStsStore      *self = domain->store;
  g_autofree char *host = g_strconcat ("mta-sts.", domain->domain, NULL);
  PhStsSource      source;

  if (domain->addresses->len == 0 || self->context == NULL)
    {
      fail_fetch (domain, N_ ("there is no address to fetch it from"));
      return;
    }

  g_ptr_array_add (domain->addresses, NULL);
  source = (PhStsSource){ host, (const char *const *)domain->addresses->pdata, self->context->config->sts_port, self->context->config->authorities };
  domain->cancellable = g_cancellable_new ();
  domain->deadline = (PhDeadline){ .function = on_deadline, .user_data = domain };
  ph_deadlines_set (ph_poller_get_deadlines (self->poller), &domain->deadline, PH_STS_FETCH_SECONDS);
  g_object_ref (self);
  ph_sts_fetch_async (self->fetchers, &source, domain->cancellable, fetched_cb, domain);
}

/* The host is named by somebody else's DNS, as a mail server is (S17). */
static void
address_found_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  Domain *domain = user_data;
  g_autoptr (PhStsStore) self = domain->store;
  g_autoptr (PhDnsAnswer) answer = ph_resolver_lookup_finish (PH_RESOLVER (source), result, NULL);
  g_autoptr (PhAddressGuard) guard = ph_address_guard_new ();

  for (guint i = 0; answer != NULL && self->context != NULL && i < answer->records->len; i++)
    if (ph_address_guard_check (guard, ph_dns_answer_get (answer, i)->name, self->context->config->allow_loopback) == PH_ADDRESS_FINE)
      g_ptr_array_add (domain->addresses, g_strdup (ph_dns_answer_get (answer, i)->name));

  if (--domain->n_lookups == 0)
    fetch (domain);
}

static void
find_source (Domain *domain)
{
  PhStsStore      *self = domain->store;
  g_autofree char *host = g_strconcat ("mta-sts.", domain->domain, NULL);

  g_clear_pointer (&domain->addresses, g_ptr_array_unref);
  domain->addresses = g_ptr_array_new_with_free_func (g_free);
  domain->n_lookups = 2;
  g_object_ref (self);
  ph_resolver_lookup_async (self->context->resolver, PH_DNS_A, host, NULL, address_found_cb, domain);
  g_object_ref (self);
  ph_resolver_lookup_async (self->context->resolver, PH_DNS_AAAA, host, NULL, address_found_cb, domain);
}

static gboolean
is_to_be_fetched (Domain *domain)
{
  PhStsStore *self = domain->store;
  gboolean    is_old = !is_in_force (domain) || g_strcmp0 (domain->id, domain->new_id) != 0 || get_now (self) - domain->fetched >= PH_STS_REFRESH_SECONDS;

  return domain->new_id != NULL && is_old && !is_recent (self, domain->failed, PH_STS_RETRY_SECONDS);
}

/* Section 3.1: without a record, or an answer, what is known stays in force. */
static void
record_found_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  Domain *domain = user_data;
  g_autoptr (PhStsStore) self = domain->store;
  g_autoptr (PhDnsAnswer) answer = ph_resolver_lookup_finish (PH_RESOLVER (source), result, NULL);

  g_free (domain->new_id);
  domain->new_id = answer != NULL ? ph_sts_parse_id (answer) : NULL;
  domain->checked = get_monotonic (self);
  if (self->context != NULL && is_to_be_fetched (domain))
    find_source (domain);
  else
    end_search (domain);
}

static void
ask_dns (Domain *domain)
{
  PhStsStore      *self = domain->store;
  g_autofree char *name = g_strconcat ("_mta-sts.", domain->domain, NULL);

  if (self->context == NULL || self->context->resolver == NULL)
    {
      end_search (domain);
      return;
    }

  g_object_ref (self);
  ph_resolver_lookup_async (self->context->resolver, PH_DNS_TXT, name, NULL, record_found_cb, domain);
}

static void
file_read_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Domain *domain = user_data;
  g_autoptr (PhStsStore) self = domain->store; /* as it was referred to */

  domain->is_read = TRUE;
  domain->policy = ph_sts_file_read_finish (result, get_now (self), &domain->id, &domain->fetched);
  ask_dns (domain);
}

/* Searching */

static void
begin_search (Domain *domain)
{
  PhStsStore *self = domain->store;
  const char *folder = self->context->config->sts_folder;

  domain->is_busy = TRUE;
  if (domain->is_read || folder == NULL)
    {
      ask_dns (domain);
      return;
    }

  g_object_ref (self);
  ph_sts_file_read_async (self->files, folder, domain->domain, file_read_cb, domain);
}

static gboolean
is_idle (gpointer key,
         gpointer value,
         gpointer user_data)
{
  return !((Domain *)value)->is_busy;
}

static Domain *
get_domain (PhStsStore *self,
            const char *name)
{
  Domain *domain = g_hash_table_lookup (self->domains, name);

  if (domain != NULL)
    return domain;

  if (g_hash_table_size (self->domains) >= PH_STS_STORE_MAX)
    g_hash_table_foreach_remove (self->domains, is_idle, NULL);
  domain = g_new0 (Domain, 1);
  domain->store = self;
  domain->domain = g_strdup (name);
  g_hash_table_insert (self->domains, domain->domain, domain);

  return domain;
}

void
ph_sts_store_find_async (PhStsStore         *self,
                         const char         *name,
                         PhJournalSession   *journal,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  GTask  *task = g_task_new (self, cancellable, callback, user_data);
  Domain *domain = get_domain (self, name);

  g_return_if_fail (self->context != NULL);

  g_task_set_task_data (task, journal != NULL ? g_object_ref (journal) : NULL, journal != NULL ? g_object_unref : NULL);
  g_queue_push_tail (&domain->waiting, task);
  if (domain->is_busy)
    return;
  if (is_recent (self, domain->checked, PH_STS_CHECKED_SECONDS))
    end_search (domain);
  else
    begin_search (domain);
}

PhStsPolicy *
ph_sts_store_find_finish (PhStsStore   *self,
                          GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

void
ph_sts_store_stop (PhStsStore *self)
{
  GHashTableIter iter;
  gpointer       value;

  self->context = NULL;
  g_hash_table_iter_init (&iter, self->domains);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Domain *)value)->cancellable != NULL)
      g_cancellable_cancel (((Domain *)value)->cancellable);
}
