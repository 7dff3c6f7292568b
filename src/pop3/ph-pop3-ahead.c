/* Messages that are opened before they are asked for: a client that fetches one fetches the next, and opening is a job for a
 * worker, which is done while the message before it is sent. */

#include "ph-pop3-session-private.h"

/* A message that is being opened, or is open. */
typedef struct
{
  guint32       uid;
  GAsyncResult *result; /* NULL while it is being opened */
} PhPop3Opening;

/* What a job that runs knows; the opening may be forgotten meanwhile. */
typedef struct
{
  PhPop3Session *session; /* owned */
  guint32        uid;
} PhPop3OpenJob;

static void
opening_free (gpointer data)
{
  PhPop3Opening *opening = data;

  g_clear_object (&opening->result);
  g_free (opening);
}

static PhPop3Opening *
find (PhPop3Session *self,
      guint32        uid)
{
  for (guint i = 0; self->ahead != NULL && i < self->ahead->len; i++)
    if (((PhPop3Opening *)self->ahead->pdata[i])->uid == uid)
      return self->ahead->pdata[i];

  return NULL;
}

static void
serve (PhPop3Session *self,
       PhPop3Opening *opening)
{
  g_autoptr (GAsyncResult) result = g_steal_pointer (&opening->result);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMessage) message = NULL;

  g_ptr_array_remove (self->ahead, opening);
  message = ph_mailbox_open_message_finish (self->mailbox, result, &error);
  ph_pop3_mail_opened (self, message);
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhPop3OpenJob *job = user_data;
  g_autoptr (PhPop3Session) self = job->session;
  guint32        uid = job->uid;
  PhPop3Opening *opening = find (self, uid);

  g_free (job);
  if (opening == NULL || opening->result != NULL)
    return;

  opening->result = g_object_ref (result);
  if (self->wanted != uid)
    return;
  self->wanted = 0;
  serve (self, opening);
}

static PhPop3Opening *
begin (PhPop3Session *self,
       guint32        uid)
{
  PhPop3Opening *opening = g_new0 (PhPop3Opening, 1);
  PhPop3OpenJob *job = g_new (PhPop3OpenJob, 1);

  opening->uid = uid;
  *job = (PhPop3OpenJob){ g_object_ref (self), uid };
  if (self->ahead == NULL)
    self->ahead = g_ptr_array_new_with_free_func (opening_free);
  g_ptr_array_add (self->ahead, opening);
  ph_mailbox_open_message_async (self->mailbox, uid, self->cancellable, opened_cb, job);

  return opening;
}

void
ph_pop3_ahead_clear (PhPop3Session *self)
{
  self->wanted = 0;
  g_clear_pointer (&self->ahead, g_ptr_array_unref);
}

/* Those that follow, where the client goes through them in order. */
static void
look_ahead (PhPop3Session *self,
            guint          index)
{
  for (guint i = index + 1; i < self->messages->len && i <= index + PH_POP3_AHEAD_MAX; i++)
    {
      const PhPop3Message *message = &g_array_index (self->messages, PhPop3Message, i);

      if (!message->deleted && find (self, message->uid) == NULL)
        begin (self, message->uid);
    }
}

void
ph_pop3_ahead_open (PhPop3Session *self,
                    guint          index,
                    gboolean       is_whole)
{
  guint32        uid = g_array_index (self->messages, PhPop3Message, index).uid;
  gboolean       in_order = is_whole && index == self->next_index;
  PhPop3Opening *opening;

  /* Who jumps about has no use for what is open; and what another session has removed is gone (P03). */
  if (!in_order || !ph_mailbox_find_uid (self->mailbox, uid, NULL))
    ph_pop3_ahead_clear (self);
  self->next_index = index + 1;

  opening = find (self, uid);
  if (opening == NULL)
    opening = begin (self, uid);
  if (in_order)
    look_ahead (self, index);
  if (opening->result != NULL)
    serve (self, opening);
  else
    self->wanted = uid;
}
