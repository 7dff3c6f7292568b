#pragma once

#include "ph-dns-answer.h"

G_BEGIN_DECLS

/* What one message may make us ask; afterwards every question is PH_DNS_FACT_TROUBLE. */
#define PH_DNS_FACTS_MAX 250

typedef enum {
  PH_DNS_FACT_WANTED, /* not known yet: it is a question now */
  PH_DNS_FACT_RECORDS,
  PH_DNS_FACT_NO_DATA, /* the name has no such records */
  PH_DNS_FACT_NO_NAME, /* NXDOMAIN */
  PH_DNS_FACT_TROUBLE, /* no answer, or none in time */
} PhDnsFact;

/**
 * PhDnsFacts:
 *
 * What DNS said while one message is judged.  The checks (SPF, DKIM, DMARC) are functions of these facts
 * without a main loop: where one is missing it becomes a question, the check gives up for now, and is done anew
 * once somebody (PhDnsInquiry, or a test with a table) has added the answer.  So each check is a plain piece of code,
 * and questions that do not depend on each other are asked at once.
 * Bounded by PH_DNS_FACTS_MAX.  Owned by who judges; main context only.
 */
typedef struct _PhDnsFacts PhDnsFacts;

PhDnsFacts *ph_dns_facts_new (void);
void        ph_dns_facts_free (PhDnsFacts *self);

/* `answer` (borrowed, or NULL) only with PH_DNS_FACT_RECORDS.  Names are compared without case and last dot;
 * what is no name in DNS is PH_DNS_FACT_NO_NAME, and never asked. */
PhDnsFact ph_dns_facts_look_up (PhDnsFacts         *self,
                                PhDnsType           type,
                                const char         *name,
                                const PhDnsAnswer **answer);

/* The next question that nobody took; FALSE where there is none.  `name` is borrowed. */
gboolean ph_dns_facts_take_question (PhDnsFacts  *self,
                                     PhDnsType   *type,
                                     const char **name);

/* The answer to a question.  `answer` with PH_DNS_FACT_RECORDS. */
void ph_dns_facts_add (PhDnsFacts  *self,
                       PhDnsType    type,
                       const char  *name,
                       PhDnsFact    fact,
                       PhDnsAnswer *answer);

/* The time is over: all that is not known is trouble, now and later. */
void ph_dns_facts_close (PhDnsFacts *self);

/* TRUE for what can be asked: labels of 1 to 63, 253 in all, printable ASCII without blanks and backslashes. */
gboolean ph_dns_facts_is_name (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDnsFacts, ph_dns_facts_free)

G_END_DECLS
