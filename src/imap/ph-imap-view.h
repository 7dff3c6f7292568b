#pragma once

#include "ph-buffer.h"
#include "ph-imap-enabled.h"
#include "ph-imap-set.h"
#include "ph-mailbox.h"

G_BEGIN_DECLS

/* A message as the client of one session knows it. */
typedef struct
{
  guint32 uid;
  guint8  flags;    /* PhFlags, as last told */
  guint8  recent;   /* \Recent belongs to this session */
  guint64 keywords; /* as last told */
} PhImapEntry;

/* Takes one whole untagged response with its CRLF. */
typedef void (*PhImapLineFunc) (const char *line,
                                gsize       length,
                                gpointer    user_data);

/**
 * PhImapView:
 *
 * What one session told its client about the selected mailbox: the sequence map
 * (position + 1 is the sequence number) and the flags last shown (I02).  It
 * compares itself with the shared PhMailbox and tells the difference when the
 * protocol allows it (RFC 3501 7.4.1).  Owned by its session.
 */
typedef struct _PhImapView PhImapView;

/* Takes over the messages as they are now; claims \Recent unless `read_only` (I07). */
PhImapView *ph_imap_view_new (PhMailbox *mailbox,
                              gboolean   read_only,
                              guint      enabled); /* PhImapEnabled */
void        ph_imap_view_set_enabled (PhImapView *self,
                                      guint       enabled);
void        ph_imap_view_free (PhImapView *self);

PhMailbox         *ph_imap_view_get_mailbox (PhImapView *self);
guint              ph_imap_view_get_enabled (PhImapView *self);
gboolean           ph_imap_view_get_read_only (PhImapView *self);
guint              ph_imap_view_get_n_entries (PhImapView *self);
guint              ph_imap_view_count_recent (PhImapView *self);
const PhImapEntry *ph_imap_view_get_entry (PhImapView *self,
                                           guint       position);

/* TRUE and the position (sequence number - 1) of a UID. */
gboolean ph_imap_view_find_uid (PhImapView *self,
                                guint32     uid,
                                guint      *position);

/* The UIDs of a set of sequence numbers or (`by_uid`) of UIDs, ascending; of "$", those
 * saved.  NULL for a sequence number that is not there: BAD (I06). `set` is resolved. */
GArray *ph_imap_view_select (PhImapView *self,
                             GArray     *set,
                             gboolean    by_uid);

/* All UIDs, ascending. */
GArray *ph_imap_view_dup_uids (PhImapView *self);

/* What "$" means from now on (RFC 5182): ascending UIDs, or NULL for none.  One that is
 * expunged is no longer in it (I40). */
void ph_imap_view_save (PhImapView *self,
                        GArray     *uids);

/* "* 4 FETCH (" and, `with_uid`, "UID 12 ".  Replaces what is in `out`. */
void ph_imap_view_begin_fetch (PhImapView *self,
                               guint       position,
                               gboolean    with_uid,
                               GString    *out);

/* TRUE if another session's expunge is still to be told. */
gboolean ph_imap_view_is_gone (PhImapView *self,
                               guint32     uid);

/* Writes FLAGS and PERMANENTFLAGS, on SELECT or because there is a new keyword (I13). */
void ph_imap_view_announce_flags (PhImapView    *self,
                                  PhImapLineFunc line,
                                  gpointer       user_data);

/* Tells what changed since the last call: keywords, EXPUNGE if `may_expunge` (I01),
 * EXISTS, RECENT, FETCH FLAGS (I03, I04). */
void ph_imap_view_sync (PhImapView    *self,
                        gboolean       may_expunge,
                        PhImapLineFunc line,
                        gpointer       user_data);

/* Only the first of these: FLAGS and PERMANENTFLAGS if there are new keywords. */
void ph_imap_view_sync_keywords (PhImapView    *self,
                                 PhImapLineFunc line,
                                 gpointer       user_data);

/* FALSE: sync keeps to itself what others did to flags (RFC 5465). */
void ph_imap_view_set_tells_flags (PhImapView *self,
                                   gboolean    tells_flags);

/* 0: there is no message. */
guint32 ph_imap_view_get_last_uid (PhImapView *self);

/* TRUE if sync would have something to tell. */
gboolean ph_imap_view_is_behind (PhImapView *self);

/* Appends "FLAGS (…)" as they are now, with MODSEQ where CONDSTORE is on (I17), and
 * remembers that they were told.  TRUE if they differ from what was told before;
 * `only_if_changed` appends nothing otherwise. */
gboolean ph_imap_view_tell_flags (PhImapView *self,
                                  guint       position,
                                  gboolean    only_if_changed,
                                  GString    *out);

/* Appends "MODSEQ (…)". */
void ph_imap_view_tell_modseq (PhImapView *self,
                               guint32     uid,
                               GString    *out);

/* The client expects this of its own STORE and is not told (.SILENT, I04). */
void ph_imap_view_expect_flags (PhImapView        *self,
                                guint              position,
                                PhFlagsChange      change,
                                PhFlags            flags,
                                const char *const *keywords);

/* Forces the next sync to compare everything. */
void ph_imap_view_set_behind (PhImapView *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhImapView, ph_imap_view_free)

G_END_DECLS
