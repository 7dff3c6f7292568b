#pragma once

#include "ph-queue-entry.h"
#include "ph-queue-message.h"

G_BEGIN_DECLS

/* All that is told of single recipients in one report: a message has at most
 * PH_QUEUE_RECIPIENTS_MAX of them, so a report is bounded, too (V29). */
#define PH_REPORT_DIAGNOSTICS_MAX (64 * 1024)

/**
 * PhReport:
 *
 * What the sender of a queued message is told about it: which recipients want which report
 * (RFC 3461), and the message that says so.  Pure functions.
 */

/* Whether the sender asked to be told, or did not say and would want to be. */
gboolean ph_report_is_wanted (PhDsnNotify   notify,
                              PhQueueReport report);

/* TRUE where some recipient has something to report. */
gboolean ph_report_is_due (const PhQueueEntry *entry);

/* The report about all recipients that have something to report; CRLF.  Reads the start of the
 * message: on a worker.  Empty where nobody is to be told after all, NULL where it can't be read. */
GBytes *ph_report_format (const PhQueueEntry *entry,
                          PhQueueMessage     *message,
                          const char         *host_name,
                          gint64              now,
                          gint64              end);

/* What was to be reported, is. */
void ph_report_clear (PhQueueEntry *entry);

G_END_DECLS
