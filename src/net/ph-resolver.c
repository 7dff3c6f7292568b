#include "ph-resolver.h"

#include "ph-dns-context.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define RESOLV_CONF "/etc/resolv.conf"

#define CLASS_IN 1
#define TYPE_NS 2

/* RFC 1035 section 4.1.1. */
#define RCODE_NXDOMAIN 3

struct _PhResolver
{
  GObject parent_instance;

  PhPoller     *poller;
  PhDnsContext *context; /* NULL until the first lookup after a change */
  char         *server;  /* NULL for the system's */
  PhDnsAnchor   anchor;
  char         *anchor_file;
  gint64        resolv_conf_time;

  /* Whether the name servers pass on what the root has signed: asked before anything else is. */
  gboolean   is_probing;
  int        probe_id;
  PhDeadline probe_deadline;
  gint64     probe_again; /* when they are asked anew, because they did not; 0: never */
  gboolean   has_warned;  /* that they did not */
  GQueue     waiting;     /* of GTask: lookups that wait for that, borrowed */
};

G_DEFINE_FINAL_TYPE (PhResolver, ph_resolver, G_TYPE_OBJECT)

typedef struct
{
  PhDnsContext *context; /* NULL while it waits */
  PhPoller     *poller;
  int           id; /* libunbound's */
  PhDnsType     type;
  char         *name;
  gboolean      running; /* libunbound will call back */
  PhDeadline    deadline;
  GSource      *cancel_source;
} Lookup;

/* Lookup */

static void
lookup_free (gpointer data)
{
  Lookup *lookup = data;

  g_clear_pointer (&lookup->context, ph_dns_context_unref);
  g_clear_pointer (&lookup->cancel_source, g_source_unref);
  g_clear_object (&lookup->poller);
  g_free (lookup->name);
  g_free (lookup);
}

/* Ends what could still call us; the task then returns once, and goes. */
static void
settle (GTask *task)
{
  PhResolver *self = g_task_get_source_object (task);
  Lookup     *lookup = g_task_get_task_data (task);

  g_queue_remove (&self->waiting, task);
  ph_deadlines_clear (ph_poller_get_deadlines (lookup->poller), &lookup->deadline);
  if (lookup->cancel_source != NULL)
    g_source_destroy (lookup->cancel_source);
  if (lookup->running)
    ub_cancel (lookup->context->ub, lookup->id);
  lookup->running = FALSE;
}

char *
ph_resolver_explain (const GError *error)
{
  const char *why = strstr (error->message, ": ");

  return why != NULL && why[2] != '\0' ? g_strdup_printf ("%.*s: %s", (int)(why - error->message), error->message, _ (why + 2)) : g_strdup (error->message);
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
    fail (task, PH_NET_ERROR_DNS_NOT_FOUND, N_ ("this is not a name in DNS"));
  else
    fail (task, PH_NET_ERROR_DNS_TEMPORARY, ub_strerror (code));
}

/* NULL where it is the name that was asked for. */
static char *
dup_canonical (const struct ub_result *result)
{
  gsize length = result->canonname != NULL ? strlen (result->canonname) : 0;
  gsize asked = strlen (result->qname);

  if (length > 0 && result->canonname[length - 1] == '.')
    length--;
  if (asked > 0 && result->qname[asked - 1] == '.')
    asked--;
  if (length == 0 || (length == asked && g_ascii_strncasecmp (result->canonname, result->qname, length) == 0))
    return NULL;

  return g_ascii_strdown (result->canonname, (gssize)length);
}

static void
return_answer (GTask            *task,
               struct ub_result *result)
{
  Lookup *lookup = g_task_get_task_data (task);
  g_autoptr (PhDnsAnswer) answer = ph_dns_answer_new (lookup->type);

  answer->ttl = (guint)MAX (result->ttl, 0);
  answer->is_secure = result->secure != 0;
  answer->canonical = dup_canonical (result);
  for (guint i = 0; result->data[i] != NULL; i++)
    ph_dns_answer_add (answer, (const guint8 *)result->data[i], (gsize)result->len[i]);

  if (answer->records->len == 0)
    fail (task, PH_NET_ERROR_DNS_TEMPORARY, N_ ("the DNS answer makes no sense"));
  else
    g_task_return_pointer (task, g_steal_pointer (&answer), (GDestroyNotify)ph_dns_answer_unref);
}

/* Only who answers leaves something out: a name server that can't be reached does not. */
static void
warn_once (PhResolver *self)
{
  if (!self->has_warned)
    g_message ("DNS: the name server passed on no signatures when it was asked for them, so nothing is proven by DNSSEC, and DANE is not used; DnsServer in the settings may name another");
  self->has_warned = TRUE;
}

static void
on_result (void             *user_data,
           int               code,
           struct ub_result *result)
{
  g_autoptr (GTask) task = user_data;
  PhResolver *self = g_task_get_source_object (task);
  Lookup     *lookup = g_task_get_task_data (task);

  lookup->running = FALSE;
  settle (task);
  if (code == 0 && result != NULL && result->havedata && ph_resolver_lacks_proof (self))
    warn_once (self);

  if (code != 0 || result == NULL)
    fail_with_code (task, code);
  else if (result->bogus)
    fail (task, PH_NET_ERROR_DNS_TEMPORARY, result->why_bogus != NULL ? result->why_bogus : N_ ("the DNS answer is forged"));
  else if (result->havedata)
    return_answer (task, result);
  else if (result->nxdomain || result->rcode == RCODE_NXDOMAIN)
    fail (task, PH_NET_ERROR_DNS_NOT_FOUND, N_ ("this name does not exist in DNS"));
  else if (result->rcode == 0)
    fail (task, PH_NET_ERROR_DNS_NO_DATA, N_ ("DNS has no such record for this name"));
  else
    fail (task, PH_NET_ERROR_DNS_TEMPORARY, N_ ("the DNS servers gave no answer"));

  ub_resolve_free (result);
}

static void
on_deadline (gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  settle (task);
  fail (task, PH_NET_ERROR_DNS_TEMPORARY, N_ ("the DNS servers did not answer in time"));
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  settle (task);
  g_task_return_error_if_cancelled (task);

  return G_SOURCE_REMOVE;
}

static void
begin (GTask        *task,
       PhDnsContext *context)
{
  Lookup *lookup = g_task_get_task_data (task);
  int     code;

  lookup->context = ph_dns_context_ref (context);
  code = ub_resolve_async (context->ub, lookup->name, (int)lookup->type, CLASS_IN, task, on_result, &lookup->id);
  if (code == 0)
    {
      lookup->running = TRUE;
      return;
    }

  settle (task);
  fail_with_code (task, code);
  g_object_unref (task);
}

/* The probe */

static void open_context (PhResolver *self);

static void
drop_context (PhResolver *self)
{
  if (self->is_probing)
    ub_cancel (self->context->ub, self->probe_id);
  self->is_probing = FALSE;
  ph_deadlines_clear (ph_poller_get_deadlines (self->poller), &self->probe_deadline);
  g_clear_pointer (&self->context, ph_dns_context_unref);
}

static void
begin_waiting (PhResolver *self)
{
  g_autoptr (PhResolver) alive G_GNUC_UNUSED = g_object_ref (self);
  GQueue                       waiting = self->waiting;

  g_queue_init (&self->waiting);
  while (!g_queue_is_empty (&waiting))
    begin (g_queue_pop_head (&waiting), self->context);
}

typedef enum {
  PROBE_IS_PROVEN,
  PROBE_IS_NOT,
  PROBE_NO_ANSWER,
} ProbeResult;

/* A name server that leaves out signatures makes all that is signed look forged: there is no DNSSEC with it.  One that gives no
 * answer may be out of reach just now; it is asked again soon. */
static void
end_probe (PhResolver *self,
           ProbeResult probed)
{
  self->is_probing = FALSE;
  self->probe_again = 0;
  ph_deadlines_clear (ph_poller_get_deadlines (self->poller), &self->probe_deadline);
  if (probed != PROBE_IS_PROVEN)
    {
      gint64 seconds = probed == PROBE_IS_NOT ? PH_RESOLVER_PROBE_AGAIN : PH_RESOLVER_PROBE_AFTER_SILENCE;

      g_clear_pointer (&self->context, ph_dns_context_unref);
      self->context = ph_dns_context_new (self->poller, self->server, PH_DNS_ANCHOR_NONE, NULL, NULL);
      self->probe_again = ph_clock_get_monotonic_time (ph_poller_get_clock (self->poller)) + seconds * G_USEC_PER_SEC;
    }
  else
    self->has_warned = FALSE;
  if (self->context != NULL)
    begin_waiting (self);
}

static void
on_probed (void             *user_data,
           int               code,
           struct ub_result *result)
{
  gboolean    has_result = code == 0 && result != NULL;
  ProbeResult probed = PROBE_NO_ANSWER;

  if (has_result && result->secure)
    probed = PROBE_IS_PROVEN;
  else if (has_result && (result->bogus || result->havedata))
    probed = PROBE_IS_NOT;
  ub_resolve_free (result);
  end_probe (user_data, probed);
}

static void
on_probe_deadline (gpointer user_data)
{
  PhResolver *self = user_data;

  ub_cancel (self->context->ub, self->probe_id);
  end_probe (self, PROBE_NO_ANSWER);
}

static void
probe (PhResolver *self)
{
  if (ub_resolve_async (self->context->ub, ".", TYPE_NS, CLASS_IN, self, on_probed, &self->probe_id) != 0)
    return;

  self->is_probing = TRUE;
  self->probe_deadline = (PhDeadline){ .function = on_probe_deadline, .user_data = self };
  ph_deadlines_set (ph_poller_get_deadlines (self->poller), &self->probe_deadline, PH_RESOLVER_PROBE_SECONDS);
}

/* Resolver */

static void
ph_resolver_finalize (GObject *object)
{
  PhResolver *self = PH_RESOLVER (object);

  drop_context (self);
  g_object_unref (self->poller);
  g_free (self->server);
  g_free (self->anchor_file);

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

/* What waits, asks with the new settings. */
static void
change_context (PhResolver *self)
{
  drop_context (self);
  if (!g_queue_is_empty (&self->waiting))
    open_context (self);
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
      change_context (self);
    }

  return TRUE;
}

gboolean
ph_resolver_set_trust_anchor (PhResolver *self,
                              const char *anchor,
                              GError    **error)
{
  gboolean    is_file = strcmp (anchor, "root") != 0 && strcmp (anchor, "none") != 0;
  PhDnsAnchor kind = is_file ? PH_DNS_ANCHOR_FILE : strcmp (anchor, "root") == 0 ? PH_DNS_ANCHOR_ROOT
                                                                                 : PH_DNS_ANCHOR_NONE;

  /* libunbound would fail each lookup. */
  if (is_file && g_access (anchor, R_OK) != 0)
    {
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, "No trust anchor can be read from “%s”: write root, none, or a file of DS or DNSKEY records.", anchor);
      return FALSE;
    }

  if (kind != self->anchor || (is_file && g_strcmp0 (anchor, self->anchor_file) != 0))
    {
      self->anchor = kind;
      g_free (self->anchor_file);
      self->anchor_file = is_file ? g_strdup (anchor) : NULL;
      change_context (self);
    }

  return TRUE;
}

gboolean
ph_resolver_lacks_proof (PhResolver *self)
{
  return self->anchor == PH_DNS_ANCHOR_ROOT && self->probe_again != 0;
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

/* Nobody who changed a setting is there to be told: what can't be set up, fails the lookups. */
static void
open_context (PhResolver *self)
{
  g_autoptr (GError) error = NULL;

  self->context = ph_dns_context_new (self->poller, self->server, self->anchor, self->anchor_file, &error);
  if (error != NULL)
    g_warning ("%s", error->message);
  else if (self->anchor == PH_DNS_ANCHOR_ROOT)
    probe (self);
  if (self->context != NULL && !self->is_probing)
    begin_waiting (self);
}

static void
prepare_context (PhResolver *self)
{
  gboolean is_old = self->probe_again != 0 && ph_clock_get_monotonic_time (ph_poller_get_clock (self->poller)) >= self->probe_again;

  if (resolv_conf_changed (self) || is_old)
    drop_context (self);
  if (self->context == NULL)
    open_context (self);
}

void
ph_resolver_lookup_async (PhResolver         *self,
                          PhDnsType           type,
                          const char         *name,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  GTask  *task = g_task_new (self, cancellable, callback, user_data);
  Lookup *lookup = g_new0 (Lookup, 1);

  g_task_set_source_tag (task, ph_resolver_lookup_async);
  g_task_set_task_data (task, lookup, lookup_free);
  lookup->poller = g_object_ref (self->poller);
  lookup->type = type;
  lookup->name = g_strdup (name);
  lookup->deadline = (PhDeadline){ .function = on_deadline, .user_data = task };

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }

  prepare_context (self);
  if (self->context == NULL)
    {
      fail (task, PH_NET_ERROR_DNS_TEMPORARY, N_ ("DNS can't be asked"));
      g_object_unref (task);
      return;
    }

  ph_deadlines_set (ph_poller_get_deadlines (self->poller), &lookup->deadline, PH_RESOLVER_SECONDS);
  if (cancellable != NULL)
    {
      lookup->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (lookup->cancel_source, G_SOURCE_FUNC (on_cancelled), task, NULL);
      g_source_attach (lookup->cancel_source, g_main_context_get_thread_default ());
    }
  if (self->is_probing)
    g_queue_push_tail (&self->waiting, task);
  else
    begin (task, self->context);
}

PhDnsAnswer *
ph_resolver_lookup_finish (PhResolver   *self,
                           GAsyncResult *result,
                           GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
