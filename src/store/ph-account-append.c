/* APPEND of one or many messages, and REPLACE. */

#include "ph-delivery.h"
#include "ph-mailbox-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/mman.h>

#include "ph-mime-recode.h"
#include "ph-spool-private.h"

PhAppendItem *
ph_append_item_new (PhSpool           *spool,
                    PhFlags            flags,
                    const char *const *keywords,
                    gint64             internal_date,
                    gint16             zone)
{
  PhAppendItem *self = g_new0 (PhAppendItem, 1);

  self->spool = g_object_ref (spool);
  self->flags = flags;
  self->keywords = g_strdupv ((char **)keywords);
  self->internal_date = internal_date;
  self->zone = zone;

  return self;
}

void
ph_append_item_free (PhAppendItem *self)
{
  g_clear_object (&self->spool);
  g_strfreev (self->keywords);
  g_free (self);
}

/* What waits while the spools are synced. */
typedef struct
{
  GPtrArray *items;      /* of PhAppendItem */
  GPtrArray *deliveries; /* of PhDelivery, one for each, NULL until it is there */
  guint      n_left;
  GError    *error; /* the first */
  gint64     folder;
  gint64     replaced_in; /* folder, or 0 */
  guint32    replaced;
} AppendCall;

static void
delivery_unref (gpointer data)
{
  if (data != NULL)
    ph_delivery_unref (data);
}

static void
append_call_free (gpointer data)
{
  AppendCall *call = data;

  g_ptr_array_unref (call->items);
  g_ptr_array_unref (call->deliveries);
  g_clear_error (&call->error);
  g_free (call);
}

static void
append_all (PhAccountStore *self,
            AppendCall     *call,
            GTask          *task)
{
  PhAppendJob *job;

  if (call->error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&call->error));
      return;
    }

  job = ph_append_job_new (self, call->folder, g_object_ref (task));
  for (guint i = 0; i < call->items->len; i++)
    {
      const PhAppendItem *item = g_ptr_array_index (call->items, i);

      ph_append_job_add (job, g_ptr_array_index (call->deliveries, i), item->flags, (const char *const *)item->keywords, &item->kept);
    }
  if (call->replaced_in != 0)
    ph_append_job_replace (job, call->replaced_in, call->replaced);
  ph_append_job_push (job);
}

/* One of the messages of a call. */
typedef struct
{
  GTask *task;
  guint  index;
} Waiting;

/* One more is ready, or never will be.  Takes `error`, or NULL; after the last one they are added. */
static void
count_down (GTask  *task,
            GError *error)
{
  AppendCall *call = g_task_get_task_data (task);

  if (call->error == NULL)
    call->error = error;
  else
    g_clear_error (&error);
  if (--call->n_left == 0)
    append_all (g_task_get_source_object (task), call, task);
}

static void
prepared_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autofree Waiting *waiting = user_data;
  g_autoptr (GTask) task = waiting->task;
  AppendCall *call = g_task_get_task_data (task);
  GError     *error = NULL;

  g_ptr_array_index (call->deliveries, waiting->index) = ph_delivery_prepare_finish (result, &error);
  count_down (task, error);
}

static void
prepare (GTask *task,
         guint  index)
{
  PhAccountStore *self = g_task_get_source_object (task);
  AppendCall     *call = g_task_get_task_data (task);
  PhAppendItem   *item = g_ptr_array_index (call->items, index);
  Waiting        *waiting = g_new0 (Waiting, 1);

  waiting->task = g_object_ref (task);
  waiting->index = index;
  ph_delivery_prepare_async (ph_account_store_get_shared (self), item->spool, item->internal_date, item->zone,
                             g_task_get_cancellable (task), prepared_cb, waiting);
}

static void
recoded_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autofree Waiting *waiting = user_data;
  g_autoptr (GTask) task = waiting->task;
  AppendCall   *call = g_task_get_task_data (task);
  PhAppendItem *item = g_ptr_array_index (call->items, waiting->index);
  GError       *error = NULL;
  PhSpool      *recoded = g_task_propagate_pointer (G_TASK (result), &error);

  if (recoded == NULL)
    {
      count_down (task, error);
      return;
    }

  g_set_object (&item->spool, recoded);
  g_object_unref (recoded);
  prepare (task, waiting->index);
}

/* RFC 3516 4.4: what can't be kept as it is becomes base64.  On a worker. */
static void
recode (GTask        *task,
        gpointer      source,
        gpointer      data,
        GCancellable *cancellable)
{
  PhSpool *from = g_task_get_task_data (task);
  PhSpool *to = g_object_get_data (G_OBJECT (task), "to");
  gsize    length = (gsize)ph_spool_get_size (from);
  void    *bytes = mmap (NULL, MAX (length, 1), PROT_READ, MAP_PRIVATE, ph_spool_get_fd (from), 0);
  g_auto (PhBuffer) out = { 0 };
  GError            *error = NULL;
  PhMimeRecodeResult result;

  if (bytes == MAP_FAILED)
    {
      ph_store_error_set_errno (&error, errno, N_ ("A message can’t be read"));
      g_task_return_error (task, error);
      return;
    }

  result = ph_mime_recode (bytes, length, PH_MIME_RECODE_FOR_8BIT, &out);
  munmap (bytes, MAX (length, 1));

  if (result == PH_MIME_RECODE_UNNEEDED)
    g_task_return_pointer (task, g_object_ref (from), g_object_unref);
  else if (result == PH_MIME_RECODE_IMPOSSIBLE)
    g_task_return_new_error (task, PH_STORE_ERROR, PH_STORE_ERROR_NOT_ALLOWED, N_ ("Binary where no encoding is allowed"));
  else if (ph_spool_write (to, ph_buffer_get_data (&out), ph_buffer_get_length (&out), &error))
    g_task_return_pointer (task, g_object_ref (to), g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
start (GTask *task,
       guint  index)
{
  PhStoreShared *shared = ph_account_store_get_shared (g_task_get_source_object (task));
  AppendCall    *call = g_task_get_task_data (task);
  PhAppendItem  *item = g_ptr_array_index (call->items, index);
  g_autoptr (GTask) recoding = NULL;
  Waiting *waiting;
  PhSpool *to;

  if (!item->binary)
    {
      prepare (task, index);
      return;
    }

  waiting = g_new0 (Waiting, 1);
  waiting->task = g_object_ref (task);
  waiting->index = index;
  recoding = g_task_new (NULL, g_task_get_cancellable (task), recoded_cb, waiting);
  to = ph_spool_new (shared, NULL);
  if (to == NULL)
    {
      g_task_return_new_error (recoding, PH_STORE_ERROR, PH_STORE_ERROR_READ_ONLY, N_ ("No spool can be made"));
      return;
    }
  g_task_set_task_data (recoding, g_object_ref (item->spool), g_object_unref);
  g_object_set_data_full (G_OBJECT (recoding), "to", to, g_object_unref);
  ph_worker_pool_run (ph_store_shared_get_durable (shared), recoding, recode);
}

void
ph_account_store_append_async (PhAccountStore     *self,
                               const char         *folder_name,
                               GPtrArray          *items,
                               PhMailbox          *replaced_in,
                               guint32             replaced,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  const PhFolder *folder;
  AppendCall     *call;

  g_return_if_fail (PH_IS_ACCOUNT_STORE (self) && items->len > 0);

  folder = ph_account_store_find_folder (self, folder_name);
  if (folder == NULL || !folder->exists)
    {
      g_task_return_new_error (task, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, N_ ("There is no such folder"));
      return;
    }

  call = g_new0 (AppendCall, 1);
  call->items = g_ptr_array_ref (items);
  call->deliveries = g_ptr_array_new_with_free_func (delivery_unref);
  g_ptr_array_set_size (call->deliveries, (gint)items->len);
  call->n_left = items->len;
  call->folder = folder->id;
  if (replaced_in != NULL)
    {
      call->replaced_in = ph_mailbox_get_folder (replaced_in);
      call->replaced = replaced;
    }
  g_task_set_task_data (task, call, append_call_free);
  for (guint i = 0; i < items->len; i++)
    start (task, i);
}

GArray *
ph_account_store_append_finish (PhAccountStore *self,
                                GAsyncResult   *result,
                                guint32        *uidvalidity,
                                GError        **error)
{
  if (uidvalidity != NULL)
    *uidvalidity = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (result), "uidvalidity"));

  return g_task_propagate_pointer (G_TASK (result), error);
}
