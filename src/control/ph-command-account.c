/* account list, add, passwd, delete */

#include "ph-command-private.h"

#include "ph-password-prompt.h"
#include "ph-password.h"

#include <string.h>

static int
list (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "ListAccounts", NULL);
  g_autoptr (GVariantIter) iter = NULL;
  const char *address, *name;
  gboolean    enabled;

  if (answer == NULL)
    return PH_COMMAND_FAILED;

  g_variant_get (answer, "(a(ssb))", &iter);
  while (g_variant_iter_next (iter, "(&s&sb)", &address, &name, &enabled))
    {
      ph_command_print_field (address, FALSE);
      ph_command_print_field (enabled ? "enabled" : "disabled", FALSE);
      ph_command_print_field (name, TRUE);
    }

  return PH_COMMAND_DONE;
}

/* Calls `method` with a password, which is shown if we made it up. */
static int
call_with_password (PhCommand  *self,
                    const char *method,
                    gboolean    has_name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;
  const char *address = self->arguments[0];
  const char *name = ph_command_options.name != NULL ? ph_command_options.name : "";
  char       *password = ph_command_options.generate ? ph_password_generate () : ph_password_prompt (&error);

  if (password == NULL)
    return ph_command_fail (self, error->message);

  answer = ph_command_call (self, method, has_name ? g_variant_new ("(sss)", address, name, password) : g_variant_new ("(ss)", address, password));
  if (answer != NULL && ph_command_options.generate)
    g_print ("%s\n", password);
  ph_password_free (password);

  return answer != NULL ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

static int
add (PhCommand *self)
{
  return call_with_password (self, "AddAccount", TRUE);
}

static int
passwd (PhCommand *self)
{
  return call_with_password (self, "SetPassword", FALSE);
}

static int
old_programs (PhCommand *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;
  char *password = ph_command_options.off ? g_strdup ("") : ph_password_prompt (&error);

  if (password == NULL)
    return ph_command_fail (self, error->message);

  answer = ph_command_call (self, "SetOldPrograms", g_variant_new ("(ss)", self->arguments[0], password));
  ph_password_free (password);
  if (answer == NULL)
    return PH_COMMAND_FAILED;

  if (!ph_command_options.off)
    g_print ("This password is now kept so that it can be read: in posthouse.ini, which only you can open.\n");

  return PH_COMMAND_DONE;
}

static int
search_index (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "SetSearchIndex", g_variant_new ("(sb)", self->arguments[0], !ph_command_options.off));

  return answer != NULL ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

static int
print_protocols (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "GetProtocols", g_variant_new ("(s)", self->arguments[0]));
  g_autofree const char **names = NULL;

  if (answer == NULL)
    return PH_COMMAND_FAILED;

  g_variant_get (answer, "(^a&s)", &names);
  for (gsize i = 0; names[i] != NULL; i++)
    ph_command_print_field (names[i], TRUE);

  return PH_COMMAND_DONE;
}

/* "none" alone stands for an empty list, which a command line could not say. */
static int
protocols (PhCommand *self)
{
  static const char *const none[] = { NULL };
  const char *const       *names = (const char *const *)self->arguments + 1;
  g_autoptr (GVariant) answer = NULL;

  if (*names == NULL)
    return print_protocols (self);
  if (strcmp (*names, "none") == 0 && names[1] == NULL)
    names = none;

  answer = ph_command_call (self, "SetProtocols", g_variant_new ("(s^as)", self->arguments[0], names));

  return answer != NULL ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

static int delete (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "DeleteAccount", g_variant_new ("(sb)", self->arguments[0], !ph_command_options.delete_mail));

  return answer != NULL ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

static const GOptionEntry add_options[] = {
  { "name", 'n', 0, G_OPTION_ARG_STRING, &ph_command_options.name, "The person's name", "NAME" },
  { "generate", 'g', 0, G_OPTION_ARG_NONE, &ph_command_options.generate, "Make up a password, and print it", NULL },
  G_OPTION_ENTRY_NULL
};

static const GOptionEntry passwd_options[] = {
  { "generate", 'g', 0, G_OPTION_ARG_NONE, &ph_command_options.generate, "Make up a password, and print it", NULL },
  G_OPTION_ENTRY_NULL
};

static const GOptionEntry old_programs_options[] = {
  { "off", 0, 0, G_OPTION_ARG_NONE, &ph_command_options.off, "No more: forget the readable password", NULL },
  G_OPTION_ENTRY_NULL
};

static const GOptionEntry search_index_options[] = {
  { "off", 0, 0, G_OPTION_ARG_NONE, &ph_command_options.off, "No index: searches read the mail", NULL },
  G_OPTION_ENTRY_NULL
};

static const GOptionEntry delete_options[] = {
  { "delete-mail", 0, 0, G_OPTION_ARG_NONE, &ph_command_options.delete_mail, "Delete the mail of the account as well", NULL },
  G_OPTION_ENTRY_NULL
};

const PhCommandRow ph_command_account_rows[] = {
  { "account list", "", "List accounts: address, enabled or disabled, name", 0, 0, FALSE, list, NULL },
  { "account add", "ADDRESS", "Add an account; the password comes from standard input", 1, 1, FALSE, add, add_options },
  { "account passwd", "ADDRESS", "Change a password; it comes from standard input", 1, 1, FALSE, passwd, passwd_options },
  { "account old-programs", "ADDRESS", "Let old programs log in, too (APOP, CRAM-MD5): the password, from standard input, is then kept readable", 1, 1, FALSE, old_programs, old_programs_options },
  { "account search-index", "ADDRESS", "Index the texts of an account's mail, so that searches in them are fast", 1, 1, FALSE, search_index, search_index_options },
  { "account protocols", "ADDRESS [PROTOCOL…]", "Say what an account may be used for: imap, pop3, submission, or none; without any, print it", 1, 4, FALSE, protocols, NULL },
  { "account delete", "ADDRESS", "Delete an account; its mail is kept", 1, 1, FALSE, delete, delete_options },
  { NULL },
};
