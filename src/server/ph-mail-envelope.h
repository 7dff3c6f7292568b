#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* People of one field who are named; the rest is "and N more". */
#define PH_MAIL_ENVELOPE_NAMES_MAX 3

/**
 * PhMailEnvelope:
 *
 * What a row of a message list says of its message, read out of the ENVELOPE that the
 * store keeps (RFC 3501 7.4.2).  All decoded and fit to be shown; never NULL.
 */
typedef struct
{
  char *subject;
  char *from;
  char *to; /* To and Cc */
} PhMailEnvelope;

/* Takes anything; what can't be read is "". */
void ph_mail_envelope_parse (PhMailEnvelope *self,
                             GBytes         *imap);
void ph_mail_envelope_clear (PhMailEnvelope *self);

G_END_DECLS
