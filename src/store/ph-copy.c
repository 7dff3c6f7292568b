#include "ph-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ph-maildir-name.h"
#include "ph-pending.h"
#include "ph-uidl.h"

#define COPY_PIECE (128 * 1024)

void
ph_copy_links_clear (PhCopyLinks *self)
{
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->names, g_ptr_array_unref);
}

void
ph_copy_links_undo (PhCopyLinks *self,
                    PhWriter    *writer)
{
  int dir_fd = self->names != NULL ? ph_maildir_open_sub (writer->maildir, self->directory, PH_MAILDIR_TMP, NULL) : -1;

  if (dir_fd < 0)
    return;

  for (guint i = 0; i < self->names->len; i++)
    unlinkat (dir_fd, g_ptr_array_index (self->names, i), 0);
  close (dir_fd);
}

/* The file has as many links as its file system allows (65,000 on ext4). */
static gboolean
copy_bytes (int         from_fd,
            int         to_dir,
            const char *name,
            GError    **error)
{
  g_autofree guint8 *piece = g_malloc (COPY_PIECE);
  ssize_t            n = 0;
  gboolean           ok = TRUE;
  int                fd = openat (to_dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);

  if (fd < 0)
    return ph_store_error_set_errno (error, errno, N_ ("A message can’t be copied"));

  errno = ENOSPC; /* what a short write means */
  while (ok && (n = read (from_fd, piece, COPY_PIECE)) > 0)
    ok = write (fd, piece, (size_t)n) == n;
  ok = ok && n == 0 && fsync (fd) == 0;
  if (!ok)
    {
      ph_store_error_set_errno (error, errno, N_ ("A message can’t be copied"));
      unlinkat (to_dir, name, 0);
    }
  close (fd);

  return ok;
}

static gboolean
link_or_copy (PhWriter           *writer,
              const char         *source,
              const PhMessageRow *row,
              int                 to_dir,
              const char         *name,
              GError            **error)
{
  char     path[64];
  gboolean ok;
  int      fd = ph_maildir_open_message (writer->maildir, source, row->sub, row->base, row->letters, error);

  if (fd < 0)
    return FALSE;

  g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if (linkat (AT_FDCWD, path, to_dir, name, AT_SYMLINK_FOLLOW) == 0)
    ok = TRUE;
  else if (errno == EMLINK || errno == EPERM)
    ok = copy_bytes (fd, to_dir, name, error);
  else
    ok = ph_store_error_set_errno (error, errno, N_ ("A message can’t be copied"));
  close (fd);

  return ok;
}

/* Bits of the source's keywords to bits of the target's. */
static gboolean
map_keywords (PhWriter          *writer,
              const PhFolderRow *source,
              const PhFolderRow *target,
              guint64            bits,
              PhChange          *change,
              guint64           *mapped,
              GError           **error)
{
  g_auto (GStrv) names = NULL;
  g_autoptr (GPtrArray) used = NULL;

  *mapped = bits;
  if (bits == 0 || source->id == target->id)
    return TRUE;

  names = ph_index_load_keywords (writer->index, source->id, error);
  if (names == NULL)
    return FALSE;

  used = g_ptr_array_new ();
  for (guint i = 0; names[i] != NULL; i++)
    if ((bits & (G_GUINT64_CONSTANT (1) << i)) != 0)
      g_ptr_array_add (used, names[i]);
  g_ptr_array_add (used, NULL);

  return ph_index_map_keywords (writer->index, target->id, (const char *const *)used->pdata, mapped, &change->keywords, error);
}

static gboolean
copy_one (PhJob              *job,
          PhWriter           *writer,
          PhFolderRow        *source,
          PhFolderRow        *target,
          const PhMessageRow *row,
          gboolean            move,
          gint64              now,
          PhCopyLinks        *links,
          GArray             *copied,
          GError            **error)
{
  PhChange *change = ph_job_get_change (job, target->id);
  g_auto (PhMessageRow) copy = { .info = row->info, .file_size = row->file_size, .sub = PH_MAILDIR_TMP, .stale = TRUE };
  PhCopiedUid pair = { .source = row->info.uid };
  int         to_dir = ph_maildir_get_sub (writer->maildir, target->directory, PH_MAILDIR_TMP, TRUE, error);

  if (to_dir < 0)
    return FALSE;

  copy.base = ph_maildir_name_new (now, row->file_size, row->info.size);
  copy.info.save_date = now / G_USEC_PER_SEC;
  copy.guid = g_strdup (row->guid != NULL ? row->guid : row->base);
  if (!map_keywords (writer, source, target, row->info.keywords, change, &copy.info.keywords, error) ||
      !ph_uidl_inherit (writer->index, source, row, target, move, &copy, error) || !link_or_copy (writer, source->directory, row, to_dir, copy.base, error))
    return FALSE;

  /* Flags and keywords get theirs with the rename from tmp/; others are kept. */
  copy.letters = ph_maildir_letters_from_flags (0, 0, 26, row->letters);
  g_ptr_array_add (links->names, g_strdup (copy.base));
  if (!ph_message_row_insert (writer->index, target, &copy, change, error))
    return FALSE;

  pair.target = copy.info.uid;
  g_array_append_val (copied, pair);

  return TRUE;
}

gboolean
ph_copy_messages (PhJob       *job,
                  PhWriter    *writer,
                  PhFolderRow *source,
                  PhFolderRow *target,
                  GPtrArray   *rows,
                  gboolean     move,
                  gint64       now,
                  PhCopyLinks *links,
                  GArray      *copied,
                  GError     **error)
{
  links->directory = g_strdup (target->directory);
  links->names = g_ptr_array_new_with_free_func (g_free);
  target->modseq++;
  if (move && source != target)
    source->modseq++;

  for (guint i = 0; i < rows->len; i++)
    {
      const PhMessageRow *row = g_ptr_array_index (rows, i);
      g_autoptr (GError) failure = NULL;

      if (!copy_one (job, writer, source, target, row, move, now, links, copied, &failure))
        {
          if (g_error_matches (failure, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND))
            continue;
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (move && (!ph_message_row_delete (writer->index, source, row, ph_job_get_change (job, source->id), error) || !ph_pending_add_unlink (writer->index, source->id, row, error)))
        return FALSE;
    }

  return TRUE;
}
