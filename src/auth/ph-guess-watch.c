#include "ph-guess-watch.h"

#include <glib/gi18n-lib.h>

struct _PhGuessWatch
{
  GObject parent_instance;

  PhClock *clock;
  guint    timer;                           /* each minute, while there is something to forget */
  guint    minutes[PH_GUESS_WATCH_MINUTES]; /* how many in each; the first is this one */
  guint64  n_failures;
  guint    step; /* that the warning tells, or 0 */
  char    *warning;
};

G_DEFINE_FINAL_TYPE (PhGuessWatch, ph_guess_watch, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_WARNING,
  PROP_N_FAILURES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
ph_guess_watch_finalize (GObject *object)
{
  PhGuessWatch *self = PH_GUESS_WATCH (object);

  ph_clock_cancel_timer (self->clock, &self->timer);
  g_object_unref (self->clock);
  g_free (self->warning);

  G_OBJECT_CLASS (ph_guess_watch_parent_class)->finalize (object);
}

static void
ph_guess_watch_get_property (GObject    *object,
                             guint       property_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  PhGuessWatch *self = PH_GUESS_WATCH (object);

  switch (property_id)
    {
    case PROP_WARNING:
      g_value_set_string (value, self->warning);
      break;
    case PROP_N_FAILURES:
      g_value_set_uint64 (value, self->n_failures);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
ph_guess_watch_class_init (PhGuessWatchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = ph_guess_watch_finalize;
  object_class->get_property = ph_guess_watch_get_property;

  properties[PROP_WARNING] = g_param_spec_string ("warning", NULL, NULL, NULL, flags);
  properties[PROP_N_FAILURES] = g_param_spec_uint64 ("n-failures", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_guess_watch_init (PhGuessWatch *self)
{
}

PhGuessWatch *
ph_guess_watch_new (PhClock *clock)
{
  PhGuessWatch *self = g_object_new (PH_TYPE_GUESS_WATCH, NULL);

  self->clock = g_object_ref (clock);

  return self;
}

static guint
count (PhGuessWatch *self)
{
  guint n = 0;

  for (guint i = 0; i < PH_GUESS_WATCH_MINUTES; i++)
    n += self->minutes[i];

  return n;
}

/* The greatest of 10, 20, 50, 100… that `n` reaches; 0 for none. */
static guint
find_step (guint n)
{
  static const guint steps[] = { 1, 2, 5 };
  guint              found = 0;

  for (guint64 ten = PH_GUESS_WATCH_ALERT; ten <= n; ten *= 10)
    for (guint i = 0; i < G_N_ELEMENTS (steps) && ten * steps[i] <= n; i++)
      found = (guint)(ten * steps[i]);

  return found;
}

static void
update (PhGuessWatch *self,
        const char   *peer)
{
  guint step = find_step (count (self));

  /* What is on the way down need not be told at each step. */
  if (step == self->step || (step != 0 && step < self->step))
    return;

  self->step = step;
  g_clear_pointer (&self->warning, g_free);
  if (step > 0)
    /* Translators: a number that is 10 or more, 10, and an address */
    self->warning = g_strdup_printf (_ ("%u wrong passwords or more in the last %d minutes, the latest from %s. Guesses are slowed down, and the Sessions view shows them."),
                                     step, PH_GUESS_WATCH_MINUTES, peer);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WARNING]);
}

static void
start_timer (PhGuessWatch *self);

static void
minute_cb (gpointer data)
{
  PhGuessWatch *self = data;

  self->timer = 0;
  for (guint i = PH_GUESS_WATCH_MINUTES - 1; i > 0; i--)
    self->minutes[i] = self->minutes[i - 1];
  self->minutes[0] = 0;
  if (count (self) > 0)
    start_timer (self);
  update (self, NULL);
}

static void
start_timer (PhGuessWatch *self)
{
  self->timer = ph_clock_add_timer (self->clock, 60 * G_USEC_PER_SEC, minute_cb, self);
}

void
ph_guess_watch_add (PhGuessWatch *self,
                    const char   *peer)
{
  g_return_if_fail (PH_IS_GUESS_WATCH (self));

  self->n_failures++;
  self->minutes[0]++;
  if (self->timer == 0)
    start_timer (self);
  update (self, peer);
}

const char *
ph_guess_watch_get_warning (PhGuessWatch *self)
{
  g_return_val_if_fail (PH_IS_GUESS_WATCH (self), NULL);

  return self->warning;
}

guint64
ph_guess_watch_get_n_failures (PhGuessWatch *self)
{
  g_return_val_if_fail (PH_IS_GUESS_WATCH (self), 0);

  return self->n_failures;
}
