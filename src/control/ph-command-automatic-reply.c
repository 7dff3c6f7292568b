/* automatic-reply show, set, off: as the account page has it */

#include "ph-command-private.h"

#include "ph-automatic-reply.h"

#include <string.h>

/* What is there, or NULL after saying why not. */
static GVariant *
get (PhCommand *self)
{
  return ph_command_call (self, "GetAutomaticReply", g_variant_new ("(s)", self->arguments[0]));
}

static int
show (PhCommand *self)
{
  g_autoptr (GVariant) answer = get (self);
  const char *subject, *text, *first, *last;
  gboolean    enabled;
  guint       days;

  if (answer == NULL)
    return PH_COMMAND_FAILED;

  g_variant_get (answer, "(b&s&s&s&su)", &enabled, &subject, &text, &first, &last, &days);
  ph_command_print_field (enabled ? "on" : "off", FALSE);
  ph_command_print_field (first, FALSE);
  ph_command_print_field (last, FALSE);
  g_print ("%u\t", days);
  ph_command_print_field (subject, TRUE);
  if (*text != '\0')
    g_print ("%s\n", text);

  return PH_COMMAND_DONE;
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static int
set (PhCommand *self)
{
  g_autoptr (GByteArray) input = ph_command_read_input (self);
  g_autoptr (GVariant) answer = NULL;
  g_autofree char *text = NULL;
  guint            days = ph_command_options.days > 0 ? (guint)ph_command_options.days : PH_AUTOMATIC_REPLY_DAYS;

  if (input == NULL)
    return PH_COMMAND_FAILED;

  text = g_strchomp (g_strndup ((const char *)input->data, input->len));
  if (!g_utf8_validate (text, -1, NULL) || !g_utf8_validate (or_empty (ph_command_options.subject), -1, NULL))
    return ph_command_fail (self, "The text is not UTF-8");

  answer = ph_command_call (self, "SetAutomaticReply", g_variant_new ("(sbssssu)", self->arguments[0], TRUE, or_empty (ph_command_options.subject), text, or_empty (ph_command_options.first_day), or_empty (ph_command_options.last_day), days));

  return answer != NULL ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

/* The words stay for the next time. */
static int
off (PhCommand *self)
{
  g_autoptr (GVariant) answer = get (self);
  g_autoptr (GVariant) done = NULL;
  const char *subject, *text, *first, *last;
  gboolean    enabled;
  guint       days;

  if (answer == NULL)
    return PH_COMMAND_FAILED;

  g_variant_get (answer, "(b&s&s&s&su)", &enabled, &subject, &text, &first, &last, &days);
  done = ph_command_call (self, "SetAutomaticReply", g_variant_new ("(sbssssu)", self->arguments[0], FALSE, subject, text, first, last, days));

  return done != NULL ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

static const GOptionEntry set_options[] = {
  { "subject", 's', 0, G_OPTION_ARG_STRING, &ph_command_options.subject, "Its subject, instead of “Auto: ” and that of the message", "TEXT" },
  { "first-day", 0, 0, G_OPTION_ARG_STRING, &ph_command_options.first_day, "Not before this day", "YYYY-MM-DD" },
  { "last-day", 0, 0, G_OPTION_ARG_STRING, &ph_command_options.last_day, "Not after this day", "YYYY-MM-DD" },
  { "days", 0, 0, G_OPTION_ARG_INT, &ph_command_options.days, "Answer the same sender again after so many days (7)", "N" },
  G_OPTION_ENTRY_NULL
};

const PhCommandRow ph_command_automatic_reply_rows[] = {
  { "automatic-reply show", "ADDRESS", "Show what an account answers by itself: on or off, first day, last day, days, subject; then the text", 1, 1, FALSE, show, NULL },
  { "automatic-reply set", "ADDRESS", "Answer mail while somebody is away; the text comes from standard input", 1, 1, FALSE, set, set_options },
  { "automatic-reply off", "ADDRESS", "Answer no more", 1, 1, FALSE, off, NULL },
  { NULL },
};
