#pragma once

#include "ph-account-store.h"

G_BEGIN_DECLS

/**
 * PhTextIndexer:
 *
 * Fills the text index of one account (PhTextIndex), where the account is to have one, and
 * removes it where it is not: in the background, from the oldest message of each folder that
 * it does not know to the newest, wherever they came from.  Works a moment on a reader's
 * thread, then pauses three times as long; new mail comes first and makes it wait.  Holds one
 * message in memory at a time, of at most PH_TEXT_INDEXER_FILE_MAX.  Fills no disk that has
 * little room.  A search asks nothing of it: what is not in the index is read.
 * Owned by the PhAccountStore.  Main context only.
 */
typedef struct _PhTextIndexer PhTextIndexer;

/* A larger one is always read by searches. */
#define PH_TEXT_INDEXER_FILE_MAX (32 * 1024 * 1024)

PhTextIndexer *ph_text_indexer_new (PhAccountStore *account);

/* What works ends by itself. */
void ph_text_indexer_free (PhTextIndexer *self);

/* To begin with it does nothing. */
void     ph_text_indexer_set_enabled (PhTextIndexer *self,
                                      gboolean       enabled);
gboolean ph_text_indexer_get_enabled (PhTextIndexer *self);

/* There are new messages. */
void ph_text_indexer_wake (PhTextIndexer *self);

/* Nothing is to be done. */
gboolean ph_text_indexer_is_idle (PhTextIndexer *self);

/* Any thread: search.db of the account whose index is at `index_path`. */
char *ph_text_indexer_build_path (const char *index_path);

/* Any thread: the texts of a message that TEXT and BODY look in: array of char*. */
GPtrArray *ph_text_indexer_collect (const guint8 *data,
                                    gsize         length);

G_END_DECLS
