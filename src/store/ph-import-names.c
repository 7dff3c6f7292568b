#include "ph-import-names.h"

#include <dirent.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-date.h"
#include "ph-header.h"
#include "ph-import-source.h"
#include "ph-maildir-name.h"
#include "ph-path.h"
#include "ph-received.h"
#include "ph-uidlist.h"

/* Of files that say something of messages. */
#define LIST_BYTES_MAX (256 * 1024 * 1024)
#define HEADER_BYTES_MAX (64 * 1024)

struct _PhImportNames
{
  char   *directory;
  char   *folder;
  GArray *names;       /* of PhImportName */
  guint32 uidvalidity; /* 0: it has no UIDs */
  guint32 uidnext;
};

char *
ph_import_encode_level (const char *level)
{
  GString *out = g_string_new (NULL);

  for (const char *c = level; *c != '\0'; c++)
    if (*c == '%' || (guchar)*c < ' ' || *c == 127 || (c == level && *c == '.') || strcmp (c, ".mbox") == 0)
      g_string_append_printf (out, "%%%02X", (guchar)*c);
    else
      g_string_append_c (out, *c);

  return g_string_free (out, FALSE);
}

char *
ph_import_decode_level (const char *name)
{
  g_autofree char *bytes = g_uri_unescape_string (name, NULL);

  return g_utf8_make_valid (bytes != NULL ? bytes : name, -1);
}

/* Listings */

static void
folder_clear (gpointer data)
{
  PhImportFolder *folder = data;

  g_free (folder->directory);
  g_free (folder->name);
}

void
ph_import_listing_free (PhImportListing *self)
{
  g_array_unref (self->folders);
  g_free (self);
}

static gboolean
is_directory_at (int         dir_fd,
                 const char *name)
{
  struct stat st;

  return fstatat (dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (st.st_mode);
}

static gboolean
is_maildir_at (int         dir_fd,
               const char *name)
{
  g_autofree char *cur = g_build_filename (name, "cur", NULL);
  g_autofree char *fresh = g_build_filename (name, "new", NULL);

  return is_directory_at (dir_fd, cur) && is_directory_at (dir_fd, fresh);
}

/* By its name, or by its first line. */
static gboolean
is_mbox_at (int         dir_fd,
            const char *name)
{
  char     start[5];
  int      fd;
  gboolean is_mbox;

  if (g_str_has_suffix (name, ".eml"))
    return FALSE;
  fd = openat (dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return FALSE;
  is_mbox = g_str_has_suffix (name, ".mbox") || (pread (fd, start, sizeof start, 0) == sizeof start && memcmp (start, "From ", sizeof start) == 0);
  close (fd);

  return is_mbox;
}

static char *
without_suffix (const char *name)
{
  static const char *const suffixes[] = { ".mbox", ".sbd" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i]) && strlen (name) > strlen (suffixes[i]))
      {
        g_autofree char *stem = g_strndup (name, strlen (name) - strlen (suffixes[i]));

        return ph_import_decode_level (stem);
      }

  return ph_import_decode_level (name);
}

/* The folder that an entry is, or NULL. */
static char *
name_folder (const PhImportListing *self,
             int                    dir_fd,
             const char            *name)
{
  struct stat st;

  if (fstatat (dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return NULL;
  if (self->is_maildir && !is_maildir_at (dir_fd, name))
    return NULL;
  if (self->is_maildir && *name == '.')
    return ph_path_decode_folder (name);
  if (*name == '.' || !(S_ISDIR (st.st_mode) || (S_ISREG (st.st_mode) && is_mbox_at (dir_fd, name))))
    return NULL;

  return without_suffix (name);
}

static int
compare_folders (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (((const PhImportFolder *)a)->name, ((const PhImportFolder *)b)->name);
}

PhImportListing *
ph_import_listing_read (const char *path)
{
  PhImportListing *self = g_new0 (PhImportListing, 1);
  DIR             *directory = opendir (path);
  struct dirent   *entry;

  self->folders = g_array_new (FALSE, FALSE, sizeof (PhImportFolder));
  g_array_set_clear_func (self->folders, folder_clear);
  if (directory == NULL)
    return self;

  self->is_maildir = is_maildir_at (dirfd (directory), ".");
  while ((entry = readdir (directory)) != NULL)
    {
      PhImportFolder folder;

      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      folder.name = name_folder (self, dirfd (directory), entry->d_name);
      folder.directory = g_strdup (entry->d_name);
      if (folder.name != NULL)
        g_array_append_val (self->folders, folder);
      else
        folder_clear (&folder);
    }
  closedir (directory);
  g_array_sort (self->folders, compare_folders);

  return self;
}

/* Messages */

static void
name_clear (gpointer data)
{
  PhImportName *name = data;

  g_free (name->name);
  g_strfreev (name->keywords);
}

void
ph_import_names_free (PhImportNames *self)
{
  g_free (self->directory);
  g_free (self->folder);
  g_array_unref (self->names);
  g_free (self);
}

static char *
read_text (const char *directory,
           const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  struct stat      st;
  char            *text = NULL;

  if (lstat (path, &st) < 0 || !S_ISREG (st.st_mode) || st.st_size > LIST_BYTES_MAX)
    return NULL;
  g_file_get_contents (path, &text, NULL, NULL);

  return text;
}

/* dovecot-keywords: what the letters a to z mean. */
static char **
read_keywords (const char *directory)
{
  g_autofree char *text = read_text (directory, "dovecot-keywords");
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  char **names = g_new0 (char *, 27);

  for (guint i = 0; i < 26 && lines[i] != NULL; i++)
    {
      char *name;

      if (g_ascii_strtoull (lines[i], &name, 10) != i || *name != ' ' || name == lines[i])
        break;
      names[i] = g_utf8_make_valid (name + 1, -1);
    }

  return names;
}

static char **
choose_keywords (char  **names,
                 guint64 bits)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if ((bits & G_GUINT64_CONSTANT (1) << i) != 0)
      g_strv_builder_add (builder, names[i]);

  return g_strv_builder_end (builder);
}

static void
add_maildir_name (PhImportNames *self,
                  const char    *sub,
                  const char    *name,
                  char         **keywords)
{
  PhMaildirName parsed;
  PhImportName  entry = { 0 };
  struct stat   st;

  if (!ph_maildir_name_parse (name, &parsed))
    return;

  entry.name = g_build_filename (sub, name, NULL);
  entry.time = parsed.time;
  entry.flags = ph_maildir_flags_from_letters (parsed.letters);
  entry.keywords = choose_keywords (keywords, ph_maildir_keywords_from_letters (parsed.letters, g_strv_length (keywords)));
  {
    g_autofree char *path = g_build_filename (self->directory, entry.name, NULL);

    if (lstat (path, &st) == 0)
      entry.date = st.st_mtime;
  }
  g_array_append_val (self->names, entry);
}

/* base → UID */
static GHashTable *
read_uids (PhImportNames *self)
{
  GHashTable      *uids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *path = g_build_filename (self->directory, PH_UIDLIST_NAME, NULL);
  g_autoptr (PhUidlist) list = ph_uidlist_read_fd (open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));

  for (guint i = 0; list != NULL && i < list->entries->len; i++)
    {
      const PhUidlistEntry *entry = &g_array_index (list->entries, PhUidlistEntry, i);

      g_hash_table_replace (uids, g_strdup (entry->base), GUINT_TO_POINTER (entry->uid));
    }
  self->uidvalidity = list != NULL ? list->uidvalidity : 0;
  self->uidnext = list != NULL ? list->uidnext : 0;

  return uids;
}

/* What is not listed came last. */
static void
set_uids (PhImportNames *self)
{
  g_autoptr (GHashTable) uids = read_uids (self);

  for (guint i = 0; i < self->names->len; i++)
    {
      PhImportName    *name = &g_array_index (self->names, PhImportName, i);
      const char      *file = strrchr (name->name, '/') + 1;
      const char      *end = strstr (file, ":2,");
      g_autofree char *base = end != NULL ? g_strndup (file, (gsize)(end - file)) : g_strdup (file);
      guint            uid = GPOINTER_TO_UINT (g_hash_table_lookup (uids, base));

      name->uid = uid != 0 ? uid : self->uidnext;
    }
}

static void
read_maildir (PhImportNames *self)
{
  static const char *const subs[] = { "new", "cur" };
  g_auto (GStrv) keywords = read_keywords (self->directory);

  for (guint i = 0; i < G_N_ELEMENTS (subs); i++)
    {
      g_autofree char *path = g_build_filename (self->directory, subs[i], NULL);
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        add_maildir_name (self, subs[i], name, keywords);
    }
  set_uids (self);
}

/* posthouse.tsv: name → the rest of its line. */
static GHashTable *
read_list (const char *directory)
{
  GHashTable      *list = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
  g_autofree char *text = read_text (directory, PH_EXPORT_LIST_NAME);
  char            *next = text;
  char            *line;

  while ((line = next != NULL ? strsep (&next, "\n") : NULL) != NULL)
    {
      char **fields = g_strsplit (line, "\t", 4);

      if (g_strv_length (fields) == 4)
        g_hash_table_replace (list, g_strdup (fields[0]), fields);
      else
        g_strfreev (fields);
    }

  return list;
}

static void
add_file_name (PhImportNames *self,
               GHashTable    *list,
               const char    *name)
{
  char       **fields = g_hash_table_lookup (list, name);
  PhImportName entry = { .name = g_strdup (name) };

  if (fields != NULL)
    {
      g_autofree char *words = g_utf8_make_valid (fields[3], -1);

      entry.date = g_ascii_strtoll (fields[1], NULL, 10);
      entry.flags = ph_maildir_flags_from_letters (fields[2]);
      if (*words != '\0')
        entry.keywords = g_strsplit (words, " ", -1);
    }
  g_array_append_val (self->names, entry);
}

static void
read_files (PhImportNames *self)
{
  g_autoptr (GHashTable) list = read_list (self->directory);
  g_autoptr (GDir) dir = g_dir_open (self->directory, 0, NULL);
  int         fd = open (self->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const char *name;
  struct stat st;

  while (dir != NULL && fd >= 0 && (name = g_dir_read_name (dir)) != NULL)
    if (*name != '.' && strcmp (name, PH_EXPORT_LIST_NAME) != 0 && fstatat (fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (st.st_mode) && !is_mbox_at (fd, name))
      add_file_name (self, list, name);
  if (fd >= 0)
    close (fd);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  const PhImportName *one = a, *two = b;
  const char         *slash_one = strrchr (one->name, '/'), *slash_two = strrchr (two->name, '/');

  if (one->uid != two->uid)
    return one->uid < two->uid ? -1 : 1;
  if (one->time != two->time)
    return one->time < two->time ? -1 : 1;

  /* Microseconds and counters are numbers, and not padded. */
  return strverscmp (slash_one != NULL ? slash_one : one->name, slash_two != NULL ? slash_two : two->name);
}

PhImportNames *
ph_import_names_read (const char *path,
                      const char *folder,
                      gboolean    is_maildir)
{
  PhImportNames *self = g_new0 (PhImportNames, 1);

  self->directory = g_strdup (path);
  self->folder = g_strdup (folder);
  self->names = g_array_new (FALSE, FALSE, sizeof (PhImportName));
  g_array_set_clear_func (self->names, name_clear);
  if (is_maildir)
    read_maildir (self);
  else
    read_files (self);
  g_array_sort (self->names, compare_names);

  return self;
}

const char *
ph_import_names_get_directory (PhImportNames *self)
{
  return self->directory;
}

const char *
ph_import_names_get_folder (PhImportNames *self)
{
  return self->folder;
}

guint
ph_import_names_get_count (PhImportNames *self)
{
  return self->names->len;
}

const PhImportName *
ph_import_names_get (PhImportNames *self,
                     guint          position)
{
  return &g_array_index (self->names, PhImportName, position);
}

PhKeptUid
ph_import_names_get_kept_uid (PhImportNames *self,
                              guint          position)
{
  gboolean is_last = position + 1 == self->names->len;

  return (PhKeptUid){ self->uidvalidity, ph_import_names_get (self, position)->uid, is_last ? self->uidnext : 0 };
}

/* Headers */

static gint64
find_date (const PhHeader *header,
           gint16         *zone)
{
  g_autofree char *received_text = ph_header_dup_value (header, "Received");
  g_autofree char *date_text = ph_header_dup_value (header, "Date");
  g_autoptr (PhReceived) received = received_text != NULL ? ph_received_parse (received_text) : NULL;
  PhDate date;

  if (received != NULL && received->time > 0)
    return received->time;
  if (date_text == NULL || !ph_date_parse (date_text, strlen (date_text), &date))
    return 0;
  *zone = (gint16)date.offset;

  return date.time;
}

void
ph_import_look_at_header (int     fd,
                          gint64 *date,
                          gint16 *zone,
                          char  **problem)
{
  g_autofree guint8 *bytes = g_malloc (HEADER_BYTES_MAX);
  ssize_t            n = pread (fd, bytes, HEADER_BYTES_MAX, 0);
  g_autoptr (PhHeader) header = ph_header_parse (bytes, (gsize)MAX (n, 0));

  if (header->n_fields == 0 && n > 0 && memchr (bytes, '\0', (gsize)n) != NULL)
    *problem = g_strdup (_ ("It is no message: it has no header, and bytes of value 0"));
  else if (date != NULL)
    *date = find_date (header, zone);
}
