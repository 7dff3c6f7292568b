#include "ph-account-open.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-folder-scan.h"
#include "ph-keyword-file.h"
#include "ph-maildir-name.h"
#include "ph-path.h"
#include "ph-pending.h"
#include "ph-uidvalidity.h"

#define SUBSCRIPTIONS_NAME "subscriptions"

/* In the name of a file that we made. */
#define OUR_NAME ".posthouse,S="

/* Their names are the same in every language: clients show those that they know by their use (RFC 6154) in their own. */
static const struct
{
  const char  *name;
  PhSpecialUse special_use;
} standard_folders[] = {
  { "Drafts", PH_SPECIAL_DRAFTS },
  { "Sent", PH_SPECIAL_SENT },
  { "Archive", PH_SPECIAL_ARCHIVE },
  { "Junk", PH_SPECIAL_JUNK },
  { "Trash", PH_SPECIAL_TRASH },
};

void
ph_opened_account_free (PhOpenedAccount *self)
{
  g_clear_pointer (&self->index, ph_index_close);
  g_clear_pointer (&self->maildir, ph_maildir_free);
  g_clear_pointer (&self->lists, ph_uidlists_free);
  g_clear_pointer (&self->folders, g_ptr_array_unref);
  g_free (self->index_path);
  g_free (self);
}

gboolean
ph_account_split_address (const char *address,
                          char      **local_part,
                          char      **domain,
                          GError    **error)
{
  const char      *at = strrchr (address, '@');
  g_autofree char *local = at != NULL ? g_strndup (address, (gsize)(at - address)) : NULL;

  *local_part = local != NULL ? ph_path_encode_component (local) : NULL;
  *domain = at != NULL ? ph_path_encode_component (at + 1) : NULL;
  if (*local_part != NULL && *domain != NULL)
    return TRUE;

  g_clear_pointer (local_part, g_free);
  g_clear_pointer (domain, g_free);
  g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, N_ ("The address can't be an account"));

  return FALSE;
}

/* Keeps the last damaged one to be looked at; its write-ahead log belongs to it. */
static gboolean
move_index_aside (PhMaildir *maildir,
                  GError   **error)
{
  static const char *const suffixes[] = { "", "-wal", "-shm", PH_INDEX_SUSPECT };
  int                      fd = ph_maildir_get_fd (maildir);

  g_message ("The index of a mail account is damaged: it is made anew from the mail");
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (PH_ACCOUNT_INDEX_NAME, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (PH_ACCOUNT_INDEX_NAME ".damaged", suffixes[i], NULL);

      unlinkat (fd, to, 0);
      if (renameat (fd, from, fd, to) < 0 && errno != ENOENT)
        return ph_store_error_set_errno (error, errno, N_ ("A damaged index can’t be moved aside"));
    }

  return TRUE;
}

static gboolean
open_index (PhOpenedAccount *self,
            GError         **error)
{
  g_autoptr (GError) damage = NULL;

  self->index = ph_index_open (self->index_path, FALSE, &damage);
  if (self->index != NULL)
    return TRUE;

  if (!g_error_matches (damage, PH_STORE_ERROR, PH_STORE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&damage));
      return FALSE;
    }

  if (!move_index_aside (self->maildir, error))
    return FALSE;
  self->index = ph_index_open (self->index_path, FALSE, error);

  return self->index != NULL;
}

/* Files that a crash left in tmp before any row named them.  Those of other programs
 * are left for a day and a half, as Maildir has it. */
static void
clean_tmp (PhWriter    *writer,
           PhFolderRow *folder)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  gint64 rows;
  int    dir_fd = ph_maildir_get_sub (writer->maildir, folder->directory, PH_MAILDIR_TMP, FALSE, NULL);

  if (dir_fd < 0 || !ph_maildir_list (dir_fd, names, NULL))
    return;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (strstr (name, OUR_NAME) == NULL)
        continue;
      if (ph_index_get_number (writer->index, &rows, 1, NULL, "SELECT count(*) FROM messages WHERE folder = ? AND base = ?", "is", folder->id, name) && rows == 0)
        unlinkat (dir_fd, name, 0);
    }
}

/* A file that a power cut left with its size and without its bytes is all NULs; a message never begins with one. */
static gboolean
has_bytes (int         dir_fd,
           const char *name)
{
  int  fd = openat (dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  char first = 0;

  if (fd < 0)
    return FALSE;
  if (pread (fd, &first, 1, 0) != 1)
    first = 0;
  close (fd);

  return first != 0;
}

/* An index that is lost takes with it what it knew of files in tmp/: those that are as large as
 * their names say are whole, and were delivered. */
static void
adopt_tmp (PhWriter          *writer,
           const PhFolderRow *folder)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int tmp_fd = ph_maildir_get_sub (writer->maildir, folder->directory, PH_MAILDIR_TMP, FALSE, NULL);
  int cur_fd = ph_maildir_get_sub (writer->maildir, folder->directory, PH_MAILDIR_CUR, TRUE, NULL);

  if (tmp_fd < 0 || cur_fd < 0 || !ph_maildir_list (tmp_fd, names, NULL))
    return;

  for (guint i = 0; i < names->len; i++)
    {
      const char      *name = g_ptr_array_index (names, i);
      g_autofree char *to = ph_maildir_build_name (PH_MAILDIR_CUR, name, "");
      PhMaildirName    parsed;
      struct stat      st;

      if (strstr (name, OUR_NAME) != NULL && ph_maildir_name_parse (name, &parsed) && fstatat (tmp_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && parsed.size == st.st_size && has_bytes (tmp_fd, name))
        renameat2 (tmp_fd, name, cur_fd, to, RENAME_NOREPLACE);
    }
}

static gboolean
read_subscriptions (PhWriter *writer,
                    GError  **error)
{
  g_autofree char *text = ph_maildir_read_file (writer->maildir, SUBSCRIPTIONS_NAME);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      g_autofree char *directory = strcmp (lines[i], "INBOX") == 0 ? g_strdup (".") : g_strconcat (".", lines[i], NULL);
      g_autofree char *name = *lines[i] != '\0' ? ph_path_decode_folder (directory) : NULL;

      if (name != NULL && !ph_index_run (writer->index, error, "INSERT OR IGNORE INTO subscriptions VALUES (?)", "s", name))
        return FALSE;
    }

  return TRUE;
}

gboolean
ph_account_write_subscriptions (PhWriter *writer,
                                GError  **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  sqlite3_stmt *statement = ph_index_query (writer->index, error, "SELECT name FROM subscriptions ORDER BY name", "");
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (writer->index, statement, error)) == 1)
    {
      const char      *name = (const char *)sqlite3_column_text (statement, 0);
      g_autofree char *directory = ph_path_encode_folder (name);

      if (directory != NULL)
        g_string_append_printf (text, "%s\n", strcmp (directory, ".") == 0 ? "INBOX" : directory + 1);
    }

  return result == 0 && ph_maildir_write_file (writer->maildir, SUBSCRIPTIONS_NAME, text->str, error);
}

static gboolean
make_standard_folders (PhWriter *writer,
                       GError  **error)
{
  guint wanted = ph_store_shared_get_standard_folders (writer->shared);

  for (guint i = 0; i < G_N_ELEMENTS (standard_folders); i++)
    {
      const char      *name = standard_folders[i].name;
      g_autofree char *directory = ph_path_encode_folder (name);

      if ((wanted & (1u << standard_folders[i].special_use)) == 0)
        continue;
      if (!ph_maildir_make_folder (writer->maildir, directory, error) || !ph_index_run (writer->index, error, "INSERT OR IGNORE INTO subscriptions VALUES (?)", "s", name))
        return FALSE;
    }

  return ph_index_run (writer->index, error, "INSERT OR IGNORE INTO subscriptions VALUES ('INBOX')", "");
}

static void
free_change (gpointer data)
{
  ph_change_free (data);
}

/* A new index learns of all mail at once, so that its bytes are counted. */
static gboolean
scan_all (PhWriter *writer,
          gint64    now,
          GError  **error)
{
  g_autoptr (GPtrArray) folders = ph_index_list_folders (writer->index, error);
  PhFolderFound found = { 0 };
  gboolean      ok = folders != NULL;

  for (guint i = 0; ok && i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);
      g_auto (PhFolderRow) row = { 0 };
      PhJob job = { 0 };

      if (!folder->exists)
        continue;
      job.changes = g_ptr_array_new_with_free_func (free_change);
      ok = ph_folder_row_load_by_id (writer->index, folder->id, &row, error);
      if (ok)
        adopt_tmp (writer, &row);
      ok = ok && ph_folder_scan (&job, writer, &row, NULL, now, &found, error);
      g_ptr_array_unref (job.changes);
    }

  return ok;
}

static gboolean
clean_all_tmp (PhWriter  *writer,
               GPtrArray *folders)
{
  for (guint i = 0; i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);
      g_auto (PhFolderRow) row = { 0 };

      if (folder->exists && ph_folder_row_load_by_id (writer->index, folder->id, &row, NULL))
        clean_tmp (writer, &row);
    }
  ph_maildir_release (writer->maildir);

  return TRUE;
}

static guint
count_files (PhMaildir  *maildir,
             const char *directory)
{
  static const PhMaildirSub subs[] = { PH_MAILDIR_NEW, PH_MAILDIR_CUR };
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (subs); i++)
    {
      int dir_fd = ph_maildir_get_sub (maildir, directory, subs[i], FALSE, NULL);

      if (dir_fd >= 0)
        ph_maildir_list (dir_fd, names, NULL);
    }

  return names->len;
}

static void
begin_progress (PhWriter  *writer,
                GPtrArray *directories)
{
  if (writer->progress == NULL)
    return;

  writer->progress->n_done = 0;
  writer->progress->n_total = count_files (writer->maildir, ".");
  for (guint i = 0; i < directories->len; i++)
    writer->progress->n_total += count_files (writer->maildir, g_ptr_array_index (directories, i));
}

static gboolean
fill_index (PhWriter *writer,
            gint64    now,
            GError  **error)
{
  g_autoptr (GPtrArray) directories = ph_maildir_list_folders (writer->maildir, error);
  gint64 n_folders;

  if (directories == NULL || !ph_index_get_number (writer->index, &n_folders, 0, error, "SELECT count(*) FROM folders", ""))
    return FALSE;
  if (n_folders > 0)
    return ph_folder_scan_list (writer, now, error);

  begin_progress (writer, directories);

  return ph_uidvalidity_begin_epoch (writer, error) && ph_maildir_make_folder (writer->maildir, ".", error) && read_subscriptions (writer, error) && (directories->len > 0 || make_standard_folders (writer, error)) && ph_folder_scan_list (writer, now, error) && scan_all (writer, now, error) && ph_account_write_subscriptions (writer, error);
}

/* Before the commit: UIDs that were given just now.  After it: what a crash left unlisted. */
static gboolean
reserve_uids (PhWriter *writer,
              GArray   *ids,
              GError  **error)
{
  g_autoptr (GPtrArray) folders = ph_index_list_folders (writer->index, error);
  gboolean ok = folders != NULL;

  for (guint i = 0; ok && i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);
      g_auto (PhFolderRow) row = { 0 };

      if (!folder->exists)
        continue;
      g_array_append_val (ids, folder->id);
      ok = ph_folder_row_load_by_id (writer->index, folder->id, &row, error) && ph_uidlists_reserve (writer->lists, writer, &row, row.uidnext, error) && ph_keyword_file_ensure (writer, &row, error);
    }

  return ok;
}

static gboolean
fill_and_commit (PhWriter *writer,
                 gint64    now,
                 GError  **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (!ph_pending_run_folders (writer, error) || !ph_index_run (writer->index, error, "BEGIN IMMEDIATE", ""))
    return FALSE;
  if (!fill_index (writer, now, error) || !reserve_uids (writer, ids, error) || !ph_maildir_sync (writer->maildir, error) || !ph_index_run (writer->index, error, "COMMIT", ""))
    return FALSE;

  for (guint i = 0; i < ids->len; i++)
    ph_uidlists_follow (writer->lists, writer, g_array_index (ids, gint64, i));

  return TRUE;
}

/* A store that is read-only opens what is there and changes nothing. */
static gboolean
prepare (PhOpenedAccount *self,
         PhStoreShared   *shared,
         gint64           now,
         PhFillProgress  *progress,
         GError         **error)
{
  PhWriter writer = { self->index, self->maildir, shared, self->lists, NULL, NULL, progress };
  gboolean ok = !ph_store_shared_check_writable (shared, NULL) || fill_and_commit (&writer, now, error);

  if (ok)
    self->folders = ph_index_list_folders (self->index, error);

  return ok && self->folders != NULL && clean_all_tmp (&writer, self->folders) && ph_index_get_meta (self->index, "used", &self->used, error);
}

PhOpenedAccount *
ph_account_open (PhStoreShared  *shared,
                 const char     *address,
                 gint64          now,
                 PhFillProgress *progress,
                 GError        **error)
{
  g_autoptr (PhOpenedAccount) self = g_new0 (PhOpenedAccount, 1);
  g_autofree char *local_part = NULL;
  g_autofree char *domain = NULL;
  gboolean         ok;

  if (!ph_account_split_address (address, &local_part, &domain, error))
    return NULL;

  self->maildir = ph_maildir_open (ph_store_shared_get_mail_fd (shared), domain, local_part, ph_store_shared_check_writable (shared, NULL), error);
  if (self->maildir == NULL)
    return NULL;

  self->lists = ph_uidlists_new ();
  self->index_path = g_build_filename (ph_store_shared_get_mail_path (shared), domain, local_part, PH_ACCOUNT_INDEX_NAME, NULL);
  if (!open_index (self, error))
    return NULL;

  ok = prepare (self, shared, now, progress, error);
  /* Damage that showed only now. */
  if (!ok && ph_index_is_damaged (self->index))
    {
      g_clear_error (error);
      g_clear_pointer (&self->index, ph_index_close);
      g_clear_pointer (&self->lists, ph_uidlists_free);
      self->lists = ph_uidlists_new ();
      ok = move_index_aside (self->maildir, error) && open_index (self, error) && prepare (self, shared, now, progress, error);
    }

  return ok ? g_steal_pointer (&self) : NULL;
}
