#pragma once

#include <gio/gio.h>

#include "ph-auth-result.h"
#include "ph-mail-part.h"
#include "ph-mail-text.h"
#include "ph-received.h"

G_BEGIN_DECLS

/* Attachments that are listed; all are in the tree of parts. */
#define PH_MAIL_MESSAGE_ATTACHMENTS_MAX 200

/* Received fields that are shown; more than a loop would make. */
#define PH_MAIL_MESSAGE_HOPS_MAX 60

#define PH_TYPE_MAIL_MESSAGE (ph_mail_message_get_type ())
G_DECLARE_FINAL_TYPE (PhMailMessage, ph_mail_message, PH, MAIL_MESSAGE, GObject)

/**
 * PhMailMessage:
 *
 * One message as a person reads it.  Reading it here changes nothing: it does not
 * become \Seen, because whoever watches a mail server must not disturb it.  The file is
 * read by a worker; properties, notified: loaded (boolean), error (string or NULL: why it
 * never will be).  All below is NULL or empty until it is loaded; strings are fit to be
 * shown, and all is borrowed.
 */
guint32 ph_mail_message_get_uid (PhMailMessage *self);

/* A header field decoded and unfolded; the first of that name. NULL where there is none. */
const char *ph_mail_message_get_subject (PhMailMessage *self);
const char *ph_mail_message_get_from (PhMailMessage *self);
const char *ph_mail_message_get_to (PhMailMessage *self);
const char *ph_mail_message_get_cc (PhMailMessage *self);
gint64      ph_mail_message_get_date (PhMailMessage *self); /* of the Date field, real µs; 0 for none */

/* What its sender meant for reading; the same text twice where there is but one form. */
const PhMailText *ph_mail_message_get_rich_text (PhMailMessage *self);
const PhMailText *ph_mail_message_get_plain_text (PhMailMessage *self);
gboolean          ph_mail_message_has_both (PhMailMessage *self);

/* All fields in their order, decoded. */
const PhMailText *ph_mail_message_get_headers (PhMailMessage *self);

/* The whole message as a part with all others below it. */
PhMailPart *ph_mail_message_get_root (PhMailMessage *self);

/* Of PhMailPart. */
GListModel *ph_mail_message_get_attachments (PhMailMessage *self);

/* The envelope, as the server that delivered it wrote it down: NULL where it did not;
 * "" is the null sender. */
const char *ph_mail_message_get_return_path (PhMailMessage *self);
const char *ph_mail_message_get_delivered_to (PhMailMessage *self);

/* Array of PhReceived, the last server (this one) first; its strings are fit to be shown. */
const GPtrArray *ph_mail_message_get_hops (PhMailMessage *self);

/* Array of PhAuthResult: what that server found of who sent it; its strings are fit to be shown. */
const GPtrArray *ph_mail_message_get_checks (PhMailMessage *self);

G_END_DECLS
