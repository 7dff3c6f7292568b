/* Which directories are folders. */

#include "ph-folder-scan.h"

#include <string.h>

#include "ph-keyword-file.h"
#include "ph-path.h"
#include "ph-uidvalidity.h"

static const struct
{
  const char  *name;
  PhSpecialUse special_use;
} well_known[] = {
  { "Archive", PH_SPECIAL_ARCHIVE },
  { "Drafts", PH_SPECIAL_DRAFTS },
  { "Junk", PH_SPECIAL_JUNK },
  { "Sent", PH_SPECIAL_SENT },
  { "Trash", PH_SPECIAL_TRASH },
};

/* FALSE where another folder has it: then the directory is somebody's copy. */
static gboolean
list_is_its_own (PhWriter        *writer,
                 const PhUidlist *list)
{
  gint64 n;

  return ph_index_get_number (writer->index, &n, 0, NULL, "SELECT count(*) FROM folders WHERE uidvalidity = ? AND ?2 IS NULL OR guid = ?2", "is", (gint64)list->uidvalidity, list->guid) && n == 0;
}

static void
free_change (gpointer data)
{
  ph_change_free (data);
}

/* The messages keep the UIDs that the list gives them. */
static gboolean
adopt (PhWriter        *writer,
       PhFolderRow     *row,
       const PhUidlist *list,
       gint64           now,
       GError         **error)
{
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func (free_change);
  PhJob         job = { .changes = changes };
  PhFolderFound found = { 0 };

  row->uidvalidity = list->uidvalidity;
  if (list->guid != NULL)
    {
      g_free (row->guid);
      row->guid = g_strdup (list->guid);
    }
  if (!ph_uidvalidity_skip (writer, list->uidvalidity, error) || !ph_index_run (writer->index, error, "UPDATE folders SET uidvalidity = ?, guid = ? WHERE id = ?", "isi", (gint64)row->uidvalidity, row->guid, row->id) ||
      !ph_folder_scan (&job, writer, row, list, now, &found, error))
    return FALSE;

  row->uidnext = MAX (row->uidnext, list->uidnext);
  row->recent = list->uidnext;

  return ph_folder_row_save (writer->index, row, error);
}

static gboolean
begin_folder (PhWriter    *writer,
              PhFolderRow *row,
              gint64       now,
              GError     **error)
{
  g_autoptr (PhUidlist) list = ph_uidlist_read (writer->maildir, row->directory);

  if (!ph_keyword_file_adopt (writer, row, error))
    return FALSE;
  if (list != NULL && list_is_its_own (writer, list))
    return adopt (writer, row, list, now, error);

  return ph_uidlists_write (writer->lists, writer, row, error);
}

/* A directory that nobody told us of; one with a standard name is taken for what it says. */
static gboolean
ensure_row (PhWriter   *writer,
            const char *name,
            gint64      now,
            GError    **error)
{
  g_auto (PhFolderRow) row = { 0 };
  g_autoptr (GError) missing = NULL;
  PhSpecialUse special_use = PH_SPECIAL_NONE;

  if (ph_folder_row_load (writer->index, name, &row, &missing))
    return TRUE;
  if (!g_error_matches (missing, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&missing));
      return FALSE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (well_known); i++)
    if (strcmp (well_known[i].name, name) == 0)
      special_use = well_known[i].special_use;

  return ph_folder_row_insert (writer, name, special_use, &row, error) && begin_folder (writer, &row, now, error);
}

static gboolean
drop_missing (PhWriter   *writer,
              GHashTable *names,
              GError    **error)
{
  g_autoptr (GPtrArray) folders = ph_index_list_folders (writer->index, error);

  if (folders == NULL)
    return FALSE;

  for (guint i = 0; i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);

      if (folder->exists && strcmp (folder->name, "INBOX") != 0 && !g_hash_table_contains (names, folder->name) && !ph_index_delete_folder (writer->index, folder->id, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
ph_folder_scan_list (PhWriter *writer,
                     gint64    now,
                     GError  **error)
{
  g_autoptr (GPtrArray) directories = ph_maildir_list_folders (writer->maildir, error);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (directories == NULL || !ph_maildir_make_folder (writer->maildir, ".", error) || !ensure_row (writer, "INBOX", now, error))
    return FALSE;

  for (guint i = 0; i < directories->len; i++)
    {
      char *name = ph_path_decode_folder (g_ptr_array_index (directories, i));

      if (name == NULL)
        {
          g_info ("A directory whose name is no folder's is left alone");
          continue;
        }
      g_hash_table_add (names, name);
      /* Another program may have left out new or tmp. */
      if (!ph_maildir_make_folder (writer->maildir, g_ptr_array_index (directories, i), error) || !ensure_row (writer, name, now, error))
        return FALSE;
    }

  return drop_missing (writer, names, error);
}
