#pragma once

#include "ph-sasl-exchange.h"
#include "ph-smtp-data-decoder.h"
#include "ph-smtp-session.h"

G_BEGIN_DECLS

/* All limits of a receiving session, in octets, seconds and times. */
#define PH_SMTP_LINE_MAX 2048 /* a command with its line end (S01) */
#define PH_SMTP_AUTH_LINE_MAX PH_SASL_LINE_MAX
#define PH_SMTP_SKIP_MAX (1024 * 1024)    /* of a line that never ends, then 421 */
#define PH_SMTP_REPLY_TEXT_MAX 480        /* of a reply line; 512 in all, RFC 5321 4.5.3.1.5 */
#define PH_SMTP_HELO_MAX 255              /* the name in EHLO */
#define PH_SMTP_ERRORS_MAX 20             /* mistakes, then 421 */
#define PH_SMTP_REFUSED_AT_ONCE 10        /* recipients in one session; from then on each answer waits (V20) */
#define PH_SMTP_TAR_PIT_SECONDS 1         /* so long */
#define PH_SMTP_REFUSED_RECIPIENTS_MAX 50 /* in one session, then 421 (V20) */
#define PH_SMTP_AUTH_FAILURES_MAX 3       /* in one session, then 421 (V19) */
#define PH_SMTP_HURRIED_SECONDS 10        /* the same while there are too many */
#define PH_SMTP_COMMIT_SECONDS 600        /* for end_message */
#define PH_SMTP_DATA_SECONDS 300          /* for each PH_SMTP_DATA_STEP octets: 500 octets/s at least (V38) */
#define PH_SMTP_DATA_STEP (500 * PH_SMTP_DATA_SECONDS)

/* What the next bytes of input are. */
typedef enum {
  PH_SMTP_INPUT_COMMAND,
  PH_SMTP_INPUT_SKIP, /* the rest of a line that is too long */
  PH_SMTP_INPUT_AUTH, /* the answer to a challenge */
  PH_SMTP_INPUT_DATA,
  PH_SMTP_INPUT_CHUNK, /* of BDAT */
  PH_SMTP_INPUT_WAIT,  /* for the handler, the authenticator or the tar-pit: nothing is taken */
} PhSmtpInput;

/* Where the conversation is; a command's row says in which of these it may come. */
typedef enum {
  PH_SMTP_STATE_START = 1 << 0,  /* no EHLO yet */
  PH_SMTP_STATE_READY = 1 << 1,  /* no MAIL yet */
  PH_SMTP_STATE_MAIL = 1 << 2,   /* MAIL, perhaps RCPT */
  PH_SMTP_STATE_CHUNKS = 1 << 3, /* BDAT without LAST */
} PhSmtpState;

#define PH_SMTP_STATE_ANY (PH_SMTP_STATE_START | PH_SMTP_STATE_READY | PH_SMTP_STATE_MAIL | PH_SMTP_STATE_CHUNKS)

/* Which services know a command. */
typedef enum {
  PH_SMTP_IN_RELAY = 1 << PH_SMTP_ROLE_RELAY,
  PH_SMTP_IN_SUBMISSION = 1 << PH_SMTP_ROLE_SUBMISSION,
  PH_SMTP_IN_LMTP = 1 << PH_SMTP_ROLE_LMTP,
} PhSmtpRoles;

#define PH_SMTP_IN_SMTP (PH_SMTP_IN_RELAY | PH_SMTP_IN_SUBMISSION)
#define PH_SMTP_IN_ALL (PH_SMTP_IN_SMTP | PH_SMTP_IN_LMTP)

struct _PhSmtpSession
{
  PhSession parent_instance;

  PhSmtpConfig     config;  /* host_name is ours */
  PhSmtpHandler   *handler; /* owned */
  PhAuthenticator *authenticator;

  PhSmtpInput input;
  gboolean    gone; /* the peer is, or we said goodbye: what still comes back is dropped */
  char       *helo;
  gboolean    extended;  /* EHLO, not HELO */
  gboolean    began_tls; /* by STARTTLS */
  guint       n_errors;
  guint       n_refused_recipients;
  gsize       n_skipped;  /* of a line that is too long */
  gboolean    skips_auth; /* that line was part of an AUTH */

  /* AUTH */
  PhAccount      *account;
  PhSaslExchange *exchange;
  guint           n_auth_failures;
  gboolean        auth_seen; /* unknown lines may be passwords from then on */

  /* The transaction */
  PhSmtpEnvelope   *envelope;
  gboolean          recipient_tried; /* RCPT was said, with whatever result */
  PhSmtpReply      *held_refusal;    /* of RCPT, in the tar-pit; or NULL */
  GObject          *message;         /* the handler's sink; NULL once given up */
  gboolean          message_failed;  /* write_message said so: write no more */
  gboolean          message_too_big;
  guint64           message_size;
  PhSmtpDataDecoder decoder;
  gsize             data_step; /* octets since the deadline was set */
  GCancellable     *cancellable;

  /* BDAT */
  gboolean     in_chunks;
  gboolean     chunk_last;
  guint64      chunk_size;
  guint64      chunk_left;
  PhSmtpReply *chunk_refusal; /* what the chunk is answered with once it was read; sticks */
};

/* Replies: written, and put into the journal. */
void ph_smtp_session_reply (PhSmtpSession *self,
                            guint          code,
                            const char    *enhanced,
                            const char    *format,
                            ...) G_GNUC_PRINTF (4, 5);
void ph_smtp_session_send (PhSmtpSession     *self,
                           const PhSmtpReply *reply);

/* The last word on a message. */
void ph_smtp_session_send_final (PhSmtpSession     *self,
                                 const PhSmtpReply *reply);

/* A reply to a mistake of the client; too many of them end the session. */
void ph_smtp_session_mistake (PhSmtpSession *self,
                              guint          code,
                              const char    *enhanced,
                              const char    *format,
                              ...) G_GNUC_PRINTF (4, 5);

/* The answer to a message that is too large, and a note of how large it is.  Transfer full. */
PhSmtpReply *ph_smtp_session_refuse_size (PhSmtpSession *self,
                                          guint64        size);

/* 421 and the end. */
void ph_smtp_session_give_up (PhSmtpSession *self,
                              const char    *enhanced,
                              const char    *text);

/* The transaction is over or given up: RSET. */
void ph_smtp_session_reset (PhSmtpSession *self);

/* TRUE where a password may be said: under TLS, or on loopback. */
gboolean ph_smtp_session_is_protected (PhSmtpSession *self);

gboolean ph_smtp_session_is_tls (PhSmtpSession *self);

/* TRUE while STARTTLS may be said. */
gboolean ph_smtp_session_offers_tls (PhSmtpSession *self);

/* What AUTH may name now; the array to be freed, its strings not. NULL where there is no login, or none any more. */
const char **ph_smtp_auth_list_mechanisms (PhSmtpSession *self);

/* How many seconds a message may be kept from *now (real µs) on; 0 where that is not offered.
 * In ph-smtp-hold.c, as all of FUTURERELEASE. */
guint ph_smtp_session_get_hold_max (PhSmtpSession *self,
                                    gint64        *now);

/* HOLDFOR and HOLDUNTIL of MAIL; see PhSmtpParameterFunc. */
PhSmtpReply *ph_smtp_hold_apply_for (gpointer    target,
                                     const char *value,
                                     gsize       length);
PhSmtpReply *ph_smtp_hold_apply_until (gpointer    target,
                                       const char *value,
                                       gsize       length);

/* "\nFUTURERELEASE 5184000 2026-12-24T18:00:00Z", or nothing. */
void ph_smtp_hold_append_offer (PhSmtpSession *self,
                                GString       *text);

/* Refuses a recipient: at once, or to who guesses one after the other later, and at last no more.
 * In ph-smtp-tar-pit.c. */
void ph_smtp_tar_pit_refuse (PhSmtpSession     *self,
                             const PhSmtpReply *refusal);

/* The wait is over; FALSE where nobody is in the tar-pit. */
gboolean ph_smtp_tar_pit_release (PhSmtpSession *self);

/* A refusal that the client's own words caused. */
void ph_smtp_session_refuse (PhSmtpSession     *self,
                             const PhSmtpReply *refusal);

/* Takes back a wait: input is taken again. */
void ph_smtp_session_resume (PhSmtpSession *self);

/* The client has so long for its next line (S13). */
void ph_smtp_session_await_command (PhSmtpSession *self);

/**
 * PhSmtpCommand:
 *
 * A row of the table of commands.  `run` gets what follows the verb and its blanks,
 * without the line end and trailing blanks, no control characters in it, and 8-bit
 * bytes (valid UTF-8) only where the row says so.
 */
typedef struct
{
  const char *verb;
  guint       states; /* of PhSmtpState */
  guint       roles;  /* of PhSmtpRoles */
  gboolean    takes_utf8;
  void (*run) (PhSmtpSession *self,
               const char    *args,
               gsize          length);
} PhSmtpCommand;

#define PH_SMTP_COMMAND_FUNC(name) void name (PhSmtpSession *self, const char *args, gsize length)

PH_SMTP_COMMAND_FUNC (ph_smtp_command_auth);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_bdat);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_data);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_ehlo);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_helo);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_help);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_lhlo);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_mail);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_noop);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_quit);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_rcpt);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_rset);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_starttls);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_unsupported);
PH_SMTP_COMMAND_FUNC (ph_smtp_command_vrfy);

/* What takes the input where it is not a command; the last two return how much they took. */
void  ph_smtp_auth_take_line (PhSmtpSession *self,
                              const char    *line,
                              gsize          length);
gsize ph_smtp_data_take (PhSmtpSession *self,
                         const guint8  *data,
                         gsize          length);
gsize ph_smtp_chunk_take (PhSmtpSession *self,
                          const guint8  *data,
                          gsize          length);

/* Splits and runs one command line; ph-smtp-commands.c. */
void ph_smtp_commands_run (PhSmtpSession *self,
                           const char    *line,
                           gsize          length,
                           gboolean       bare_lf);

G_END_DECLS
