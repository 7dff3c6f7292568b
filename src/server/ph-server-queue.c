/* What people do with mail for others, as the server offers it. */

#include "ph-server-private.h"

static gboolean (*const queue_actions[]) (PhRelay    *relay,
                                          const char *id) = {
  [PH_QUEUE_ACTION_TRY_NOW] = ph_relay_try_now,
  [PH_QUEUE_ACTION_HOLD] = ph_relay_hold,
  [PH_QUEUE_ACTION_RELEASE] = ph_relay_release,
  [PH_QUEUE_ACTION_DELETE] = ph_relay_remove,
  [PH_QUEUE_ACTION_BOUNCE] = ph_relay_bounce,
  [PH_QUEUE_ACTION_REQUEUE] = ph_relay_requeue,
};

gboolean
ph_server_queue_action (PhServer     *self,
                        const char   *id,
                        PhQueueAction action)
{
  g_return_val_if_fail (PH_IS_SERVER (self), FALSE);
  g_return_val_if_fail (action < G_N_ELEMENTS (queue_actions), FALSE);

  return queue_actions[action](self->relay, id);
}

void
ph_server_reroute_async (PhServer           *self,
                         const char         *id,
                         const char         *server,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  g_return_if_fail (PH_IS_SERVER (self));

  ph_relay_reroute_async (self->relay, id, server, callback, user_data);
}

void
ph_server_requeue_to_async (PhServer           *self,
                            const char         *id,
                            const char         *recipient,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  g_return_if_fail (PH_IS_SERVER (self));

  ph_relay_requeue_to_async (self->relay, id, recipient, callback, user_data);
}

gboolean
ph_server_edit_queued_finish (GAsyncResult *result,
                              GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ph_server_show_queued_async (PhServer           *self,
                             const char         *id,
                             GAsyncReadyCallback callback,
                             gpointer            user_data)
{
  g_return_if_fail (PH_IS_SERVER (self));

  ph_relay_show_async (self->relay, id, callback, user_data);
}

char *
ph_server_show_queued_finish (GAsyncResult *result,
                              GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
