#pragma once

#include "ph-session.h"

G_BEGIN_DECLS

/**
 * PhSmtpBodyWriter:
 *
 * Writes a message as DATA (or BDAT) wants it: every line ends in CRLF, a bare LF becomes one, a
 * bare CR a blank (V02: neither ever leaves), and a dot at the start of a line is
 * doubled (RFC 5321 section 4.5.2).  Knows where it stands between pieces of any size.  A
 * plain struct; zero bytes is a valid new one.
 */
typedef struct
{
  gboolean in_line;   /* something was written since the last line end */
  gboolean after_cr;  /* the last byte was CR: its line end is not written yet */
  guint64  n_written; /* octets of the message: without the doubled dots and the last one */
  gboolean in_chunks; /* for BDAT (RFC 3030), where dots are dots; set before the first byte */
} PhSmtpBodyWriter;

void ph_smtp_body_writer_write (PhSmtpBodyWriter *self,
                                PhBuffer         *out,
                                const guint8     *data,
                                gsize             length);

/* Ends an open line, then (but in chunks) the message: ".\r\n". */
void ph_smtp_body_writer_end (PhSmtpBodyWriter *self,
                              PhBuffer         *out);

G_END_DECLS
