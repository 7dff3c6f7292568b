#pragma once

#include "ph-pop3-session.h"
#include "ph-sasl-exchange.h"

G_BEGIN_DECLS

/* All limits of POP3. */
#define PH_POP3_LINE_MAX 512              /* RFC 2449 section 4 asks for 255 with CRLF */
#define PH_POP3_SASL_LINE_MAX (12 * 1024) /* RFC 4954 section 4, for all that speak SASL */
#define PH_POP3_ERRORS_MAX 20             /* wrong commands, then it ends */
#define PH_POP3_LOGINS_MAX 3              /* wrong passwords on one connection (V19) */
#define PH_POP3_LOGIN_SECONDS 180         /* to log in */
#define PH_POP3_PIECE (16 * 1024)         /* read of a message at once */
#define PH_POP3_AHEAD_MIN 4               /* messages that are opened together at first */
#define PH_POP3_AHEAD_MAX 32              /* and at most; so many again are open and not yet sent, or PH_MESSAGES_HELD_MAX bytes */

typedef enum {
  PH_POP3_AUTHORIZATION = 1 << 0,
  PH_POP3_TRANSACTION = 1 << 1,
} PhPop3State;

/* A message as it was when the client logged in; its number is its place (P03). */
typedef struct
{
  guint32  uid;
  guint32  size; /* octets on the wire, with the line end that an open last line is given (P05) */
  gboolean deleted;
} PhPop3Message;

/* Sends more of a long reply: TRUE when all is sent.  Called while the output has room. */
typedef gboolean (*PhPop3ProduceFunc) (PhPop3Session *self);

/* A message being sent (RETR, TOP). */
typedef struct
{
  PhMessage *message;
  guint32    size; /* that was told */
  guint64    offset;
  gint64     lines_left; /* of the body; -1: all */
  gboolean   in_header;
  gboolean   at_line_start;
  gboolean   ends_with_crlf;
  guint8     last;
  gboolean   line_is_empty;
} PhPop3Transfer;

/* Of ph-pop3-ahead.c; all 0 at first. */
typedef struct
{
  GArray  *ready;      /* open and not yet sent, in order; or NULL */
  guint    end;        /* index of the first that nobody was told to open */
  guint    n_next;     /* so many at once; 0: only the one that is wanted */
  guint    turn;       /* changes when what is under way is not wanted any more */
  gboolean is_opening; /* a worker is at it */
  guint    wanted;     /* index of the one that is waited for */
  gboolean is_wanted;
} PhPop3Ahead;

struct _PhPop3Session
{
  PhSession parent_instance;

  char            *host_name;
  gboolean         offer_starttls;
  PhAuthenticator *authenticator;
  PhStore         *store;

  PhPop3State     state;
  GCancellable   *cancellable; /* of whatever runs */
  gboolean        waiting;     /* for a worker: no command is taken */
  gboolean        discarding;  /* the rest of a line that was too long */
  guint           n_errors;
  gboolean        tried_login; /* what follows may be a stray password */
  guint           n_logins;
  gboolean        utf8;
  char           *user;      /* from USER */
  char           *challenge; /* for APOP, in the greeting; NULL: there is none */
  PhSaslExchange *exchange;  /* while AUTH runs: lines are SASL's */

  PhAccount      *account;
  PhAccountStore *account_store; /* locked for us once in TRANSACTION */
  gboolean        locked;
  PhMailbox      *mailbox;
  GArray         *messages; /* of PhPop3Message */
  GHashTable     *uidls;    /* of those that are not known by UIDVALIDITY.UID: UID → text */
  guint           n_deleted;
  guint64         size_deleted;
  guint64         size;

  PhPop3ProduceFunc produce; /* NULL: no reply under way */
  guint             cursor;  /* of LIST and UIDL */
  PhPop3Transfer    transfer;

  PhPop3Ahead ahead;
  guint       next_index; /* of the message that comes next where they are fetched in order */
};

/* The reply line with its CRLF, in the journal too. */
void ph_pop3_session_reply (PhPop3Session *self,
                            const char    *format,
                            ...) G_GNUC_PRINTF (2, 3);

/* A line of a reply of several; the last one is a ph_pop3_session_reply(). */
void ph_pop3_session_reply_more (PhPop3Session *self,
                                 const char    *format,
                                 ...) G_GNUC_PRINTF (2, 3);

/* A reply to a mistake of the client; too many of them end the session. */
void ph_pop3_session_mistake (PhPop3Session *self,
                              const char    *format,
                              ...) G_GNUC_PRINTF (2, 3);

/* Nothing is taken until ph_pop3_session_go_on(). */
void ph_pop3_session_wait (PhPop3Session *self);
void ph_pop3_session_go_on (PhPop3Session *self);

/* Begins a long reply, which takes the line's place until it is sent. */
void ph_pop3_session_produce (PhPop3Session    *self,
                              PhPop3ProduceFunc produce);

gboolean ph_pop3_session_is_protected (PhPop3Session *self);

/* The mailbox of an account that has logged in: lock, open, snapshot, +OK. */
void ph_pop3_session_enter (PhPop3Session *self,
                            PhAccount     *account);
void ph_pop3_session_leave (PhPop3Session *self);

/* Commands: one row each in the table. `argument` is "" where there is none. */
typedef void (*PhPop3CommandFunc) (PhPop3Session *self,
                                   const char    *argument);

void ph_pop3_command_capa (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_stls (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_utf8 (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_lang (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_user (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_pass (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_apop (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_auth (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_stat (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_list (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_uidl (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_retr (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_top (PhPop3Session *self,
                          const char    *argument);
void ph_pop3_command_dele (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_noop (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_rset (PhPop3Session *self,
                           const char    *argument);
void ph_pop3_command_quit (PhPop3Session *self,
                           const char    *argument);

/* A line of the client while an exchange runs. */
void ph_pop3_auth_continue (PhPop3Session *self,
                            const char    *line,
                            gsize          length);

/* Ends what AUTH left. */
void ph_pop3_auth_clear (PhPop3Session *self);

/* Opens a message and, where the client fetches whole ones in order, those that follow; calls
 * ph_pop3_mail_opened(), at once or later, with NULL where it can't be opened. */
void ph_pop3_ahead_open (PhPop3Session *self,
                         guint          index,
                         gboolean       is_whole);
void ph_pop3_ahead_clear (PhPop3Session *self);
void ph_pop3_mail_opened (PhPop3Session *self,
                          PhMessage     *message);

/* Ends the transfer that runs, if any. */
void ph_pop3_transfer_clear (PhPop3Session *self);

G_END_DECLS
