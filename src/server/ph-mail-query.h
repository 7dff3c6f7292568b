#pragma once

#include "ph-search.h"

G_BEGIN_DECLS

/* Words of one search; what follows is left out. */
#define PH_MAIL_QUERY_WORDS_MAX 50

/* What a person types, as a search of the IMAP server: every word must be in the
 * message, "several words" together, and
 *   from: to: cc: subject: body: WORD    is:unread is:read is:flagged is:answered
 *   larger:1m smaller:20k                since:2026-11-01 before:… on:…
 * each with "-" before it for its opposite.  What makes no sense is taken as a word, so
 * there are no errors.  NULL where there is nothing to search for.  Transfer full. */
PhSearchKey *ph_mail_query_parse (const char *text);

G_END_DECLS
