#pragma once

#include <gio/gio.h>

#include "ph-mail-account.h"

G_BEGIN_DECLS

#define PH_TYPE_MAIL (ph_mail_get_type ())
G_DECLARE_FINAL_TYPE (PhMail, ph_mail, PH, MAIL, GObject)

/**
 * PhMail:
 *
 * All mail of this server for a window that reads it.  A GListModel of PhMailAccount,
 * one for each account in the order of PhAccounts.  Owned by PhServer.
 */

/* Borrowed, NULL where there is none. */
PhMailAccount *ph_mail_find_account (PhMail     *self,
                                     const char *address);

G_END_DECLS
