#include "ph-account-watch.h"

#include "ph-folder-scan.h"

/* A folder's directory is there before what is in it, which makes it one. */
#define DELAY (G_USEC_PER_SEC / 4)

struct _PhAccountWatch
{
  PhAccountStore *account; /* the owner */
  guint           root;    /* id of the watcher */
  guint           timer;
};

typedef struct
{
  PhJob  job;
  gint64 now;
} ListJob;

static gboolean
has_folder (GPtrArray *folders,
            gint64     id)
{
  for (guint i = 0; i < folders->len; i++)
    if (((const PhFolder *)g_ptr_array_index (folders, i))->id == id)
      return TRUE;

  return FALSE;
}

/* Sessions that have one open are told that it is gone; FALSE where the lists are alike. */
static gboolean
note_differences (PhJob     *job,
                  GPtrArray *before,
                  GPtrArray *after)
{
  gboolean differ = before->len != after->len;

  for (guint i = 0; i < before->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (before, i);

      if (has_folder (after, folder->id))
        continue;
      differ = TRUE;
      ph_job_get_change (job, folder->id)->deleted = TRUE;
    }

  return differ;
}

static gboolean
list_run (PhJob    *job,
          PhWriter *writer,
          GError  **error)
{
  g_autoptr (GPtrArray) before = ph_index_list_folders (writer->index, error);
  g_autoptr (GPtrArray) after = NULL;

  if (before == NULL || !ph_folder_scan_list (writer, ((ListJob *)job)->now, error))
    return FALSE;

  after = ph_index_list_folders (writer->index, error);
  if (after == NULL)
    return FALSE;
  if (note_differences (job, before, after))
    job->folders = g_steal_pointer (&after);

  return TRUE;
}

static void
timer_cb (gpointer user_data)
{
  PhAccountWatch *self = user_data;
  ListJob        *job;

  self->timer = 0;
  if (!ph_store_shared_check_writable (ph_account_store_get_shared (self->account), NULL))
    return;

  job = ph_job_new (sizeof *job, G_OBJECT (self->account), NULL);
  job->job.run = list_run;
  job->now = ph_account_store_get_now (self->account);
  ph_index_queue_push (ph_account_store_get_queue (self->account), &job->job);
}

static void
root_cb (const char *name,
         gpointer    user_data)
{
  PhAccountWatch *self = user_data;

  if (self->timer == 0 && (name == NULL || name[0] == '.'))
    self->timer = ph_clock_add_timer (ph_store_shared_get_clock (ph_account_store_get_shared (self->account)), DELAY, timer_cb, self);
}

PhAccountWatch *
ph_account_watch_new (PhAccountStore *account)
{
  PhAccountWatch  *self = g_new0 (PhAccountWatch, 1);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d/.", ph_maildir_get_fd (ph_index_queue_get_maildir (ph_account_store_get_queue (account))));

  self->account = account;
  /* Not of what is written: each delivery writes into the list of UIDs. */
  self->root = ph_watcher_add (ph_store_shared_get_watcher (ph_account_store_get_shared (account)), path, FALSE, root_cb, self);

  return self;
}

void
ph_account_watch_free (PhAccountWatch *self)
{
  PhStoreShared *shared = ph_account_store_get_shared (self->account);

  ph_clock_cancel_timer (ph_store_shared_get_clock (shared), &self->timer);
  ph_watcher_remove (ph_store_shared_get_watcher (shared), &self->root);
  g_free (self);
}
