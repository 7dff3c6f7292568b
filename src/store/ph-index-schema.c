#include "ph-index-schema.h"

/* `folders`
 *   guid         of RFC 8474, also in the folder's dovecot-uidlist
 *   log_start    changes up to this modseq are no longer in `expunged`
 * `messages` has one row for each message of each folder:
 *   modseq       of the last change, counted by folder (RFC 7162)
 *   object       the same for all copies of a message (RFC 8474): the hash of its guid
 *   base, letters, sub   the name of its file, as it was last seen
 *   stale        1 while that name does not yet show the flags
 *   guid         the base of the first copy, NULL where that is the base of this one
 *   thread       0 until it is known
 *   ending       PhMessageEnding
 *   uidl         what POP3 knows it by; NULL where that is UIDVALIDITY.UID
 * `summaries` has what was computed once from the bytes of an object:
 *   refs         the ids of the messages before it, as THREAD=REFERENCES has them; NULL: not known
 * `annotations` are what clients keep beside a folder, or beside the account (0): PhAnnotation
 * `delivered` has the ids of accepted messages that were delivered here, as long as a crash
 * would bring them up again.
 * `pending` lists what is still to be done to the directory; it is written with the
 * change that asks for it and emptied when the disk has it, so a crash forgets nothing. */
static const char schema[] =
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE folders (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
  " special_use INTEGER NOT NULL, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL,"
  " recent INTEGER NOT NULL, modseq INTEGER NOT NULL, guid TEXT NOT NULL DEFAULT '',"
  " log_start INTEGER NOT NULL DEFAULT 0);"
  "CREATE TABLE messages (folder INTEGER NOT NULL, uid INTEGER NOT NULL, flags INTEGER NOT NULL,"
  " keywords INTEGER NOT NULL, modseq INTEGER NOT NULL, internal_date INTEGER NOT NULL,"
  " internal_zone INTEGER NOT NULL, save_date INTEGER NOT NULL, size INTEGER NOT NULL,"
  " file_size INTEGER NOT NULL, object INTEGER NOT NULL, base TEXT NOT NULL, letters TEXT NOT NULL,"
  " sub INTEGER NOT NULL, stale INTEGER NOT NULL, guid TEXT, thread INTEGER NOT NULL DEFAULT 0,"
  " ending INTEGER NOT NULL DEFAULT 0, uidl TEXT, PRIMARY KEY (folder, uid)) WITHOUT ROWID;"
  "CREATE INDEX messages_object ON messages (object);"
  "CREATE INDEX messages_base ON messages (folder, base);"
  "CREATE INDEX messages_stale ON messages (folder, uid) WHERE stale = 1;"
  "CREATE INDEX messages_uidl ON messages (folder, uidl) WHERE uidl IS NOT NULL;"
  "CREATE TABLE summaries (object INTEGER PRIMARY KEY, envelope BLOB, body BLOB, bodystructure BLOB,"
  " preview TEXT, message_id INTEGER NOT NULL DEFAULT 0, refs TEXT);"
  "CREATE INDEX summaries_message_id ON summaries (message_id);"
  "CREATE TABLE expunged (folder INTEGER NOT NULL, uid INTEGER NOT NULL, modseq INTEGER NOT NULL,"
  " PRIMARY KEY (folder, uid)) WITHOUT ROWID;"
  "CREATE INDEX expunged_modseq ON expunged (folder, modseq);"
  "CREATE TABLE keywords (folder INTEGER NOT NULL, bit INTEGER NOT NULL, name TEXT NOT NULL,"
  " PRIMARY KEY (folder, bit)) WITHOUT ROWID;"
  "CREATE TABLE subscriptions (name TEXT PRIMARY KEY) WITHOUT ROWID;"
  "CREATE TABLE pending (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
  " folder INTEGER NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL);"
  "CREATE TABLE delivered (record INTEGER PRIMARY KEY);"
  "CREATE TABLE annotations (folder INTEGER NOT NULL, entry TEXT NOT NULL COLLATE NOCASE, value BLOB NOT NULL,"
  " PRIMARY KEY (folder, entry)) WITHOUT ROWID;"
  "INSERT INTO meta VALUES ('schema', 9), ('uidvalidity', 0), ('used', 0), ('epoch', 0);";

/* To version n + 2: step n.  Step 0: what version 1 counted as objects gets ids that outlive the
 * index; summaries are made again when they are next asked for. */
static const char *const steps[] = {
  "ALTER TABLE folders ADD COLUMN guid TEXT NOT NULL DEFAULT '';"
  "ALTER TABLE folders ADD COLUMN log_start INTEGER NOT NULL DEFAULT 0;"
  "UPDATE folders SET guid = folder_guid();"
  "ALTER TABLE messages ADD COLUMN guid TEXT;"
  "ALTER TABLE messages ADD COLUMN thread INTEGER NOT NULL DEFAULT 0;"
  "CREATE TEMP TABLE first AS SELECT object, base, min(folder * 4294967296 + uid) FROM messages GROUP BY object;"
  "CREATE UNIQUE INDEX temp.first_object ON first (object);"
  "UPDATE messages SET guid = first.base FROM first WHERE first.object = messages.object AND first.base != messages.base;"
  "UPDATE messages SET object = object_id(coalesce(guid, base));"
  "DROP TABLE temp.first;"
  "DROP TABLE summaries;"
  "CREATE TABLE summaries (object INTEGER PRIMARY KEY, envelope BLOB, body BLOB, bodystructure BLOB,"
  " preview TEXT, message_id INTEGER NOT NULL DEFAULT 0);"
  "CREATE INDEX summaries_message_id ON summaries (message_id);"
  "CREATE INDEX expunged_modseq ON expunged (folder, modseq);"
  "DELETE FROM meta WHERE key = 'object';"
  "INSERT INTO meta VALUES ('epoch', 0);"
  "UPDATE meta SET value = 2 WHERE key = 'schema';",
  "CREATE INDEX messages_base ON messages (folder, base);"
  "UPDATE meta SET value = 3 WHERE key = 'schema';",
  "CREATE TABLE delivered (record INTEGER PRIMARY KEY);"
  "UPDATE meta SET value = 4 WHERE key = 'schema';",
  /* Names did not show keywords. */
  "UPDATE messages SET stale = 1 WHERE (keywords & 67108863) != 0;"
  "UPDATE meta SET value = 5 WHERE key = 'schema';",
  "ALTER TABLE messages ADD COLUMN ending INTEGER NOT NULL DEFAULT 0;"
  "UPDATE meta SET value = 6 WHERE key = 'schema';",
  "ALTER TABLE summaries ADD COLUMN refs TEXT;"
  "UPDATE meta SET value = 7 WHERE key = 'schema';",
  "CREATE TABLE annotations (folder INTEGER NOT NULL, entry TEXT NOT NULL COLLATE NOCASE, value BLOB NOT NULL,"
  " PRIMARY KEY (folder, entry)) WITHOUT ROWID;"
  "UPDATE meta SET value = 8 WHERE key = 'schema';",
  "ALTER TABLE messages ADD COLUMN uidl TEXT;"
  "CREATE INDEX messages_uidl ON messages (folder, uidl) WHERE uidl IS NOT NULL;"
  "UPDATE meta SET value = 9 WHERE key = 'schema';",
};

static gboolean
execute_whole (PhIndex    *index,
               const char *sql,
               GError    **error)
{
  if (!ph_index_execute (index, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (ph_index_execute (index, sql, error) && ph_index_execute (index, "COMMIT", error))
    return TRUE;

  if (ph_index_in_transaction (index))
    ph_index_execute (index, "ROLLBACK", NULL);

  return FALSE;
}

gboolean
ph_index_schema_create (PhIndex *index,
                        GError **error)
{
  return execute_whole (index, schema, error);
}

gboolean
ph_index_schema_upgrade (PhIndex *index,
                         gint64   version,
                         GError **error)
{
  G_STATIC_ASSERT (G_N_ELEMENTS (steps) == PH_INDEX_SCHEMA_VERSION - 1);

  for (; version < PH_INDEX_SCHEMA_VERSION; version++)
    if (!execute_whole (index, steps[version - 1], error))
      return FALSE;

  return TRUE;
}
