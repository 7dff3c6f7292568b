#pragma once

#include "ph-imap-parser.h"

G_BEGIN_DECLS

typedef enum {
  PH_IMAP_RETURN_MIN = 1 << 0,
  PH_IMAP_RETURN_MAX = 1 << 1,
  PH_IMAP_RETURN_COUNT = 1 << 2,
  PH_IMAP_RETURN_ALL = 1 << 3,
  PH_IMAP_RETURN_SAVE = 1 << 4,
  PH_IMAP_RETURN_PARTIAL = 1 << 5,
  PH_IMAP_RETURN_RELEVANCY = 1 << 6,
  PH_IMAP_RETURN_CONTEXT = 1 << 7, /* a hint; ignored (RFC 5267 4.2) */
  PH_IMAP_RETURN_UPDATE = 1 << 8,
} PhImapReturnOptions;

/* Positions in a result, from 1; both negative where they count from its end. */
typedef struct
{
  gint64 first;
  gint64 last;
} PhImapPartial;

/**
 * PhImapReturn:
 *
 * What SEARCH and SORT are to tell and to save of what they find (RFC 4731, 5182,
 * 5267, 6203, 9394).  A plain struct.
 */
typedef struct
{
  gboolean      extended; /* as ESEARCH */
  guint         options;  /* PhImapReturnOptions */
  PhImapPartial partial;
} PhImapReturn;

/* "RETURN (MIN COUNT) ", or nothing: `self` then stays as it was. */
gboolean ph_imap_return_take (PhImapParser *parser,
                              PhImapReturn *self);

/* "-1:-100" */
gboolean ph_imap_partial_take (PhImapParser  *parser,
                               PhImapPartial *partial);

/* The range of `n` results as positions from 0, [*start, *end); empty where there is none. */
void ph_imap_partial_resolve (const PhImapPartial *partial,
                              guint                n,
                              guint               *start,
                              guint               *end);

/* Appends "* ESEARCH (TAG …) …" with CRLF.  MIN and MAX are the first and the last of the
 * result (RFC 5267 3.1). */
void ph_imap_return_format (const PhImapReturn *self,
                            const char         *tag,
                            gboolean            by_uid,
                            const guint32      *numbers, /* in the order of the result */
                            guint               n,
                            guint64             modseq, /* 0: not told */
                            const guint8       *scores, /* of each number (RFC 6203 4); NULL: not told */
                            GString            *out);

/* The UIDs that "$" is to mean (RFC 5182 2.4); transfer full, ascending. */
GArray *ph_imap_return_dup_saved (const PhImapReturn *self,
                                  const guint32      *uids,
                                  guint               n);

G_END_DECLS
