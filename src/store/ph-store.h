#pragma once

#include <gio/gio.h>

#include "ph-accepted.h"
#include "ph-account-store.h"
#include "ph-clock.h"
#include "ph-spool.h"
#include "ph-transfer.h"

G_BEGIN_DECLS

#define PH_TYPE_STORE (ph_store_get_type ())
G_DECLARE_FINAL_TYPE (PhStore, ph_store, PH, STORE, GObject)

/**
 * PhStore:
 *
 * All mail of this server, below one data directory: mail/DOMAIN/LOCALPART/ is
 * a Maildir++ with its index.db.  Opens account stores on demand and shares them;
 * holds the lock on the directory and the worker pools for durable writes and
 * for the rest.  After an I/O error on a write it is read-only (property
 * "read-only", boolean, with "read-only-reason", string) until it is made anew.
 * Signal "filling" (address, messages done, messages in all) now and then while the index of an account
 * with much mail is made anew, and at its end with 0 in all.
 * Main context only.
 */

/* Blocks for milliseconds (mkdir, lock), longer after a crash: delivers what was accepted.  PH_STORE_ERROR_LOCKED names who has it;
 * PH_STORE_ERROR_INVALID where the directory is a link, foreign or open to others (V47). */
PhStore *ph_store_new (const char *data_dir,
                       PhClock    *clock,
                       GError    **error);

/* NULL and an error (NO_SPACE, READ_ONLY, FAILED). */
PhSpool *ph_store_open_spool (PhStore *self,
                              GError **error);

/* Bytes free for mail, cached for a second. */
guint64 ph_store_get_free_space (PhStore *self);

/* Which folders beside INBOX a new account gets: a bit (1 << PhSpecialUse) for each.  All of them, unless set. */
void ph_store_set_standard_folders (PhStore *self,
                                    guint    special_uses);

/* `address` is normalised.  Makes the folders of a new account.  One PhAccountStore for each address, shared by all
 * callers while anybody holds it. */
void            ph_store_open_account_async (PhStore            *self,
                                             const char         *address,
                                             GCancellable       *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer            user_data);
PhAccountStore *ph_store_open_account_finish (PhStore      *self,
                                              GAsyncResult *result,
                                              GError      **error);

/* Bytes of mail that an account may have, 0 for no limit; holds whenever it is opened. */
void ph_store_set_quota (PhStore    *self,
                         const char *address,
                         guint64     quota);

/* Whether the account has an index of the texts of its messages, which makes searches in them fast
 * and takes about half as much room as the texts: as it is for one that nobody spoke of.  Where that
 * changes, the index is filled from what is there, or removed, in the background (PhTextIndexer). */
void ph_store_set_search_index (PhStore    *self,
                                const char *address,
                                gboolean    wanted);

/* Bytes that the account may still hold, as far as that is known without looking: G_MAXUINT64
 * where it has no quota, and while nobody has opened it. */
guint64 ph_store_get_room (PhStore    *self,
                           const char *address);

/* Accepts a message as a whole, for mailboxes and for what the server wants to do with it
 * (`elsewhere`): on disk when it returns its record, with room promised in each mailbox.
 * Then the server does its part and calls ph_store_deliver_accepted_async(), or gives up
 * with ph_store_release_async().  A crash in between is made good: the mailboxes by
 * ph_store_new(), elsewhere by whoever takes ph_store_take_unqueued(). 0 and an error
 * (PH_STORE_ERROR_OVER_QUOTA). */
void    ph_store_accept_async (PhStore            *self,
                               PhSpool            *spool,
                               const char *const  *addresses,
                               GBytes             *elsewhere,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);
guint64 ph_store_accept_finish (PhStore      *self,
                                GAsyncResult *result,
                                GError      **error);

/* Elsewhere has it on disk; returns before that may act on it. */
void     ph_store_set_queued_async (PhStore            *self,
                                    guint64             record,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
gboolean ph_store_set_queued_finish (PhStore      *self,
                                     GAsyncResult *result,
                                     GError      **error);

/* All is done, or will not be. */
void ph_store_release (PhStore *self,
                       guint64  record);

/* ph_store_release() for who waits until it is so. */
void ph_store_release_async (PhStore            *self,
                             guint64             record,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
void ph_store_release_finish (PhStore      *self,
                              GAsyncResult *result);

/* Its message. */
PhSpool *ph_store_open_accepted (PhStore          *self,
                                 const PhAccepted *accepted,
                                 GError          **error);

/* What a crash has left to do elsewhere: array of PhAccepted whose mailboxes have it. */
GPtrArray *ph_store_take_unqueued (PhStore *self);

/* Delivers to each address, into INBOX or the place of the spool, all or none; returns when it is on disk (the
 * file, its names, and what the UIDs need).  A message for several is accepted as a whole
 * first; from then on it is safe, and who can't have it now (a full disk) has it later, or
 * after the next start.  Each of them gets its own Delivered-To field (RFC 9228); what is for one alone is stored as it is, so
 * whoever made it has put that in.  PH_STORE_ERROR_OVER_QUOTA.
 * Listeners of the mailboxes are told before the callback. */
void ph_store_deliver_async (PhStore            *self,
                             PhSpool            *spool,
                             const char *const  *addresses,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
/* The same for what was accepted and is elsewhere now; releases the record.  Never fails. */
void     ph_store_deliver_accepted_async (PhStore            *self,
                                          guint64             record,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
gboolean ph_store_deliver_finish (PhStore      *self,
                                  GAsyncResult *result,
                                  GError      **error);

/* Takes the mail of an account away: to mail/DOMAIN/.deleted-LOCALPART-TIME where `keep`,
 * else for good.  Sessions that have it open find their folders gone. */
void     ph_store_delete_account_async (PhStore            *self,
                                        const char         *address,
                                        gboolean            keep,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
gboolean ph_store_delete_account_finish (PhStore      *self,
                                         GAsyncResult *result,
                                         GError      **error);

/* What else belongs into a backup: a file, or the files of a directory (where they are), or a
 * text. */
typedef struct
{
  char *name; /* in the backup */
  char *path; /* or NULL */
  char *text; /* or NULL */
} PhBackupExtra;

PhBackupExtra *ph_backup_extra_new (const char *name,
                                    const char *path,
                                    const char *text);
void           ph_backup_extra_free (PhBackupExtra *self);

/* A copy of all mail and of `extras` (of PhBackupExtra), while the store works (ph-backup.h).  `progress`, or NULL, is
 * called in the main context a few times a second, and not after `callback`. */
void     ph_store_backup_async (PhStore            *self,
                                const char         *path,
                                GPtrArray          *extras,
                                GCancellable       *cancellable,
                                PhTransferFunc      progress,
                                gpointer            progress_data,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);
gboolean ph_store_backup_finish (PhStore          *self,
                                 GAsyncResult     *result,
                                 PhTransferCounts *counts,
                                 GError          **error);

G_END_DECLS
