#include "ph-journal-file.h"

#include "ph-buffer.h"
#include "ph-journal-escape.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _PhJournalFile
{
  char    *path;
  goffset  max_bytes;
  guint    n_files;
  GThread *thread;

  /* Main context only */
  gint64   second; /* the one that `stamp` is of */
  char     stamp[32];
  GString *line;

  /* The thread only */
  int     fd;
  goffset size;

  GMutex   mutex; /* of all below */
  GCond    to_write;
  GCond    written;
  PhBuffer queue;
  guint64  n_dropped;     /* in all */
  guint64  n_unannounced; /* dropped since the file last said so */
  gboolean is_writing;
  gboolean is_held;
  gboolean is_ending;
};

static int
open_file (const char *path,
           goffset    *size,
           GError    **error)
{
  struct stat status;
  int         saved_errno;
  /* O_NONBLOCK: opening a FIFO must not wait for its reader. */
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

  if (fd >= 0 && fstat (fd, &status) == 0)
    {
      if (!S_ISREG (status.st_mode))
        errno = EINVAL;
      else if (fchmod (fd, 0600) == 0)
        {
          *size = status.st_size;
          return fd;
        }
    }

  saved_errno = errno;
  if (fd >= 0)
    close (fd);
  g_set_error (error, G_FILE_ERROR, (gint)g_file_error_from_errno (saved_errno), "%s: %s", path, g_strerror (saved_errno));

  return -1;
}

/* PATH.1 becomes PATH.2 and so on; the last one goes. */
static void
rotate (PhJournalFile *self)
{
  for (guint i = self->n_files - 1; i > 0; i--)
    {
      g_autofree char *from = i > 1 ? g_strdup_printf ("%s.%u", self->path, i - 1) : g_strdup (self->path);
      g_autofree char *to = g_strdup_printf ("%s.%u", self->path, i);

      (void)g_rename (from, to);
    }
  if (self->n_files == 1)
    (void)g_unlink (self->path);

  close (self->fd);
  self->fd = open_file (self->path, &self->size, NULL);
}

/* All or nothing, as far as the disk lets us: half a line would spoil the next. */
static gboolean
write_all (PhJournalFile *self,
           const guint8  *data,
           gsize          length)
{
  goffset size = self->size;

  while (length > 0)
    {
      gssize n = write (self->fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          if (ftruncate (self->fd, size) == 0)
            self->size = size;
          return FALSE;
        }
      data += n;
      length -= (gsize)n;
      self->size += n;
    }

  return TRUE;
}

/* Whole lines up to the size at which files rotate; at least one.  Returns FALSE
 * where the disk refuses: those lines are lost, later ones are tried again. */
static gboolean
write_lines (PhJournalFile *self,
             PhBuffer      *lines)
{
  while (ph_buffer_get_length (lines) > 0)
    {
      const guint8 *data = ph_buffer_get_data (lines);
      gsize         length = ph_buffer_get_length (lines), n;
      goffset       room = self->max_bytes - self->size;
      const guint8 *end = room > 0 ? memrchr (data, '\n', MIN (length, (gsize)room)) : NULL;

      if (self->fd < 0)
        self->fd = open_file (self->path, &self->size, NULL);
      else if (end == NULL && self->size > 0)
        {
          rotate (self);
          if (self->fd >= 0)
            continue;
        }
      if (self->fd < 0)
        return FALSE;

      if (end == NULL)
        end = memchr (data, '\n', length);
      n = (gsize)(end - data) + 1;
      if (!write_all (self, data, n))
        return FALSE;
      ph_buffer_consume (lines, n);
    }

  return TRUE;
}

static guint
count_lines (PhBuffer *lines)
{
  const guint8 *p = ph_buffer_get_data (lines), *end = p + ph_buffer_get_length (lines);
  guint         n = 0;

  while (p < end && (p = memchr (p, '\n', (gsize)(end - p))) != NULL)
    {
      n++;
      p++;
    }

  return n;
}

static gpointer
run (gpointer data)
{
  PhJournalFile *self = data;

  g_mutex_lock (&self->mutex);
  while (TRUE)
    {
      g_auto (PhBuffer) lines = { 0 };
      guint n_lost = 0;

      while (!self->is_ending && (self->is_held || ph_buffer_get_length (&self->queue) == 0))
        g_cond_wait (&self->to_write, &self->mutex);
      if (ph_buffer_get_length (&self->queue) == 0)
        break;

      lines = self->queue;
      memset (&self->queue, 0, sizeof self->queue);
      if (self->n_unannounced > 0)
        ph_buffer_append_printf (&lines, "%" G_GUINT64_FORMAT " lines were dropped here\n", self->n_unannounced);
      self->n_unannounced = 0;
      self->is_writing = TRUE;
      g_mutex_unlock (&self->mutex);

      if (!write_lines (self, &lines))
        n_lost = count_lines (&lines);

      g_mutex_lock (&self->mutex);
      self->n_dropped += n_lost;
      self->n_unannounced += n_lost;
      self->is_writing = FALSE;
      g_cond_broadcast (&self->written);
    }
  g_mutex_unlock (&self->mutex);

  return NULL;
}

PhJournalFile *
ph_journal_file_open (const char *path,
                      goffset     max_bytes,
                      guint       n_files,
                      GError    **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  PhJournalFile   *self;
  goffset          size = 0;
  int              fd;

  (void)g_mkdir_with_parents (folder, 0700);
  fd = open_file (path, &size, error);
  if (fd < 0)
    return NULL;

  self = g_new0 (PhJournalFile, 1);
  self->path = g_strdup (path);
  self->max_bytes = MAX (max_bytes, 1);
  self->n_files = MAX (n_files, 1);
  self->second = G_MININT64;
  self->line = g_string_new (NULL);
  self->fd = fd;
  self->size = size;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->to_write);
  g_cond_init (&self->written);
  self->thread = g_thread_new ("journal-file", run, self);

  return self;
}

void
ph_journal_file_free (PhJournalFile *self)
{
  g_mutex_lock (&self->mutex);
  self->is_ending = TRUE;
  g_cond_signal (&self->to_write);
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);

  if (self->fd >= 0)
    close (self->fd);
  ph_buffer_clear (&self->queue);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->to_write);
  g_cond_clear (&self->written);
  g_string_free (self->line, TRUE);
  g_free (self->path);
  g_free (self);
}

/* The second changes seldom; its text is kept. */
static void
append_time (PhJournalFile *self,
             gint64         time)
{
  gint64 second = time / G_USEC_PER_SEC - (time % G_USEC_PER_SEC < 0);

  if (second != self->second)
    {
      g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (second);
      g_autofree char *text = date != NULL ? g_date_time_format (date, "%Y-%m-%dT%H:%M:%S") : NULL;

      g_strlcpy (self->stamp, text != NULL ? text : "-", sizeof self->stamp);
      self->second = second;
    }

  g_string_append_printf (self->line, "%s.%06dZ", self->stamp, (int)(time - second * G_USEC_PER_SEC));
}

static void
append_word (GString    *line,
             const char *word)
{
  gsize start = line->len + 1;

  g_string_append_c (line, ' ');
  g_string_append (line, word != NULL && *word != '\0' ? word : "-");
  for (gsize i = start; i < line->len; i++)
    if (line->str[i] == ' ')
      line->str[i] = '-';
}

void
ph_journal_file_add (PhJournalFile        *self,
                     gint64                time,
                     PhJournalSession     *session,
                     PhJournalVoice        voice,
                     const PhJournalWords *words)
{
  static const char *const arrows[] = { " C: ", " S: ", " -- " };
  GString                 *line = self->line;
  const guint8            *rest = words->data, *end = rest + words->length;
  gsize                    head;
  guint                    n = 1;

  g_string_truncate (line, 0);
  append_time (self, time);
  g_string_append_printf (line, " %" G_GUINT64_FORMAT, ph_journal_session_get_id (session));
  append_word (line, ph_journal_session_get_service (session));
  append_word (line, ph_journal_session_get_peer (session));
  g_string_append (line, arrows[MIN ((guint)voice, PH_JOURNAL_NOTE)]);
  head = line->len;
  if (words->n_lines > 1)
    for (; (rest = ph_journal_escape_line (line, rest, end)) != NULL; n++)
      {
        g_string_append_c (line, '\n');
        g_string_append_len (line, line->str, (gssize)head);
      }
  else
    ph_journal_escape (line, words->data, words->length);
  if (words->full_length > words->length)
    g_string_append_printf (line, "… (%" G_GSIZE_FORMAT " bytes)", words->full_length);
  g_string_append_c (line, '\n');

  g_mutex_lock (&self->mutex);
  if (ph_buffer_get_length (&self->queue) + line->len > PH_JOURNAL_FILE_QUEUE_MAX)
    {
      self->n_dropped += n;
      self->n_unannounced += n;
    }
  else
    {
      if (ph_buffer_get_length (&self->queue) == 0)
        g_cond_signal (&self->to_write);
      ph_buffer_append (&self->queue, line->str, line->len);
    }
  g_mutex_unlock (&self->mutex);
}

guint64
ph_journal_file_get_n_dropped (PhJournalFile *self)
{
  guint64 n_dropped;

  g_mutex_lock (&self->mutex);
  n_dropped = self->n_dropped;
  g_mutex_unlock (&self->mutex);

  return n_dropped;
}

void
ph_journal_file_sync (PhJournalFile *self)
{
  g_mutex_lock (&self->mutex);
  while (self->is_writing || ph_buffer_get_length (&self->queue) > 0)
    g_cond_wait (&self->written, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

void
ph_journal_file_set_held (PhJournalFile *self,
                          gboolean       held)
{
  g_mutex_lock (&self->mutex);
  self->is_held = held;
  g_cond_signal (&self->to_write);
  g_mutex_unlock (&self->mutex);
}
