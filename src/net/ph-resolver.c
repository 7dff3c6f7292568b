#include "ph-resolver.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unbound.h>

#define RESOLV_CONF "/etc/resolv.conf"
#define HOSTS "/etc/hosts"

#define CLASS_IN 1

/* RFC 1035 section 4.1.1. */
#define RCODE_NXDOMAIN 3

/* libunbound's context with its thread.  Replaced when the servers change; lives on until
 * the lookups that it began are over.  Never freed inside of its own callback. */
typedef struct
{
  grefcount      refs;
  struct ub_ctx *ub;
  PhPoller      *poller;
  PhWatch       *watch;
} Context;

struct _PhResolver
{
  GObject parent_instance;

  PhPoller *poller;
  Context  *context; /* NULL until the first lookup after a change */
  char     *server;  /* NULL for the system's */
  gint64    resolv_conf_time;
};

G_DEFINE_FINAL_TYPE (PhResolver, ph_resolver, G_TYPE_OBJECT)

typedef struct
{
  Context   *context;
  int        id; /* libunbound's */
  PhDnsType  type;
  char      *name;
  gboolean   running; /* libunbound will call back */
  PhDeadline deadline;
  GSource   *cancel_source;
} Lookup;

/* Context */

static Context *
context_ref (Context *context)
{
  g_ref_count_inc (&context->refs);

  return context;
}

static void
context_unref (Context *context)
{
  if (!g_ref_count_dec (&context->refs))
    return;

  if (context->watch != NULL)
    ph_poller_remove_watch (context->poller, context->watch);
  if (context->ub != NULL)
    ub_ctx_delete (context->ub);
  g_object_unref (context->poller);
  g_free (context);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Context, context_unref)

static void
on_events (PhPollEvents events,
           gpointer     user_data)
{
  g_autoptr (Context) context = context_ref (user_data);

  ub_process (context->ub);
}

/* libunbound answers for these zones itself, out of hand, unless told to ask (RFC 6303, 6761,
 * 8375): but labs and homes have servers for them, and in the tests one stands for the world. */
static void
ask_for_private_zones (struct ub_ctx *ub)
{
  static const char *const zones[] = { "test.", "home.arpa.", NULL };

  for (const char *const *zone = zones; *zone != NULL; zone++)
    ub_ctx_zone_add (ub, *zone, "transparent");
}

static int
configure (struct ub_ctx *ub,
           const char    *server)
{
  int code = ub_ctx_async (ub, 1);

  if (code == 0)
    code = ub_ctx_set_option (ub, "do-not-query-localhost:", "no");
  if (code == 0)
    code = ub_ctx_set_option (ub, "unblock-lan-zones:", "yes");
  if (code == 0)
    code = server != NULL ? ub_ctx_set_fwd (ub, server) : ub_ctx_resolvconf (ub, RESOLV_CONF);

  /* A computer may have none. */
  if (code == 0 && server == NULL)
    ub_ctx_hosts (ub, HOSTS);
  if (code == 0)
    ask_for_private_zones (ub);

  return code;
}

static Context *
context_new (PhPoller   *poller,
             const char *server,
             GError    **error)
{
  g_autoptr (Context) context = g_new0 (Context, 1);
  int code;

  g_ref_count_init (&context->refs);
  context->poller = g_object_ref (poller);
  context->ub = ub_ctx_create ();
  if (context->ub == NULL)
    {
      g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, "libunbound did not start");
      return NULL;
    }

  code = configure (context->ub, server);
  if (code != 0)
    {
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, "DNS server %s: %s",
                   server != NULL ? server : "from " RESOLV_CONF, ub_strerror (code));
      return NULL;
    }

  context->watch = ph_poller_add_watch (poller, ub_fd (context->ub), PH_POLL_IN, on_events, context);

  return g_steal_pointer (&context);
}

/* Lookup */

static void
lookup_free (gpointer data)
{
  Lookup *lookup = data;

  g_clear_pointer (&lookup->context, context_unref);
  g_clear_pointer (&lookup->cancel_source, g_source_unref);
  g_free (lookup->name);
  g_free (lookup);
}

/* Ends what could still call us; the task then returns once, and goes. */
static void
settle (Lookup *lookup)
{
  ph_deadlines_clear (ph_poller_get_deadlines (lookup->context->poller), &lookup->deadline);
  if (lookup->cancel_source != NULL)
    g_source_destroy (lookup->cancel_source);
  if (lookup->running)
    ub_cancel (lookup->context->ub, lookup->id);
  lookup->running = FALSE;
}

static void
fail (GTask      *task,
      PhNetError  code,
      const char *why)
{
  Lookup *lookup = g_task_get_task_data (task);

  g_task_return_new_error (task, PH_NET_ERROR, (int)code, "%s: %s", lookup->name, why);
}

static void
fail_with_code (GTask *task,
                int    code)
{
  if (code == UB_SYNTAX)
    fail (task, PH_NET_ERROR_DNS_NOT_FOUND, "this is not a name in DNS");
  else
    fail (task, PH_NET_ERROR_DNS_TEMPORARY, ub_strerror (code));
}

static void
return_answer (GTask            *task,
               struct ub_result *result)
{
  Lookup *lookup = g_task_get_task_data (task);
  g_autoptr (PhDnsAnswer) answer = ph_dns_answer_new (lookup->type);

  answer->ttl = (guint)MAX (result->ttl, 0);
  answer->is_secure = result->secure != 0;
  for (guint i = 0; result->data[i] != NULL; i++)
    ph_dns_answer_add (answer, (const guint8 *)result->data[i], (gsize)result->len[i]);

  if (answer->records->len == 0)
    fail (task, PH_NET_ERROR_DNS_TEMPORARY, "the DNS answer makes no sense");
  else
    g_task_return_pointer (task, g_steal_pointer (&answer), (GDestroyNotify)ph_dns_answer_unref);
}

static void
on_result (void             *user_data,
           int               code,
           struct ub_result *result)
{
  g_autoptr (GTask) task = user_data;
  Lookup *lookup = g_task_get_task_data (task);

  lookup->running = FALSE;
  settle (lookup);

  if (code != 0 || result == NULL)
    fail_with_code (task, code);
  else if (result->bogus)
    fail (task, PH_NET_ERROR_DNS_TEMPORARY, result->why_bogus != NULL ? result->why_bogus : "the DNS answer is forged");
  else if (result->havedata)
    return_answer (task, result);
  else if (result->nxdomain || result->rcode == RCODE_NXDOMAIN)
    fail (task, PH_NET_ERROR_DNS_NOT_FOUND, "this name does not exist in DNS");
  else if (result->rcode == 0)
    fail (task, PH_NET_ERROR_DNS_NO_DATA, "DNS has no such record for this name");
  else
    fail (task, PH_NET_ERROR_DNS_TEMPORARY, "the DNS servers gave no answer");

  ub_resolve_free (result);
}

static void
on_deadline (gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  settle (g_task_get_task_data (task));
  fail (task, PH_NET_ERROR_DNS_TEMPORARY, "the DNS servers did not answer in time");
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  settle (g_task_get_task_data (task));
  g_task_return_error_if_cancelled (task);

  return G_SOURCE_REMOVE;
}

/* Resolver */

static void
ph_resolver_finalize (GObject *object)
{
  PhResolver *self = PH_RESOLVER (object);

  g_clear_pointer (&self->context, context_unref);
  g_object_unref (self->poller);
  g_free (self->server);

  G_OBJECT_CLASS (ph_resolver_parent_class)->finalize (object);
}

static void
ph_resolver_class_init (PhResolverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_resolver_finalize;
}

static void
ph_resolver_init (PhResolver *self)
{
}

PhResolver *
ph_resolver_new (PhPoller *poller)
{
  PhResolver *self = g_object_new (PH_TYPE_RESOLVER, NULL);

  self->poller = g_object_ref (poller);

  return self;
}

static gboolean
is_server (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "@", 2);

  return parts[0] != NULL && g_hostname_is_ip_address (parts[0]) &&
         (parts[1] == NULL || g_ascii_string_to_unsigned (parts[1], 10, 1, G_MAXUINT16, NULL, NULL));
}

gboolean
ph_resolver_set_server (PhResolver *self,
                        const char *server,
                        GError    **error)
{
  if (server != NULL && *server == '\0')
    server = NULL;

  if (server != NULL && !is_server (server))
    {
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, "“%s” is not a DNS server: write ADDRESS or ADDRESS@PORT.", server);
      return FALSE;
    }

  if (g_strcmp0 (server, self->server) != 0)
    {
      char *copy = g_strdup (server);

      g_free (self->server);
      self->server = copy;
      g_clear_pointer (&self->context, context_unref);
    }

  return TRUE;
}

/* A laptop that changes networks gets a new resolv.conf. */
static gboolean
resolv_conf_changed (PhResolver *self)
{
  GStatBuf info;
  gint64   time = 0;

  if (self->server != NULL)
    return FALSE;

  if (g_stat (RESOLV_CONF, &info) == 0)
    time = (gint64)info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000;
  if (time == self->resolv_conf_time)
    return FALSE;

  self->resolv_conf_time = time;

  return TRUE;
}

static Context *
get_context (PhResolver *self,
             GError    **error)
{
  if (resolv_conf_changed (self))
    g_clear_pointer (&self->context, context_unref);
  if (self->context == NULL)
    self->context = context_new (self->poller, self->server, error);

  return self->context;
}

static void
begin (GTask  *task,
       Lookup *lookup)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  int           code = ub_resolve_async (lookup->context->ub, lookup->name, (int)lookup->type, CLASS_IN, task, on_result, &lookup->id);

  if (code != 0)
    {
      fail_with_code (task, code);
      g_object_unref (task);
      return;
    }

  lookup->running = TRUE;
  ph_deadlines_set (ph_poller_get_deadlines (lookup->context->poller), &lookup->deadline, PH_RESOLVER_SECONDS);
  if (cancellable != NULL)
    {
      lookup->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (lookup->cancel_source, G_SOURCE_FUNC (on_cancelled), task, NULL);
      g_source_attach (lookup->cancel_source, g_main_context_get_thread_default ());
    }
}

void
ph_resolver_lookup_async (PhResolver         *self,
                          PhDnsType           type,
                          const char         *name,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  GTask   *task = g_task_new (self, cancellable, callback, user_data);
  Lookup  *lookup = g_new0 (Lookup, 1);
  Context *context;
  GError  *error = NULL;

  g_task_set_source_tag (task, ph_resolver_lookup_async);
  g_task_set_task_data (task, lookup, lookup_free);
  lookup->type = type;
  lookup->name = g_strdup (name);
  lookup->deadline = (PhDeadline){ .function = on_deadline, .user_data = task };

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }

  context = get_context (self, &error);
  if (context == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  lookup->context = context_ref (context);
  begin (task, lookup);
}

PhDnsAnswer *
ph_resolver_lookup_finish (PhResolver   *self,
                           GAsyncResult *result,
                           GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
