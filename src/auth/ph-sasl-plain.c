#include "ph-password.h"
#include "ph-sasl-mechanism.h"

#include <string.h>

/* Mechanisms that send the password: PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login). */

gboolean
ph_sasl_is_name (const char *text,
                 gsize       length)
{
  return length > 0 && length <= PH_SASL_NAME_MAX && g_utf8_validate_len (text, length, NULL);
}

static gboolean
is_password (const char *text,
             gsize       length)
{
  return length > 0 && length <= PH_PASSWORD_MAX && g_utf8_validate_len (text, length, NULL);
}

/* message = [authzid] NUL authcid NUL passwd */
PhSaslAction
ph_sasl_plain_step (PhSaslState     *state,
                    PhAuthenticator *authenticator,
                    const char      *response,
                    gsize            length,
                    PhSaslAnswer    *answer)
{
  const char *end = response + length;
  const char *name = memchr (response, '\0', length);
  const char *password = name != NULL ? memchr (name + 1, '\0', (gsize)(end - name - 1)) : NULL;

  if (password == NULL)
    return PH_SASL_DO_REFUSE;
  name++;
  password++;

  if ((name - response > 1 && !ph_sasl_is_name (response, (gsize)(name - response - 1))) ||
      !ph_sasl_is_name (name, (gsize)(password - name - 1)) || !is_password (password, (gsize)(end - password)))
    return PH_SASL_DO_REFUSE;

  state->authzid = g_strdup (response);
  state->name = g_strdup (name);
  answer->password = g_strdup (password);

  return PH_SASL_DO_CHECK;
}

PhSaslAction
ph_sasl_login_step (PhSaslState     *state,
                    PhAuthenticator *authenticator,
                    const char      *response,
                    gsize            length,
                    PhSaslAnswer    *answer)
{
  if (response == NULL)
    {
      answer->text = g_strdup ("Username:");
      return PH_SASL_DO_CONTINUE;
    }
  if (state->name == NULL)
    {
      if (!ph_sasl_is_name (response, length))
        return PH_SASL_DO_REFUSE;
      state->name = g_strdup (response);
      answer->text = g_strdup ("Password:");
      return PH_SASL_DO_CONTINUE;
    }

  if (!is_password (response, length))
    return PH_SASL_DO_REFUSE;
  answer->password = g_strdup (response);

  return PH_SASL_DO_CHECK;
}
