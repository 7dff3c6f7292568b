#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_OVERVIEW_VIEW (ph_overview_view_get_type ())
G_DECLARE_FINAL_TYPE (PhOverviewView, ph_overview_view, PH, OVERVIEW_VIEW, AdwBin)

/**
 * PhOverviewView:
 *
 * What runs, and what a mail program needs to connect to it.  Before there is an
 * account it leads to making one.
 */
void ph_overview_view_set_server (PhOverviewView *self,
                                  PhServer       *server);

G_END_DECLS
