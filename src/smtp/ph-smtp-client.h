#pragma once

#include "ph-session.h"
#include "ph-smtp-envelope.h"
#include "ph-smtp-reply.h"

G_BEGIN_DECLS

typedef enum {
  PH_SMTP_TLS_NEVER,
  PH_SMTP_TLS_OPPORTUNISTIC, /* if offered; the certificate is not checked (RFC 7435) */
  PH_SMTP_TLS_REQUIRED,
} PhSmtpTlsPolicy;

/* Where the bytes of the message come from; blocking for no longer than a page
 * of a file takes.  -1 is a failure of ours. */
typedef gssize (*PhSmtpReadFunc) (gpointer user_data,
                                  guint64  offset,
                                  void    *data,
                                  gsize    length);

/* What is to be sent, and how; copied but for the envelope and the reader's data,
 * which must outlive the client. */
typedef struct
{
  const char           *host_name;   /* for EHLO */
  const char           *server_name; /* the remote host, for replies and logs */
  const PhSmtpEnvelope *envelope;
  PhSmtpReadFunc        read;
  gpointer              read_data;
  guint64               size;    /* of the message: CRLF line ends, not dot-stuffed */
  gboolean              is_8bit; /* the body has 8-bit bytes */
  PhSmtpTlsPolicy       tls;
  gboolean              implicit_tls; /* the connection began with TLS (465) */
  const char           *user;         /* for AUTH, only under TLS or on loopback; NULL for none */
  const char           *password;
  gboolean              password_is_token; /* an OAuth 2 access token (XOAUTH2); else SCRAM-SHA-256, PLAIN or LOGIN */
  gboolean              tls_is_verified;   /* the handshake fails unless the certificate is good for the host */
  gboolean              keeps_open;        /* no QUIT after a message that was taken: another may follow */
} PhSmtpClientJob;

/* Messages over one connection, at most (S20), and how long it waits for the next. */
#define PH_SMTP_CLIENT_MAILS_MAX 100
#define PH_SMTP_CLIENT_IDLE_SECONDS 2

typedef enum {
  PH_SMTP_RESULT_DELIVERED,
  PH_SMTP_RESULT_TEMPORARY, /* try again later, or the next host where `try_next_host` */
  PH_SMTP_RESULT_PERMANENT,
} PhSmtpResultKind;

/* For each recipient of the envelope, in its order. */
typedef struct
{
  PhSmtpResultKind kind;
  PhSmtpReply     *reply;  /* what the server said, or our words where it said nothing; never NULL at the end */
  gboolean         is_own; /* the server said it of this recipient */
} PhSmtpResult;

#define PH_TYPE_SMTP_CLIENT (ph_smtp_client_get_type ())
G_DECLARE_FINAL_TYPE (PhSmtpClient, ph_smtp_client, PH, SMTP_CLIENT, PhSession)

/**
 * PhSmtpClient:
 *
 * The sending side of SMTP: one message after the other to one server over one connection, as a
 * state machine (RFC 5321, 3207, 2920, 3030, 4954, 9422).  Pipelines where offered, and sends
 * chunks where those are offered too; else dots are
 * stuffed by a state machine that knows only CRLF; it never sends a bare CR or LF
 * (V02); a Return-Path field at the very start of the message is left out, because
 * that is for final delivery (RFC 5321 4.4); lines go out as long as they are.
 * Addresses are parsed again before they are sent, so that nothing in an envelope can
 * forge a command (V14).  Replies are bounded and lenient (V16); bytes in clear after
 * the answer to STARTTLS end it (V04).  Mail with REQUIRETLS (RFC 8689) goes only to a server
 * that has the extension, under TLS with a verified certificate; else 5.7.30, and the next host.  A refused login is temporary: it is for the
 * user to mend.  For each message it emits "finished" once, when all recipients have a result,
 * before QUIT is answered; then "ready" where the job keeps it open and another message may be sent.
 */
PhSmtpClient *ph_smtp_client_new (const PhSmtpClientJob *job);

gboolean            ph_smtp_client_is_finished (PhSmtpClient *self);
const PhSmtpResult *ph_smtp_client_get_results (PhSmtpClient *self); /* one for each recipient */

/* Another message over the same connection, while it is ready.  Of the job only what concerns the
 * message counts (envelope, read, size, is_8bit); the results of the last one are gone then. */
void     ph_smtp_client_send_another (PhSmtpClient          *self,
                                      const PhSmtpClientJob *job);
gboolean ph_smtp_client_is_ready (PhSmtpClient *self);

/* TRUE where nothing was sent because the server takes 7 bits only (S21): it may be sent another
 * form of the message. */
gboolean ph_smtp_client_wants_7bit (PhSmtpClient *self);

/* TRUE where the server took no more messages over this connection, rather than this message: it
 * hung up, or said 421, before it had answered anything about it. */
gboolean ph_smtp_client_was_stale (PhSmtpClient *self);

/* TRUE where the failure is this host's (connect, greeting, EHLO, MAIL 4xx, TLS, an
 * extension that the message needs), so that the next MX may do better, even where the
 * results say PERMANENT (S18, S21). */
gboolean ph_smtp_client_try_next_host (PhSmtpClient *self);

/* TRUE where the server offered DSN: NOTIFY, ORCPT, RET and ENVID went on to it, and a
 * report of success is its business (S25).  Valid once finished. */
gboolean ph_smtp_client_has_dsn (PhSmtpClient *self);

/* TRUE where an opportunistic handshake failed: try again without (S19). */
gboolean ph_smtp_client_try_without_tls (PhSmtpClient *self);

G_END_DECLS
