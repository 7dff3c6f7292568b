#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* RFC 3461 section 4.1 */
typedef enum {
  PH_DSN_NOTIFY_DEFAULT = 0, /* not said: failure, and delay as we please */
  PH_DSN_NOTIFY_NEVER = 1 << 0,
  PH_DSN_NOTIFY_SUCCESS = 1 << 1,
  PH_DSN_NOTIFY_FAILURE = 1 << 2,
  PH_DSN_NOTIFY_DELAY = 1 << 3,
} PhDsnNotify;

typedef enum {
  PH_SMTP_BODY_7BIT,
  PH_SMTP_BODY_8BITMIME,
  PH_SMTP_BODY_BINARYMIME,
} PhSmtpBody;

typedef enum {
  PH_DSN_RET_DEFAULT,
  PH_DSN_RET_FULL,
  PH_DSN_RET_HDRS,
} PhDsnRet;

typedef struct
{
  char          *address; /* "local@domain" as ph_address_format() gives it */
  PhDsnNotify    notify;
  char          *orcpt;        /* decoded: "rfc822;bob@example.org", or NULL */
  char          *failure;      /* "554 5.4.6 …": why nobody is to try, and the sender is told; or NULL */
  gpointer       handler_data; /* the handler's own; freed with handler_free */
  GDestroyNotify handler_free;
} PhSmtpRecipient;

PhSmtpRecipient *ph_smtp_recipient_new (const char *address);
void             ph_smtp_recipient_free (PhSmtpRecipient *self);

/**
 * PhSmtpEnvelope:
 *
 * What MAIL and RCPT said: the transaction of RFC 5321 section 3.3.  A plain
 * struct, owned by the session that receives, or by the queue item that sends.
 */
typedef struct
{
  char      *sender;         /* "" is the null sender */
  GPtrArray *recipients;     /* of PhSmtpRecipient, owned */
  PhSmtpBody body;           /* as BODY= said; 8BITMIME only where the data had 8-bit bytes */
  gboolean   has_long_lines; /* as the data had: more than 998 octets */
  gboolean   smtputf8;
  gboolean   requiretls;
  gboolean   tls_is_optional; /* the header says so (RFC 8689 section 5); known to the relay alone */
  gboolean   from_here;       /* who sends it has logged in, or is this server itself; what a sender is called proves nothing */
  PhDsnRet   ret;
  char      *envid;         /* decoded, or NULL */
  guint64    declared_size; /* SIZE=, 0 where not said */
  gint64     release;       /* real µs before which nobody is to get it (RFC 4865), 0 where not said */
  char      *hold;          /* how that was said, for reports: "for;3600", "until;2026-12-24T18:00:00Z", or NULL */
} PhSmtpEnvelope;

PhSmtpEnvelope *ph_smtp_envelope_new (const char *sender);
/* All but the recipients. */
PhSmtpEnvelope  *ph_smtp_envelope_copy_options (const PhSmtpEnvelope *self);
void             ph_smtp_envelope_free (PhSmtpEnvelope *self);
PhSmtpRecipient *ph_smtp_envelope_add (PhSmtpEnvelope *self,
                                       const char     *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSmtpRecipient, ph_smtp_recipient_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSmtpEnvelope, ph_smtp_envelope_free)

G_END_DECLS
