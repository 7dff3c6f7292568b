#include "ph-import.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-account-store-private.h"
#include "ph-import-source.h"
#include "ph-spool-private.h"

/* Of one group: one commit. */
#define GROUP_MESSAGES_MAX 100
#define GROUP_BYTES_MAX (8 * 1024 * 1024)

typedef struct
{
  PhImportSource  *source;
  char            *folder; /* or NULL */
  char            *rejected_dir;
  PhTransferFunc   progress;
  gpointer         progress_data;
  PhTransferCounts counts;
  GPtrArray       *group;     /* of PhImportItem that were read */
  guint            next;      /* of the group */
  guint            n_sent;    /* of those, being added */
  char            *name;      /* its folder */
  guint            n_refused; /* of the group, to be kept apart */
  gboolean         ended;     /* the source */
  gboolean         alone;     /* one at a time, because the group was refused */
} Import;

static void go_on (GTask *task);

static void
import_free (gpointer data)
{
  Import *self = data;

  g_clear_pointer (&self->source, ph_import_source_free);
  g_clear_pointer (&self->group, g_ptr_array_unref);
  g_free (self->name);
  g_free (self->folder);
  g_free (self->rejected_dir);
  g_free (self);
}

/* Keeping apart, on the worker */

static gboolean
copy_bytes (int from,
            int to)
{
  guint8  piece[64 * 1024];
  off_t   offset = 0;
  ssize_t n;

  while ((n = pread (from, piece, sizeof piece, offset)) > 0)
    {
      if (write (to, piece, (size_t)n) != n)
        return FALSE;
      offset += n;
    }

  return n == 0;
}

static void
keep_apart (Import             *self,
            const PhImportItem *item)
{
  g_autofree char *name = g_strdup_printf ("%06" G_GUINT64_FORMAT ".eml", self->counts.n_rejected);
  g_autofree char *origin = g_strdelimit (g_strdup (item->origin), "\t\r\n", ' ');
  int              dir_fd, fd;

  g_mkdir_with_parents (self->rejected_dir, 0700);
  dir_fd = open (self->rejected_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0)
    return;

  fd = openat (dir_fd, "reasons.tsv", O_CREAT | O_APPEND | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0)
    {
      dprintf (fd, "%s\t%s\t%s\n", item->spool != NULL ? name : "-", origin, item->problem);
      close (fd);
    }
  fd = item->spool != NULL ? openat (dir_fd, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
  if (fd >= 0)
    {
      if (!copy_bytes (ph_spool_get_fd (item->spool), fd))
        g_message ("A message that was not imported could not be kept apart");
      close (fd);
    }
  close (dir_fd);
}

static void
reject (Import             *self,
        const PhImportItem *item)
{
  self->counts.n_rejected++;
  keep_apart (self, item);
}

/* What was read before and could not be added. */
static void
reject_refused (Import *self)
{
  for (guint i = 0; i < self->group->len; i++)
    if (((PhImportItem *)g_ptr_array_index (self->group, i))->problem != NULL)
      reject (self, g_ptr_array_index (self->group, i));
  self->n_refused = 0;
  self->next = 0;
  g_ptr_array_set_size (self->group, 0);
}

/* Reading, on the worker; nobody else touches the Import then */

static void
read_in_thread (GTask        *job,
                gpointer      object,
                gpointer      data,
                GCancellable *cancellable)
{
  Import *self = data;
  guint64 bytes = 0;
  GError *error = NULL;

  reject_refused (self);
  while (!self->ended && self->group->len < GROUP_MESSAGES_MAX && bytes < GROUP_BYTES_MAX && !g_cancellable_is_cancelled (cancellable))
    {
      PhImportItem *item = ph_import_source_next (self->source, &error);

      if (item == NULL)
        {
          self->ended = TRUE;
          break;
        }
      if (item->problem != NULL)
        {
          reject (self, item);
          ph_import_item_free (item);
          continue;
        }
      bytes += ph_spool_get_size (item->spool);
      ph_spool_begin_sync (item->spool);
      g_ptr_array_add (self->group, item);
    }

  if (error != NULL)
    g_task_return_error (job, error);
  else
    g_task_return_boolean (job, TRUE);
}

static void
fail (GTask  *task,
      GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
read_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  GTask  *task = user_data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    go_on (task);
  else
    fail (task, error);
}

static void
read_group (GTask *task)
{
  Import         *self = g_task_get_task_data (task);
  PhAccountStore *account = g_task_get_source_object (task);
  g_autoptr (GTask) job = g_task_new (NULL, g_task_get_cancellable (task), read_cb, task);

  g_task_set_check_cancellable (job, FALSE);
  g_task_set_task_data (job, self, NULL);
  ph_worker_pool_run (ph_store_shared_get_readers (ph_account_store_get_shared (account)), job, read_in_thread);
}

/* Adding, in the main context */

/* INBOX, or a folder beside it; or `folder`, or one below it. */
static char *
name_target (Import     *self,
             const char *below)
{
  gboolean is_top = *below == '\0' || g_ascii_strcasecmp (below, "INBOX") == 0;

  if (self->folder == NULL)
    return ph_folder_name_normalize (is_top ? "INBOX" : below);

  if (!is_top)
    {
      g_autofree char *full = g_strconcat (self->folder, "/", below, NULL);

      return ph_folder_name_normalize (full);
    }

  return ph_folder_name_normalize (self->folder);
}

static PhImportItem *
get_next (Import *self)
{
  return g_ptr_array_index (self->group, self->next);
}

static void
reject_next (GTask      *task,
             const char *problem)
{
  Import *self = g_task_get_task_data (task);

  get_next (self)->problem = g_strdup (_ (problem));
  self->n_refused++;
  self->next++;
  go_on (task);
}

static gboolean
is_of_message (const GError *error)
{
  return g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID) || g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_ALLOWED);
}

/* A message that can't be taken is found by adding one at a time; where that is because of its
 * keywords (a folder has 64), it comes without. */
static void
take_refusal (GTask  *task,
              GError *error)
{
  Import       *self = g_task_get_task_data (task);
  PhImportItem *item = get_next (self);

  if (!is_of_message (error))
    {
      fail (task, error);
      return;
    }

  if (self->n_sent > 1)
    {
      self->alone = TRUE;
      go_on (task);
    }
  else if (item->keywords != NULL && *item->keywords != NULL)
    {
      g_clear_pointer (&item->keywords, g_strfreev);
      go_on (task);
    }
  else
    {
      reject_next (task, error->message);
    }
  g_error_free (error);
}

static void
appended_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  GTask  *task = user_data;
  Import *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GArray) uids = ph_account_store_append_finish (PH_ACCOUNT_STORE (object), result, NULL, &error);

  if (uids == NULL)
    {
      take_refusal (task, error);
      return;
    }

  for (guint i = 0; i < self->n_sent; i++)
    self->counts.n_bytes += ph_spool_get_size (((PhImportItem *)g_ptr_array_index (self->group, self->next + i))->spool);
  self->counts.n_messages += self->n_sent;
  self->next += self->n_sent;
  if (self->progress != NULL)
    self->progress (&self->counts, self->progress_data);
  go_on (task);
}

/* All of the group that are for the folder of the next one. */
static void
append (GTask *task)
{
  Import         *self = g_task_get_task_data (task);
  PhAccountStore *account = g_task_get_source_object (task);
  const char     *folder = get_next (self)->folder;
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_append_item_free);

  for (guint i = self->next; i < self->group->len && items->len < (self->alone ? 1 : GROUP_MESSAGES_MAX); i++)
    {
      const PhImportItem *item = g_ptr_array_index (self->group, i);
      PhAppendItem       *added;

      if (strcmp (item->folder, folder) != 0)
        break;
      added = ph_append_item_new (item->spool, item->flags, (const char *const *)item->keywords, item->date != 0 ? item->date : ph_account_store_get_now (account), item->zone);
      added->kept = item->kept;
      g_ptr_array_add (items, added);
    }
  self->n_sent = items->len;
  ph_account_store_append_async (account, self->name, items, NULL, 0, NULL, appended_cb, task);
}

static void
created_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;

  if (ph_account_store_finish (PH_ACCOUNT_STORE (object), result, &error) || g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS))
    append (task);
  else if (is_of_message (error))
    reject_next (task, error->message);
  else
    fail (task, g_steal_pointer (&error));
}

static void
choose_folder (GTask *task)
{
  Import          *self = g_task_get_task_data (task);
  PhAccountStore  *account = g_task_get_source_object (task);
  g_autofree char *name = name_target (self, get_next (self)->folder);
  const PhFolder  *folder;

  if (name == NULL)
    {
      reject_next (task, N_ ("No folder can have such a name"));
      return;
    }
  g_free (self->name);
  self->name = g_steal_pointer (&name);
  folder = ph_account_store_find_folder (account, self->name);
  if (folder != NULL && folder->exists)
    append (task);
  else
    ph_account_store_create_folder_async (account, self->name, PH_SPECIAL_NONE, NULL, created_cb, task);
}

static void
go_on (GTask *task)
{
  Import *self = g_task_get_task_data (task);

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
    }
  else if (self->next < self->group->len)
    {
      choose_folder (task);
    }
  else if (!self->ended || self->n_refused > 0)
    {
      self->alone = FALSE;
      read_group (task);
    }
  else
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
}

static void
item_free (gpointer data)
{
  ph_import_item_free (data);
}

void
ph_import_async (PhAccountStore     *account,
                 const char *const  *paths,
                 const char         *folder,
                 PhMboxDialect       dialect,
                 const char         *rejected_dir,
                 GCancellable       *cancellable,
                 PhTransferFunc      progress,
                 gpointer            progress_data,
                 GAsyncReadyCallback callback,
                 gpointer            user_data)
{
  GTask  *task;
  Import *self;

  g_return_if_fail (PH_IS_ACCOUNT_STORE (account));

  task = g_task_new (account, cancellable, callback, user_data);
  self = g_new0 (Import, 1);
  self->source = ph_import_source_new (ph_account_store_get_shared (account), paths, dialect);
  self->folder = g_strdup (folder);
  self->rejected_dir = g_strdup (rejected_dir);
  self->progress = progress;
  self->progress_data = progress_data;
  self->group = g_ptr_array_new_with_free_func (item_free);
  g_task_set_task_data (task, self, import_free);
  g_task_set_check_cancellable (task, FALSE);
  read_group (task);
}

gboolean
ph_import_finish (PhAccountStore   *account,
                  GAsyncResult     *result,
                  PhTransferCounts *counts,
                  GError          **error)
{
  if (counts != NULL)
    *counts = ((Import *)g_task_get_task_data (G_TASK (result)))->counts;

  return g_task_propagate_boolean (G_TASK (result), error);
}
