#include "ph-folder-scan.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-keyword-file.h"
#include "ph-maildir-name.h"
#include "ph-path.h"
#include "ph-pending.h"
#include "ph-renumber.h"
#include "ph-summary.h"

/* An empty file is no message before that. */
#define EMPTY_SECONDS 10

/* Messages between two reports of how far a new index is: about a quarter of a second. */
#define PROGRESS_STEP 4096

/* The times of a file system may be as coarse as two seconds. */
#define SETTLED_SECONDS 3
#define LOOKS_MAX 10000

/* A file in the directory that no row has claimed yet. */
typedef struct
{
  char        *name;
  char        *base;
  PhMaildirSub sub;
  guint32      uid;  /* that it has already, by a list; 0: none */
  const char  *guid; /* borrowed from the list, or NULL */
  const char  *uidl; /* the same */
} File;

typedef struct
{
  PhJob           *job;
  PhWriter        *writer;
  PhFolderRow     *folder;
  gint64           now;
  const PhUidlist *list;       /* or NULL */
  GHashTable      *files;      /* base → File */
  GPtrArray       *rows;       /* of PhMessageRow that differ from the directory, or are missing there */
  GHashTable      *wanted;     /* at the second look: only these bases; borrowed from `rows` */
  guint            n_keywords; /* that have letters */
  PhFolderFound    found;
  gboolean         bumped;
} Scan;

static gint64
get_time (PhMaildir   *maildir,
          const char  *directory,
          PhMaildirSub sub)
{
  struct stat st;
  int         dir_fd = ph_maildir_get_sub (maildir, directory, sub, FALSE, NULL);

  return dir_fd >= 0 && fstat (dir_fd, &st) == 0 ? st.st_ctim.tv_sec * G_GINT64_CONSTANT (1000000000) + st.st_ctim.tv_nsec : 0;
}

PhFolderTimes
ph_folder_times_get (PhMaildir  *maildir,
                     const char *directory)
{
  return (PhFolderTimes){ get_time (maildir, directory, PH_MAILDIR_CUR), get_time (maildir, directory, PH_MAILDIR_NEW) };
}

void
ph_folder_looks_add (PhWriter            *writer,
                     gint64               folder,
                     const PhFolderTimes *times,
                     gint64               now)
{
  gint64 oldest = (now - SETTLED_SECONDS * G_USEC_PER_SEC) * 1000;

  if (writer->looks == NULL || times->cur == 0 || times->new == 0 || times->cur > oldest || times->new > oldest)
    return;
  if (g_hash_table_size (writer->looks) >= LOOKS_MAX)
    g_hash_table_remove_all (writer->looks);
  g_hash_table_insert (writer->looks, g_memdup2 (&folder, sizeof folder), g_memdup2 (times, sizeof *times));
}

gboolean
ph_folder_looks_hold (PhWriter            *writer,
                      gint64               folder,
                      const PhFolderTimes *times)
{
  const PhFolderTimes *seen = writer->looks != NULL ? g_hash_table_lookup (writer->looks, &folder) : NULL;

  return seen != NULL && seen->cur == times->cur && seen->new == times->new;
}

static void
file_free (gpointer data)
{
  File *file = data;

  g_free (file->name);
  g_free (file->base);
  g_free (file);
}

static void
row_free (gpointer data)
{
  ph_message_row_free (data);
}

static void
scan_clear (Scan *scan)
{
  g_clear_pointer (&scan->files, g_hash_table_unref);
  g_clear_pointer (&scan->wanted, g_hash_table_unref);
  g_clear_pointer (&scan->rows, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scan, scan_clear)

static gboolean
list_sub (Scan        *scan,
          PhMaildirSub sub,
          GError     **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int dir_fd = ph_maildir_get_sub (scan->writer->maildir, scan->folder->directory, sub, FALSE, error);

  if (dir_fd < 0 || !ph_maildir_list (dir_fd, names, error))
    return FALSE;

  for (guint i = 0; i < names->len; i++)
    {
      const char   *name = g_ptr_array_index (names, i);
      PhMaildirName parsed;
      File         *file;

      if (!ph_maildir_name_parse (name, &parsed))
        continue;
      file = g_new0 (File, 1);
      file->name = g_strdup (name);
      file->base = g_strndup (parsed.base, parsed.base_length);
      file->sub = sub;
      /* The first one found stays: a message in two places (a rename seen halfway) is one. */
      if (g_hash_table_contains (scan->files, file->base) || (scan->wanted != NULL && !g_hash_table_contains (scan->wanted, file->base)))
        file_free (file);
      else
        g_hash_table_insert (scan->files, file->base, file);
    }

  return TRUE;
}

/* cur last: a file on its way from new to cur is then seen at least once. */
static gboolean
list_files (Scan    *scan,
            GError **error)
{
  return list_sub (scan, PH_MAILDIR_NEW, error) && list_sub (scan, PH_MAILDIR_CUR, error);
}

static gboolean
row_agrees (const PhMessageRow *row,
            const File         *file)
{
  PhMaildirName parsed;

  return file != NULL && file->sub == row->sub && ph_maildir_name_parse (file->name, &parsed) && strcmp (parsed.letters, row->letters) == 0;
}

static gboolean
load_differing (Scan    *scan,
                GError **error)
{
  sqlite3_stmt *statement = ph_index_query (scan->writer->index, error, "SELECT " PH_MESSAGE_COLUMNS " FROM messages WHERE folder = ? ORDER BY uid", "i", scan->folder->id);
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (scan->writer->index, statement, error)) == 1)
    {
      g_auto (PhMessageRow) row = { 0 };
      PhMessageRow *kept;

      ph_message_row_read (statement, &row);
      scan->found.stale |= row.stale;
      if (row_agrees (&row, g_hash_table_lookup (scan->files, row.base)))
        {
          g_hash_table_remove (scan->files, row.base);
          continue;
        }
      kept = ph_message_row_new ();
      *kept = row;
      row = (PhMessageRow){ 0 };
      g_ptr_array_add (scan->rows, kept);
    }

  return result == 0;
}

/* All changes of one scan share one modseq. */
static void
bump (Scan *scan)
{
  if (!scan->bumped)
    scan->folder->modseq++;
  scan->bumped = TRUE;
}

static gboolean
take_letters (Scan         *scan,
              PhMessageRow *row,
              const File   *file,
              GError      **error)
{
  PhMaildirName parsed;
  PhFlags       seen, known, flags;
  guint64       keywords, seen_keywords, known_keywords;
  PhChange     *change;

  ph_maildir_name_parse (file->name, &parsed);
  seen = ph_maildir_flags_from_letters (parsed.letters);
  known = ph_maildir_flags_from_letters (row->letters);
  flags = (row->info.flags | (seen & ~known)) & ~(known & ~seen);
  seen_keywords = ph_maildir_keywords_from_letters (parsed.letters, scan->n_keywords);
  known_keywords = ph_maildir_keywords_from_letters (row->letters, scan->n_keywords);
  keywords = (row->info.keywords | (seen_keywords & ~known_keywords)) & ~(known_keywords & ~seen_keywords);

  if (flags != row->info.flags || keywords != row->info.keywords)
    {
      bump (scan);
      row->info.flags = (guint8)flags;
      row->info.keywords = keywords;
      row->info.modseq = scan->folder->modseq;
      change = ph_job_get_change (scan->job, scan->folder->id);
      g_array_append_val (change->changed, row->info);
      change->modseq = scan->folder->modseq;
      change->uidnext = scan->folder->uidnext;
    }
  row->stale = file->sub != PH_MAILDIR_CUR || flags != seen || (keywords & ((G_GUINT64_CONSTANT (1) << scan->n_keywords) - 1)) != seen_keywords;
  scan->found.stale |= row->stale;

  return ph_index_run (scan->writer->index, error, "UPDATE messages SET flags = ?, keywords = ?, modseq = ?, letters = ?, sub = ?, stale = ? WHERE folder = ? AND uid = ?", "iiisiiii",
                       (gint64)row->info.flags, (gint64)row->info.keywords, (gint64)row->info.modseq, parsed.letters, (gint64)file->sub, (gint64)row->stale, scan->folder->id, (gint64)row->info.uid);
}

/* A copy or a delivery whose rename from tmp was lost in a crash; what is not of the size that its row
 * knows is none of ours, or no more. */
static gboolean
is_in_tmp (Scan               *scan,
           const PhMessageRow *row)
{
  int              dir_fd = ph_maildir_get_sub (scan->writer->maildir, scan->folder->directory, PH_MAILDIR_TMP, FALSE, NULL);
  g_autofree char *found = dir_fd >= 0 ? ph_maildir_find (dir_fd, row->base) : NULL;
  struct stat      st;

  if (found == NULL || fstatat (dir_fd, found, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return FALSE;
  if ((guint64)st.st_size == row->file_size)
    return TRUE;
  unlinkat (dir_fd, found, 0);

  return FALSE;
}

static gboolean
take_row (Scan         *scan,
          PhMessageRow *row,
          GError      **error)
{
  const File *file = g_hash_table_lookup (scan->files, row->base);
  gboolean    ok;

  if (file != NULL)
    {
      ok = take_letters (scan, row, file, error);
      g_hash_table_remove (scan->files, row->base);
      return ok;
    }

  if (is_in_tmp (scan, row))
    {
      scan->found.stale = TRUE;
      return ph_index_run (scan->writer->index, error, "UPDATE messages SET sub = 2, stale = 1 WHERE folder = ? AND uid = ?", "ii", scan->folder->id, (gint64)row->info.uid);
    }

  bump (scan);

  return ph_message_row_delete (scan->writer->index, scan->folder, row, ph_job_get_change (scan->job, scan->folder->id), error);
}

/* Sets `wanted` where something is missing. */
static gboolean
any_missing (Scan *scan)
{
  for (guint i = 0; i < scan->rows->len; i++)
    {
      char *base = ((PhMessageRow *)g_ptr_array_index (scan->rows, i))->base;

      if (g_hash_table_contains (scan->files, base))
        continue;
      if (scan->wanted == NULL)
        scan->wanted = g_hash_table_new (g_str_hash, g_str_equal);
      g_hash_table_add (scan->wanted, base);
    }

  return scan->wanted != NULL;
}

/* readdir may miss a file that is renamed meanwhile, so what is missing is looked for again:
 * that alone, or the files of all other rows would be taken for new mail. */
static gboolean
take_rows (Scan    *scan,
           GError **error)
{
  if (any_missing (scan) && !list_files (scan, error))
    return FALSE;

  for (guint i = 0; i < scan->rows->len; i++)
    if (!take_row (scan, g_ptr_array_index (scan->rows, i), error))
      return FALSE;

  return TRUE;
}

/* Sizes come from the name where it has both and the file agrees; else from the bytes. */
static gboolean
measure_file (int            fd,
              PhMaildirName *parsed,
              struct stat   *st,
              GError       **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (fstat (fd, st) < 0)
    return ph_store_error_set_errno (error, errno, N_ ("A message can’t be looked at"));
  if (parsed->size == st->st_size && parsed->virtual_size >= parsed->size && parsed->virtual_size <= 2 * parsed->size)
    return TRUE;

  bytes = ph_summary_read_file (fd, error);
  if (bytes == NULL)
    return FALSE;
  parsed->size = (gint64)g_bytes_get_size (bytes);
  parsed->virtual_size = parsed->size + (gint64)ph_summary_count_bare_lf (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  return TRUE;
}

static gboolean
is_fresh (const struct stat *st)
{
  return ABS (g_get_real_time () / G_USEC_PER_SEC - st->st_mtime) < EMPTY_SECONDS;
}

/* Those in the list come first, then the others get numbers that the list never gave. */
static void
take_uid (Scan       *scan,
          const File *file)
{
  if (file->uid != 0)
    scan->folder->uidnext = file->uid;
  else if (scan->list != NULL)
    scan->folder->uidnext = MAX (scan->folder->uidnext, scan->list->uidnext);
}

static gboolean
add_file (Scan       *scan,
          const File *file,
          GError    **error)
{
  g_auto (PhMessageRow) row = { 0 };
  g_autoptr (GError) failure = NULL;
  PhMaildirName parsed;
  struct stat   st;
  int           dir_fd, fd;
  gboolean      ok;

  dir_fd = ph_maildir_get_sub (scan->writer->maildir, scan->folder->directory, file->sub, FALSE, error);
  if (dir_fd < 0)
    return FALSE;
  fd = openat (dir_fd, file->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  scan->found.left_out |= fd < 0;
  if (fd < 0)
    return TRUE; /* gone, a link, or not ours to read */

  ph_maildir_name_parse (file->name, &parsed);
  ok = measure_file (fd, &parsed, &st, &failure);
  close (fd);
  scan->found.left_out |= !ok || (st.st_size == 0 && is_fresh (&st));
  if (!ok || !S_ISREG (st.st_mode) || parsed.virtual_size > G_MAXUINT32)
    return TRUE; /* no message */
  /* Somebody writes it here rather than in tmp/: its bytes are still to come. */
  if (st.st_size == 0 && is_fresh (&st))
    return TRUE;

  bump (scan);
  take_uid (scan, file);
  row.guid = g_strdup (file->guid);
  row.uidl = g_strdup (file->uidl);
  row.info.flags = (guint8)ph_maildir_flags_from_letters (parsed.letters);
  row.info.keywords = ph_maildir_keywords_from_letters (parsed.letters, scan->n_keywords);
  row.info.internal_date = st.st_mtime;
  row.info.save_date = scan->now;
  row.info.size = (guint32)parsed.virtual_size;
  row.file_size = (guint64)parsed.size;
  row.base = g_strdup (file->base);
  row.letters = g_strdup (parsed.letters);
  row.sub = file->sub;
  row.stale = file->sub != PH_MAILDIR_CUR || !parsed.has_info;
  scan->found.stale |= row.stale;

  return ph_message_row_insert (scan->writer->index, scan->folder, &row, ph_job_get_change (scan->job, scan->folder->id), error);
}

/* By UID where they have one, then in the order in which they came. */
static int
compare_files (gconstpointer a,
               gconstpointer b)
{
  const File   *one = *(File *const *)a;
  const File   *two = *(File *const *)b;
  PhMaildirName name_one, name_two;

  if (one->uid != two->uid)
    return one->uid - 1 < two->uid - 1 ? -1 : 1; /* 0 is the last */

  ph_maildir_name_parse (one->name, &name_one);
  ph_maildir_name_parse (two->name, &name_two);
  if (name_one.time != name_two.time)
    return name_one.time < name_two.time ? -1 : 1;

  return strcmp (one->base, two->base);
}

static void
look_up_uids (Scan *scan)
{
  for (guint i = 0; i < scan->list->entries->len; i++)
    {
      const PhUidlistEntry *entry = &g_array_index (scan->list->entries, PhUidlistEntry, i);
      File                 *file = g_hash_table_lookup (scan->files, entry->base);

      if (file != NULL && file->uid == 0)
        {
          file->uid = entry->uid;
          file->guid = entry->guid;
          file->uidl = entry->uidl;
        }
    }
}

static void
note_progress (PhFillProgress *progress)
{
  if (progress != NULL && ++progress->n_done % PROGRESS_STEP == 0)
    progress->tell (progress);
}

static gboolean
add_files (Scan    *scan,
           GError **error)
{
  g_autoptr (GHashTable) unlinks = NULL;
  g_autoptr (GPtrArray) files = NULL;
  GHashTableIter iter;
  File          *file;

  if (g_hash_table_size (scan->files) == 0)
    return TRUE;

  unlinks = ph_pending_load_unlinks (scan->writer->index, scan->folder->id, error);
  if (unlinks == NULL)
    return FALSE;
  scan->found.stale |= g_hash_table_size (unlinks) > 0;
  if (scan->list != NULL)
    look_up_uids (scan);

  files = g_ptr_array_new ();
  g_hash_table_iter_init (&iter, scan->files);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&file))
    if (!g_hash_table_contains (unlinks, file->base))
      g_ptr_array_add (files, file);
  g_ptr_array_sort (files, compare_files);
  if (!ph_folder_ensure_uids (scan->job, scan->writer, scan->folder, files->len, error))
    return FALSE;

  for (guint i = 0; i < files->len; i++)
    {
      if (!add_file (scan, g_ptr_array_index (files, i), error))
        return FALSE;
      note_progress (scan->writer->progress);
    }

  return TRUE;
}

gboolean
ph_folder_scan (PhJob           *job,
                PhWriter        *writer,
                PhFolderRow     *folder,
                const PhUidlist *list,
                gint64           now,
                PhFolderFound   *found,
                GError         **error)
{
  g_auto (Scan) scan = { .job = job, .writer = writer, .folder = folder, .list = list, .now = now };

  scan.files = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, file_free);
  scan.rows = g_ptr_array_new_with_free_func (row_free);

  if (!ph_keyword_file_count (writer->index, folder->id, &scan.n_keywords, error) || !list_files (&scan, error) || !load_differing (&scan, error) || !take_rows (&scan, error) || !add_files (&scan, error))
    return FALSE;
  found->stale |= scan.found.stale;
  found->left_out |= scan.found.left_out;

  return !scan.bumped || ph_folder_row_save (writer->index, folder, error);
}
