#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhDate:
 *
 * A moment with the zone it was written in.  A plain value.  Years 1 to 9999.
 */
typedef struct
{
  gint64 time;   /* seconds since 1970 in UTC */
  gint   offset; /* minutes east of UTC, -1439 to 1439 */
} PhDate;

/* RFC 5322 3.3 with its obsolete forms (two-digit years, named zones, comments);
 * FALSE if no date can be read out of it. */
gboolean ph_date_parse (const char *text,
                        gsize       length,
                        PhDate     *date);

/* "Mon, 23 Nov 2026 00:05:24 +0000" */
char *ph_date_format (const PhDate *date);

/* IMAP date-time without its quotes: "17-Jul-1996 02:44:25 -0700" or " 1-Jul-…"
 * (RFC 3501 9), strictly. */
gboolean ph_date_parse_internal (const char *text,
                                 gsize       length,
                                 PhDate     *date);
char    *ph_date_format_internal (const PhDate *date);

/* IMAP date without its quotes: "17-Jul-1996" or "1-Jul-1996", as the number of
 * days since 1970-01-01. */
gboolean ph_date_parse_day (const char *text,
                            gsize       length,
                            gint64     *day);

/* The day the date shows in its own zone, in the same count: what SENTON and
 * the others compare. */
gint64 ph_date_get_day (const PhDate *date);

/* `unix_time` in the zone of this machine. */
PhDate ph_date_from_local (gint64 unix_time);

G_END_DECLS
