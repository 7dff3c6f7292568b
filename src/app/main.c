/* posthouse: the server with its window. */

#include "ph-application.h"
#include "ph-command.h"
#include "ph-process.h"

#include <glib/gi18n.h>
#include <locale.h>

int
main (int   argc,
      char *argv[])
{
  g_autoptr (PhApplication) application = NULL;
  /* gettext's own variable: where translations are that are not installed. */
  const char *directory = g_getenv ("TEXTDOMAINDIR");
  int         status;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, directory != NULL ? directory : PH_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  ph_process_harden ();

  status = ph_command_try ("posthouse", argc, argv);
  if (status >= 0)
    return status;

  application = ph_application_new ();

  return g_application_run (G_APPLICATION (application), argc, argv);
}
