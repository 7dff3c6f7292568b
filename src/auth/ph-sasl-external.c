#include "ph-sasl-mechanism.h"

#include <string.h>

/* EXTERNAL (RFC 4422 appendix A): who has the key of a certificate that is bound to an account
 * is its owner.  A certificate that is bound to nobody is nobody's, whoever signed it. */

static PhAccount *
find_account (PhAuthenticator *authenticator,
              PhPeer          *peer)
{
  PhAccount *account = NULL;

  if (authenticator != NULL && peer != NULL && peer->is_tls)
    account = ph_accounts_find_certificate (ph_authenticator_get_accounts (authenticator), peer->tls_certificate);

  return account != NULL && ph_account_get_enabled (account) ? account : NULL;
}

gboolean
ph_sasl_external_is_offered (PhAuthenticator *authenticator,
                             PhPeer          *peer)
{
  return find_account (authenticator, peer) != NULL;
}

/* The response is an authorization identity, which may be empty. */
PhSaslAction
ph_sasl_external_step (PhSaslState     *state,
                       PhAuthenticator *authenticator,
                       const char      *response,
                       gsize            length,
                       PhSaslAnswer    *answer)
{
  PhAccount *account = find_account (authenticator, state->peer);

  if (length > 0 && (memchr (response, '\0', length) != NULL || !ph_sasl_is_name (response, length)))
    return PH_SASL_DO_REFUSE;

  state->authzid = g_strndup (response, length);
  state->name = g_strdup (account != NULL ? ph_account_get_address (account) : "");
  state->secrets = ph_authenticator_dup_secrets (authenticator, state->name, &state->account);
  if (account != NULL && account == state->account)
    answer->secret = state->secrets->pdata[0];

  return PH_SASL_DO_PROVE;
}
