#include "ph-base64.h"
#include "ph-sasl-mechanism.h"

#include <glib/gi18n-lib.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

/* SCRAM-SHA-256 and SCRAM-SHA-256-PLUS, the server's side (RFC 5802, RFC 7677). */

/* Characters of our part of the nonce, in base64. */
#define NONCE_BYTES 18

/* Of the client's part. */
#define NONCE_MAX 256

/* Takes "X=value" up to the next comma (or the end) off *text; NULL where it is not next. */
static char *
take_attribute (const char **text,
                char         name)
{
  const char *start = *text, *end;

  if (start[0] != name || start[1] != '=')
    return NULL;
  end = start + strcspn (start, ",");
  *text = *end == ',' ? end + 1 : end;

  return g_strndup (start + 2, (gsize)(end - start - 2));
}

/* "=2C" is a comma, "=3D" an equals sign, nothing else may follow one. */
static char *
decode_name (const char *text)
{
  g_autoptr (GString) name = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p != '=')
        {
          g_string_append_c (name, *p);
          continue;
        }
      if (strncmp (p, "=2C", 3) != 0 && strncmp (p, "=3D", 3) != 0)
        return NULL;
      g_string_append_c (name, p[1] == '2' ? ',' : '=');
      p += 2;
    }

  return ph_sasl_is_name (name->str, name->len) ? g_strdup (name->str) : NULL;
}

static gboolean
is_nonce (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (text[i] < 0x21 || text[i] > 0x7e)
      return FALSE;

  return length > 0 && length <= NONCE_MAX;
}

/* Borrowed; NULL for a binding that we don't know, or that this connection does not have. */
static GBytes *
find_binding (PhPeer     *peer,
              const char *name)
{
  if (strcmp (name, "tls-exporter") == 0)
    return peer->tls_exporter;
  if (strcmp (name, "tls-server-end-point") == 0)
    return peer->tls_server_end_point;

  return NULL;
}

gboolean
ph_sasl_scram_can_bind (PhAuthenticator *authenticator,
                        PhPeer          *peer)
{
  return peer != NULL && peer->is_tls && (peer->tls_exporter != NULL || peer->tls_server_end_point != NULL);
}

/* gs2-cbind-flag = ("p=" cb-name) / "n" / "y", which the mechanism has to go with (V22):
 * -PLUS binds; the other may not.  "y" says that the client could bind, but has not heard
 * that we can: where we can, somebody took that out of our list (RFC 5802 section 6). */
static gboolean
take_binding_flag (PhSaslState *state,
                   const char **text,
                   gboolean     is_plus)
{
  g_autofree char *name = NULL;
  GBytes          *binding;

  if (!is_plus)
    {
      state->is_downgrade = **text == 'y' && ph_sasl_scram_can_bind (NULL, state->peer);
      if ((**text != 'n' && **text != 'y') || (*text)[1] != ',')
        return FALSE;
      *text += 2;
      return TRUE;
    }

  name = take_attribute (text, 'p');
  binding = name != NULL && (*text)[-1] == ',' ? find_binding (state->peer, name) : NULL;
  if (binding == NULL)
    return FALSE;
  state->binding = g_bytes_ref (binding);

  return TRUE;
}

/* gs2-header = gs2-cbind-flag "," ["a=" saslname] "," */
static gboolean
take_gs2_header (PhSaslState *state,
                 const char **text,
                 gboolean     is_plus)
{
  const char      *start = *text;
  g_autofree char *authzid = NULL;

  if (!take_binding_flag (state, text, is_plus))
    return FALSE;

  if (**text != ',')
    {
      authzid = take_attribute (text, 'a');
      if (authzid == NULL || (*text)[-1] != ',' || (state->authzid = decode_name (authzid)) == NULL)
        return FALSE;
    }
  else
    ++*text;
  state->gs2_header = g_strndup (start, (gsize)(*text - start));

  return TRUE;
}

static char *
make_nonce (const char *client_nonce)
{
  guint8           bytes[NONCE_BYTES];
  g_autofree char *text = NULL;

  if (gnutls_rnd (GNUTLS_RND_NONCE, bytes, sizeof bytes) < 0)
    g_error ("No random numbers");
  text = g_base64_encode (bytes, sizeof bytes);

  return g_strconcat (client_nonce, text, NULL);
}

/* client-first-message-bare = "n=" saslname ",r=" c-nonce ["," extensions]; a
 * mandatory extension ("m=") before it is one that we don't know. */
static PhSaslAction
take_first (PhSaslState     *state,
            PhAuthenticator *authenticator,
            const char      *response,
            gboolean         is_plus,
            PhSaslAnswer    *answer)
{
  g_autofree char *encoded = NULL, *nonce = NULL, *salt_text = NULL;
  const guint8    *salt;
  gsize            salt_length;

  if (!take_gs2_header (state, &response, is_plus))
    return PH_SASL_DO_REFUSE;
  state->first_bare = g_strdup (response);
  if ((encoded = take_attribute (&response, 'n')) == NULL || (state->name = decode_name (encoded)) == NULL ||
      (nonce = take_attribute (&response, 'r')) == NULL || !is_nonce (nonce))
    return PH_SASL_DO_REFUSE;

  state->secrets = ph_authenticator_dup_secrets (authenticator, state->name, &state->account);
  state->nonce = make_nonce (nonce);
  salt = ph_scram_credential_get_salt (state->secrets->pdata[0], &salt_length);
  salt_text = g_base64_encode (salt, salt_length);
  state->server_first = g_strdup_printf ("r=%s,s=%s,i=%u", state->nonce, salt_text, ph_scram_credential_get_iterations (state->secrets->pdata[0]));
  answer->text = g_strdup (state->server_first);

  return PH_SASL_DO_CONTINUE;
}

/* cbind-input = gs2-header [cbind-data]: what the client meant, and the TLS that it has at
 * its end, which are those that we see at ours only if nobody sits between. */
static gboolean
is_our_binding (PhSaslState *state,
                const char  *text)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  g_autofree char *expected = NULL;

  g_byte_array_append (input, (const guint8 *)state->gs2_header, (guint)strlen (state->gs2_header));
  if (state->binding != NULL)
    g_byte_array_append (input, g_bytes_get_data (state->binding, NULL), (guint)g_bytes_get_size (state->binding));
  expected = g_base64_encode (input->data, input->len);

  return strcmp (text, expected) == 0;
}

/* Of a client that knows the password: what is wrong with its connection; NULL for nothing. */
static const char *
find_warning (PhSaslState *state,
              const char  *binding)
{
  if (state->is_downgrade)
    return N_ ("The client could bind its login to TLS, but did not hear that this server can: somebody may sit in between");
  if (!is_our_binding (state, binding))
    return N_ ("The client bound its login to another connection than this one: somebody may sit in between");

  return NULL;
}

/* client-final-message = "c=" base64 ",r=" nonce ["," extensions] ",p=" base64 */
static PhSaslAction
take_final (PhSaslState  *state,
            const char   *response,
            PhSaslAnswer *answer)
{
  const char      *rest = response, *proof_text = g_strrstr (response, ",p=");
  g_autofree char *binding = take_attribute (&rest, 'c'), *nonce = NULL, *message = NULL, *signature_text = NULL;
  guint8          *proof;
  guint8           signature[PH_SCRAM_KEY_LENGTH];
  gsize            proof_length;
  int              found;

  if (binding == NULL || (nonce = take_attribute (&rest, 'r')) == NULL || proof_text == NULL)
    return PH_SASL_DO_REFUSE;
  proof = ph_base64_decode_strict (proof_text + 3, strlen (proof_text + 3), &proof_length);
  if (proof == NULL || proof_length != PH_SCRAM_KEY_LENGTH)
    {
      ph_base64_wipe (proof, proof_length);
      return PH_SASL_DO_REFUSE;
    }

  message = g_strdup_printf ("%s,%s,%.*s", state->first_bare, state->server_first, (int)(proof_text - response), response);
  found = ph_scram_credential_find_proof (state->secrets, proof, message);
  if (found >= 0 && (state->warning = find_warning (state, binding)) == NULL && strcmp (nonce, state->nonce) == 0)
    answer->secret = state->secrets->pdata[found];
  ph_scram_credential_sign (state->secrets->pdata[MAX (found, 0)], message, signature);
  signature_text = g_base64_encode (signature, sizeof signature);
  state->server_final = g_strconcat ("v=", signature_text, NULL);
  ph_base64_wipe (proof, proof_length);

  return PH_SASL_DO_PROVE;
}

static PhSaslAction
take_step (PhSaslState     *state,
           PhAuthenticator *authenticator,
           const char      *response,
           gsize            length,
           gboolean         is_plus,
           PhSaslAnswer    *answer)
{
  if (memchr (response, '\0', length) != NULL || !g_utf8_validate_len (response, length, NULL))
    return PH_SASL_DO_REFUSE;
  if (state->step == 0)
    return take_first (state, authenticator, response, is_plus, answer);
  if (state->step == 1)
    return take_final (state, response, answer);

  /* The client has seen server-final and has no more to say. */
  return length == 0 ? PH_SASL_DO_SUCCEED : PH_SASL_DO_REFUSE;
}

PhSaslAction
ph_sasl_scram_step (PhSaslState     *state,
                    PhAuthenticator *authenticator,
                    const char      *response,
                    gsize            length,
                    PhSaslAnswer    *answer)
{
  return take_step (state, authenticator, response, length, FALSE, answer);
}

PhSaslAction
ph_sasl_scram_plus_step (PhSaslState     *state,
                         PhAuthenticator *authenticator,
                         const char      *response,
                         gsize            length,
                         PhSaslAnswer    *answer)
{
  return take_step (state, authenticator, response, length, TRUE, answer);
}
