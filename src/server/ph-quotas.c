#include "ph-quotas.h"

static void
quota_cb (PhAccount  *account,
          GParamSpec *pspec,
          PhStore    *store)
{
  ph_store_set_quota (store, ph_account_get_address (account), ph_account_get_quota (account));
}

static void
items_changed_cb (GListModel *accounts,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  PhStore    *store)
{
  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (accounts, i);

      g_signal_handlers_disconnect_by_func (account, quota_cb, store);
      g_signal_connect_object (account, "notify::quota", G_CALLBACK (quota_cb), store, 0);
      quota_cb (account, NULL, store);
    }
}

void
ph_quotas_follow (PhAccounts *accounts,
                  PhStore    *store)
{
  g_signal_connect_object (accounts, "items-changed", G_CALLBACK (items_changed_cb), store, 0);
  items_changed_cb (G_LIST_MODEL (accounts), 0, 0, g_list_model_get_n_items (G_LIST_MODEL (accounts)), store);
}
