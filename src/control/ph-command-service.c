/* stop, start, status, test, quit, help */

#include "ph-command-private.h"

#include <string.h>

static int
call_plainly (PhCommand  *self,
              const char *method)
{
  g_autoptr (GVariant) answer = ph_command_call (self, method, NULL);

  return answer != NULL ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

static int
stop (PhCommand *self)
{
  return call_plainly (self, "Stop");
}

static int
quit (PhCommand *self)
{
  return call_plainly (self, "Quit");
}

/* How many services run; -1 where it can't be known. */
static int
print_services (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "ListServices", NULL);
  g_autoptr (GVariantIter) iter = NULL;
  const char *name, *address, *tls, *state, *reason;
  guint16     port;
  int         n_running = 0;

  if (answer == NULL)
    return -1;

  g_variant_get (answer, "(a(ssqsss))", &iter);
  while (g_variant_iter_next (iter, "(&s&sq&s&s&s)", &name, &address, &port, &tls, &state, &reason))
    {
      g_autofree char *number = g_strdup_printf ("%u", port);

      ph_command_print_field (name, FALSE);
      ph_command_print_field (address, FALSE);
      ph_command_print_field (number, FALSE);
      ph_command_print_field (tls, FALSE);
      ph_command_print_field (state, FALSE);
      ph_command_print_field (reason, TRUE);
      n_running += g_str_equal (state, "running") ? 1 : 0;
    }

  return n_running;
}

static int
start (PhCommand *self)
{
  int status = call_plainly (self, "Start");
  int n_running;

  if (status != PH_COMMAND_DONE)
    return status;
  n_running = print_services (self);

  return n_running > 0 ? PH_COMMAND_DONE : n_running < 0 ? PH_COMMAND_FAILED
                                                         : ph_command_fail (self, "No service runs");
}

static int
status (PhCommand *self)
{
  int n_running = print_services (self);

  return n_running > 0 ? PH_COMMAND_DONE : n_running < 0 ? PH_COMMAND_FAILED
                                                         : PH_COMMAND_NOT_RUNNING;
}

/* A client that verifies certificates could use it. */
static int
test (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "TestService", g_variant_new ("(s)", self->arguments[0]));
  g_autofree char *milliseconds = NULL;
  const char      *outcome, *tls, *certificate, *offers, *said;
  gint64           delay, expiry;

  if (answer == NULL)
    return PH_COMMAND_FAILED;

  g_variant_get (answer, "(&sx&s&sx&s&s)", &outcome, &delay, &tls, &certificate, &expiry, &offers, &said);
  milliseconds = delay < 0 ? g_strdup ("") : g_strdup_printf ("%" G_GINT64_FORMAT, delay / 1000);
  ph_command_print_field (outcome, FALSE);
  ph_command_print_field (milliseconds, FALSE);
  ph_command_print_field (tls, FALSE);
  ph_command_print_field (certificate, FALSE);
  ph_command_print_field (offers, FALSE);
  ph_command_print_field (said, TRUE);

  return strcmp (outcome, "answered") == 0 && (*certificate == '\0' || strcmp (certificate, "good") == 0) ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

/* The first is what --stop means. */
const PhCommandRow ph_command_service_rows[] = {
  { "stop", "", "Stop all services", 0, 0, TRUE, stop, NULL },
  { "start", "", "Start all services of the Posthouse that runs", 0, 0, TRUE, start, NULL },
  { "status", "", "List services: name, address, port, TLS, state, reason", 0, 0, TRUE, status, NULL },
  { "test", "SERVICE", "Connect to a service as a client would: outcome, milliseconds, TLS, certificate, offers, what it said", 1, 1, TRUE, test, NULL },
  { "quit", "", "Stop all services, and end the program", 0, 0, TRUE, quit, NULL },
  { "help", "", "List the commands", 0, 0, FALSE, NULL, NULL },
  { NULL },
};
