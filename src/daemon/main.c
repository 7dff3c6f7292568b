/* posthoused: the server without a window. */

#include "ph-daemon.h"
#include "ph-process.h"

#include <locale.h>

static PhSettings *
open_settings (const PhDaemonOptions *options,
               GError               **error)
{
  PhSettings *settings = ph_settings_new (options->config_path, error);

  if (settings == NULL)
    return NULL;

  for (const char *const *warning = ph_settings_get_warnings (settings); *warning != NULL; warning++)
    g_printerr ("posthoused: %s\n", *warning);
  if (options->free_ports)
    ph_settings_use_free_ports (settings);

  return settings;
}

static char *
choose_data_dir (const PhDaemonOptions *options,
                 PhSettings            *settings)
{
  const char *chosen = options->data_dir != NULL ? options->data_dir : ph_settings_get_string (settings, "data-folder");

  return *chosen != '\0' ? g_strdup (chosen) : g_build_filename (g_get_user_data_dir (), "posthouse", NULL);
}

static int
serve (const PhDaemonOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSettings) settings = open_settings (options, &error);
  g_autoptr (PhClock) clock = ph_clock_new ();
  g_autoptr (PhServer) server = NULL;
  g_autoptr (PhDaemon) daemon = NULL;
  g_autofree char *data_dir = NULL;
  int              status;

  if (settings != NULL)
    {
      data_dir = choose_data_dir (options, settings);
      server = ph_server_new (settings, data_dir, clock, &error);
    }
  if (server == NULL)
    {
      g_printerr ("posthoused: %s\n", error->message);
      return 1;
    }

  daemon = ph_daemon_new (server, options);
  status = ph_daemon_run (daemon);
  if (!ph_settings_flush (settings, &error))
    {
      g_printerr ("posthoused: %s\n", error->message);
      return 1;
    }

  return status;
}

int
main (int   argc,
      char *argv[])
{
  g_auto (PhDaemonOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  ph_process_harden ();

  if (!ph_daemon_options_parse (&options, &argc, &argv, &error))
    {
      g_printerr ("posthoused: %s\n", error->message);
      return 2;
    }
  if (options.version)
    {
      g_print ("posthoused %s\n", PH_VERSION);
      return 0;
    }

  return serve (&options);
}
