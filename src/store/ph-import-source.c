#include "ph-import-source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-folder.h"
#include "ph-import-names.h"
#include "ph-maildir-name.h"
#include "ph-path.h"
#include "ph-spool-private.h"

/* Directories in directories. */
#define DEPTH_MAX PH_FOLDER_LEVELS_MAX

/* Where something may be found. */
typedef struct
{
  char *path;
  char *folder;
  guint depth;
} Place;

struct _PhImportSource
{
  PhStoreShared *shared;
  PhMboxDialect  dialect;
  GQueue         places; /* of Place */

  PhImportNames *names; /* files of the directory that is read now, or NULL */
  guint          next_name;

  PhMboxReader *mbox; /* the mbox file that is read now, or NULL */
  int           mbox_fd;
  Place        *mbox_place;
  guint         n_in_mbox;
};

void
ph_import_item_free (PhImportItem *self)
{
  g_free (self->folder);
  g_free (self->origin);
  g_free (self->problem);
  g_clear_object (&self->spool);
  g_strfreev (self->keywords);
  g_free (self);
}

static void
place_free (Place *place)
{
  g_free (place->path);
  g_free (place->folder);
  g_free (place);
}

static Place *
place_new (const char *path,
           const char *folder,
           guint       depth)
{
  Place *place = g_new0 (Place, 1);

  place->path = g_strdup (path);
  place->folder = g_strdup (folder);
  place->depth = depth;

  return place;
}

PhImportSource *
ph_import_source_new (PhStoreShared     *shared,
                      const char *const *paths,
                      PhMboxDialect      dialect)
{
  PhImportSource *self = g_new0 (PhImportSource, 1);

  self->shared = ph_store_shared_ref (shared);
  self->dialect = dialect;
  self->mbox_fd = -1;
  for (guint i = 0; paths[i] != NULL; i++)
    g_queue_push_tail (&self->places, place_new (paths[i], "", 0));

  return self;
}

static void
close_mbox (PhImportSource *self)
{
  g_clear_pointer (&self->mbox, ph_mbox_reader_free);
  g_clear_pointer (&self->mbox_place, place_free);
  if (self->mbox_fd >= 0)
    close (self->mbox_fd);
  self->mbox_fd = -1;
}

void
ph_import_source_free (PhImportSource *self)
{
  close_mbox (self);
  g_clear_pointer (&self->names, ph_import_names_free);
  g_queue_clear_full (&self->places, (GDestroyNotify)place_free);
  ph_store_shared_unref (self->shared);
  g_free (self);
}

/* Items */

static PhImportItem *
item_new (const char *folder,
          const char *origin)
{
  PhImportItem *item = g_new0 (PhImportItem, 1);

  item->folder = g_strdup (folder);
  item->origin = g_utf8_make_valid (origin, -1);

  return item;
}

static PhImportItem *
item_new_problem (const char *folder,
                  const char *origin,
                  const char *problem)
{
  PhImportItem *item = item_new (folder, origin);

  item->problem = g_strdup (problem);

  return item;
}

/* What no program could have meant as a message, and the date that the header has. */
static void
look_at_bytes (PhImportItem *item)
{
  if (item->problem == NULL && ph_spool_get_size (item->spool) == 0)
    item->problem = g_strdup (_ ("It is empty"));
  if (item->problem == NULL && ph_spool_get_size (item->spool) > G_MAXUINT32)
    item->problem = g_strdup (_ ("It is larger than 4 GiB"));
  if (item->problem == NULL)
    ph_import_look_at_header (ph_spool_get_fd (item->spool), item->date == 0 ? &item->date : NULL, &item->zone, &item->problem);
}

/* FALSE where our own disk fails; the source's failure is the item's problem. */
static gboolean
copy_file (PhImportItem *item,
           int           fd,
           GError      **error)
{
  guint8  piece[64 * 1024];
  ssize_t n;

  while ((n = read (fd, piece, sizeof piece)) != 0 && ph_spool_get_size (item->spool) <= G_MAXUINT32)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          /* Translators: why */
          item->problem = g_strdup_printf (_ ("It can't be read: %s"), g_strerror (errno));
          break;
        }
      if (!ph_spool_write (item->spool, piece, (gsize)n, error))
        return FALSE;
    }

  return TRUE;
}

/* A file that is one message. */
static PhImportItem *
read_file (PhImportSource *self,
           const char     *folder,
           const char     *path,
           GError        **error)
{
  g_autofree PhImportItem *item = item_new (folder, path);
  struct stat              st;
  int                      fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  gboolean                 ok = TRUE;

  if (fd < 0)
    {
      /* Translators: why */
      item->problem = g_strdup_printf (_ ("It can't be opened: %s"), g_strerror (errno));
      return g_steal_pointer (&item);
    }
  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode))
    {
      item->problem = g_strdup (_ ("It is no file"));
    }
  else
    {
      item->spool = ph_spool_new (self->shared, error);
      ok = item->spool != NULL && copy_file (item, fd, error);
    }
  close (fd);
  if (!ok)
    {
      ph_import_item_free (g_steal_pointer (&item));
      return NULL;
    }
  if (item->spool != NULL)
    look_at_bytes (item);

  return g_steal_pointer (&item);
}

static PhImportItem *
read_next_name (PhImportSource *self,
                GError        **error)
{
  const PhImportName *name = ph_import_names_get (self->names, self->next_name++);
  g_autofree char    *path = g_build_filename (ph_import_names_get_directory (self->names), name->name, NULL);
  PhImportItem       *item = read_file (self, ph_import_names_get_folder (self->names), path, error);

  if (item == NULL)
    return NULL;

  item->flags = name->flags;
  item->kept = ph_import_names_get_kept_uid (self->names, self->next_name - 1);
  item->keywords = g_strdupv (name->keywords);
  if (name->date != 0)
    {
      item->date = name->date;
      item->zone = 0;
    }

  return item;
}

/* mbox */

static gboolean
write_cb (gpointer      user_data,
          const guint8 *data,
          gsize         length,
          GError      **error)
{
  PhSpool *spool = user_data;

  /* What is too large is read to its end, and not kept. */
  return ph_spool_get_size (spool) > G_MAXUINT32 || ph_spool_write (spool, data, length, error);
}

/* NULL without an error at the end of the file. */
static PhImportItem *
read_from_mbox (PhImportSource *self,
                GError        **error)
{
  g_autoptr (PhSpool) spool = ph_spool_new (self->shared, error);
  PhMboxMessage      message = { 0 };
  PhMboxReaderResult result;
  PhImportItem      *item;
  g_autofree char   *origin = NULL;
  g_autofree char   *offset = NULL;
  g_autoptr (GError) failure = NULL;

  if (spool == NULL)
    return NULL;

  result = ph_mbox_reader_next (self->mbox, write_cb, spool, &message, &failure);
  if (result == PH_MBOX_READER_END)
    return NULL;

  offset = g_strdup_printf ("%" G_GUINT64_FORMAT, message.offset);
  /* Translators: a file, and two numbers */
  origin = g_strdup_printf (_ ("%s, message %u at byte %s"), self->mbox_place->path, ++self->n_in_mbox, offset);
  item = item_new (self->mbox_place->folder, origin);
  item->spool = g_steal_pointer (&spool);
  item->flags = message.flags;
  item->keywords = g_steal_pointer (&message.keywords);
  item->date = message.date;
  if (message.is_stray)
    item->problem = g_strdup (_ ("It stands before the first message of an mbox file"));
  ph_mbox_message_clear (&message);
  if (result == PH_MBOX_READER_ERROR)
    {
      item->problem = g_strdup (failure->message);
      close_mbox (self);
    }
  look_at_bytes (item);

  return item;
}

/* Places */

static gboolean
begins_with_from (int fd)
{
  char start[5];

  return pread (fd, start, sizeof start, 0) == sizeof start && memcmp (start, "From ", sizeof start) == 0;
}

/* A file that was named, or has the name of an mbox: many messages, or one. */
static PhImportItem *
open_file (PhImportSource *self,
           Place          *place,
           GError        **error)
{
  int           fd = open (place->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (place->depth > 0 ? O_NOFOLLOW : 0));
  PhImportItem *item;

  if (fd >= 0 && (begins_with_from (fd) || self->dialect != PH_MBOX_ANY || g_str_has_suffix (place->path, ".mbox")))
    {
      self->mbox = ph_mbox_reader_new (fd, self->dialect);
      self->mbox_fd = fd;
      self->mbox_place = place;
      self->n_in_mbox = 0;
      return NULL;
    }
  if (fd >= 0)
    close (fd);

  item = read_file (self, place->folder, place->path, error);
  place_free (place);

  return item;
}

static void
push_sub_directory (PhImportSource *self,
                    const Place    *parent,
                    const char     *name,
                    const char     *folder,
                    guint           position)
{
  g_autofree char *path = g_build_filename (parent->path, name, NULL);
  g_autofree char *full = *parent->folder != '\0' ? g_strconcat (parent->folder, "/", folder, NULL) : g_strdup (folder);

  g_queue_push_nth (&self->places, place_new (path, full, parent->depth + 1), (gint)position);
}

/* Its sub-directories and mbox files are read after it; its messages now. */
static void
open_directory (PhImportSource *self,
                const Place    *place)
{
  g_autoptr (PhImportListing) listing = ph_import_listing_read (place->path);

  for (guint i = 0; i < listing->folders->len; i++)
    {
      const PhImportFolder *folder = &g_array_index (listing->folders, PhImportFolder, i);

      push_sub_directory (self, place, folder->directory, folder->name, i);
    }

  self->names = ph_import_names_read (place->path, place->folder, listing->is_maildir);
  self->next_name = 0;
}

static PhImportItem *
open_place (PhImportSource *self,
            Place          *place,
            GError        **error)
{
  PhImportItem *item = NULL;
  struct stat   st;

  if ((place->depth == 0 ? stat (place->path, &st) : lstat (place->path, &st)) < 0)
    {
      /* Translators: why */
      g_autofree char *problem = g_strdup_printf (_ ("It can't be found: %s"), g_strerror (errno));

      item = item_new_problem (place->folder, place->path, problem);
    }
  else if (S_ISREG (st.st_mode))
    {
      return open_file (self, place, error);
    }
  else if (!S_ISDIR (st.st_mode))
    {
      item = item_new_problem (place->folder, place->path, _ ("It is neither a file nor a directory"));
    }
  else if (place->depth >= DEPTH_MAX)
    {
      item = item_new_problem (place->folder, place->path, _ ("It is too deep in other directories"));
    }
  else
    {
      open_directory (self, place);
    }
  place_free (place);

  return item;
}

PhImportItem *
ph_import_source_next (PhImportSource *self,
                       GError        **error)
{
  PhImportItem *item = NULL;
  GError       *failure = NULL;

  while (item == NULL && failure == NULL)
    {
      if (self->mbox != NULL)
        {
          item = read_from_mbox (self, &failure);
          if (item == NULL && failure == NULL)
            close_mbox (self);
        }
      else if (self->names != NULL)
        {
          if (self->next_name < ph_import_names_get_count (self->names))
            item = read_next_name (self, &failure);
          else
            g_clear_pointer (&self->names, ph_import_names_free);
        }
      else if (!g_queue_is_empty (&self->places))
        {
          item = open_place (self, g_queue_pop_head (&self->places), &failure);
        }
      else
        {
          return NULL;
        }
    }
  if (failure != NULL)
    g_propagate_error (error, failure);

  return item;
}
