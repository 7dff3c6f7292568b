/* posthoused: the server without a window. */

#include "ph-command.h"
#include "ph-control-client.h"
#include "ph-daemon.h"
#include "ph-place.h"
#include "ph-process.h"
#include "ph-settings-dkim.h"

#include <locale.h>

static PhSettings *
open_settings (const PhDaemonOptions *options,
               GError               **error)
{
  PhSettings *settings = ph_place_open_settings (options->config_path, error);

  if (settings == NULL)
    return NULL;

  for (const char *const *warning = ph_settings_get_warnings (settings); *warning != NULL; warning++)
    g_printerr ("posthoused: %s\n", *warning);
  if (options->free_ports)
    ph_settings_use_free_ports (settings);

  return settings;
}

/* FALSE where none runs on this folder. */
static gboolean
start_running (const PhDaemonOptions *options)
{
  g_autoptr (PhControlClient) client = ph_control_client_open (options->config_path, options->data_dir, TRUE, NULL);
  g_autoptr (GVariant) answer = client != NULL ? ph_control_client_call (client, "Start", NULL, NULL) : NULL;

  return answer != NULL;
}

static int
serve (const PhDaemonOptions *options,
       PhReadiness           *readiness)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSettings) settings = open_settings (options, &error);
  g_autoptr (PhClock) clock = ph_clock_new ();
  g_autoptr (GError) stays = NULL;
  g_autoptr (PhServer) server = NULL;
  g_autoptr (PhDaemon) daemon = NULL;
  g_autofree char *data_dir = NULL;
  int              status;

  if (settings != NULL)
    {
      if (!ph_place_follow (settings, options->data_dir, &stays))
        g_printerr ("posthoused: %s\n", stays->message);
      data_dir = ph_place_choose_data_dir (settings, options->data_dir);
      ph_place_close_folder (data_dir, options->demo);
      server = ph_server_new (settings, data_dir, clock, &error);
    }
  if (server == NULL)
    {
      g_printerr ("posthoused: %s\n", error->message);
      return 1;
    }

  daemon = ph_daemon_new (server, options, data_dir, readiness);
  status = ph_daemon_run (daemon);
  if (!ph_settings_flush (settings, &error))
    {
      g_printerr ("posthoused: %s\n", error->message);
      return 1;
    }

  return status;
}

/* Makes the keys where there are none. */
static int
print_dkim_records (const PhDaemonOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSettings) settings = open_settings (options, &error);
  g_autofree char *records = NULL;

  if (settings != NULL)
    {
      g_autofree char *data_dir = ph_place_choose_data_dir (settings, options->data_dir);

      records = ph_settings_format_dkim_records (settings, data_dir, options->dkim_records, &error);
    }
  if (records == NULL)
    {
      g_printerr ("posthoused: %s\n", error->message);
      return 1;
    }

  g_print ("%s", records);

  return 0;
}

int
main (int   argc,
      char *argv[])
{
  g_auto (PhDaemonOptions) options = { 0 };
  PhReadiness readiness = { -1 };
  g_autoptr (GError) error = NULL;
  int status;

  setlocale (LC_ALL, "");
  /* What goes into a log or to a script stays English: translations are for the window. */
  setlocale (LC_MESSAGES, "C");
  ph_process_harden ();

  status = ph_command_try ("posthoused", argc, argv);
  if (status >= 0)
    return status;
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

  if (options.dkim_records != NULL)
    return print_dkim_records (&options);
  if (options.start && start_running (&options))
    return 0;
  if (options.background)
    ph_readiness_detach (&readiness);

  return serve (&options, &readiness);
}
