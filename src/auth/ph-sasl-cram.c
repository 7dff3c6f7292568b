#include "ph-challenge.h"
#include "ph-sasl-mechanism.h"

#include <string.h>

/* CRAM-MD5 (RFC 2195), for programs that know nothing better: it needs the password itself,
 * which only accounts that ask for it keep. */

/* In the challenge; RFC 2195 wants a name there, and nobody looks at it. */
#define HOST "posthouse"

gboolean
ph_sasl_cram_is_offered (PhAuthenticator *authenticator,
                         PhPeer          *peer)
{
  return ph_authenticator_takes_challenges (authenticator, peer);
}

/* response = name SP 32 hexadecimal digits; a name may have blanks. */
PhSaslAction
ph_sasl_cram_step (PhSaslState     *state,
                   PhAuthenticator *authenticator,
                   const char      *response,
                   gsize            length,
                   PhSaslAnswer    *answer)
{
  const char *digest = response != NULL ? memrchr (response, ' ', length) : NULL;

  if (response == NULL)
    {
      state->nonce = ph_challenge_new (HOST);
      answer->text = g_strdup (state->nonce);
      return PH_SASL_DO_CONTINUE;
    }

  if (state->nonce == NULL || digest == NULL || !ph_sasl_is_name (response, (gsize)(digest - response)))
    return PH_SASL_DO_REFUSE;

  state->name = g_strndup (response, (gsize)(digest - response));
  if (!ph_challenge_is_digest (digest + 1, length - (gsize)(digest + 1 - response)))
    return PH_SASL_DO_REFUSE;

  answer->secret = ph_authenticator_answer_challenge (authenticator, PH_CHALLENGE_CRAM_MD5, state->name, state->nonce, digest + 1, &state->account);

  return PH_SASL_DO_PROVE;
}
