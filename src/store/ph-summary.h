#pragma once

#include <glib.h>

#include "ph-mailbox.h"
#include "ph-thread.h"

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
  PhMessageEnding  ending;
  PhMessageSummary text;
  PhThreadIds      ids;
} PhSummary;

void ph_summary_clear (PhSummary *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhSummary, ph_summary_clear)

/* `bytes` have CRLF line ends; the sizes are left alone. */
void ph_summary_compute_bytes (PhSummary *self,
                               GBytes    *bytes);

/* The counted ones; any thread.  NULL may be freed. */
PhMessageSummary *ph_message_summary_ref (PhMessageSummary *summary);
void              ph_message_summary_free (PhMessageSummary *summary);
PhMessageSummary *ph_message_summary_copy (const PhMessageSummary *summary);

/* Keeps it in the index under `object`.  In a transaction. */
gboolean ph_summary_save (const PhSummary *self,
                          PhIndex         *index,
                          gint64           object,
                          GError         **error);

/* The columns that ph_message_summary_read() expects after SELECT, of `summaries s`. */
#define PH_SUMMARY_COLUMNS "s.envelope, s.body, s.bodystructure, s.preview, s.refs"
#define PH_SUMMARY_N_COLUMNS 5

/* NULL where the row has only some of them. */
PhMessageSummary *ph_message_summary_read (sqlite3_stmt *statement);

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

PhMessageEnding ph_summary_get_ending (const guint8 *data,
                                       gsize         length);

/* With CRLF line ends: `bytes` itself (a new reference) where it is so already. */
GBytes *ph_summary_to_crlf (GBytes *bytes);

G_END_DECLS
