#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More tags than these are no list of ours. */
#define PH_TAG_LIST_MAX 64

typedef struct
{
  char *name;
  char *value;  /* without blanks at its ends; those inside are kept */
  gsize offset; /* of all that stands between "=" and ";" */
  gsize length;
} PhTag;

/**
 * PhTagList:
 *
 * "v=DKIM1; k=rsa; p=…": what DKIM and DMARC write in header fields and in DNS (RFC 6376 section 3.2,
 * RFC 7489 section 6.3).  The text is bytes; no name comes twice.  An immutable value.
 */
typedef struct _PhTagList PhTagList;

/* NULL where it is no such list; with `lenient` what is no tag is left out instead. */
PhTagList *ph_tag_list_parse (const char *text,
                              gsize       length,
                              gboolean    lenient);
void       ph_tag_list_free (PhTagList *self);

/* Borrowed; NULL where there is none. */
const PhTag *ph_tag_list_find (const PhTagList *self,
                               const char      *name);
const char  *ph_tag_list_get (const PhTagList *self,
                              const char      *name);

/* The first tag; NULL for none. */
const PhTag *ph_tag_list_get_first (const PhTagList *self);

/* The parts of a value between colons, without blanks. */
GStrv ph_tag_split (const char *value);

/* base64 with blanks anywhere; NULL where it is none. */
GBytes *ph_tag_decode (const char *value);

/* Digits alone; what is too large to be true is G_MAXINT64. */
gboolean ph_tag_parse_number (const char *value,
                              guint64    *number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhTagList, ph_tag_list_free)

G_END_DECLS
