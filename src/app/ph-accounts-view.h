#pragma once

#include <gtk/gtk.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNTS_VIEW (ph_accounts_view_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountsView, ph_accounts_view, PH, ACCOUNTS_VIEW, GtkWidget)

/**
 * PhAccountsView:
 *
 * Who has a mailbox here: a list with search, and the page of one; adding, a new password,
 * deleting.
 */
void ph_accounts_view_set_server (PhAccountsView *self,
                                  PhServer       *server);

/* Opens the dialog that adds an account. */
void ph_accounts_view_add (PhAccountsView *self);

/* Where somebody begins to type. */
void ph_accounts_view_search (PhAccountsView *self);

G_END_DECLS
