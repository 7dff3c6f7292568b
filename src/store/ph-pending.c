#include "ph-pending.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ph-keyword-file.h"
#include "ph-maildir-name.h"

/* Files that one background job touches: others wait at most for so many. */
#define PIECE 100

enum {
  PENDING_UNLINK,
  PENDING_RENAME,
  PENDING_REMOVE,
};

gboolean
ph_pending_add_unlink (PhIndex            *index,
                       gint64              folder,
                       const PhMessageRow *row,
                       GError            **error)
{
  g_autofree char *name = ph_maildir_build_name (row->sub, row->base, row->letters);

  return ph_index_run (index, error, "INSERT INTO pending (kind, folder, a, b) VALUES (?, ?, ?, ?)", "iiss", (gint64)PENDING_UNLINK, folder, row->base, name);
}

gboolean
ph_pending_add_rename (PhIndex    *index,
                       const char *from,
                       const char *to,
                       GError    **error)
{
  return ph_index_run (index, error, "INSERT INTO pending (kind, folder, a, b) VALUES (?, 0, ?, ?)", "iss", (gint64)PENDING_RENAME, from, to);
}

gboolean
ph_pending_add_remove (PhIndex    *index,
                       const char *directory,
                       GError    **error)
{
  return ph_index_run (index, error, "INSERT INTO pending (kind, folder, a, b) VALUES (?, 0, ?, '')", "is", (gint64)PENDING_REMOVE, directory);
}

gboolean
ph_pending_run_folders (PhWriter *writer,
                        GError  **error)
{
  sqlite3_stmt *statement = ph_index_query (writer->index, error, "SELECT kind, a, b FROM pending WHERE kind != ? ORDER BY id", "i", (gint64)PENDING_UNLINK);
  gboolean      any = FALSE;
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (writer->index, statement, error)) == 1)
    {
      const char *a = (const char *)sqlite3_column_text (statement, 1);
      const char *b = (const char *)sqlite3_column_text (statement, 2);
      g_autoptr (GError) failure = NULL;
      gboolean done;

      any = TRUE;
      done = sqlite3_column_int (statement, 0) == PENDING_RENAME ? ph_maildir_rename_folder (writer->maildir, a, b, &failure) : ph_maildir_remove_folder (writer->maildir, a, &failure);
      /* NOT_FOUND: done before a crash, or by somebody else.  Otherwise another program has
       * put something in the way: the directory shows as a folder again, no mail is lost. */
      if (!done && !g_error_matches (failure, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND))
        g_message ("A folder's directory stays as it was: %s", failure->message);
    }
  if (result < 0)
    return FALSE;
  if (!any)
    return TRUE;

  if (fsync (ph_maildir_get_fd (writer->maildir)) < 0)
    return ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be synced"));

  return ph_index_run (writer->index, error, "DELETE FROM pending WHERE kind != ?", "i", (gint64)PENDING_UNLINK);
}

GHashTable *
ph_pending_load_unlinks (PhIndex *index,
                         gint64   folder,
                         GError **error)
{
  g_autoptr (GHashTable) bases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  sqlite3_stmt *statement = ph_index_query (index, error, "SELECT a FROM pending WHERE kind = ? AND folder = ?", "ii", (gint64)PENDING_UNLINK, folder);
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (index, statement, error)) == 1)
    g_hash_table_add (bases, g_strdup ((const char *)sqlite3_column_text (statement, 0)));

  return result == 0 ? g_steal_pointer (&bases) : NULL;
}

typedef struct
{
  PhJob         job;
  PhIndexQueue *queue; /* borrowed: the owner holds it */
  gboolean      more;
  GHashTable   *listings; /* "DIRECTORY/SUB" → names by base, made when one is not where it was */
} SweepJob;

typedef struct
{
  gint64 id;
  gint64 folder;
  char  *base;
  char  *name;
} Unlink;

static void
unlink_clear (gpointer data)
{
  Unlink *item = data;

  g_free (item->base);
  g_free (item->name);
}

static GHashTable *
list_names (PhWriter    *writer,
            const char  *directory,
            PhMaildirSub sub)
{
  GHashTable *by_base = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int dir_fd = ph_maildir_get_sub (writer->maildir, directory, sub, FALSE, NULL);

  if (dir_fd >= 0)
    ph_maildir_list (dir_fd, names, NULL);
  for (guint i = 0; i < names->len; i++)
    {
      PhMaildirName parsed;

      if (ph_maildir_name_parse (g_ptr_array_index (names, i), &parsed))
        g_hash_table_insert (by_base, g_strndup (parsed.base, parsed.base_length), g_strdup (g_ptr_array_index (names, i)));
    }

  return by_base;
}

/* What a message's file is called now, or NULL: one look at the directory for the whole
 * piece, however many another program has renamed or removed.  Borrowed. */
static const char *
find_name (SweepJob    *self,
           PhWriter    *writer,
           const char  *directory,
           PhMaildirSub sub,
           const char  *base)
{
  g_autofree char *key = g_strdup_printf ("%s/%d", directory, (int)sub);
  GHashTable      *names;

  if (self->listings == NULL)
    self->listings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
  names = g_hash_table_lookup (self->listings, key);
  if (names == NULL)
    {
      names = list_names (writer, directory, sub);
      g_hash_table_insert (self->listings, g_steal_pointer (&key), names);
    }

  return g_hash_table_lookup (names, base);
}

static GArray *
load_unlinks (PhIndex *index,
              GError **error)
{
  g_autoptr (GArray) items = g_array_new (FALSE, TRUE, sizeof (Unlink));
  sqlite3_stmt *statement = ph_index_query (index, error, "SELECT id, folder, a, b FROM pending WHERE kind = ? ORDER BY id LIMIT ?", "ii", (gint64)PENDING_UNLINK, (gint64)PIECE);
  int           result = -1;

  g_array_set_clear_func (items, unlink_clear);
  while (statement != NULL && (result = ph_index_step (index, statement, error)) == 1)
    {
      Unlink item = {
        .id = sqlite3_column_int64 (statement, 0),
        .folder = sqlite3_column_int64 (statement, 1),
        .base = g_strdup ((const char *)sqlite3_column_text (statement, 2)),
        .name = g_strdup ((const char *)sqlite3_column_text (statement, 3)),
      };

      g_array_append_val (items, item);
    }

  return result == 0 ? g_steal_pointer (&items) : NULL;
}

/* The name as noted is there but for a rename since then. */
static gboolean
unlink_message (SweepJob     *self,
                PhWriter     *writer,
                const char   *directory,
                const Unlink *item,
                GError      **error)
{
  for (PhMaildirSub sub = PH_MAILDIR_CUR; sub <= PH_MAILDIR_TMP; sub++)
    {
      int dir_fd = ph_maildir_get_sub (writer->maildir, directory, sub, FALSE, error);

      if (dir_fd < 0)
        return FALSE;
      if (unlinkat (dir_fd, item->name, 0) == 0)
        return ph_maildir_get_sub (writer->maildir, directory, sub, TRUE, error) >= 0;
      if (errno != ENOENT)
        return ph_store_error_set_errno (error, errno, N_ ("A message can’t be removed"));
    }

  for (PhMaildirSub sub = PH_MAILDIR_CUR; sub <= PH_MAILDIR_TMP; sub++)
    {
      int         dir_fd = ph_maildir_get_sub (writer->maildir, directory, sub, TRUE, error);
      const char *name;

      if (dir_fd < 0)
        return FALSE;
      name = find_name (self, writer, directory, sub, item->base);
      if (name != NULL)
        return unlinkat (dir_fd, name, 0) == 0 || errno == ENOENT || ph_store_error_set_errno (error, errno, N_ ("A message can’t be removed"));
    }

  return TRUE;
}

static gboolean
sweep_unlinks (SweepJob *self,
               PhWriter *writer,
               GError  **error)
{
  g_autoptr (GArray) items = load_unlinks (writer->index, error);

  if (items == NULL)
    return FALSE;
  self->more |= items->len == PIECE;

  for (guint i = 0; i < items->len; i++)
    {
      const Unlink *item = &g_array_index (items, Unlink, i);
      g_auto (PhFolderRow) folder = { 0 };
      g_autoptr (GError) failure = NULL;

      /* The folder may be gone with all its files. */
      if (ph_folder_row_load_by_id (writer->index, item->folder, &folder, NULL) && !unlink_message (self, writer, folder.directory, item, &failure) && !g_error_matches (failure, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (!ph_index_run (writer->index, error, "DELETE FROM pending WHERE id = ?", "i", item->id))
        return FALSE;
    }

  return TRUE;
}

typedef struct
{
  gint64       folder;
  PhMessageRow row;
} Stale;

static void
stale_clear (gpointer data)
{
  ph_message_row_clear (&((Stale *)data)->row);
}

static GArray *
load_stale (PhIndex *index,
            GError **error)
{
  g_autoptr (GArray) items = g_array_new (FALSE, TRUE, sizeof (Stale));
  sqlite3_stmt *statement = ph_index_query (index, error, "SELECT " PH_MESSAGE_COLUMNS ", folder FROM messages INDEXED BY messages_stale WHERE stale = 1 ORDER BY folder, uid LIMIT ?", "i", (gint64)PIECE);
  int           result = -1;

  g_array_set_clear_func (items, stale_clear);
  while (statement != NULL && (result = ph_index_step (index, statement, error)) == 1)
    {
      Stale item = { 0 };

      ph_message_row_read (statement, &item.row);
      item.folder = sqlite3_column_int64 (statement, PH_MESSAGE_INFO_N_COLUMNS + 7);
      g_array_append_val (items, item);
    }

  return result == 0 ? g_steal_pointer (&items) : NULL;
}

/* TRUE too where the file is gone: the next scan finds that. */
static gboolean
rename_message (SweepJob           *self,
                PhWriter           *writer,
                const char         *directory,
                const PhMessageRow *row,
                const char         *letters,
                GError            **error)
{
  g_autofree char *from = ph_maildir_build_name (row->sub, row->base, row->letters);
  g_autofree char *to = ph_maildir_build_name (PH_MAILDIR_CUR, row->base, letters);
  int              from_fd = ph_maildir_get_sub (writer->maildir, directory, row->sub, TRUE, error);
  int              cur_fd = from_fd >= 0 ? ph_maildir_get_sub (writer->maildir, directory, PH_MAILDIR_CUR, TRUE, error) : -1;

  if (cur_fd < 0)
    return FALSE;
  if (renameat (from_fd, from, cur_fd, to) == 0)
    return TRUE;
  if (errno != ENOENT)
    return ph_store_error_set_errno (error, errno, N_ ("A message can’t be renamed"));

  for (PhMaildirSub sub = PH_MAILDIR_CUR; sub <= PH_MAILDIR_TMP; sub++)
    {
      const char *found;

      from_fd = ph_maildir_get_sub (writer->maildir, directory, sub, TRUE, error);
      if (from_fd < 0)
        return FALSE;
      found = find_name (self, writer, directory, sub, row->base);
      if (found != NULL)
        return renameat (from_fd, found, cur_fd, to) == 0 || errno == ENOENT || ph_store_error_set_errno (error, errno, N_ ("A message can’t be renamed"));
    }

  return TRUE;
}

static gboolean
sweep_names (SweepJob *self,
             PhWriter *writer,
             GError  **error)
{
  g_autoptr (GArray) items = load_stale (writer->index, error);

  if (items == NULL)
    return FALSE;
  self->more |= items->len == PIECE;

  for (guint i = 0; i < items->len; i++)
    {
      const Stale *item = &g_array_index (items, Stale, i);
      g_auto (PhFolderRow) folder = { 0 };
      g_autofree char *letters = NULL;
      guint            n_keywords;

      if (!ph_keyword_file_count (writer->index, item->folder, &n_keywords, error))
        return FALSE;
      letters = ph_maildir_letters_from_flags (item->row.info.flags, item->row.info.keywords, n_keywords, item->row.letters);
      if (!ph_folder_row_load_by_id (writer->index, item->folder, &folder, error) || !rename_message (self, writer, folder.directory, &item->row, letters, error) || !ph_index_run (writer->index, error, "UPDATE messages SET letters = ?, sub = 0, stale = 0 WHERE folder = ? AND uid = ?", "sii", letters, item->folder, (gint64)item->row.info.uid))
        return FALSE;
    }

  return TRUE;
}

static gboolean
sweep_run (PhJob    *job,
           PhWriter *writer,
           GError  **error)
{
  SweepJob *self = (SweepJob *)job;

  g_clear_pointer (&self->listings, g_hash_table_unref);
  self->more = FALSE;

  return sweep_unlinks (self, writer, error) && sweep_names (self, writer, error);
}

static void
sweep_done (PhJob *job)
{
  SweepJob *self = (SweepJob *)job;

  if (job->error != NULL && !g_error_matches (job->error, PH_STORE_ERROR, PH_STORE_ERROR_READ_ONLY))
    g_info ("Some files keep their old names for now: %s", job->error->message);
  else if (job->error == NULL && self->more)
    ph_pending_push_sweep (self->queue, job->owner);
}

static void
sweep_free (PhJob *job)
{
  g_clear_pointer (&((SweepJob *)job)->listings, g_hash_table_unref);
}

void
ph_pending_push_sweep (PhIndexQueue *queue,
                       GObject      *owner)
{
  SweepJob *self = ph_job_new (sizeof *self, owner, NULL);

  self->job.run = sweep_run;
  self->job.done = sweep_done;
  self->job.free = sweep_free;
  self->job.background = TRUE;
  self->job.frees = TRUE;
  self->queue = queue;
  ph_index_queue_push (queue, &self->job);
}
