/* The queue: mail for others is kept here, safe and in sight.  Nothing is sent yet: whatever
 * the guard says, mail waits. */

#include "ph-relay.h"

#include "ph-queue-item-private.h"
#include "ph-relay-error.h"
#include "ph-worker-pool.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE "Message"

struct _PhRelay
{
  GObject parent_instance;

  char           *relay_dir;
  char           *bad_dir;
  PhClock        *clock;
  PhRelayHandler *handler; /* not referenced: it knows the relay */
  PhWorkerPool   *worker;  /* one thread: what it does to the directory stays in order */
  GListStore     *queue;
  GListStore     *bad;
  guint           last_id;
};

G_DEFINE_FINAL_TYPE (PhRelay, ph_relay, G_TYPE_OBJECT)

static void
ph_relay_dispose (GObject *object)
{
  PhRelay *self = PH_RELAY (object);

  g_clear_object (&self->worker);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (ph_relay_parent_class)->dispose (object);
}

static void
ph_relay_finalize (GObject *object)
{
  PhRelay *self = PH_RELAY (object);

  g_object_unref (self->queue);
  g_object_unref (self->bad);
  g_free (self->relay_dir);
  g_free (self->bad_dir);

  G_OBJECT_CLASS (ph_relay_parent_class)->finalize (object);
}

static void
ph_relay_class_init (PhRelayClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_relay_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_relay_finalize;
}

static void
ph_relay_init (PhRelay *self)
{
  self->queue = g_list_store_new (PH_TYPE_QUEUE_ITEM);
  self->bad = g_list_store_new (PH_TYPE_QUEUE_ITEM);
  self->worker = ph_worker_pool_new ("relay", 1);
}

PhRelay *
ph_relay_new (const char     *relay_dir,
              const char     *bad_dir,
              PhClock        *clock,
              PhPoller       *poller,
              PhJournal      *journal,
              PhRelayHandler *handler)
{
  PhRelay *self = g_object_new (PH_TYPE_RELAY, NULL);

  self->relay_dir = g_strdup (relay_dir);
  self->bad_dir = g_strdup (bad_dir);
  self->clock = g_object_ref (clock);
  self->handler = handler;

  return self;
}

void
ph_relay_configure (PhRelay             *self,
                    const PhRelayConfig *config)
{
}

void
ph_relay_set_resolver (PhRelay    *self,
                       PhResolver *resolver)
{
}

static char *
build_path (PhRelay    *self,
            const char *id,
            const char *ending)
{
  g_autofree char *name = g_strconcat (id, ending, NULL);

  return g_build_filename (self->relay_dir, name, NULL);
}

static gboolean
fail (GError    **error,
      const char *path)
{
  g_set_error (error, PH_RELAY_ERROR, PH_RELAY_ERROR_FAILED, "%s: %s", path, g_strerror (errno));

  return FALSE;
}

/* Reading the directory at the start */

static PhQueueItem *
read_item (PhRelay    *self,
           const char *id)
{
  g_autofree char *env = build_path (self, id, ".env");
  g_autofree char *eml = build_path (self, id, ".eml");
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *sender = NULL;
  g_auto (GStrv) recipients = NULL;
  g_autofree char *state = NULL;
  PhQueueItem     *item;
  GStatBuf         st;

  if (g_stat (eml, &st) != 0 || !g_key_file_load_from_file (file, env, G_KEY_FILE_NONE, NULL))
    return NULL;

  sender = g_key_file_get_string (file, MESSAGE, "Sender", NULL);
  recipients = g_key_file_get_string_list (file, MESSAGE, "Recipients", NULL, NULL);
  if (sender == NULL || recipients == NULL || recipients[0] == NULL)
    return NULL;

  item = ph_queue_item_new (id, sender, (const char *const *)recipients, (guint64)st.st_size, g_key_file_get_int64 (file, MESSAGE, "Arrived", NULL));
  state = g_key_file_get_string (file, MESSAGE, "State", NULL);
  ph_queue_item_set_state (item, g_strcmp0 (state, "held") == 0 ? PH_QUEUE_HELD : PH_QUEUE_GUARDED);

  return item;
}

static void
read_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  PhRelay *self = source;
  g_autoptr (GDir) dir = g_dir_open (self->relay_dir, 0, NULL);
  GPtrArray  *items = g_ptr_array_new_with_free_func (g_object_unref);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".env"))
      {
        g_autofree char *id = g_strndup (name, strlen (name) - strlen (".env"));
        PhQueueItem     *item = read_item (self, id);

        if (item != NULL)
          g_ptr_array_add (items, item);
      }

  g_task_return_pointer (task, items, (GDestroyNotify)g_ptr_array_unref);
}

static PhQueueItem *
find_item (PhRelay    *self,
           const char *id,
           guint      *position)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->queue)); i++)
    {
      g_autoptr (PhQueueItem) item = g_list_model_get_item (G_LIST_MODEL (self->queue), i);

      *position = i;
      if (strcmp (ph_queue_item_get_id (item), id) == 0)
        return item; /* borrowed: the list has it */
    }

  return NULL;
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  PhRelay *self = PH_RELAY (source);
  g_autoptr (GPtrArray) items = g_task_propagate_pointer (G_TASK (result), NULL);
  guint position;

  for (guint i = 0; i < items->len; i++)
    if (find_item (self, ph_queue_item_get_id (items->pdata[i]), &position) == NULL)
      g_list_store_append (self->queue, items->pdata[i]);
}

void
ph_relay_start (PhRelay *self)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PH_IS_RELAY (self));

  task = g_task_new (self, NULL, read_cb, NULL);
  ph_worker_pool_run (self->worker, task, read_in_thread);
}

void
ph_relay_stop (PhRelay *self)
{
}

/* Queueing */

typedef struct
{
  PhSpool     *spool;
  PhQueueItem *item;
  char        *env; /* text of the file */
} Enqueue;

static void
enqueue_free (gpointer data)
{
  Enqueue *self = data;

  g_object_unref (self->spool);
  g_object_unref (self->item);
  g_free (self->env);
  g_free (self);
}

static gboolean
sync_directory (const char *path,
                GError    **error)
{
  int      fd = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    fail (error, path);
  if (fd >= 0)
    close (fd);

  return synced;
}

/* The message first, then the envelope, which makes the pair one of the queue. */
static void
enqueue_in_thread (GTask        *task,
                   gpointer      source,
                   gpointer      data,
                   GCancellable *cancellable)
{
  PhRelay         *self = source;
  Enqueue         *job = data;
  g_autofree char *eml = build_path (self, ph_queue_item_get_id (job->item), ".eml");
  g_autofree char *env = build_path (self, ph_queue_item_get_id (job->item), ".env");
  GError          *error = NULL;

  if (g_mkdir_with_parents (self->relay_dir, 0700) != 0)
    fail (&error, self->relay_dir);
  else if (ph_spool_sync (job->spool, &error) && ph_spool_link (job->spool, eml, &error) && g_file_set_contents_full (env, job->env, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &error))
    sync_directory (self->relay_dir, &error);

  if (error == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_unlink (env);
  g_unlink (eml);
  g_task_return_error (task, error);
}

static void
enqueued_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Enqueue *job = g_task_get_task_data (G_TASK (result));
  GError  *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_list_store_append (PH_RELAY (source)->queue, job->item);
  g_task_return_pointer (task, g_strdup (ph_queue_item_get_id (job->item)), g_free);
}

static char *
format_env (const PhSmtpEnvelope *envelope,
            const char *const    *recipients,
            gint64                arrived)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_key_file_set_integer (file, MESSAGE, "Version", 1);
  g_key_file_set_string (file, MESSAGE, "Sender", envelope->sender);
  g_key_file_set_string_list (file, MESSAGE, "Recipients", recipients, g_strv_length ((GStrv)recipients));
  g_key_file_set_int64 (file, MESSAGE, "Arrived", arrived);
  g_key_file_set_boolean (file, MESSAGE, "SmtpUtf8", envelope->smtputf8);
  g_key_file_set_string (file, MESSAGE, "State", "guarded");

  return g_key_file_to_data (file, NULL, NULL);
}

void
ph_relay_enqueue_async (PhRelay              *self,
                        PhSpool              *spool,
                        const PhSmtpEnvelope *envelope,
                        GCancellable         *cancellable,
                        GAsyncReadyCallback   callback,
                        gpointer              user_data)
{
  g_autoptr (GTask) inner = NULL;
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  g_autofree char *id = NULL;
  gint64           now;
  Enqueue         *job;

  g_return_if_fail (PH_IS_RELAY (self));

  now = ph_clock_get_real_time (self->clock);
  id = g_strdup_printf ("%016" G_GINT64_MODIFIER "X%03X%04X", (guint64)now, self->last_id++ & 0xfff, g_random_int () & 0xffff);
  for (guint i = 0; i < envelope->recipients->len; i++)
    g_ptr_array_add (recipients, ((PhSmtpRecipient *)envelope->recipients->pdata[i])->address);
  g_ptr_array_add (recipients, NULL);

  job = g_new (Enqueue, 1);
  job->spool = g_object_ref (spool);
  job->env = format_env (envelope, (const char *const *)recipients->pdata, now);
  job->item = ph_queue_item_new (id, envelope->sender, (const char *const *)recipients->pdata, ph_spool_get_size (spool), now);
  ph_queue_item_set_state (job->item, PH_QUEUE_GUARDED);
  inner = g_task_new (self, NULL, enqueued_cb, g_task_new (self, cancellable, callback, user_data));
  g_task_set_task_data (inner, job, enqueue_free);
  ph_worker_pool_run (self->worker, inner, enqueue_in_thread);
}

char *
ph_relay_enqueue_finish (PhRelay      *self,
                         GAsyncResult *result,
                         GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Changes by the user */

static void
remove_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  g_autofree char *eml = build_path (source, data, ".eml");
  g_autofree char *env = build_path (source, data, ".env");

  g_unlink (env);
  g_unlink (eml);
  g_task_return_boolean (task, TRUE);
}

gboolean
ph_relay_remove (PhRelay    *self,
                 const char *id)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *copy = g_strdup (id);
  guint            position;

  if (find_item (self, id, &position) == NULL)
    return FALSE;

  g_list_store_remove (self->queue, position);
  task = g_task_new (self, NULL, NULL, NULL);
  g_task_set_task_data (task, g_steal_pointer (&copy), g_free);
  ph_worker_pool_run (self->worker, task, remove_in_thread);

  return TRUE;
}

void
ph_relay_withdraw (PhRelay    *self,
                   const char *id)
{
  ph_relay_remove (self, id);
}

typedef struct
{
  char       *id;
  const char *state;
} SetState;

static void
set_state_free (gpointer data)
{
  g_free (((SetState *)data)->id);
  g_free (data);
}

static void
set_state_in_thread (GTask        *task,
                     gpointer      source,
                     gpointer      data,
                     GCancellable *cancellable)
{
  SetState        *job = data;
  g_autofree char *env = build_path (source, job->id, ".env");
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (g_key_file_load_from_file (file, env, G_KEY_FILE_KEEP_COMMENTS, &error))
    {
      g_key_file_set_string (file, MESSAGE, "State", job->state);
      text = g_key_file_to_data (file, NULL, NULL);
      g_file_set_contents_full (env, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &error);
    }
  if (error != NULL)
    g_warning ("%s", error->message);
  g_task_return_boolean (task, error == NULL);
}

static gboolean
set_state (PhRelay     *self,
           const char  *id,
           PhQueueState state,
           const char  *word)
{
  guint        position;
  PhQueueItem *item = find_item (self, id, &position);
  g_autoptr (GTask) task = NULL;
  SetState *job;

  if (item == NULL)
    return FALSE;

  ph_queue_item_set_state (item, state);
  job = g_new (SetState, 1);
  job->id = g_strdup (id);
  job->state = word;
  task = g_task_new (self, NULL, NULL, NULL);
  g_task_set_task_data (task, job, set_state_free);
  ph_worker_pool_run (self->worker, task, set_state_in_thread);

  return TRUE;
}

gboolean
ph_relay_hold (PhRelay    *self,
               const char *id)
{
  return set_state (self, id, PH_QUEUE_HELD, "held");
}

gboolean
ph_relay_release (PhRelay    *self,
                  const char *id)
{
  return set_state (self, id, PH_QUEUE_GUARDED, "guarded");
}

/* These need the sender, which is not built yet: they say that nothing was done. */

gboolean
ph_relay_try_now (PhRelay    *self,
                  const char *id)
{
  return FALSE;
}

gboolean
ph_relay_bounce (PhRelay    *self,
                 const char *id)
{
  return FALSE;
}

gboolean
ph_relay_requeue (PhRelay    *self,
                  const char *id)
{
  return FALSE;
}

GListModel *
ph_relay_get_queue (PhRelay *self)
{
  g_return_val_if_fail (PH_IS_RELAY (self), NULL);

  return G_LIST_MODEL (self->queue);
}

GListModel *
ph_relay_get_bad (PhRelay *self)
{
  g_return_val_if_fail (PH_IS_RELAY (self), NULL);

  return G_LIST_MODEL (self->bad);
}
