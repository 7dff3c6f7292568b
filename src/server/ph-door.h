#pragma once

#include "ph-block-list.h"
#include "ph-journal.h"
#include "ph-service-private.h"

G_BEGIN_DECLS

/* Refused clients of one service that are written into the log in a minute; the others are counted. */
#define PH_DOOR_TOLD_MAX 6

#define PH_TYPE_DOOR (ph_door_get_type ())
G_DECLARE_FINAL_TYPE (PhDoor, ph_door, PH, DOOR, GObject)

/**
 * PhDoor:
 *
 * Sends those away from a service whom a person has blocked, before it says a word: in the
 * words of its protocol, and with a session in the log that says so.  Whoever comes again and again
 * must not push everything else out of the log: of such a crowd only some are written down.
 * One for each service, owned by the server.
 */
PhDoor *ph_door_new (PhService   *service, /* borrowed, and outlived */
                     PhBlockList *blocked,
                     PhJournal   *journal,
                     PhClock     *clock);

G_END_DECLS
