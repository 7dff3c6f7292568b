#pragma once

#include "ph-mailbox.h"

G_BEGIN_DECLS

/**
 * PhMailUids:
 *
 * Which messages of a folder a PhMailList shows, ascending, and what changes in them told as the
 * "items-changed" of the list, which has the newest first.  To take one out or to find what is gone
 * does not depend on how many there are.
 */
typedef struct _PhMailUids PhMailUids;

/* Borrows both. */
PhMailUids *ph_mail_uids_new (PhMailbox  *mailbox,
                              GListModel *model);
void        ph_mail_uids_free (PhMailUids *self);

guint    ph_mail_uids_get_length (PhMailUids *self);
guint32  ph_mail_uids_get (PhMailUids *self,
                           guint       index);
gboolean ph_mail_uids_find (PhMailUids *self,
                            guint32     uid,
                            guint      *index);

/* Ascending, above all that are here. */
void ph_mail_uids_append (PhMailUids    *self,
                          const guint32 *uids,
                          guint          n);
void ph_mail_uids_clear (PhMailUids *self);

/* Takes out what has left the folder. */
void ph_mail_uids_remove_gone (PhMailUids *self);

G_END_DECLS
