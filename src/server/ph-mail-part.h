#pragma once

#include <gio/gio.h>

#include "ph-mail-text.h"

G_BEGIN_DECLS

/* Of a part that is no text, this much is shown in hex, in bytes. */
#define PH_MAIL_PART_HEX_MAX 4096

typedef enum {
  PH_MAIL_PART_DECODED, /* its body as it is meant */
  PH_MAIL_PART_RAW,     /* its header and body as they are stored */
} PhMailPartForm;

#define PH_TYPE_MAIL_PART (ph_mail_part_get_type ())
G_DECLARE_FINAL_TYPE (PhMailPart, ph_mail_part, PH, MAIL_PART, GObject)

/**
 * PhMailPart:
 *
 * A part of an open message, or the whole of it, in the tree of RFC 2046.  Keeps the
 * message's file open, so it can be read even when the message is gone.  Strings are
 * fit to be shown, borrowed, and NULL where the part does not say.
 */
const char *ph_mail_part_get_number (PhMailPart *self);       /* "1.2" as IMAP counts; "" for a multipart at the top */
const char *ph_mail_part_get_content_type (PhMailPart *self); /* "text/plain" */
const char *ph_mail_part_get_charset (PhMailPart *self);
const char *ph_mail_part_get_encoding (PhMailPart *self);
const char *ph_mail_part_get_disposition (PhMailPart *self);
const char *ph_mail_part_get_description (PhMailPart *self);
guint64     ph_mail_part_get_size (PhMailPart *self); /* bytes as stored */

/* As the sender calls it, made into a name without folders, dots in front or controls:
 * fit to be proposed to a file chooser.  NULL where there is none. */
const char *ph_mail_part_get_file_name (PhMailPart *self);

/* Of PhMailPart; NULL where it has none.  Transfer full. */
GListModel *ph_mail_part_dup_children (PhMailPart *self);

/* To be looked at: text in its charset, anything else in hex; or as it is stored.
 * Transfer full. */
void        ph_mail_part_load_text_async (PhMailPart         *self,
                                          PhMailPartForm      form,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
PhMailText *ph_mail_part_load_text_finish (PhMailPart   *self,
                                           GAsyncResult *result,
                                           GError      **error);

/* Writes it to a file, in pieces; of the whole message RAW is an .eml.  An existing
 * file is replaced only when all went well; readable for the user alone. */
void     ph_mail_part_save_async (PhMailPart         *self,
                                  PhMailPartForm      form,
                                  GFile              *file,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data);
gboolean ph_mail_part_save_finish (PhMailPart   *self,
                                   GAsyncResult *result,
                                   GError      **error);

G_END_DECLS
