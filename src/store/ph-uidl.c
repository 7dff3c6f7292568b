#include "ph-uidl.h"

#include <stdio.h>
#include <string.h>

gboolean
ph_uidl_is_valid (const char *text)
{
  gsize length = 0;

  while (text[length] >= 0x21 && text[length] <= 0x7e)
    length++;

  return text[length] == '\0' && length >= 1 && length <= PH_UIDL_MAX;
}

char *
ph_uidl_format (guint32 uidvalidity,
                guint32 uid)
{
  return g_strdup_printf ("%u.%u", uidvalidity, uid);
}

static gboolean
is_inbox (const PhFolderRow *folder)
{
  return strcmp (folder->name, "INBOX") == 0;
}

/* Of whom `folder` says that this is his, written down or not; but for the message `except`. */
static gboolean
is_taken (PhIndex           *index,
          const PhFolderRow *folder,
          const char        *uidl,
          guint32            except,
          gboolean          *taken,
          GError           **error)
{
  g_autofree char *own = NULL;
  guint            uidvalidity, uid = 0;
  gint64           count;

  if (sscanf (uidl, "%u.%u", &uidvalidity, &uid) == 2)
    own = ph_uidl_format (uidvalidity, uid);
  if (g_strcmp0 (own, uidl) != 0 || uidvalidity != folder->uidvalidity)
    uid = 0;
  if (!ph_index_get_number (index, &count, 0, error,
                            "SELECT (SELECT count(*) FROM messages WHERE folder = ?1 AND uidl = ?2 AND uid != ?3) + (SELECT count(*) FROM messages WHERE folder = ?1 AND uid = ?4 AND uid != ?3 AND uidl IS NULL)",
                            "isii", folder->id, uidl, (gint64)except, (gint64)uid))
    return FALSE;
  *taken = count > 0;

  return TRUE;
}

gboolean
ph_uidl_inherit (PhIndex            *index,
                 const PhFolderRow  *source,
                 const PhMessageRow *row,
                 const PhFolderRow  *target,
                 gboolean            move,
                 PhMessageRow       *copy,
                 GError            **error)
{
  gboolean taken = FALSE;

  g_free (copy->uidl);
  copy->uidl = row->uidl == NULL && is_inbox (source) ? ph_uidl_format (source->uidvalidity, row->info.uid) : g_strdup (row->uidl);
  if (copy->uidl == NULL || !is_inbox (target))
    return TRUE;
  if (!is_taken (index, target, copy->uidl, move && source->id == target->id ? row->info.uid : 0, &taken, error))
    return FALSE;
  if (taken)
    g_clear_pointer (&copy->uidl, g_free);

  return TRUE;
}
