#pragma once

#include "ph-account-open.h"
#include "ph-account-store.h"
#include "ph-text-indexer.h"

G_BEGIN_DECLS

/* For the other files of the store. */

/* Steals the parts of `opened`. */
PhAccountStore *ph_account_store_new (PhStoreShared   *shared,
                                      const char      *address,
                                      PhOpenedAccount *opened);

/* Emits "ended", once. */
void     ph_account_store_end (PhAccountStore *self,
                               const char     *reason);
gboolean ph_account_store_get_ended (PhAccountStore *self);

PhStoreShared *ph_account_store_get_shared (PhAccountStore *self);
PhIndexQueue  *ph_account_store_get_queue (PhAccountStore *self);
guint64        ph_account_store_get_quota (PhAccountStore *self);

/* Bytes that it may still have, without what is promised; G_MAXUINT64 where it has no quota. */
guint64 ph_account_store_get_room (PhAccountStore *self);

/* More, or less, of its room goes to what is on its way. */
void ph_account_store_promise (PhAccountStore *self,
                               gint64          bytes);

PhTextIndexer *ph_account_store_get_text_indexer (PhAccountStore *self);

/* Real time in seconds, of the store's clock. */
gint64 ph_account_store_get_now (PhAccountStore *self);

/* Emits "annotations-changed". */
void ph_account_store_tell_annotations (PhAccountStore *self,
                                        const char     *name, /* or NULL */
                                        GPtrArray      *annotations);

/* The open mailbox of a folder, or NULL; borrowed. */
PhMailbox *ph_account_store_peek_mailbox (PhAccountStore *self,
                                          gint64          folder);

/* Remembers it weakly, or forgets it. */
void ph_account_store_add_mailbox (PhAccountStore *self,
                                   gint64          folder,
                                   PhMailbox      *mailbox);
void ph_account_store_remove_mailbox (PhAccountStore *self,
                                      gint64          folder);

/* What `done` of most jobs does: returns the task's boolean, or the job's error. */
void ph_job_return_boolean (PhJob *job);

G_END_DECLS
