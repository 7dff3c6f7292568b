#include "ph-mail-private.h"

#include "ph-mail-account-private.h"
#include "ph-mail-sending.h"
#include "ph-server-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* One reads while another saves an attachment. */
#define WORKERS 2

struct _PhMail
{
  GObject parent_instance;

  PhStore          *store;
  PhAccounts       *accounts;
  PhSessionFactory *factory;
  PhWorkerPool     *workers;
  GPtrArray        *mail; /* of PhMailAccount, in the order of `accounts` */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PhMail, ph_mail, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return PH_TYPE_MAIL_ACCOUNT;
}

static guint
get_n_items (GListModel *model)
{
  return PH_MAIL (model)->mail->len;
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PhMail *self = PH_MAIL (model);

  return position < self->mail->len ? g_object_ref (self->mail->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void account_ended_cb (PhMailAccount *account,
                              PhMail        *self);

static PhMailAccount *
new_account (PhMail     *self,
             const char *address)
{
  PhMailAccount *account = ph_mail_account_new (self->store, address, self->workers);

  g_signal_connect_object (account, "ended", G_CALLBACK (account_ended_cb), self, 0);

  return account;
}

/* Whoever shows its mail lets go of it, and sees it as it is opened anew. */
static void
account_ended_cb (PhMailAccount *account,
                  PhMail        *self)
{
  guint position;

  if (!g_ptr_array_find (self->mail, account, &position))
    return;

  g_object_ref (account);
  g_ptr_array_remove_index (self->mail, position);
  g_ptr_array_insert (self->mail, (int)position, new_account (self, ph_mail_account_get_address (account)));
  g_object_unref (account);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 1);
}

static void
accounts_changed_cb (PhMail *self,
                     guint   position,
                     guint   n_removed,
                     guint   n_added)
{
  if (n_removed > 0)
    g_ptr_array_remove_range (self->mail, position, n_removed);
  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (G_LIST_MODEL (self->accounts), i);

      g_ptr_array_insert (self->mail, (int)i, new_account (self, ph_account_get_address (account)));
    }
  g_list_model_items_changed (G_LIST_MODEL (self), position, n_removed, n_added);
}

static void
ph_mail_dispose (GObject *object)
{
  PhMail *self = PH_MAIL (object);

  g_ptr_array_set_size (self->mail, 0);
  g_clear_object (&self->accounts);
  g_clear_object (&self->factory);
  g_clear_object (&self->store);
  g_clear_object (&self->workers);

  G_OBJECT_CLASS (ph_mail_parent_class)->dispose (object);
}

static void
ph_mail_finalize (GObject *object)
{
  g_ptr_array_unref (PH_MAIL (object)->mail);

  G_OBJECT_CLASS (ph_mail_parent_class)->finalize (object);
}

static void
ph_mail_class_init (PhMailClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_mail_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_mail_finalize;
}

static void
ph_mail_init (PhMail *self)
{
  self->mail = g_ptr_array_new_with_free_func (g_object_unref);
}

PhMail *
ph_mail_new (PhStore          *store,
             PhAccounts       *accounts,
             PhSessionFactory *factory)
{
  PhMail *self = g_object_new (PH_TYPE_MAIL, NULL);

  self->store = g_object_ref (store);
  self->accounts = g_object_ref (accounts);
  g_set_object (&self->factory, factory);
  self->workers = ph_worker_pool_new ("mail", WORKERS);
  g_signal_connect_object (accounts, "items-changed", G_CALLBACK (accounts_changed_cb), self, G_CONNECT_SWAPPED);
  accounts_changed_cb (self, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (accounts)));

  return self;
}

PhMailAccount *
ph_mail_find_account (PhMail     *self,
                      const char *address)
{
  g_return_val_if_fail (PH_IS_MAIL (self), NULL);

  for (guint i = 0; i < self->mail->len; i++)
    if (g_ascii_strcasecmp (ph_mail_account_get_address (self->mail->pdata[i]), address) == 0)
      return self->mail->pdata[i];

  return NULL;
}

static void
sent_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_return_pointer (task, g_object_ref (result), g_object_unref);
}

void
ph_mail_send_async (PhMail             *self,
                    const PhMailDraft  *draft,
                    GCancellable       *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  PhAccount *account;

  g_return_if_fail (PH_IS_MAIL (self));

  task = g_task_new (self, NULL, callback, user_data);
  account = ph_accounts_find (self->accounts, draft->from);
  if (account == NULL || self->factory == NULL)
    /* Translators: an account’s address */
    g_task_return_new_error (task, PH_SERVER_ERROR, PH_SERVER_ERROR_FAILED, _ ("There is no account %s"), draft->from);
  else
    ph_mail_sending_run_async (self->factory, account, draft, self->workers, cancellable, sent_cb, g_steal_pointer (&task));
}

gboolean
ph_mail_send_finish (PhMail            *self,
                     GAsyncResult      *result,
                     char             **refused,
                     PhJournalSession **session,
                     GError           **error)
{
  g_autoptr (GAsyncResult) inner = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  *refused = NULL;
  *session = NULL;
  inner = g_task_propagate_pointer (G_TASK (result), error);

  return inner != NULL && ph_mail_sending_run_finish (inner, refused, session, error);
}
