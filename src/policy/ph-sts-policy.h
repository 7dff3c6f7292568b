#pragma once

#include "ph-dns-answer.h"

G_BEGIN_DECLS

/* Of the text of a policy, and of its lifetime in seconds: a year and six hours (RFC 8461 section 3.2). */
#define PH_STS_POLICY_MAX (64 * 1024)
#define PH_STS_AGE_MAX 31557600

typedef enum {
  PH_STS_NONE,
  PH_STS_TESTING,
  PH_STS_ENFORCE,
} PhStsMode;

/**
 * PhStsPolicy:
 *
 * What a domain says by MTA-STS of the servers that take its mail (RFC 8461): their names, and whether mail may go
 * to others, or without TLS with a trusted certificate.  Immutable, counted.
 */
typedef struct
{
  PhStsMode mode;
  guint     max_age; /* seconds */
  GStrv     hosts;   /* "mx.example.org", "*.example.org" */
} PhStsPolicy;

/* NULL where the text is no policy. */
PhStsPolicy *ph_sts_policy_parse (const char *text,
                                  gsize       length);
PhStsPolicy *ph_sts_policy_ref (PhStsPolicy *self);
void         ph_sts_policy_unref (PhStsPolicy *self);

/* Section 4.1: a wildcard stands for one label. */
gboolean ph_sts_policy_has_host (const PhStsPolicy *self,
                                 const char        *host);

const char *ph_sts_mode_to_word (PhStsMode mode);

/* The id in the TXT records of _mta-sts.DOMAIN (section 3.1); NULL where there is not exactly one that is right. */
char *ph_sts_parse_id (const PhDnsAnswer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhStsPolicy, ph_sts_policy_unref)

G_END_DECLS
