#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The first address of a field; NULL members where the ENVELOPE has NIL. */
typedef struct
{
  char *name;    /* raw: maybe RFC 2047 */
  char *mailbox; /* before the "@", or the name of a group */
  char *host;
} PhEnvelopeAddress;

/**
 * PhEnvelope:
 *
 * What sorting and threading need of an ENVELOPE (RFC 3501 7.4.2), read back out of the
 * text that ph_mime_format_envelope() made and the index keeps.  A plain struct,
 * cleared by its owner.
 */
typedef struct
{
  char             *date;
  char             *subject;
  PhEnvelopeAddress from;
  PhEnvelopeAddress to;
  PhEnvelopeAddress cc;
  char             *in_reply_to;
  char             *message_id;
} PhEnvelope;

/* FALSE for what is no ENVELOPE. */
gboolean ph_envelope_parse (const void *data,
                            gsize       length,
                            PhEnvelope *self);
void     ph_envelope_clear (PhEnvelope *self);

typedef enum {
  PH_ENVELOPE_DATE,
  PH_ENVELOPE_SUBJECT,
  PH_ENVELOPE_FROM,
  PH_ENVELOPE_SENDER,
  PH_ENVELOPE_REPLY_TO,
  PH_ENVELOPE_TO,
  PH_ENVELOPE_CC,
  PH_ENVELOPE_BCC,
  PH_ENVELOPE_IN_REPLY_TO,
  PH_ENVELOPE_MESSAGE_ID,
} PhEnvelopeField;

/* One field to be searched, raw (maybe RFC 2047); of addresses "Name <a@b>, c@d".  NULL for NIL
 * and for what is no ENVELOPE. */
char *ph_envelope_dup_field (const void     *data,
                             gsize           length,
                             PhEnvelopeField field);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhEnvelope, ph_envelope_clear)

G_END_DECLS
