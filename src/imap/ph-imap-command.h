#pragma once

#include "ph-imap-session-private.h"

G_BEGIN_DECLS

/* From a whole command to the function that runs it.  Functions only. */

/* A command is whole in the reader. */
void ph_imap_command_run (PhImapSession *self);

/* A command announced a literal: decides whether it may come (I22). */
void ph_imap_command_take_literal (PhImapSession *self);

/* The announced literal is not wanted, its command was answered: drops it, or closes
 * where it is so large that dropping it is no use. */
void ph_imap_command_refuse_literal (PhImapSession *self);

/* A command was over a limit; what there is of it names the tag. */
void ph_imap_command_refuse_long (PhImapSession *self);

G_END_DECLS
