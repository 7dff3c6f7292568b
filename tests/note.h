#pragma once

#include <glib.h>

/* Names the row of a table that is being tested, on one line of TAP whatever bytes it has. */
static inline void
note (const char *text)
{
  g_autofree char *escaped = g_strescape (text != NULL ? text : "NULL", NULL);

  g_test_message ("%s", escaped);
}
