#pragma once

#include "ph-mailbox.h"

G_BEGIN_DECLS

/* Fields at the top of a message in an mbox file that belong to the mailbox: Status and
 * X-Status (letters, as mutt, Dovecot and Python's mailbox have them), X-Keywords, X-UID,
 * X-IMAP, X-IMAPbase, Content-Length.  Functions only. */
typedef struct
{
  PhFlags flags;
  char  **keywords;       /* or NULL; transfer full */
  gint64  content_length; /* -1: none */
} PhMboxField;

/* FALSE where the line begins no such field. */
gboolean ph_mbox_field_read (const guint8 *line,
                             gsize         length,
                             PhMboxField  *field);

/* The first line of what PhMboxWriter adds: how many fields of its own follow, and whether the
 * last line end of the message is not its own. */
gboolean ph_mbox_field_read_marker (const guint8 *line,
                                    gsize         length,
                                    guint        *n_fields,
                                    gboolean     *open);

/* The marker and the fields. */
char *ph_mbox_field_format (PhFlags            flags,
                            const char *const *keywords, /* or NULL */
                            gboolean           open);

G_END_DECLS
