/* Delivery to the INBOX of several accounts, all or none. */

#include "ph-date.h"
#include "ph-delivery.h"
#include "ph-mailbox-private.h"
#include "ph-pending.h"
#include "ph-store-private.h"

typedef struct
{
  PhAccountStore *account;
  guint32         uid; /* 0 until it is there */
} Target;

typedef struct
{
  GTask      *task; /* owned */
  PhSpool    *spool;
  PhDelivery *delivery;
  GArray     *targets; /* of Target */
  guint       waiting; /* calls under way */
  guint64     record;  /* 0: none */
  gboolean    own_record;
  GError     *error; /* the first */
} Delivery;

static void
target_clear (gpointer data)
{
  g_clear_object (&((Target *)data)->account);
}

static void
delivery_free (Delivery *self)
{
  g_clear_object (&self->task);
  g_clear_object (&self->spool);
  g_clear_pointer (&self->delivery, ph_delivery_unref);
  g_array_unref (self->targets);
  g_clear_error (&self->error);
  g_free (self);
}

/* Takes back a message that others were to get too, and one of them can't. */
typedef struct
{
  PhJob   job;
  guint32 uid;
} RetractJob;

static gboolean
retract_run (PhJob    *job,
             PhWriter *writer,
             GError  **error)
{
  g_auto(PhFolderRow) folder = { 0 };
  g_auto(PhMessageRow) row = { 0 };

  if (!ph_folder_row_load (writer->index, "INBOX", &folder, error) || !ph_message_row_load (writer->index, folder.id, ((RetractJob *)job)->uid, &row, error))
    return FALSE;
  folder.modseq++;

  return ph_message_row_delete (writer->index, &folder, &row, ph_job_get_change (job, folder.id), error) && ph_pending_add_unlink (writer->index, folder.id, &row, error) && ph_folder_row_save (writer->index, &folder, error);
}

static void
retract_done (PhJob *job)
{
  ph_pending_push_sweep (ph_account_store_get_queue (PH_ACCOUNT_STORE (job->owner)), job->owner);
}

static void
retract (const Target *target)
{
  RetractJob *job = ph_job_new (sizeof *job, G_OBJECT (target->account), NULL);

  job->job.run = retract_run;
  job->job.done = retract_done;
  job->uid = target->uid;
  ph_index_queue_push (ph_account_store_get_queue (target->account), &job->job);
}

static void
cancelled_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Delivery *self = user_data;

  ph_store_release_finish (PH_STORE (source), result);
  g_task_return_error (self->task, g_steal_pointer (&self->error));
  delivery_free (self);
}

/* Whoever is told that it failed will send it again: so the record goes first. */
static void
fail (Delivery *self)
{
  for (guint i = 0; i < self->targets->len; i++)
    if (g_array_index (self->targets, Target, i).uid != 0)
      retract (&g_array_index (self->targets, Target, i));

  if (self->record != 0)
    {
      ph_store_release_async (g_task_get_source_object (self->task), self->record, cancelled_cb, self);
      return;
    }
  g_task_return_error (self->task, g_steal_pointer (&self->error));
  delivery_free (self);
}

static void
finish (Delivery *self)
{
  if (self->error != NULL)
    {
      fail (self);
      return;
    }

  if (self->own_record)
    ph_store_release (g_task_get_source_object (self->task), self->record);
  g_task_return_boolean (self->task, TRUE);
  delivery_free (self);
}

static void
note_error (Delivery *self,
            GError   *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
}

static void
appended_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Delivery *self = user_data;
  guint     n = GPOINTER_TO_UINT (g_task_get_task_data (G_TASK (result)));
  GError   *error = NULL;
  g_autoptr(GArray) uids = g_task_propagate_pointer (G_TASK (result), &error);

  if (error != NULL)
    note_error (self, error);
  else
    g_array_index (self->targets, Target, n).uid = g_array_index (uids, guint32, 0);

  if (--self->waiting == 0)
    finish (self);
}

/* Looked at for all before any gets the message; looked at again where it is added. */
static gboolean
check_quotas (Delivery *self)
{
  for (guint i = 0; i < self->targets->len; i++)
    {
      PhAccountStore *account = g_array_index (self->targets, Target, i).account;
      guint64         quota = ph_account_store_get_quota (account);

      if (quota != 0 && ph_account_store_get_used (account) + ph_delivery_get_file_size (self->delivery) > quota)
        {
          note_error (self, g_error_new (PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA, "The mailbox %s is full", ph_account_store_get_address (account)));
          return FALSE;
        }
    }

  return TRUE;
}

static void
append_all (Delivery *self)
{
  self->waiting = self->targets->len;
  for (guint i = 0; i < self->targets->len; i++)
    {
      GTask       *task = g_task_new (NULL, NULL, appended_cb, self);
      PhAppendJob *job;

      g_task_set_task_data (task, GUINT_TO_POINTER (i), NULL);
      job = ph_append_job_new (g_array_index (self->targets, Target, i).account, 0, task);
      ph_append_job_add (job, self->delivery, 0, NULL);
      ph_append_job_note (job, self->record);
      ph_append_job_push (job);
    }
}

static void
accepted_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Delivery *self = user_data;
  GError   *error = NULL;

  self->record = ph_store_accept_finish (PH_STORE (source), result, &error);
  if (error == NULL)
    {
      append_all (self);
      return;
    }
  note_error (self, error);
  finish (self);
}

/* When the message is on disk and all accounts are open.  Several get it as a whole. */
static void
go_on (Delivery *self)
{
  g_autoptr(GPtrArray) addresses = NULL;

  if (self->error != NULL || !check_quotas (self))
    {
      finish (self);
      return;
    }
  if (self->record != 0 || self->targets->len < 2)
    {
      append_all (self);
      return;
    }

  self->own_record = TRUE;
  addresses = g_ptr_array_new ();
  for (guint i = 0; i < self->targets->len; i++)
    g_ptr_array_add (addresses, (gpointer)ph_account_store_get_address (g_array_index (self->targets, Target, i).account));
  g_ptr_array_add (addresses, NULL);
  ph_store_accept_async (g_task_get_source_object (self->task), self->spool, (const char *const *)addresses->pdata, NULL, accepted_cb, self);
}

static void
prepared_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Delivery *self = user_data;
  GError   *error = NULL;

  self->delivery = ph_delivery_prepare_finish (result, &error);
  if (error != NULL)
    note_error (self, error);
  if (--self->waiting == 0)
    go_on (self);
}

static void
account_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Delivery *self = user_data;
  GError   *error = NULL;
  Target    target = { .account = ph_store_open_account_finish (PH_STORE (source), result, &error) };

  if (error != NULL)
    note_error (self, error);
  else
    g_array_append_val (self->targets, target);
  if (--self->waiting == 0)
    go_on (self);
}

void
ph_store_deliver_async (PhStore            *self,
                        PhSpool            *spool,
                        const char *const  *addresses,
                        guint64             record,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  Delivery *delivery;
  gint64    now;
  PhDate    date;

  g_return_if_fail (PH_IS_STORE (self) && PH_IS_SPOOL (spool));

  delivery = g_new0 (Delivery, 1);
  delivery->task = g_task_new (self, NULL, callback, user_data);
  delivery->spool = g_object_ref (spool);
  delivery->record = record;
  delivery->targets = g_array_new (FALSE, FALSE, sizeof (Target));
  g_array_set_clear_func (delivery->targets, target_clear);
  /* One for the message; more are added before any can end. */
  delivery->waiting = 1;
  for (gsize i = 0; addresses[i] != NULL; i++)
    if (g_hash_table_add (seen, (gpointer)addresses[i]))
      {
        delivery->waiting++;
        ph_store_open_account_async (self, addresses[i], NULL, account_cb, delivery);
      }

  now = ph_clock_get_real_time (ph_store_shared_get_clock (ph_store_get_shared (self))) / G_USEC_PER_SEC;
  date = ph_date_from_local (now);
  ph_delivery_prepare_async (ph_store_get_shared (self), spool, now, (gint16)date.offset, NULL, prepared_cb, delivery);
}

gboolean
ph_store_deliver_finish (PhStore      *self,
                         GAsyncResult *result,
                         GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
