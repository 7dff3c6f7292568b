#include "ph-index-rows.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ph-object-id.h"
#include "ph-path.h"
#include "ph-uidvalidity.h"

#define UID_LAST (G_MAXUINT32 - 1)

#define FOLDER_COLUMNS "id, name, special_use, uidvalidity, uidnext, recent, modseq, log_start, guid"

/* MODSEQs of an index that was made anew begin above all that the one before gave. */
#define EPOCH_SHIFT 40

void
ph_folder_row_clear (PhFolderRow *row)
{
  g_free (row->name);
  g_free (row->directory);
  g_free (row->guid);
  *row = (PhFolderRow){ 0 };
}

static gboolean
read_folder_row (PhIndex      *index,
                 sqlite3_stmt *statement,
                 PhFolderRow  *row,
                 GError      **error)
{
  int result = statement != NULL ? ph_index_step (index, statement, error) : -1;

  if (result < 0)
    return FALSE;
  if (result == 0)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, N_ ("There is no such folder"));
      return FALSE;
    }

  row->id = sqlite3_column_int64 (statement, 0);
  row->name = g_strdup ((const char *)sqlite3_column_text (statement, 1));
  row->special_use = (PhSpecialUse)sqlite3_column_int (statement, 2);
  row->uidvalidity = (guint32)sqlite3_column_int64 (statement, 3);
  row->uidnext = (guint32)sqlite3_column_int64 (statement, 4);
  row->recent = (guint32)sqlite3_column_int64 (statement, 5);
  row->modseq = (guint64)sqlite3_column_int64 (statement, 6);
  row->log_start = (guint64)sqlite3_column_int64 (statement, 7);
  row->guid = g_strdup ((const char *)sqlite3_column_text (statement, 8));
  row->directory = ph_path_encode_folder (row->name);
  sqlite3_reset (statement);

  if (row->directory == NULL)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_FAILED, N_ ("The index has a folder that can't be"));
      return FALSE;
    }

  return TRUE;
}

gboolean
ph_folder_row_load (PhIndex     *index,
                    const char  *name,
                    PhFolderRow *row,
                    GError     **error)
{
  return read_folder_row (index, ph_index_query (index, error, "SELECT " FOLDER_COLUMNS " FROM folders WHERE name = ?", "s", name), row, error);
}

gboolean
ph_folder_row_load_place (PhIndex     *index,
                          PhSpecialUse place,
                          PhFolderRow *row,
                          GError     **error)
{
  gint64 id = 0;

  /* Where a person has made several of a kind, the oldest. */
  if (place != PH_SPECIAL_NONE && !ph_index_get_number (index, &id, 0, error, "SELECT min(id) FROM folders WHERE special_use = ?", "i", (gint64)place))
    return FALSE;

  return id != 0 ? ph_folder_row_load_by_id (index, id, row, error) : ph_folder_row_load (index, "INBOX", row, error);
}

gboolean
ph_folder_row_load_by_id (PhIndex     *index,
                          gint64       id,
                          PhFolderRow *row,
                          GError     **error)
{
  return read_folder_row (index, ph_index_query (index, error, "SELECT " FOLDER_COLUMNS " FROM folders WHERE id = ?", "i", id), row, error);
}

gboolean
ph_folder_row_save (PhIndex           *index,
                    const PhFolderRow *row,
                    GError           **error)
{
  return ph_index_run (index, error, "UPDATE folders SET uidnext = ?, recent = ?, modseq = ? WHERE id = ?", "iiii",
                       (gint64)row->uidnext, (gint64)row->recent, (gint64)row->modseq, row->id);
}

gboolean
ph_folder_row_insert (PhWriter    *writer,
                      const char  *name,
                      PhSpecialUse special_use,
                      PhFolderRow *row,
                      GError     **error)
{
  g_autofree char *guid = ph_object_id_new_guid ();
  guint32          uidvalidity;
  gint64           epoch, modseq;

  if (!ph_uidvalidity_next (writer, &uidvalidity, error) || !ph_index_get_meta (writer->index, "epoch", &epoch, error))
    return FALSE;

  modseq = (epoch << EPOCH_SHIFT) + 1;

  return ph_index_run (writer->index, error, "INSERT INTO folders (name, special_use, uidvalidity, uidnext, recent, modseq, log_start, guid) VALUES (?, ?, ?, 1, 1, ?, ?, ?)", "siiiis",
                       name, (gint64)special_use, (gint64)uidvalidity, modseq, modseq, guid) &&
         ph_folder_row_load (writer->index, name, row, error);
}

gboolean
ph_index_delete_folder (PhIndex *index,
                        gint64   id,
                        GError **error)
{
  gint64 used;

  return ph_index_get_number (index, &used, 0, error, "SELECT sum(file_size) FROM messages WHERE folder = ?", "i", id) && ph_index_add_used (index, -used, error) && ph_index_run (index, error, "DELETE FROM summaries WHERE object IN (SELECT object FROM messages WHERE folder = ?1) AND object NOT IN (SELECT object FROM messages WHERE folder != ?1)", "i", id) && ph_index_run (index, error, "DELETE FROM messages WHERE folder = ?", "i", id) && ph_index_run (index, error, "DELETE FROM expunged WHERE folder = ?", "i", id) && ph_index_run (index, error, "DELETE FROM keywords WHERE folder = ?", "i", id) && ph_index_run (index, error, "DELETE FROM annotations WHERE folder = ?", "i", id) && ph_index_run (index, error, "DELETE FROM folders WHERE id = ?", "i", id);
}

gboolean
ph_index_copy_annotations (PhIndex *index,
                           gint64   from,
                           gint64   to,
                           GError **error)
{
  return ph_index_run (index, error, "INSERT INTO annotations SELECT ?2, entry, value FROM annotations WHERE folder = ?1", "ii", from, to);
}

void
ph_folder_free (PhFolder *folder)
{
  g_free (folder->name);
  g_free (folder);
}

static void
free_folder (gpointer data)
{
  ph_folder_free (data);
}

static int
compare_folders (gconstpointer a,
                 gconstpointer b)
{
  const char *one = (*(PhFolder *const *)a)->name;
  const char *two = (*(PhFolder *const *)b)->name;
  gboolean    inbox_one = strcmp (one, "INBOX") == 0;
  gboolean    inbox_two = strcmp (two, "INBOX") == 0;

  return inbox_one != inbox_two ? (inbox_one ? -1 : 1) : strcmp (one, two);
}

static PhFolder *
add_folder (GPtrArray  *folders,
            GHashTable *by_name,
            const char *name)
{
  PhFolder *folder = g_hash_table_lookup (by_name, name);

  if (folder == NULL)
    {
      folder = g_new0 (PhFolder, 1);
      folder->name = g_strdup (name);
      g_ptr_array_add (folders, folder);
      g_hash_table_insert (by_name, folder->name, folder);
    }

  return folder;
}

/* RFC 3501 5.1: a folder's missing parents show as names (\NonExistent). */
static void
add_parents (GPtrArray  *folders,
             GHashTable *by_name,
             const char *name)
{
  for (const char *slash = strchr (name, PH_FOLDER_DELIMITER); slash != NULL; slash = strchr (slash + 1, PH_FOLDER_DELIMITER))
    {
      g_autofree char *parent = g_strndup (name, (gsize)(slash - name));

      add_folder (folders, by_name, parent);
    }
}

GPtrArray *
ph_index_list_folders (PhIndex *index,
                       GError **error)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (free_folder);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  sqlite3_stmt *statement = ph_index_query (index, error, "SELECT id, name, special_use, guid FROM folders", "");
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (index, statement, error)) == 1)
    {
      PhFolder *folder = add_folder (folders, by_name, (const char *)sqlite3_column_text (statement, 1));

      folder->id = sqlite3_column_int64 (statement, 0);
      folder->special_use = (PhSpecialUse)sqlite3_column_int (statement, 2);
      g_strlcpy (folder->mailbox_id + 1, (const char *)sqlite3_column_text (statement, 3), sizeof folder->mailbox_id - 1);
      folder->mailbox_id[0] = 'F';
      folder->exists = TRUE;
    }
  if (result < 0)
    return NULL;

  for (guint i = 0, n = folders->len; i < n; i++)
    add_parents (folders, by_name, ((PhFolder *)g_ptr_array_index (folders, i))->name);

  statement = ph_index_query (index, error, "SELECT name FROM subscriptions", "");
  result = -1;
  while (statement != NULL && (result = ph_index_step (index, statement, error)) == 1)
    add_folder (folders, by_name, (const char *)sqlite3_column_text (statement, 0))->subscribed = TRUE;
  if (result < 0)
    return NULL;

  g_ptr_array_sort (folders, compare_folders);

  return g_steal_pointer (&folders);
}

void
ph_message_row_clear (PhMessageRow *row)
{
  g_free (row->base);
  g_free (row->letters);
  g_free (row->guid);
  g_free (row->uidl);
  *row = (PhMessageRow){ 0 };
}

PhMessageRow *
ph_message_row_new (void)
{
  return g_new0 (PhMessageRow, 1);
}

void
ph_message_row_free (PhMessageRow *row)
{
  ph_message_row_clear (row);
  g_free (row);
}

void
ph_message_info_read (sqlite3_stmt  *statement,
                      PhMessageInfo *info)
{
  info->uid = (guint32)sqlite3_column_int64 (statement, 0);
  info->flags = (guint8)sqlite3_column_int64 (statement, 1);
  info->keywords = (guint64)sqlite3_column_int64 (statement, 2);
  info->modseq = (guint64)sqlite3_column_int64 (statement, 3);
  info->internal_date = sqlite3_column_int64 (statement, 4);
  info->internal_zone = (gint16)sqlite3_column_int64 (statement, 5);
  info->save_date = sqlite3_column_int64 (statement, 6);
  info->size = (guint32)sqlite3_column_int64 (statement, 7);
  info->object = (guint64)sqlite3_column_int64 (statement, 8);
  info->thread = (guint64)sqlite3_column_int64 (statement, 9);
  info->ending = (guint8)sqlite3_column_int (statement, 10);
}

void
ph_message_row_read (sqlite3_stmt *statement,
                     PhMessageRow *row)
{
  ph_message_info_read (statement, &row->info);
  row->file_size = (guint64)sqlite3_column_int64 (statement, PH_MESSAGE_INFO_N_COLUMNS);
  row->base = g_strdup ((const char *)sqlite3_column_text (statement, PH_MESSAGE_INFO_N_COLUMNS + 1));
  row->letters = g_strdup ((const char *)sqlite3_column_text (statement, PH_MESSAGE_INFO_N_COLUMNS + 2));
  row->sub = (PhMaildirSub)CLAMP (sqlite3_column_int (statement, PH_MESSAGE_INFO_N_COLUMNS + 3), 0, 2);
  row->stale = sqlite3_column_int (statement, PH_MESSAGE_INFO_N_COLUMNS + 4) != 0;
  row->guid = g_strdup ((const char *)sqlite3_column_text (statement, PH_MESSAGE_INFO_N_COLUMNS + 5));
  row->uidl = g_strdup ((const char *)sqlite3_column_text (statement, PH_MESSAGE_INFO_N_COLUMNS + 6));
}

gboolean
ph_message_row_load (PhIndex      *index,
                     gint64        folder,
                     guint32       uid,
                     PhMessageRow *row,
                     GError      **error)
{
  sqlite3_stmt *statement = ph_index_query (index, error, "SELECT " PH_MESSAGE_COLUMNS " FROM messages WHERE folder = ? AND uid = ?", "ii", folder, (gint64)uid);
  int           result = statement != NULL ? ph_index_step (index, statement, error) : -1;

  if (result == 0)
    g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, N_ ("The message is gone"));
  if (result != 1)
    return FALSE;

  ph_message_row_read (statement, row);
  sqlite3_reset (statement);

  return TRUE;
}

/* Left to itself, SQLite takes the key and reads each row of the folder. */
int
ph_message_row_find (PhIndex      *index,
                     gint64        folder,
                     const char   *base,
                     PhMessageRow *row,
                     GError      **error)
{
  sqlite3_stmt *statement = ph_index_query (index, error, "SELECT " PH_MESSAGE_COLUMNS " FROM messages INDEXED BY messages_base WHERE folder = ? AND base = ?", "is", folder, base);
  int           result = statement != NULL ? ph_index_step (index, statement, error) : -1;

  if (result == 1)
    {
      ph_message_row_read (statement, row);
      sqlite3_reset (statement);
    }

  return result;
}

static void
row_free (gpointer data)
{
  ph_message_row_free (data);
}

GPtrArray *
ph_message_rows_load (PhIndex *index,
                      gint64   folder,
                      guint32  first,
                      guint32  last,
                      GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (row_free);
  sqlite3_stmt *statement = ph_index_query (index, error, "SELECT " PH_MESSAGE_COLUMNS " FROM messages WHERE folder = ? AND uid BETWEEN ? AND ? ORDER BY uid", "iii", folder, (gint64)first, (gint64)last);
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (index, statement, error)) == 1)
    {
      PhMessageRow *row = ph_message_row_new ();

      ph_message_row_read (statement, row);
      g_ptr_array_add (rows, row);
    }

  return result == 0 ? g_steal_pointer (&rows) : NULL;
}

gboolean
ph_index_add_used (PhIndex *index,
                   gint64   bytes,
                   GError **error)
{
  return ph_index_run (index, error, "UPDATE meta SET value = max(0, value + ?) WHERE key = 'used'", "i", bytes);
}

static gint64
object_of_row (const PhMessageRow *row)
{
  const char *guid = row->guid != NULL ? row->guid : row->base;

  return ph_object_id_hash (guid, strlen (guid));
}

gboolean
ph_message_row_insert (PhIndex      *index,
                       PhFolderRow  *folder,
                       PhMessageRow *row,
                       PhChange     *change,
                       GError      **error)
{
  if (folder->uidnext > UID_LAST)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_ALLOWED, N_ ("The folder has no UIDs left"));
      return FALSE;
    }

  row->info.uid = folder->uidnext;
  row->info.modseq = folder->modseq;
  row->info.object = (guint64)object_of_row (row);
  if (!ph_index_run (index, error, "INSERT INTO messages (folder, " PH_MESSAGE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "iiiiiiiiiiiiissiiss",
                     folder->id, (gint64)row->info.uid, (gint64)row->info.flags, (gint64)row->info.keywords, (gint64)row->info.modseq,
                     row->info.internal_date, (gint64)row->info.internal_zone, row->info.save_date, (gint64)row->info.size,
                     (gint64)row->info.object, (gint64)row->info.thread, (gint64)row->info.ending, (gint64)row->file_size, row->base, row->letters,
                     (gint64)row->sub, (gint64)row->stale, row->guid, row->uidl) ||
      !ph_index_add_used (index, (gint64)row->file_size, error))
    return FALSE;

  folder->uidnext++;
  g_array_append_val (change->added, row->info);
  change->uidnext = folder->uidnext;
  change->modseq = folder->modseq;

  return TRUE;
}

gboolean
ph_message_row_delete (PhIndex            *index,
                       const PhFolderRow  *folder,
                       const PhMessageRow *row,
                       PhChange           *change,
                       GError            **error)
{
  guint32 uid = row->info.uid;

  if (!ph_index_run (index, error, "DELETE FROM messages WHERE folder = ? AND uid = ?", "ii", folder->id, (gint64)uid) || !ph_index_run (index, error, "INSERT OR REPLACE INTO expunged VALUES (?, ?, ?)", "iii", folder->id, (gint64)uid, (gint64)folder->modseq) || !ph_index_run (index, error, "DELETE FROM summaries WHERE object = ?1 AND NOT EXISTS (SELECT 1 FROM messages WHERE object = ?1)", "i", (gint64)row->info.object) || !ph_index_add_used (index, -(gint64)row->file_size, error))
    return FALSE;

  g_array_append_val (change->removed, uid);
  change->uidnext = folder->uidnext;
  change->modseq = folder->modseq;

  return TRUE;
}

/* Looking costs a walk over PH_EXPUNGED_MAX rows of an index, so not each time. */
#define TRIM_INTERVAL 1024

gboolean
ph_index_trim_expunged (PhIndex           *index,
                        const PhFolderRow *folder,
                        guint              n_new,
                        GError           **error)
{
  gint64 start;

  if (n_new < TRIM_INTERVAL && folder->modseq % TRIM_INTERVAL != 0)
    return TRUE;
  if (!ph_index_get_number (index, &start, 0, error, "SELECT modseq FROM expunged WHERE folder = ? ORDER BY modseq DESC LIMIT 1 OFFSET ?", "ii", folder->id, (gint64)PH_EXPUNGED_MAX))
    return FALSE;

  return start == 0 || (ph_index_run (index, error, "DELETE FROM expunged WHERE folder = ? AND modseq <= ?", "ii", folder->id, start) && ph_index_run (index, error, "UPDATE folders SET log_start = ? WHERE id = ?", "ii", start, folder->id));
}

char **
ph_index_load_keywords (PhIndex *index,
                        gint64   folder,
                        GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *statement = ph_index_query (index, error, "SELECT name FROM keywords WHERE folder = ? ORDER BY bit", "i", folder);
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (index, statement, error)) == 1)
    g_ptr_array_add (names, g_strdup ((const char *)sqlite3_column_text (statement, 0)));
  if (result < 0)
    return NULL;

  g_ptr_array_add (names, NULL);
  g_ptr_array_set_free_func (names, NULL);

  return (char **)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static gboolean
keyword_is_valid (const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || length > PH_MAILBOX_KEYWORDS_MAX)
    return FALSE;

  /* flag-keyword is an atom (RFC 3501 9). */
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p) || strchr ("(){%*\"\\]", *p) != NULL)
      return FALSE;

  return TRUE;
}

static gboolean
add_keyword (PhIndex    *index,
             gint64      folder,
             GPtrArray  *known,
             const char *name,
             guint64    *bits,
             GError    **error)
{
  guint bit = 0;

  while (bit < known->len && g_ascii_strcasecmp (g_ptr_array_index (known, bit), name) != 0)
    bit++;

  if (bit == known->len)
    {
      if (bit >= PH_MAILBOX_KEYWORDS_MAX || !keyword_is_valid (name))
        {
          g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, bit >= PH_MAILBOX_KEYWORDS_MAX ? N_ ("The folder has too many keywords") : N_ ("The keyword is not valid"));
          return FALSE;
        }
      if (!ph_index_run (index, error, "INSERT INTO keywords VALUES (?, ?, ?)", "iis", folder, (gint64)bit, name))
        return FALSE;
      g_ptr_array_add (known, g_strdup (name));
    }
  *bits |= G_GUINT64_CONSTANT (1) << bit;

  return TRUE;
}

gboolean
ph_index_map_keywords (PhIndex           *index,
                       gint64             folder,
                       const char *const *names,
                       guint64           *bits,
                       char            ***all,
                       GError           **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) loaded = NULL;

  *bits = 0;
  if (names == NULL || names[0] == NULL)
    return TRUE;

  loaded = ph_index_load_keywords (index, folder, error);
  if (loaded == NULL)
    return FALSE;
  for (guint i = 0; loaded[i] != NULL; i++)
    g_ptr_array_add (known, g_strdup (loaded[i]));

  for (guint i = 0; names[i] != NULL; i++)
    if (!add_keyword (index, folder, known, names[i], bits, error))
      return FALSE;

  if (all != NULL && known->len > g_strv_length (loaded))
    {
      g_strfreev (*all);
      g_ptr_array_add (known, NULL);
      *all = g_strdupv ((char **)known->pdata);
    }

  return TRUE;
}
