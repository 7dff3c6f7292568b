#include "ph-leftover.h"

#include "ph-queue-entry.h"

#include <string.h>
#include <sys/stat.h>

typedef struct
{
  PhStore *store;
  PhRelay *relay;
  guint64  record;
  char    *queue_id;
} Leftover;

static void
leftover_free (Leftover *self)
{
  g_object_unref (self->store);
  g_object_unref (self->relay);
  g_free (self->queue_id);
  g_free (self);
}

GBytes *
ph_leftover_format (const PhSmtpEnvelope *envelope,
                    guint64               size,
                    gint64                now)
{
  g_autoptr (PhQueueEntry) entry = ph_queue_entry_new ("accepted", envelope, size, now);
  char *text = ph_queue_entry_format (entry);

  return g_bytes_new_take (text, strlen (text));
}

static PhSmtpEnvelope *
parse (GBytes  *bytes,
       GError **error)
{
  g_autoptr (PhQueueEntry) entry = ph_queue_entry_parse ("accepted", g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
  PhSmtpEnvelope *envelope;

  if (entry == NULL)
    return NULL;

  envelope = ph_smtp_envelope_new (entry->sender);
  envelope->body = entry->body;
  envelope->has_long_lines = entry->has_long_lines;
  envelope->smtputf8 = entry->smtputf8;
  envelope->requiretls = entry->requiretls;
  envelope->from_here = entry->from_here;
  envelope->ret = entry->ret;
  envelope->envid = g_strdup (entry->envid);
  envelope->release = entry->release;
  envelope->hold = g_strdup (entry->hold);
  for (guint i = 0; i < entry->addressees->len; i++)
    {
      const PhQueueAddressee *addressee = entry->addressees->pdata[i];
      PhSmtpRecipient        *recipient = ph_smtp_envelope_add (envelope, addressee->address);

      recipient->notify = addressee->notify;
      recipient->orcpt = g_strdup (addressee->orcpt);
      if (addressee->state == PH_QUEUE_FAILED)
        recipient->failure = g_strdup (addressee->last_reply);
    }

  return envelope;
}

/* The queue's file is a link of the accepted one, so that each is known by the other. */
static gboolean
is_queued (const PhAccepted *accepted,
           const char       *relay_dir)
{
  g_autoptr (GDir) dir = g_dir_open (relay_dir, 0, NULL);
  const char *name;
  struct stat wanted, st;

  if (dir == NULL || fstat (accepted->fd, &wanted) < 0)
    return FALSE;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (relay_dir, name, NULL);

      if (g_str_has_suffix (name, ".eml") && lstat (path, &st) == 0 && st.st_ino == wanted.st_ino && st.st_dev == wanted.st_dev)
        return TRUE;
    }

  return FALSE;
}

static void
noted_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Leftover *self = user_data;
  g_autoptr (GError) error = NULL;

  if (ph_store_set_queued_finish (PH_STORE (source), result, &error))
    {
      ph_relay_commit (self->relay, self->queue_id);
      ph_store_release (self->store, self->record);
    }
  else
    g_warning ("A message that was accepted for others waits for the next start: %s", error->message);
  leftover_free (self);
}

static void
queued_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Leftover *self = user_data;
  g_autoptr (GError) error = NULL;

  self->queue_id = ph_relay_enqueue_finish (PH_RELAY (source), result, &error);
  if (self->queue_id != NULL)
    {
      ph_store_set_queued_async (self->store, self->record, noted_cb, self);
      return;
    }
  g_warning ("A message that was accepted for others waits for the next start: %s", error->message);
  leftover_free (self);
}

static void
queue (PhStore    *store,
       PhRelay    *relay,
       PhAccepted *accepted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSmtpEnvelope) envelope = parse (accepted->elsewhere, &error);
  g_autoptr (PhSpool) spool = envelope != NULL ? ph_store_open_accepted (store, accepted, &error) : NULL;
  Leftover *self;

  if (spool == NULL)
    {
      g_warning ("A message that was accepted for others can't be queued: %s", error->message);
      return;
    }

  self = g_new0 (Leftover, 1);
  self->store = g_object_ref (store);
  self->relay = g_object_ref (relay);
  self->record = accepted->id;
  ph_relay_enqueue_async (relay, spool, envelope, NULL, queued_cb, self);
}

void
ph_leftover_resume (PhStore    *store,
                    PhRelay    *relay,
                    const char *relay_dir)
{
  g_autoptr (GPtrArray) list = ph_store_take_unqueued (store);

  for (guint i = 0; i < list->len; i++)
    {
      PhAccepted *accepted = g_ptr_array_index (list, i);

      if (is_queued (accepted, relay_dir))
        ph_store_release (store, accepted->id);
      else
        queue (store, relay, accepted);
    }
}
