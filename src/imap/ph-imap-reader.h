#pragma once

#include "ph-buffer.h"

G_BEGIN_DECLS

/* What a command may weigh (V05), in bytes.  Before login the longest that a standard
 * allows is ID with 30 pairs of 30 and 1,024 octets (RFC 2971 3.3). */
#define PH_IMAP_PREAUTH_COMMAND_MAX (34 * 1024)
#define PH_IMAP_PREAUTH_LITERAL_MAX 4096
#define PH_IMAP_COMMAND_MAX (1024 * 1024)
#define PH_IMAP_LINE_MAX (64 * 1024)
#define PH_IMAP_LITERAL_MAX (128 * 1024)
#define PH_IMAP_LITERALS_MAX 1000

typedef enum {
  PH_IMAP_READER_MORE,     /* nothing whole yet */
  PH_IMAP_READER_LINE,     /* a command (raw mode: a line) is whole in `text`, without its line end */
  PH_IMAP_READER_LITERAL,  /* one was announced: accept, refuse or take it over */
  PH_IMAP_READER_TOO_LONG, /* over a limit; the rest of the line is being dropped */
} PhImapReaderEvent;

/**
 * PhImapReader:
 *
 * Cuts the bytes of a client into commands: lines joined by literals (RFC 3501
 * 4.3, 7888).  Knows no commands.  It keeps one command and never allocates an
 * announced size.  What was refused is read and dropped, so that a literal never
 * becomes commands (I22).  A plain struct, embedded in the session.
 */
typedef struct
{
  PhBuffer text;       /* the command up to here; literals as {n}, line end and bytes */
  gsize    line_start; /* in `text`: where the newest line begins (after its literal) */

  guint64  literal_size; /* of the announced literal; G_MAXUINT64 if it can't be counted */
  gboolean literal_sync; /* the client waits for "+" */

  gboolean raw; /* lines only, no literals: SASL and IDLE */

  gsize command_max;
  gsize line_max;
  gsize literal_max;

  /*< private >*/
  guint    state;
  guint64  remaining; /* bytes of the literal that is read or dropped */
  guint    n_literals;
  gboolean ended; /* the next byte begins a new command */
} PhImapReader;

void ph_imap_reader_init (PhImapReader *self);
void ph_imap_reader_clear (PhImapReader *self);

/* Takes input up to the next event; returns how many bytes that was. */
gsize ph_imap_reader_feed (PhImapReader      *self,
                           const guint8      *data,
                           gsize              length,
                           PhImapReaderEvent *event);

/* After LITERAL: FALSE if it is over a limit. */
gboolean ph_imap_reader_may_accept (const PhImapReader *self);
void     ph_imap_reader_accept (PhImapReader *self);

/* After LITERAL, where the command is refused: a synchronising one will not come;
 * another is dropped with the rest of its command. */
void ph_imap_reader_refuse (PhImapReader *self);

/* After LITERAL, when its bytes went elsewhere: the line goes on. */
void ph_imap_reader_resume (PhImapReader *self);

/* Forgets the command and overwrites it. */
void ph_imap_reader_reset (PhImapReader *self);

/* TRUE between commands. */
gboolean ph_imap_reader_is_idle (const PhImapReader *self);

G_END_DECLS
