/* Removing an account. */

#include "ph-store-private.h"

#include "ph-account-open.h"
#include "ph-remove-tree.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>

typedef struct
{
  PhStoreShared *shared;
  char          *address;
  gboolean       keep;
  gint64         now;
} DeleteAccount;

static void
delete_account_free (gpointer data)
{
  DeleteAccount *self = data;

  ph_store_shared_unref (self->shared);
  g_free (self->address);
  g_free (self);
}

/* First out of the way under another name, so that a crash leaves the account whole or gone. */
static gboolean
delete_account (DeleteAccount *self,
                GError       **error)
{
  const char      *mail_path = ph_store_shared_get_mail_path (self->shared);
  g_autofree char *local = NULL;
  g_autofree char *domain = NULL;
  g_autofree char *from = NULL;
  g_autofree char *name = NULL;
  g_autofree char *to = NULL;

  if (!ph_account_split_address (self->address, &local, &domain, error))
    return FALSE;

  from = g_build_filename (mail_path, domain, local, NULL);
  name = g_strdup_printf (".deleted-%s-%" G_GINT64_FORMAT, local, self->now);
  to = g_build_filename (mail_path, domain, name, NULL);
  if (rename (from, to) < 0)
    return errno == ENOENT || ph_store_error_set_errno (error, errno, N_ ("The mail of an account can’t be deleted"));

  if (!self->keep && !ph_remove_tree (to, TRUE))
    return ph_store_error_set_errno (error, errno, N_ ("The mail of an account can’t be deleted"));

  return TRUE;
}

static void
delete_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  GError *error = NULL;

  if (delete_account (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ph_store_delete_account_async (PhStore            *self,
                               const char         *address,
                               gboolean            keep,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  DeleteAccount *job;

  g_return_if_fail (PH_IS_STORE (self));

  /* An account made again under this name begins with nothing of the old one. */
  ph_store_forget_account (self, address);

  job = g_new (DeleteAccount, 1);
  job->shared = ph_store_shared_ref (ph_store_get_shared (self));
  job->address = g_strdup (address);
  job->keep = keep;
  job->now = ph_clock_get_real_time (ph_store_shared_get_clock (job->shared)) / G_USEC_PER_SEC;
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, job, delete_account_free);
  ph_worker_pool_run (ph_store_shared_get_durable (job->shared), task, delete_in_thread);
}

gboolean
ph_store_delete_account_finish (PhStore      *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
