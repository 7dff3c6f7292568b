/* The part of PhMailList that changes messages. */

#include "ph-mail-list-private.h"

void
ph_mail_move_free (PhMailMove *self)
{
  g_free (self->from);
  g_free (self->to);
  g_array_unref (self->uids);
  g_free (self);
}

static PhMailMove *
copy_move (const PhMailMove *move)
{
  PhMailMove *copy = g_memdup2 (move, sizeof *move);

  copy->from = g_strdup (move->from);
  copy->to = g_strdup (move->to);
  copy->uids = g_array_ref (move->uids);

  return copy;
}

static void
flags_stored_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ph_mailbox_store_flags_finish (PH_MAILBOX (source), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ph_mail_list_set_flags_async (PhMailList         *self,
                              const guint32      *uids,
                              gsize               n_uids,
                              PhMailFlags         flags,
                              gboolean            set,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  g_return_if_fail (PH_IS_MAIL_LIST (self));

  ph_mailbox_store_flags_async (ph_mail_list_get_mailbox (self), uids, n_uids, set ? PH_FLAGS_ADD : PH_FLAGS_REMOVE, (PhFlags)flags, NULL, G_MAXUINT64,
                                NULL, flags_stored_cb, g_task_new (self, NULL, callback, user_data));
}

gboolean
ph_mail_list_set_flags_finish (PhMailList   *self,
                               GAsyncResult *result,
                               GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
moved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhMailMove *move = g_task_get_task_data (task);
  GError     *error = NULL;
  g_autoptr (GArray) pairs = ph_mailbox_copy_finish (PH_MAILBOX (source), result, &move->uidvalidity, &error);

  if (pairs == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  for (guint i = 0; i < pairs->len; i++)
    g_array_append_val (move->uids, g_array_index (pairs, PhCopiedUid, i).target);
  g_task_return_pointer (task, copy_move (move), (GDestroyNotify)ph_mail_move_free);
}

void
ph_mail_list_move_async (PhMailList         *self,
                         const guint32      *uids,
                         gsize               n_uids,
                         const char         *target,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  PhMailMove *move;
  GTask      *task;

  g_return_if_fail (PH_IS_MAIL_LIST (self));

  move = g_new0 (PhMailMove, 1);
  move->from = g_strdup (ph_mail_list_get_folder (self));
  move->to = g_strdup (target);
  move->uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_task_data (task, move, (GDestroyNotify)ph_mail_move_free);
  ph_mailbox_copy_async (ph_mail_list_get_mailbox (self), uids, n_uids, target, TRUE, NULL, moved_cb, task);
}

PhMailMove *
ph_mail_list_move_finish (PhMailList   *self,
                          GAsyncResult *result,
                          GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
expunged_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ph_mailbox_expunge_finish (PH_MAILBOX (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ph_mail_list_delete_async (PhMailList         *self,
                           const guint32      *uids,
                           gsize               n_uids,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_return_if_fail (PH_IS_MAIL_LIST (self));

  ph_mailbox_expunge_async (ph_mail_list_get_mailbox (self), uids, n_uids, FALSE, NULL, expunged_cb, g_task_new (self, NULL, callback, user_data));
}

gboolean
ph_mail_list_delete_finish (PhMailList   *self,
                            GAsyncResult *result,
                            GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
