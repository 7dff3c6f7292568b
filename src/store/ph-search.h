#pragma once

#include "ph-mailbox.h"

G_BEGIN_DECLS

typedef enum {
  PH_SEARCH_ALL,
  PH_SEARCH_AND,          /* children */
  PH_SEARCH_OR,           /* children */
  PH_SEARCH_NOT,          /* one child */
  PH_SEARCH_UIDS,         /* ranges, sorted and merged */
  PH_SEARCH_FLAGS,        /* all of `flags` are set */
  PH_SEARCH_KEYWORD,      /* text */
  PH_SEARCH_RECENT,       /* uid >= number, which the session fills in */
  PH_SEARCH_LARGER,       /* number */
  PH_SEARCH_SMALLER,      /* number */
  PH_SEARCH_BEFORE,       /* day: internal date, disregarding time and zone */
  PH_SEARCH_ON,           /* day */
  PH_SEARCH_SINCE,        /* day */
  PH_SEARCH_SENT_BEFORE,  /* day: Date: header */
  PH_SEARCH_SENT_ON,      /* day */
  PH_SEARCH_SENT_SINCE,   /* day */
  PH_SEARCH_SAVED_BEFORE, /* day: save date (RFC 8514) */
  PH_SEARCH_SAVED_ON,     /* day */
  PH_SEARCH_SAVED_SINCE,  /* day */
  PH_SEARCH_OLDER,        /* number: seconds (RFC 5032) */
  PH_SEARCH_YOUNGER,      /* number */
  PH_SEARCH_MODSEQ,       /* number: modseq >= it */
  PH_SEARCH_OBJECT,       /* number: the message's object (RFC 8474) */
  PH_SEARCH_THREAD,       /* number: its thread */
  PH_SEARCH_HEADER,       /* name, text; text "" means: has the field */
  PH_SEARCH_BODY,         /* text */
  PH_SEARCH_TEXT,         /* text: header or body */
} PhSearchOp;

typedef struct _PhSearchKey PhSearchKey;

/**
 * PhSearchKey:
 *
 * A node of a search (RFC 3501 6.4.4), made by the IMAP parser or the window,
 * with sequence numbers already turned into UIDs.  At most 50 deep (V06) and 1,000
 * nodes; texts are UTF-8.  Owned by its parent.
 */
struct _PhSearchKey
{
  PhSearchOp op;
  PhFlags    flags;
  guint64    number;
  gint32     day;  /* days since 1970-01-01 */
  char      *name; /* header field */
  char      *text;
  GArray    *uids;     /* of guint32 pairs: first, last */
  GPtrArray *children; /* of PhSearchKey */
};

PhSearchKey *ph_search_key_new (PhSearchOp op);
PhSearchKey *ph_search_key_copy (const PhSearchKey *key);
void         ph_search_key_free (PhSearchKey *key);

/* Of one for UIDs. */
gboolean ph_search_key_has_uid (const PhSearchKey *key,
                                guint32            uid);

/* TRUE where no message needs to be looked at. */
gboolean ph_search_key_finds_all (const PhSearchKey *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSearchKey, ph_search_key_free)

/* Finds the UIDs among `uids` (the session's view, ascending) that match, on a
 * worker, without holding up others; cheap keys are tried first.  Takes `key`. */
void    ph_mailbox_search_async (PhMailbox          *self,
                                 PhSearchKey        *key,
                                 const guint32      *uids,
                                 gsize               n_uids,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
GArray *ph_mailbox_search_finish (PhMailbox    *self,
                                  GAsyncResult *result,
                                  GError      **error); /* of guint32, ascending */

G_END_DECLS
