#pragma once

#include "ph-reason.h"

G_BEGIN_DECLS

typedef enum {
  PH_RECORD_RIGHT,
  PH_RECORD_MISSING,
  PH_RECORD_WRONG,
  PH_RECORD_UNKNOWN,  /* DNS gave no answer */
  PH_RECORD_UNWANTED, /* there need be none */
} PhRecordState;

/**
 * PhDomainRecord:
 *
 * One record that a domain is to publish in DNS, so that it gets mail and others believe what it sends; and what it
 * publishes.  A plain value.
 */
typedef struct
{
  const char   *kind; /* "MX", "SPF", "DKIM", "DMARC" */
  const char   *type; /* "MX", "TXT" */
  char         *name;
  char         *value; /* what to publish */
  char         *found; /* what is published, or "" */
  PhRecordState state;
  PhReason      remark; /* or none, where it is right */
} PhDomainRecord;

void ph_domain_record_free (PhDomainRecord *self);

/* "right", "missing", "wrong", "unknown", "unwanted" */
const char *ph_record_state_get_name (PhRecordState state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDomainRecord, ph_domain_record_free)

G_END_DECLS
