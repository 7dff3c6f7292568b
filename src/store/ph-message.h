#pragma once

#include <gio/gio.h>

#include "ph-mime-part.h"

G_BEGIN_DECLS

/* What of a message is in memory once it is open. */
typedef enum {
  PH_MESSAGE_HOLD_NOTHING,
  PH_MESSAGE_HOLD_HEADER, /* its header, where that is short, and then nothing else can be read */
  PH_MESSAGE_HOLD_SHORT,  /* all of it, where it is short */
} PhMessageHold;

#define PH_MESSAGE_SHORT (16 * 1024)

#define PH_TYPE_MESSAGE (ph_message_get_type ())
G_DECLARE_FINAL_TYPE (PhMessage, ph_message, PH, MESSAGE, GObject)

/**
 * PhMessage:
 *
 * The immutable bytes of one stored message, always with CRLF line ends: an open
 * file, read in pieces, so that a reader who does not read holds no message in
 * memory.  (A file of another program with bare LF is converted once into an
 * unnamed one.)  Opened by ph_mailbox_open_message_async(), where the first pages
 * are read ahead by a worker.
 */
guint32 ph_message_get_uid (PhMessage *self);
guint64 ph_message_get_size (PhMessage *self);

/* Reads up to `length` bytes from `offset`; 0 at the end, -1 and an error if the
 * file fails.  Never short otherwise. */
gssize ph_message_read (PhMessage *self,
                        guint64    offset,
                        void      *data,
                        gsize      length,
                        GError   **error);

/* The bytes that are held since it was opened, from its start; borrowed. */
const guint8 *ph_message_peek (PhMessage *self,
                               gsize     *length);

/* The structure and the bytes of the header, parsed by a worker the first time.
 * Borrowed from the message by the caller of finish, as long as it lives. */
void              ph_message_load_structure_async (PhMessage          *self,
                                                   GCancellable       *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer            user_data);
const PhMimePart *ph_message_load_structure_finish (PhMessage    *self,
                                                    GAsyncResult *result,
                                                    GError      **error);

/* The body of a part without its Content-Transfer-Encoding (RFC 3516), as a message of its
 * own to be read in pieces (an unnamed file).  NULL and NOT_FOUND where there is no such
 * part, INVALID where its encoding is unknown.  *has_nul: it has bytes of value 0. */
void       ph_message_decode_part_async (PhMessage          *self,
                                         const guint32      *path,
                                         guint               n_path,
                                         GCancellable       *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data);
PhMessage *ph_message_decode_part_finish (PhMessage    *self,
                                          GAsyncResult *result,
                                          gboolean     *has_nul,
                                          GError      **error);

/* The whole message, for a worker that searches or converts: blocks. */
GBytes *ph_message_dup_bytes (PhMessage *self,
                              GError   **error);

G_END_DECLS
