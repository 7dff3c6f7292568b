#include "ph-store-wishes.h"

static void
quota_cb (PhAccount  *account,
          GParamSpec *pspec,
          PhStore    *store)
{
  ph_store_set_quota (store, ph_account_get_address (account), ph_account_get_quota (account));
}

static void
search_index_cb (PhAccount  *account,
                 GParamSpec *pspec,
                 PhStore    *store)
{
  ph_store_set_search_index (store, ph_account_get_address (account), ph_account_get_search_index (account));
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

      g_signal_handlers_disconnect_by_data (account, store);
      g_signal_connect_object (account, "notify::quota", G_CALLBACK (quota_cb), store, 0);
      g_signal_connect_object (account, "notify::search-index", G_CALLBACK (search_index_cb), store, 0);
      quota_cb (account, NULL, store);
      search_index_cb (account, NULL, store);
    }
}

void
ph_store_wishes_follow (PhAccounts *accounts,
                        PhStore    *store)
{
  g_signal_connect_object (accounts, "items-changed", G_CALLBACK (items_changed_cb), store, 0);
  items_changed_cb (G_LIST_MODEL (accounts), 0, 0, g_list_model_get_n_items (G_LIST_MODEL (accounts)), store);
}
