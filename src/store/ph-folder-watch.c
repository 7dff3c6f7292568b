#include "ph-folder-watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "ph-folder-scan.h"
#include "ph-maildir-name.h"
#include "ph-pending.h"

/* Names that are remembered while a look is under way; more mean: look at everything. */
#define NAMES_MAX 1000

/* Between looks at the directories' times: with watches, and without. */
#define PATIENT (300 * G_USEC_PER_SEC)
#define ANXIOUS G_USEC_PER_SEC

struct _PhFolderWatch
{
  PhMailbox    *mailbox; /* the owner */
  PhFolderTimes seen;
  guint         cur, new; /* ids of the watcher */
  guint         timer;
  GHashTable   *names; /* since the last look: name → sub; NULL: anything */
  gboolean      all;   /* look at everything */
  gboolean      looking;
  gboolean      left_out; /* something that may become a message without a name that comes or goes */
};

typedef struct
{
  PhJob         job;
  gint64        folder;
  gint64        now;
  PhFolderTimes seen;
  GHashTable   *names; /* NULL: only the times */
  gboolean      all;
  gboolean      agreed; /* and was not scanned */
  PhFolderFound found;
} LookJob;

static void push_look (PhFolderWatch *self,
                       gboolean       times_only);

/* The file is under that name and has the bytes that the row knows. */
static gboolean
is_there (PhWriter    *writer,
          const char  *directory,
          PhMaildirSub sub,
          const char  *name,
          gint64       size)
{
  struct stat st;
  int         dir_fd = ph_maildir_get_sub (writer->maildir, directory, sub, FALSE, NULL);

  return dir_fd >= 0 && fstatat (dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && (size < 0 || st.st_size == size);
}

/* A message never changes (I12): a file with other bytes is another message. */
static gboolean
drop_changed (LookJob      *self,
              PhWriter     *writer,
              PhFolderRow  *folder,
              PhMessageRow *row,
              GError      **error)
{
  folder->modseq++;

  return ph_message_row_delete (writer->index, folder, row, ph_job_get_change (&self->job, folder->id), error) && ph_folder_row_save (writer->index, folder, error);
}

static gboolean
agrees (LookJob     *self,
        PhWriter    *writer,
        PhFolderRow *folder,
        const char  *name,
        PhMaildirSub sub,
        gboolean    *agreed,
        GError     **error)
{
  PhMaildirName parsed;
  g_auto (PhMessageRow) row = { 0 };
  g_autofree char *base = NULL;
  g_autofree char *known = NULL;
  gint64           n_unlinks;
  int              found;

  *agreed = TRUE;
  if (!ph_maildir_name_parse (name, &parsed))
    return TRUE;

  base = g_strndup (parsed.base, parsed.base_length);
  found = ph_message_row_find (writer->index, folder->id, base, &row, error);
  if (found < 0)
    return FALSE;
  if (found == 0)
    {
      /* Gone again, or what we have still to remove. */
      *agreed = !is_there (writer, folder->directory, sub, name, -1) || (ph_index_get_number (writer->index, &n_unlinks, 0, NULL, "SELECT count(*) FROM pending WHERE folder = ? AND a = ?", "is", folder->id, base) && n_unlinks > 0);
      return TRUE;
    }

  known = ph_maildir_build_name (row.sub, row.base, row.letters);
  if (row.sub == sub && strcmp (known, name) == 0)
    {
      *agreed = is_there (writer, folder->directory, sub, name, (gint64)row.file_size);
      return *agreed || !is_there (writer, folder->directory, sub, name, -1) || drop_changed (self, writer, folder, &row, error);
    }
  *agreed = !is_there (writer, folder->directory, sub, name, -1) && is_there (writer, folder->directory, row.sub, known, -1);

  return TRUE;
}

static gboolean
all_agree (LookJob     *self,
           PhWriter    *writer,
           PhFolderRow *folder,
           gboolean    *agree,
           GError     **error)
{
  GHashTableIter iter;
  gpointer       name, sub;

  *agree = !self->all;
  if (self->names == NULL)
    return TRUE;

  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &name, &sub))
    {
      gboolean one;

      if (!agrees (self, writer, folder, name, (PhMaildirSub)GPOINTER_TO_INT (sub), &one, error))
        return FALSE;
      *agree &= one;
    }

  return TRUE;
}

static gboolean
look_run (PhJob    *job,
          PhWriter *writer,
          GError  **error)
{
  LookJob *self = (LookJob *)job;
  g_auto (PhFolderRow) folder = { 0 };
  PhFolderTimes times;
  gboolean      agree;

  if (!ph_folder_row_load_by_id (writer->index, self->folder, &folder, error) || !all_agree (self, writer, &folder, &agree, error))
    return FALSE;

  times = ph_folder_times_get (writer->maildir, folder.directory);
  if (self->names == NULL)
    agree &= memcmp (&times, &self->seen, sizeof times) == 0;
  self->seen = times;
  self->agreed = agree;

  return agree || ph_folder_scan (job, writer, &folder, NULL, self->now, &self->found, error);
}

static void
look_done (PhJob *job)
{
  LookJob       *self = (LookJob *)job;
  PhMailbox     *mailbox = ph_account_store_peek_mailbox (PH_ACCOUNT_STORE (job->owner), self->folder);
  PhFolderWatch *watch = mailbox != NULL ? ph_mailbox_get_watch (mailbox) : NULL;

  if (job->error == NULL && self->found.stale)
    ph_pending_push_sweep (ph_account_store_get_queue (PH_ACCOUNT_STORE (job->owner)), job->owner);
  if (watch == NULL)
    return;

  watch->looking = FALSE;
  watch->seen = self->seen;
  if (!self->agreed)
    watch->left_out = self->found.left_out;
  if (watch->all || watch->names != NULL)
    push_look (watch, FALSE);
}

static void
look_free (PhJob *job)
{
  g_clear_pointer (&((LookJob *)job)->names, g_hash_table_unref);
}

/* One at a time; what happens meanwhile is looked at by the next. */
static void
push_look (PhFolderWatch *self,
           gboolean       times_only)
{
  PhAccountStore *account = ph_mailbox_get_account (self->mailbox);
  LookJob        *job;

  if (self->looking || ph_mailbox_get_deleted (self->mailbox) || !ph_store_shared_check_writable (ph_account_store_get_shared (account), NULL))
    return;

  self->looking = TRUE;
  job = ph_job_new (sizeof *job, G_OBJECT (account), NULL);
  job->job.run = look_run;
  job->job.done = look_done;
  job->job.free = look_free;
  job->folder = ph_mailbox_get_folder (self->mailbox);
  job->now = ph_account_store_get_now (account);
  job->seen = self->seen;
  if (!times_only)
    {
      job->all = self->all;
      job->names = self->names != NULL ? g_steal_pointer (&self->names) : g_hash_table_new (g_str_hash, g_str_equal);
      self->all = FALSE;
    }
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}

static void
note_name (PhFolderWatch *self,
           const char    *name,
           PhMaildirSub   sub)
{
  if (self->names == NULL)
    self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (name == NULL || g_hash_table_size (self->names) >= NAMES_MAX)
    self->all = TRUE;
  else
    g_hash_table_insert (self->names, g_strdup (name), GINT_TO_POINTER (sub));
  push_look (self, FALSE);
}

static void
cur_cb (const char *name,
        gpointer    user_data)
{
  note_name (user_data, name, PH_MAILDIR_CUR);
}

static void
new_cb (const char *name,
        gpointer    user_data)
{
  note_name (user_data, name, PH_MAILDIR_NEW);
}

static void
timer_cb (gpointer user_data)
{
  PhFolderWatch *self = user_data;
  PhClock       *clock = ph_store_shared_get_clock (ph_account_store_get_shared (ph_mailbox_get_account (self->mailbox)));

  push_look (self, TRUE);
  self->timer = ph_clock_add_timer (clock, self->cur != 0 && self->new != 0 ? PATIENT : ANXIOUS, timer_cb, self);
}

static guint
add_watch (PhFolderWatch *self,
           const char    *sub,
           PhWatchFunc    function)
{
  PhAccountStore  *account = ph_mailbox_get_account (self->mailbox);
  g_autofree char *directory = ph_mailbox_dup_directory (self->mailbox);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d/%s/%s", ph_maildir_get_fd (ph_index_queue_get_maildir (ph_account_store_get_queue (account))), directory, sub);

  return ph_watcher_add (ph_store_shared_get_watcher (ph_account_store_get_shared (account)), path, TRUE, function, self);
}

PhFolderWatch *
ph_folder_watch_new (PhMailbox           *mailbox,
                     const PhFolderTimes *seen)
{
  PhFolderWatch *self = g_new0 (PhFolderWatch, 1);

  self->mailbox = mailbox;
  self->seen = *seen;
  self->cur = add_watch (self, "cur", cur_cb);
  self->new = add_watch (self, "new", new_cb);
  /* What came between the load and the watch. */
  timer_cb (self);

  return self;
}

void
ph_folder_watch_free (PhFolderWatch *self)
{
  PhStoreShared *shared = ph_account_store_get_shared (ph_mailbox_get_account (self->mailbox));

  ph_clock_cancel_timer (ph_store_shared_get_clock (shared), &self->timer);
  ph_watcher_remove (ph_store_shared_get_watcher (shared), &self->cur);
  ph_watcher_remove (ph_store_shared_get_watcher (shared), &self->new);
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_free (self);
}

gboolean
ph_folder_watch_get_seen (PhFolderWatch *self,
                          PhFolderTimes *seen)
{
  *seen = self->seen;

  return !self->looking && !self->all && self->names == NULL && !self->left_out && self->cur != 0 && self->new != 0;
}
