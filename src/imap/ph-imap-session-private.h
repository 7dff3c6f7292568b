#pragma once

#include "ph-imap-deflate.h"
#include "ph-imap-enabled.h"
#include "ph-imap-mailbox-name.h"
#include "ph-imap-parser.h"
#include "ph-imap-reader.h"
#include "ph-imap-relevancy.h"
#include "ph-imap-return.h"
#include "ph-imap-session.h"
#include "ph-imap-view.h"
#include "ph-sasl-exchange.h"

G_BEGIN_DECLS

/* RFC 3501 section 3; a mask in the command table. */
typedef enum {
  PH_IMAP_NOT_AUTHENTICATED = 1 << 0,
  PH_IMAP_AUTHENTICATED = 1 << 1,
  PH_IMAP_SELECTED = 1 << 2,
} PhImapState;

#define PH_IMAP_LOGGED_IN (PH_IMAP_AUTHENTICATED | PH_IMAP_SELECTED)
#define PH_IMAP_ANY (PH_IMAP_NOT_AUTHENTICATED | PH_IMAP_LOGGED_IN)

/* Who takes the next bytes. */
typedef enum {
  PH_IMAP_INPUT_COMMAND,
  PH_IMAP_INPUT_SASL,
  PH_IMAP_INPUT_IDLE,
  PH_IMAP_INPUT_APPEND,
} PhImapInput;

typedef enum {
  PH_IMAP_COMMAND_PLAIN = 0,
  PH_IMAP_COMMAND_HAS_UID = 1 << 0,      /* there is a UID form */
  PH_IMAP_COMMAND_KEEP_NUMBERS = 1 << 1, /* no EXPUNGE in the plain form (I01) */
  PH_IMAP_COMMAND_LONG = 1 << 3,         /* says INPROGRESS while it runs (RFC 9585) */
  PH_IMAP_COMMAND_QUIET = 1 << 2,        /* tells no news at all: the mailbox is being left, or its end is the end of a layer */
  PH_IMAP_COMMAND_CHANGES = 1 << 4,      /* adds or removes messages: its news are its own (RFC 5465) */
  PH_IMAP_COMMAND_ASKS = 1 << 5,         /* for news, perhaps: again and again it is polling */
} PhImapCommandFlags;

typedef struct
{
  const char        *name;
  guint              states; /* PhImapState */
  PhImapCommandFlags flags;
  void (*run) (PhImapSession *self,
               PhImapParser  *arguments); /* at the space after the name, or at the end */
} PhImapCommand;

typedef struct _PhImapWatch PhImapWatch;

/* What the files of the session share; nobody else includes this. */
struct _PhImapSession
{
  PhSession parent_instance;

  char            *host_name;
  gboolean         offer_starttls;
  guint64          append_size_max;
  guint            message_limit; /* 0: none */
  PhClock         *clock;
  PhAuthenticator *authenticator;
  PhStore         *store;

  PhImapDeflate *deflate;      /* or NULL */
  gboolean       deflate_held; /* one byte of input was used and is still to be offered */

  PhImapState  state;
  guint        enabled; /* PhImapEnabled */
  PhImapInput  input;
  PhImapReader reader;
  gboolean     ended; /* the peer is gone or goodbye was said */
  guint        n_bad; /* in a row */
  guint        n_login_failures;
  gboolean     tried_login; /* what follows may be a stray password */
  gboolean     idled;
  guint        n_polls; /* in a row */
  gint64       last_poll;
  GBytes      *question; /* that was asked last and may be asked again, and of which mailbox; or NULL */

  /* The command that runs. */
  char                *tag; /* NULL before it is known */
  const PhImapCommand *command;
  gboolean             by_uid;
  guint32              limited_at; /* the lowest UID that it works on, where there are more (RFC 9738); 0: it has no limit */
  gboolean             busy;       /* takes no input until the command ends */
  gpointer             work;       /* what it needs to remember */
  GDestroyNotify       work_free;
  void (*step) (PhImapSession *self); /* goes on when output was drained */

  GCancellable   *cancellable; /* of everything asynchronous */
  PhSaslExchange *sasl;
  PhAccount      *account;
  PhAccountStore *account_store;
  PhImapView     *view; /* while selected */
  gulong          changed_handler;
  GPtrArray      *contexts;    /* of PhImapContext, of that mailbox; see ph-imap-context.h */
  gboolean        is_looking;  /* at what changed, for one of them */
  guint           n_looked;    /* of them, in this round */
  GString        *held_answer; /* the tagged line that waits for that; or NULL */
  guint32         held_last;   /* the last UID that was known before its news */
  PhImapWatch    *watch;       /* since the first NOTIFY; see ph-imap-watch.h */

  guint progress_timer;
  guint idle_timer;
  guint keep_alive_timer;
};

/* TRUE if a password may be sent here: under TLS or on loopback. */
gboolean ph_imap_session_is_protected (PhImapSession *self);

/* One response line, without its CRLF. */
void ph_imap_session_untagged (PhImapSession *self,
                               const char    *format,
                               ...) G_GNUC_PRINTF (2, 3);

/* A PhImapLineFunc for `self`; the text has its CRLF. */
void ph_imap_session_send (const char *line,
                           gsize       length,
                           gpointer    self);

/* End the command: news, then the tagged line.  `code` without brackets, or NULL. */
void ph_imap_session_ok (PhImapSession *self,
                         const char    *code,
                         const char    *text);
void ph_imap_session_no (PhImapSession *self,
                         const char    *code,
                         const char    *text);
void ph_imap_session_bad (PhImapSession *self,
                          const char    *text);

/* RFC 9738: leaves the last message-limit of `uids` (ascending), which the answer will tell. */
void ph_imap_session_limit (PhImapSession *self,
                            GArray        *uids);

/* "MESSAGELIMIT 1000 23221" of the command that runs, or NULL. */
char *ph_imap_session_dup_limit_code (PhImapSession *self);

/* FALSE, and says NO, where a command that is done as a whole would work on more. `uids` may be NULL. */
gboolean ph_imap_session_check_limit (PhImapSession *self,
                                      const GArray  *uids,
                                      guint          n);

/* NO with the code that fits the error. */
void ph_imap_session_fail (PhImapSession *self,
                           const GError  *error);

/* BAD unless all arguments were taken. */
gboolean ph_imap_session_end_arguments (PhImapSession *self,
                                        PhImapParser  *arguments);

/* "* BYE …" and close (I25). */
void ph_imap_session_bye (PhImapSession *self,
                          const char    *code,
                          const char    *text);

/* The command goes on later; `work` is kept until it ends.  `free` may be NULL. */
void ph_imap_session_wait (PhImapSession *self,
                           gpointer       work,
                           GDestroyNotify free);

/* In a callback: FALSE if nobody is there any more to be answered. */
gboolean ph_imap_session_is_waiting (PhImapSession *self);

void ph_imap_session_set_deadline (PhImapSession *self);

/* The running command asks for news of the mailbox of that name: a finding where that is polling, in ph-imap-command-idle.c. */
void ph_imap_session_note_poll (PhImapSession *self,
                                const char    *name);

/* A command that is none of those, without its tag: the same where it asks once more what it asked before. */
void ph_imap_session_note_question (PhImapSession *self,
                                    const char    *text,
                                    gsize          length);

/* Sends the tagged line that waits for what contexts have to tell, if there is one. */
void ph_imap_session_release_answer (PhImapSession *self);

/* The news of the selected mailbox, as far as NOTIFY wants them. */
void ph_imap_session_tell_view (PhImapSession *self,
                                gboolean       may_expunge);

/* What NOTIFY asked for of new messages, those with higher UIDs than `last`; goes on by itself. */
void ph_imap_session_tell_new (PhImapSession *self,
                               guint32        last);

/* Leaves the selected mailbox without a word. */
void ph_imap_session_unselect (PhImapSession *self);
void ph_imap_session_select (PhImapSession *self,
                             PhMailbox     *mailbox,
                             gboolean       read_only);

/* Takes over after the credentials were right. */
void ph_imap_session_log_in (PhImapSession *self,
                             PhAccount     *account);

char *ph_imap_session_format_capabilities (PhImapSession *self);

/* Switches features on; tells what follows from that. */
void ph_imap_session_enable (PhImapSession *self,
                             guint          enabled); /* PhImapEnabled */

/* "HIGHESTMODSEQ 17" where `feature` is enabled (RFC 7162 3.2.7), else NULL. */
char *ph_imap_session_dup_modseq_code (PhImapSession *self,
                                       PhMailbox     *mailbox,
                                       PhImapEnabled  feature);

/* TRUE if names go over the wire as UTF-8. */
gboolean ph_imap_session_has_utf8 (PhImapSession *self);

/* RFC 9051 6.3.9.7: where the client `spelled` a name otherwise than it is now, "* LIST" with
 * OLDNAME once rev2 is enabled; `always` even where it did not. */
void ph_imap_session_tell_name (PhImapSession *self,
                                const char    *spelled,
                                const char    *name,
                                gboolean       always);

/* Those of these UIDs that the client knows, or their sequence numbers. */
GArray *ph_imap_session_dup_numbers (PhImapSession *self,
                                     const GArray  *uids,
                                     gboolean       by_uid);

/* The result of SEARCH or SORT (`response` where it is not extended); saves it if so
 * wanted.  `modseq` 0: not told. */
void ph_imap_session_tell_found (PhImapSession         *self,
                                 const char            *response,
                                 const PhImapReturn    *wanted,
                                 GArray                *uids,
                                 guint64                modseq,
                                 const PhImapRelevancy *relevancy);

/* The modseq to tell with a result; 0 unless the keys asked for it. */
guint64 ph_imap_session_find_modseq (PhImapSession      *self,
                                     guint               traits, /* PhImapSearchTraits */
                                     const PhImapReturn *wanted,
                                     GArray             *found);

/* The keys of a SEARCH, up to the end; NULL and a mistake in the parser. */
PhSearchKey *ph_imap_session_take_search (PhImapSession   *self,
                                          PhImapParser    *arguments,
                                          gboolean         with_scores,
                                          guint           *traits,
                                          PhImapRelevancy *relevancy);

/* Runs `key` (taken) over the selected mailbox, and that of `relevancy`, the waiting command's, over what it found;
 * then `function` is called with UIDs, or an error, unless nobody waits any more. */
typedef void (*PhImapFoundFunc) (PhImapSession *self,
                                 GArray        *found, /* borrowed; or NULL */
                                 const GError  *error);
void ph_imap_session_find (PhImapSession   *self,
                           PhSearchKey     *key,
                           guint            traits, /* PhImapSearchTraits */
                           PhImapRelevancy *relevancy,
                           PhImapFoundFunc  function);

/* RFC 5267 4.3.1: the running command's result is not kept up to date. */
void ph_imap_session_refuse_update (PhImapSession *self,
                                    const char    *why);

/* TRUE for US-ASCII and UTF-8 (I39). */
gboolean ph_imap_charset_is_known (const char *charset);

/* Input that is no command. */
void  ph_imap_sasl_line (PhImapSession *self,
                         const guint8  *line,
                         gsize          length);
void  ph_imap_idle_line (PhImapSession *self,
                         const guint8  *line,
                         gsize          length);
void  ph_imap_idle_notify (PhImapSession *self);
gsize ph_imap_append_feed (PhImapSession *self,
                           const guint8  *data,
                           gsize          length);

/* Takes input that is not, or no longer, compressed. */
gsize ph_imap_session_feed_plain (PhImapSession *self,
                                  const guint8  *data,
                                  gsize          length);
gsize ph_imap_compressed_feed (PhImapSession *self,
                               const guint8  *data,
                               gsize          length);

/* At an announced literal of APPEND: TRUE if it was dealt with (streamed or refused). */
gboolean ph_imap_append_begin (PhImapSession *self,
                               PhImapParser  *arguments);

/* The families. */
void ph_imap_command_capability (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_noop (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_logout (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_id (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_enable (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_namespace (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_starttls (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_login (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_authenticate (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_select (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_examine (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_close (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_unselect (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_create (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_delete (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_rename (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_subscribe (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_unsubscribe (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_list (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_lsub (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_status (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_append (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_replace (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_compress (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_getquota (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_getquotaroot (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_setquota (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_getmetadata (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_setmetadata (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_notify (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_idle (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_fetch (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_store (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_copy (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_move (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_cancelupdate (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_search (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_sort (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_thread (PhImapSession *self, PhImapParser *arguments);
void ph_imap_command_expunge (PhImapSession *self, PhImapParser *arguments);

G_END_DECLS
