#pragma once

#include "ph-buffer.h"

G_BEGIN_DECLS

typedef enum {
  PH_TRANSFER_ENCODING_IDENTITY, /* 7bit, 8bit, binary or none */
  PH_TRANSFER_ENCODING_BASE64,
  PH_TRANSFER_ENCODING_QUOTED_PRINTABLE,
  PH_TRANSFER_ENCODING_UNKNOWN,
} PhTransferEncoding;

/* NULL is IDENTITY; any case. */
PhTransferEncoding ph_transfer_encoding_from_name (const char *name);

/**
 * PhTransferDecoder:
 *
 * Decodes a Content-Transfer-Encoding (RFC 2045 6) piece by piece.  Lenient: what
 * is no part of the encoding is skipped (base64) or kept (quoted-printable).  An
 * UNKNOWN encoding passes through.  A plain struct, owned by whoever embeds it.
 */
typedef struct
{
  PhTransferEncoding encoding;
  guint32            bits;    /* base64: gathered bits */
  guint              n_bits;  /* base64: how many of them are valid */
  guint8             held[3]; /* quoted-printable: an escape not yet whole */
  guint              n_held;
  PhBuffer           blanks; /* quoted-printable: blanks that a line end would drop */
} PhTransferDecoder;

void ph_transfer_decoder_init (PhTransferDecoder *self,
                               PhTransferEncoding encoding);
void ph_transfer_decoder_clear (PhTransferDecoder *self);

/* Appends what `data` gives, at most `length` bytes and those held. */
void ph_transfer_decoder_feed (PhTransferDecoder *self,
                               const guint8      *data,
                               gsize              length,
                               PhBuffer          *out);

/* Appends what is left at the end. */
void ph_transfer_decoder_finish (PhTransferDecoder *self,
                                 PhBuffer          *out);

/* All at once. */
void ph_transfer_decode (PhTransferEncoding encoding,
                         const guint8      *data,
                         gsize              length,
                         PhBuffer          *out);

/* Lines of 76 characters, each with CRLF. */
void ph_transfer_encode_base64 (const guint8 *data,
                                gsize         length,
                                PhBuffer     *out);

/* Of text: CRLF and LF stay line ends (as CRLF), lines are at most 76 characters. */
void ph_transfer_encode_quoted_printable (const guint8 *data,
                                          gsize         length,
                                          PhBuffer     *out);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhTransferDecoder, ph_transfer_decoder_clear)

G_END_DECLS
