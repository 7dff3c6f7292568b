#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_PASSWORD_FIELD (ph_password_field_get_type ())
G_DECLARE_FINAL_TYPE (PhPasswordField, ph_password_field, PH, PASSWORD_FIELD, AdwBin)

/**
 * PhPasswordField:
 *
 * A new password: typed or made up, hidden or seen, with a word on how strong it
 * is.  What is typed stays in the entry's own locked memory.
 * Signals: "changed"; "activated" (Enter).
 */

/* Borrowed until the next change. */
const char *ph_password_field_get_text (PhPasswordField *self);

/* Whether it can be used as a password at all. */
gboolean ph_password_field_is_valid (PhPasswordField *self);

/* For one that there is already: nothing is made up, copied or judged. */
void ph_password_field_ask_existing (PhPasswordField *self);

/* Typing goes there from now on. */
void ph_password_field_focus (PhPasswordField *self);

G_END_DECLS
