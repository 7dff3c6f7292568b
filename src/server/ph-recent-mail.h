#pragma once

#include "ph-clock.h"
#include "ph-smtp-envelope.h"

G_BEGIN_DECLS

/* How many messages are remembered, and for how long. */
#define PH_RECENT_MAIL_MAX 1000
#define PH_RECENT_MAIL_MEMORY (G_GINT64_CONSTANT (5) * 24 * 60 * 60 * G_USEC_PER_SEC)

#define PH_TYPE_RECENT_MAIL (ph_recent_mail_get_type ())
G_DECLARE_FINAL_TYPE (PhRecentMail, ph_recent_mail, PH, RECENT_MAIL, GObject)

/**
 * PhRecentMail:
 *
 * Messages that were taken, but whose sender was gone before it could be told: it will send
 * them again, and they are then answered for without being delivered twice (S14, RFC 1047).
 * Knows a message by its envelope and a digest of its bytes; forgets it once it was sent again.
 * In memory only: after a restart a second copy is delivered, as RFC 5321 allows.
 */
PhRecentMail *ph_recent_mail_new (PhClock *clock);

/* `digest` as ph_incoming_get_digest() gives it. */
void ph_recent_mail_add (PhRecentMail         *self,
                         const PhSmtpEnvelope *envelope,
                         guint64               digest,
                         guint64               size);

/* TRUE, once, if that message was added. */
gboolean ph_recent_mail_take (PhRecentMail         *self,
                              const PhSmtpEnvelope *envelope,
                              guint64               digest,
                              guint64               size);

G_END_DECLS
