#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PH_TYPE_QR_CODE (ph_qr_code_get_type ())
G_DECLARE_FINAL_TYPE (PhQrCode, ph_qr_code, PH, QR_CODE, GtkWidget)

/**
 * PhQrCode:
 *
 * A text as a QR code: black on white in every theme, as cameras want it, with the quiet
 * zone around it, in whole pixels.
 */

/* FALSE, and nothing is drawn, for a text of over about 2,900 bytes, or for NULL. */
gboolean ph_qr_code_set_text (PhQrCode   *self,
                              const char *text);

G_END_DECLS
