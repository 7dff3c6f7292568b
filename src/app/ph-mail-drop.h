#pragma once

#include "ph-mail-messages.h"
#include "ph-server.h"

G_BEGIN_DECLS

/* Lets files that are dropped on the list of messages be imported into its folder: messages,
 * mbox files, directories. */
void ph_mail_drop_accept (PhMailMessages *messages,
                          PhServer       *server);

G_END_DECLS
