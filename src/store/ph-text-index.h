#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Beside the account's index.db; may be deleted at any time. */
#define PH_TEXT_INDEX_NAME "search.db"

/* Of a message's text, folded: what has more is always read. */
#define PH_TEXT_INDEX_MESSAGE_MAX (2 * 1024 * 1024)

/**
 * PhTextIndex:
 *
 * The trigrams of the texts of an account's messages (SQLite FTS5), by object: it says which
 * messages can't have a text in them, so that a search reads only those that can.  It decides
 * nothing else: with it and without it a search finds the same.  Blocks; a connection is for
 * one thread, and there may be several.
 */
typedef struct _PhTextIndex PhTextIndex;

/* NULL where there is none; then searches read. */
PhTextIndex *ph_text_index_open (const char *path);

/* To fill it: made where there is none, and anew where it is damaged or of an older version. NULL
 * where that can't be. */
PhTextIndex *ph_text_index_make (const char *path);

/* The files of one that nobody has open. */
void ph_text_index_remove (const char *path);

/* From its first question on this connection sees the index as it is then, until it is closed:
 * what is added after ph_text_index_find() must not seem to be excluded.  `n_asked`: of how many
 * messages ph_text_index_excludes() will be asked, about. */
gboolean ph_text_index_hold (PhTextIndex *self,
                             guint        n_asked);

void ph_text_index_close (PhTextIndex *self);

/* `texts` as they are searched.  Between _begin() and _commit(). */
gboolean ph_text_index_begin (PhTextIndex *self);
gboolean ph_text_index_add (PhTextIndex *self,
                            guint64      object,
                            GPtrArray   *texts);
gboolean ph_text_index_commit (PhTextIndex *self);

/* Up to which UID the messages of a folder were added, or could not be: 0 where it knows nothing of
 * the folder with that UIDVALIDITY.  Set between _begin() and _commit(). */
guint32  ph_text_index_get_reached (PhTextIndex *self,
                                    const char  *folder_guid,
                                    guint32      uidvalidity);
gboolean ph_text_index_set_reached (PhTextIndex *self,
                                    const char  *folder_guid,
                                    guint32      uidvalidity,
                                    guint32      uid);

/* TRUE once SQLite has said so. */
gboolean ph_text_index_is_damaged (PhTextIndex *self);

/* A message that is too large to be looked at. */
gboolean ph_text_index_add_large (PhTextIndex *self,
                                  guint64      object);

/* TRUE once it was added, even if it was too large. */
gboolean ph_text_index_has (PhTextIndex *self,
                            guint64      object);

/* How many were added, with those that are no more. */
guint64 ph_text_index_count (PhTextIndex *self);

/* Empties it. */
gboolean ph_text_index_clear (PhTextIndex *self);

typedef struct _PhTextCandidates PhTextCandidates;

/* Which can have `pattern` in their text; NULL where this can't tell (it has less than three
 * characters). */
PhTextCandidates *ph_text_index_find (PhTextIndex *self,
                                      const char  *pattern);
void              ph_text_candidates_free (PhTextCandidates *self);

/* TRUE where the message is known and has not got it. */
gboolean ph_text_index_excludes (PhTextIndex      *self,
                                 PhTextCandidates *candidates,
                                 guint64           object);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhTextIndex, ph_text_index_close)

G_END_DECLS
