#pragma once

#include <adwaita.h>

#include "ph-mail-list.h"

G_BEGIN_DECLS

#define PH_TYPE_MAIL_MESSAGES (ph_mail_messages_get_type ())
G_DECLARE_FINAL_TYPE (PhMailMessages, ph_mail_messages, PH, MAIL_MESSAGES, AdwBin)

/**
 * PhMailMessages:
 *
 * The messages of a folder to choose from, with search.  When the one that was chosen
 * goes, the next one takes its place.
 * Signals: "chosen" (what is chosen has changed), "activated" (one is to be read).
 */

/* `title` is the folder's; NULL for no list: `error` says why, or NULL. */
void        ph_mail_messages_set_list (PhMailMessages *self,
                                       PhMailList     *list,
                                       const char     *title,
                                       const char     *error);
PhMailList *ph_mail_messages_get_list (PhMailMessages *self); /* borrowed, or NULL */

/* UIDs of what is chosen.  Transfer full, maybe empty. */
GArray *ph_mail_messages_dup_chosen (PhMailMessages *self);

/* TRUE where all that are chosen have the flag. */
gboolean ph_mail_messages_all_have (PhMailMessages *self,
                                    PhMailFlags     flag);

/* Whether there is a way back to the folders; and whether a click leads on to the
 * message, which takes the place of the list. */
void ph_mail_messages_set_folded (PhMailMessages *self,
                                  gboolean        folders_folded,
                                  gboolean        message_folded);

/* Where somebody begins to type. */
void ph_mail_messages_search (PhMailMessages *self);

G_END_DECLS
