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

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhEnvelope, ph_envelope_clear)

G_END_DECLS
