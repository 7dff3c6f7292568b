#include "ph-delivery-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ph-keyword-file.h"
#include "ph-maildir-name.h"
#include "ph-pending.h"
#include "ph-renumber.h"

/* One of the messages. */
typedef struct
{
  PhDelivery *delivery;
  PhFlags     flags;
  char      **keywords;
  PhKeptUid   kept;
  guint64     keyword_bits; /* in the folder */
  char       *name;         /* there, once linked: in cur/, or of an unordered one in tmp/ */
  char       *cur_name;     /* that it gets then */
} Part;

struct _PhAppendJob
{
  PhJob    job;
  GArray  *parts; /* of Part */
  gint64   folder;
  guint64  quota;
  guint64  record;      /* 0: none */
  gboolean again;       /* it may have been carried out before */
  gboolean unordered;   /* files and their names are synced beside each other; in tmp/ until they are safe */
  guint64  oldest;      /* of all records that a crash would bring up again; 0: unknown */
  gint64   now;         /* microseconds */
  gint64   replaced_in; /* folder, or 0 */
  guint32  replaced;
  char    *directory; /* of the folder, once something is linked */
  guint32  uidvalidity;
  GArray  *uids;
};

static void
part_clear (gpointer data)
{
  Part *part = data;

  ph_delivery_unref (part->delivery);
  g_strfreev (part->keywords);
  g_free (part->name);
  g_free (part->cur_name);
}

static gboolean
check_quota (PhAppendJob        *self,
             PhWriter           *writer,
             const PhMessageRow *replaced,
             GError            **error)
{
  gint64 used;

  /* What was accepted as a whole has its room promised. */
  if (self->record != 0)
    return TRUE;
  if (!ph_index_get_meta (writer->index, "used", &used, error))
    return FALSE;

  /* RFC 8508 3.4: what goes counts as gone. */
  if (replaced != NULL)
    used -= (gint64)replaced->file_size;
  for (guint i = 0; i < self->parts->len; i++)
    used += (gint64)g_array_index (self->parts, Part, i).delivery->summary.file_size;
  if (self->quota == 0 || (guint64)used <= self->quota)
    return TRUE;

  g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA, N_ ("The mailbox is full"));

  return FALSE;
}

static gboolean
sync_spool (gpointer data,
            GError **error)
{
  return ph_spool_sync (data, error);
}

/* A record's name is the same each time it is carried out, so that what a crash before the commit left under it
 * is replaced, not joined by a second.  Else a clock that was set back can make a name that is there: the next one is free. */
static gboolean
link_message (PhAppendJob       *self,
              Part              *part,
              PhWriter          *writer,
              const PhFolderRow *folder,
              PhMessageRow      *row,
              GError           **error)
{
  PhMaildirSub sub = self->unordered ? PH_MAILDIR_TMP : PH_MAILDIR_CUR;
  int          dir_fd = ph_maildir_get_sub (writer->maildir, folder->directory, sub, TRUE, error);

  if (dir_fd < 0)
    return FALSE;
  if (self->directory == NULL)
    self->directory = g_strdup (folder->directory);

  for (guint try = 0;; try++)
    {
      g_autoptr (GError) failure = NULL;
      g_autofree char *base = self->record != 0 ? ph_maildir_name_new_for_record (part->delivery->internal_date, self->record, row->file_size, row->info.size)
                                                : ph_maildir_name_new (self->now + try, row->file_size, row->info.size);
      g_autofree char *name = sub == PH_MAILDIR_CUR ? ph_maildir_build_name (sub, base, row->letters) : g_strdup (base);

      if (ph_spool_link_at (part->delivery->spool, dir_fd, name, &failure))
        {
          row->base = g_steal_pointer (&base);
          part->name = g_steal_pointer (&name);
          return TRUE;
        }
      if (try == 3 || !g_error_matches (failure, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (self->record != 0)
        unlinkat (dir_fd, name, 0);
    }
}

static void
fill_row (PhAppendJob  *self,
          const Part   *part,
          PhMessageRow *row,
          guint64       keywords)
{
  const PhSummary *summary = &part->delivery->summary;

  row->info.flags = (guint8)part->flags;
  row->info.keywords = keywords;
  row->info.internal_date = part->delivery->internal_date;
  row->info.internal_zone = part->delivery->zone;
  row->info.save_date = self->now / G_USEC_PER_SEC;
  row->info.size = (guint32)summary->size;
  row->info.ending = (guint8)summary->ending;
  row->file_size = summary->file_size;
  row->letters = ph_maildir_letters_from_flags (part->flags, keywords, PH_KEYWORD_LETTERS, "");
  row->sub = PH_MAILDIR_CUR;
}

static gboolean
find_thread (const Part   *part,
             PhWriter     *writer,
             PhMessageRow *row,
             GError      **error)
{
  gint64 thread;

  if (!ph_thread_find (writer->index, &part->delivery->summary.ids, ph_object_id_hash (row->base, strlen (row->base)), &thread, error))
    return FALSE;
  row->info.thread = (guint64)thread;

  return TRUE;
}

/* Before anything is linked: a file that was, and is taken back, can't be linked again. */
static gboolean
map_keywords (PhAppendJob       *self,
              PhWriter          *writer,
              const PhFolderRow *folder,
              PhChange          *change,
              GError           **error)
{
  for (guint i = 0; i < self->parts->len; i++)
    {
      Part *part = &g_array_index (self->parts, Part, i);

      if (!ph_index_map_keywords (writer->index, folder->id, (const char *const *)part->keywords, &part->keyword_bits, &change->keywords, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
append_part (PhAppendJob *self,
             Part        *part,
             PhWriter    *writer,
             PhFolderRow *folder,
             PhChange    *change,
             GError     **error)
{
  g_auto (PhMessageRow) row = { 0 };

  if (!part->delivery->measured && !ph_delivery_measure (part->delivery, error))
    return FALSE;
  fill_row (self, part, &row, part->keyword_bits);
  if (part->kept.uidvalidity == folder->uidvalidity)
    folder->uidnext = MAX (folder->uidnext, part->kept.uid);
  if (!link_message (self, part, writer, folder, &row, error))
    return FALSE;
  /* After it has its name, so that the file system writes both in one. */
  if (self->unordered)
    {
      part->cur_name = ph_maildir_build_name (PH_MAILDIR_CUR, row.base, row.letters);
      ph_syncs_begin (writer->syncs, sync_spool, g_object_ref (part->delivery->spool), g_object_unref);
    }
  if (!find_thread (part, writer, &row, error) || !ph_message_row_insert (writer->index, folder, &row, change, error) ||
      !ph_summary_save (&part->delivery->summary, writer->index, (gint64)row.info.object, error))
    return FALSE;
  g_array_append_val (self->uids, row.info.uid);
  if (part->kept.uidvalidity == folder->uidvalidity)
    change->uidnext = folder->uidnext = MAX (folder->uidnext, part->kept.uidnext);

  return TRUE;
}

static gboolean
remove_replaced (PhAppendJob        *self,
                 PhWriter           *writer,
                 PhFolderRow        *folder,
                 const PhMessageRow *row,
                 GError            **error)
{
  g_auto (PhFolderRow) other = { 0 };
  PhFolderRow *source = folder;

  if (self->replaced_in != folder->id)
    {
      if (!ph_folder_row_load_by_id (writer->index, self->replaced_in, &other, error))
        return FALSE;
      source = &other;
      source->modseq++;
    }

  return ph_message_row_delete (writer->index, source, row, ph_job_get_change (&self->job, source->id), error) &&
         ph_pending_add_unlink (writer->index, source->id, row, error) && (source == folder || ph_folder_row_save (writer->index, source, error));
}

/* In one commit with the message, so that a replay knows exactly. */
static gboolean
note_record (PhAppendJob *self,
             PhWriter    *writer,
             GError     **error)
{
  if (self->record == 0)
    return TRUE;

  return ph_index_run (writer->index, error, "DELETE FROM delivered WHERE record < ?", "i", (gint64)self->oldest) && ph_index_run (writer->index, error, "INSERT OR IGNORE INTO delivered VALUES (?)", "i", (gint64)self->record);
}

/* Where the first message has a UID of elsewhere, all have. */
static gboolean
adopt_uids (PhAppendJob *self,
            PhWriter    *writer,
            PhFolderRow *folder,
            GError     **error)
{
  const PhKeptUid *kept = &g_array_index (self->parts, Part, 0).kept;

  return kept->uidvalidity == 0 || ph_folder_adopt_uids (&self->job, writer, folder, kept->uidvalidity, error);
}

static gboolean
append_parts (PhAppendJob *self,
              PhWriter    *writer,
              GError     **error)
{
  PhJob *job = &self->job;
  g_auto (PhFolderRow) folder = { 0 };
  g_auto (PhMessageRow) replaced = { 0 };
  PhChange *change;
  guint32   uidvalidity;
  gboolean  found;

  found = self->folder != 0 ? ph_folder_row_load_by_id (writer->index, self->folder, &folder, error)
                            : ph_delivery_load_folder (g_array_index (self->parts, Part, 0).delivery, writer->index, &folder, error);
  if (!found || (self->replaced_in != 0 && !ph_message_row_load (writer->index, self->replaced_in, self->replaced, &replaced, error)) ||
      !check_quota (self, writer, self->replaced_in != 0 ? &replaced : NULL, error))
    return FALSE;

  uidvalidity = folder.uidvalidity;
  if (!ph_folder_ensure_uids (job, writer, &folder, self->parts->len, error) || !adopt_uids (self, writer, &folder, error))
    return FALSE;
  if (self->replaced_in != 0 && folder.uidvalidity != uidvalidity)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, "The message has another UID now");
      return FALSE;
    }
  self->uidvalidity = folder.uidvalidity;

  folder.modseq++;
  change = ph_job_get_change (job, folder.id);
  if (!map_keywords (self, writer, &folder, change, error))
    return FALSE;
  for (guint i = 0; i < self->parts->len; i++)
    if (!append_part (self, &g_array_index (self->parts, Part, i), writer, &folder, change, error))
      return FALSE;
  if (self->replaced_in != 0 && !remove_replaced (self, writer, &folder, &replaced, error))
    return FALSE;
  if (!note_record (self, writer, error))
    return FALSE;

  return ph_folder_row_save (writer->index, &folder, error);
}

static gboolean
append_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  PhAppendJob *self = (PhAppendJob *)job;
  gint64       n_delivered = 0;

  if (self->again && !ph_index_get_number (writer->index, &n_delivered, 0, error, "SELECT count(*) FROM delivered WHERE record = ?", "i", (gint64)self->record))
    return FALSE;

  return n_delivered > 0 || append_parts (self, writer, error);
}

static void
append_undo (PhJob    *job,
             PhWriter *writer)
{
  PhAppendJob *self = (PhAppendJob *)job;
  int          dir_fd = self->directory != NULL ? ph_maildir_get_sub (writer->maildir, self->directory, self->unordered ? PH_MAILDIR_TMP : PH_MAILDIR_CUR, FALSE, NULL) : -1;

  if (dir_fd < 0)
    return;

  for (guint i = 0; i < self->parts->len; i++)
    {
      const Part *part = &g_array_index (self->parts, Part, i);

      if (part->name != NULL)
        unlinkat (dir_fd, part->name, 0);
    }
}

/* That it is in tmp/ is no harm: there it is found, and a scan puts it right. */
static void
append_after (PhJob    *job,
              PhWriter *writer)
{
  PhAppendJob *self = (PhAppendJob *)job;
  int          tmp_fd, cur_fd;

  if (!self->unordered || self->directory == NULL)
    return;

  tmp_fd = ph_maildir_get_sub (writer->maildir, self->directory, PH_MAILDIR_TMP, FALSE, NULL);
  cur_fd = ph_maildir_get_sub (writer->maildir, self->directory, PH_MAILDIR_CUR, FALSE, NULL);
  for (guint i = 0; i < self->parts->len; i++)
    {
      const Part *part = &g_array_index (self->parts, Part, i);

      if (renameat (tmp_fd, part->name, cur_fd, part->cur_name) < 0)
        g_message ("A message stays in tmp/ for now: %s", g_strerror (errno));
    }
}

static void
append_done (PhJob *job)
{
  PhAppendJob *self = (PhAppendJob *)job;

  if (job->error != NULL)
    {
      g_task_return_error (job->task, g_steal_pointer (&job->error));
      return;
    }

  if (self->replaced_in != 0)
    ph_pending_push_sweep (ph_account_store_get_queue (PH_ACCOUNT_STORE (job->owner)), job->owner);
  g_object_set_data (G_OBJECT (job->task), "uidvalidity", GUINT_TO_POINTER (self->uidvalidity));
  g_task_return_pointer (job->task, g_steal_pointer (&self->uids), (GDestroyNotify)g_array_unref);
}

static void
append_free (PhJob *job)
{
  PhAppendJob *self = (PhAppendJob *)job;

  g_array_unref (self->parts);
  g_clear_pointer (&self->uids, g_array_unref);
  g_free (self->directory);
}

static void
init_parts (PhAppendJob *self)
{
  self->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  g_array_set_clear_func (self->parts, part_clear);
  self->uids = g_array_new (FALSE, FALSE, sizeof (guint32));
}

PhAppendJob *
ph_append_job_new (PhAccountStore *account,
                   gint64          folder,
                   GTask          *task)
{
  PhAppendJob *self = ph_job_new (sizeof *self, G_OBJECT (account), task);

  self->job.run = append_run;
  self->job.undo = append_undo;
  self->job.after = append_after;
  self->job.done = append_done;
  self->job.free = append_free;
  init_parts (self);
  self->folder = folder;
  self->quota = ph_account_store_get_quota (account);
  self->now = ph_clock_get_real_time (ph_store_shared_get_clock (ph_account_store_get_shared (account)));

  return self;
}

void
ph_append_job_add (PhAppendJob       *self,
                   PhDelivery        *delivery,
                   PhFlags            flags,
                   const char *const *keywords,
                   const PhKeptUid   *kept)
{
  Part part = { ph_delivery_ref (delivery), flags, g_strdupv ((char **)keywords), kept != NULL ? *kept : (PhKeptUid){ 0 }, 0, NULL, NULL };

  g_array_append_val (self->parts, part);
}

void
ph_append_job_replace (PhAppendJob *self,
                       gint64       folder,
                       guint32      uid)
{
  self->replaced_in = folder;
  self->replaced = uid;
}

void
ph_append_job_note (PhAppendJob *self,
                    guint64      record,
                    gboolean     again)
{
  self->record = record;
  self->again = again;
  self->oldest = ph_store_shared_get_oldest_record (ph_account_store_get_shared (PH_ACCOUNT_STORE (self->job.owner)));
}

void
ph_append_job_set_unordered (PhAppendJob *self)
{
  g_return_if_fail (self->replaced_in == 0);

  self->unordered = TRUE;
}

void
ph_append_job_push (PhAppendJob *self)
{
  ph_index_queue_push (ph_account_store_get_queue (PH_ACCOUNT_STORE (self->job.owner)), &self->job);
}

gboolean
ph_delivery_replay (PhDelivery *self,
                    PhWriter   *writer,
                    guint64     record,
                    gint64      now,
                    GError    **error)
{
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_change_free);
  PhAppendJob job = { .job.changes = changes, .record = record, .again = TRUE, .now = now };
  gboolean    ok;

  init_parts (&job);
  ph_append_job_add (&job, self, 0, NULL, NULL);
  ok = append_run (&job.job, writer, error);
  if (!ok)
    append_undo (&job.job, writer);
  g_clear_pointer (&job.job.folders, g_ptr_array_unref);
  append_free (&job.job);

  return ok;
}
