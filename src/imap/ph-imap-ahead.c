#include "ph-imap-ahead.h"

#define BATCH 200

struct _PhImapAhead
{
  PhMailbox        *mailbox;
  GArray           *uids;
  PhImapAheadStart  start;
  PhImapAheadFinish finish;
  gpointer          hint;
  GCancellable     *cancellable;
  void (*ready) (gpointer user_data); /* NULL: nobody is there any more */
  gpointer user_data;

  GPtrArray *now;       /* NULL: none yet */
  guint      now_first; /* the index of its first */
  GPtrArray *next;      /* NULL: none yet */
  GError    *error;     /* of the next */
  gboolean   loading;
  gboolean   awaited;
};

static void
clear (gpointer data)
{
  PhImapAhead *self = data;

  g_clear_pointer (&self->now, g_ptr_array_unref);
  g_clear_pointer (&self->next, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_clear_object (&self->mailbox);
  g_clear_object (&self->cancellable);
}

void
ph_imap_ahead_free (PhImapAhead *self)
{
  self->ready = NULL;
  self->uids = NULL;
  g_rc_box_release_full (self, clear);
}

PhImapAhead *
ph_imap_ahead_new (PhMailbox        *mailbox,
                   GArray           *uids,
                   PhImapAheadStart  start,
                   PhImapAheadFinish finish,
                   gpointer          hint,
                   GCancellable     *cancellable,
                   void (*ready) (gpointer user_data),
                   gpointer user_data)
{
  PhImapAhead *self = g_rc_box_new0 (PhImapAhead);

  self->mailbox = g_object_ref (mailbox);
  self->uids = uids;
  self->start = start;
  self->finish = finish;
  self->hint = hint;
  self->cancellable = g_object_ref (cancellable);
  self->ready = ready;
  self->user_data = user_data;

  return self;
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhImapAhead *self = user_data;

  self->loading = FALSE;
  self->next = self->finish (PH_MAILBOX (source), result, &self->error);
  if (self->ready != NULL && self->awaited)
    {
      self->awaited = FALSE;
      self->ready (self->user_data);
    }
  g_rc_box_release_full (self, clear);
}

static guint
get_end (const PhImapAhead *self)
{
  return self->now_first + (self->now != NULL ? self->now->len : 0);
}

/* The batch after the one that is there. */
static void
load_next (PhImapAhead *self)
{
  guint first = get_end (self);

  if (self->loading || self->next != NULL || self->error != NULL || first >= self->uids->len)
    return;

  self->loading = TRUE;
  self->start (self->mailbox, &g_array_index (self->uids, guint32, first), MIN (BATCH, self->uids->len - first),
               self->hint, self->cancellable, on_loaded, g_rc_box_acquire (self));
}

gboolean
ph_imap_ahead_find (PhImapAhead *self,
                    guint        index,
                    gpointer    *item,
                    GError     **error)
{
  if (index >= get_end (self) && self->next != NULL)
    {
      self->now_first = get_end (self);
      g_clear_pointer (&self->now, g_ptr_array_unref);
      self->now = g_steal_pointer (&self->next);
    }
  load_next (self);
  if (index < get_end (self))
    {
      *item = g_ptr_array_index (self->now, index - self->now_first);
      return TRUE;
    }

  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  else
    self->awaited = TRUE;

  return FALSE;
}
