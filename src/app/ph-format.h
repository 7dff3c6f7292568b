#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Values as a person reads them, in the language and the customs of the locale.
 * Times are real time in µs; what is returned is for the caller to free. */

/* "just now", "5 minutes ago", "in 2 hours", "Monday 14:02", "3 Mar 2026". */
char *ph_format_relative_time (gint64 time,
                               gint64 now);

/* Date and time in full, as the locale writes them. */
char *ph_format_absolute_time (gint64 time);

/* The day: "3 Mar 2026". */
char *ph_format_day (gint64 time);

/* "14:02:11.123", the same width in every locale: for transcripts. */
void ph_format_clock_time (gint64 time,
                           char   target[16]);

/* "230 ms", "12 s", "3 min", "2 h 5 min". */
char *ph_format_duration (gint64 duration);

/* Sixteen bytes a line: "0000  45 48 4c 4f …  EHLO…", where what is no ASCII character is a dot. */
char *ph_format_hex (const guint8 *bytes,
                     gsize         length);

/* What the engine says: a cause, a finding, the message of a GError. In the language of the
 * locale where the engine marked the sentence with N_(), as it is where it did not. */
const char *ph_format_words (const char *text);

/* "127.0.0.1:2525", "[::1]:2525". */
char *ph_format_endpoint (const char *address,
                          guint       port);

/* Whether only this computer reaches a listener on `address`. */
gboolean ph_format_is_loopback (const char *address);

G_END_DECLS
