#pragma once

#include <gio/gio.h>

#include "ph-folder.h"
#include "ph-mailbox.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_STORE (ph_account_store_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountStore, ph_account_store, PH, ACCOUNT_STORE, GObject)

/**
 * PhAccountStore:
 *
 * The folders of one account and its index.  What IMAP, POP3 and the window use.
 * The folder list is in memory; everything that touches the disk is asynchronous
 * and runs in order, on one thread for this account, batched into transactions.
 * Signal "folders-changed" after each change of the list or of a folder's state; before it
 * "list-changed" where the list did, and "folder-changed" for each folder whose messages did.
 * "annotations-changed" (name or NULL, array of PhAnnotation) after a client has set some.
 * "ended" (reason: a sentence, not translated) once, when the account was removed or its index found
 * damaged (V44): whoever holds it lets go of it and of its mailboxes at once, since it is opened
 * anew, with an index made from the mail, when nobody does.
 * Errors: PhStoreError.  Main context only.
 */
const char *ph_account_store_get_address (PhAccountStore *self);

/* All folders, sorted by name with INBOX first; borrowed array of PhFolder. */
GPtrArray *ph_account_store_get_folders (PhAccountStore *self);

/* NULL where there is none; "inbox" in any case finds INBOX. */
const PhFolder *ph_account_store_find_folder (PhAccountStore *self,
                                              const char     *name);

/* NULL for a name that can't be a folder (empty level, control, too deep, too
 * long: 255 bytes a level, 1,000 in all, 32 levels), else its canonical form:
 * NFC, INBOX in capitals at level 1.  Transfer full. */
char *ph_folder_name_normalize (const char *name);

/* The shape of all asynchronous calls below that return nothing more. */
gboolean ph_account_store_finish (PhAccountStore *self,
                                  GAsyncResult   *result,
                                  GError        **error);

/* Makes missing parents too.  EXISTS, INVALID. */
void ph_account_store_create_folder_async (PhAccountStore     *self,
                                           const char         *name,
                                           PhSpecialUse        special_use,
                                           GCancellable       *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer            user_data);

/* NOT_FOUND; NOT_ALLOWED for INBOX.  A folder with children stays as a name
 * without mail (\NonExistent).  Open mailboxes of it become "deleted". */
void ph_account_store_delete_folder_async (PhAccountStore     *self,
                                           const char         *name,
                                           GCancellable       *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer            user_data);

/* With its children; of INBOX: moves its messages into the new folder (I10). */
void ph_account_store_rename_folder_async (PhAccountStore     *self,
                                           const char         *from,
                                           const char         *to,
                                           GCancellable       *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer            user_data);

/* A name need not exist to be subscribed. */
void ph_account_store_subscribe_async (PhAccountStore     *self,
                                       const char         *name,
                                       gboolean            subscribed,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);

void     ph_account_store_status_async (PhAccountStore     *self,
                                        const char         *name,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
gboolean ph_account_store_status_finish (PhAccountStore *self,
                                         GAsyncResult   *result,
                                         PhFolderStatus *status,
                                         GError        **error);

/* One PhMailbox for each open folder, shared.  Looks for changes that other
 * programs made in the directory.  NOT_FOUND. */
void       ph_account_store_open_mailbox_async (PhAccountStore     *self,
                                                const char         *name,
                                                GCancellable       *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer            user_data);
PhMailbox *ph_account_store_open_mailbox_finish (PhAccountStore *self,
                                                 GAsyncResult   *result,
                                                 GError        **error);

/* A spool on this account's file system, for APPEND. */
PhSpool *ph_account_store_open_spool (PhAccountStore *self,
                                      GError        **error);

/* Adds messages (of PhAppendItem) to a folder, open or not: all or none, on disk when it returns;
 * in the same commit one message of `replaced_in` (NULL: none) goes away (RFC 8508).  NOT_FOUND
 * where there is no such folder, or that is gone already. */
void    ph_account_store_append_async (PhAccountStore     *self,
                                       const char         *folder_name,
                                       GPtrArray          *items,
                                       PhMailbox          *replaced_in,
                                       guint32             replaced,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);
GArray *ph_account_store_append_finish (PhAccountStore *self,
                                        GAsyncResult   *result,
                                        guint32        *uidvalidity, /* or NULL */
                                        GError        **error);             /* UIDs, in order */

/* POP3's exclusive lock (P01): FALSE where another holds it. */
gboolean ph_account_store_try_lock (PhAccountStore *self,
                                    gpointer        owner);
void     ph_account_store_unlock (PhAccountStore *self,
                                  gpointer        owner);

/* Bytes of mail in all folders; the quota counts against it. 0 quota: none. */
guint64 ph_account_store_get_used (PhAccountStore *self);
void    ph_account_store_set_quota (PhAccountStore *self,
                                    guint64         quota);

G_END_DECLS
