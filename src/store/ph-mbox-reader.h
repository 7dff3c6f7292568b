#pragma once

#include "ph-mailbox.h"

G_BEGIN_DECLS

/* How lines of a message that begin with "From " are kept apart from those between messages. */
typedef enum {
  PH_MBOX_ANY, /* Content-Length where it fits, else as mboxrd */
  PH_MBOX_O,   /* ">From " is "From " */
  PH_MBOX_RD,  /* one ">" less */
  PH_MBOX_CL,  /* Content-Length, and as mboxrd */
  PH_MBOX_CL2, /* Content-Length, and nothing is quoted */
} PhMboxDialect;

/* One message, but for its bytes.  A plain struct. */
typedef struct
{
  gboolean is_stray; /* bytes before the first message: no message */
  guint64  offset;   /* in the file */
  gint64   date;     /* of its "From " line; 0 where it has none */
  PhFlags  flags;
  char   **keywords; /* or NULL */
} PhMboxMessage;

void ph_mbox_message_clear (PhMboxMessage *message);

/* FALSE and an error ends the reading. */
typedef gboolean (*PhMboxWriteFunc) (gpointer      user_data,
                                     const guint8 *data,
                                     gsize         length,
                                     GError      **error);

/**
 * PhMboxReader:
 *
 * Takes an mbox file of any size apart, message by message, without holding one in memory.
 * What belongs to the mailbox rather than to the message (Status, X-Status, X-Keywords,
 * X-UID, X-IMAP, Content-Length) is read and left out; of what PhMboxWriter wrote, exactly
 * what it added.  Blocks: on a worker.  Borrows the descriptor.
 */
typedef struct _PhMboxReader PhMboxReader;

PhMboxReader *ph_mbox_reader_new (int           fd,
                                  PhMboxDialect dialect);
void          ph_mbox_reader_free (PhMboxReader *self);

typedef enum {
  PH_MBOX_READER_MESSAGE,
  PH_MBOX_READER_END,
  PH_MBOX_READER_ERROR,
} PhMboxReaderResult;

/* `message` is to be cleared by the caller, whatever the result. */
PhMboxReaderResult ph_mbox_reader_next (PhMboxReader   *self,
                                        PhMboxWriteFunc write,
                                        gpointer        user_data,
                                        PhMboxMessage  *message,
                                        GError        **error);

/* "From sender Wed Nov 25 10:00:00 2026" and what else is in use; seconds, 0 where there is
 * no date in it. */
gint64 ph_mbox_parse_from_date (const char *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMboxReader, ph_mbox_reader_free)

G_END_DECLS
