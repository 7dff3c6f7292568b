#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_MAIL_COMPOSER (ph_mail_composer_get_type ())
G_DECLARE_FINAL_TYPE (PhMailComposer, ph_mail_composer, PH, MAIL_COMPOSER, AdwWindow)

/**
 * PhMailComposer:
 *
 * A test message: from an account here, to anybody, with an attachment if wanted.  It says
 * what the server answered, in words.
 */

/* `from` is the account that is proposed, or NULL; `parent` may be NULL. */
GtkWidget *ph_mail_composer_new (PhServer   *server,
                                 const char *from,
                                 GtkWindow  *parent);

G_END_DECLS
