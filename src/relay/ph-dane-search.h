#pragma once

#include "ph-journal.h"
#include "ph-resolver.h"
#include "ph-tlsa.h"

G_BEGIN_DECLS

/* One host whose addresses are known (RFC 7672 section 2.2.2). */
typedef struct
{
  const char *host;
  const char *canonical; /* where its CNAMEs led to; NULL: it has none */
  gboolean    is_secure; /* its addresses are proven, with each CNAME on the way */
  guint16     port;
  const char *domain; /* whose mail it takes: a certificate may be for that too */
} PhDaneHost;

/* Finds the TLSA records that bind a host: those of the name that its CNAMEs led to, else its own.  NULL without an error where
 * DANE does not apply to it, which DNS has proven or can't prove; an error where that is not known, as when
 * the answer is forged: then nothing must go there (V33). */
void    ph_dane_search_async (PhResolver         *resolver,
                              const PhDaneHost   *host,
                              PhJournalSession   *journal,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);
PhTlsa *ph_dane_search_finish (GAsyncResult *result,
                               GError      **error);

G_END_DECLS
