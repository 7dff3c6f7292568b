#include "ph-text-index.h"

#include "ph-index.h"
#include "ph-text.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MILLISECONDS 5000

/* Of the texts of a message that are in it: an index of another version is emptied. */
#define VERSION 4

/* Who asks of more than one in so many reads at once which messages are known. */
#define FEW_FACTOR 4

/* Of a pattern; the others are found when the message is read. */
#define TRIGRAMS_MAX 32

/* `seen` has each message that was added, whole or not (too large); `texts` keeps no text and no
 * positions, which the check of a candidate makes needless.  An id that is no more does no
 * harm.  `reached` says how far the folders are done, by their guid. */
static const char schema[] =
  "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF;"
  "CREATE TABLE IF NOT EXISTS seen (object INTEGER PRIMARY KEY, whole INTEGER NOT NULL);"
  "CREATE VIRTUAL TABLE IF NOT EXISTS texts USING fts5(text, content='', detail=none, tokenize='trigram case_sensitive 1');"
  "CREATE TABLE IF NOT EXISTS reached (folder TEXT PRIMARY KEY, uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL) WITHOUT ROWID;";

struct _PhTextIndex
{
  sqlite3      *db;
  sqlite3_stmt *see;
  sqlite3_stmt *add;
  sqlite3_stmt *look;
  sqlite3_stmt *find;
  gboolean      damaged;

  guint   n_asked; /* while it is held */
  GArray *whole;   /* of gint64, ascending: known, and not too large; or NULL: each is looked up */
};

struct _PhTextCandidates
{
  GArray *objects; /* of gint64, ascending */
};

static gboolean
check (PhTextIndex *self,
       int          result)
{
  self->damaged |= (result & 0xff) == SQLITE_CORRUPT || (result & 0xff) == SQLITE_NOTADB;

  return result == SQLITE_OK || result == SQLITE_DONE;
}

static gboolean
execute (PhTextIndex *self,
         const char  *sql)
{
  return check (self, sqlite3_exec (self->db, sql, NULL, NULL, NULL));
}

static gboolean
prepare (PhTextIndex   *self,
         sqlite3_stmt **statement,
         const char    *sql)
{
  return check (self, sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL));
}

static gint64
read_number (PhTextIndex *self,
             const char  *sql)
{
  sqlite3_stmt *statement = NULL;
  gint64        number = 0;

  if (prepare (self, &statement, sql) && sqlite3_step (statement) == SQLITE_ROW)
    number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);

  return number;
}

/* Searches would miss what an older version left out. */
static gboolean
drop_old (PhTextIndex *self)
{
  return read_number (self, "PRAGMA user_version") == VERSION ||
         execute (self, "BEGIN IMMEDIATE; DROP TABLE IF EXISTS texts; DROP TABLE IF EXISTS seen; DROP TABLE IF EXISTS reached; PRAGMA user_version = " G_STRINGIFY (VERSION) "; COMMIT");
}

static PhTextIndex *
open_file (const char *path,
           int         flags,
           gboolean   *damaged)
{
  g_autoptr (PhTextIndex) self = g_new0 (PhTextIndex, 1);
  gboolean ok = check (self, sqlite3_open_v2 (path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | flags, PH_INDEX_VFS));

  sqlite3_busy_timeout (self->db, BUSY_MILLISECONDS);
  sqlite3_extended_result_codes (self->db, 1);
  ok = ok && drop_old (self) && execute (self, schema) && prepare (self, &self->see, "INSERT OR REPLACE INTO seen VALUES (?, ?)") &&
       prepare (self, &self->add, "INSERT INTO texts (rowid, text) VALUES (?, ?)") && prepare (self, &self->look, "SELECT whole FROM seen WHERE object = ?") &&
       prepare (self, &self->find, "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rowid");
  *damaged = self->damaged;

  return ok ? g_steal_pointer (&self) : NULL;
}

PhTextIndex *
ph_text_index_open (const char *path)
{
  gboolean damaged;

  return open_file (path, 0, &damaged);
}

PhTextIndex *
ph_text_index_make (const char *path)
{
  gboolean     damaged;
  PhTextIndex *self = open_file (path, SQLITE_OPEN_CREATE, &damaged);

  if (self != NULL || !damaged)
    return self;

  ph_text_index_remove (path);

  return open_file (path, SQLITE_OPEN_CREATE, &damaged);
}

void
ph_text_index_remove (const char *path)
{
  static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (path, suffixes[i], NULL);

      unlink (name);
    }
}

gboolean
ph_text_index_is_damaged (PhTextIndex *self)
{
  return self->damaged;
}

void
ph_text_index_close (PhTextIndex *self)
{
  g_clear_pointer (&self->whole, g_array_unref);
  sqlite3_finalize (self->see);
  sqlite3_finalize (self->add);
  sqlite3_finalize (self->look);
  sqlite3_finalize (self->find);
  sqlite3_close (self->db);
  g_free (self);
}

gboolean
ph_text_index_hold (PhTextIndex *self,
                    guint        n_asked)
{
  self->n_asked = n_asked;

  return execute (self, "BEGIN");
}

gboolean
ph_text_index_begin (PhTextIndex *self)
{
  return execute (self, "BEGIN IMMEDIATE");
}

gboolean
ph_text_index_commit (PhTextIndex *self)
{
  if (execute (self, "COMMIT"))
    return TRUE;

  execute (self, "ROLLBACK");

  return FALSE;
}

static gboolean
run (PhTextIndex  *self,
     sqlite3_stmt *statement)
{
  gboolean ok = check (self, sqlite3_step (statement));

  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);

  return ok;
}

/* As ph_text_pattern_matches() compares: folded, and where that composes letters of what is
 * ASCII with what is not, as it is but for the case. */
static void
append_folded (GString    *out,
               const char *text)
{
  g_autofree char *folded = ph_text_fold (text, strlen (text));

  g_string_append (out, folded);
  g_string_append_c (out, '\n');
  if (!g_str_is_ascii (text))
    {
      g_autofree char *lower = g_ascii_strdown (text, -1);
      g_autofree char *valid = g_utf8_make_valid (lower, -1);

      g_string_append (out, valid);
      g_string_append_c (out, '\n');
    }
}

static gboolean
see (PhTextIndex *self,
     guint64      object,
     gboolean     whole)
{
  sqlite3_bind_int64 (self->see, 1, (gint64)object);
  sqlite3_bind_int (self->see, 2, whole);

  return run (self, self->see);
}

gboolean
ph_text_index_add (PhTextIndex *self,
                   guint64      object,
                   GPtrArray   *texts)
{
  g_autoptr (GString) all = g_string_new (NULL);
  gboolean whole;

  for (guint i = 0; i < texts->len && all->len <= PH_TEXT_INDEX_MESSAGE_MAX; i++)
    append_folded (all, g_ptr_array_index (texts, i));
  whole = all->len <= PH_TEXT_INDEX_MESSAGE_MAX;
  if (whole && !ph_text_index_has (self, object))
    {
      sqlite3_bind_int64 (self->add, 1, (gint64)object);
      sqlite3_bind_text (self->add, 2, all->str, (int)all->len, SQLITE_STATIC);
      if (!run (self, self->add))
        return FALSE;
    }

  return see (self, object, whole);
}

gboolean
ph_text_index_add_large (PhTextIndex *self,
                         guint64      object)
{
  return see (self, object, FALSE);
}

/* -1: not seen; 0: too large; 1: whole. */
static int
look (PhTextIndex *self,
      guint64      object)
{
  int whole = -1;

  sqlite3_bind_int64 (self->look, 1, (gint64)object);
  if (sqlite3_step (self->look) == SQLITE_ROW)
    whole = sqlite3_column_int (self->look, 0);
  sqlite3_reset (self->look);

  return whole;
}

gboolean
ph_text_index_has (PhTextIndex *self,
                   guint64      object)
{
  return look (self, object) >= 0;
}

guint64
ph_text_index_count (PhTextIndex *self)
{
  return (guint64)read_number (self, "SELECT count(*) FROM seen");
}

guint32
ph_text_index_get_reached (PhTextIndex *self,
                           const char  *folder_guid,
                           guint32      uidvalidity)
{
  sqlite3_stmt *statement = NULL;
  guint32       uid = 0;

  if (prepare (self, &statement, "SELECT uid FROM reached WHERE folder = ? AND uidvalidity = ?"))
    {
      sqlite3_bind_text (statement, 1, folder_guid, -1, SQLITE_STATIC);
      sqlite3_bind_int64 (statement, 2, uidvalidity);
      if (sqlite3_step (statement) == SQLITE_ROW)
        uid = (guint32)sqlite3_column_int64 (statement, 0);
    }
  sqlite3_finalize (statement);

  return uid;
}

gboolean
ph_text_index_set_reached (PhTextIndex *self,
                           const char  *folder_guid,
                           guint32      uidvalidity,
                           guint32      uid)
{
  sqlite3_stmt *statement = NULL;
  gboolean      ok = prepare (self, &statement, "INSERT OR REPLACE INTO reached VALUES (?, ?, ?)");

  if (ok)
    {
      sqlite3_bind_text (statement, 1, folder_guid, -1, SQLITE_STATIC);
      sqlite3_bind_int64 (statement, 2, uidvalidity);
      sqlite3_bind_int64 (statement, 3, uid);
      ok = run (self, statement);
    }
  sqlite3_finalize (statement);

  return ok;
}

gboolean
ph_text_index_clear (PhTextIndex *self)
{
  return execute (self, "BEGIN IMMEDIATE; INSERT INTO texts(texts) VALUES ('delete-all'); DELETE FROM seen; DELETE FROM reached; COMMIT; VACUUM");
}

/* "abc" AND "bcd" …: each quoted, a quote in it doubled. */
static char *
format_query (const char *folded)
{
  GString    *query = g_string_new (NULL);
  const char *first = folded;

  for (guint n = 0; n < TRIGRAMS_MAX && g_utf8_strlen (first, 12) >= 3; n++, first = g_utf8_next_char (first))
    {
      const char      *end = g_utf8_offset_to_pointer (first, 3);
      g_autofree char *trigram = g_strndup (first, (gsize)(end - first));
      g_auto (GStrv) parts = g_strsplit (trigram, "\"", -1);
      g_autofree char *quoted = g_strjoinv ("\"\"", parts);

      g_string_append_printf (query, "%s\"%s\"", n > 0 ? " AND " : "", quoted);
    }

  return g_string_free (query, FALSE);
}

static int
compare_objects (gconstpointer a,
                 gconstpointer b)
{
  gint64 one = *(const gint64 *)a, two = *(const gint64 *)b;

  return (one > two) - (one < two);
}

static gboolean
has_object (GArray *objects,
            guint64 object)
{
  gint64 wanted = (gint64)object;

  return g_array_binary_search (objects, &wanted, compare_objects, NULL);
}

/* NULL where that fails, or where there are more than `max`. */
static GArray *
read_objects (PhTextIndex  *self,
              sqlite3_stmt *statement,
              guint64       max)
{
  g_autoptr (GArray) objects = g_array_new (FALSE, FALSE, sizeof (gint64));
  int result;

  while ((result = sqlite3_step (statement)) == SQLITE_ROW && objects->len <= max)
    {
      gint64 object = sqlite3_column_int64 (statement, 0);

      g_array_append_val (objects, object);
    }
  sqlite3_reset (statement);

  return check (self, result) ? g_steal_pointer (&objects) : NULL;
}

PhTextCandidates *
ph_text_index_find (PhTextIndex *self,
                    const char  *pattern)
{
  g_autofree char  *folded = ph_text_fold (pattern, strlen (pattern));
  g_autofree char  *query = format_query (folded);
  PhTextCandidates *candidates;
  GArray           *objects;

  if (*query == '\0')
    return NULL;

  sqlite3_bind_text (self->find, 1, query, -1, SQLITE_STATIC);
  objects = read_objects (self, self->find, G_MAXUINT64);
  if (objects == NULL)
    return NULL;

  candidates = g_new (PhTextCandidates, 1);
  candidates->objects = objects;

  return candidates;
}

void
ph_text_candidates_free (PhTextCandidates *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->objects);
  g_free (self);
}

/* Once. */
static void
read_whole (PhTextIndex *self)
{
  sqlite3_stmt *statement = NULL;

  if (prepare (self, &statement, "SELECT object FROM seen WHERE whole ORDER BY object"))
    self->whole = read_objects (self, statement, (guint64)self->n_asked * FEW_FACTOR);
  sqlite3_finalize (statement);
  self->n_asked = 0;
}

gboolean
ph_text_index_excludes (PhTextIndex      *self,
                        PhTextCandidates *candidates,
                        guint64           object)
{
  if (has_object (candidates->objects, object))
    return FALSE;

  if (self->n_asked > 0)
    read_whole (self);

  return self->whole != NULL ? has_object (self->whole, object) : look (self, object) == 1;
}
