/* queue list, show, retry, hold, release, reroute, bounce, requeue, delete */

#include "ph-command-private.h"

static GVariantIter *
list_items (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "ListQueue", NULL);
  GVariantIter *iter = NULL;

  if (answer != NULL)
    g_variant_get (answer, "(a(ssassstxusb))", &iter);

  return iter;
}

static char *
format_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return seconds > 0 ? g_date_time_format_iso8601 (time) : g_strdup ("-");
}

static int
list (PhCommand *self)
{
  g_autoptr (GVariantIter) iter = list_items (self);
  const char *id, *sender, *subject, *state, *last_reply;
  char      **recipients;
  guint64     size;
  gint64      next_try;
  guint       tries;
  gboolean    bad;

  if (iter == NULL)
    return PH_COMMAND_FAILED;

  while (g_variant_iter_loop (iter, "(&s&s^as&s&stxu&sb)", &id, &sender, &recipients, &subject, &state, &size, &next_try, &tries, &last_reply, &bad))
    {
      g_autofree char *to = g_strjoinv (" ", recipients);
      g_autofree char *when = format_time (next_try);
      g_autofree char *number = g_strdup_printf ("%u", tries);

      ph_command_print_field (id, FALSE);
      ph_command_print_field (state, FALSE);
      ph_command_print_field (sender, FALSE);
      ph_command_print_field (to, FALSE);
      ph_command_print_field (number, FALSE);
      ph_command_print_field (when, FALSE);
      ph_command_print_field (last_reply, TRUE);
    }

  return PH_COMMAND_DONE;
}

/* The ids that the command line names, or all of what waits or is bad. */
static GStrv
choose_ids (PhCommand *self,
            gboolean   wants_bad)
{
  g_autoptr (GVariantIter) iter = NULL;
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  const char *id;
  gboolean    bad;

  if (!ph_command_options.all)
    return g_strdupv (self->arguments);

  iter = list_items (self);
  if (iter == NULL)
    return NULL;
  while (g_variant_iter_next (iter, "(&s&s@as&s&stxu&sb)", &id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &bad))
    if (bad == wants_bad)
      g_strv_builder_add (ids, id);

  return g_strv_builder_end (ids);
}

static int
act (PhCommand *self)
{
  const char *action = self->row->words + sizeof "queue";
  g_auto (GStrv) ids = NULL;
  int status = PH_COMMAND_DONE;

  if (!ph_command_options.all && self->arguments[0] == NULL)
    {
      ph_command_fail (self, "Name a message, or say --all");
      return PH_COMMAND_MISUSED;
    }

  ids = choose_ids (self, g_str_equal (action, "requeue"));
  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    {
      g_autoptr (GVariant) answer = ph_command_call (self, "ActOnQueue", g_variant_new ("(ss)", ids[i], action));

      if (answer == NULL)
        status = PH_COMMAND_FAILED;
    }

  return ids != NULL ? status : PH_COMMAND_FAILED;
}

static int
show (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "ShowQueued", g_variant_new ("(s)", self->arguments[0]));
  const char *envelope;

  if (answer == NULL)
    return PH_COMMAND_FAILED;

  g_variant_get (answer, "(&s)", &envelope);
  g_print ("%s", envelope);

  return PH_COMMAND_DONE;
}

static int
reroute (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "RerouteQueued", g_variant_new ("(ss)", self->arguments[0], self->arguments[1]));

  return answer != NULL ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

/* As it was, or for somebody else. */
static int
requeue (PhCommand *self)
{
  g_autoptr (GVariant) answer = NULL;

  if (ph_command_options.to == NULL)
    return act (self);
  if (ph_command_options.all || g_strv_length (self->arguments) != 1)
    {
      ph_command_fail (self, "With --to, name one message");
      return PH_COMMAND_MISUSED;
    }

  answer = ph_command_call (self, "RequeueTo", g_variant_new ("(ss)", self->arguments[0], ph_command_options.to));

  return answer != NULL ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

static const GOptionEntry requeue_options[] = {
  { "all", 'a', 0, G_OPTION_ARG_NONE, &ph_command_options.all, "All messages instead of named ones", NULL },
  { "to", 't', 0, G_OPTION_ARG_STRING, &ph_command_options.to, "For this recipient instead of those who did not get it", "ADDRESS" },
  G_OPTION_ENTRY_NULL
};

static const GOptionEntry options[] = {
  { "all", 'a', 0, G_OPTION_ARG_NONE, &ph_command_options.all, "All messages instead of named ones", NULL },
  G_OPTION_ENTRY_NULL
};

#define ANY G_MAXUINT

const PhCommandRow ph_command_queue_rows[] = {
  { "queue list", "", "List mail for others: id, state, sender, recipients, tries, next, reply", 0, 0, TRUE, list, NULL },
  { "queue show", "ID", "Show all that is known of a message: recipients, tries, replies, servers", 1, 1, TRUE, show, NULL },
  { "queue retry", "ID…", "Try to send it now", 0, ANY, TRUE, act, options },
  { "queue hold", "ID…", "Keep it until it is released", 0, ANY, TRUE, act, options },
  { "queue release", "ID…", "Let go of what is held", 0, ANY, TRUE, act, options },
  { "queue reroute", "ID HOST[:PORT]", "Send it to this server from now on; \"\": as usual again", 2, 2, TRUE, reroute, NULL },
  { "queue bounce", "ID…", "Give up, and tell the sender", 0, ANY, TRUE, act, options },
  { "queue requeue", "ID…", "Put failed mail back into the queue", 0, ANY, TRUE, requeue, requeue_options },
  { "queue delete", "ID…", "Delete it; nobody is told", 0, ANY, TRUE, act, options },
  { NULL },
};
