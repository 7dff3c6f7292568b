#pragma once

#include <gio/gio.h>

#include "ph-accounts.h"
#include "ph-mail-draft.h"
#include "ph-session-factory.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* Sends a draft through the submission service: an SMTP client and a submission session
 * speak to each other in memory, so the message takes the very way that a mail program's
 * takes (sender check, header, delivery, queue), and the conversation is in the live log.
 * Not over a socket, because that would need the account's password, of which only keys
 * are kept that can't log in; the session begins logged in instead.  So it also works
 * while the services are stopped.
 *
 * Finish: TRUE where the server took it for somebody; *refused (transfer full, or NULL)
 * says for whom not, and why.  *session (transfer full, may be NULL): what is in the log. */
void     ph_mail_sending_run_async (PhSessionFactory   *factory,
                                    PhAccount          *account,
                                    const PhMailDraft  *draft,
                                    PhWorkerPool       *workers,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
gboolean ph_mail_sending_run_finish (GAsyncResult      *result,
                                     char             **refused,
                                     PhJournalSession **session,
                                     GError           **error);

G_END_DECLS
