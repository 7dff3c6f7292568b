#include "ph-command-private.h"

#include <stdio.h>
#include <string.h>

static const PhCommandRow *const tables[] = {
  ph_command_service_rows,
  ph_command_account_rows,
  ph_command_app_password_rows,
  ph_command_automatic_reply_rows,
  ph_command_domain_rows,
  ph_command_queue_rows,
  ph_command_send_rows,
  ph_command_transfer_rows,
};

/* Where summaries begin in the list of commands. */
#define FORM_WIDTH 24

PhCommandOptions ph_command_options;

/* What the commands use */

GVariant *
ph_command_call (PhCommand  *self,
                 const char *method,
                 GVariant   *parameters)
{
  g_autoptr (GError) error = NULL;
  GVariant *answer = ph_control_client_call (self->client, method, parameters, &error);

  if (answer == NULL)
    ph_command_fail (self, error->message);

  return answer;
}

int
ph_command_fail (PhCommand  *self,
                 const char *message)
{
  g_printerr ("%s: %s\n", self->program, message);

  return PH_COMMAND_FAILED;
}

void
ph_command_print_field (const char *text,
                        gboolean    last)
{
  g_autofree char *line = g_strdelimit (g_strdup (text), "\t\r\n", ' ');

  g_print ("%s%c", line, last ? '\n' : '\t');
}

/* Which command it is */

/* How many of `words` stand at the start of `argv`; 0 unless all do. */
static int
match_words (const char *words,
             char      **argv)
{
  g_auto (GStrv) parts = g_strsplit (words, " ", -1);
  int n_parts = (int)g_strv_length (parts);

  for (int i = 0; i < n_parts; i++)
    if (g_strcmp0 (parts[i], argv[i]) != 0)
      return 0;

  return n_parts;
}

static const PhCommandRow *
find_row (char **argv,
          int   *n_words)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const PhCommandRow *row = tables[i]; row->words != NULL; row++)
      if ((*n_words = match_words (row->words, argv)) > 0)
        return row;

  return NULL;
}

/* "--stop" is the option of a desktop's menu, and the same as "stop". */
static gboolean
is_command (const char *word)
{
  return *word != '-' || strcmp (word, "--stop") == 0;
}

/* The index of the command's first word, or 0.  Before it only these may stand. */
static int
find_command (int    argc,
              char **argv)
{
  static const char *const with_value[] = { "--config", "-c", "--data", "-d", NULL };
  int                      i = 1;

  while (i < argc && (g_strv_contains (with_value, argv[i]) || g_str_has_prefix (argv[i], "--config=") || g_str_has_prefix (argv[i], "--data=")))
    i += strchr (argv[i], '=') != NULL ? 1 : 2;

  return i < argc && is_command (argv[i]) ? i : 0;
}

/* Shell completion reads these lines, too: "  WORDS ARGUMENTS   SUMMARY". */
char *
ph_command_describe_all (void)
{
  GString *text = g_string_new ("Commands:\n");

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const PhCommandRow *row = tables[i]; row->words != NULL; row++)
      {
        g_autofree char *form = g_strdup_printf ("%s %s", row->words, row->arguments);
        glong            length = g_utf8_strlen (form, -1);

        g_string_append_printf (text, "  %s%*s  %s\n", form, (int)MAX (FORM_WIDTH - length, 0), "", row->summary);
      }
  g_string_append (text, "\nEach has --help, and ends with 0, or with 1 if it failed, 2 if it was not understood, 3 if no Posthouse runs.");

  return g_string_free (text, FALSE);
}

/* Running it */

static int
misuse (const char *program,
        const char *message)
{
  g_printerr ("%s: %s; see “%s help”\n", program, message, program);

  return PH_COMMAND_MISUSED;
}

/* Removes what is understood; *argv keeps a first word that nobody reads. */
static gboolean
parse_options (PhCommand *self,
               GStrv     *argv,
               char     **config_path,
               char     **data_dir,
               GError   **error)
{
  const GOptionEntry where[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, config_path, "The ini file", "FILE" },
    { "data", 'd', 0, G_OPTION_ARG_FILENAME, data_dir, "The folder of the mail", "DIR" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (self->row->arguments);
  g_autofree char *name = g_strdup_printf ("%s %s", self->program, self->row->words);

  g_set_prgname (name);
  g_option_context_set_summary (context, self->row->summary);
  if (self->row->options != NULL)
    g_option_context_add_main_entries (context, self->row->options, NULL);
  g_option_context_add_main_entries (context, where, NULL);

  return g_option_context_parse_strv (context, argv, error);
}

static int
run (PhCommand  *self,
     const char *config_path,
     const char *data_dir)
{
  g_autoptr (GError) error = NULL;
  int status;

  if (self->row->run == NULL)
    {
      g_autofree char *text = ph_command_describe_all ();

      g_print ("%s\n", text);
      return PH_COMMAND_DONE;
    }

  self->config_path = config_path;
  self->data_dir = data_dir;
  if (self->row->alone)
    return self->row->run (self);

  self->client = ph_control_client_open (config_path, data_dir, self->row->must_run, &error);
  if (self->client == NULL)
    {
      ph_command_fail (self, error->message);
      return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED) ? PH_COMMAND_NOT_RUNNING : PH_COMMAND_FAILED;
    }

  status = self->row->run (self);
  g_clear_object (&self->client);

  return status;
}

/* `words` are what the command line has but for the command's own words. */
static int
parse_and_run (PhCommand *self,
               GStrv     *words)
{
  g_autofree char *config_path = NULL;
  g_autofree char *data_dir = NULL;
  g_autoptr (GError) error = NULL;
  guint n_arguments;

  if (!parse_options (self, words, &config_path, &data_dir, &error))
    return misuse (self->program, error->message);

  self->arguments = *words + 1;
  n_arguments = g_strv_length (self->arguments);
  if (n_arguments < self->row->n_arguments_min || n_arguments > self->row->n_arguments_max)
    {
      g_autofree char *form = g_strdup_printf ("It is “%s %s %s”", self->program, self->row->words, self->row->arguments);

      return misuse (self->program, form);
    }

  return run (self, config_path, data_dir);
}

int
ph_command_try (const char *program,
                int         argc,
                char      **argv)
{
  PhCommand self = { .program = program };
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) strings = NULL;
  int first = find_command (argc, argv);
  int n_words = 1;

  if (first == 0)
    return -1;

  self.row = strcmp (argv[first], "--stop") == 0 ? &ph_command_service_rows[0] : find_row (argv + first, &n_words);
  if (self.row == NULL)
    {
      g_autofree char *message = g_strdup_printf ("There is no command “%s”", argv[first]);

      return misuse (program, message);
    }

  for (int i = 0; i < argc; i++)
    if (i < first || i >= first + n_words)
      g_ptr_array_add (words, g_strdup (argv[i]));
  g_ptr_array_add (words, NULL);
  strings = (char **)g_ptr_array_steal (words, NULL);

  return parse_and_run (&self, &strings);
}
