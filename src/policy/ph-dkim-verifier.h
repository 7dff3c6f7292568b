#pragma once

#include "ph-dkim-signature.h"
#include "ph-dns-facts.h"

G_BEGIN_DECLS

/* Signatures of one message that are looked at, from the top; others are ignored. */
#define PH_DKIM_SIGNATURES_MAX 5

/**
 * PhDkimVerifier:
 *
 * Verifies the DKIM signatures of one message (RFC 6376 section 6, RFC 8301, RFC 8463).  First it is made of the header, then
 * fed the body, which is hashed as it comes, once for each form that a signature asks for; then it is checked against the keys
 * in DNS.  Made, fed and ended on a worker, checked where the facts are; used by one thread at a time.
 * What a signature with l= leaves open anybody can add: it is not relied on (PH_DKIM_POLICY) where there is more of the body.
 */
typedef struct _PhDkimVerifier PhDkimVerifier;

/* `header` has the fields as they came, with CRLF.  `now`: seconds. */
PhDkimVerifier *ph_dkim_verifier_new (GBytes *header,
                                      gint64  now);
void            ph_dkim_verifier_free (PhDkimVerifier *self);

/* FALSE where no signature needs the body. */
gboolean ph_dkim_verifier_wants_body (const PhDkimVerifier *self);
void     ph_dkim_verifier_feed (PhDkimVerifier *self,
                                const guint8   *data,
                                gsize           length);
void     ph_dkim_verifier_end (PhDkimVerifier *self);

/* FALSE while a key is missing in `facts`: ask, and call again. */
gboolean ph_dkim_verifier_check (PhDkimVerifier *self,
                                 PhDnsFacts     *facts);

/* Of PhDkimSignature, borrowed: what became of them. */
GPtrArray *ph_dkim_verifier_get_signatures (PhDkimVerifier *self);

/* The signatures beyond the maximum. */
guint ph_dkim_verifier_count_ignored (const PhDkimVerifier *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDkimVerifier, ph_dkim_verifier_free)

G_END_DECLS
