/* The part of PhServer that changes accounts: hashing, mail and settings together. */

#include "ph-address.h"
#include "ph-auth-error.h"
#include "ph-password.h"
#include "ph-server-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
ph_account_job_free (gpointer data)
{
  PhAccountJob *job = data;

  g_free (job->address);
  g_free (job->name);
  ph_password_free (job->password);
  ph_scram_credential_free (job->like);
  ph_scram_credential_free (job->credential);
  g_free (job);
}

static void
hash_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  PhAccountJob *job = data;
  GError       *error = NULL;

  job->credential = job->like != NULL ? ph_scram_credential_new_like (job->like, job->password, &error)
                                      : ph_scram_credential_new (job->password, &error);
  if (job->credential != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ph_server_hash (PhServer           *self,
                PhAccountJob       *job,
                GAsyncReadyCallback callback,
                GTask              *outer)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, outer);

  g_task_set_task_data (task, job, ph_account_job_free);
  ph_worker_pool_run (self->workers, task, hash_in_thread);
}

static void
hashed_new_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  PhServer     *self = PH_SERVER (source);
  PhAccountJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GTask) task = user_data;
  g_autoptr (PhAccount) account = NULL;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }

  account = ph_account_new (job->address, job->credential);
  g_object_set (account, "display-name", job->name != NULL ? job->name : "", NULL);
  if (ph_accounts_add (ph_server_get_accounts (self), account, &error))
    ph_server_save (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
ph_server_add_account_async (PhServer           *self,
                             const char         *address,
                             const char         *display_name,
                             const char         *password,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *normalized = NULL;
  PhAccountJob    *job;

  g_return_if_fail (PH_IS_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  normalized = ph_address_normalize (address);
  if (normalized == NULL)
    {
      /* Translators: what was typed in */
      g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("“%s” is not an address like name@example.org"), address);
      return;
    }
  if (ph_accounts_find (ph_server_get_accounts (self), normalized) != NULL)
    {
      /* Translators: an account’s address */
      g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_EXISTS, _ ("There is an account %s already"), normalized);
      return;
    }

  job = g_new0 (PhAccountJob, 1);
  job->address = g_steal_pointer (&normalized);
  job->name = g_strdup (display_name);
  job->password = g_strdup (password);
  ph_server_hash (self, job, hashed_new_cb, g_steal_pointer (&task));
}

/* As it was prepared before it was hashed. */
static void
set_clear_password (PhAccount  *account,
                    const char *password)
{
  char *prepared = ph_password_prepare (password, NULL);

  g_object_set (account, "clear-password", prepared, NULL);
  ph_password_free (prepared);
}

static void
hashed_change_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  PhServer     *self = PH_SERVER (source);
  PhAccountJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GTask) task = user_data;
  PhAccount *account = ph_accounts_find (ph_server_get_accounts (self), job->address);
  GError    *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (account == NULL)
    {
      /* Translators: an account’s address */
      g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("There is no account %s"), job->address);
      return;
    }

  g_object_set (account, "credential", job->credential, NULL);
  if (ph_account_get_clear_password (account) != NULL)
    set_clear_password (account, job->password);
  ph_server_save (g_steal_pointer (&task));
}

void
ph_server_set_password_async (PhServer           *self,
                              const char         *address,
                              const char         *password,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  PhAccountJob *job;
  PhAccount    *account;

  g_return_if_fail (PH_IS_SERVER (self));

  account = ph_accounts_find (ph_server_get_accounts (self), address);
  job = g_new0 (PhAccountJob, 1);
  job->address = g_strdup (address);
  if (account != NULL && g_list_model_get_n_items (ph_account_get_app_passwords (account)) > 0)
    job->like = ph_scram_credential_copy (ph_account_get_credential (account));
  job->password = g_strdup (password);
  ph_server_hash (self, job, hashed_change_cb, g_task_new (self, cancellable, callback, user_data));
}

/* For old programs too */

static void
compare_in_thread (GTask        *task,
                   gpointer      source,
                   gpointer      data,
                   GCancellable *cancellable)
{
  PhAccountJob *job = data;
  g_autoptr (GPtrArray) secrets = g_ptr_array_new ();

  g_ptr_array_add (secrets, job->like);
  g_task_return_boolean (task, ph_scram_credential_find (secrets, job->password) == 0);
}

static void
compared_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  PhServer     *self = PH_SERVER (source);
  PhAccountJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GTask) task = user_data;
  PhAccount *account = ph_accounts_find (ph_server_get_accounts (self), job->address);

  /* Hashing took a while: the account may have got another password. */
  if (!g_task_propagate_boolean (G_TASK (result), NULL) || account == NULL || !ph_scram_credential_equal (ph_account_get_credential (account), job->like))
    {
      /* Translators: an account’s address */
      g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_FAILED, _ ("That is not the password of %s"), job->address);
      return;
    }

  set_clear_password (account, job->password);
  ph_server_save (g_steal_pointer (&task));
}

void
ph_server_set_old_programs_async (PhServer           *self,
                                  const char         *address,
                                  const char         *password,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GTask) comparison = NULL;
  PhAccount    *account;
  PhAccountJob *job;

  g_return_if_fail (PH_IS_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  account = ph_accounts_find (ph_server_get_accounts (self), address);
  if (account == NULL || ph_account_get_credential (account) == NULL)
    {
      /* Translators: an account’s address */
      g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("There is no account %s"), address);
      return;
    }
  if (password == NULL)
    {
      g_object_set (account, "clear-password", NULL, NULL);
      ph_server_save (g_steal_pointer (&task));
      return;
    }

  job = g_new0 (PhAccountJob, 1);
  job->address = g_strdup (ph_account_get_address (account));
  job->password = g_strdup (password);
  job->like = ph_scram_credential_copy (ph_account_get_credential (account));
  comparison = g_task_new (self, NULL, compared_cb, g_steal_pointer (&task));
  g_task_set_task_data (comparison, job, ph_account_job_free);
  ph_worker_pool_run (self->workers, comparison, compare_in_thread);
}

void
ph_server_set_account_async (PhServer           *self,
                             const char         *address,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data,
                             const char         *first_property,
                             ...)
{
  g_autoptr (GTask) task = NULL;
  PhAccount *account;
  va_list    properties;

  g_return_if_fail (PH_IS_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  account = ph_accounts_find (ph_server_get_accounts (self), address);
  if (account == NULL)
    {
      /* Translators: an account’s address */
      g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("There is no account %s"), address);
      return;
    }

  va_start (properties, first_property);
  g_object_set_valist (G_OBJECT (account), first_property, properties);
  va_end (properties);
  ph_server_save (g_steal_pointer (&task));
}

static void
mail_removed_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ph_store_delete_account_finish (PH_STORE (source), result, &error))
    ph_server_save (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
ph_server_remove_account_async (PhServer           *self,
                                const char         *address,
                                gboolean            keep_mail,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  PhAccount       *account;
  g_autofree char *own_address = NULL;
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PH_IS_SERVER (self));

  /* First nobody can log in or receive any more, then the mail goes, and whom it has answered. */
  task = g_task_new (self, cancellable, callback, user_data);
  account = ph_accounts_find (ph_server_get_accounts (self), address);
  own_address = account != NULL ? g_strdup (ph_account_get_address (account)) : NULL;
  if (own_address == NULL || !ph_accounts_remove (ph_server_get_accounts (self), own_address))
    {
      /* Translators: an account’s address */
      g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("There is no account %s"), address);
      return;
    }

  ph_responder_forget (self->responder, own_address);
  ph_store_delete_account_async (self->store, own_address, keep_mail, NULL, mail_removed_cb, g_steal_pointer (&task));
}

gboolean
ph_server_account_finish (PhServer     *self,
                          GAsyncResult *result,
                          GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* How much there is */

static void
measured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (PhAccountStore) store = ph_store_open_account_finish (PH_STORE (source), result, &error);

  if (store == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  g_task_set_task_data (task, g_memdup2 (&(guint64){ ph_account_store_get_used (store) }, sizeof (guint64)), g_free);
  g_task_return_boolean (task, TRUE);
}

void
ph_server_measure_account_async (PhServer           *self,
                                 const char         *address,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_return_if_fail (PH_IS_SERVER (self));

  ph_store_open_account_async (self->store, address, cancellable, measured_cb, g_task_new (self, cancellable, callback, user_data));
}

gboolean
ph_server_measure_account_finish (PhServer     *self,
                                  GAsyncResult *result,
                                  guint64      *used,
                                  GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  *used = *(guint64 *)g_task_get_task_data (G_TASK (result));

  return TRUE;
}

void
ph_server_import_clever (PhServer           *self,
                         const char         *path,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  g_return_if_fail (PH_IS_SERVER (self));

  ph_settings_import_clever_async (ph_server_get_settings (self), path, self->workers, NULL, callback, user_data);
}
