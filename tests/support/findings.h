#pragma once

#include "ph-journal-session.h"

/* What is told of a client's conduct, in one string; "" where there is nothing. */
static inline char *
dup_findings (PhJournalSession *session)
{
  g_auto (GStrv) findings = ph_journal_session_dup_findings (session);

  return g_strjoinv ("; ", findings);
}

static inline void
assert_findings (PhJournalSession *session,
                 const char       *told)
{
  g_autofree char *found = dup_findings (session);

  g_assert_cmpstr (found, ==, told);
}
