#include "ph-delivered-to.h"

#include <string.h>

/* The account whose mailbox that is; NULL for an address elsewhere. */
static const char *
find_mailbox (PhAccounts *accounts,
              const char *target)
{
  PhAccount *account = ph_accounts_find (accounts, target);

  return account != NULL ? ph_account_get_address (account) : NULL;
}

gboolean
ph_delivered_to_is_forwarded (PhAccounts            *accounts,
                              const PhSmtpRecipient *recipient)
{
  const char *at = strrchr (recipient->address, '@');

  if (at == NULL || !ph_accounts_is_local_domain (accounts, at + 1))
    return FALSE;

  for (char **target = recipient->handler_data; target != NULL && *target != NULL; target++)
    if (find_mailbox (accounts, *target) == NULL)
      return TRUE;

  return FALSE;
}

/* NULL where there is more than one, or somebody elsewhere. */
static const char *
find_only_mailbox (PhAccounts           *accounts,
                   const PhSmtpEnvelope *envelope)
{
  const char *only = NULL;

  for (guint i = 0; i < envelope->recipients->len; i++)
    for (char **target = ((PhSmtpRecipient *)envelope->recipients->pdata[i])->handler_data; target != NULL && *target != NULL; target++)
      {
        const char *mailbox = find_mailbox (accounts, *target);

        if (mailbox == NULL || (only != NULL && strcmp (mailbox, only) != 0))
          return NULL;
        only = mailbox;
      }

  return only;
}

const char *
ph_delivered_to_choose (PhAccounts           *accounts,
                        const PhSmtpEnvelope *envelope)
{
  const PhSmtpRecipient *first = envelope->recipients->len > 0 ? envelope->recipients->pdata[0] : NULL;

  /* It comes by here again when its time has come. */
  if (first == NULL || envelope->release != 0)
    return NULL;
  if (envelope->recipients->len == 1 && ph_delivered_to_is_forwarded (accounts, first))
    return first->address;

  return find_only_mailbox (accounts, envelope);
}
