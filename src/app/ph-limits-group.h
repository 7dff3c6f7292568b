#pragma once

#include <adwaita.h>

#include "ph-settings.h"

G_BEGIN_DECLS

#define PH_TYPE_LIMITS_GROUP (ph_limits_group_get_type ())
G_DECLARE_FINAL_TYPE (PhLimitsGroup, ph_limits_group, PH, LIMITS_GROUP, AdwPreferencesGroup)

/**
 * PhLimitsGroup:
 *
 * How much one client and one account may send: [Limits] of the settings, which hold at once.
 */
void ph_limits_group_set_settings (PhLimitsGroup *self,
                                   PhSettings    *settings);

G_END_DECLS
