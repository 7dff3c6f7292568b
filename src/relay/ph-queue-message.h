#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhQueueMessage:
 *
 * The open ID.eml of a message that is being sent: what the sessions read from.  Counted;
 * used in the main context but for its making.
 */
typedef struct _PhQueueMessage PhQueueMessage;

/* Takes the descriptor. */
PhQueueMessage *ph_queue_message_new (int fd);
PhQueueMessage *ph_queue_message_ref (PhQueueMessage *self);
void            ph_queue_message_unref (PhQueueMessage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhQueueMessage, ph_queue_message_unref)

/* A PhSmtpReadFunc; user_data is the message. */
gssize ph_queue_message_read (gpointer user_data,
                              guint64  offset,
                              void    *data,
                              gsize    length);

/* Header fields to be read before the message, in place of a Return-Path at its very start.  Not while
 * anybody reads it. */
void  ph_queue_message_set_prefix (PhQueueMessage *self,
                                   const char     *prefix);
gsize ph_queue_message_get_prefix_length (PhQueueMessage *self);

/* The first bytes, at most `max`, without a Return-Path at the very start, which is for
 * mailboxes. Blocks for as long as that takes. NULL where it can't be read. */
GByteArray *ph_queue_message_read_start (PhQueueMessage *self,
                                         gsize           max);

/* The message as a server that takes 7 bits only may have it (S21), in an unnamed file in `directory`; NULL where that
 * can't be: a signature would break, or it can't be read or written.  *size: as it is sent.  Blocks, and holds it in memory. */
PhQueueMessage *ph_queue_message_recode_for_7bit (PhQueueMessage *self,
                                                  const char     *directory,
                                                  guint64        *size);

/* Of larger ones no other form is made. */
#define PH_QUEUE_MESSAGE_RECODE_MAX (64 * 1024 * 1024)

/* What another program wrote, measured as it will be sent.  Blocks: on a worker. */
typedef struct
{
  guint64  size; /* with CRLF line ends */
  gboolean is_8bit;
  gboolean has_long_line; /* than other servers need take (S01) */
  gboolean has_8bit_header;
  guint    n_received; /* hops (V28) */
} PhQueueMeasure;

gboolean ph_queue_message_measure (PhQueueMessage *self,
                                   PhQueueMeasure *measure);

/* Whether it can only go where SMTPUTF8 is offered, whoever it is for: a header in it, its own or that of a part, has bytes
 * that are not ASCII (RFC 6532 section 3.7).  What can't be read, or is too large to be parsed, counts as such.  Blocks, and holds
 * one with 8-bit parts in memory. */
gboolean ph_queue_message_is_international (PhQueueMessage *self);

G_END_DECLS
