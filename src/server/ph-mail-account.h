#pragma once

#include <gio/gio.h>

#include "ph-mail-folder.h"
#include "ph-mail-list.h"

G_BEGIN_DECLS

#define PH_TYPE_MAIL_ACCOUNT (ph_mail_account_get_type ())
G_DECLARE_FINAL_TYPE (PhMailAccount, ph_mail_account, PH, MAIL_ACCOUNT, GObject)

/**
 * PhMailAccount:
 *
 * The mail of one account as the window shows it.  It is opened when somebody wants to
 * see it, and stays open as long as this object lives.
 * Properties, notified: error (string or NULL: why there are no folders),
 * loaded (boolean: the folders are there).
 */
const char *ph_mail_account_get_address (PhMailAccount *self);

/* Opens it; once is enough. */
void ph_mail_account_load (PhMailAccount *self);

/* Of PhMailFolder, INBOX first, then what has a purpose, then the rest by name; kept up
 * to date, with their counts, once it is loaded.  Borrowed. */
GListModel *ph_mail_account_get_folders (PhMailAccount *self);

/* Borrowed; NULL where there is none. */
PhMailFolder *ph_mail_account_find_folder (PhMailAccount *self,
                                           const char    *name);
PhMailFolder *ph_mail_account_find_kind (PhMailAccount   *self,
                                         PhMailFolderKind kind);

/* Opens a folder.  Transfer full. */
void        ph_mail_account_open_list_async (PhMailAccount      *self,
                                             const char         *folder,
                                             GCancellable       *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer            user_data);
PhMailList *ph_mail_account_open_list_finish (PhMailAccount *self,
                                              GAsyncResult  *result,
                                              GError       **error);

/* Moves messages back to where they were.  They keep flags and dates, not their UIDs. */
void     ph_mail_account_undo_move_async (PhMailAccount      *self,
                                          const PhMailMove   *move,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
gboolean ph_mail_account_undo_move_finish (PhMailAccount *self,
                                           GAsyncResult  *result,
                                           GError       **error);

G_END_DECLS
