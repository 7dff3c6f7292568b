#pragma once

#include <gio/gio.h>

#include "ph-mail-item.h"
#include "ph-mail-message.h"

G_BEGIN_DECLS

/* Messages whose subjects are asked for at once. */
#define PH_MAIL_LIST_BATCH 200

#define PH_TYPE_MAIL_LIST (ph_mail_list_get_type ())
G_DECLARE_FINAL_TYPE (PhMailList, ph_mail_list, PH, MAIL_LIST, GObject)

/**
 * PhMailList:
 *
 * The messages of one folder, newest first, or those of them that a search found, as
 * they are now: what a client changes shows here, and what is changed here shows to
 * clients (X04), for it is the same PhMailbox.  A GListModel of PhMailItem whose items
 * are made for rows that are seen; a message costs four bytes.
 * Properties, notified: searching (boolean), n-total (uint: messages in the folder),
 * deleted (boolean: the folder is gone).
 */

/* The folder's name as it is now; borrowed. */
const char *ph_mail_list_get_folder (PhMailList *self);

/* The address of its account; borrowed. */
const char *ph_mail_list_get_address (PhMailList *self);

/* Shows only what matches (see ph-mail-query.h for what may be said); "" shows all.
 * The list is empty while the first search runs. */
void ph_mail_list_set_query (PhMailList *self,
                             const char *text);

/* Of the message at `position`, without making its item. */
guint32  ph_mail_list_get_uid (PhMailList *self,
                               guint       position);
guint    ph_mail_list_get_flags (PhMailList *self,
                                 guint       position); /* of PhMailFlags */
gboolean ph_mail_list_find_uid (PhMailList *self,
                                guint32     uid,
                                guint      *position);

/* Starts to read a message.  Transfer full. */
PhMailMessage *ph_mail_list_open_message (PhMailList *self,
                                          guint32     uid);

/* Flags of those that still exist are set or taken away. */
void     ph_mail_list_set_flags_async (PhMailList         *self,
                                       const guint32      *uids,
                                       gsize               n_uids,
                                       PhMailFlags         flags,
                                       gboolean            set,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);
gboolean ph_mail_list_set_flags_finish (PhMailList   *self,
                                        GAsyncResult *result,
                                        GError      **error);

/* Where messages went, so that it can be undone. */
typedef struct
{
  char   *from;
  char   *to;
  guint32 uidvalidity; /* of `to` */
  GArray *uids;        /* of guint32, in `to` */
} PhMailMove;

void ph_mail_move_free (PhMailMove *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMailMove, ph_mail_move_free)

/* To another folder of the account.  Transfer full. */
void        ph_mail_list_move_async (PhMailList         *self,
                                     const guint32      *uids,
                                     gsize               n_uids,
                                     const char         *target,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);
PhMailMove *ph_mail_list_move_finish (PhMailList   *self,
                                      GAsyncResult *result,
                                      GError      **error);

/* For good. */
void     ph_mail_list_delete_async (PhMailList         *self,
                                    const guint32      *uids,
                                    gsize               n_uids,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
gboolean ph_mail_list_delete_finish (PhMailList   *self,
                                     GAsyncResult *result,
                                     GError      **error);

G_END_DECLS
