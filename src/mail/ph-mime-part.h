#pragma once

#include "ph-parameter.h"

G_BEGIN_DECLS

/* Deeper or later parts are not split: they stay leaves (V06). */
#define PH_MIME_DEPTH_MAX 100
#define PH_MIME_PARTS_MAX 10000

typedef struct _PhMimePart PhMimePart;

/**
 * PhMimePart:
 *
 * A message or a part of it as a tree (RFC 2045, 2046): where its header and its
 * body are and what it says of itself.  Holds offsets into the message's bytes,
 * not the bytes.  The root is owned by whoever parsed it and owns all below.
 *
 * The children of a multipart are its parts; a message/rfc822 that is not base64
 * or quoted-printable has one child, the message in it.  Values are as written,
 * without NULs, maybe not UTF-8.  Lines and sizes count octets as stored.
 */
struct _PhMimePart
{
  PhMimePart *parent;
  PhMimePart *first_child;
  PhMimePart *last_child;
  PhMimePart *next;
  guint       n_children;

  gsize header_offset;
  gsize header_length; /* with the blank line */
  gsize body_offset;   /* header_offset + header_length */
  gsize body_length;   /* without the line end before the boundary */
  gsize n_lines;       /* of the body: line ends in it, and one for an unended last line */

  PhParameterList *content_type; /* never NULL: text/plain and others by default */
  PhParameterList *disposition;  /* or NULL */
  char            *encoding;     /* Content-Transfer-Encoding, or NULL if none or not a token */
  char            *id;           /* Content-ID … NULL where there is none */
  char            *description;
  char            *language;
  char            *location;
  char            *md5;
};

typedef enum {
  PH_MIME_SECTION_BODY,   /* BODY[], BODY[1.2] */
  PH_MIME_SECTION_HEADER, /* BODY[HEADER], BODY[1.HEADER]; HEADER.FIELDS picks from it */
  PH_MIME_SECTION_TEXT,   /* BODY[TEXT], BODY[1.TEXT] */
  PH_MIME_SECTION_MIME,   /* BODY[1.MIME] */
} PhMimeSection;

/* Parses a whole message; always succeeds, in linear time, with a constant stack. */
PhMimePart *ph_mime_part_parse (const guint8 *data,
                                gsize         length);
void        ph_mime_part_free (PhMimePart *root);

/* Type and subtype in any case; a NULL subtype matches all. */
gboolean ph_mime_part_is (const PhMimePart *self,
                          const char       *type,
                          const char       *subtype);

/* The part with the number path[0].path[1]… of RFC 3501 6.4.5 (1 is the body of a
 * message that is no multipart); `root` itself if n is 0; NULL if there is none.
 * Borrowed. */
const PhMimePart *ph_mime_part_find (const PhMimePart *root,
                                     const guint32    *path,
                                     guint             n);

/* Where a section's bytes are in the message.  FALSE if there is no such section,
 * for which IMAP answers NIL. */
gboolean ph_mime_part_find_section (const PhMimePart *root,
                                    const guint32    *path,
                                    guint             n,
                                    PhMimeSection     section,
                                    gsize            *offset,
                                    gsize            *length);

/* The next part in the order in which they stand in the message, parents first;
 * NULL after the last. */
const PhMimePart *ph_mime_part_next (const PhMimePart *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMimePart, ph_mime_part_free)

G_END_DECLS
