#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes bytes from the network fit to be shown (V18): valid UTF-8, one line,
 * nothing in it that moves the cursor, turns the writing direction or is not
 * seen.  Controls become their pictures (CR is "␍", tab "␉", NUL "␀"), bytes
 * that are no UTF-8 "\x9b", invisible and direction characters "\u202e". */
void ph_journal_escape (GString    *target,
                        const void *data,
                        gsize       length);

/* The first of several lines with a CR LF between each two.  Returns where the next one
 * begins; NULL after the last. */
const guint8 *ph_journal_escape_line (GString      *target,
                                      const guint8 *p,
                                      const guint8 *end);

/* The same as a new string, cut to `max` bytes of input; NULL for NULL. */
char *ph_journal_escape_dup (const char *text,
                             gsize       max);

G_END_DECLS
