#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A line of a message, in octets, that is still taken; longer ones refuse the
 * message, they are never cut or folded (S01). */
#define PH_SMTP_TEXT_LINE_MAX (1024 * 1024)

/* Any longer one, without its CRLF, is more than other servers need take (RFC 5321 section 4.5.3.1.6). */
#define PH_SMTP_TEXT_LINE_SAFE 998

/* The position after a bare CR or LF is not the start of a line for the dot. */
typedef enum {
  PH_SMTP_DATA_LINE_START, /* after CRLF, and at the very start */
  PH_SMTP_DATA_DOT,        /* "." at the start of a line */
  PH_SMTP_DATA_DOT_CR,     /* ".\r" at the start of a line */
  PH_SMTP_DATA_TEXT,
  PH_SMTP_DATA_CR,
} PhSmtpDataState;

/**
 * PhSmtpDataDecoder:
 *
 * Takes the data of a message off the wire (RFC 5321 section 4.5.2): finds its
 * end, which is CRLF.CRLF and nothing else (V01), removes the stuffed dots, and
 * sees what is wrong with the lines.  Knows no commands and no memory: what it
 * lets through is handed on in pieces of the input.  With `raw` (BDAT, RFC 3030)
 * dots mean nothing and there is no end but ph_smtp_data_decoder_finish().
 *
 * What it lets through has CRLF as its only line end, unless it says `bare_cr` or
 * (without `normalize`) `bare_lf`; then the message must be refused.
 * A plain struct, owned by whoever embeds it.
 */
typedef struct
{
  gboolean raw;
  gboolean normalize; /* a bare LF becomes CRLF (submission) and is no fault */

  PhSmtpDataState state;
  guint64         line; /* from 1 */
  gsize           line_length;

  gboolean bare_cr;
  gboolean bare_lf;   /* also noted where it is normalized */
  guint64  bare_line; /* where the first was, from 1 */
  gboolean line_too_long;
  gboolean has_long_line; /* than is safe */
  gboolean has_8bit;
} PhSmtpDataDecoder;

typedef void (*PhSmtpDataFunc) (const guint8 *data,
                                gsize         length,
                                gpointer      user_data);

void ph_smtp_data_decoder_init (PhSmtpDataDecoder *self,
                                gboolean           raw,
                                gboolean           normalize);

/* Returns how many bytes were taken: all, unless the end was found in them. */
gsize ph_smtp_data_decoder_feed (PhSmtpDataDecoder *self,
                                 const guint8      *data,
                                 gsize              length,
                                 PhSmtpDataFunc     function,
                                 gpointer           user_data,
                                 gboolean          *ended);

/* The last chunk is over: a CR that still waits for its LF was a bare one. */
void ph_smtp_data_decoder_finish (PhSmtpDataDecoder *self);

G_END_DECLS
