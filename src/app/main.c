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
  int status;

  setlocale (LC_ALL, "");
  bindtextdomain (PH_GETTEXT_DOMAIN, PH_LOCALE_DIR);
  bind_textdomain_codeset (PH_GETTEXT_DOMAIN, "UTF-8");
  textdomain (PH_GETTEXT_DOMAIN);
  ph_process_harden ();

  status = ph_command_try ("posthouse", argc, argv);
  if (status >= 0)
    return status;

  application = ph_application_new ();

  return g_application_run (G_APPLICATION (application), argc, argv);
}
