#pragma once

#include "ph-client-address.h"
#include "ph-spf-macro.h"
#include "ph-spf-record.h"
#include "ph-spf.h"

G_BEGIN_DECLS

/* What the two files of the SPF check share; nobody else includes this. */

/* One call of ph_spf_check(): starts from nothing each time, so that it needs no state between answers. */
typedef struct
{
  const PhSpfQuery *query;
  PhDnsFacts       *facts;
  PhClientAddress   client;
  char             *dotted; /* %{i} */
  char             *local;
  char             *origin;
  guint             n_lookups;
  guint             n_void;
  PhReason          because;
  char             *explanation;
} PhSpfCheck;

/* What a mechanism says (section 4.6.2). */
typedef enum {
  PH_SPF_NO_MATCH,
  PH_SPF_MATCH,
  PH_SPF_NOT_NOW,
  PH_SPF_NEVER,
  PH_SPF_WANTS, /* an answer is missing: no result yet */
} PhSpfVerdict;

/* The result of a record; PH_SPF_WANTED as above. */
#define PH_SPF_WANTED ((PhSpfResult)-1)

/* ph-spf.c: one record; `explain`: a failure is to be explained by its owner. */
PhSpfResult ph_spf_check_host (PhSpfCheck *self,
                               const char *domain,
                               gboolean    explain);

/* ph-spf-match.c: one mechanism of the record of `domain`. */
PhSpfVerdict ph_spf_match_term (PhSpfCheck      *self,
                                const PhSpfTerm *term,
                                const char      *domain);

/* FALSE, and said, where it is one too many (section 4.6.4). */
gboolean ph_spf_count_lookup (PhSpfCheck *self);

/* A name of the client that leads back to it, best below `domain`; only such a one with `strict`.  *found NULL: none. */
PhSpfVerdict ph_spf_find_validated (PhSpfCheck  *self,
                                    const char  *domain,
                                    gboolean     strict,
                                    const char **found);

/* PH_SPF_MATCH with a name (`spec` NULL: the domain itself), PH_SPF_NO_MATCH where it expands to what is none. */
PhSpfVerdict ph_spf_expand_target (PhSpfCheck *self,
                                   const char *spec,
                                   const char *domain,
                                   char      **target);

PhSpfMacroValues ph_spf_make_values (const PhSpfCheck *self,
                                     const char       *domain);

G_END_DECLS
