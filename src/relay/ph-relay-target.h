#pragma once

#include "ph-smtp-client.h"

G_BEGIN_DECLS

/**
 * PhRelayTarget:
 *
 * A server of the user's own choice that takes mail instead of the MX hosts of its domain: the smarthost, that of
 * single domains, or the end of a route.  Counted, immutable; whoever uses it keeps a reference, so that what was
 * begun with one server never ends with the password of another.  Wipes the password.
 */
typedef struct
{
  char           *host; /* a name or a numeric address */
  guint16         port; /* 0: that of mail servers */
  PhSmtpTlsPolicy tls;  /* where it is required, the certificate must be good, unless the server is on this computer */
  gboolean        implicit_tls;
  char           *user; /* for logging in; NULL: nobody */
  char           *password;
  gboolean        is_token; /* the password is an OAuth 2 access token */
} PhRelayTarget;

/* A copy of what `values` says, user "" being none. */
PhRelayTarget *ph_relay_target_new (const PhRelayTarget *values);

/* "mail.example.org", "192.0.2.1:2525", "[2001:db8::1]:25": with TLS if offered, as a mail server; NULL for no such thing. */
PhRelayTarget *ph_relay_target_parse (const char *text);
PhRelayTarget *ph_relay_target_ref (PhRelayTarget *self);
void           ph_relay_target_unref (PhRelayTarget *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRelayTarget, ph_relay_target_unref)

G_END_DECLS
