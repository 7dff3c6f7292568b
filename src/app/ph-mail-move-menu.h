#pragma once

#include "ph-mail-account.h"

G_BEGIN_DECLS

/* Makes `menu` one of "mail.move" to each folder of the account (or NULL) but `folder`. */
void ph_mail_move_menu_fill (GMenu         *menu,
                             PhMailAccount *account,
                             const char    *folder);

G_END_DECLS
