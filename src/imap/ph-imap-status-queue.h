#pragma once

#include "ph-imap-session-private.h"

G_BEGIN_DECLS

/* STATUS of many mailboxes, told one after the other: for LIST (RFC 5819) and NOTIFY (RFC 5465 section 3.1). */
typedef struct _PhImapStatusQueue PhImapStatusQueue;

/* Once all were told; `data` is given away. */
typedef void (*PhImapStatusQueueFunc) (PhImapSession *self,
                                       gpointer       data);

/* Becomes the session's work in ph_imap_status_queue_tell(); freed by ph_imap_status_queue_free() where it does not. */
PhImapStatusQueue *ph_imap_status_queue_new (void);
void               ph_imap_status_queue_free (PhImapStatusQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhImapStatusQueue, ph_imap_status_queue_free)

/* `items` is of PhImapStatusItems. */
void ph_imap_status_queue_add (PhImapStatusQueue *queue,
                               const char        *name,
                               guint              items);

/* The command goes on with it, and with `done` at its end; a mailbox that went away meanwhile is left out.  `destroy` frees
 * `data` where the command ends before. */
void ph_imap_status_queue_tell (PhImapStatusQueue    *queue, /* transfer full */
                                PhImapSession        *self,
                                PhImapStatusQueueFunc done,
                                gpointer              data,
                                GDestroyNotify        destroy);

G_END_DECLS
