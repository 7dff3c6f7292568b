#include "ph-index.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <unistd.h>

#include "ph-index-schema.h"
#include "ph-object-id.h"
#include "ph-store-error.h"

/* A reader that opens while the writer checkpoints waits at most so long. */
#define BUSY_MILLISECONDS 10000

/* An index of at most so many bytes is read whole when it is opened (some 50,000 messages: 80 ms). */
#define CHECKED_MAX (32 * 1024 * 1024)

struct _PhIndex
{
  sqlite3    *db;
  char       *suspect;    /* path of the mark that it was found damaged */
  GHashTable *statements; /* address of the SQL → sqlite3_stmt */
  gboolean    damaged;
};

static gboolean
is_no_space (int number)
{
  return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

/* What a write at COMMIT failed with; sqlite3_system_errno() does not know. */
static int
get_write_errno (PhIndex *self)
{
  sqlite3_file *file = NULL;
  int           number = 0;

  if (sqlite3_file_control (self->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK && file != NULL && file->pMethods != NULL)
    file->pMethods->xFileControl (file, SQLITE_FCNTL_LAST_ERRNO, &number);

  return number;
}

static PhStoreError
code_of_result (PhIndex *self,
                int      result)
{
  if ((result & 0xff) == SQLITE_FULL)
    return PH_STORE_ERROR_NO_SPACE;
  if ((result & 0xff) == SQLITE_IOERR && is_no_space (sqlite3_system_errno (self->db)))
    return PH_STORE_ERROR_NO_SPACE;
  if (sqlite3_extended_errcode (self->db) == SQLITE_IOERR_WRITE && is_no_space (get_write_errno (self)))
    return PH_STORE_ERROR_NO_SPACE;
  if ((result & 0xff) == SQLITE_CORRUPT || (result & 0xff) == SQLITE_NOTADB)
    return PH_STORE_ERROR_DAMAGED;

  return PH_STORE_ERROR_FAILED;
}

/* Whoever opens it next need not come upon the damaged page to know. */
static void
mark_damaged (PhIndex *self)
{
  int fd = self->damaged ? -1 : open (self->suspect, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd >= 0)
    close (fd);
  self->damaged = TRUE;
}

static int
fail (PhIndex *self,
      int      result,
      GError **error)
{
  PhStoreError code = code_of_result (self, result);

  if (code == PH_STORE_ERROR_DAMAGED)
    mark_damaged (self);
  /* Translators: why */
  g_set_error (error, PH_STORE_ERROR, (gint)code, _ ("The index of the mail failed: %s"), sqlite3_errmsg (self->db));

  return -1;
}

gboolean
ph_index_execute (PhIndex    *self,
                  const char *sql,
                  GError    **error)
{
  int result = sqlite3_exec (self->db, sql, NULL, NULL, NULL);

  return result == SQLITE_OK || fail (self, result, error) == 0;
}

/* object_id(TEXT): ph_object_id_hash(), for statements. */
static void
object_id_function (sqlite3_context *context,
                    int              n_values,
                    sqlite3_value  **values)
{
  const char *text = (const char *)sqlite3_value_text (values[0]);

  sqlite3_result_int64 (context, ph_object_id_hash (text != NULL ? text : "", (gsize)sqlite3_value_bytes (values[0])));
}

/* folder_guid(): a new one. */
static void
folder_guid_function (sqlite3_context *context,
                      int              n_values,
                      sqlite3_value  **values)
{
  sqlite3_result_text (context, ph_object_id_new_guid (), -1, g_free);
}

static gboolean
add_functions (PhIndex *self,
               GError **error)
{
  int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
  int result = sqlite3_create_function (self->db, "object_id", 1, flags | SQLITE_DETERMINISTIC, NULL, object_id_function, NULL, NULL);

  if (result == SQLITE_OK)
    result = sqlite3_create_function (self->db, "folder_guid", 0, flags, NULL, folder_guid_function, NULL, NULL);

  return result == SQLITE_OK || fail (self, result, error) == 0;
}

/* A damaged page shows itself late.  One of a large index is found when somebody needs it, and the mark says so from then on. */
static gboolean
check_pages (PhIndex *self,
             GError **error)
{
  gint64        n_pages, page_size;
  sqlite3_stmt *statement;

  if (!ph_index_get_number (self, &n_pages, 0, error, "PRAGMA page_count", "") || !ph_index_get_number (self, &page_size, 0, error, "PRAGMA page_size", ""))
    return FALSE;
  if (n_pages * page_size > CHECKED_MAX)
    return TRUE;

  statement = ph_index_query (self, error, "PRAGMA integrity_check(1)", "");
  if (statement == NULL || ph_index_step (self, statement, error) != 1)
    return FALSE;
  if (g_strcmp0 ((const char *)sqlite3_column_text (statement, 0), "ok") == 0)
    {
      sqlite3_reset (statement);
      return TRUE;
    }

  /* Translators: why */
  g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_DAMAGED, _ ("The index of the mail is damaged: %s"), sqlite3_column_text (statement, 0));

  return FALSE;
}

/* The version, and each table's root. */
static gboolean
check_schema (PhIndex *self,
              gboolean read_only,
              GError **error)
{
  gint64 n_tables, version;

  if (!ph_index_get_number (self, &n_tables, 0, error, "SELECT count(*) FROM sqlite_master", ""))
    return FALSE;
  if (n_tables == 0 && read_only)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_FAILED, N_ ("The index of the mail is empty"));
      return FALSE;
    }
  if (n_tables == 0)
    return ph_index_schema_create (self, error);

  if (!ph_index_get_meta (self, "schema", &version, error))
    {
      self->damaged = TRUE;
      g_clear_error (error);
    }
  if (self->damaged || version < 1 || version > PH_INDEX_SCHEMA_VERSION)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_DAMAGED, N_ ("The index of the mail is damaged or of another version"));
      return FALSE;
    }

  /* The writer comes first, and brings it up to date. */
  return read_only || (check_pages (self, error) && ph_index_schema_upgrade (self, version, error));
}

PhIndex *
ph_index_open (const char *path,
               gboolean    read_only,
               GError    **error)
{
  g_autoptr (PhIndex) self = g_new0 (PhIndex, 1);
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_READWRITE;
  int result;

  self->statements = g_hash_table_new (NULL, NULL);
  self->suspect = g_strconcat (path, PH_INDEX_SUSPECT, NULL);
  if (!read_only && access (self->suspect, F_OK) == 0)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_DAMAGED, N_ ("The index of the mail was found damaged"));
      return NULL;
    }
  result = sqlite3_open_v2 (path, &self->db, flags | (read_only ? 0 : SQLITE_OPEN_CREATE), PH_INDEX_VFS);
  if (result != SQLITE_OK)
    {
      fail (self, result, error);
      return NULL;
    }
  sqlite3_extended_result_codes (self->db, 1);
  sqlite3_busy_timeout (self->db, BUSY_MILLISECONDS);

  if (!ph_index_execute (self, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY", error))
    return NULL;
  if (read_only && !ph_index_execute (self, "PRAGMA query_only = ON", error))
    return NULL;
  if (!add_functions (self, error) || !check_schema (self, read_only, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
ph_index_close (PhIndex *self)
{
  GHashTableIter iter;
  sqlite3_stmt  *statement;

  g_hash_table_iter_init (&iter, self->statements);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&statement))
    sqlite3_finalize (statement);
  g_hash_table_unref (self->statements);
  sqlite3_close (self->db);
  g_free (self->suspect);
  g_free (self);
}

gboolean
ph_index_in_transaction (PhIndex *self)
{
  return sqlite3_get_autocommit (self->db) == 0;
}

gboolean
ph_index_is_damaged (PhIndex *self)
{
  return self->damaged;
}

static int
bind_bytes (sqlite3_stmt *statement,
            int           n,
            GBytes       *bytes)
{
  gsize       size;
  const void *data;

  if (bytes == NULL)
    return sqlite3_bind_null (statement, n);

  data = g_bytes_get_data (bytes, &size);

  return sqlite3_bind_blob64 (statement, n, data != NULL ? data : "", size, SQLITE_TRANSIENT);
}

static sqlite3_stmt *
query_va (PhIndex    *self,
          GError    **error,
          const char *sql,
          const char *types,
          va_list     args)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);
  int           result = SQLITE_OK;

  if (statement == NULL)
    {
      result = sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
      if (result != SQLITE_OK)
        {
          fail (self, result, error);
          return NULL;
        }
      g_hash_table_insert (self->statements, (gpointer)sql, statement);
    }

  sqlite3_reset (statement);
  for (int n = 1; types[n - 1] != '\0' && result == SQLITE_OK; n++)
    {
      if (types[n - 1] == 'i')
        result = sqlite3_bind_int64 (statement, n, va_arg (args, gint64));
      else if (types[n - 1] == 's')
        result = sqlite3_bind_text (statement, n, va_arg (args, const char *), -1, SQLITE_TRANSIENT);
      else
        result = bind_bytes (statement, n, va_arg (args, GBytes *));
    }
  if (result != SQLITE_OK)
    {
      fail (self, result, error);
      return NULL;
    }

  return statement;
}

sqlite3_stmt *
ph_index_query (PhIndex    *self,
                GError    **error,
                const char *sql,
                const char *types,
                ...)
{
  sqlite3_stmt *statement;
  va_list       args;

  va_start (args, types);
  statement = query_va (self, error, sql, types, args);
  va_end (args);

  return statement;
}

int
ph_index_step (PhIndex      *self,
               sqlite3_stmt *statement,
               GError      **error)
{
  int result = sqlite3_step (statement);

  if (result == SQLITE_ROW)
    return 1;

  sqlite3_reset (statement);

  return result == SQLITE_DONE ? 0 : fail (self, result, error);
}

gboolean
ph_index_run (PhIndex    *self,
              GError    **error,
              const char *sql,
              const char *types,
              ...)
{
  sqlite3_stmt *statement;
  va_list       args;
  int           result;

  va_start (args, types);
  statement = query_va (self, error, sql, types, args);
  va_end (args);
  if (statement == NULL)
    return FALSE;

  while ((result = ph_index_step (self, statement, error)) == 1)
    continue;

  return result == 0;
}

gboolean
ph_index_get_number (PhIndex    *self,
                     gint64     *number,
                     gint64      fallback,
                     GError    **error,
                     const char *sql,
                     const char *types,
                     ...)
{
  sqlite3_stmt *statement;
  va_list       args;
  int           result;

  *number = fallback;
  va_start (args, types);
  statement = query_va (self, error, sql, types, args);
  va_end (args);
  if (statement == NULL)
    return FALSE;

  result = ph_index_step (self, statement, error);
  if (result == 1)
    {
      if (sqlite3_column_type (statement, 0) != SQLITE_NULL)
        *number = sqlite3_column_int64 (statement, 0);
      sqlite3_reset (statement);
    }

  return result >= 0;
}

gboolean
ph_index_get_meta (PhIndex    *self,
                   const char *key,
                   gint64     *value,
                   GError    **error)
{
  return ph_index_get_number (self, value, 0, error, "SELECT value FROM meta WHERE key = ?", "s", key);
}

gboolean
ph_index_set_meta (PhIndex    *self,
                   const char *key,
                   gint64      value,
                   GError    **error)
{
  return ph_index_run (self, error, "INSERT OR REPLACE INTO meta VALUES (?, ?)", "si", key, value);
}
