#pragma once

#include "ph-dns-answer.h"

#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* Records of one server, and certificates of a chain, that are looked at. */
#define PH_TLSA_RECORDS_MAX 32
#define PH_TLSA_CHAIN_MAX 10

/**
 * PhTlsa:
 *
 * What a mail server's TLSA records, proven by DNSSEC, say of its certificate (DANE: RFC 6698, 7671, and 7672 for
 * SMTP): usages 2, an authority of its own, and 3, the certificate itself.  Others, and
 * what can't be understood, are not usable.  Immutable, counted.
 */
typedef struct _PhTlsa PhTlsa;

/* `names`: what a certificate by usage 2 may be for: the host, and the domain whose mail it takes.  NULL-terminated, copied. */
PhTlsa *ph_tlsa_new (const PhDnsAnswer *answer,
                     const char *const *names);
PhTlsa *ph_tlsa_ref (PhTlsa *self);
void    ph_tlsa_unref (PhTlsa *self);

/* FALSE where no record can be used: then TLS is required all the same, with whatever certificate (RFC 7672 section 2.2). */
gboolean ph_tlsa_is_usable (PhTlsa *self);

/* Whether a record fits the chain that a server shows, its own certificate first, in DER. */
gboolean ph_tlsa_check (PhTlsa               *self,
                        const gnutls_datum_t *chain,
                        guint                 n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhTlsa, ph_tlsa_unref)

G_END_DECLS
