#include "ph-sasl-exchange.h"

#include "ph-auth-error.h"
#include "ph-base64.h"
#include "ph-password.h"
#include "ph-sasl-mechanism.h"

#include <string.h>

struct _PhSaslExchange
{
  GObject parent_instance;

  PhAuthenticator       *authenticator;
  const PhSaslMechanism *mechanism;
  PhProtocols            protocol;
  PhSaslState            state;
  char                  *refusal;  /* why FORBIDDEN, for the journal */
  char                  *reason;   /* why FAILED, the same */
  gboolean               is_asked; /* the empty challenge of a client-first mechanism was sent */
  gboolean               is_over;
  gboolean               got_password;
  GCancellable          *cancellable; /* of the step that runs; NULL while none does */
  PhSaslFunc             function;
  gpointer               user_data;
};

G_DEFINE_FINAL_TYPE (PhSaslExchange, ph_sasl_exchange, G_TYPE_OBJECT)

/* In the order in which clients should prefer them. */
static const PhSaslMechanism mechanisms[] = {
  { "EXTERNAL", TRUE, ph_sasl_external_is_offered, ph_sasl_external_step },
  { "SCRAM-SHA-256-PLUS", TRUE, ph_sasl_scram_can_bind, ph_sasl_scram_plus_step },
  { "SCRAM-SHA-256", TRUE, ph_authenticator_protects, ph_sasl_scram_step },
  { "PLAIN", TRUE, ph_authenticator_protects, ph_sasl_plain_step },
  { "LOGIN", FALSE, ph_authenticator_protects, ph_sasl_login_step },
  { "CRAM-MD5", FALSE, ph_sasl_cram_is_offered, ph_sasl_cram_step },
};

enum {
  SIGNAL_NAMED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
ph_sasl_exchange_dispose (GObject *object)
{
  PhSaslExchange *self = PH_SASL_EXCHANGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->is_over = TRUE;

  G_OBJECT_CLASS (ph_sasl_exchange_parent_class)->dispose (object);
}

static void
ph_sasl_exchange_finalize (GObject *object)
{
  PhSaslExchange *self = PH_SASL_EXCHANGE (object);

  g_object_unref (self->authenticator);
  ph_peer_unref (self->state.peer);
  g_free (self->refusal);
  g_free (self->reason);
  g_free (self->state.authzid);
  g_free (self->state.name);
  g_clear_object (&self->state.account);
  g_clear_pointer (&self->state.secrets, g_ptr_array_unref);
  g_free (self->state.gs2_header);
  g_clear_pointer (&self->state.binding, g_bytes_unref);
  g_free (self->state.first_bare);
  g_free (self->state.server_first);
  g_free (self->state.nonce);
  g_free (self->state.server_final);

  G_OBJECT_CLASS (ph_sasl_exchange_parent_class)->finalize (object);
}

static void
ph_sasl_exchange_class_init (PhSaslExchangeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ph_sasl_exchange_dispose;
  object_class->finalize = ph_sasl_exchange_finalize;

  signals[SIGNAL_NAMED] = g_signal_new ("named", PH_TYPE_SASL_EXCHANGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
}

static void
ph_sasl_exchange_init (PhSaslExchange *self)
{
}

const char **
ph_sasl_list_mechanisms (PhAuthenticator *authenticator,
                         PhPeer          *peer)
{
  const char **names = g_new0 (const char *, G_N_ELEMENTS (mechanisms) + 1);
  guint        n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    if (mechanisms[i].is_offered (authenticator, peer))
      names[n++] = mechanisms[i].name;

  return names;
}

PhSaslExchange *
ph_sasl_exchange_new (PhAuthenticator *authenticator,
                      const char      *mechanism,
                      PhProtocols      protocol,
                      PhPeer          *peer)
{
  PhSaslExchange *self;

  for (guint i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    if (g_ascii_strcasecmp (mechanisms[i].name, mechanism) == 0 && mechanisms[i].is_offered (authenticator, peer))
      {
        self = g_object_new (PH_TYPE_SASL_EXCHANGE, NULL);
        self->authenticator = g_object_ref (authenticator);
        self->mechanism = &mechanisms[i];
        self->protocol = protocol;
        self->state.peer = ph_peer_ref (peer);
        return self;
      }

  return NULL;
}

/* The callback may drop the exchange: callers hold a reference. */
static void
answer (PhSaslExchange *self,
        PhSaslOutcome   outcome,
        const char     *text,
        PhAccount      *account)
{
  g_autofree char *encoded = text != NULL ? g_base64_encode ((const guint8 *)text, strlen (text)) : NULL;
  PhSaslFunc       function = g_steal_pointer (&self->function);

  if (outcome != PH_SASL_CONTINUE)
    self->is_over = TRUE;
  function (self, outcome, encoded, account, self->user_data);
}

static void
take_verdict (PhSaslExchange *self,
              PhAccount      *account,
              GError         *error)
{
  g_clear_object (&self->cancellable);

  if (g_error_matches (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FORBIDDEN))
    {
      self->refusal = g_strdup (error->message);
      answer (self, PH_SASL_FORBIDDEN, NULL, NULL);
    }
  else if (account == NULL)
    {
      self->reason = g_strdup (error->message);
      answer (self, g_error_matches (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FAILED) ? PH_SASL_FAILED : PH_SASL_ERROR, NULL, NULL);
    }
  else if (self->state.server_final != NULL)
    {
      /* None of our protocols has data in its success: it goes as one more
       * challenge, to which the client sends an empty response (RFC 4422 section 5). */
      g_set_object (&self->state.account, account);
      answer (self, PH_SASL_CONTINUE, self->state.server_final, NULL);
    }
  else
    answer (self, PH_SASL_SUCCEEDED, NULL, account);
}

static void
checked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  GWeakRef *weak = data;
  g_autoptr (PhSaslExchange) self = g_weak_ref_get (weak);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhAccount) account = ph_authenticator_check_finish (PH_AUTHENTICATOR (source), result, &error);

  g_weak_ref_clear (weak);
  g_free (weak);
  if (self != NULL && !self->is_over)
    take_verdict (self, account, error);
}

static GWeakRef *
begin_check (PhSaslExchange *self)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self);
  self->cancellable = g_cancellable_new ();

  return weak;
}

static void
perform (PhSaslExchange *self,
         PhSaslAction    action,
         PhSaslAnswer   *result)
{
  PhSaslState *state = &self->state;
  GWeakRef    *weak;

  switch (action)
    {
    case PH_SASL_DO_CONTINUE:
      answer (self, PH_SASL_CONTINUE, result->text, NULL);
      break;
    case PH_SASL_DO_CHECK:
      self->got_password = TRUE;
      weak = begin_check (self);
      ph_authenticator_check_async (self->authenticator, state->authzid, state->name, result->password, self->protocol, state->peer->address, self->cancellable, checked_cb, weak);
      break;
    case PH_SASL_DO_PROVE:
      weak = begin_check (self);
      ph_authenticator_prove_async (self->authenticator, state->authzid, state->name, state->account, result->secret, self->protocol, state->peer->address, self->cancellable, checked_cb, weak);
      break;
    case PH_SASL_DO_SUCCEED:
      answer (self, PH_SASL_SUCCEEDED, NULL, state->account);
      break;
    case PH_SASL_DO_REFUSE:
    default:
      answer (self, PH_SASL_MALFORMED, NULL, NULL);
      break;
    }
}

/* A step without a response: the mechanism's first challenge. */
static void
ask (PhSaslExchange *self)
{
  PhSaslAnswer result = { NULL };

  self->is_asked = TRUE;
  if (self->mechanism->is_client_first)
    answer (self, PH_SASL_CONTINUE, "", NULL);
  else
    perform (self, self->mechanism->step (&self->state, self->authenticator, NULL, 0, &result), &result);
  g_free (result.text);
}

static void
take_response (PhSaslExchange *self,
               const char     *line,
               gsize           length)
{
  PhSaslAnswer result = { NULL };
  PhSaslAction action;
  gsize        n_bytes = 0;
  guint8      *bytes = NULL;
  gboolean     was_named = self->state.name != NULL;

  /* "=" is an empty initial response, not an empty response (RFC 4954 section 4). */
  if (!self->is_asked && self->state.step == 0 && length == 1 && *line == '=')
    length = 0;
  if (length <= PH_SASL_LINE_MAX)
    bytes = ph_base64_decode_strict (line, length, &n_bytes);
  if (bytes == NULL)
    {
      answer (self, PH_SASL_MALFORMED, NULL, NULL);
      return;
    }

  action = self->mechanism->step (&self->state, self->authenticator, (const char *)bytes, n_bytes, &result);
  ph_base64_wipe (bytes, n_bytes);
  self->state.step++;
  if (action != PH_SASL_DO_REFUSE && !was_named && self->state.name != NULL)
    g_signal_emit (self, signals[SIGNAL_NAMED], 0, self->mechanism->name, self->state.name, self->state.authzid);

  /* Last: whoever is answered may step again at once. */
  perform (self, action, &result);
  ph_password_free (result.password);
  g_free (result.text);
}

void
ph_sasl_exchange_step (PhSaslExchange *self,
                       const char     *line,
                       gssize          length,
                       PhSaslFunc      function,
                       gpointer        user_data)
{
  g_return_if_fail (PH_IS_SASL_EXCHANGE (self));
  g_return_if_fail (self->function == NULL);

  self->function = function;
  self->user_data = user_data;
  if (length < 0)
    length = line != NULL ? (gssize)strlen (line) : 0;

  g_object_ref (self);
  if (self->is_over)
    answer (self, PH_SASL_MALFORMED, NULL, NULL);
  else if (line == NULL && !self->is_asked && self->state.step == 0)
    ask (self);
  else if (length == 1 && *line == '*')
    answer (self, PH_SASL_CANCELLED, NULL, NULL);
  else
    take_response (self, line != NULL ? line : "", (gsize)length);
  g_object_unref (self);
}

gboolean
ph_sasl_exchange_got_password (PhSaslExchange *self)
{
  g_return_val_if_fail (PH_IS_SASL_EXCHANGE (self), FALSE);

  return self->got_password;
}

const char *
ph_sasl_exchange_get_warning (PhSaslExchange *self)
{
  g_return_val_if_fail (PH_IS_SASL_EXCHANGE (self), NULL);

  return self->refusal != NULL ? self->refusal : self->state.warning;
}

const char *
ph_sasl_exchange_get_reason (PhSaslExchange *self)
{
  g_return_val_if_fail (PH_IS_SASL_EXCHANGE (self), NULL);

  return self->reason;
}
