#include "ph-renumber.h"

#include "ph-uidlist.h"
#include "ph-uidvalidity.h"

/* An id that no folder had. */
static gboolean
take_id (PhIndex *index,
         gint64  *id,
         GError **error)
{
  return ph_index_run (index, error, "INSERT INTO folders (name, special_use, uidvalidity, uidnext, recent, modseq) VALUES ('/', 0, 0, 0, 0, 0)", "") &&
         ph_index_get_number (index, id, 0, error, "SELECT id FROM folders WHERE name = '/'", "") && ph_index_run (index, error, "DELETE FROM folders WHERE id = ?", "i", *id);
}

static gboolean
move_rows (PhIndex           *index,
           const PhFolderRow *folder,
           gint64             id,
           guint32            uidvalidity,
           GError           **error)
{
  gint64           modseq = (gint64)folder->modseq + 1;
  g_autofree char *prefix = strcmp (folder->name, "INBOX") == 0 ? g_strdup_printf ("%u.", folder->uidvalidity) : NULL; /* P02 */

  return ph_index_run (index, error, "INSERT INTO messages (folder, " PH_MESSAGE_COLUMNS ") SELECT ?1, row_number() OVER (ORDER BY uid), flags, keywords, ?2, internal_date, internal_zone, save_date, size, object, thread, ending, file_size, base, letters, sub, stale, guid, coalesce (uidl, ?4 || uid) FROM messages WHERE folder = ?3", "iiis", id, modseq, folder->id, prefix) &&
         ph_index_run (index, error, "DELETE FROM messages WHERE folder = ?", "i", folder->id) &&
         ph_index_run (index, error, "DELETE FROM expunged WHERE folder = ?", "i", folder->id) &&
         ph_index_run (index, error, "UPDATE keywords SET folder = ? WHERE folder = ?", "ii", id, folder->id) &&
         ph_index_run (index, error, "UPDATE annotations SET folder = ? WHERE folder = ?", "ii", id, folder->id) &&
         ph_index_run (index, error, "UPDATE pending SET folder = ? WHERE folder = ?", "ii", id, folder->id) &&
         ph_index_run (index, error, "UPDATE folders SET id = ?1, uidvalidity = ?2, modseq = ?3, log_start = ?3, recent = 1, uidnext = 1 + (SELECT count(*) FROM messages WHERE folder = ?1) WHERE id = ?4", "iiii", id, (gint64)uidvalidity, modseq, folder->id);
}

static gboolean
begin_again (PhJob       *job,
             PhWriter    *writer,
             PhFolderRow *folder,
             guint32      uidvalidity,
             GError     **error)
{
  gint64 id;

  if (!take_id (writer->index, &id, error) || !move_rows (writer->index, folder, id, uidvalidity, error))
    return FALSE;

  ph_job_get_change (job, folder->id)->deleted = TRUE;
  g_clear_pointer (&job->folders, g_ptr_array_unref);
  job->folders = ph_index_list_folders (writer->index, error);
  ph_folder_row_clear (folder);

  return job->folders != NULL && ph_folder_row_load_by_id (writer->index, id, folder, error) && ph_uidlists_write (writer->lists, writer, folder, error);
}

gboolean
ph_folder_ensure_uids (PhJob       *job,
                       PhWriter    *writer,
                       PhFolderRow *folder,
                       gsize        n,
                       GError     **error)
{
  guint32 uidvalidity;

  if (folder->uidnext + (guint64)n <= G_MAXUINT32)
    return TRUE;

  return ph_uidvalidity_next (writer, &uidvalidity, error) && begin_again (job, writer, folder, uidvalidity, error);
}

gboolean
ph_folder_adopt_uids (PhJob       *job,
                      PhWriter    *writer,
                      PhFolderRow *folder,
                      guint32      uidvalidity,
                      GError     **error)
{
  if (folder->uidvalidity == uidvalidity || folder->uidnext > 1)
    return TRUE;

  return ph_uidvalidity_skip (writer, uidvalidity, error) && begin_again (job, writer, folder, uidvalidity, error);
}
