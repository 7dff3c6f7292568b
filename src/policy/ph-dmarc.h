#pragma once

#include "ph-dns-facts.h"
#include "ph-header.h"
#include "ph-spf.h"

G_BEGIN_DECLS

/* Different domains in From; with more of them nothing can be said. */
#define PH_DMARC_AUTHORS_MAX 10

/* RFC 8601 section 2.7, of which "none" is: nobody asked for it. */
typedef enum {
  PH_DMARC_NONE,
  PH_DMARC_PASS,
  PH_DMARC_FAIL,
  PH_DMARC_TEMPERROR,
  PH_DMARC_PERMERROR,
} PhDmarcResult;

/* In the order of their strictness. */
typedef enum {
  PH_DMARC_POLICY_NONE,
  PH_DMARC_POLICY_QUARANTINE,
  PH_DMARC_POLICY_REJECT,
} PhDmarcPolicy;

/* A record (RFC 7489 section 6.3), with its defaults. */
typedef struct
{
  PhDmarcPolicy policy;
  PhDmarcPolicy subdomain_policy;
  gboolean      strict_dkim;
  gboolean      strict_spf;
  guint         percent;
} PhDmarcRecord;

/* TRUE where the text is a record that can be used. */
gboolean ph_dmarc_record_parse (const char    *text,
                                gsize          length,
                                PhDmarcRecord *record);

/* What was found out before.  All borrowed. */
typedef struct
{
  const char *const  *authors; /* ph_dmarc_dup_authors() */
  const PhSpfOutcome *spf;
  GPtrArray          *signatures; /* of PhDkimSignature, with their results */
  guint               sample;     /* 0 to 99, at random: for pct= */
} PhDmarcQuery;

/**
 * PhDmarcOutcome:
 *
 * Whether the author's domain stands behind a message, and what it wants done where not (RFC 7489 section 6.6).  Of several
 * authors' domains the one that wants the most counts.  A plain struct; clear it.
 */
typedef struct
{
  PhDmarcResult result;
  char         *domain; /* that it is about, or NULL */
  PhDmarcPolicy policy; /* as published */
  gboolean      policy_known;
  PhDmarcPolicy disposition; /* what it asks for this message: less where pct= spared it */
  PhReason      because;
} PhDmarcOutcome;

void ph_dmarc_outcome_clear (PhDmarcOutcome *self);

/* The canonical domains of all addresses of all From fields; NULL where they are too many. */
GStrv ph_dmarc_dup_authors (const PhHeader *header);

/* FALSE while an answer is missing in `facts`: ask, and call again.  *outcome is set with TRUE. */
gboolean ph_dmarc_check (const PhDmarcQuery *query,
                         PhDnsFacts         *facts,
                         PhDmarcOutcome     *outcome);

const char *ph_dmarc_result_get_name (PhDmarcResult result);
const char *ph_dmarc_policy_get_name (PhDmarcPolicy policy);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhDmarcOutcome, ph_dmarc_outcome_clear)

G_END_DECLS
