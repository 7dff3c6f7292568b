#pragma once

#include <gtk/gtk.h>

#include "ph-mail-list.h"

G_BEGIN_DECLS

/* Asks, then deletes messages for good.  `parent` is any widget of the window, which is
 * told if that failed. */
void ph_mail_delete_ask (GtkWidget  *parent,
                         PhMailList *list,
                         GArray     *uids);

G_END_DECLS
