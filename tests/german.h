#pragma once

#include <glib.h>
#include <libintl.h>
#include <locale.h>

/* From here on the program speaks German, out of the translations that were built. */
static inline void
speak_german (void)
{
  g_autofree char *directory = g_test_build_filename (G_TEST_BUILT, "..", "po", NULL);

  g_assert_true (g_setenv ("LANGUAGE", "de", TRUE));
  g_assert_nonnull (setlocale (LC_ALL, "C.UTF-8"));
  g_assert_nonnull (bindtextdomain (GETTEXT_PACKAGE, directory));
  g_assert_nonnull (bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8"));
  g_assert_nonnull (textdomain (GETTEXT_PACKAGE));
}
