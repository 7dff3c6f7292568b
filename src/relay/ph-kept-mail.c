#include "ph-kept-mail.h"

#include <string.h>

struct _PhKeptMail
{
  GHashTable *items; /* id → KeptItem */
};

typedef struct
{
  gint64 release;
  char   sender[];
} KeptItem;

PhKeptMail *
ph_kept_mail_new (void)
{
  PhKeptMail *self = g_new0 (PhKeptMail, 1);

  self->items = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

void
ph_kept_mail_free (PhKeptMail *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->items);
  g_free (self);
}

void
ph_kept_mail_add (PhKeptMail         *self,
                  const PhQueueEntry *entry,
                  gint64              now)
{
  gsize     length = strlen (entry->sender) + 1;
  KeptItem *item;

  if (entry->release <= now)
    return;

  item = g_malloc (sizeof *item + length);
  item->release = entry->release;
  memcpy (item->sender, entry->sender, length);
  g_hash_table_replace (self->items, g_strdup (entry->id), item);
}

void
ph_kept_mail_remove (PhKeptMail *self,
                     const char *id)
{
  g_hash_table_remove (self->items, id);
}

gint64
ph_kept_mail_get_release (PhKeptMail *self,
                          const char *id)
{
  KeptItem *item = g_hash_table_lookup (self->items, id);

  return item != NULL ? item->release : 0;
}

guint
ph_kept_mail_count (PhKeptMail    *self,
                    gint64         now,
                    PhKeptMailFunc counts,
                    gpointer       user_data,
                    guint         *total)
{
  GHashTableIter iter;
  KeptItem      *item;
  guint          n = 0;

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&item))
    {
      if (item->release <= now)
        g_hash_table_iter_remove (&iter);
      else if (counts (item->sender, user_data))
        n++;
    }
  *total = g_hash_table_size (self->items);

  return n;
}
