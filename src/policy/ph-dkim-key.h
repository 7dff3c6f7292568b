#pragma once

#include "ph-policy-error.h"

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
  PH_DKIM_RSA,     /* 2048 bits: what everybody can verify (RFC 8301) */
  PH_DKIM_ED25519, /* RFC 8463 */
} PhDkimAlgorithm;

/**
 * PhDkimKey:
 *
 * A private key that signs for a domain, kept in a file of its own (0600).  Counted, immutable, and may
 * be used by several threads.
 */
typedef struct _PhDkimKey PhDkimKey;

/* Reads the PEM file, or makes the key and the file where there is none.  Blocks: on a worker.
 * PH_POLICY_ERROR_KEY. */
PhDkimKey *ph_dkim_key_open (const char     *path,
                             PhDkimAlgorithm algorithm,
                             GError        **error);
PhDkimKey *ph_dkim_key_ref (PhDkimKey *self);
void       ph_dkim_key_unref (PhDkimKey *self);

/* "rsa-sha256", "ed25519-sha256" */
const char *ph_dkim_key_get_algorithm (PhDkimKey *self);

/* What is to be published under SELECTOR._domainkey.DOMAIN: "v=DKIM1; k=rsa; p=…". Transfer full. */
char *ph_dkim_key_format_record (PhDkimKey *self);

/* The signature of `data` in base64, NULL with an error. */
char *ph_dkim_key_sign (PhDkimKey    *self,
                        const guint8 *data,
                        gsize         length,
                        GError      **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDkimKey, ph_dkim_key_unref)

G_END_DECLS
