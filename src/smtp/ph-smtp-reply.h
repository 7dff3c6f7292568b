#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhSmtpReply:
 *
 * A reply as a value (RFC 5321 section 4.2, RFC 3463): what a handler answers
 * with, and what a remote server answered.  `text` is UTF-8 without controls;
 * lines of a multi-line reply are parted by '\n'.
 */
typedef struct
{
  guint code;     /* 200…599 */
  char *enhanced; /* "5.1.1", or NULL */
  char *text;
} PhSmtpReply;

PhSmtpReply *ph_smtp_reply_new (guint       code,
                                const char *enhanced,
                                const char *format,
                                ...) G_GNUC_PRINTF (3, 4);
PhSmtpReply *ph_smtp_reply_copy (const PhSmtpReply *self);
void         ph_smtp_reply_free (PhSmtpReply *self);

/* "550 5.1.1 No such user": one line, for logs and DSNs. */
char *ph_smtp_reply_format (const PhSmtpReply *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSmtpReply, ph_smtp_reply_free)

G_END_DECLS
