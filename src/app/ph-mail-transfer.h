#pragma once

#include "ph-mail-messages.h"
#include "ph-server.h"

G_BEGIN_DECLS

/* Files into the folder that a list of messages shows, and out of it: what is dropped on the
 * list (messages, mbox files, directories), and what its menu offers, the actions "folder.…". */
void ph_mail_transfer_offer (PhMailMessages *messages,
                             PhServer       *server);

G_END_DECLS
