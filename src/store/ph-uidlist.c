#include "ph-uidlist.h"

#include "ph-uidl.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "3 V%010u N%010u G%s\n": so that N can be written over. */
#define HEADER_LENGTH 60
#define HEADER_NEXT_OFFSET 15

/* Of one line; the last one is found in the last so many bytes. */
#define LINE_MAX_LENGTH 1024

/* A list is written anew when it has twice the bytes it needed then. */
#define COMPACT_MIN (64 * 1024)

/* What is known of one folder's file. */
typedef struct
{
  guint32 listed;   /* the last UID in it */
  guint32 reserved; /* N */
  gint64  compact_at;
} List;

struct _PhUidlists
{
  GHashTable *lists; /* id of the folder → List */
};

static void
entry_clear (gpointer data)
{
  PhUidlistEntry *entry = data;

  g_free (entry->guid);
  g_free (entry->uidl);
  g_free (entry->base);
}

void
ph_uidlist_free (PhUidlist *self)
{
  g_array_unref (self->entries);
  g_free (self->guid);
  g_free (self);
}

/* "V12" or "N12"; 0 where it is no such number. */
static guint32
parse_number (const char *word)
{
  guint64 number;

  return g_ascii_string_to_unsigned (word + 1, 10, 1, G_MAXUINT32, &number, NULL) ? (guint32)number : 0;
}

static gboolean
guid_is_valid (const char *guid)
{
  return strlen (guid) == PH_FOLDER_GUID_LENGTH && strspn (guid, "0123456789abcdef") == PH_FOLDER_GUID_LENGTH;
}

static gboolean
parse_header (PhUidlist *self,
              char      *line)
{
  g_auto (GStrv) words = g_strsplit (g_strchomp (line), " ", -1);

  if (g_strcmp0 (words[0], "3") != 0)
    return FALSE;

  for (guint i = 1; words[i] != NULL; i++)
    {
      if (words[i][0] == 'V')
        self->uidvalidity = parse_number (words[i]);
      else if (words[i][0] == 'N')
        self->uidnext = parse_number (words[i]);
      else if (words[i][0] == 'G' && guid_is_valid (words[i] + 1))
        self->guid = g_strdup (words[i] + 1);
    }

  return self->uidvalidity != 0 && self->uidnext != 0;
}

/* FALSE for a line that is cut or not in order. */
static gboolean
parse_line (PhUidlist *self,
            char      *line,
            guint32    after)
{
  PhUidlistEntry entry = { 0 };
  char          *name = strstr (line, " :");
  char          *end;
  guint64        uid = g_ascii_strtoull (line, &end, 10);

  if (!g_str_has_suffix (line, "\n") || name == NULL || end == line || *end != ' ' || uid <= after || uid >= G_MAXUINT32)
    return FALSE;

  g_strchomp (line);
  *name = '\0';
  name += 2;
  if (*name == '\0' || strchr (name, '/') != NULL)
    return FALSE;

  for (char *word = strtok_r (end, " ", &end); word != NULL; word = strtok_r (NULL, " ", &end))
    if (word[0] == 'G' && word[1] != '\0' && entry.guid == NULL)
      entry.guid = g_strdup (word + 1);
    else if (word[0] == 'P' && ph_uidl_is_valid (word + 1) && entry.uidl == NULL)
      entry.uidl = g_strdup (word + 1);
  entry.uid = (guint32)uid;
  /* Dovecot may have the letters here. */
  entry.base = strstr (name, ":2,") != NULL ? g_strndup (name, (gsize)(strstr (name, ":2,") - name)) : g_strdup (name);
  g_array_append_val (self->entries, entry);

  return TRUE;
}

PhUidlist *
ph_uidlist_read (PhMaildir  *maildir,
                 const char *directory)
{
  return ph_uidlist_read_fd (ph_maildir_open_in_folder (maildir, directory, PH_UIDLIST_NAME, O_RDONLY));
}

PhUidlist *
ph_uidlist_read_fd (int fd)
{
  g_autoptr (PhUidlist) self = g_new0 (PhUidlist, 1);
  FILE    *file = fd >= 0 ? fdopen (fd, "r") : NULL;
  char     line[LINE_MAX_LENGTH];
  guint32  last = 0;
  gboolean ok;

  self->entries = g_array_new (FALSE, FALSE, sizeof (PhUidlistEntry));
  g_array_set_clear_func (self->entries, entry_clear);
  if (file == NULL)
    {
      if (fd >= 0)
        close (fd);
      return NULL;
    }

  ok = fgets (line, sizeof line, file) != NULL && parse_header (self, line);
  while (ok && fgets (line, sizeof line, file) != NULL && parse_line (self, line, last))
    last = g_array_index (self->entries, PhUidlistEntry, self->entries->len - 1).uid;
  fclose (file);
  if (!ok)
    return NULL;

  self->uidnext = MAX (self->uidnext, last + 1);

  return g_steal_pointer (&self);
}

PhUidlists *
ph_uidlists_new (void)
{
  PhUidlists *self = g_new0 (PhUidlists, 1);

  self->lists = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);

  return self;
}

void
ph_uidlists_free (PhUidlists *self)
{
  g_hash_table_unref (self->lists);
  g_free (self);
}

static void
append_header (GString           *text,
               const PhFolderRow *folder,
               guint32            reserved)
{
  g_string_append_printf (text, "3 V%010u N%010u G%-*.*s\n", folder->uidvalidity, reserved, PH_FOLDER_GUID_LENGTH, PH_FOLDER_GUID_LENGTH, folder->guid);
}

static gboolean
append_rows (GString           *text,
             PhWriter          *writer,
             const PhFolderRow *folder,
             guint32           *listed)
{
  sqlite3_stmt *statement = ph_index_query (writer->index, NULL, "SELECT uid, base, guid, uidl FROM messages WHERE folder = ? AND uid > ? ORDER BY uid", "ii", folder->id, (gint64)*listed);
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (writer->index, statement, NULL)) == 1)
    {
      const char *guid = (const char *)sqlite3_column_text (statement, 2);
      const char *uidl = (const char *)sqlite3_column_text (statement, 3);

      *listed = (guint32)sqlite3_column_int64 (statement, 0);
      g_string_append_printf (text, "%u%s%s%s%s :%s\n", *listed, guid != NULL ? " G" : "", guid != NULL ? guid : "", uidl != NULL ? " P" : "", uidl != NULL ? uidl : "", (const char *)sqlite3_column_text (statement, 1));
    }

  return result == 0;
}

static void
remember (PhUidlists *self,
          gint64      folder,
          guint32     listed,
          guint32     reserved,
          gint64      size)
{
  List *list = g_new0 (List, 1);

  list->listed = listed;
  list->reserved = reserved;
  list->compact_at = MAX (COMPACT_MIN, 2 * size);
  g_hash_table_replace (self->lists, g_memdup2 (&folder, sizeof folder), list);
}

/* Reads what the file says, if it is one of ours and of this folder. */
static List *
load (PhUidlists        *self,
      PhWriter          *writer,
      const PhFolderRow *folder)
{
  List            *list = g_hash_table_lookup (self->lists, &folder->id);
  g_autofree char *text = g_malloc0 (LINE_MAX_LENGTH + 1);
  guint32          uidvalidity, reserved, listed = 0;
  struct stat      st;
  ssize_t          n;
  int              fd;

  if (list != NULL)
    return list;

  fd = ph_maildir_open_in_folder (writer->maildir, folder->directory, PH_UIDLIST_NAME, O_RDWR);
  if (fd < 0)
    return NULL;

  if (pread (fd, text, HEADER_LENGTH, 0) == HEADER_LENGTH && sscanf (text, "3 V%10u N%10u G", &uidvalidity, &reserved) == 2 &&
      uidvalidity == folder->uidvalidity && text[HEADER_LENGTH - 1] == '\n' && memcmp (text + HEADER_LENGTH - 1 - PH_FOLDER_GUID_LENGTH, folder->guid, PH_FOLDER_GUID_LENGTH) == 0 && fstat (fd, &st) == 0)
    {
      off_t start = MAX (HEADER_LENGTH - 1, st.st_size - LINE_MAX_LENGTH);
      char *line;

      n = pread (fd, text, LINE_MAX_LENGTH, start);
      text[MAX (n, 0)] = '\0';
      line = strrchr (text, '\n');
      /* What a crash has cut off is written again. */
      if (line != NULL && ftruncate (fd, start + (line + 1 - text)) == 0)
        {
          *line = '\0';
          line = strrchr (text, '\n');
          listed = line != NULL ? (guint32)g_ascii_strtoull (line + 1, NULL, 10) : 0;
          remember (self, folder->id, listed, reserved, st.st_size);
        }
    }
  close (fd);

  return g_hash_table_lookup (self->lists, &folder->id);
}

static gboolean
replace (PhUidlists        *self,
         PhWriter          *writer,
         const PhFolderRow *folder,
         gboolean           with_rows,
         GError           **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint32 reserved = (guint32)MIN ((guint64)folder->uidnext + PH_UIDLIST_BLOCK, G_MAXUINT32);
  guint32 listed = 0;

  append_header (text, folder, reserved);
  if (with_rows && !append_rows (text, writer, folder, &listed))
    return TRUE;
  if (!ph_maildir_replace_in_folder (writer->maildir, folder->directory, PH_UIDLIST_NAME, text->str, text->len, error))
    return FALSE;
  remember (self, folder->id, listed, reserved, (gint64)text->len);

  return TRUE;
}

gboolean
ph_uidlists_write (PhUidlists        *self,
                   PhWriter          *writer,
                   const PhFolderRow *folder,
                   GError           **error)
{
  return replace (self, writer, folder, FALSE, error);
}

gboolean
ph_uidlists_reserve (PhUidlists        *self,
                     PhWriter          *writer,
                     const PhFolderRow *folder,
                     guint32            uidnext,
                     GError           **error)
{
  List    *list = load (self, writer, folder);
  char     text[16];
  guint32  reserved = (guint32)MIN ((guint64)uidnext + PH_UIDLIST_BLOCK, G_MAXUINT32);
  gboolean ok;
  int      fd;

  if (list == NULL)
    return replace (self, writer, folder, FALSE, error);
  if (uidnext <= list->reserved)
    return TRUE;

  fd = ph_maildir_open_in_folder (writer->maildir, folder->directory, PH_UIDLIST_NAME, O_WRONLY);
  if (fd < 0)
    return replace (self, writer, folder, FALSE, error);

  g_snprintf (text, sizeof text, "%010u", reserved);
  ok = pwrite (fd, text, 10, HEADER_NEXT_OFFSET) == 10 && fdatasync (fd) == 0;
  if (ok)
    list->reserved = reserved;
  else
    ph_store_error_set_errno (error, errno, N_ ("Numbers for messages can’t be reserved"));
  close (fd);

  return ok;
}

static gboolean
append_text (PhWriter          *writer,
             const PhFolderRow *folder,
             const GString     *text,
             gint64            *size)
{
  struct stat st;
  gboolean    ok;
  int         fd = ph_maildir_open_in_folder (writer->maildir, folder->directory, PH_UIDLIST_NAME, O_WRONLY | O_APPEND);

  if (fd < 0)
    return FALSE;

  ok = write (fd, text->str, text->len) == (ssize_t)text->len && fstat (fd, &st) == 0;
  *size = ok ? st.st_size : 0;
  close (fd);

  return ok;
}

void
ph_uidlists_follow (PhUidlists *self,
                    PhWriter   *writer,
                    gint64      folder_id)
{
  g_auto (PhFolderRow) folder = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  List  *list;
  gint64 size;

  if (!ph_folder_row_load_by_id (writer->index, folder_id, &folder, NULL))
    return;

  list = load (self, writer, &folder);
  if (list == NULL || list->listed >= folder.uidnext)
    {
      replace (self, writer, &folder, TRUE, NULL);
      return;
    }
  if (list->listed + 1 == folder.uidnext || !append_rows (text, writer, &folder, &list->listed) || text->len == 0)
    return;

  /* A line that is only half there ends the list; it is read and mended the next time. */
  if (!append_text (writer, &folder, text, &size))
    g_hash_table_remove (self->lists, &folder_id);
  else if (size > list->compact_at)
    replace (self, writer, &folder, TRUE, NULL);
}
