#pragma once

#include "ph-choose-file.h"
#include "ph-mail-messages.h"
#include "ph-server.h"

G_BEGIN_DECLS

/* Files into the folder that a list of messages shows, and out of it. */

/* What is dropped on the list: messages, mbox files, directories. */
void ph_mail_transfer_accept_drops (PhMailMessages *messages,
                                    PhServer       *server);

/* Ask for a file or a folder first. */
void ph_mail_transfer_import (PhMailMessages *messages,
                              PhServer       *server,
                              PhChooseMode    mode);
void ph_mail_transfer_export (PhMailMessages *messages,
                              PhServer       *server);

G_END_DECLS
