#pragma once

#include <glib.h>

#include "ph-mailbox.h"

G_BEGIN_DECLS

/**
 * PhSummary:
 *
 * What the store needs to know of a message's bytes, computed once by a worker: its
 * sizes and what IMAP shows of its structure.  A plain struct.
 */
typedef struct
{
  guint64          file_size;
  guint64          size; /* with CRLF line ends */
  PhMessageSummary text;
} PhSummary;

void ph_summary_clear (PhSummary *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhSummary, ph_summary_clear)

/* Of bytes with CRLF line ends. */
void ph_message_summary_compute (GBytes           *bytes,
                                 PhMessageSummary *summary);
void ph_message_summary_clear (PhMessageSummary *summary);
void ph_message_summary_free (PhMessageSummary *summary);

/* Reads the whole file; blocks.  PH_STORE_ERROR_INVALID over 4 GiB - 1. */
gboolean ph_summary_compute (int        fd,
                             PhSummary *self,
                             GError   **error);

/* All bytes of a file as they are. */
GBytes *ph_summary_read_file (int      fd,
                              GError **error);

/* How many line ends are a bare LF. */
guint64 ph_summary_count_bare_lf (const guint8 *data,
                                  gsize         length);

/* With CRLF line ends: `bytes` itself (a new reference) where it is so already. */
GBytes *ph_summary_to_crlf (GBytes *bytes);

G_END_DECLS
