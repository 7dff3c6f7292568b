#include "ph-folder-cache.h"

#include "ph-message-private.h"
#include "ph-summary.h"

#include <string.h>

/* What an entry takes besides its bytes, about. */
#define ENTRY_COST 256

/* Bytes in all caches of the process; atomic. */
static gsize all_size;

struct _PhFolderCache
{
  gatomicrefcount references;
  PhClock        *clock;
  guint           timer;
  gboolean        touched; /* since the timer began */

  GMutex      mutex;     /* guards what follows */
  GHashTable *summaries; /* of UID → PhMessageSummary */
  GHashTable *heads;     /* of UID → PhMessage */
  gsize       size;
  gboolean    closed;
};

/* Locked, or the last who knows it. */
static gboolean
take_room (PhFolderCache *self,
           gsize          size)
{
  if (self->closed || self->size + size > PH_FOLDER_CACHE_MAX)
    return FALSE;

  if ((gsize)g_atomic_pointer_add (&all_size, (gssize)size) + size > PH_FOLDER_CACHES_MAX)
    {
      g_atomic_pointer_add (&all_size, -(gssize)size);
      return FALSE;
    }
  self->size += size;

  return TRUE;
}

static void
give_room (PhFolderCache *self,
           gsize          size)
{
  self->size -= size;
  g_atomic_pointer_add (&all_size, -(gssize)size);
}

PhFolderCache *
ph_folder_cache_new (PhClock *clock)
{
  PhFolderCache *self = g_new0 (PhFolderCache, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->mutex);
  self->clock = g_object_ref (clock);
  self->summaries = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)ph_message_summary_free);
  self->heads = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);

  return self;
}

PhFolderCache *
ph_folder_cache_ref (PhFolderCache *self)
{
  g_atomic_ref_count_inc (&self->references);

  return self;
}

void
ph_folder_cache_unref (PhFolderCache *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  give_room (self, self->size);
  g_hash_table_unref (self->summaries);
  g_hash_table_unref (self->heads);
  g_object_unref (self->clock);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

static void
forget_all (PhFolderCache *self,
            gboolean       close)
{
  g_mutex_lock (&self->mutex);
  g_hash_table_remove_all (self->summaries);
  g_hash_table_remove_all (self->heads);
  give_room (self, self->size);
  self->closed |= close;
  g_mutex_unlock (&self->mutex);
}

void
ph_folder_cache_close (PhFolderCache *self)
{
  ph_clock_cancel_timer (self->clock, &self->timer);
  forget_all (self, TRUE);
}

static void
timer_cb (gpointer user_data)
{
  PhFolderCache *self = user_data;
  gboolean       touched = self->touched;

  self->timer = 0;
  if (touched)
    ph_folder_cache_touch (self);
  else
    forget_all (self, FALSE);
  self->touched = FALSE;
}

void
ph_folder_cache_touch (PhFolderCache *self)
{
  self->touched = TRUE;
  if (self->timer == 0)
    self->timer = ph_clock_add_timer (self->clock, (gint64)PH_FOLDER_CACHE_SECONDS * G_USEC_PER_SEC, timer_cb, self);
}

static gsize
measure_summary (const PhMessageSummary *summary)
{
  return ENTRY_COST + g_bytes_get_size (summary->envelope) + g_bytes_get_size (summary->body) + g_bytes_get_size (summary->bodystructure) + strlen (summary->preview) + strlen (summary->references);
}

static gsize
measure_head (PhMessage *head)
{
  gsize length;

  ph_message_peek (head, &length);

  return ENTRY_COST + length;
}

PhMessageSummary *
ph_folder_cache_dup_summary (PhFolderCache *self,
                             guint32        uid)
{
  PhMessageSummary *summary;

  g_mutex_lock (&self->mutex);
  summary = g_hash_table_lookup (self->summaries, GUINT_TO_POINTER (uid));
  if (summary != NULL)
    ph_message_summary_ref (summary);
  g_mutex_unlock (&self->mutex);

  return summary;
}

void
ph_folder_cache_add_summary (PhFolderCache    *self,
                             guint32           uid,
                             PhMessageSummary *summary)
{
  g_mutex_lock (&self->mutex);
  if (!g_hash_table_contains (self->summaries, GUINT_TO_POINTER (uid)) && take_room (self, measure_summary (summary)))
    g_hash_table_insert (self->summaries, GUINT_TO_POINTER (uid), ph_message_summary_ref (summary));
  g_mutex_unlock (&self->mutex);
}

PhMessage *
ph_folder_cache_dup_head (PhFolderCache *self,
                          guint32        uid)
{
  PhMessage *head;

  g_mutex_lock (&self->mutex);
  head = g_hash_table_lookup (self->heads, GUINT_TO_POINTER (uid));
  if (head != NULL)
    g_object_ref (head);
  g_mutex_unlock (&self->mutex);

  return head;
}

void
ph_folder_cache_add_head (PhFolderCache *self,
                          PhMessage     *head)
{
  gpointer uid = GUINT_TO_POINTER (ph_message_get_uid (head));

  if (ph_message_is_open (head))
    return;

  g_mutex_lock (&self->mutex);
  if (!g_hash_table_contains (self->heads, uid) && take_room (self, measure_head (head)))
    g_hash_table_insert (self->heads, uid, g_object_ref (head));
  g_mutex_unlock (&self->mutex);
}

void
ph_folder_cache_forget (PhFolderCache *self,
                        const GArray  *uids)
{
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < uids->len; i++)
    {
      gpointer          uid = GUINT_TO_POINTER (g_array_index (uids, guint32, i));
      PhMessageSummary *summary = g_hash_table_lookup (self->summaries, uid);
      PhMessage        *head = g_hash_table_lookup (self->heads, uid);

      give_room (self, (summary != NULL ? measure_summary (summary) : 0) + (head != NULL ? measure_head (head) : 0));
      g_hash_table_remove (self->summaries, uid);
      g_hash_table_remove (self->heads, uid);
    }
  g_mutex_unlock (&self->mutex);
}
