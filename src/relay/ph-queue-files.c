#include "ph-queue-files.h"

#include "ph-folder-sync.h"
#include "ph-relay-error.h"
#include "ph-trace.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READING "reading"
#define READING_TRIES 2

/* A name from the directory; a longer one is not ours to handle. */
#define ID_MAX 200

/* Where the file system knows no leases, a file that has rested so long is whole. */
#define RESTED_SECONDS 2

struct _PhQueueFiles
{
  gatomicrefcount refs;
  char           *folders[2];
  PhFolderSync   *syncs[2];
  int             reading_fd;    /* -1 before prepare */
  char           *suspect;       /* what was being read when the program ended, or NULL */
  guint           suspect_tries; /* how often that was so */
};

PhQueueFiles *
ph_queue_files_new (const char *relay_dir,
                    const char *bad_dir)
{
  PhQueueFiles *self = g_new0 (PhQueueFiles, 1);

  g_atomic_ref_count_init (&self->refs);
  self->folders[PH_QUEUE_FOLDER_RELAY] = g_strdup (relay_dir);
  self->folders[PH_QUEUE_FOLDER_BAD] = g_strdup (bad_dir);
  for (guint i = 0; i < G_N_ELEMENTS (self->syncs); i++)
    self->syncs[i] = ph_folder_sync_new (self->folders[i]);
  self->reading_fd = -1;

  return self;
}

PhQueueFiles *
ph_queue_files_ref (PhQueueFiles *self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

void
ph_queue_files_unref (PhQueueFiles *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  if (self->reading_fd >= 0)
    close (self->reading_fd);
  g_free (self->folders[0]);
  g_free (self->folders[1]);
  g_free (self->suspect);
  ph_folder_sync_free (self->syncs[0]);
  ph_folder_sync_free (self->syncs[1]);
  g_free (self);
}

const char *
ph_queue_files_get_path (PhQueueFiles *self,
                         PhQueueFolder folder)
{
  return self->folders[folder];
}

static char *
build_path (PhQueueFiles *self,
            PhQueueFolder folder,
            const char   *id,
            const char   *ending)
{
  g_autofree char *name = g_strconcat (id, ending, NULL);

  return g_build_filename (self->folders[folder], name, NULL);
}

static gboolean
fail (GError    **error,
      const char *path)
{
  g_set_error (error, PH_RELAY_ERROR, errno == ENOENT ? PH_RELAY_ERROR_GONE : PH_RELAY_ERROR_FAILED, "%s: %s", path, g_strerror (errno));

  return FALSE;
}

/* Names */

char *
ph_queue_files_new_id (gint64 now,
                       guint  serial)
{
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "X%03X%04X", (guint64)now, serial & 0xfff, g_random_int () & 0xffff);
}

gboolean
ph_queue_files_is_own_id (const char *id)
{
  return strlen (id) == 23 && strspn (id, "0123456789ABCDEF") == 23;
}

/* The time in a name of ours. */
static gint64
parse_own_time (const char *id)
{
  g_autofree char *digits = g_strndup (id, 16);

  return (gint64)g_ascii_strtoull (digits, NULL, 16);
}

static char *
dup_id (const char *name,
        const char *ending)
{
  gsize length = strlen (name), end = strlen (ending);

  return length > end && length - end <= ID_MAX && name[0] != '.' && g_str_has_suffix (name, ending) ? g_strndup (name, length - end) : NULL;
}

/* What is being read */

static void
read_suspect (PhQueueFiles *self)
{
  char   text[ID_MAX + 16] = { 0 };
  gssize n = pread (self->reading_fd, text, sizeof text - 1, 0);
  char  *blank = n > 0 ? strchr (text, ' ') : NULL;

  if (blank == NULL)
    return;

  *blank = '\0';
  self->suspect = g_strdup (text);
  self->suspect_tries = (guint)CLAMP (atoi (blank + 1), 1, READING_TRIES);
}

/* The folder itself is to be there after a power cut, too. */
static gboolean
sync_parent (const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);
  int              fd = g_open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean         ok = fd >= 0 && fsync (fd) == 0;

  if (fd >= 0)
    close (fd);

  return ok;
}

gboolean
ph_queue_files_prepare (PhQueueFiles *self,
                        GError      **error)
{
  g_autofree char *reading = g_build_filename (self->folders[PH_QUEUE_FOLDER_RELAY], READING, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (self->folders); i++)
    if (g_mkdir_with_parents (self->folders[i], 0700) != 0 || (self->reading_fd < 0 && !sync_parent (self->folders[i])))
      return fail (error, self->folders[i]);
  if (self->reading_fd >= 0)
    return TRUE;

  self->reading_fd = g_open (reading, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (self->reading_fd < 0)
    return fail (error, reading);
  read_suspect (self);

  return TRUE;
}

/* FALSE where this has ended the program too often. */
static gboolean
begin_reading (PhQueueFiles *self,
               const char   *id)
{
  g_autofree char *text = NULL;
  guint            tries = g_strcmp0 (self->suspect, id) == 0 ? self->suspect_tries : 0;

  if (tries >= READING_TRIES)
    return FALSE;

  text = g_strdup_printf ("%s %u\n", id, tries + 1);
  if (self->reading_fd >= 0 && pwrite (self->reading_fd, text, strlen (text), 0) < 0)
    g_debug ("%s: %s", READING, g_strerror (errno));

  return TRUE;
}

static void
end_reading (PhQueueFiles *self,
             const char   *id)
{
  if (self->reading_fd >= 0 && ftruncate (self->reading_fd, 0) < 0)
    g_debug ("%s: %s", READING, g_strerror (errno));
  if (g_strcmp0 (self->suspect, id) == 0)
    g_clear_pointer (&self->suspect, g_free);
}

/* Listing */

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* A message without an envelope that we wrote was either never answered for, or is delivered; a
 * temporary file is one of g_file_set_contents_full(). */
static void
remove_leftovers (PhQueueFiles *self,
                  PhQueueFolder folder,
                  GPtrArray    *names,
                  GHashTable   *envelopes,
                  gint64        now)
{
  for (guint i = 0; i < names->len; i++)
    {
      const char      *name = names->pdata[i];
      const char      *dot = strchr (name, '.');
      g_autofree char *id = dot != NULL ? g_strndup (name, (gsize)(dot - name)) : NULL;
      g_autofree char *path = NULL;
      gboolean         is_message = g_str_has_suffix (name, ".eml"), is_envelope = g_str_has_suffix (name, ".env");

      if (id == NULL || is_envelope || !ph_queue_files_is_own_id (id) || parse_own_time (id) >= now || (is_message && g_hash_table_contains (envelopes, id)))
        continue;

      path = g_build_filename (self->folders[folder], name, NULL);
      g_unlink (path);
    }
}

GPtrArray *
ph_queue_files_list (PhQueueFiles *self,
                     PhQueueFolder folder,
                     gint64        now)
{
  g_autoptr (GDir) dir = g_dir_open (self->folders[folder], 0, NULL);
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) envelopes = g_hash_table_new (g_str_hash, g_str_equal);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      char *id = dup_id (name, ".env");

      if (id != NULL)
        {
          g_ptr_array_add (ids, id);
          g_hash_table_add (envelopes, id);
        }
      else
        g_ptr_array_add (others, g_strdup (name));
    }

  remove_leftovers (self, folder, others, envelopes, now);
  g_ptr_array_sort (ids, compare_ids);

  return ids;
}

/* Reading */

PhQueueMessage *
ph_queue_files_open (PhQueueFiles *self,
                     PhQueueFolder folder,
                     const char   *id,
                     GError      **error)
{
  g_autofree char *path = build_path (self, folder, id, ".eml");
  int              fd = g_open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
  struct stat      st;

  if (fd < 0)
    {
      fail (error, path);
      return NULL;
    }
  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    {
      /* Translators: a path */
      g_set_error (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, _ ("%s is not a file"), path);
      close (fd);
      return NULL;
    }

  return ph_queue_message_new (fd);
}

/* The whole text, NULL and *error where it can't be had. */
static char *
read_envelope (PhQueueFiles *self,
               PhQueueFolder folder,
               const char   *id,
               gsize        *length,
               GError      **error)
{
  g_autofree char *path = build_path (self, folder, id, ".env");
  g_autofree char *text = NULL;
  int              fd = g_open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0);
  struct stat      st;
  gssize           n;

  if (fd < 0)
    {
      fail (error, path);
      return NULL;
    }
  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode) || st.st_size > PH_QUEUE_ENV_MAX)
    {
      /* Translators: a path */
      g_set_error (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, _ ("%s is no envelope"), path);
      close (fd);
      return NULL;
    }

  text = g_malloc ((gsize)st.st_size + 1);
  n = read (fd, text, (gsize)st.st_size);
  close (fd);
  if (n < 0)
    {
      fail (error, path);
      return NULL;
    }
  text[n] = '\0';
  *length = (gsize)n;

  return g_steal_pointer (&text);
}

/* Nobody writes it any more: a lease can be had only on a file that nobody has open for
 * writing. */
static gboolean
is_at_rest (PhQueueFiles *self,
            const char   *id,
            const char   *ending,
            gint64        now)
{
  g_autofree char *path = build_path (self, PH_QUEUE_FOLDER_RELAY, id, ending);
  int              fd = g_open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0);
  struct stat      st;
  gboolean         at_rest = FALSE;

  if (fd < 0)
    return FALSE;

  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size > 0)
    {
      if (fcntl (fd, F_SETLEASE, F_RDLCK) == 0)
        {
          at_rest = TRUE;
          fcntl (fd, F_SETLEASE, F_UNLCK);
        }
      else if (errno != EAGAIN)
        at_rest = now / G_USEC_PER_SEC - st.st_mtim.tv_sec >= RESTED_SECONDS;
    }
  close (fd);

  return at_rest;
}

/* Another program's pair becomes ours: from here on its envelope says all that ours do. */
static PhQueueFind
adopt (PhQueueFiles *self,
       PhQueueEntry *entry,
       gint64        now,
       GError      **error)
{
  g_autoptr (PhQueueMessage) message = NULL;
  g_autofree char *env = NULL;
  PhQueueMeasure   measure;

  if (!is_at_rest (self, entry->id, ".eml", now) || !is_at_rest (self, entry->id, ".env", now))
    return PH_QUEUE_FOUND_HALF;

  message = ph_queue_files_open (self, PH_QUEUE_FOLDER_RELAY, entry->id, error);
  if (message == NULL)
    return PH_QUEUE_FOUND_INVALID;
  if (!ph_queue_message_measure (message, &measure))
    {
      fail (error, entry->id);
      return PH_QUEUE_FOUND_INVALID;
    }
  if (measure.n_received >= PH_TRACE_HOPS_MAX)
    {
      g_set_error (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, "%s goes in circles: it has been through %u servers", entry->id, measure.n_received);
      return PH_QUEUE_FOUND_INVALID;
    }

  entry->adopted = entry->dropped_in = TRUE;
  entry->arrived = entry->since = now;
  entry->size = measure.size;
  entry->body = measure.is_8bit ? PH_SMTP_BODY_8BITMIME : PH_SMTP_BODY_7BIT;
  entry->has_long_lines = measure.has_long_line;
  entry->smtputf8 = measure.has_8bit_header;

  env = ph_queue_entry_format (entry);

  return ph_queue_files_save (self, PH_QUEUE_FOLDER_RELAY, entry->id, env, error) ? PH_QUEUE_FOUND : PH_QUEUE_FOUND_INVALID;
}

static PhQueueFind
find (PhQueueFiles  *self,
      PhQueueFolder  folder,
      const char    *id,
      gint64         now,
      PhQueueEntry **entry,
      GError       **error)
{
  g_autoptr (PhQueueEntry) found = NULL;
  g_autofree char *eml = build_path (self, folder, id, ".eml");
  g_autofree char *env = build_path (self, folder, id, ".env");
  g_autofree char *text = NULL;
  PhQueueFind      result = PH_QUEUE_FOUND;
  gsize            length;

  if (g_access (eml, F_OK) != 0 || g_access (env, F_OK) != 0)
    return g_access (eml, F_OK) == 0 || g_access (env, F_OK) == 0 ? PH_QUEUE_FOUND_HALF : PH_QUEUE_FOUND_NOTHING;

  text = read_envelope (self, folder, id, &length, error);
  if (text == NULL)
    return PH_QUEUE_FOUND_INVALID;

  found = ph_queue_entry_parse (id, text, length, error);
  if (found == NULL)
    {
      /* One that is still being written makes no sense yet. */
      if (folder == PH_QUEUE_FOLDER_BAD || is_at_rest (self, id, ".env", now))
        return PH_QUEUE_FOUND_INVALID;
      g_clear_error (error);
      return PH_QUEUE_FOUND_HALF;
    }

  if (!found->adopted && folder == PH_QUEUE_FOLDER_RELAY)
    result = adopt (self, found, now, error);
  if (result == PH_QUEUE_FOUND)
    *entry = g_steal_pointer (&found);

  return result;
}

/* Out of the way as it is, unread. */
static PhQueueFind
set_aside (PhQueueFiles *self,
           const char   *id,
           GError      **error)
{
  static const char *const endings[] = { ".eml", ".env" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *from = build_path (self, PH_QUEUE_FOLDER_RELAY, id, endings[i]);
      g_autofree char *name = g_strconcat (endings[i], ".poison", NULL);
      g_autofree char *to = build_path (self, PH_QUEUE_FOLDER_BAD, id, name);

      if (g_rename (from, to) != 0)
        g_debug ("%s: %s", from, g_strerror (errno));
    }
  end_reading (self, id);
  g_set_error (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, "Reading %s ended the program %d times: it is set aside as %s/%s.eml.poison",
               id, READING_TRIES, self->folders[PH_QUEUE_FOLDER_BAD], id);

  return PH_QUEUE_FOUND_POISON;
}

PhQueueFind
ph_queue_files_find (PhQueueFiles  *self,
                     PhQueueFolder  folder,
                     const char    *id,
                     gint64         now,
                     PhQueueEntry **entry,
                     GError       **error)
{
  PhQueueFind found;

  if (!begin_reading (self, id))
    return set_aside (self, id, error);

  found = find (self, folder, id, now, entry, error);
  end_reading (self, id);

  return found;
}

/* Writing */

static gboolean
sync_folder (PhQueueFiles *self,
             PhQueueFolder folder,
             GError      **error)
{
  errno = ph_folder_sync_wait (self->syncs[folder]);

  return errno == 0 || fail (error, self->folders[folder]);
}

gboolean
ph_queue_files_save (PhQueueFiles *self,
                     PhQueueFolder folder,
                     const char   *id,
                     const char   *env,
                     GError      **error)
{
  g_autofree char *path = build_path (self, folder, id, ".env");

  return g_file_set_contents_full (path, env, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error) &&
         sync_folder (self, folder, error);
}

gboolean
ph_queue_files_add (PhQueueFiles       *self,
                    PhSpool            *spool,
                    const PhQueueEntry *entry,
                    GError            **error)
{
  g_autofree char *eml = build_path (self, PH_QUEUE_FOLDER_RELAY, entry->id, ".eml");
  g_autofree char *env = build_path (self, PH_QUEUE_FOLDER_RELAY, entry->id, ".env");
  g_autofree char *text = ph_queue_entry_format (entry);

  if (ph_spool_sync (spool, error) && ph_spool_link (spool, eml, error) && ph_queue_files_save (self, PH_QUEUE_FOLDER_RELAY, entry->id, text, error))
    return TRUE;

  g_unlink (env);
  g_unlink (eml);

  return FALSE;
}

/* For another file system, or one without links. */
static gboolean
copy_message (const char *from,
              const char *to,
              GError    **error)
{
  g_autofree char *bytes = NULL;
  gsize            length;

  return g_file_get_contents (from, &bytes, &length, error) &&
         g_file_set_contents_full (to, bytes, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

/* The message comes over first, so that at any moment one of the folders has the pair. */
gboolean
ph_queue_files_move (PhQueueFiles *self,
                     PhQueueFolder from,
                     const char   *id,
                     const char   *env,
                     GError      **error)
{
  PhQueueFolder    to = from == PH_QUEUE_FOLDER_RELAY ? PH_QUEUE_FOLDER_BAD : PH_QUEUE_FOLDER_RELAY;
  g_autofree char *old_eml = build_path (self, from, id, ".eml");
  g_autofree char *new_eml = build_path (self, to, id, ".eml");

  if (link (old_eml, new_eml) != 0 && errno != EEXIST && !copy_message (old_eml, new_eml, error))
    return FALSE;

  return ph_queue_files_save (self, to, id, env, error) && ph_queue_files_remove (self, from, id, error);
}

/* The envelope goes first: without it, the message's name means nothing. */
gboolean
ph_queue_files_remove (PhQueueFiles *self,
                       PhQueueFolder folder,
                       const char   *id,
                       GError      **error)
{
  g_autofree char *eml = build_path (self, folder, id, ".eml");
  g_autofree char *env = build_path (self, folder, id, ".env");

  if (g_unlink (env) != 0 && errno != ENOENT)
    return fail (error, env);
  if (g_unlink (eml) != 0 && errno != ENOENT)
    return fail (error, eml);

  return sync_folder (self, folder, error);
}
