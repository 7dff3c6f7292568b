#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Senders of one account that are remembered; while so many are, nobody else is answered. */
#define PH_REPLY_MEMORY_MAX 1000

/* Replies of one account in an hour: whoever forges senders gets no flood out of it. */
#define PH_REPLY_MEMORY_HOUR_MAX 50

/* Whom an account has answered automatically, and when: a file for each account, of lines "SECONDS HASH".  Functions only;
 * they block: on one worker. */

/* May this sender have that reply now (RFC 3834 section 2)?  NULL if so, and it is on disk that it has: asked again within
 * `days` days, after a crash as well, the answer is no.  Else why not, for the log (literal).  `reply` is what is said: another text is
 * another reply.  `now`: seconds. */
const char *ph_reply_memory_take (const char *folder,
                                  const char *account,
                                  const char *sender,
                                  const char *reply,
                                  guint       days,
                                  gint64      now);

/* For an account that is no more: whoever has its address after it answers everybody anew. */
void ph_reply_memory_forget (const char *folder,
                             const char *account);

G_END_DECLS
