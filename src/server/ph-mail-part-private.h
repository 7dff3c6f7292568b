#pragma once

#include "ph-mail-part.h"
#include "ph-message.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* What PhMailMessage does with its parts. */

/* `part` belongs to the structure of `message`. */
PhMailPart *ph_mail_part_new (PhMessage        *message,
                              const PhMimePart *part,
                              PhWorkerPool     *workers);

/* On a worker; blocks.  The text of a text part, at most what is shown of it: HTML with
 * its styles, or (`as_plain`) without.  FALSE where it can't be read. */
gboolean ph_mail_part_append_body (PhMessage        *message,
                                   const PhMimePart *part,
                                   PhMailText       *target,
                                   GError          **error);

/* Bytes of the message, at most `max` of them.  Blocks. */
GBytes *ph_mail_part_read (PhMessage *message,
                           gsize      offset,
                           gsize      length,
                           gsize      max,
                           GError   **error);

/* Whether it is something to save rather than to read with the message. */
gboolean ph_mail_part_is_attachment (const PhMimePart *part);

G_END_DECLS
