#pragma once

#include <adwaita.h>

#include "ph-mail-text.h"

G_BEGIN_DECLS

#define PH_TYPE_MAIL_TEXT_VIEW (ph_mail_text_view_get_type ())
G_DECLARE_FINAL_TYPE (PhMailTextView, ph_mail_text_view, PH, MAIL_TEXT_VIEW, AdwBin)

/**
 * PhMailTextView:
 *
 * A text of a message, to be read, chosen and copied.  Styles are tags of a text buffer,
 * so nothing in the text can be markup (V18).  A link opens nothing by itself: a click, or
 * Enter with the cursor on it, shows where it really leads and offers to open or copy that.
 */

/* Copied; NULL for none. */
void ph_mail_text_view_set_text (PhMailTextView   *self,
                                 const PhMailText *text);

/* What is said of this text to screen readers: "Message", "Source". */
void ph_mail_text_view_set_label (PhMailTextView *self,
                                  const char     *label);

G_END_DECLS
