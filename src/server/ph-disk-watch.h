#pragma once

#include "ph-clock.h"

G_BEGIN_DECLS

#define PH_DISK_WATCH_INTERVAL ((gint64)60 * G_USEC_PER_SEC)

#define PH_TYPE_DISK_WATCH (ph_disk_watch_get_type ())
G_DECLARE_FINAL_TYPE (PhDiskWatch, ph_disk_watch, PH, DISK_WATCH, GObject)

/**
 * PhDiskWatch:
 *
 * Says when the disk of the mail gets full, before mail is refused for it (PH_INTAKE_RESERVE).
 * Asks at once and then every minute, on a thread of its own, since a network folder may not
 * answer.  Read-only property:
 *   warning (string or NULL: a sentence for people; it changes below 250, 100 and 50 MB and
 *   below the reserve, and back only with a quarter more than that, so it changes seldom).
 * Owned by PhServer.  Main context only.
 */
PhDiskWatch *ph_disk_watch_new (const char *directory,
                                PhClock    *clock);

/* So many bytes are free. */
void ph_disk_watch_note (PhDiskWatch *self,
                         guint64      free_space);

const char *ph_disk_watch_get_warning (PhDiskWatch *self); /* or NULL */

G_END_DECLS
