#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* `checked` is the state of the box that was offered, FALSE where there was none. */
typedef void (*PhConfirmFunc) (gboolean checked,
                               gpointer user_data);

/* Asks before something is destroyed; `function` is called only for a yes.
 * `check_label` offers a choice with it, ticked at first; NULL for none.
 * `destroy` frees the data in any case. */
void ph_confirm (GtkWidget     *parent,
                 const char    *heading,
                 const char    *body,
                 const char    *action_label,
                 const char    *check_label,
                 PhConfirmFunc  function,
                 gpointer       user_data,
                 GDestroyNotify destroy);

G_END_DECLS
