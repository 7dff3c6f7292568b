#pragma once

#include "ph-dkim-canon.h"
#include "ph-reason.h"

G_BEGIN_DECLS

/* More names than these in h= are no honest signature; each is looked for among all fields. */
#define PH_DKIM_SIGNED_NAMES_MAX 300

/* RFC 8601 section 2.7.1 */
typedef enum {
  PH_DKIM_PENDING, /* not yet known; none of the RFC's */
  PH_DKIM_PASS,
  PH_DKIM_FAIL,    /* of a wrong body, header or time */
  PH_DKIM_POLICY,  /* right, but not to be relied on: SHA-1, a short key, a body with more to it */
  PH_DKIM_NEUTRAL, /* the field makes no sense */
  PH_DKIM_TEMPERROR,
  PH_DKIM_PERMERROR, /* there is no key for it */
} PhDkimResult;

/* "pass" …; not for PH_DKIM_PENDING. */
const char *ph_dkim_result_get_name (PhDkimResult result);

/**
 * PhDkimSignature:
 *
 * One DKIM-Signature field (RFC 6376 section 3.5), parsed strictly, and what became of it.  What a field lacks that makes no
 * sense is NULL.  Owned by PhDkimVerifier.
 */
typedef struct
{
  PhDkimResult result;
  PhReason     reason; /* where it did not pass */

  char       *domain;    /* d=, canonical */
  char       *selector;  /* s= */
  char       *algorithm; /* a= */
  char       *identity;  /* the domain of i=, canonical */
  char       *start;     /* the first characters of b=, which tell signatures apart (RFC 6008) */
  PhDkimCanon header_canon;
  PhDkimCanon body_canon;
  GStrv       names; /* h= */
  GBytes     *body_hash;
  GBytes     *signature;
  guint64     limit; /* l=, or G_MAXUINT64 */
  gsize       b_offset, b_length;
} PhDkimSignature;

/* `value` is the field's value, folds and all.  `now`: seconds.  PH_DKIM_PENDING where nothing is wrong. */
PhDkimSignature *ph_dkim_signature_parse (const char *value,
                                          gsize       length,
                                          gint64      now);
void             ph_dkim_signature_free (PhDkimSignature *self);

/* PH_DKIM_PASS, with no reason. */
void ph_dkim_signature_accept (PhDkimSignature *self);

/* Another result, and the reason as in ph_reason_set(); FALSE. */
gboolean ph_dkim_signature_refuse (PhDkimSignature *self,
                                   PhDkimResult     result,
                                   const char      *format,
                                   ...) G_GNUC_PRINTF (3, 4);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDkimSignature, ph_dkim_signature_free)

G_END_DECLS
