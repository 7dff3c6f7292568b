#pragma once

#include "ph-dns-facts.h"
#include "ph-domain-record.h"

G_BEGIN_DECLS

/* What is known of the domain.  All borrowed. */
typedef struct
{
  const char *domain;    /* canonical */
  const char *host;      /* our name */
  const char *smarthost; /* that sends for us, or NULL */
  GStrv       dkim;      /* lines of "NAME  TXT  VALUE"; empty: its mail is not signed */
} PhDomainQuery;

/* FALSE while an answer is missing in `facts`; else *records of PhDomainRecord (transfer full). */
gboolean ph_domain_records_check (const PhDomainQuery *query,
                                  PhDnsFacts          *facts,
                                  GPtrArray          **records);

G_END_DECLS
