#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* As the store has them (RFC 3501 2.3.2). */
typedef enum {
  PH_MAIL_SEEN = 1 << 0,
  PH_MAIL_ANSWERED = 1 << 1,
  PH_MAIL_FLAGGED = 1 << 2,
  PH_MAIL_DELETED = 1 << 3,
  PH_MAIL_DRAFT = 1 << 4,
} PhMailFlags;

#define PH_TYPE_MAIL_ITEM (ph_mail_item_get_type ())
G_DECLARE_FINAL_TYPE (PhMailItem, ph_mail_item, PH, MAIL_ITEM, GObject)

/**
 * PhMailItem:
 *
 * A message as a row of a PhMailList: made when the row is seen, gone when nobody
 * looks.  Subject and people come a moment later.  The signal "changed" says that any
 * of it did.  All strings are fit to be shown, and borrowed.
 */
guint32     ph_mail_item_get_uid (PhMailItem *self);
guint       ph_mail_item_get_flags (PhMailItem *self); /* of PhMailFlags */
gint64      ph_mail_item_get_time (PhMailItem *self);  /* when it came, real µs */
guint64     ph_mail_item_get_size (PhMailItem *self);
gboolean    ph_mail_item_is_loaded (PhMailItem *self); /* FALSE: the rest is "" or FALSE yet */
const char *ph_mail_item_get_subject (PhMailItem *self);
const char *ph_mail_item_get_from (PhMailItem *self);
const char *ph_mail_item_get_to (PhMailItem *self);
const char *ph_mail_item_get_preview (PhMailItem *self); /* how it begins, in one line */
gboolean    ph_mail_item_has_attachment (PhMailItem *self);

G_END_DECLS
