/* The part of PhServer that gives and takes back app passwords. */

#include "ph-auth-error.h"
#include "ph-password.h"
#include "ph-server-private.h"

#include <glib/gi18n-lib.h>

static void
saved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ph_settings_save_finish (PH_SETTINGS (source), result, &error))
    g_task_return_pointer (task, g_strdup (g_task_get_task_data (task)), (GDestroyNotify)ph_password_free);
  else
    g_task_return_error (task, error);
}

static void
hashed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhServer     *self = PH_SERVER (source);
  PhAccountJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GTask) task = user_data;
  PhAccount *account = ph_accounts_find (self->accounts, job->address);
  g_autoptr (PhAppPassword) app_password = NULL;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_task_set_task_data (task, g_steal_pointer (&job->password), (GDestroyNotify)ph_password_free);
  app_password = ph_app_password_new (NULL, job->name, job->credential, ph_clock_get_real_time (self->clock));
  if (account != NULL && ph_account_add_app_password (account, app_password))
    ph_settings_save_async (self->settings, NULL, saved_cb, g_steal_pointer (&task));
  else
    /* Translators: an address */
    g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("%s can have no more app passwords, or has changed meanwhile"), job->address);
}

void
ph_server_add_app_password_async (PhServer           *self,
                                  const char         *address,
                                  const char         *name,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  PhAccount    *account;
  PhAccountJob *job;

  g_return_if_fail (PH_IS_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  account = ph_accounts_find (self->accounts, address);
  if (account == NULL || ph_account_get_credential (account) == NULL)
    {
      /* Translators: an address */
      g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("There is no account %s"), address);
      return;
    }

  job = g_new0 (PhAccountJob, 1);
  job->address = g_strdup (ph_account_get_address (account));
  job->name = g_strdup (name);
  job->password = ph_password_generate ();
  job->like = ph_scram_credential_copy (ph_account_get_credential (account));
  ph_server_hash (self, job, hashed_cb, g_steal_pointer (&task));
}

char *
ph_server_add_app_password_finish (PhServer     *self,
                                   GAsyncResult *result,
                                   GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ph_server_remove_app_password_async (PhServer           *self,
                                     const char         *address,
                                     const char         *id,
                                     GCancellable       *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  PhAccount *account;

  g_return_if_fail (PH_IS_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  account = ph_accounts_find (self->accounts, address);
  if (account != NULL && ph_account_remove_app_password (account, id))
    ph_server_save (g_steal_pointer (&task));
  else
    /* Translators: an address, and a name */
    g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("%s has no app password %s"), address, id);
}
