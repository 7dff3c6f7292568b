#include "ph-mail-limits.h"

#include "ph-throttle.h"

#define HOUR (G_GINT64_CONSTANT (60) * 60 * G_USEC_PER_SEC)

/* What a number is for. */
static const struct
{
  gint64              period;
  PhMailLimitsVerdict over;
} spans[] = {
  { HOUR, PH_MAIL_LIMITS_OVER_HOUR },
  { 24 * HOUR, PH_MAIL_LIMITS_OVER_DAY },
};
#define N_SPANS G_N_ELEMENTS (spans)

/* The time at which each bucket will be empty: what was taken stands for time to come. */
typedef struct
{
  gint64 empty[PH_MAIL_LIMITS_N_WHATS][N_SPANS]; /* monotonic */
} PhMailBucket;

typedef guint PhMailNumbers[PH_MAIL_LIMITS_N_WHATS][N_SPANS];

struct _PhMailLimits
{
  GObject parent_instance;

  PhClock      *clock;
  PhMailNumbers address_limits;
  PhMailNumbers account_limits;
  gboolean      counts_loopback;
  GHashTable   *buckets; /* "a BLOCK" or "u ACCOUNT" → PhMailBucket */
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

  self->address_limits[PH_MAIL_LIMITS_MESSAGE][0] = config->address_messages;
  self->address_limits[PH_MAIL_LIMITS_RECIPIENT][0] = config->address_recipients;
  self->address_limits[PH_MAIL_LIMITS_UNKNOWN][0] = config->address_unknown;
  self->account_limits[PH_MAIL_LIMITS_MESSAGE][0] = config->account_messages;
  self->account_limits[PH_MAIL_LIMITS_RECIPIENT][0] = config->account_recipients;
  self->account_limits[PH_MAIL_LIMITS_MESSAGE][1] = config->account_messages_day;
  self->account_limits[PH_MAIL_LIMITS_RECIPIENT][1] = config->account_recipients_day;
  self->counts_loopback = config->counts_loopback;
}

gboolean
ph_mail_limits_counts_loopback (PhMailLimits *self)
{
  g_return_val_if_fail (PH_IS_MAIL_LIMITS (self), FALSE);

  return self->counts_loopback;
}

static gint64
get_last (const PhMailBucket *bucket)
{
  gint64 last = 0;

  for (guint what = 0; what < PH_MAIL_LIMITS_N_WHATS; what++)
    for (guint span = 0; span < N_SPANS; span++)
      last = MAX (last, bucket->empty[what][span]);

  return last;
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

/* When a bucket will be empty that gets one more. */
static gint64
add_one (const PhMailBucket *bucket,
         PhMailLimitsWhat    what,
         guint               span,
         guint               limit,
         gint64              now)
{
  return MAX (bucket != NULL ? bucket->empty[what][span] : 0, now) + spans[span].period / limit;
}

static PhMailLimitsVerdict
judge (const PhMailBucket *bucket,
       PhMailLimitsWhat    what,
       const guint        *limits,
       gint64              now)
{
  for (guint span = 0; span < N_SPANS; span++)
    if (limits[span] > 0 && add_one (bucket, what, span, limits[span], now) > now + spans[span].period)
      return spans[span].over;

  return PH_MAIL_LIMITS_WITHIN;
}

static PhMailLimitsVerdict
take (PhMailLimits    *self,
      PhMailLimitsWhat what,
      const guint     *limits,
      const char      *key)
{
  gint64              now = ph_clock_get_monotonic_time (self->clock);
  PhMailBucket       *bucket = g_hash_table_lookup (self->buckets, key);
  PhMailLimitsVerdict verdict = judge (bucket, what, limits, now);

  if (verdict != PH_MAIL_LIMITS_WITHIN || (limits[0] == 0 && limits[1] == 0))
    return verdict;

  if (bucket == NULL)
    {
      make_room (self, now);
      bucket = g_new0 (PhMailBucket, 1);
      g_hash_table_insert (self->buckets, g_strdup (key), bucket);
    }
  for (guint span = 0; span < N_SPANS; span++)
    if (limits[span] > 0)
      bucket->empty[what][span] = add_one (bucket, what, span, limits[span], now);

  return PH_MAIL_LIMITS_WITHIN;
}

static char *
make_address_key (const char *peer_address)
{
  g_autofree char *block = ph_throttle_dup_block (peer_address);

  return g_strconcat ("a ", block, NULL);
}

PhMailLimitsVerdict
ph_mail_limits_take_address (PhMailLimits    *self,
                             PhMailLimitsWhat what,
                             const char      *peer_address)
{
  g_autofree char *key = make_address_key (peer_address);

  g_return_val_if_fail (PH_IS_MAIL_LIMITS (self), PH_MAIL_LIMITS_WITHIN);

  return take (self, what, self->address_limits[what], key);
}

PhMailLimitsVerdict
ph_mail_limits_take_account (PhMailLimits    *self,
                             PhMailLimitsWhat what,
                             const char      *account)
{
  g_autofree char *key = g_strconcat ("u ", account, NULL);

  g_return_val_if_fail (PH_IS_MAIL_LIMITS (self), PH_MAIL_LIMITS_WITHIN);

  return take (self, what, self->account_limits[what], key);
}

gboolean
ph_mail_limits_has_room (PhMailLimits    *self,
                         PhMailLimitsWhat what,
                         const char      *peer_address)
{
  g_autofree char *key = make_address_key (peer_address);

  g_return_val_if_fail (PH_IS_MAIL_LIMITS (self), TRUE);

  return judge (g_hash_table_lookup (self->buckets, key), what, self->address_limits[what], ph_clock_get_monotonic_time (self->clock)) == PH_MAIL_LIMITS_WITHIN;
}

guint
ph_mail_limits_get_number (PhMailLimits       *self,
                           PhMailLimitsWhat    what,
                           gboolean            of_account,
                           PhMailLimitsVerdict verdict)
{
  g_return_val_if_fail (PH_IS_MAIL_LIMITS (self), 0);

  return (of_account ? self->account_limits : self->address_limits)[what][verdict == PH_MAIL_LIMITS_OVER_DAY ? 1 : 0];
}

guint
ph_mail_limits_get_n_keys (PhMailLimits *self)
{
  g_return_val_if_fail (PH_IS_MAIL_LIMITS (self), 0);

  return g_hash_table_size (self->buckets);
}
