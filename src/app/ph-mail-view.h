#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_MAIL_VIEW (ph_mail_view_get_type ())
G_DECLARE_FINAL_TYPE (PhMailView, ph_mail_view, PH, MAIL_VIEW, AdwBin)

/**
 * PhMailView:
 *
 * The mail of all accounts: folders, messages, one message; beside each other where there
 * is room, else one after the other.  What is changed here is changed as a mail program
 * would, and mail programs see it (X04).
 */
void ph_mail_view_set_server (PhMailView *self,
                              PhServer   *server);

/* Opens a new message. */
void ph_mail_view_compose (PhMailView *self);

/* Where somebody begins to type. */
void ph_mail_view_search (PhMailView *self);

G_END_DECLS
