#include "ph-throttle.h"

#include <gio/gio.h>
#include <string.h>

struct _PhThrottle
{
  GObject parent_instance;

  PhClock    *clock;
  GHashTable *blocks; /* key → PhBlock */
  guint       n_running;
  GQueue      ready[2]; /* of PhBlock: who could begin but for the others; where none failed, where some did */
};

/* What is known of one address or /64. */
typedef struct
{
  PhThrottle *throttle; /* borrowed; tickets hold it */
  char       *key;      /* borrowed from the table */
  guint       n_failures;
  gint64      last_failure;
  gint64      next_start;
  char       *name; /* whose attempts failed; NULL if of several */
  guint       n_running;
  gboolean    is_ready; /* is in one of the throttle's queues */
  GQueue      waiting;  /* of PhThrottleTicket */
  guint       timer;
} PhBlock;

struct _PhThrottleTicket
{
  PhThrottle    *throttle; /* owned */
  PhBlock       *block;    /* NULL for one that was refused */
  gboolean       is_running;
  PhThrottleFunc function;
  gpointer       user_data;
};

G_DEFINE_FINAL_TYPE (PhThrottle, ph_throttle, G_TYPE_OBJECT)

static void
unqueue_ready (PhBlock *block)
{
  if (!block->is_ready)
    return;

  block->is_ready = FALSE;
  if (!g_queue_remove (&block->throttle->ready[0], block))
    g_queue_remove (&block->throttle->ready[1], block);
}

static void
block_free (gpointer data)
{
  PhBlock *block = data;

  ph_clock_cancel_timer (block->throttle->clock, &block->timer);
  unqueue_ready (block);
  g_queue_clear (&block->waiting);
  g_free (block->name);
  g_free (block);
}

static void
ph_throttle_finalize (GObject *object)
{
  PhThrottle *self = PH_THROTTLE (object);

  g_hash_table_unref (self->blocks);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (ph_throttle_parent_class)->finalize (object);
}

static void
ph_throttle_class_init (PhThrottleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_throttle_finalize;
}

static void
ph_throttle_init (PhThrottle *self)
{
  self->blocks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, block_free);
}

PhThrottle *
ph_throttle_new (PhClock *clock)
{
  PhThrottle *self = g_object_new (PH_TYPE_THROTTLE, NULL);

  self->clock = g_object_ref (clock);

  return self;
}

char *
ph_throttle_dup_block (const char *peer_address)
{
  g_autoptr (GInetAddress) address = peer_address != NULL ? g_inet_address_new_from_string (peer_address) : NULL;
  const guint8 *bytes;

  if (address == NULL)
    return g_strdup (peer_address != NULL ? peer_address : "");

  bytes = g_inet_address_to_bytes (address);
  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4)
    return g_inet_address_to_string (address);
  if (memcmp (bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0)
    return g_strdup_printf ("%d.%d.%d.%d", bytes[12], bytes[13], bytes[14], bytes[15]);
  return g_strdup_printf ("%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);
}

/* Forgets who has been quiet, and while there are too many the quietest. */
static void
make_room (PhThrottle *self)
{
  gint64         now = ph_clock_get_monotonic_time (self->clock);
  GHashTableIter iter;
  PhBlock       *block, *oldest = NULL;

  if (g_hash_table_size (self->blocks) < PH_THROTTLE_ADDRESSES_MAX)
    return;

  g_hash_table_iter_init (&iter, self->blocks);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&block))
    {
      if (block->n_running > 0 || block->waiting.length > 0)
        continue;
      if (now - block->last_failure > PH_THROTTLE_MEMORY)
        g_hash_table_iter_remove (&iter);
      else if (oldest == NULL || block->last_failure < oldest->last_failure)
        oldest = block;
    }

  if (oldest != NULL && g_hash_table_size (self->blocks) >= PH_THROTTLE_ADDRESSES_MAX)
    g_hash_table_remove (self->blocks, oldest->key);
}

static void
forgive (PhBlock *block)
{
  block->n_failures = 0;
  block->next_start = 0;
  g_clear_pointer (&block->name, g_free);
}

/* NULL where the table is full of addresses whose attempts run. */
static PhBlock *
ensure_block (PhThrottle *self,
              const char *peer_address)
{
  g_autofree char *key = ph_throttle_dup_block (peer_address);
  PhBlock         *block = g_hash_table_lookup (self->blocks, key);

  if (block != NULL)
    {
      if (block->n_failures > 0 && ph_clock_get_monotonic_time (self->clock) - block->last_failure > PH_THROTTLE_MEMORY)
        forgive (block);
      return block;
    }

  make_room (self);
  if (g_hash_table_size (self->blocks) >= PH_THROTTLE_ADDRESSES_MAX)
    return NULL;

  block = g_new0 (PhBlock, 1);
  block->throttle = self;
  block->key = g_steal_pointer (&key);
  g_queue_init (&block->waiting);
  g_hash_table_insert (self->blocks, block->key, block);

  return block;
}

static void pump (PhBlock *block);

/* When another attempt ends it is this one's turn. */
static void
queue_ready (PhBlock *block)
{
  if (block->is_ready)
    return;

  block->is_ready = TRUE;
  g_queue_push_tail (&block->throttle->ready[block->n_failures > 0], block);
}

/* Others' turn. */
static void
pump_ready (PhThrottle *self)
{
  while (self->n_running < PH_THROTTLE_TOTAL_RUNNING_MAX)
    {
      PhBlock *block = g_queue_peek_head (&self->ready[self->ready[0].length == 0]);

      if (block == NULL)
        return;
      unqueue_ready (block);
      pump (block);
    }
}

static void
timer_cb (gpointer data)
{
  PhBlock *block = data;

  block->timer = 0;
  pump (block);
}

/* Lets in who may come in.  `block` may be gone after this. */
static void
pump (PhBlock *block)
{
  g_autoptr (PhThrottle) self = g_object_ref (block->throttle);
  g_autofree char *key = g_strdup (block->key);

  while (block != NULL && block->waiting.length > 0 && block->timer == 0 &&
         block->n_running < (block->n_failures > 0 ? 1 : PH_THROTTLE_RUNNING_MAX))
    {
      gint64            delay = block->next_start - ph_clock_get_monotonic_time (self->clock);
      PhThrottleTicket *ticket;

      if (delay > 0)
        {
          block->timer = ph_clock_add_timer (self->clock, delay, timer_cb, block);
          break;
        }
      if (self->n_running >= PH_THROTTLE_TOTAL_RUNNING_MAX)
        {
          queue_ready (block);
          break;
        }

      ticket = g_queue_pop_head (&block->waiting);
      ticket->is_running = TRUE;
      block->n_running++;
      self->n_running++;
      ticket->function (TRUE, ticket->user_data);
      block = g_hash_table_lookup (self->blocks, key);
    }

  /* One without a past need not be remembered. */
  if (block != NULL && block->n_running == 0 && block->waiting.length == 0 && block->n_failures == 0)
    g_hash_table_remove (self->blocks, key);
}

void
ph_throttle_enter (PhThrottle        *self,
                   const char        *peer_address,
                   PhThrottleFunc     function,
                   gpointer           user_data,
                   PhThrottleTicket **ticket)
{
  PhBlock          *block;
  PhThrottleTicket *new_ticket;

  g_return_if_fail (PH_IS_THROTTLE (self));

  block = ensure_block (self, peer_address);
  new_ticket = g_new0 (PhThrottleTicket, 1);
  new_ticket->throttle = g_object_ref (self);
  new_ticket->function = function;
  new_ticket->user_data = user_data;
  *ticket = new_ticket;

  if (block == NULL || block->waiting.length >= PH_THROTTLE_WAITING_MAX)
    {
      function (FALSE, user_data);
      return;
    }

  new_ticket->block = block;
  g_queue_push_tail (&block->waiting, new_ticket);
  pump (block);
}

static void
punish (PhBlock    *block,
        const char *name)
{
  gint64 now = ph_clock_get_monotonic_time (block->throttle->clock);
  gint64 delay = PH_THROTTLE_DELAY_MIN << MIN (block->n_failures, 3);

  if (block->n_failures == 0)
    {
      g_free (block->name);
      block->name = g_strdup (name);
    }
  else if (g_strcmp0 (block->name, name) != 0)
    g_clear_pointer (&block->name, g_free);

  block->n_failures++;
  block->last_failure = now;
  block->next_start = now + MIN (delay, PH_THROTTLE_DELAY_MAX);
}

void
ph_throttle_leave (PhThrottleTicket *ticket,
                   PhThrottleResult  result,
                   const char       *name)
{
  g_autoptr (PhThrottle) self = ticket->throttle;
  PhBlock *block = ticket->block;

  if (block != NULL && ticket->is_running)
    {
      block->n_running--;
      self->n_running--;
      if (result == PH_THROTTLE_FAILED)
        punish (block, name);
      else if (result == PH_THROTTLE_SUCCEEDED && block->name != NULL && g_strcmp0 (block->name, name) == 0)
        {
          forgive (block);
          ph_clock_cancel_timer (self->clock, &block->timer);
        }
    }
  else if (block != NULL)
    g_queue_remove (&block->waiting, ticket);

  g_free (ticket);
  if (block != NULL)
    pump (block);
  pump_ready (self);
}

gint64
ph_throttle_get_delay (PhThrottle *self,
                       const char *peer_address)
{
  g_autofree char *key = NULL;
  PhBlock         *block;

  g_return_val_if_fail (PH_IS_THROTTLE (self), 0);

  key = ph_throttle_dup_block (peer_address);
  block = g_hash_table_lookup (self->blocks, key);

  return block != NULL ? MAX (block->next_start - ph_clock_get_monotonic_time (self->clock), 0) : 0;
}

guint
ph_throttle_get_n_addresses (PhThrottle *self)
{
  g_return_val_if_fail (PH_IS_THROTTLE (self), 0);

  return g_hash_table_size (self->blocks);
}
