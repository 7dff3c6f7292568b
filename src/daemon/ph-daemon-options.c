#include "ph-daemon-options.h"

#include "ph-command.h"

#include <string.h>

static gboolean
parse_command_line (PhDaemonOptions *self,
                    int             *argc,
                    char          ***argv,
                    GError         **error)
{
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &self->config_path, "The ini file", "FILE" },
    { "data", 'd', 0, G_OPTION_ARG_FILENAME, &self->data_dir, "The folder of the mail", "DIR" },
    { "demo", 0, 0, G_OPTION_ARG_NONE, &self->demo, "Serve demonstration accounts and print how to connect", NULL },
    { "free-ports", 0, 0, G_OPTION_ARG_NONE, &self->free_ports, "Listen on free ports of this computer", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "Print services and accounts as one line of JSON", NULL },
    { "account", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->accounts, "An account of the demonstration; may be repeated", "ADDRESS:PASSWORD" },
    { "import-clever", 0, 0, G_OPTION_ARG_FILENAME, &self->import_clever, "Take over a settings.ini of Clever Mail Server, and end", "FILE" },
    { "background", 'b', 0, G_OPTION_ARG_NONE, &self->background, "Go to the background once it serves", NULL },
    { "start", 's', 0, G_OPTION_ARG_NONE, &self->start, "Start the services of the one that runs, if one does; else serve", NULL },
    { "stop", 0, 0, G_OPTION_ARG_NONE, &self->stop, "Stop the one that runs, and end", NULL },
    { "export-authority", 0, 0, G_OPTION_ARG_FILENAME, &self->export_authority, "Write the certificate that clients are to trust (.crt, .cer, .mobileconfig or -), and end", "FILE" },
    { "dkim-records", 0, 0, G_OPTION_ARG_STRING, &self->dkim_records, "Print what a domain publishes for its DKIM signatures, and end", "DOMAIN" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version, "Print the version, and end", NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autofree char *commands = ph_command_describe_all ();

  g_option_context_set_description (context, commands);
  g_option_context_set_summary (context, "Posthouse without a window: SMTP, submission, POP3 and IMAP for this computer.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;

  if (*argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "“%s” is not understood; see --help", (*argv)[1]);
      return FALSE;
    }

  return TRUE;
}

/* Others see the words of a command line (V48): what follows the colon is blanked once it is copied. */
static void
hide_passwords (int    argc,
                char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      const char *is_account = strstr (argv[i], "--account");
      char       *value = is_account == argv[i] && strchr (argv[i], '=') != NULL ? strchr (argv[i], '=') : NULL;
      char       *colon;

      if (value == NULL && is_account == argv[i] && i + 1 < argc)
        value = argv[i + 1];
      colon = value != NULL ? strchr (value, ':') : NULL;
      if (colon != NULL)
        memset (colon + 1, '*', strlen (colon + 1));
    }
}

static gboolean
check (PhDaemonOptions *self,
       GError         **error)
{
  for (guint i = 0; self->accounts != NULL && self->accounts[i] != NULL; i++)
    {
      const char *colon = strchr (self->accounts[i], ':');

      if (colon == NULL || colon == self->accounts[i] || colon[1] == '\0')
        {
          g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--account takes ADDRESS:PASSWORD");
          return FALSE;
        }
    }

  /* Before other options it is one of them, alone it is the command. */
  if (self->stop)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--stop goes with --config and --data only, and after them");
      return FALSE;
    }

  if (!self->demo && self->accounts != NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--account goes with --demo");
      return FALSE;
    }

  return TRUE;
}

static void
fill_in (PhDaemonOptions *self)
{
  /* A demonstration keeps to itself.  Else NULL is the usual place. */
  if (self->demo && self->data_dir == NULL)
    self->data_dir = g_build_filename (g_get_user_data_dir (), "posthouse-demo", NULL);
  if (self->demo && self->config_path == NULL)
    self->config_path = g_build_filename (self->data_dir, "posthouse.ini", NULL);
}

gboolean
ph_daemon_options_parse (PhDaemonOptions *self,
                         int             *argc,
                         char          ***argv,
                         GError         **error)
{
  int               argc_before = *argc;
  g_autofree char **argv_before = g_memdup2 (*argv, sizeof (char *) * (gsize)(argc_before + 1));

  if (!parse_command_line (self, argc, argv, error))
    return FALSE;

  hide_passwords (argc_before, argv_before);
  fill_in (self);

  return check (self, error);
}

void
ph_daemon_options_clear (PhDaemonOptions *self)
{
  for (guint i = 0; self->accounts != NULL && self->accounts[i] != NULL; i++)
    explicit_bzero (self->accounts[i], strlen (self->accounts[i]));
  g_strfreev (self->accounts);
  g_free (self->config_path);
  g_free (self->data_dir);
  g_free (self->import_clever);
  g_free (self->export_authority);
  g_free (self->dkim_records);
}
