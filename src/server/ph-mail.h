#pragma once

#include <gio/gio.h>

#include "ph-journal-session.h"
#include "ph-mail-account.h"
#include "ph-mail-draft.h"

G_BEGIN_DECLS

#define PH_TYPE_MAIL (ph_mail_get_type ())
G_DECLARE_FINAL_TYPE (PhMail, ph_mail, PH, MAIL, GObject)

/**
 * PhMail:
 *
 * All mail of this server for a window that reads it.  A GListModel of PhMailAccount,
 * one for each account in the order of PhAccounts.  Owned by PhServer.
 */

/* Borrowed, NULL where there is none. */
PhMailAccount *ph_mail_find_account (PhMail     *self,
                                     const char *address);

/* Sends a message in the name of an account here, over the submission service.  TRUE where
 * the server took it for somebody; *refused (transfer full, or NULL) says for whom not, and
 * why.  *session (transfer full, or NULL): the conversation in the live log. */
void     ph_mail_send_async (PhMail             *self,
                             const PhMailDraft  *draft,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
gboolean ph_mail_send_finish (PhMail            *self,
                              GAsyncResult      *result,
                              char             **refused,
                              PhJournalSession **session,
                              GError           **error);

G_END_DECLS
