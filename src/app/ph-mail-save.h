#pragma once

#include <gtk/gtk.h>

#include "ph-mail-part.h"

G_BEGIN_DECLS

/* Asks where to, and saves a part of a message there; `parent` is any widget of the
 * window, which is told how it went. */
void ph_mail_save (GtkWidget     *parent,
                   PhMailPart    *part,
                   PhMailPartForm form,
                   const char    *suggested_name);

G_END_DECLS
