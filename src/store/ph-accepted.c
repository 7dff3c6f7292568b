#include "ph-accepted.h"

#include "ph-spool-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A thousand recipients with everything that can be said of each. */
#define ENV_MAX (4 * 1024 * 1024)
#define CHECKSUM_LENGTH 64

/* "2:", a checksum, then mailboxes, elsewhere, date, zone, size, id, place.  The first version began with its checksum, and
 * had no place: an update may find one of it. */
#define VERSION "2:"
#define VERSION_LENGTH 2
#define FORMAT "(asmayxntty)"
#define FIRST_FORMAT "(asmayxntt)"

enum {
  EML,
  EML_TMP,
  ENV,
  ENV_TMP,
  QUEUED,
  DAMAGED,
};

static const char *const suffixes[] = {
  [EML] = "eml",
  [EML_TMP] = "eml.tmp",
  [ENV] = "env",
  [ENV_TMP] = "env.tmp",
  [QUEUED] = "queued",
  [DAMAGED] = "damaged",
};

void
ph_accepted_free (PhAccepted *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_strfreev (self->mailboxes);
  g_clear_pointer (&self->elsewhere, g_bytes_unref);
  g_free (self);
}

static char *
build_name (guint64 id,
            guint   suffix)
{
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x.%s", id, suffixes[suffix]);
}

static gboolean
rename_file (int     dir_fd,
             guint64 id,
             guint   from,
             guint   to)
{
  g_autofree char *old_name = build_name (id, from);
  g_autofree char *new_name = build_name (id, to);

  return renameat (dir_fd, old_name, dir_fd, new_name) == 0;
}

static gboolean
remove_file (int     dir_fd,
             guint64 id,
             guint   suffix)
{
  g_autofree char *name = build_name (id, suffix);

  return unlinkat (dir_fd, name, 0) == 0 || errno == ENOENT;
}

static GBytes *
format (const PhAccepted *self,
        guint64           size)
{
  GVariant *elsewhere = self->elsewhere != NULL ? g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, self->elsewhere, TRUE) : NULL;
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new ("(^asm@ayxntty)", self->mailboxes, elsewhere, self->internal_date, self->zone, size, self->id, (guint8)self->place));
  g_autofree char *checksum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, g_variant_get_data (value), g_variant_get_size (value));
  GByteArray      *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *)VERSION, VERSION_LENGTH);
  g_byte_array_append (bytes, (const guint8 *)checksum, CHECKSUM_LENGTH);
  g_byte_array_append (bytes, g_variant_get_data (value), (guint)g_variant_get_size (value));

  return g_byte_array_free_to_bytes (bytes);
}

static gboolean
write_env (int     dir_fd,
           guint64 id,
           GBytes *bytes)
{
  g_autofree char *name = build_name (id, ENV_TMP);
  gsize            length;
  const guint8    *data = g_bytes_get_data (bytes, &length);
  gboolean         ok;
  int              fd = openat (dir_fd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);

  if (fd < 0)
    return FALSE;

  errno = ENOSPC; /* what a short write means */
  ok = write (fd, data, length) == (ssize_t)length && fsync (fd) == 0;
  close (fd);

  return ok && rename_file (dir_fd, id, ENV_TMP, ENV);
}

gboolean
ph_accepted_write (const PhAccepted *self,
                   int               dir_fd,
                   PhSpool          *spool,
                   GError          **error)
{
  g_autofree char *name = build_name (self->id, EML);
  g_autoptr (GBytes) bytes = format (self, ph_spool_get_size (spool));
  gboolean ok = ph_spool_sync (spool, error) && ph_spool_link_at (spool, dir_fd, name, error);

  if (ok && !(write_env (dir_fd, self->id, bytes) && fsync (dir_fd) == 0))
    ok = ph_store_error_set_errno (error, errno, N_ ("A message can’t be accepted"));
  if (!ok)
    {
      for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
        remove_file (dir_fd, self->id, i);
    }

  return ok;
}

gboolean
ph_accepted_set_queued (int      dir_fd,
                        guint64  id,
                        GError **error)
{
  return rename_file (dir_fd, id, ENV, QUEUED) || ph_store_error_set_errno (error, errno, N_ ("It can’t be noted that a message was queued"));
}

gboolean
ph_accepted_remove (int      dir_fd,
                    guint64  id,
                    GError **error)
{
  /* The one that makes it count goes first. */
  return (remove_file (dir_fd, id, ENV) && remove_file (dir_fd, id, QUEUED) && remove_file (dir_fd, id, EML) && fsync (dir_fd) == 0) || ph_store_error_set_errno (error, errno, N_ ("An accepted message can’t be forgotten"));
}

static GBytes *
read_env (int         dir_fd,
          const char *name)
{
  g_autofree guint8 *data = g_malloc (ENV_MAX);
  gsize              used = 0;
  ssize_t            n;
  int                fd = openat (dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    return NULL;

  while (used < ENV_MAX && (n = read (fd, data + used, ENV_MAX - used)) > 0)
    used += (gsize)n;
  close (fd);

  return g_bytes_new (data, used);
}

static GVariant *
parse_env (int         dir_fd,
           const char *name)
{
  g_autoptr (GBytes) bytes = read_env (dir_fd, name);
  g_autoptr (GBytes) rest = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autofree char *checksum = NULL;
  const char      *data;
  gsize            length = 0, start;
  gboolean         is_first;

  data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  is_first = length < VERSION_LENGTH || memcmp (data, VERSION, VERSION_LENGTH) != 0;
  start = is_first ? 0 : VERSION_LENGTH;
  if (length < start + CHECKSUM_LENGTH)
    return NULL;

  rest = g_bytes_new_from_bytes (bytes, start + CHECKSUM_LENGTH, length - start - CHECKSUM_LENGTH);
  checksum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, rest);
  if (memcmp (checksum, data + start, CHECKSUM_LENGTH) != 0)
    return NULL;

  value = g_variant_ref_sink (g_variant_new_from_bytes (is_first ? G_VARIANT_TYPE (FIRST_FORMAT) : G_VARIANT_TYPE (FORMAT), rest, FALSE));

  return g_variant_is_normal_form (value) ? g_steal_pointer (&value) : NULL;
}

static void
get_values (GVariant   *value,
            PhAccepted *self,
            GVariant  **elsewhere,
            guint64    *size,
            guint64    *id)
{
  guint8 place = PH_SPECIAL_NONE;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE (FORMAT)))
    g_variant_get (value, "(^asm@ayxntty)", &self->mailboxes, elsewhere, &self->internal_date, &self->zone, size, id, &place);
  else
    g_variant_get (value, "(^asm@ayxntt)", &self->mailboxes, elsewhere, &self->internal_date, &self->zone, size, id);
  self->place = (PhSpecialUse)place;
}

/* NULL where it is damaged. */
static PhAccepted *
load (int         dir_fd,
      const char *name,
      guint64     id,
      gboolean    queued)
{
  g_autoptr (PhAccepted) self = g_new0 (PhAccepted, 1);
  g_autoptr (GVariant) value = parse_env (dir_fd, name);
  g_autoptr (GVariant) elsewhere = NULL;
  g_autofree char *eml = build_name (id, EML);
  struct stat      st;
  guint64          size, named;

  self->fd = -1;
  if (value == NULL)
    return NULL;

  get_values (value, self, &elsewhere, &size, &named);
  self->id = id;
  if (elsewhere != NULL && !queued)
    self->elsewhere = g_variant_get_data_as_bytes (elsewhere);
  self->fd = openat (dir_fd, eml, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (self->fd < 0 || named != id || fstat (self->fd, &st) < 0 || (guint64)st.st_size != size)
    return NULL;

  return g_steal_pointer (&self);
}

static void
free_accepted (gpointer data)
{
  ph_accepted_free (data);
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  guint64 one = (*(PhAccepted *const *)a)->id, two = (*(PhAccepted *const *)b)->id;

  return (one > two) - (one < two);
}

static void
take_entry (GPtrArray  *list,
            int         dir_fd,
            const char *name)
{
  char       *suffix;
  guint64     id = g_ascii_strtoull (name, &suffix, 16);
  gboolean    queued = g_str_equal (suffix, ".queued");
  PhAccepted *accepted;

  if (suffix != name + 16 || !(queued || g_str_equal (suffix, ".env")))
    return;

  accepted = load (dir_fd, name, id, queued);
  if (accepted != NULL)
    {
      g_ptr_array_add (list, accepted);
      return;
    }
  g_message ("The record of an accepted message can't be read: it is kept aside");
  rename_file (dir_fd, id, queued ? QUEUED : ENV, DAMAGED);
}

/* A message without its envelope was never accepted. */
static void
remove_leftover (int         dir_fd,
                 const char *name)
{
  static const guint count[] = { ENV, QUEUED, DAMAGED };
  char              *suffix;
  guint64            id = g_ascii_strtoull (name, &suffix, 16);

  if (g_str_has_suffix (name, ".tmp"))
    unlinkat (dir_fd, name, 0);
  if (suffix != name + 16 || !g_str_equal (suffix, ".eml"))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (count); i++)
    {
      g_autofree char *env = build_name (id, count[i]);

      if (faccessat (dir_fd, env, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return;
    }
  unlinkat (dir_fd, name, 0);
}

GPtrArray *
ph_accepted_list (int      dir_fd,
                  GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (free_accepted);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  struct dirent *entry;
  int            fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR           *directory = fd >= 0 ? fdopendir (fd) : NULL;

  if (directory == NULL)
    {
      ph_store_error_set_errno (error, errno, N_ ("Accepted messages can’t be listed"));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  while ((entry = readdir (directory)) != NULL)
    g_ptr_array_add (names, g_strdup (entry->d_name));
  closedir (directory);

  for (guint i = 0; i < names->len; i++)
    take_entry (list, dir_fd, g_ptr_array_index (names, i));
  for (guint i = 0; i < names->len; i++)
    remove_leftover (dir_fd, g_ptr_array_index (names, i));
  g_ptr_array_sort (list, compare_ids);

  return g_steal_pointer (&list);
}
