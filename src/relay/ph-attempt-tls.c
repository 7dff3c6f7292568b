/* What an attempt demands of the server at hand, and by whose word. */

#include "ph-attempt-private.h"

#include <glib/gi18n-lib.h>

/* RFC 8689; a report of ours goes as well as it can (section 4.2.1, 5). */
static gboolean
is_required_by_sender (PhAttempt *self)
{
  return self->envelope->requiretls && *self->envelope->sender != '\0';
}

static gboolean
is_required_by_rule (PhAttempt *self)
{
  return self->domain != NULL && ph_relay_rules_requires_tls (self->context->config->rules, self->domain);
}

static gboolean
is_required_by_target (PhAttempt *self)
{
  return self->target != NULL && self->target->tls == PH_SMTP_TLS_REQUIRED;
}

/* TRUE where nobody but the host itself, as its certificate proves, may have the message: by a rule, by the
 * sender, or because a password is sent. */
gboolean
ph_attempt_needs_proof (PhAttempt *self)
{
  return is_required_by_sender (self) || is_required_by_rule (self) || is_required_by_target (self);
}

/* On this computer nobody is in between. */
static gboolean
needs_proof_of (PhAttempt *self,
                PhPeer    *peer)
{
  return is_required_by_sender (self) || is_required_by_rule (self) || (is_required_by_target (self) && !peer->is_loopback);
}

gboolean
ph_attempt_must_avoid (PhAttempt         *self,
                       const PhRouteStop *stop)
{
  return is_required_by_sender (self) && !stop->is_proven;
}

static PhAttemptTls
demand_proof (PhAttempt  *self,
              const char *source)
{
  return (PhAttemptTls){ PH_SMTP_TLS_REQUIRED, TRUE, source };
}

static PhAttemptTls
choose_by_settings (PhAttempt         *self,
                    const PhRouteStop *stop)
{
  PhSmtpTlsPolicy policy = self->target != NULL ? self->target->tls : PH_SMTP_TLS_OPPORTUNISTIC;

  if (policy == PH_SMTP_TLS_OPPORTUNISTIC)
    return (PhAttemptTls){ g_hash_table_contains (self->context->no_tls, stop->host) ? PH_SMTP_TLS_NEVER : policy, FALSE, N_ ("opportunistic, certificate not checked") };

  return (PhAttemptTls){ policy, FALSE, N_ ("by the settings, certificate not checked") };
}

PhAttemptTls
ph_attempt_choose_tls (PhAttempt         *self,
                       const PhRouteStop *stop,
                       PhPeer            *peer)
{
  gboolean is_needed = needs_proof_of (self, peer);

  if (stop->tlsa != NULL && ph_tlsa_is_usable (stop->tlsa))
    return (PhAttemptTls){ PH_SMTP_TLS_REQUIRED, TRUE, N_ ("verified by DANE"), stop->tlsa };
  if (is_required_by_sender (self))
    return demand_proof (self, N_ ("verified, as the sender requires"));
  if (is_needed)
    return demand_proof (self, N_ ("verified, as the settings require"));
  if (stop->is_sts_enforced && stop->tlsa == NULL)
    return demand_proof (self, N_ ("verified, as MTA-STS requires"));
  if (stop->tlsa != NULL)
    return (PhAttemptTls){ PH_SMTP_TLS_REQUIRED, FALSE, N_ ("required by DANE, certificate not checked") };

  return choose_by_settings (self, stop);
}

static gboolean
check_tlsa (const gnutls_datum_t *chain,
            guint                 n,
            gpointer              tlsa)
{
  return ph_tlsa_check (tlsa, chain, n);
}

PhTlsClient *
ph_attempt_dup_tls_client (PhAttempt          *self,
                           const PhAttemptTls *tls)
{
  PhTlsClient *known = ph_authorities_get (self->context->authorities);

  if (tls->tlsa != NULL)
    return ph_tls_client_new_with_check (check_tlsa, ph_tlsa_ref (tls->tlsa), (GDestroyNotify)ph_tlsa_unref);
  if (!tls->is_verified)
    return g_object_ref (self->context->tls_any);

  /* Without authorities nobody is proven: the handshake then fails. */
  return known != NULL ? g_object_ref (known) : NULL;
}
