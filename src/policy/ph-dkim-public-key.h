#pragma once

#include "ph-dkim-signature.h"

G_BEGIN_DECLS

/* RFC 8301 section 3.2: shorter keys prove nothing; longer ones cost more than a signature is worth. */
#define PH_DKIM_RSA_BITS_MIN 1024
#define PH_DKIM_RSA_BITS_MAX 4096

/**
 * PhDkimPublicKey:
 *
 * A key record of DNS (RFC 6376 section 3.6.1, RFC 8463 section 4).  Owned by whoever parsed it.
 */
typedef struct _PhDkimPublicKey PhDkimPublicKey;

/* The key that is to verify `signature`; NULL, and the signature is ended, where it is unfit for that. */
PhDkimPublicKey *ph_dkim_public_key_parse (const char      *text,
                                           gsize            length,
                                           PhDkimSignature *signature);
void             ph_dkim_public_key_free (PhDkimPublicKey *self);

guint ph_dkim_public_key_get_bits (const PhDkimPublicKey *self);

/* Whether `bytes` is the signature of `data`. */
gboolean ph_dkim_public_key_verify (const PhDkimPublicKey *self,
                                    const guint8          *data,
                                    gsize                  length,
                                    GBytes                *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDkimPublicKey, ph_dkim_public_key_free)

G_END_DECLS
