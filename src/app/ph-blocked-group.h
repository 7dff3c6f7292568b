#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_BLOCKED_GROUP (ph_blocked_group_get_type ())
G_DECLARE_FINAL_TYPE (PhBlockedGroup, ph_blocked_group, PH, BLOCKED_GROUP, AdwPreferencesGroup)

/**
 * PhBlockedGroup:
 *
 * The addresses that no service talks to, each with a button that lets it in again.
 */
void ph_blocked_group_set_server (PhBlockedGroup *self,
                                  PhServer       *server);

G_END_DECLS
