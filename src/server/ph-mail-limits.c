#include "ph-mail-limits.h"

#include "ph-throttle.h"

#define HOUR (G_GINT64_CONSTANT (60) * 60 * G_USEC_PER_SEC)

/* The time at which each bucket will be empty: what was taken stands for time to come. */
typedef struct
{
  gint64 empty[2]; /* of PhMailLimitsWhat; monotonic */
} PhMailBucket;

struct _PhMailLimits
{
  GObject parent_instance;

  PhClock    *clock;
  guint       address_limits[2];
  guint       account_limits[2];
  GHashTable *buckets; /* "a BLOCK" or "u ACCOUNT" → PhMailBucket */
};

G_DEFINE_FINAL_TYPE (PhMailLimits, ph_mail_limits, G_TYPE_OBJECT)

static void
ph_mail_limits_finalize (GObject *object)
{
  PhMailLimits *self = PH_MAIL_LIMITS (object);

  g_hash_table_unref (self->buckets);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (ph_mail_limits_parent_class)->finalize (object);
}

static void
ph_mail_limits_class_init (PhMailLimitsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_mail_limits_finalize;
}

static void
ph_mail_limits_init (PhMailLimits *self)
{
  self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

PhMailLimits *
ph_mail_limits_new (PhClock *clock)
{
  PhMailLimits *self = g_object_new (PH_TYPE_MAIL_LIMITS, NULL);

  self->clock = g_object_ref (clock);

  return self;
}

void
ph_mail_limits_configure (PhMailLimits             *self,
                          const PhMailLimitsConfig *config)
{
  g_return_if_fail (PH_IS_MAIL_LIMITS (self));

  self->address_limits[PH_MAIL_LIMITS_MESSAGE] = config->address_messages;
  self->address_limits[PH_MAIL_LIMITS_RECIPIENT] = config->address_recipients;
  self->account_limits[PH_MAIL_LIMITS_MESSAGE] = config->account_messages;
  self->account_limits[PH_MAIL_LIMITS_RECIPIENT] = config->account_recipients;
}

static gint64
get_last (const PhMailBucket *bucket)
{
  return MAX (bucket->empty[0], bucket->empty[1]);
}

/* Empty buckets are as good as none; and when all are in use, the emptiest goes. */
static void
make_room (PhMailLimits *self,
           gint64        now)
{
  GHashTableIter iter;
  PhMailBucket  *bucket;
  const char    *key, *emptiest_key = NULL;
  gint64         emptiest = G_MAXINT64;

  if (g_hash_table_size (self->buckets) < PH_MAIL_LIMITS_KEYS_MAX)
    return;

  g_hash_table_iter_init (&iter, self->buckets);
  while (g_hash_table_iter_next (&iter, (gpointer *)&key, (gpointer *)&bucket))
    {
      if (get_last (bucket) <= now)
        g_hash_table_iter_remove (&iter);
      else if (get_last (bucket) < emptiest)
        {
          emptiest = get_last (bucket);
          emptiest_key = key;
        }
    }
  if (g_hash_table_size (self->buckets) >= PH_MAIL_LIMITS_KEYS_MAX)
    g_hash_table_remove (self->buckets, emptiest_key);
}

static gboolean
take (PhMailLimits    *self,
      PhMailLimitsWhat what,
      guint            limit,
      const char      *key)
{
  gint64        now = ph_clock_get_monotonic_time (self->clock);
  PhMailBucket *bucket = g_hash_table_lookup (self->buckets, key);
  gint64        empty;

  if (limit == 0)
    return TRUE;

  if (bucket == NULL)
    {
      make_room (self, now);
      bucket = g_new0 (PhMailBucket, 1);
      g_hash_table_insert (self->buckets, g_strdup (key), bucket);
    }

  empty = MAX (bucket->empty[what], now) + HOUR / limit;
  if (empty > now + HOUR)
    return FALSE;
  bucket->empty[what] = empty;

  return TRUE;
}

gboolean
ph_mail_limits_take_address (PhMailLimits    *self,
                             PhMailLimitsWhat what,
                             const char      *peer_address)
{
  g_autofree char *block = NULL, *key = NULL;

  g_return_val_if_fail (PH_IS_MAIL_LIMITS (self), TRUE);

  block = ph_throttle_dup_block (peer_address);
  key = g_strconcat ("a ", block, NULL);

  return take (self, what, self->address_limits[what], key);
}

gboolean
ph_mail_limits_take_account (PhMailLimits    *self,
                             PhMailLimitsWhat what,
                             const char      *account)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail (PH_IS_MAIL_LIMITS (self), TRUE);

  key = g_strconcat ("u ", account, NULL);

  return take (self, what, self->account_limits[what], key);
}

guint
ph_mail_limits_get_n_keys (PhMailLimits *self)
{
  g_return_val_if_fail (PH_IS_MAIL_LIMITS (self), 0);

  return g_hash_table_size (self->buckets);
}
