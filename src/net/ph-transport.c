#include "ph-transport.h"

#include "ph-tls-notes.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>

/* An SNI name is a host name (RFC 6066 section 3). */
#define MAX_SNI 255

void
ph_transport_take_tls (PhTransport     *self,
                       gnutls_session_t tls,
                       const char      *asked_name)
{
  g_assert (self->tls == NULL);

  self->tls = tls;
  self->asked_name = asked_name != NULL && !g_hostname_is_ip_address (asked_name) ? asked_name : NULL;
  self->alert = -1;
  gnutls_transport_set_int (tls, self->fd);
}

void
ph_transport_clear (PhTransport *self)
{
  g_clear_pointer (&self->tls, gnutls_deinit);
}

static PhTransportResult
fail_with_errno (int      code,
                 GError **error)
{
  /* Translators: why, in the words of the operating system */
  g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, _ ("The connection broke: %s"), g_strerror (code));

  return PH_TRANSPORT_FAILED;
}

static gboolean
is_again (int code)
{
  return code == EAGAIN;
}

static PhTransportResult
read_clear (PhTransport *self,
            void        *data,
            gsize        size,
            gsize       *length,
            GError     **error)
{
  ssize_t n;

  do
    n = recv (self->fd, data, size, 0);
  while (n < 0 && errno == EINTR);

  if (n == 0)
    return PH_TRANSPORT_END;
  if (n < 0)
    return is_again (errno) ? PH_TRANSPORT_AGAIN : fail_with_errno (errno, error);

  *length = (gsize)n;
  self->may_have_more = *length == size;

  return PH_TRANSPORT_OK;
}

gboolean
ph_transport_has_input (PhTransport *self)
{
  guint8 byte;

  return recv (self->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Warnings count as nothing received: GnuTLS reads by whole records, so the poller
 * reports what follows them. */
static gboolean
is_tls_again (ssize_t code)
{
  return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED || code == GNUTLS_E_WARNING_ALERT_RECEIVED;
}

static PhTransportResult
read_tls (PhTransport *self,
          void        *data,
          gsize        size,
          gsize       *length,
          GError     **error)
{
  ssize_t n = gnutls_record_recv (self->tls, data, size);

  if (is_tls_again (n))
    {
      self->wants_write = gnutls_record_get_direction (self->tls) == 1;
      return PH_TRANSPORT_AGAIN;
    }

  switch (n)
    {
    /* Many clients close without close_notify; what is whole is for the protocol to say. */
    case 0:
    case GNUTLS_E_PREMATURE_TERMINATION:
      return PH_TRANSPORT_END;

    /* Refused since CVE-2009-3555 (V31); TLS 1.3 has none. */
    case GNUTLS_E_REHANDSHAKE:
      gnutls_alert_send (self->tls, GNUTLS_AL_FATAL, GNUTLS_A_NO_RENEGOTIATION);
      g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_TLS, _ ("The peer wanted to renegotiate TLS"));
      return PH_TRANSPORT_FAILED;

    default:
      break;
    }

  if (n < 0)
    {
      /* Translators: why */
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_TLS, _ ("TLS failed: %s"), gnutls_strerror ((int)n));
      return PH_TRANSPORT_FAILED;
    }

  *length = (gsize)n;
  self->may_have_more = TRUE;

  return PH_TRANSPORT_OK;
}

PhTransportResult
ph_transport_read (PhTransport *self,
                   void        *data,
                   gsize        size,
                   gsize       *length,
                   GError     **error)
{
  self->wants_write = FALSE;
  self->may_have_more = FALSE;

  return self->tls != NULL ? read_tls (self, data, size, length, error)
                           : read_clear (self, data, size, length, error);
}

void
ph_transport_acknowledge (PhTransport *self)
{
  int on = 1;

  setsockopt (self->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

static PhTransportResult
write_clear (PhTransport *self,
             const void  *data,
             gsize        length,
             gsize       *written,
             GError     **error)
{
  ssize_t n;

  do
    n = send (self->fd, data, length, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);

  if (n < 0)
    return is_again (errno) ? PH_TRANSPORT_AGAIN : fail_with_errno (errno, error);

  *written = (gsize)n;

  return PH_TRANSPORT_OK;
}

/* GnuTLS keeps a record that it could not write whole; it must be asked to go on with
 * that one, not be given the bytes anew (they may have moved, or be more by now). */
static PhTransportResult
write_tls (PhTransport *self,
           const void  *data,
           gsize        length,
           gsize       *written,
           GError     **error)
{
  ssize_t n;

  n = self->has_unsent ? gnutls_record_send (self->tls, NULL, 0) : gnutls_record_send (self->tls, data, length);
  self->has_unsent = n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED;
  if (self->has_unsent)
    return PH_TRANSPORT_AGAIN;

  if (n < 0)
    {
      /* Translators: why */
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_TLS, _ ("TLS failed: %s"), gnutls_strerror ((int)n));
      return PH_TRANSPORT_FAILED;
    }

  *written = (gsize)n;

  return PH_TRANSPORT_OK;
}

PhTransportResult
ph_transport_write (PhTransport *self,
                    const void  *data,
                    gsize        length,
                    gsize       *written,
                    GError     **error)
{
  self->wants_write = TRUE;

  return self->tls != NULL ? write_tls (self, data, length, written, error)
                           : write_clear (self, data, length, written, error);
}

/* What the peer says is wrong, and where it is known what would help, that. */
static void
set_alert_error (gnutls_alert_description_t alert,
                 GError                   **error)
{
  static const gnutls_alert_description_t distrust[] = {
    GNUTLS_A_UNKNOWN_CA, GNUTLS_A_BAD_CERTIFICATE, GNUTLS_A_CERTIFICATE_UNKNOWN, GNUTLS_A_CERTIFICATE_EXPIRED, GNUTLS_A_UNSUPPORTED_CERTIFICATE
  };
  const char *name = gnutls_alert_get_strname (alert);
  gboolean    is_distrust = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (distrust); i++)
    is_distrust = is_distrust || distrust[i] == alert;

  if (is_distrust)
    /* Translators: the number of an alert of TLS, and its name */
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_TLS, _ ("The peer refused TLS (alert %d, %s): it does not trust the certificate that it was shown"), (int)alert, name != NULL ? name : "?");
  else
    /* Translators: the number of an alert of TLS, and its name */
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_TLS, _ ("The peer refused TLS (alert %d, %s)"), (int)alert, name != NULL ? name : "?");
}

static void
set_handshake_error (PhTransport *self,
                     int          code,
                     GError     **error)
{
  gnutls_datum_t why = { 0 };

  if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR &&
      gnutls_certificate_verification_status_print (gnutls_session_get_verify_cert_status (self->tls),
                                                    GNUTLS_CRT_X509, &why, 0) == 0)
    /* Translators: why */
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_TLS, _ ("The server’s certificate is not trusted: %s"),
                 g_strchomp ((char *)why.data));
  else if (code == GNUTLS_E_CERTIFICATE_ERROR)
    g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_TLS, _ ("The server’s certificate is not the one that is wanted here"));
  else if (code == GNUTLS_E_FATAL_ALERT_RECEIVED)
    set_alert_error (gnutls_alert_get (self->tls), error);
  else if (code == GNUTLS_E_DECRYPTION_FAILED)
    /* OpenSSL sends an alert about our certificate before it encrypts, under TLS 1.3: GnuTLS can't read it. */
    g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_TLS,
                         _ ("The peer refused TLS with an alert that can’t be read: most likely it does not trust the certificate that it was shown"));
  else if (code == GNUTLS_E_PREMATURE_TERMINATION || code == GNUTLS_E_PULL_ERROR || code == GNUTLS_E_PUSH_ERROR)
    g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_TLS, _ ("The peer hung up in the TLS handshake"));
  else
    /* Translators: why */
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_TLS, _ ("The TLS handshake failed: %s"), gnutls_strerror (code));

  gnutls_free (why.data);
}

PhTransportResult
ph_transport_shake_hands (PhTransport *self,
                          GError     **error)
{
  int code = gnutls_handshake (self->tls), level;

  if (code == GNUTLS_E_SUCCESS)
    return PH_TRANSPORT_OK;

  if (is_tls_again (code))
    {
      self->wants_write = gnutls_record_get_direction (self->tls) == 1;
      return PH_TRANSPORT_AGAIN;
    }

  set_handshake_error (self, code, error);
  if (gnutls_alert_send_appropriate (self->tls, code) == GNUTLS_E_SUCCESS)
    self->alert = gnutls_error_to_alert (code, &level);

  return PH_TRANSPORT_FAILED;
}

PhTransportResult
ph_transport_end (PhTransport *self)
{
  int code = GNUTLS_E_SUCCESS;

  if (self->tls != NULL)
    do
      code = gnutls_bye (self->tls, GNUTLS_SHUT_WR);
    while (code == GNUTLS_E_INTERRUPTED);

  if (code == GNUTLS_E_AGAIN)
    {
      self->wants_write = TRUE;
      return PH_TRANSPORT_AGAIN;
    }

  shutdown (self->fd, SHUT_WR);

  return PH_TRANSPORT_OK;
}

static GBytes *
get_binding (PhTransport             *self,
             gnutls_channel_binding_t type)
{
  gnutls_datum_t datum = { 0 };
  GBytes        *bytes;

  if (gnutls_session_channel_binding (self->tls, type, &datum) != GNUTLS_E_SUCCESS)
    return NULL;

  bytes = g_bytes_new (datum.data, datum.size);
  gnutls_free (datum.data);

  return bytes;
}

/* RFC 9266 section 3: in TLS 1.2 the exporter binds only with an extended master secret. */
static GBytes *
get_exporter (PhTransport *self)
{
  if (gnutls_protocol_get_version (self->tls) != GNUTLS_TLS1_3 &&
      gnutls_session_ext_master_secret_status (self->tls) == 0)
    return NULL;

  return get_binding (self, GNUTLS_CB_TLS_EXPORTER);
}

char *
ph_transport_dup_asked_name (PhTransport *self)
{
  char         name[MAX_SNI + 1];
  size_t       length = sizeof name;
  unsigned int type;

  if (self->asked_name != NULL)
    return g_strdup (self->asked_name);
  if (gnutls_server_name_get (self->tls, name, &length, &type, 0) != GNUTLS_E_SUCCESS || type != GNUTLS_NAME_DNS)
    return NULL;

  return g_strndup (name, MIN (length, MAX_SNI));
}

/* Nobody is asked who signed it: it is known by its fingerprint, or not at all.  The handshake
 * has shown that the peer has its key. */
static char *
dup_peer_certificate (PhTransport *self)
{
  unsigned int          n = 0;
  const gnutls_datum_t *der = gnutls_certificate_get_peers (self->tls, &n);
  gnutls_x509_crt_t     certificate;
  time_t                now = time (NULL);
  gboolean              is_good;

  if (der == NULL || n == 0)
    return NULL;

  gnutls_x509_crt_init (&certificate);
  is_good = gnutls_x509_crt_import (certificate, der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS &&
            gnutls_x509_crt_get_activation_time (certificate) <= now && gnutls_x509_crt_get_expiration_time (certificate) > now;
  gnutls_x509_crt_deinit (certificate);

  return is_good ? ph_tls_notes_format_fingerprint (der) : NULL;
}

PhPeer *
ph_transport_describe (PhTransport *self,
                       PhPeer      *peer)
{
  PhPeer *described = ph_peer_new (peer->address, peer->port);

  described->is_tls = TRUE;
  described->must_use_tls = peer->must_use_tls;
  described->tls_version = g_strdup (gnutls_protocol_get_name (gnutls_protocol_get_version (self->tls)));
  described->tls_cipher = g_strdup (gnutls_ciphersuite_get (self->tls));
  described->tls_sni = ph_transport_dup_asked_name (self);
  described->tls_exporter = get_exporter (self);
  described->tls_certificate = dup_peer_certificate (self);
  described->tls_server_end_point = get_binding (self, GNUTLS_CB_TLS_SERVER_END_POINT);

  return described;
}
