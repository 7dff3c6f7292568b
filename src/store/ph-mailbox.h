#pragma once

#include <gio/gio.h>

#include "ph-message.h"
#include "ph-object-id.h"
#include "ph-spool.h"

G_BEGIN_DECLS

/* System flags (RFC 3501 2.3.2); \Recent is not among them: see
 * ph_mailbox_claim_recent(). */
typedef enum {
  PH_FLAG_SEEN = 1 << 0,
  PH_FLAG_ANSWERED = 1 << 1,
  PH_FLAG_FLAGGED = 1 << 2,
  PH_FLAG_DELETED = 1 << 3,
  PH_FLAG_DRAFT = 1 << 4,
} PhFlags;

/* Whether a message ends with a line end (or is empty). */
typedef enum {
  PH_MESSAGE_ENDING_UNKNOWN, /* another program put it there: ph_mailbox_load_endings_async() */
  PH_MESSAGE_ENDING_CRLF,
  PH_MESSAGE_ENDING_OPEN,
} PhMessageEnding;

typedef enum {
  PH_FLAGS_SET,
  PH_FLAGS_ADD,
  PH_FLAGS_REMOVE,
} PhFlagsChange;

/* Keywords of a mailbox: at most 64, of at most 64 bytes each (I13). */
#define PH_MAILBOX_KEYWORDS_MAX 64

/* One message of an open mailbox, as all its sessions share it (64 bytes).
 *   MODSEQ    .modseq; those changed since a modseq are the ones that have a higher one
 *   SAVEDATE  .save_date (RFC 8514)
 *   EMAILID   ph_object_id_format ('M', .object), THREADID ph_object_id_format ('T',
 *             .thread), NIL where that is 0 (RFC 8474); SEARCH compares the numbers that
 *             ph_object_id_parse() gives
 *   PREVIEW   ph_mailbox_load_summaries_async() (RFC 8970) */
typedef struct
{
  guint32 uid;
  guint32 size;          /* RFC822.SIZE: octets with CRLF line ends */
  guint64 keywords;      /* bit n: keyword n of the mailbox */
  guint64 modseq;        /* of its last change, counted by mailbox in the order of commits (I20) */
  gint64  internal_date; /* real time in seconds */
  gint64  save_date;     /* seconds */
  guint64 object;        /* the same for all copies of a message, in this account only */
  guint64 thread;        /* 0 for a message of another program that nobody has read yet */
  gint16  internal_zone; /* minutes east of UTC, to be shown with internal_date */
  guint8  flags;         /* PhFlags */
  guint8  ending;        /* PhMessageEnding */
} PhMessageInfo;

/* UIDs, both ends included. */
typedef struct
{
  guint32 first;
  guint32 last;
} PhUidRange;

#define PH_TYPE_MAILBOX (ph_mailbox_get_type ())
G_DECLARE_FINAL_TYPE (PhMailbox, ph_mailbox, PH, MAILBOX, GObject)

/**
 * PhMailbox:
 *
 * One open folder: its messages in the order of UIDs, in memory, shared by all
 * sessions on it.  A change is made in the index first and shows here when it is
 * committed, with a higher modseq; then the signal "changed" is emitted, before
 * the callback of whoever asked for it.  A session keeps its own sequence map
 * (the UIDs that it told its client) and compares.  When the folder is deleted,
 * "deleted" becomes TRUE with a "changed", and everything else fails NOT_FOUND.
 * Main context only.
 */
const char          *ph_mailbox_get_name (PhMailbox *self);
gboolean             ph_mailbox_get_deleted (PhMailbox *self);
guint32              ph_mailbox_get_uidvalidity (PhMailbox *self);
guint32              ph_mailbox_get_uidnext (PhMailbox *self);
guint64              ph_mailbox_get_highestmodseq (PhMailbox *self);
const char          *ph_mailbox_get_mailbox_id (PhMailbox *self); /* MAILBOXID of RFC 8474 */
guint                ph_mailbox_get_n_messages (PhMailbox *self);
const PhMessageInfo *ph_mailbox_get_info (PhMailbox *self,
                                          guint      position); /* from 0; valid until the next return to the main loop */

/* TRUE and the position; or FALSE and where it would be inserted. */
gboolean ph_mailbox_find_uid (PhMailbox *self,
                              guint32    uid,
                              guint     *position);

/* Changes and removals that an open folder remembers by UID. */
#define PH_MAILBOX_TRAIL 512

/* Changes and removals of messages since the folder was opened. */
guint64 ph_mailbox_get_n_changes (PhMailbox *self);

/* Appends (guint32, in the order of the commits, some more than once) the UIDs of those that came
 * after the first `since`.  FALSE, and nothing appended, where they are more than is remembered:
 * compare all.  What was added is not among them: its UIDs are above all before. */
gboolean ph_mailbox_list_changes (PhMailbox *self,
                                  guint64    since,
                                  GArray    *uids);

/* Names of the keywords in use, index n for bit n; borrowed. */
const char *const *ph_mailbox_get_keywords (PhMailbox *self,
                                            guint     *n_keywords);

/* The first UID that no session has been given as \Recent; from the call on all
 * messages now here have been (I07).  The mark is persistent. */
guint32 ph_mailbox_claim_recent (PhMailbox *self);
guint32 ph_mailbox_peek_recent (PhMailbox *self);

/* Looks at the last bytes of all messages whose ending is not known; afterwards it is, but
 * for those whose file is gone. */
void     ph_mailbox_load_endings_async (PhMailbox          *self,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
gboolean ph_mailbox_load_endings_finish (PhMailbox    *self,
                                         GAsyncResult *result,
                                         GError      **error);

/* Changes flags of those UIDs that still exist.  `keywords` may be NULL; new ones
 * are made (PH_STORE_ERROR_INVALID over the limit: nothing is changed).  A message
 * whose modseq is above `unchanged_since` (G_MAXUINT64: no condition) is left and
 * its UID returned. */
void ph_mailbox_store_flags_async (PhMailbox          *self,
                                   const guint32      *uids,
                                   gsize               n_uids,
                                   PhFlagsChange       change,
                                   PhFlags             flags,
                                   const char *const  *keywords,
                                   guint64             unchanged_since,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);

/* *modified: the UIDs left alone, or NULL where none was; may be NULL. Array of guint32. */
gboolean ph_mailbox_store_flags_finish (PhMailbox    *self,
                                        GAsyncResult *result,
                                        GArray      **modified,
                                        GError      **error);

/* Removes those of the UIDs that exist; `only_deleted`: and that are \Deleted. */
void     ph_mailbox_expunge_async (PhMailbox          *self,
                                   const guint32      *uids,
                                   gsize               n_uids,
                                   gboolean            only_deleted,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);
gboolean ph_mailbox_expunge_finish (PhMailbox    *self,
                                    GAsyncResult *result,
                                    GError      **error);

/* QRESYNC, CHANGEDSINCE … VANISHED (RFC 7162 3.2): UIDs that were expunged with a modseq
 * above `since`.  What was forgotten is answered with more: all UIDs up to UIDNEXT that
 * no message has (I19).  A PhUidRange array, ascending, not touching each other; none of
 * them is a message's.  State is that of the index when `finish` is called in the
 * callback: no "changed" comes between. */
void    ph_mailbox_load_vanished_async (PhMailbox          *self,
                                        guint64             since,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
GArray *ph_mailbox_load_vanished_finish (PhMailbox    *self,
                                         GAsyncResult *result,
                                         GError      **error);

/* What POP3 knows the messages by that are not known by UIDVALIDITY.UID (P02): UID (as a pointer) → text. */
void        ph_mailbox_load_uidls_async (PhMailbox          *self,
                                         GCancellable       *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data);
GHashTable *ph_mailbox_load_uidls_finish (PhMailbox    *self,
                                          GAsyncResult *result,
                                          GError      **error);

/* A pair of a copy: where it was, where it is. */
typedef struct
{
  guint32 source;
  guint32 target;
} PhCopiedUid;

/* Copies to a folder of the same account by hard links, all or none, in the order
 * of `uids`; flags, keywords and internal date are kept.  `move` removes them here
 * in the same commit.  UIDs that no longer exist are left out.  NOT_FOUND where
 * there is no target folder. */
void ph_mailbox_copy_async (PhMailbox          *self,
                            const guint32      *uids,
                            gsize               n_uids,
                            const char         *target,
                            gboolean            move,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data);

/* Array of PhCopiedUid; *uidvalidity of the target. */
GArray *ph_mailbox_copy_finish (PhMailbox    *self,
                                GAsyncResult *result,
                                guint32      *uidvalidity,
                                GError      **error);

/* The UID that a message had elsewhere.  It keeps it where the folder has that UIDVALIDITY, or
 * none of its own yet, and has not come so far; else it has the next one, as any other. */
typedef struct
{
  guint32 uidvalidity;
  guint32 uid;
  guint32 uidnext; /* or 0: of the folder, after this message */
} PhKeptUid;

/* A message to add.  `internal_date` in seconds, `zone` in minutes; `keywords` may be NULL. */
typedef struct
{
  PhSpool  *spool;
  PhFlags   flags;
  char    **keywords;
  gint64    internal_date;
  gint16    zone;
  gboolean  binary; /* may hold any bytes: parts that do are encoded (RFC 3516 4.4), or NOT_ALLOWED */
  PhKeptUid kept;   /* all 0: it has none */
} PhAppendItem;

/* Copies what it is given. */
PhAppendItem *ph_append_item_new (PhSpool           *spool,
                                  PhFlags            flags,
                                  const char *const *keywords,
                                  gint64             internal_date,
                                  gint16             zone);
void          ph_append_item_free (PhAppendItem *self);

/* Opens the message's file. NOT_FOUND where it is gone. */
void       ph_mailbox_open_message_async (PhMailbox          *self,
                                          guint32             uid,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
PhMessage *ph_mailbox_open_message_finish (PhMailbox    *self,
                                           GAsyncResult *result,
                                           GError      **error);

/* What two batches hold in memory for a FETCH whose peer does not read. */
#define PH_MESSAGES_HELD_MAX (128 * 1024)

/* The same for messages that are read one after the other: PhMessage in the order of `uids`, NULL
 * where one can't be read; at least one, and no more once PH_MESSAGES_HELD_MAX bytes are held. */
void       ph_mailbox_open_messages_async (PhMailbox          *self,
                                           const guint32      *uids,
                                           gsize               n_uids,
                                           PhMessageHold       hold,
                                           GCancellable       *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer            user_data);
GPtrArray *ph_mailbox_open_messages_finish (PhMailbox    *self,
                                            GAsyncResult *result,
                                            GError      **error);

/* What was computed at delivery, in IMAP syntax. Made from the file where the
 * index has none.  Immutable and counted (ph-summary.h). */
typedef struct
{
  GBytes *envelope;      /* "(…)" */
  GBytes *body;          /* BODY without extension data */
  GBytes *bodystructure; /* with */
  char   *preview;       /* UTF-8, not in IMAP syntax: ph_preview_make(); maybe "", never NULL */
  char   *references;    /* as THREAD has them (RFC 5256 3, REFERENCES 1.A): "<…> <…>", maybe "" */
} PhMessageSummary;

/* Array of PhMessageSummary* in the order of `uids`; NULL elements for messages that
 * are gone.  Ask for a few hundred at a time. */
void       ph_mailbox_load_summaries_async (PhMailbox          *self,
                                            const guint32      *uids,
                                            gsize               n_uids,
                                            GCancellable       *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer            user_data);
GPtrArray *ph_mailbox_load_summaries_finish (PhMailbox    *self,
                                             GAsyncResult *result,
                                             GError      **error);

G_END_DECLS
