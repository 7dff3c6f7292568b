/* The accounts in a backup. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-account-open.h"
#include "ph-backup-private.h"
#include "ph-index-rows.h"
#include "ph-keyword-file.h"
#include "ph-maildir-name.h"
#include "ph-path.h"
#include "ph-text-index.h"

/* One account. */
typedef struct
{
  PhBackup  *backup;
  PhMaildir *maildir;
  PhIndex   *index; /* the snapshot */
  char      *path;  /* of the account */
  char      *name;  /* of the account in the backup */
} Account;

/* What SQLite has of this moment, as a file of its own: writers go on meanwhile. */
static gboolean
take_snapshot (Account *self,
               GError **error)
{
  g_autofree char *from = g_build_filename (self->path, PH_ACCOUNT_INDEX_NAME, NULL);
  g_autofree char *directory = g_build_filename (ph_backup_get_part (self->backup), self->name, NULL);
  g_autofree char *to = g_build_filename (directory, PH_ACCOUNT_INDEX_NAME, NULL);
  g_autoptr (PhIndex) index = NULL;

  if (!g_file_test (from, G_FILE_TEST_EXISTS))
    return TRUE;
  if (g_mkdir_with_parents (directory, 0700) < 0)
    return ph_store_error_set_errno (error, errno, N_ ("A folder of a backup can’t be made"));
  /* One that only reads could not write the copy either; this one writes nothing else. */
  index = ph_index_open (from, FALSE, error);
  if (index == NULL || !ph_index_run (index, error, "VACUUM INTO ?", "s", to))
    return FALSE;
  self->index = ph_index_open (to, TRUE, error);

  return self->index != NULL;
}

/* Sums of the snapshot, once it is closed. */
static gboolean
note_snapshot (Account *self,
               GError **error)
{
  static const char *const leftovers[] = { "-wal", "-shm" };
  g_autofree char         *name = g_build_filename (self->name, PH_ACCOUNT_INDEX_NAME, NULL);
  g_autofree char         *path = g_build_filename (ph_backup_get_part (self->backup), name, NULL);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8  piece[64 * 1024];
  ssize_t n = -1;
  int     fd;

  g_clear_pointer (&self->index, ph_index_close);
  for (guint i = 0; i < G_N_ELEMENTS (leftovers); i++)
    {
      g_autofree char *leftover = g_strconcat (path, leftovers[i], NULL);

      unlink (leftover);
    }
  fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  while (fd >= 0 && (n = read (fd, piece, sizeof piece)) > 0)
    g_checksum_update (sum, piece, n);
  if (fd >= 0)
    close (fd);
  if (n != 0)
    return ph_store_error_set_errno (error, errno, N_ ("A snapshot of an index can’t be read"));

  return ph_backup_note (self->backup, name, g_checksum_get_string (sum), error);
}

/* One that was removed meanwhile is left out: whoever opens the copy finds that. */
static gboolean
add_message (Account           *self,
             const PhFolderRow *folder,
             guint              n_keywords,
             PhMessageRow      *row,
             GError           **error)
{
  g_autofree char *letters = ph_maildir_letters_from_flags (row->info.flags, row->info.keywords, n_keywords, row->letters);
  g_autofree char *file = ph_maildir_build_name (PH_MAILDIR_CUR, row->base, letters);
  g_autofree char *name = g_build_filename (self->name, folder->directory, "cur", file, NULL);
  int              fd = ph_maildir_open_message (self->maildir, folder->directory, row->sub, row->base, row->letters, NULL);
  guint64          size = 0;
  gboolean         ok;

  if (fd < 0)
    return TRUE;

  ok = ph_backup_add_fd (self->backup, fd, name, &size, error);
  close (fd);
  if (ok)
    ph_backup_count (self->backup, size);

  return ok;
}

/* Files beside the messages: dovecot-uidlist and the like. */
static gboolean
add_beside (Account    *self,
            const char *directory,
            GError    **error)
{
  g_autofree char *path = g_build_filename (self->path, directory, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (path, entry, NULL);
      g_autofree char *name = g_build_filename (self->name, directory, entry, NULL);

      if (g_str_has_prefix (entry, PH_ACCOUNT_INDEX_NAME) || g_str_has_prefix (entry, PH_TEXT_INDEX_NAME) || g_file_test (from, G_FILE_TEST_IS_DIR))
        continue;
      if (!ph_backup_add_file (self->backup, from, name, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
add_folder (Account     *self,
            PhFolderRow *folder,
            GError     **error)
{
  static const char *const subs[] = { "cur", "new", "tmp" };
  sqlite3_stmt            *statement;
  guint                    n_keywords;
  int                      result = -1;

  for (guint i = 0; i < G_N_ELEMENTS (subs); i++)
    {
      g_autofree char *path = g_build_filename (ph_backup_get_part (self->backup), self->name, folder->directory, subs[i], NULL);

      if (g_mkdir_with_parents (path, 0700) < 0)
        return ph_store_error_set_errno (error, errno, N_ ("A folder of a backup can’t be made"));
    }
  if (!ph_keyword_file_count (self->index, folder->id, &n_keywords, error))
    return FALSE;

  statement = ph_index_query (self->index, error, "SELECT " PH_MESSAGE_COLUMNS " FROM messages WHERE folder = ? ORDER BY uid", "i", folder->id);
  while (statement != NULL && (result = ph_index_step (self->index, statement, error)) == 1)
    {
      g_auto (PhMessageRow) row = { 0 };

      ph_message_row_read (statement, &row);
      if (!add_message (self, folder, n_keywords, &row, error))
        return FALSE;
    }

  return result == 0 && (strcmp (folder->directory, ".") == 0 || add_beside (self, folder->directory, error));
}

static gboolean
add_folders (Account *self,
             GError **error)
{
  g_autoptr (GPtrArray) folders = ph_index_list_folders (self->index, error);
  gboolean ok = folders != NULL;

  for (guint i = 0; ok && i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);
      g_auto (PhFolderRow) row = { 0 };

      if (folder->exists)
        ok = ph_folder_row_load_by_id (self->index, folder->id, &row, error) && add_folder (self, &row, error);
    }

  return ok && add_beside (self, ".", error) && note_snapshot (self, error);
}

static gboolean
add_account (PhBackup      *backup,
             PhStoreShared *shared,
             const char    *domain,
             const char    *local_part,
             GError       **error)
{
  Account  self = { .backup = backup };
  gboolean ok;

  self.path = g_build_filename (ph_store_shared_get_mail_path (shared), domain, local_part, NULL);
  self.name = g_build_filename ("mail", domain, local_part, NULL);
  self.maildir = ph_maildir_open (ph_store_shared_get_mail_fd (shared), domain, local_part, FALSE, error);
  ok = self.maildir != NULL && take_snapshot (&self, error) && (self.index == NULL || add_folders (&self, error));
  g_clear_pointer (&self.index, ph_index_close);
  g_clear_pointer (&self.maildir, ph_maildir_free);
  g_free (self.path);
  g_free (self.name);

  return ok;
}

static gboolean
add_domain (PhBackup      *backup,
            PhStoreShared *shared,
            const char    *domain,
            GError       **error)
{
  g_autofree char *path = g_build_filename (ph_store_shared_get_mail_path (shared), domain, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *local_part;

  while (dir != NULL && (local_part = g_dir_read_name (dir)) != NULL)
    if (*local_part != '.' && !add_account (backup, shared, domain, local_part, error))
      return FALSE;

  return TRUE;
}

gboolean
ph_backup_add_mail (PhBackup      *self,
                    PhStoreShared *shared,
                    GError       **error)
{
  g_autoptr (GDir) dir = g_dir_open (ph_store_shared_get_mail_path (shared), 0, error);
  const char *domain;

  if (dir == NULL)
    return FALSE;
  while ((domain = g_dir_read_name (dir)) != NULL)
    if (*domain != '.' && !add_domain (self, shared, domain, error))
      return FALSE;

  return TRUE;
}
