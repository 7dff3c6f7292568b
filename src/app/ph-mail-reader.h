#pragma once

#include <adwaita.h>

#include "ph-mail-list.h"

G_BEGIN_DECLS

#define PH_TYPE_MAIL_READER (ph_mail_reader_get_type ())
G_DECLARE_FINAL_TYPE (PhMailReader, ph_mail_reader, PH, MAIL_READER, AdwBin)

/**
 * PhMailReader:
 *
 * One message: what it says, its envelope and header, its parts, its source.  Its
 * buttons are actions of the view around it ("mail.trash" and so on).
 */

/* NULL for none. */
void ph_mail_reader_set_message (PhMailReader  *self,
                                 PhMailMessage *message);

/* How many messages are chosen, of which it can only show one. */
void ph_mail_reader_set_n_chosen (PhMailReader *self,
                                  guint         n);

/* To where messages may be moved. */
void ph_mail_reader_set_move_menu (PhMailReader *self,
                                   GMenuModel   *menu);

/* Whether there is a way back to the list. */
void ph_mail_reader_set_folded (PhMailReader *self,
                                gboolean      folded);

G_END_DECLS
