#pragma once

#include <adwaita.h>

#include "ph-journal.h"

G_BEGIN_DECLS

#define PH_TYPE_TRAFFIC_GROUP (ph_traffic_group_get_type ())
G_DECLARE_FINAL_TYPE (PhTrafficGroup, ph_traffic_group, PH, TRAFFIC_GROUP, AdwPreferencesGroup)

/**
 * PhTrafficGroup:
 *
 * How much there was to do: connections and messages, of the last hour or the last day.
 */
void ph_traffic_group_set_journal (PhTrafficGroup *self,
                                   PhJournal      *journal);

G_END_DECLS
