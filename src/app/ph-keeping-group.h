#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_KEEPING_GROUP (ph_keeping_group_get_type ())
G_DECLARE_FINAL_TYPE (PhKeepingGroup, ph_keeping_group, PH, KEEPING_GROUP, AdwPreferencesGroup)

/**
 * PhKeepingGroup:
 *
 * How mail is kept: how large a message may be, which folders a new account has, and where on the disk all
 * of it is.  That can be moved: at the next start, since it stays where it is while it is used (ph_place_follow()).
 */
void ph_keeping_group_set_server (PhKeepingGroup *self,
                                  PhServer       *server);

G_END_DECLS
