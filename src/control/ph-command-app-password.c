/* app-password list, add, revoke */

#include "ph-command-private.h"

static char *
format_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = seconds > 0 ? g_date_time_new_from_unix_utc (seconds) : NULL;

  return time != NULL ? g_date_time_format_iso8601 (time) : g_strdup ("never");
}

static int
list (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "ListAppPasswords", g_variant_new ("(s)", self->arguments[0]));
  g_autoptr (GVariantIter) iter = NULL;
  const char *id, *name;
  gint64      created, last_used;

  if (answer == NULL)
    return PH_COMMAND_FAILED;

  g_variant_get (answer, "(a(ssxx))", &iter);
  while (g_variant_iter_next (iter, "(&s&sxx)", &id, &name, &created, &last_used))
    {
      g_autofree char *made = format_time (created);
      g_autofree char *used = format_time (last_used);

      ph_command_print_field (id, FALSE);
      ph_command_print_field (name, FALSE);
      ph_command_print_field (made, FALSE);
      ph_command_print_field (used, TRUE);
    }

  return PH_COMMAND_DONE;
}

static int
add (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "AddAppPassword", g_variant_new ("(ss)", self->arguments[0], self->arguments[1]));
  const char *password;

  if (answer == NULL)
    return PH_COMMAND_FAILED;

  g_variant_get (answer, "(&s)", &password);
  g_print ("%s\n", password);

  return PH_COMMAND_DONE;
}

static int
take_back (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "RevokeAppPassword", g_variant_new ("(ss)", self->arguments[0], self->arguments[1]));

  return answer != NULL ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

const PhCommandRow ph_command_app_password_rows[] = {
  { "app-password list", "ADDRESS", "List app passwords: id, name, made, last used", 1, 1, FALSE, list, NULL },
  { "app-password add", "ADDRESS NAME", "Make a password for one device or program, and print it", 2, 2, FALSE, add, NULL },
  { "app-password revoke", "ADDRESS ID", "Take an app password back", 2, 2, FALSE, take_back, NULL },
  { NULL },
};
