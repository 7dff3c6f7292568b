#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What became of a recipient is said in the words of the server: “550 5.1.1 No such user”.  Where no server said anything, they are
 * ours, and English, because they are kept with the message and go into its report.  This says them to the person at the window:
 * the same in the language of the window where the words are ours, else a copy.  `reply` may lack its codes, or have an address
 * and a colon before them. */
char *ph_own_reply_translate (const char *reply);

G_END_DECLS
