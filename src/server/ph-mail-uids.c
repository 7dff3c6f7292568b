#include "ph-mail-uids.h"

#include "ph-uid-ranges.h"
#include "ph-uid-rows.h"

/* More separate stretches than these are told as one that changed. */
#define STRETCHES_MAX 64

struct _PhMailUids
{
  PhMailbox  *mailbox; /* borrowed */
  GListModel *model;   /* borrowed */
  PhUidRows  *uids;    /* of guint32 */
  guint64     n_changes_told;
};

PhMailUids *
ph_mail_uids_new (PhMailbox  *mailbox,
                  GListModel *model)
{
  PhMailUids *self = g_new (PhMailUids, 1);

  *self = (PhMailUids){ mailbox, model, ph_uid_rows_new (sizeof (guint32)), ph_mailbox_get_n_changes (mailbox) };

  return self;
}

void
ph_mail_uids_free (PhMailUids *self)
{
  ph_uid_rows_free (self->uids);
  g_free (self);
}

guint
ph_mail_uids_get_length (PhMailUids *self)
{
  return ph_uid_rows_get_length (self->uids);
}

guint32
ph_mail_uids_get (PhMailUids *self,
                  guint       index)
{
  return *(const guint32 *)ph_uid_rows_get (self->uids, index);
}

gboolean
ph_mail_uids_find (PhMailUids *self,
                   guint32     uid,
                   guint      *index)
{
  return ph_uid_rows_find (self->uids, uid, index);
}

/* A stretch. */
static void
remove_own (PhMailUids    *self,
            const guint32 *uids,
            guint          n)
{
  guint last;

  ph_uid_rows_find (self->uids, uids[n - 1], &last);
  last = ph_uid_rows_get_length (self->uids) - 1 - last;
  ph_uid_rows_remove (self->uids, uids, n);
  g_list_model_items_changed (self->model, last, n, 0);
}

void
ph_mail_uids_clear (PhMailUids *self)
{
  guint n = ph_uid_rows_get_length (self->uids);

  g_clear_pointer (&self->uids, ph_uid_rows_free);
  self->uids = ph_uid_rows_new (sizeof (guint32));
  if (n > 0)
    g_list_model_items_changed (self->model, 0, n, 0);
}

void
ph_mail_uids_append (PhMailUids    *self,
                     const guint32 *uids,
                     guint          n)
{
  if (n == 0)
    return;

  ph_uid_rows_append (self->uids, uids, n);
  g_list_model_items_changed (self->model, 0, 0, n);
}

/* Many stretches at once: everything from the first to the last is said to be new. */
static void
replace_stretches (PhMailUids    *self,
                   const guint32 *uids,
                   guint          n)
{
  guint first, last, position, n_told;

  ph_uid_rows_find (self->uids, uids[0], &first);
  ph_uid_rows_find (self->uids, uids[n - 1], &last);
  position = ph_uid_rows_get_length (self->uids) - 1 - last;
  n_told = last - first + 1;
  ph_uid_rows_remove (self->uids, uids, n);
  g_list_model_items_changed (self->model, position, n_told, n_told - n);
}

/* Where in `gone` each stretch without a message between begins. */
static GArray *
find_stretches (PhMailUids   *self,
                const GArray *gone)
{
  GArray *begins = g_array_new (FALSE, FALSE, sizeof (guint));
  guint   next = G_MAXUINT;

  for (guint i = 0; i < gone->len; i++)
    {
      guint position;

      ph_uid_rows_find (self->uids, g_array_index (gone, guint32, i), &position);
      if (position != next)
        g_array_append_val (begins, i);
      next = position + 1;
    }

  return begins;
}

void
ph_mail_uids_remove_gone (PhMailUids *self)
{
  g_autoptr (GArray) changes = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) begins = NULL;
  gboolean       all = !ph_mailbox_list_changes (self->mailbox, self->n_changes_told, changes);
  const guint32 *uids;
  guint          end;

  ph_uid_sort (changes);
  ph_uid_append_gone (self->mailbox, self->uids, all ? NULL : changes, gone);
  self->n_changes_told = ph_mailbox_get_n_changes (self->mailbox);

  uids = (const guint32 *)(gpointer)gone->data;
  begins = find_stretches (self, gone);
  if (begins->len > STRETCHES_MAX)
    {
      replace_stretches (self, uids, gone->len);
      return;
    }

  end = gone->len;
  for (guint i = begins->len; i > 0; i--)
    {
      guint begin = g_array_index (begins, guint, i - 1);

      remove_own (self, uids + begin, end - begin);
      end = begin;
    }
}
