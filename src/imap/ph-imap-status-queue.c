#include "ph-imap-status-queue.h"

#include "ph-imap-status.h"

typedef struct
{
  char *name;
  guint items;
} Question;

struct _PhImapStatusQueue
{
  GPtrArray            *questions; /* of Question */
  guint                 next;
  PhImapStatusQueueFunc done;
  gpointer              data;
  GDestroyNotify        destroy;
};

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->name);
  g_free (question);
}

PhImapStatusQueue *
ph_imap_status_queue_new (void)
{
  PhImapStatusQueue *queue = g_new0 (PhImapStatusQueue, 1);

  queue->questions = g_ptr_array_new_with_free_func (question_free);

  return queue;
}

void
ph_imap_status_queue_free (PhImapStatusQueue *queue)
{
  if (queue->data != NULL && queue->destroy != NULL)
    queue->destroy (queue->data);
  g_ptr_array_unref (queue->questions);
  g_free (queue);
}

void
ph_imap_status_queue_add (PhImapStatusQueue *queue,
                          const char        *name,
                          guint              items)
{
  Question *question = g_new0 (Question, 1);

  question->name = g_strdup (name);
  question->items = items;
  g_ptr_array_add (queue->questions, question);
}

static void ask_next (PhImapSession *self);

static void
on_status (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  PhImapStatusQueue *queue = self->work;
  PhFolderStatus     status = { 0 };
  gboolean           found = ph_account_store_status_finish (PH_ACCOUNT_STORE (source), result, &status, NULL);

  if (!ph_imap_session_is_waiting (self))
    return;

  if (found)
    {
      const Question *question = queue->questions->pdata[queue->next];
      g_autoptr (GString) line = g_string_new (NULL);

      ph_imap_status_format (question->name, question->items, &status, self->append_size_max, ph_imap_session_has_utf8 (self), line);
      ph_imap_session_untagged (self, "%s", line->str);
    }
  queue->next++;
  ask_next (self);
}

static void
ask_next (PhImapSession *self)
{
  PhImapStatusQueue *queue = self->work;

  if (queue->next == queue->questions->len)
    queue->done (self, g_steal_pointer (&queue->data));
  else
    ph_account_store_status_async (self->account_store, ((Question *)queue->questions->pdata[queue->next])->name, self->cancellable, on_status,
                                   g_object_ref (self));
}

static void
work_free (gpointer data)
{
  ph_imap_status_queue_free (data);
}

void
ph_imap_status_queue_tell (PhImapStatusQueue    *queue,
                           PhImapSession        *self,
                           PhImapStatusQueueFunc done,
                           gpointer              data,
                           GDestroyNotify        destroy)
{
  queue->done = done;
  queue->data = data;
  queue->destroy = destroy;
  ph_imap_session_wait (self, queue, work_free);
  ask_next (self);
}
