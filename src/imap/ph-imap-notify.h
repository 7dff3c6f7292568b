#pragma once

#include "ph-folder.h"
#include "ph-imap-parser.h"

G_BEGIN_DECLS

/* Groups of one NOTIFY, and names in them. */
#define PH_IMAP_NOTIFY_GROUPS_MAX 32
#define PH_IMAP_NOTIFY_NAMES_MAX 1000

typedef enum {
  PH_IMAP_EVENT_NEW = 1 << 0,
  PH_IMAP_EVENT_EXPUNGE = 1 << 1,
  PH_IMAP_EVENT_FLAGS = 1 << 2,
  PH_IMAP_EVENT_NAME = 1 << 3,
  PH_IMAP_EVENT_SUBSCRIPTION = 1 << 4,
  PH_IMAP_EVENT_MAILBOX_METADATA = 1 << 5,
  PH_IMAP_EVENT_SERVER_METADATA = 1 << 6,
} PhImapEvents;

/* Those of messages; the others are of names. */
#define PH_IMAP_MESSAGE_EVENTS (PH_IMAP_EVENT_NEW | PH_IMAP_EVENT_EXPUNGE | PH_IMAP_EVENT_FLAGS)

/* What BADEVENT lists. */
#define PH_IMAP_EVENT_NAMES "MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange"

/**
 * PhImapNotify:
 *
 * What a client wants to hear of, and of which mailboxes (RFC 5465).  NOTIFY NONE is one
 * without groups.  Immutable; owned by the session.
 */
typedef struct
{
  gboolean   with_status;     /* STATUS of all that is watched comes first */
  guint      selected;        /* PhImapEvents of the selected mailbox */
  gboolean   delayed;         /* its EXPUNGE waits for a command */
  char      *items;           /* FETCH items "(…)" told of new messages there, or NULL */
  GPtrArray *groups;          /* of the others */
  guint      all;             /* PhImapEvents of any group */
  gboolean   has_unsupported; /* an event that nobody here knows: NO */
} PhImapNotify;

/* From the space after NOTIFY to the end; NULL and a mistake in the parser. */
PhImapNotify *ph_imap_notify_take (PhImapParser *parser);
void          ph_imap_notify_free (PhImapNotify *self);

/* The events wanted of a mailbox that is not selected: a mask of PhImapEvents. */
guint ph_imap_notify_get_events (const PhImapNotify *self,
                                 const char         *name,
                                 gboolean            subscribed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhImapNotify, ph_imap_notify_free)

G_END_DECLS
