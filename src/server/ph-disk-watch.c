#include "ph-disk-watch.h"

#include "ph-intake.h"
#include "ph-worker-pool.h"

#include <glib/gi18n-lib.h>
#include <sys/statvfs.h>

#define MB ((guint64)1000 * 1000)

/* Below each of them the warning is another; the last is where mail is refused. */
static const guint64 levels[] = { 250 * MB, 100 * MB, 50 * MB, PH_INTAKE_RESERVE };

struct _PhDiskWatch
{
  GObject parent_instance;

  PhClock      *clock;
  PhWorkerPool *workers;
  char         *directory;
  guint         timer;
  guint         level; /* how many of the levels it is below */
  char         *warning;
};

G_DEFINE_FINAL_TYPE (PhDiskWatch, ph_disk_watch, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_WARNING,
};

static void
ph_disk_watch_finalize (GObject *object)
{
  PhDiskWatch *self = PH_DISK_WATCH (object);

  ph_clock_cancel_timer (self->clock, &self->timer);
  g_object_unref (self->clock);
  g_object_unref (self->workers);
  g_free (self->directory);
  g_free (self->warning);

  G_OBJECT_CLASS (ph_disk_watch_parent_class)->finalize (object);
}

static void
ph_disk_watch_get_property (GObject    *object,
                            guint       property_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  g_value_set_string (value, PH_DISK_WATCH (object)->warning);
}

static void
ph_disk_watch_class_init (PhDiskWatchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ph_disk_watch_finalize;
  object_class->get_property = ph_disk_watch_get_property;
  g_object_class_install_property (object_class, PROP_WARNING,
                                   g_param_spec_string ("warning", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
ph_disk_watch_init (PhDiskWatch *self)
{
}

/* Asking */

static void
ask_in_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  struct statvfs st;
  guint64       *free_space = NULL; /* not known */

  if (statvfs (data, &st) == 0)
    {
      free_space = g_new (guint64, 1);
      *free_space = (guint64)st.f_bavail * st.f_frsize;
    }
  g_task_return_pointer (task, free_space, g_free);
}

static void ask (gpointer data);

/* The next question comes after the answer to the last: no more than one is stuck. */
static void
asked_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  PhDiskWatch        *self = PH_DISK_WATCH (source);
  g_autofree guint64 *free_space = g_task_propagate_pointer (G_TASK (result), NULL);

  if (free_space != NULL)
    ph_disk_watch_note (self, *free_space);
  self->timer = ph_clock_add_timer (self->clock, PH_DISK_WATCH_INTERVAL, ask, self);
}

static void
ask (gpointer data)
{
  PhDiskWatch *self = data;
  g_autoptr (GTask) task = g_task_new (self, NULL, asked_cb, NULL);

  self->timer = 0;
  g_task_set_task_data (task, g_strdup (self->directory), g_free);
  ph_worker_pool_run (self->workers, task, ask_in_thread);
}

PhDiskWatch *
ph_disk_watch_new (const char *directory,
                   PhClock    *clock)
{
  PhDiskWatch *self = g_object_new (PH_TYPE_DISK_WATCH, NULL);

  self->directory = g_strdup (directory);
  self->clock = g_object_ref (clock);
  self->workers = ph_worker_pool_new ("disk", 1);
  ask (self);

  return self;
}

/* Telling */

static guint
find_level (guint64 free_space)
{
  guint level = 0;

  while (level < G_N_ELEMENTS (levels) && free_space < levels[level])
    level++;

  return level;
}

static char *
describe (guint level)
{
  if (level == 0)
    return NULL;
  if (level == G_N_ELEMENTS (levels))
    return g_strdup (_ ("The disk of the mail is full: mail is refused until there is room."));

  /* Translators: a number of megabytes: 250, 100 or 50 */
  return g_strdup_printf (_ ("The disk of the mail is nearly full: less than %u MB are left. When it is full, mail is refused until there is room."),
                          (guint)(levels[level - 1] / MB));
}

void
ph_disk_watch_note (PhDiskWatch *self,
                    guint64      free_space)
{
  guint level;

  g_return_if_fail (PH_IS_DISK_WATCH (self));

  level = find_level (free_space);
  if (level < self->level)
    level = MIN (self->level, find_level (free_space / 5 * 4));
  if (level == self->level)
    return;

  self->level = level;
  g_free (self->warning);
  self->warning = describe (level);
  g_object_notify (G_OBJECT (self), "warning");
}

const char *
ph_disk_watch_get_warning (PhDiskWatch *self)
{
  g_return_val_if_fail (PH_IS_DISK_WATCH (self), NULL);

  return self->warning;
}
