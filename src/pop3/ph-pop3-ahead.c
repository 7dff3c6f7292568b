/* Messages that are opened before they are asked for: a client that fetches one fetches the next.  Opening is a job for a
 * worker, who opens many in one turn and reads those that are short; the next turn begins while the last is still sent. */

#include "ph-pop3-session-private.h"

/* A message that is open. */
typedef struct
{
  guint      index;
  PhMessage *message; /* NULL: can't be opened */
} PhPop3Opened;

/* What a job that runs knows; its session may have lost interest meanwhile. */
typedef struct
{
  PhPop3Session *session; /* owned */
  guint          turn;
  GArray        *indices; /* of guint */
} PhPop3OpenJob;

static void
opened_clear (gpointer data)
{
  g_clear_object (&((PhPop3Opened *)data)->message);
}

static guint32
get_uid (PhPop3Session *self,
         guint          index)
{
  return g_array_index (self->messages, PhPop3Message, index).uid;
}

void
ph_pop3_ahead_clear (PhPop3Session *self)
{
  PhPop3Ahead *ahead = &self->ahead;

  g_clear_pointer (&ahead->ready, g_array_unref);
  *ahead = (PhPop3Ahead){ .turn = ahead->turn + 1 };
}

static void opened_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      user_data);

/* From `index` on, `n` that are not deleted. */
static void
begin (PhPop3Session *self,
       guint          index,
       guint          n)
{
  PhPop3Ahead   *ahead = &self->ahead;
  PhPop3OpenJob *job = g_new (PhPop3OpenJob, 1);
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));

  *job = (PhPop3OpenJob){ g_object_ref (self), ahead->turn, g_array_new (FALSE, FALSE, sizeof (guint)) };
  for (; index < self->messages->len && uids->len < n; index++)
    {
      guint32 uid = get_uid (self, index);

      if (g_array_index (self->messages, PhPop3Message, index).deleted)
        continue;
      g_array_append_val (uids, uid);
      g_array_append_val (job->indices, index);
    }
  ahead->end = index;
  ahead->is_opening = TRUE;
  ph_mailbox_open_messages_async (self->mailbox, (const guint32 *)(gpointer)uids->data, uids->len, PH_MESSAGE_HOLD_SHORT, self->cancellable, opened_cb, job);
}

/* TRUE where the one that is waited for is there; what is before it was not asked for. */
static gboolean
take_wanted (PhPop3Session *self,
             PhMessage    **message)
{
  PhPop3Ahead *ahead = &self->ahead;

  while (ahead->ready != NULL && ahead->ready->len > 0)
    {
      PhPop3Opened *first = &g_array_index (ahead->ready, PhPop3Opened, 0);
      gboolean      found = first->index == ahead->wanted;

      if (found)
        *message = g_steal_pointer (&first->message);
      g_array_remove_index (ahead->ready, 0);
      if (found)
        return TRUE;
    }

  return FALSE;
}

static void
serve (PhPop3Session *self)
{
  PhPop3Ahead *ahead = &self->ahead;
  g_autoptr (PhMessage) message = NULL;

  if (!take_wanted (self, &message))
    {
      if (!ahead->is_opening)
        begin (self, ahead->wanted, MAX (ahead->n_next, 1));
      return;
    }

  ahead->is_wanted = FALSE;
  /* As many again as were used up, and twice as many each time until it is enough. */
  if (ahead->n_next > 0 && !ahead->is_opening && ahead->ready->len <= ahead->n_next / 2 && ahead->end < self->messages->len)
    {
      ahead->n_next = MIN (2 * ahead->n_next, PH_POP3_AHEAD_MAX);
      begin (self, ahead->end, ahead->n_next);
    }
  ph_pop3_mail_opened (self, message);
}

/* Few may be open where they are large: the others come with the next turn. */
static void
add_opened (PhPop3Session       *self,
            const PhPop3OpenJob *job,
            GPtrArray           *messages)
{
  PhPop3Ahead *ahead = &self->ahead;
  guint        n = messages != NULL && messages->len > 0 ? MIN (messages->len, job->indices->len) : job->indices->len;

  if (ahead->ready == NULL)
    {
      ahead->ready = g_array_new (FALSE, FALSE, sizeof (PhPop3Opened));
      g_array_set_clear_func (ahead->ready, opened_clear);
    }
  for (guint i = 0; i < n; i++)
    {
      PhMessage   *message = messages != NULL && i < messages->len ? g_ptr_array_index (messages, i) : NULL;
      PhPop3Opened opened = { g_array_index (job->indices, guint, i), message != NULL ? g_object_ref (message) : NULL };

      g_array_append_val (ahead->ready, opened);
    }
  if (n < job->indices->len)
    ahead->end = g_array_index (job->indices, guint, n);
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhPop3OpenJob *job = user_data;
  g_autoptr (PhPop3Session) self = job->session;
  g_autoptr (GPtrArray) messages = ph_mailbox_open_messages_finish (PH_MAILBOX (source), result, NULL);

  if (job->turn == self->ahead.turn && self->messages != NULL)
    {
      self->ahead.is_opening = FALSE;
      add_opened (self, job, messages);
      if (self->ahead.is_wanted)
        serve (self);
    }

  g_array_unref (job->indices);
  g_free (job);
}

void
ph_pop3_ahead_open (PhPop3Session *self,
                    guint          index,
                    gboolean       is_whole)
{
  PhPop3Ahead *ahead = &self->ahead;
  gboolean     in_order = is_whole && index == self->next_index;

  /* Who jumps about has no use for what is open; and what another session has removed is gone (P03). */
  if (!in_order || !ph_mailbox_find_uid (self->mailbox, get_uid (self, index), NULL))
    ph_pop3_ahead_clear (self);
  self->next_index = index + 1;

  if (in_order && ahead->n_next == 0)
    ahead->n_next = PH_POP3_AHEAD_MIN;
  ahead->wanted = index;
  ahead->is_wanted = TRUE;
  serve (self);
}
