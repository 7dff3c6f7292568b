#pragma once

#include <adwaita.h>

#include "ph-settings.h"

G_BEGIN_DECLS

#define PH_TYPE_RELAY_PAGE (ph_relay_page_get_type ())
G_DECLARE_FINAL_TYPE (PhRelayPage, ph_relay_page, PH, RELAY_PAGE, AdwPreferencesPage)

/**
 * PhRelayPage:
 *
 * How mail for others goes out: the smarthost, DNS, and when to tell of a delay and to give up.
 */
void ph_relay_page_set_settings (PhRelayPage *self,
                                 PhSettings  *settings);

G_END_DECLS
