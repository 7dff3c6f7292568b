#pragma once

#include "ph-buffer.h"

G_BEGIN_DECLS

/* The parse stops here, `truncated` tells it; no byte of the mail is lost (V07). */
#define PH_HEADER_SIZE_MAX (256 * 1024)
#define PH_HEADER_FIELDS_MAX 1000

/* One field; all offsets count from the start of the bytes that were parsed. */
typedef struct
{
  gsize offset;       /* of the name */
  gsize name_length;  /* without blanks before the colon */
  gsize value_offset; /* right after the colon */
  gsize value_length; /* with its folds, without the last line end */
  gsize length;       /* of the whole field with its last line end */
} PhHeaderField;

/**
 * PhHeader:
 *
 * The header block at the start of a message or MIME part, cut into fields
 * without copying (RFC 5322 2.2, lenient).  Borrows the bytes, which must outlive
 * it; owned by whoever parsed it.  Lines end with LF or CRLF; a bare CR and NUL
 * are bytes like others.
 *
 * The block ends at a blank line, at the end of the bytes, or before the first
 * line that is neither a field nor a continuation (a missing blank line); an
 * mbox "From " line at the very start is skipped.
 */
typedef struct
{
  const guint8  *data; /* borrowed */
  PhHeaderField *fields;
  guint          n_fields;
  gsize          length;      /* of the block, without the blank line */
  gsize          body_offset; /* after the blank line, if there is one */
  gboolean       truncated;   /* fields beyond a limit are not in `fields` */
} PhHeader;

/* Always succeeds. */
PhHeader *ph_header_parse (const guint8 *data,
                           gsize         length);

/* The same, but the block also ends before a line (given without its line end)
 * for which `ends` is true: a boundary. */
typedef gboolean (*PhHeaderEndFunc) (const guint8 *line,
                                     gsize         length,
                                     gpointer      user_data);
PhHeader *ph_header_parse_until (const guint8   *data,
                                 gsize           length,
                                 PhHeaderEndFunc ends,
                                 gpointer        user_data);

void ph_header_free (PhHeader *self);

/* The first field called `name` (any case) after `previous`, or of all if that is
 * NULL.  NULL if there is none.  Borrowed. */
const PhHeaderField *ph_header_find (const PhHeader      *self,
                                     const char          *name,
                                     const PhHeaderField *previous);

/* The value unfolded (RFC 5322 2.2.3), blanks at both ends and NULs removed;
 * not decoded, so maybe not UTF-8.  The second form looks the first one up, and
 * gives NULL if there is none. */
char *ph_header_dup_field_value (const PhHeader      *self,
                                 const PhHeaderField *field);
char *ph_header_dup_value (const PhHeader *self,
                           const char     *name);

/* The same decoded to UTF-8 (RFC 2047) and fit to show: Subject and the like. */
char *ph_header_dup_text (const PhHeader *self,
                          const char     *name);

gboolean ph_header_field_has_name (const PhHeader      *self,
                                   const PhHeaderField *field,
                                   const char          *name);

/* Appends the fields whose names are (or, with `others`, are not) in the
 * NULL-terminated list, then a blank line: HEADER.FIELDS(.NOT) of IMAP. */
void ph_header_append_fields (const PhHeader    *self,
                              const char *const *names,
                              gboolean           others,
                              PhBuffer          *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHeader, ph_header_free)

G_END_DECLS
