/* recorder.c: preloaded into a program, writes down in their order what it does to the disk, and
 * where in the program each sync was asked for.  disk.py makes from it what a power cut would have
 * left.  Of files below PH_RECORD_ROOT's file system, into PH_RECORD_LOG; what goes out on
 * sockets is a mark in it, so that it is known what was on disk when somebody was told.
 *
 * Records: a line KIND NUMBERS… NAME LENGTH, parted by tabs, then LENGTH bytes.  Files are known by
 * their inode.  Memory maps are not seen: SQLite's index of the WAL is in one, which is made anew
 * after a crash. */

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FRAMES_MAX 24
#define MARK_MAX 200

/* With it, a call and its record are one step. */
static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int             log_fd = -1;
static dev_t           device;
static char            no_links[4096];
static char            program[4096];

#define REAL(name)                \
  static __typeof__ (name) *real; \
  if (real == NULL)               \
  real = (__typeof__ (name) *)dlsym (RTLD_NEXT, #name)

__attribute__ ((constructor)) static void
begin (void)
{
  const char *path = getenv ("PH_RECORD_LOG");
  const char *root = getenv ("PH_RECORD_ROOT");
  struct stat st;
  void       *frames[1];
  ssize_t     n = readlink ("/proc/self/exe", program, sizeof program - 1);

  if (path == NULL || root == NULL || n < 0 || stat (root, &st) < 0)
    return;

  backtrace (frames, 1); /* loads what it needs now, not in the middle of something */
  device = st.st_dev;
  snprintf (no_links, sizeof no_links, "%s/no-links", root);
  log_fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* One write for each record: other processes append to the log, too. */
__attribute__ ((format (printf, 3, 4))) static void
record (const void *data,
        size_t      length,
        const char *format,
        ...)
{
  char         head[1024];
  int          n;
  struct iovec parts[2];
  va_list      values;

  va_start (values, format);
  n = vsnprintf (head, sizeof head - 32, format, values);
  va_end (values);
  n += snprintf (head + n, sizeof head - (size_t)n, "\t%zu\n", length);
  parts[0] = (struct iovec){ head, (size_t)n };
  parts[1] = (struct iovec){ (void *)data, length };
  if (writev (log_fd, parts, 2) != n + (ssize_t)length)
    abort ();
}

static int
is_ours (int          fd,
         struct stat *st)
{
  return log_fd >= 0 && fstat (fd, st) == 0 && st->st_dev == device && (S_ISREG (st->st_mode) || S_ISDIR (st->st_mode));
}

/* The directory that a name is in, and its last part. */
static int
find_parent (int          at,
             const char  *path,
             struct stat *st,
             const char **name)
{
  char        parent[4096];
  const char *slash = strrchr (path, '/');
  int         ok;

  if (log_fd < 0)
    return 0;
  *name = slash != NULL ? slash + 1 : path;
  if (slash == NULL)
    snprintf (parent, sizeof parent, ".");
  else
    snprintf (parent, sizeof parent, "%.*s", slash == path ? 1 : (int)(slash - path), path);
  ok = fstatat (at, parent, st, 0) == 0;

  return ok && st->st_dev == device;
}

/* Syncs */

/* The frame of the program itself that asked, and whether a library was in between. */
static void
record_sync (const char        *call,
             const struct stat *st)
{
  void   *frames[FRAMES_MAX];
  int     n = backtrace (frames, FRAMES_MAX);
  Dl_info info;
  char    via[256] = "-";

  for (int i = 2; i < n; i++)
    if (dladdr (frames[i], &info) != 0)
      {
        char path[4096];

        if (realpath (info.dli_fname, path) != NULL && strcmp (path, program) == 0)
          {
            record ("", 0, "S\t%s\t%lu\t%s\t%lx", call, (unsigned long)st->st_ino, via, (unsigned long)((char *)frames[i] - (char *)info.dli_fbase));
            return;
          }
        if (strcmp (via, "-") == 0)
          snprintf (via, sizeof via, "%s", strrchr (info.dli_fname, '/') != NULL ? strrchr (info.dli_fname, '/') + 1 : info.dli_fname);
      }
  record ("", 0, "S\t%s\t%lu\t%s\t0", call, (unsigned long)st->st_ino, via);
}

#define SYNC(name)                        \
  int name (int fd)                       \
  {                                       \
    struct stat st;                       \
    int         result;                   \
    REAL (name);                          \
    pthread_mutex_lock (&mutex);          \
    result = real (fd);                   \
    if (result == 0 && is_ours (fd, &st)) \
      record_sync (#name, &st);           \
    pthread_mutex_unlock (&mutex);        \
    return result;                        \
  }

SYNC (fsync)
SYNC (fdatasync)
SYNC (syncfs)

/* Contents */

#define PWRITE(name)                                                                         \
  ssize_t name (int fd, const void *data, size_t length, off_t offset)                       \
  {                                                                                          \
    struct stat st;                                                                          \
    ssize_t     n;                                                                           \
    REAL (name);                                                                             \
    pthread_mutex_lock (&mutex);                                                             \
    n = real (fd, data, length, offset);                                                     \
    if (n > 0 && is_ours (fd, &st))                                                          \
      record (data, (size_t)n, "W\t%lu\t%lld", (unsigned long)st.st_ino, (long long)offset); \
    pthread_mutex_unlock (&mutex);                                                           \
    return n;                                                                                \
  }

PWRITE (pwrite)
PWRITE (pwrite64)

ssize_t
write (int         fd,
       const void *data,
       size_t      length)
{
  struct stat st;
  ssize_t     n;
  REAL (write);

  pthread_mutex_lock (&mutex);
  n = real (fd, data, length);
  /* Where it went is where the file is now: right for O_APPEND, too. */
  if (n > 0 && is_ours (fd, &st))
    record (data, (size_t)n, "W\t%lu\t%lld", (unsigned long)st.st_ino, (long long)(lseek (fd, 0, SEEK_CUR) - n));
  pthread_mutex_unlock (&mutex);

  return n;
}

#define TRUNCATE(name)                                                             \
  int name (int fd, off_t length)                                                  \
  {                                                                                \
    struct stat st;                                                                \
    int         result;                                                            \
    REAL (name);                                                                   \
    pthread_mutex_lock (&mutex);                                                   \
    result = real (fd, length);                                                    \
    if (result == 0 && is_ours (fd, &st))                                          \
      record ("", 0, "T\t%lu\t%lld", (unsigned long)st.st_ino, (long long)length); \
    pthread_mutex_unlock (&mutex);                                                 \
    return result;                                                                 \
  }

TRUNCATE (ftruncate)
TRUNCATE (ftruncate64)

/* What stdio wrote went past us: all of it, now. */
int
fflush (FILE *file)
{
  struct stat st;
  int         result;
  REAL (fflush);

  pthread_mutex_lock (&mutex);
  result = real (file);
  if (result == 0 && file != NULL && fileno (file) > 2 && is_ours (fileno (file), &st) && S_ISREG (st.st_mode))
    {
      char  path[64];
      void *bytes = malloc ((size_t)st.st_size + 1);
      int   fd;

      snprintf (path, sizeof path, "/proc/self/fd/%d", fileno (file));
      fd = open (path, O_RDONLY | O_CLOEXEC);
      if (fd >= 0 && pread (fd, bytes, (size_t)st.st_size, 0) == st.st_size)
        record (bytes, (size_t)st.st_size, "W\t%lu\t0", (unsigned long)st.st_ino);
      if (fd >= 0)
        close (fd);
      free (bytes);
    }
  pthread_mutex_unlock (&mutex);

  return result;
}

/* Names */

static void
record_open (int         at,
             const char *path,
             int         flags,
             int         fd,
             int         was_there)
{
  struct stat st, parent;
  const char *name;

  if (!is_ours (fd, &st))
    return;
  if ((flags & O_TMPFILE) == O_TMPFILE)
    record ("", 0, "U\t%lu", (unsigned long)st.st_ino);
  else if ((flags & O_CREAT) != 0 && !was_there && find_parent (at, path, &parent, &name))
    record ("", 0, "C\t%lu\t%lu\t%s", (unsigned long)st.st_ino, (unsigned long)parent.st_ino, name);
  else if ((flags & O_TRUNC) != 0)
    record ("", 0, "T\t%lu\t0", (unsigned long)st.st_ino);
}

#define OPENAT(name)                                                  \
  int name (int at, const char *path, int flags, ...)                 \
  {                                                                   \
    va_list     values;                                               \
    mode_t      mode = 0;                                             \
    struct stat st;                                                   \
    int         fd, was_there;                                        \
    REAL (name);                                                      \
    va_start (values, flags);                                         \
    if ((flags & (O_CREAT | O_TMPFILE)) != 0)                         \
      mode = va_arg (values, mode_t);                                 \
    va_end (values);                                                  \
    if (log_fd < 0 || (flags & (O_CREAT | O_TRUNC | O_TMPFILE)) == 0) \
      return real (at, path, flags, mode);                            \
    pthread_mutex_lock (&mutex);                                      \
    was_there = fstatat (at, path, &st, 0) == 0;                      \
    fd = real (at, path, flags, mode);                                \
    if (fd >= 0)                                                      \
      record_open (at, path, flags, fd, was_there);                   \
    pthread_mutex_unlock (&mutex);                                    \
    return fd;                                                        \
  }

OPENAT (openat)
OPENAT (openat64)

#define OPEN(name, with)                       \
  int name (const char *path, int flags, ...)  \
  {                                            \
    va_list values;                            \
    mode_t  mode = 0;                          \
    va_start (values, flags);                  \
    if ((flags & (O_CREAT | O_TMPFILE)) != 0)  \
      mode = va_arg (values, mode_t);          \
    va_end (values);                           \
    return with (AT_FDCWD, path, flags, mode); \
  }

OPEN (open, openat)
OPEN (open64, openat64)

#define FOPEN(name)                                                              \
  FILE *name (const char *path, const char *how)                                 \
  {                                                                              \
    struct stat st;                                                              \
    int         was_there;                                                       \
    FILE       *file;                                                            \
    REAL (name);                                                                 \
    pthread_mutex_lock (&mutex);                                                 \
    was_there = stat (path, &st) == 0;                                           \
    file = real (path, how);                                                     \
    if (file != NULL && how[0] != 'r')                                           \
      record_open (AT_FDCWD, path, O_CREAT | O_TRUNC, fileno (file), was_there); \
    pthread_mutex_unlock (&mutex);                                               \
    return file;                                                                 \
  }

FOPEN (fopen)
FOPEN (fopen64)

int
mkdirat (int         at,
         const char *path,
         mode_t      mode)
{
  struct stat st, parent;
  const char *name;
  int         result;
  REAL (mkdirat);

  pthread_mutex_lock (&mutex);
  result = real (at, path, mode);
  if (result == 0 && find_parent (at, path, &parent, &name) && fstatat (at, path, &st, 0) == 0)
    record ("", 0, "D\t%lu\t%lu\t%s", (unsigned long)st.st_ino, (unsigned long)parent.st_ino, name);
  pthread_mutex_unlock (&mutex);

  return result;
}

int
mkdir (const char *path,
       mode_t      mode)
{
  return mkdirat (AT_FDCWD, path, mode);
}

int
linkat (int         from_at,
        const char *from,
        int         to_at,
        const char *to,
        int         flags)
{
  struct stat st, parent;
  const char *name;
  int         result;
  REAL (linkat);

  /* The file has as many links as it can. */
  if (log_fd >= 0 && access (no_links, F_OK) == 0)
    {
      errno = EMLINK;
      return -1;
    }

  pthread_mutex_lock (&mutex);
  result = real (from_at, from, to_at, to, flags);
  if (result == 0 && find_parent (to_at, to, &parent, &name) && fstatat (to_at, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
    record ("", 0, "L\t%lu\t%lu\t%s", (unsigned long)st.st_ino, (unsigned long)parent.st_ino, name);
  pthread_mutex_unlock (&mutex);

  return result;
}

int
link (const char *from,
      const char *to)
{
  return linkat (AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
renameat2 (int          from_at,
           const char  *from,
           int          to_at,
           const char  *to,
           unsigned int flags)
{
  struct stat from_parent, to_parent;
  const char *from_name, *to_name;
  int         result;
  REAL (renameat2);

  pthread_mutex_lock (&mutex);
  result = real (from_at, from, to_at, to, flags);
  if (result == 0 && find_parent (from_at, from, &from_parent, &from_name) && find_parent (to_at, to, &to_parent, &to_name))
    record (to_name, strlen (to_name), "R\t%lu\t%lu\t%s", (unsigned long)from_parent.st_ino, (unsigned long)to_parent.st_ino, from_name);
  pthread_mutex_unlock (&mutex);

  return result;
}

int
renameat (int         from_at,
          const char *from,
          int         to_at,
          const char *to)
{
  return renameat2 (from_at, from, to_at, to, 0);
}

int
rename (const char *from,
        const char *to)
{
  return renameat2 (AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlinkat (int         at,
          const char *path,
          int         flags)
{
  struct stat parent;
  const char *name;
  int         result;
  REAL (unlinkat);

  pthread_mutex_lock (&mutex);
  result = real (at, path, flags);
  if (result == 0 && find_parent (at, path, &parent, &name))
    record ("", 0, "X\t%lu\t%s", (unsigned long)parent.st_ino, name);
  pthread_mutex_unlock (&mutex);

  return result;
}

int
unlink (const char *path)
{
  return unlinkat (AT_FDCWD, path, 0);
}

int
rmdir (const char *path)
{
  return unlinkat (AT_FDCWD, path, AT_REMOVEDIR);
}

int
remove (const char *path)
{
  return unlinkat (AT_FDCWD, path, 0) == 0 || (errno == EISDIR && rmdir (path) == 0) ? 0 : -1;
}

/* What others are told */

ssize_t
send (int         fd,
      const void *data,
      size_t      length,
      int         flags)
{
  REAL (send);

  /* Before it goes out: what follows may be done after the answer was read. */
  if (log_fd >= 0)
    record (data, length < MARK_MAX ? length : MARK_MAX, "M");

  return real (fd, data, length, flags);
}
