#include "ph-replay.h"

#include <fcntl.h>

#include "ph-account-open.h"
#include "ph-delivery-private.h"

static gboolean
run_in_transaction (PhOpenedAccount  *account,
                    PhStoreShared    *shared,
                    PhDelivery       *delivery,
                    const PhAccepted *accepted,
                    gint64            now,
                    GError          **error)
{
  PhWriter writer = { account->index, account->maildir, shared, account->lists, NULL, NULL, NULL };
  g_auto (PhFolderRow) folder = { 0 };

  if (!ph_index_run (account->index, error, "BEGIN IMMEDIATE", ""))
    return FALSE;

  if (ph_delivery_replay (delivery, &writer, accepted->id, now, error) && ph_delivery_load_folder (delivery, account->index, &folder, error) &&
      ph_uidlists_reserve (account->lists, &writer, &folder, folder.uidnext, error) && ph_maildir_sync (account->maildir, error) && ph_index_run (account->index, error, "COMMIT", ""))
    {
      ph_uidlists_follow (account->lists, &writer, folder.id);
      return TRUE;
    }

  ph_index_run (account->index, NULL, "ROLLBACK", "");
  ph_maildir_release (account->maildir);

  return FALSE;
}

static gboolean
replay_one (PhStoreShared    *shared,
            const char       *address,
            PhSpool          *spool,
            const PhAccepted *accepted,
            gint64            now,
            GError          **error)
{
  g_autoptr (PhDelivery) delivery = ph_delivery_new_addressed (shared, spool, address, accepted->internal_date, accepted->zone);
  gboolean is_safe = ph_delivery_measure (delivery, error) && ph_spool_sync (delivery->spool, error);
  g_autoptr (PhOpenedAccount) account = is_safe ? ph_account_open (shared, address, now / G_USEC_PER_SEC, NULL, error) : NULL;

  return account != NULL && run_in_transaction (account, shared, delivery, accepted, now, error);
}

gboolean
ph_replay_mailboxes (PhStoreShared    *shared,
                     const PhAccepted *accepted,
                     gint64            now,
                     GError          **error)
{
  g_autoptr (PhSpool) spool = ph_spool_new_for_fd (shared, fcntl (accepted->fd, F_DUPFD_CLOEXEC, 0), error);

  if (spool == NULL)
    return FALSE;
  ph_spool_set_place (spool, accepted->place);

  for (guint i = 0; accepted->mailboxes[i] != NULL; i++)
    if (!replay_one (shared, accepted->mailboxes[i], spool, accepted, now, error))
      return FALSE;

  return TRUE;
}
