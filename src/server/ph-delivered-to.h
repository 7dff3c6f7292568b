#pragma once

#include "ph-accounts.h"
#include "ph-smtp-envelope.h"

G_BEGIN_DECLS

/**
 * What Delivered-To (RFC 9228) says of a message, by its envelope.  Functions only; the `handler_data` of each recipient
 * are its targets, as ph_accounts_resolve() gave them, or NULL.
 *
 * A field names the mailbox that has the message, or the address here that forwards it.  It is one recipient's own affair:
 * a message for several mailboxes gets theirs in the store, and one that is forwarded for more than one recipient gets none.
 */

/* The address for the message as a whole, borrowed; NULL for none. */
const char *ph_delivered_to_choose (PhAccounts           *accounts,
                                    const PhSmtpEnvelope *envelope);

/* TRUE where an address here sends it on to somebody elsewhere. */
gboolean ph_delivered_to_is_forwarded (PhAccounts            *accounts,
                                       const PhSmtpRecipient *recipient);

G_END_DECLS
