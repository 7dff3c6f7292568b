/* Delivery to the INBOX of several accounts, all or none.  What is for more than one
 * destination is a record before anybody has a part (PhAccepted): from then on it is accepted,
 * whole, and only ever completed.  Each of several gets a file of its own from it, with its own Delivered-To. */

#include "ph-account-store-private.h"
#include "ph-date.h"
#include "ph-delivery.h"
#include "ph-store-private.h"

#include <glib/gi18n-lib.h>

/* Up to so many bytes it is measured where it is added to the mailbox; more would keep others waiting. */
#define MEASURED_LATE_MAX (64 * 1024)

/* Where a delivery failed after it was accepted: it is tried again. */
#define RETRY_DELAY (5 * G_USEC_PER_SEC)

typedef struct
{
  PhAccountStore *account;
  guint64         promised; /* bytes of its quota */
  gboolean        done;
} Target;

struct _PhStoreDelivery
{
  PhStore    *store;
  GTask      *task; /* of who waits; owned, NULL once it is told */
  PhSpool    *spool;
  PhDelivery *delivery; /* to the only one; NULL for several */
  GArray     *targets;  /* of Target */
  GBytes     *elsewhere;
  guint       waiting; /* calls under way */
  guint       retry;   /* timer */
  guint64     record;  /* 0: none */
  gint64      date;    /* seconds */
  gint16      zone;
  gboolean    again;
  GError     *error; /* the first */
};

static void append_all (PhStoreDelivery *self);

static void
fulfil (Target *target)
{
  ph_account_store_promise (target->account, -(gint64)target->promised);
  target->promised = 0;
}

static void
target_clear (gpointer data)
{
  fulfil (data);
  g_clear_object (&((Target *)data)->account);
}

void
ph_store_delivery_free (PhStoreDelivery *self)
{
  ph_clock_cancel_timer (ph_store_shared_get_clock (ph_store_get_shared (self->store)), &self->retry);
  g_clear_object (&self->task);
  g_clear_object (&self->spool);
  g_clear_pointer (&self->delivery, ph_delivery_unref);
  g_clear_pointer (&self->elsewhere, g_bytes_unref);
  g_array_unref (self->targets);
  g_clear_error (&self->error);
  g_free (self);
}

static void
end_with_error (PhStoreDelivery *self)
{
  g_task_return_error (self->task, g_steal_pointer (&self->error));
  ph_store_delivery_free (self);
}

static void
note_error (PhStoreDelivery *self,
            GError          *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
}

static void
cancelled_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  ph_store_release_finish (PH_STORE (source), result);
  end_with_error (user_data);
}

static guint
count_done (PhStoreDelivery *self)
{
  guint n = 0;

  for (guint i = 0; i < self->targets->len; i++)
    n += g_array_index (self->targets, Target, i).done;

  return n;
}

static void
retry_cb (gpointer user_data)
{
  PhStoreDelivery *self = user_data;

  self->retry = 0;
  /* The next start carries it out. */
  if (!ph_store_shared_check_writable (ph_store_get_shared (self->store), NULL))
    return;

  ph_store_hold_delivery (self->store, self->record, NULL);
  self->again = TRUE;
  append_all (self);
}

/* What was accepted is delivered to all, if not now, then later, and after a crash too. */
static void
keep (PhStoreDelivery *self)
{
  PhStore *store = self->store;

  g_message ("A message that was accepted for several is not delivered to all yet: %s", self->error->message);
  g_clear_error (&self->error);
  self->retry = ph_clock_add_timer (ph_store_shared_get_clock (ph_store_get_shared (store)), RETRY_DELAY, retry_cb, self);
  ph_store_hold_delivery (store, self->record, self);
  if (self->task != NULL)
    {
      g_autoptr (GTask) task = g_steal_pointer (&self->task);

      g_task_return_boolean (task, TRUE);
    }
}

static void
finish (PhStoreDelivery *self)
{
  g_autoptr (PhStore) store = g_object_ref (self->store);

  if (self->error != NULL && self->record != 0)
    {
      /* Nobody has it yet: whoever is told so sends it again, so the record goes first. */
      if (count_done (self) == 0 && self->elsewhere == NULL && !self->again)
        ph_store_release_async (store, self->record, cancelled_cb, self);
      else
        keep (self);
      return;
    }
  if (self->error != NULL)
    {
      end_with_error (self);
      return;
    }

  if (self->record != 0)
    ph_store_release (store, self->record);
  if (self->task != NULL)
    g_task_return_boolean (self->task, TRUE);
  ph_store_delivery_free (self);
}

/* Who is no more when it is tried again needs nothing. */
static gboolean
is_gone (PhStoreDelivery *self,
         const GError    *error)
{
  return self->again && g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND);
}

static void
appended_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  PhStoreDelivery *self = user_data;
  Target          *target = &g_array_index (self->targets, Target, GPOINTER_TO_UINT (g_task_get_task_data (G_TASK (result))));
  G_GNUC_UNUSED    g_autoptr (PhStore) store = g_object_ref (self->store);
  GError          *error = NULL;
  G_GNUC_UNUSED    g_autoptr (GArray) uids = g_task_propagate_pointer (G_TASK (result), &error);

  target->done = error == NULL || is_gone (self, error);
  if (target->done)
    {
      g_clear_error (&error);
      fulfil (target);
    }
  else
    note_error (self, error);

  if (--self->waiting == 0)
    finish (self);
}

/* Looked at for all before any gets the message, which then is promised to have its room. */
static gboolean
check_quotas (PhStoreDelivery *self)
{
  for (guint i = 0; i < self->targets->len; i++)
    {
      Target     *target = &g_array_index (self->targets, Target, i);
      const char *address = ph_account_store_get_address (target->account);
      guint64     size = ph_spool_get_size (self->spool) + (self->delivery == NULL ? ph_delivery_measure_address (address) : 0);

      if (ph_account_store_get_room (target->account) < size)
        {
          /* Translators: an address */
          note_error (self, g_error_new (PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA, _ ("The mailbox %s is full"), address));
          return FALSE;
        }
      ph_account_store_promise (target->account, (gint64)size);
      target->promised = size;
    }

  return TRUE;
}

static void
append (PhStoreDelivery *self,
        guint            n)
{
  PhAccountStore *account = g_array_index (self->targets, Target, n).account;
  GTask          *task = g_task_new (self->store, NULL, appended_cb, self);
  PhAppendJob    *job;
  /* Of several, a new file each time: what was linked and taken back can't be linked again. */
  g_autoptr (PhDelivery) delivery = self->delivery != NULL ? ph_delivery_ref (self->delivery)
                                                           : ph_delivery_new_addressed (ph_store_get_shared (self->store), self->spool, ph_account_store_get_address (account), self->date, self->zone);

  g_task_set_task_data (task, GUINT_TO_POINTER (n), NULL);
  job = ph_append_job_new (account, 0, task);
  ph_append_job_add (job, delivery, 0, NULL, NULL);
  if (self->record != 0)
    ph_append_job_note (job, self->record, self->again);
  ph_append_job_set_unordered (job);
  ph_append_job_push (job);
}

static void
append_all (PhStoreDelivery *self)
{
  self->waiting = self->targets->len - count_done (self);
  for (guint i = 0; i < self->targets->len; i++)
    if (!g_array_index (self->targets, Target, i).done)
      append (self, i);
}

static void
recorded_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  PhStoreDelivery *self = user_data;

  self->record = ph_store_write_record_finish (PH_STORE (source), result, &self->error);
  if (self->error != NULL)
    {
      end_with_error (self);
    }
  else if (self->elsewhere != NULL)
    {
      g_autoptr (GTask) task = g_steal_pointer (&self->task);

      /* Until the server has done its part. */
      ph_store_hold_delivery (self->store, self->record, self);
      g_task_return_pointer (task, g_memdup2 (&self->record, sizeof self->record), g_free);
    }
  else
    {
      append_all (self);
    }
}

/* When the message is on disk and all accounts are open.  Several get it as a whole. */
static void
go_on (PhStoreDelivery *self)
{
  g_autoptr (GPtrArray) addresses = NULL;

  if (self->error != NULL || !check_quotas (self))
    {
      end_with_error (self);
      return;
    }
  if (self->delivery != NULL)
    {
      append_all (self);
      return;
    }

  addresses = g_ptr_array_new ();
  for (guint i = 0; i < self->targets->len; i++)
    g_ptr_array_add (addresses, (gpointer)ph_account_store_get_address (g_array_index (self->targets, Target, i).account));
  g_ptr_array_add (addresses, NULL);
  ph_store_write_record_async (self->store, self->spool, (const char *const *)addresses->pdata, self->elsewhere, self->date, self->zone, recorded_cb, self);
}

static void
prepared_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  PhStoreDelivery *self = user_data;
  GError          *error = NULL;

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
  PhStoreDelivery *self = user_data;
  GError          *error = NULL;
  Target           target = { .account = ph_store_open_account_finish (PH_STORE (source), result, &error) };

  if (error != NULL)
    note_error (self, error);
  else
    g_array_append_val (self->targets, target);
  if (--self->waiting == 0)
    go_on (self);
}

static void
begin (PhStore           *store,
       PhSpool           *spool,
       const char *const *addresses,
       GBytes            *elsewhere,
       GTask             *task) /* transfer full */
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  PhStoreDelivery *self = g_new0 (PhStoreDelivery, 1);
  PhDate           date;

  self->store = store;
  self->task = task;
  self->spool = g_object_ref (spool);
  self->elsewhere = elsewhere != NULL ? g_bytes_ref (elsewhere) : NULL;
  self->targets = g_array_new (FALSE, FALSE, sizeof (Target));
  g_array_set_clear_func (self->targets, target_clear);
  /* One for the message; more are added before any can end. */
  self->waiting = 1;
  for (gsize i = 0; addresses[i] != NULL; i++)
    if (g_hash_table_add (seen, (gpointer)addresses[i]))
      {
        self->waiting++;
        ph_store_open_account_async (store, addresses[i], NULL, account_cb, self);
      }

  self->date = ph_clock_get_real_time (ph_store_shared_get_clock (ph_store_get_shared (store))) / G_USEC_PER_SEC;
  date = ph_date_from_local (self->date);
  self->zone = (gint16)date.offset;
  if (g_hash_table_size (seen) == 1 && elsewhere == NULL && ph_spool_get_size (spool) > MEASURED_LATE_MAX)
    {
      ph_delivery_prepare_async (ph_store_get_shared (store), spool, self->date, self->zone, NULL, prepared_cb, self);
      return;
    }

  if (g_hash_table_size (seen) == 1 && elsewhere == NULL)
    self->delivery = ph_delivery_new (spool, self->date, self->zone);
  if (--self->waiting == 0)
    go_on (self);
}

void
ph_store_deliver_async (PhStore            *self,
                        PhSpool            *spool,
                        const char *const  *addresses,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  g_return_if_fail (PH_IS_STORE (self) && PH_IS_SPOOL (spool));

  begin (self, spool, addresses, NULL, g_task_new (self, NULL, callback, user_data));
}

void
ph_store_accept_async (PhStore            *self,
                       PhSpool            *spool,
                       const char *const  *addresses,
                       GBytes             *elsewhere,
                       GAsyncReadyCallback callback,
                       gpointer            user_data)
{
  g_return_if_fail (PH_IS_STORE (self) && PH_IS_SPOOL (spool) && elsewhere != NULL);

  begin (self, spool, addresses, elsewhere, g_task_new (self, NULL, callback, user_data));
}

guint64
ph_store_accept_finish (PhStore      *self,
                        GAsyncResult *result,
                        GError      **error)
{
  g_autofree guint64 *record = g_task_propagate_pointer (G_TASK (result), error);

  return record != NULL ? *record : 0;
}

void
ph_store_deliver_accepted_async (PhStore            *self,
                                 guint64             record,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  PhStoreDelivery *delivery;

  g_return_if_fail (PH_IS_STORE (self));

  delivery = ph_store_hold_delivery (self, record, NULL);
  g_return_if_fail (delivery != NULL);

  delivery->task = g_task_new (self, NULL, callback, user_data);
  append_all (delivery);
}

gboolean
ph_store_deliver_finish (PhStore      *self,
                         GAsyncResult *result,
                         GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
