#pragma once

#include "ph-scram-client.h"
#include "ph-smtp-body-writer.h"
#include "ph-smtp-client.h"
#include "ph-smtp-reply-parser.h"

G_BEGIN_DECLS

/* Seconds that a server may take (RFC 5321 section 4.5.3.2, S13). */
#define PH_SMTP_CLIENT_COMMAND_SECONDS 300
#define PH_SMTP_CLIENT_DATA_SECONDS 120
#define PH_SMTP_CLIENT_BLOCK_SECONDS 180
#define PH_SMTP_CLIENT_FINAL_SECONDS 600
#define PH_SMTP_CLIENT_QUIT_SECONDS 10

#define PH_SMTP_CLIENT_PIECE (16 * 1024)

/* What EHLO offered. */
typedef enum {
  PH_SMTP_OFFERS_STARTTLS = 1 << 0,
  PH_SMTP_OFFERS_PIPELINING = 1 << 1,
  PH_SMTP_OFFERS_8BITMIME = 1 << 2,
  PH_SMTP_OFFERS_SMTPUTF8 = 1 << 3,
  PH_SMTP_OFFERS_DSN = 1 << 4,
  PH_SMTP_OFFERS_SIZE = 1 << 5,
  PH_SMTP_OFFERS_AUTH_PLAIN = 1 << 6,
  PH_SMTP_OFFERS_AUTH_LOGIN = 1 << 7,
  PH_SMTP_OFFERS_LIMITS = 1 << 8,
  PH_SMTP_OFFERS_REQUIRETLS = 1 << 9,
  PH_SMTP_OFFERS_CHUNKING = 1 << 10,
  PH_SMTP_OFFERS_AUTH_SCRAM = 1 << 11,
  PH_SMTP_OFFERS_AUTH_XOAUTH2 = 1 << 12,
} PhSmtpOffers;

/* What the next reply answers. */
typedef enum {
  PH_SMTP_EXPECT_GREETING,
  PH_SMTP_EXPECT_EHLO,
  PH_SMTP_EXPECT_HELO,
  PH_SMTP_EXPECT_STARTTLS,
  PH_SMTP_EXPECT_AUTH_PLAIN,
  PH_SMTP_EXPECT_AUTH_LOGIN,
  PH_SMTP_EXPECT_AUTH_USER,
  PH_SMTP_EXPECT_AUTH_PASSWORD,
  PH_SMTP_EXPECT_AUTH_TOKEN,
  PH_SMTP_EXPECT_AUTH_CHALLENGE, /* of SCRAM: the server's first message */
  PH_SMTP_EXPECT_AUTH_FINAL,     /* and its last */
  PH_SMTP_EXPECT_MAIL,
  PH_SMTP_EXPECT_RCPT,
  PH_SMTP_EXPECT_DATA,
  PH_SMTP_EXPECT_CHUNK, /* a BDAT that is not the last */
  PH_SMTP_EXPECT_FINAL,
  PH_SMTP_EXPECT_NOTHING, /* the dot after a DATA for nobody */
  PH_SMTP_EXPECT_QUIT,
} PhSmtpExpectation;

struct _PhSmtpClient
{
  PhSession parent_instance;

  char                 *host_name;
  char                 *server_name;
  const PhSmtpEnvelope *envelope; /* borrowed */
  PhSmtpReadFunc        read;
  gpointer              read_data;
  guint64               size;
  gboolean              is_8bit;
  PhSmtpTlsPolicy       tls;
  gboolean              implicit_tls;
  gboolean              tls_is_verified;
  char                 *user;
  char                 *password;  /* wiped */
  gboolean              has_token; /* the password is one */
  gboolean              hashing;   /* for SCRAM, in a thread */
  PhScramClient        *scram;

  PhSmtpReplyParser parser;
  GQueue            expected; /* of PhSmtpExpectation */
  PhSmtpOffers      offers;
  guint64           size_max;       /* of SIZE; 0: not said */
  guint64           recipients_max; /* of LIMITS, as the next two; 0: not said */
  guint64           domains_max;
  guint64           mails_max;
  gboolean          needs_utf8;
  char             *sender; /* as it goes out */
  guint             n_recipients;
  char            **recipients;  /* n_recipients as they go out; NULL for one that can't */
  guint             next_rcpt;   /* to be sent */
  guint             next_result; /* to be answered */
  guint             n_accepted;
  PhSmtpResult     *results; /* n_recipients */
  PhSmtpBodyWriter  writer;
  guint64           offset; /* in the message */
  gboolean          sending_body;
  gboolean          in_chunks;
  gboolean          finished;
  gboolean          gone; /* nobody is there any more */
  gboolean          try_next_host;
  gboolean          try_without_tls;

  gboolean keeps_open;
  gboolean may_go_on; /* after this message, for all that it did */
  gboolean ready;
  gboolean wants_7bit;
  gboolean was_stale;
  guint    n_mails;
  guint    n_replies; /* to this message's commands */
};

/* A command, in the journal too; the last `secret` bytes are masked there. */
void ph_smtp_client_send (PhSmtpClient     *self,
                          PhSmtpExpectation expectation,
                          gsize             secret,
                          const char       *format,
                          ...) G_GNUC_PRINTF (4, 5);

/* Gives every recipient that has no refusal of its own this result, and ends with QUIT as
 * soon as what was asked is answered.  `reply`: transfer full. */
void ph_smtp_client_end (PhSmtpClient    *self,
                         PhSmtpResultKind kind,
                         PhSmtpReply     *reply);

/* Our own words where the server has none, marked with N_(): the note is translated, the reply is not. */
void ph_smtp_client_fail_valist (PhSmtpClient    *self,
                                 PhSmtpResultKind kind,
                                 guint            code,
                                 const char      *enhanced,
                                 const char      *format,
                                 va_list          args) G_GNUC_PRINTF (5, 0);
void ph_smtp_client_fail (PhSmtpClient *self,
                          const char   *enhanced,
                          const char   *format,
                          ...) G_GNUC_PRINTF (3, 4);

/* The same where there is no TLS, or none that is good: the sender may have said that the message then must go back (RFC 8689
 * section 4.2.1). */
void     ph_smtp_client_lack_tls (PhSmtpClient *self,
                                  const char   *enhanced,
                                  const char   *format,
                                  ...) G_GNUC_PRINTF (3, 4);
gboolean ph_smtp_client_must_have_tls (PhSmtpClient *self);

/* By the first digit; what is unknown is temporary (S22). */
PhSmtpResultKind ph_smtp_client_classify (const PhSmtpReply *reply);

/* The same for what can't be a success: anything but 5xx is temporary. */
PhSmtpResultKind ph_smtp_client_classify_failure (const PhSmtpReply *reply);

/* The first steps are in ph-smtp-client-hello.c, the transaction in -mail.c, the message in -body.c. */
typedef void (*PhSmtpReplyFunc) (PhSmtpClient      *self,
                                 const PhSmtpReply *reply);

void ph_smtp_client_on_greeting (PhSmtpClient      *self,
                                 const PhSmtpReply *reply);
void ph_smtp_client_on_ehlo (PhSmtpClient      *self,
                             const PhSmtpReply *reply);
void ph_smtp_client_on_helo (PhSmtpClient      *self,
                             const PhSmtpReply *reply);
void ph_smtp_client_on_starttls (PhSmtpClient      *self,
                                 const PhSmtpReply *reply);
void ph_smtp_client_on_auth_login (PhSmtpClient      *self,
                                   const PhSmtpReply *reply);
void ph_smtp_client_on_auth_user (PhSmtpClient      *self,
                                  const PhSmtpReply *reply);
void ph_smtp_client_on_auth_token (PhSmtpClient      *self,
                                   const PhSmtpReply *reply);
void ph_smtp_client_on_auth_challenge (PhSmtpClient      *self,
                                       const PhSmtpReply *reply);
void ph_smtp_client_on_auth_final (PhSmtpClient      *self,
                                   const PhSmtpReply *reply);
void ph_smtp_client_on_auth_end (PhSmtpClient      *self,
                                 const PhSmtpReply *reply);
void ph_smtp_client_on_mail (PhSmtpClient      *self,
                             const PhSmtpReply *reply);
void ph_smtp_client_on_rcpt (PhSmtpClient      *self,
                             const PhSmtpReply *reply);
void ph_smtp_client_on_data (PhSmtpClient      *self,
                             const PhSmtpReply *reply);
void ph_smtp_client_on_chunk (PhSmtpClient      *self,
                              const PhSmtpReply *reply);
void ph_smtp_client_on_final (PhSmtpClient      *self,
                              const PhSmtpReply *reply);

void ph_smtp_client_say_hello (PhSmtpClient *self);
void ph_smtp_client_log_in (PhSmtpClient *self);
void ph_smtp_client_begin_mail (PhSmtpClient *self);

/* The message, in ph-smtp-client-body.c: begins, and goes on while the output has room. */
void ph_smtp_client_begin_body (PhSmtpClient *self,
                                gboolean      in_chunks);
void ph_smtp_client_send_body (PhSmtpClient *self);

G_END_DECLS
