#include "ph-reply-memory.h"

#include "ph-automatic-reply.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define DAY ((gint64)24 * 60 * 60)
#define HOUR ((gint64)60 * 60)
#define HASH_LENGTH 64 /* hexadecimal digits of SHA-256 */

/* A line is no longer than this; nor is the file than all of them. */
#define LINE_LENGTH 100
#define FILE_MAX (PH_REPLY_MEMORY_MAX * LINE_LENGTH)

typedef struct
{
  gint64 time;
  char   hash[HASH_LENGTH + 1];
} Entry;

static char *
make_path (const char *folder,
           const char *account)
{
  g_autofree char *name = g_compute_checksum_for_string (G_CHECKSUM_SHA256, account, -1);

  return g_build_filename (folder, name, NULL);
}

/* Case apart, as accounts are told apart. */
static char *
make_hash (const char *sender,
           const char *reply)
{
  g_autofree char *folded = g_utf8_casefold (sender, -1);
  g_autofree char *both = g_strconcat (folded, "\n", reply, NULL);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, both, -1);
}

static gboolean
read_line (const char *line,
           gint64      now,
           Entry      *entry)
{
  char *end = NULL;

  entry->time = g_ascii_strtoll (line, &end, 10);
  if (*end != ' ' || strlen (end + 1) != HASH_LENGTH)
    return FALSE;

  /* What is older than any reply asks for is forgotten; so is what a wrong clock has put into the future. */
  memcpy (entry->hash, end + 1, HASH_LENGTH + 1);

  return entry->time > now - PH_AUTOMATIC_REPLY_DAYS_MAX * DAY && entry->time < now + DAY;
}

/* A file that is not there, or makes no sense, has nobody. */
static GArray *
read_entries (const char *path,
              gint64      now)
{
  GArray          *entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GStatBuf info;

  if (g_stat (path, &info) != 0 || info.st_size > FILE_MAX || !g_file_get_contents (path, &text, NULL, NULL))
    return entries;

  lines = g_strsplit (text, "\n", PH_REPLY_MEMORY_MAX + 1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      Entry entry;

      if (read_line (lines[i], now, &entry))
        g_array_append_val (entries, entry);
    }

  return entries;
}

static gboolean
write_entries (const char   *path,
               const GArray *entries)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);

      g_string_append_printf (text, "%" G_GINT64_FORMAT " %s\n", entry->time, entry->hash);
    }

  if (g_mkdir_with_parents (folder, 0700) == 0 && g_file_set_contents_full (path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    return TRUE;

  g_message ("Whom an account has answered can't be written down: %s", error != NULL ? error->message : folder);

  return FALSE;
}

const char *
ph_reply_memory_take (const char *folder,
                      const char *account,
                      const char *sender,
                      const char *reply,
                      guint       days,
                      gint64      now)
{
  g_autofree char *path = make_path (folder, account);
  g_autofree char *hash = make_hash (sender, reply);
  g_autoptr (GArray) entries = read_entries (path, now);
  Entry entry = { .time = now };
  guint n_recent = 0;

  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *other = &g_array_index (entries, Entry, i);

      if (other->time > now - days * DAY && strcmp (other->hash, hash) == 0)
        return N_ ("its sender had this reply in the last days");
      n_recent += other->time > now - HOUR ? 1 : 0;
    }
  if (n_recent >= PH_REPLY_MEMORY_HOUR_MAX)
    return N_ ("too many were answered in the last hour");
  if (entries->len >= PH_REPLY_MEMORY_MAX)
    return N_ ("too many were answered in the last days");

  memcpy (entry.hash, hash, sizeof entry.hash);
  g_array_append_val (entries, entry);

  return write_entries (path, entries) ? NULL : N_ ("it can’t be written down that its sender had it");
}

void
ph_reply_memory_forget (const char *folder,
                        const char *account)
{
  g_autofree char *path = make_path (folder, account);

  /* Most have none. */
  if (g_unlink (path) != 0 && errno != ENOENT)
    g_message ("Whom a removed account has answered can't be forgotten: %s", g_strerror (errno));
}
