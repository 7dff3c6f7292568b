#pragma once

#include "ph-buffer.h"
#include "ph-imap-fetch-items.h"
#include "ph-message.h"

G_BEGIN_DECLS

/**
 * PhImapContent:
 *
 * The bytes of one section of one open message, to be read in pieces: from the
 * file, or (HEADER.FIELDS, at most PH_HEADER_SIZE_MAX) from memory.  A plain
 * struct, owned by the fetch; the message must outlive it.
 */
typedef struct
{
  PhMessage *message; /* borrowed */
  PhBuffer   buffer;
  gboolean   in_memory;
  guint64    offset;
  guint64    remaining;
} PhImapContent;

/* Where the header of a whole message ends, without parsing all of it. FALSE if
 * the structure is needed to know: the header is too long. */
gboolean ph_imap_content_find_body (PhMessage *message,
                                    gsize     *body_offset,
                                    GError   **error);

/* TRUE and *found FALSE where the message has no such section (NIL).  `root` may be
 * NULL if the section has no path; then `body_offset` counts.  FALSE and an error if
 * the file fails. */
gboolean ph_imap_content_open (PhImapContent       *self,
                               PhMessage           *message,
                               const PhMimePart    *root,
                               gsize                body_offset,
                               const PhImapSection *section,
                               gboolean            *found,
                               GError             **error);

/* The next bytes, at most `length`; 0 at the end, -1 and an error if the file fails. */
gssize ph_imap_content_read (PhImapContent *self,
                             void          *data,
                             gsize          length,
                             GError       **error);
void   ph_imap_content_clear (PhImapContent *self);

G_END_DECLS
