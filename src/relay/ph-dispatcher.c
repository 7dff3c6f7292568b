#include "ph-dispatcher.h"

#include "ph-channel.h"
#include "ph-sts-store.h"

/* Hosts whose TLS failed that are remembered; then all of it is forgotten. */
#define NO_TLS_MAX 1000

typedef struct
{
  char    *name;
  GQueue   waiting; /* of PhAttempt, owned */
  guint    n_running;
  guint    limit;
  gboolean in_turn; /* it is in the list of those who have something to run */
} Destination;

struct _PhDispatcher
{
  GObject parent_instance;

  PhSendContext  context;
  PhRelayConfig *config;
  GHashTable    *destinations; /* name → Destination, owned */
  GQueue         turns;        /* of Destination that wait and have room */
  GPtrArray     *running;      /* of PhAttempt, owned */
  gboolean       stopping;
};

G_DEFINE_FINAL_TYPE (PhDispatcher, ph_dispatcher, G_TYPE_OBJECT)

static void
destination_free (gpointer data)
{
  Destination *destination = data;

  g_queue_clear_full (&destination->waiting, g_object_unref);
  g_free (destination->name);
  g_free (destination);
}

static void
ph_dispatcher_finalize (GObject *object)
{
  PhDispatcher *self = PH_DISPATCHER (object);

  g_queue_clear (&self->turns);
  g_hash_table_unref (self->destinations);
  g_ptr_array_unref (self->running);
  g_hash_table_unref (self->context.no_tls);
  ph_channel_pool_close (self->context.idle);
  g_ptr_array_unref (self->context.idle);
  ph_sts_store_stop (self->context.sts);
  g_object_unref (self->context.sts);
  ph_relay_config_free (self->config);
  g_clear_object (&self->context.tls_any);
  g_clear_object (&self->context.authorities);
  g_clear_object (&self->context.resolver);
  g_clear_object (&self->context.journal);
  g_clear_object (&self->context.poller);
  g_clear_object (&self->context.clock);

  G_OBJECT_CLASS (ph_dispatcher_parent_class)->finalize (object);
}

static void
ph_dispatcher_class_init (PhDispatcherClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_dispatcher_finalize;
}

static void
ph_dispatcher_init (PhDispatcher *self)
{
  self->destinations = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, destination_free);
  self->running = g_ptr_array_new_with_free_func (g_object_unref);
  self->context.no_tls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->context.idle = g_ptr_array_new_with_free_func (g_object_unref);
}

PhDispatcher *
ph_dispatcher_new (PhClock   *clock,
                   PhPoller  *poller,
                   PhJournal *journal)
{
  PhDispatcher *self = g_object_new (PH_TYPE_DISPATCHER, NULL);

  self->context.clock = g_object_ref (clock);
  self->context.poller = g_object_ref (poller);
  g_set_object (&self->context.journal, journal);
  self->context.sts = ph_sts_store_new (&self->context);
  self->context.tls_any = ph_tls_client_new (PH_TLS_VERIFY_NONE, NULL, NULL);

  return self;
}

/* Running */

static void pump (PhDispatcher *self);

static void
take_turn (PhDispatcher *self,
           Destination  *destination)
{
  if (destination->in_turn || g_queue_is_empty (&destination->waiting) || destination->n_running >= destination->limit)
    return;

  destination->in_turn = TRUE;
  g_queue_push_tail (&self->turns, destination);
}

/* What waits for a destination that can't be reached would wait in vain. */
static void
fail_waiting (Destination       *destination,
              const PhSmtpReply *reply,
              gboolean           stopped)
{
  GQueue waiting = destination->waiting;

  g_queue_init (&destination->waiting);
  while (!g_queue_is_empty (&waiting))
    {
      g_autoptr (PhAttempt) attempt = g_queue_pop_head (&waiting);

      if (stopped)
        ph_attempt_stop (attempt);
      ph_attempt_fail (attempt, reply);
    }
}

/* S20: back to one at a failure, and up again one by one. */
static void
learn (Destination *destination,
       PhAttempt   *attempt)
{
  const PhAttemptResult *result = &ph_attempt_get_results (attempt)[0];

  if (ph_attempt_was_stopped (attempt))
    return;

  if (!ph_attempt_was_unreachable (attempt))
    destination->limit = MIN (destination->limit + 1, PH_DISPATCHER_PER_DESTINATION);
  else if (result->kind == PH_SMTP_RESULT_TEMPORARY)
    {
      destination->limit = 1;
      fail_waiting (destination, result->reply, FALSE);
    }
}

static void
remove_if_idle (PhDispatcher *self,
                Destination  *destination)
{
  if (destination->n_running == 0 && !destination->in_turn && g_queue_is_empty (&destination->waiting))
    g_hash_table_remove (self->destinations, destination->name);
}

static void
gone_cb (PhAttempt *attempt,
         gpointer   user_data)
{
  g_autoptr (PhDispatcher) self = user_data; /* the attempt's reference */
  Destination *destination = g_hash_table_lookup (self->destinations, ph_attempt_get_destination (attempt));

  destination->n_running--;
  learn (destination, attempt);
  take_turn (self, destination);
  remove_if_idle (self, destination);
  if (g_hash_table_size (self->context.no_tls) > NO_TLS_MAX)
    g_hash_table_remove_all (self->context.no_tls);

  g_ptr_array_remove_fast (self->running, attempt);
  pump (self);
}

static void
pump (PhDispatcher *self)
{
  while (!self->stopping && self->running->len < PH_DISPATCHER_SESSIONS_MAX && !g_queue_is_empty (&self->turns))
    {
      Destination *destination = g_queue_pop_head (&self->turns);
      PhAttempt   *attempt = g_queue_pop_head (&destination->waiting);

      destination->in_turn = FALSE;
      if (attempt == NULL)
        {
          remove_if_idle (self, destination);
          continue;
        }

      destination->n_running++;
      g_ptr_array_add (self->running, attempt);
      take_turn (self, destination);
      ph_attempt_start (attempt, &self->context, gone_cb, g_object_ref (self));
    }
}

void
ph_dispatcher_submit (PhDispatcher *self,
                      PhAttempt    *attempt)
{
  const char  *name = ph_attempt_get_destination (attempt);
  Destination *destination = g_hash_table_lookup (self->destinations, name);

  g_return_if_fail (PH_IS_DISPATCHER (self));

  if (destination == NULL)
    {
      destination = g_new0 (Destination, 1);
      destination->name = g_strdup (name);
      destination->limit = PH_DISPATCHER_PER_DESTINATION;
      g_hash_table_insert (self->destinations, destination->name, destination);
    }

  g_queue_push_tail (&destination->waiting, attempt);
  take_turn (self, destination);
  pump (self);
}

/* What waits counts as not tried. */
static void
drop_waiting (PhDispatcher *self)
{
  g_autoptr (PhSmtpReply) reply = ph_smtp_reply_new (451, "4.3.2", "Posthouse was stopped");
  g_autoptr (GList) destinations = g_hash_table_get_values (self->destinations);

  self->stopping = TRUE;
  for (GList *l = destinations; l != NULL; l = l->next)
    fail_waiting (l->data, reply, TRUE);
  self->stopping = FALSE;
}

void
ph_dispatcher_stop (PhDispatcher *self)
{
  g_autoptr (GPtrArray) running = NULL;

  g_return_if_fail (PH_IS_DISPATCHER (self));

  running = g_ptr_array_copy (self->running, (GCopyFunc)(void (*) (void))g_object_ref, NULL);
  g_ptr_array_set_free_func (running, g_object_unref);
  drop_waiting (self);
  self->stopping = TRUE;
  for (guint i = 0; i < running->len; i++)
    ph_attempt_stop (running->pdata[i]);
  ph_channel_pool_close (self->context.idle);
  self->stopping = FALSE;
}

/* Configuration */

void
ph_dispatcher_configure (PhDispatcher        *self,
                         const PhRelayConfig *config)
{
  g_return_if_fail (PH_IS_DISPATCHER (self));

  ph_relay_config_free (self->config);
  self->context.config = self->config = ph_relay_config_copy (config);
  if (self->context.authorities == NULL || g_strcmp0 (config->authorities, ph_authorities_get_file (self->context.authorities)) != 0)
    {
      g_clear_object (&self->context.authorities);
      self->context.authorities = ph_authorities_new (config->authorities);
    }
  self->context.generation++;
  ph_channel_pool_close (self->context.idle);
  drop_waiting (self); /* by these settings it may have another way, or none */
}

void
ph_dispatcher_set_resolver (PhDispatcher *self,
                            PhResolver   *resolver)
{
  g_return_if_fail (PH_IS_DISPATCHER (self));

  g_set_object (&self->context.resolver, resolver);
}

guint
ph_dispatcher_get_n_running (PhDispatcher *self)
{
  return self->running->len;
}
