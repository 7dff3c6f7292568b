#pragma once

#include "ph-server.h"

G_BEGIN_DECLS

/* So many accounts are measured, the first ones: each has to be opened for that. */
#define PH_ACCOUNT_FIGURES_MEASURED_MAX 200

#define PH_TYPE_ACCOUNT_FIGURES (ph_account_figures_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountFigures, ph_account_figures, PH, ACCOUNT_FIGURES, GObject)

/**
 * PhAccountFigures:
 *
 * How much mail each account has, and how many of its clients are connected, as a view looked
 * last: it says when to look.  One account is measured after the other, so that many don't hold up
 * the server's work.  Owned by a view.  The signal "changed" says that figures are others.
 */
PhAccountFigures *ph_account_figures_new (PhServer *server);

/* Counts who is connected now; measures anew what was measured a while ago. */
void ph_account_figures_refresh (PhAccountFigures *self);

/* FALSE while it is not known. */
gboolean ph_account_figures_get_used (PhAccountFigures *self,
                                      const char       *address,
                                      guint64          *bytes);
guint    ph_account_figures_get_n_connected (PhAccountFigures *self,
                                             const char       *address);

G_END_DECLS
