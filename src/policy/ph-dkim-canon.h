#pragma once

#include "ph-header.h"

#include <gnutls/crypto.h>

G_BEGIN_DECLS

/* RFC 6376 section 3.4 */
typedef enum {
  PH_DKIM_SIMPLE,
  PH_DKIM_RELAXED,
} PhDkimCanon;

/**
 * PhDkimBody:
 *
 * The hash of a body in one of the two forms (RFC 6376 sections 3.4.3 and 3.4.4), fed in pieces of any size.
 * Lines may end in CRLF or LF, and in the relaxed form a bare CR is a blank: as PhSmtpBodyWriter sends them.
 * A plain struct: begin, then feed, then end, once.
 */
typedef struct
{
  gnutls_hash_hd_t hash;
  PhDkimCanon      canon;
  guint64          limit;   /* bytes that are hashed */
  guint64          length;  /* of the canonical form so far */
  guint64          n_empty; /* lines that are hashed only if another follows */
  gboolean         in_line; /* something was hashed since the last line end */
  gboolean         blank;   /* blanks wait for what follows them */
  gboolean         after_cr;
} PhDkimBody;

#define PH_DKIM_HASH_SIZE 32 /* SHA-256 */

/* All of the body where `limit` is G_MAXUINT64 (section 3.4.5). */
void ph_dkim_body_begin (PhDkimBody *self,
                         PhDkimCanon canon,
                         guint64     limit);
void ph_dkim_body_feed (PhDkimBody   *self,
                        const guint8 *data,
                        gsize         length);
void ph_dkim_body_end (PhDkimBody *self,
                       guint8      digest[PH_DKIM_HASH_SIZE]);

/* One field in the form (sections 3.4.1 and 3.4.2), with its CRLF. */
void ph_dkim_append_field (const PhHeader      *header,
                           const PhHeaderField *field,
                           PhDkimCanon          canon,
                           PhBuffer            *out);

/* The relaxed form of a field given as "Name: value", without the CRLF. */
void ph_dkim_append_value (const char *name,
                           const char *value,
                           gsize       length,
                           PhBuffer   *out);

G_END_DECLS
