#pragma once

#include "ph-mailbox.h"

G_BEGIN_DECLS

/* A message that the text index does not know yet. */
typedef struct
{
  guint32 uid;
  guint64 object;
} PhUnindexed;

/* The texts of a message that TEXT and BODY look in: array of char*. */
GPtrArray *ph_text_indexer_collect (const guint8 *data,
                                    gsize         length);

/* search.db of the account that is at `index_path`. */
char *ph_text_indexer_build_path (const char *index_path);

/* Adds those messages to the text index of the account, on a worker in small pieces, while
 * others go on: after a search has read them.  Takes `messages` (of PhUnindexed).  Does
 * nothing while it is at it for this account already, where the store is read-only, or the
 * disk has little room.  Main context. */
void ph_text_indexer_start (PhMailbox *mailbox,
                            GArray    *messages);

G_END_DECLS
