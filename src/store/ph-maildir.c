#include "ph-maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-maildir-name.h"
#include "ph-store-error.h"

#define SMALL_FILE_MAX (1024 * 1024)
#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

typedef struct
{
  int      fd;
  gboolean written;
} OpenSub;

struct _PhMaildir
{
  int         fd;
  GHashTable *subs; /* "FOLDER/SUB" → OpenSub; the worker's */
};

static const char *const sub_names[] = { "cur", "new", "tmp" };

static void
open_sub_free (gpointer data)
{
  OpenSub *sub = data;

  close (sub->fd);
  g_free (sub);
}

static int
make_and_open (int         at,
               const char *name,
               gboolean    create,
               GError    **error)
{
  int fd;

  if (create && mkdirat (at, name, 0700) < 0 && errno != EEXIST)
    {
      ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be made"));
      return -1;
    }

  fd = openat (at, name, DIRECTORY_FLAGS);
  if (fd < 0)
    ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be opened"));

  return fd;
}

PhMaildir *
ph_maildir_open (int         mail_fd,
                 const char *domain,
                 const char *local_part,
                 gboolean    create,
                 GError    **error)
{
  PhMaildir *self;
  int        domain_fd, fd;

  domain_fd = make_and_open (mail_fd, domain, create, error);
  if (domain_fd < 0)
    return NULL;

  fd = make_and_open (domain_fd, local_part, create, error);
  if (fd >= 0 && create &&
      (fsync (domain_fd) < 0 ||
       fsync (mail_fd) < 0))
    {
      ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be synced"));
      close (fd);
      fd = -1;
    }
  close (domain_fd);
  if (fd < 0)
    return NULL;

  self = g_new0 (PhMaildir, 1);
  self->fd = fd;
  self->subs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, open_sub_free);

  return self;
}

void
ph_maildir_free (PhMaildir *self)
{
  g_hash_table_unref (self->subs);
  close (self->fd);
  g_free (self);
}

int
ph_maildir_get_fd (PhMaildir *self)
{
  return self->fd;
}

/* Takes `fd`. */
static gboolean
each_name (int fd,
           gboolean (*function) (int         fd,
                                 const char *name,
                                 gpointer    user_data),
           gpointer user_data,
           GError **error)
{
  DIR           *directory = fdopendir (fd);
  struct dirent *entry;
  int            saved_errno;

  if (directory == NULL)
    {
      saved_errno = errno;
      close (fd);
      return ph_store_error_set_errno (error, saved_errno, N_ ("A mail folder can’t be listed"));
    }

  while ((errno = 0, entry = readdir (directory)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0 && !function (fd, entry->d_name, user_data))
      break;
  saved_errno = errno;
  closedir (directory);

  return saved_errno == 0 || entry != NULL || ph_store_error_set_errno (error, saved_errno, N_ ("A mail folder can’t be listed"));
}

static int
reopen (int      dir_fd,
        GError **error)
{
  int fd = openat (dir_fd, ".", DIRECTORY_FLAGS);

  if (fd < 0)
    ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be opened"));

  return fd;
}

static gboolean
add_folder (int         fd,
            const char *name,
            gpointer    user_data)
{
  g_autofree char *cur = g_strconcat (name, "/cur", NULL);
  struct stat      st;

  if (name[0] == '.' && fstatat (fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (st.st_mode) && fstatat (fd, cur, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (st.st_mode))
    g_ptr_array_add (user_data, g_strdup (name));

  return TRUE;
}

GPtrArray *
ph_maildir_list_folders (PhMaildir *self,
                         GError   **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int fd = reopen (self->fd, error);

  if (fd < 0 || !each_name (fd, add_folder, names, error))
    return NULL;

  return g_steal_pointer (&names);
}

gboolean
ph_maildir_has_folder (PhMaildir  *self,
                       const char *folder)
{
  return faccessat (self->fd, folder, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

gboolean
ph_maildir_make_folder (PhMaildir  *self,
                        const char *folder,
                        GError    **error)
{
  gboolean ok = TRUE;
  int      marker;
  int      fd = make_and_open (self->fd, folder, strcmp (folder, ".") != 0, error);

  if (fd < 0)
    return FALSE;

  for (guint i = 0; ok && i < G_N_ELEMENTS (sub_names); i++)
    ok = mkdirat (fd, sub_names[i], 0700) == 0 || errno == EEXIST;

  /* Maildir++: tells delivery agents that this is a folder of the directory above. */
  if (ok && strcmp (folder, ".") != 0)
    {
      marker = openat (fd, "maildirfolder", O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
      ok = marker >= 0;
      if (ok)
        close (marker);
    }
  /* The names in it are synced with the list of UIDs that comes into it next. */
  ok = ok && fsync (self->fd) == 0;
  if (!ok)
    ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be made"));
  close (fd);

  return ok;
}

gboolean
ph_maildir_rename_folder (PhMaildir  *self,
                          const char *from,
                          const char *to,
                          GError    **error)
{
  if (renameat2 (self->fd, from, self->fd, to, RENAME_NOREPLACE) < 0 && !(errno == EINVAL && renameat (self->fd, from, self->fd, to) == 0))
    return ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be renamed"));

  return TRUE;
}

static gboolean
remove_name (int         fd,
             const char *name,
             gpointer    user_data)
{
  gboolean *ok = user_data;

  if (unlinkat (fd, name, 0) < 0 && errno != ENOENT && errno != EISDIR)
    *ok = FALSE;

  return TRUE;
}

/* A Maildir is two levels deep; what is deeper is not ours, and stays. */
gboolean
ph_maildir_remove_folder (PhMaildir  *self,
                          const char *folder,
                          GError    **error)
{
  gboolean ok = TRUE;
  int      sub;
  int      fd = openat (self->fd, folder, DIRECTORY_FLAGS);

  if (fd < 0)
    return errno == ENOENT || ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be removed"));

  /* Should more than that remain, it does not come back under its old UIDs. */
  unlinkat (fd, "dovecot-uidlist", 0);
  for (guint i = 0; i < G_N_ELEMENTS (sub_names); i++)
    {
      sub = openat (fd, sub_names[i], DIRECTORY_FLAGS);
      if (sub >= 0 && !each_name (sub, remove_name, &ok, NULL))
        ok = FALSE;
      if (unlinkat (fd, sub_names[i], AT_REMOVEDIR) < 0 && errno != ENOENT)
        ok = FALSE;
    }
  if (!each_name (fd, remove_name, &ok, NULL))
    ok = FALSE;

  if (!ok || (unlinkat (self->fd, folder, AT_REMOVEDIR) < 0 && errno != ENOENT))
    return ph_store_error_set_errno (error, errno != 0 ? errno : ENOTEMPTY, N_ ("A mail folder can’t be removed"));

  return TRUE;
}

int
ph_maildir_open_sub (PhMaildir   *self,
                     const char  *folder,
                     PhMaildirSub sub,
                     GError     **error)
{
  int fd, saved_errno;
  int folder_fd = openat (self->fd, folder, DIRECTORY_FLAGS);

  if (folder_fd < 0)
    {
      ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be opened"));
      return -1;
    }

  fd = openat (folder_fd, sub_names[sub], DIRECTORY_FLAGS);
  saved_errno = errno;
  close (folder_fd);
  if (fd < 0)
    ph_store_error_set_errno (error, saved_errno, N_ ("A mail folder can’t be opened"));

  return fd;
}

int
ph_maildir_get_sub (PhMaildir   *self,
                    const char  *folder,
                    PhMaildirSub sub,
                    gboolean     written,
                    GError     **error)
{
  g_autofree char *key = g_strconcat (folder, "/", sub_names[sub], NULL);
  OpenSub         *open = g_hash_table_lookup (self->subs, key);
  int              fd;

  if (open == NULL)
    {
      fd = ph_maildir_open_sub (self, folder, sub, error);
      if (fd < 0)
        return -1;

      open = g_new0 (OpenSub, 1);
      open->fd = fd;
      g_hash_table_insert (self->subs, g_steal_pointer (&key), open);
    }
  open->written |= written;

  return open->fd;
}

gboolean
ph_maildir_sync (PhMaildir *self,
                 GError   **error)
{
  GHashTableIter iter;
  OpenSub       *open;
  gboolean       ok = TRUE;

  g_hash_table_iter_init (&iter, self->subs);
  while (ok && g_hash_table_iter_next (&iter, NULL, (gpointer *)&open))
    {
      if (open->written && fsync (open->fd) < 0)
        ok = ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be synced"));
      open->written = FALSE;
    }

  return ok;
}

void
ph_maildir_release (PhMaildir *self)
{
  g_hash_table_remove_all (self->subs);
}

static gboolean
add_message (int         fd,
             const char *name,
             gpointer    user_data)
{
  if (name[0] != '.')
    g_ptr_array_add (user_data, g_strdup (name));

  return TRUE;
}

gboolean
ph_maildir_list (int        dir_fd,
                 GPtrArray *names,
                 GError   **error)
{
  int fd = reopen (dir_fd, error);

  return fd >= 0 && each_name (fd, add_message, names, error);
}

typedef struct
{
  const char *base;
  gsize       length;
  char       *found;
} Wanted;

static gboolean
compare_name (int         fd,
              const char *name,
              gpointer    user_data)
{
  Wanted *wanted = user_data;

  if (strncmp (name, wanted->base, wanted->length) == 0 && (name[wanted->length] == '\0' || g_str_has_prefix (name + wanted->length, ":2,")))
    wanted->found = g_strdup (name);

  return wanted->found == NULL;
}

char *
ph_maildir_find (int         dir_fd,
                 const char *base)
{
  Wanted wanted = { base, strlen (base), NULL };
  int    fd = reopen (dir_fd, NULL);

  if (fd >= 0)
    each_name (fd, compare_name, &wanted, NULL);

  return wanted.found;
}

char *
ph_maildir_build_name (PhMaildirSub sub,
                       const char  *base,
                       const char  *letters)
{
  return sub == PH_MAILDIR_CUR ? g_strconcat (base, ":2,", letters, NULL) : g_strdup (base);
}

static int
open_file (PhMaildir   *self,
           const char  *folder,
           PhMaildirSub sub,
           const char  *base,
           const char  *letters)
{
  g_autofree char *name = NULL;
  int              fd = -1;
  int              dir_fd = ph_maildir_open_sub (self, folder, sub, NULL);

  if (dir_fd < 0)
    return -1;

  name = letters != NULL ? ph_maildir_build_name (sub, base, letters) : ph_maildir_find (dir_fd, base);
  if (name != NULL)
    fd = openat (dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  close (dir_fd);

  return fd;
}

int
ph_maildir_open_message (PhMaildir   *self,
                         const char  *folder,
                         PhMaildirSub sub,
                         const char  *base,
                         const char  *letters,
                         GError     **error)
{
  int fd = open_file (self, folder, sub, base, letters);

  /* Another program, or our own worker, may be renaming it: a second look at cur finds
   * what slipped past the first. */
  if (fd < 0)
    fd = open_file (self, folder, PH_MAILDIR_CUR, base, NULL);
  if (fd < 0)
    fd = open_file (self, folder, PH_MAILDIR_NEW, base, NULL);
  if (fd < 0)
    fd = open_file (self, folder, PH_MAILDIR_TMP, base, NULL);
  if (fd < 0)
    fd = open_file (self, folder, PH_MAILDIR_CUR, base, NULL);
  if (fd < 0)
    g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, N_ ("The file of the message is gone"));

  return fd;
}

int
ph_maildir_open_in_folder (PhMaildir  *self,
                           const char *folder,
                           const char *name,
                           int         flags)
{
  int fd;
  int folder_fd = openat (self->fd, folder, DIRECTORY_FLAGS);

  if (folder_fd < 0)
    return -1;

  fd = openat (folder_fd, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  close (folder_fd);

  return fd;
}

static gboolean
write_all (int         fd,
           const char *text,
           gsize       length)
{
  while (length > 0)
    {
      ssize_t n = write (fd, text, length);

      if (n < 0 && errno != EINTR)
        return FALSE;
      text += MAX (n, 0);
      length -= (gsize)MAX (n, 0);
    }

  return TRUE;
}

gboolean
ph_maildir_replace_in_folder (PhMaildir  *self,
                              const char *folder,
                              const char *name,
                              const char *text,
                              gsize       length,
                              GError    **error)
{
  g_autofree char *temporary = g_strconcat (name, ".tmp", NULL);
  gboolean         ok;
  int              fd;
  int              folder_fd = openat (self->fd, folder, DIRECTORY_FLAGS);

  if (folder_fd < 0)
    return ph_store_error_set_errno (error, errno, N_ ("A mail folder can’t be opened"));

  fd = openat (folder_fd, temporary, O_CREAT | O_TRUNC | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
  ok = fd >= 0 && write_all (fd, text, length) && fsync (fd) == 0;
  ok = ok && renameat (folder_fd, temporary, folder_fd, name) == 0 && fsync (folder_fd) == 0;
  if (!ok)
    ph_store_error_set_errno (error, errno, N_ ("A file can’t be written"));
  if (fd >= 0)
    close (fd);
  close (folder_fd);

  return ok;
}

gboolean
ph_maildir_write_file (PhMaildir  *self,
                       const char *name,
                       const char *text,
                       GError    **error)
{
  return ph_maildir_replace_in_folder (self, ".", name, text, strlen (text), error);
}

char *
ph_maildir_read_file (PhMaildir  *self,
                      const char *name)
{
  char   *text;
  gsize   used = 0;
  ssize_t n;
  int     fd = openat (self->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    return NULL;

  text = g_malloc (SMALL_FILE_MAX + 1);
  while (used < SMALL_FILE_MAX && (n = read (fd, text + used, SMALL_FILE_MAX - used)) > 0)
    used += (gsize)n;
  close (fd);
  text[used] = '\0';

  return g_realloc (text, used + 1);
}
