#pragma once

#include "ph-reason.h"

G_BEGIN_DECLS

/* A longer record is a permanent error: those in use have a few hundred bytes (RFC 7208 section 3.4). */
#define PH_SPF_RECORD_MAX 8192

typedef enum {
  PH_SPF_ALL,
  PH_SPF_INCLUDE,
  PH_SPF_A,
  PH_SPF_MX,
  PH_SPF_PTR,
  PH_SPF_IP4,
  PH_SPF_IP6,
  PH_SPF_EXISTS,
} PhSpfMechanism;

typedef struct
{
  PhSpfMechanism mechanism;
  char           qualifier; /* '+', '-', '?', '~' */
  char          *domain;    /* the domain-spec, with its macros; NULL: the domain itself */
  guint8         network[16];
  guint          prefix4; /* bits that count for IPv4 */
  guint          prefix6;
  char          *text; /* as it stands in the record */
} PhSpfTerm;

/**
 * PhSpfRecord:
 *
 * One "v=spf1" record, parsed whole (RFC 7208 sections 4.5, 4.6.1, 5, 6): an error anywhere in it makes
 * it void.  An immutable value, owned by whoever parsed it.
 */
typedef struct
{
  GPtrArray *terms;    /* of PhSpfTerm: the mechanisms in their order */
  char      *redirect; /* domain-specs, or NULL */
  char      *explanation;
} PhSpfRecord;

/* TRUE where the text begins as a record: others are not looked at. */
gboolean ph_spf_record_is (const char *text,
                           gsize       length);

/* NULL, and *why, where the syntax is wrong; `domain` is whose record it is. */
PhSpfRecord *ph_spf_record_parse (const char *text,
                                  gsize       length,
                                  const char *domain,
                                  PhReason   *why);
void         ph_spf_record_free (PhSpfRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSpfRecord, ph_spf_record_free)

G_END_DECLS
