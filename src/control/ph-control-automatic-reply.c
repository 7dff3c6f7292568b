/* What an account answers while its owner is away. */

#include "ph-control-private.h"

static void
get_automatic_reply (PhControl             *self,
                     GVariant              *parameters,
                     GDBusMethodInvocation *invocation)
{
  g_autoptr (PhAutomaticReply) reply = NULL;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;
  const char      *address;
  PhAccount       *account;

  g_variant_get (parameters, "(&s)", &address);
  account = ph_control_find_account (self, address, invocation);
  if (account == NULL)
    return;

  g_object_get (account, "automatic-reply", &reply, NULL);
  if (reply == NULL)
    reply = ph_automatic_reply_new ();
  first = ph_automatic_reply_format_day (reply->first_day);
  last = ph_automatic_reply_format_day (reply->last_day);
  ph_control_succeed (invocation, g_variant_new ("(b@s@sssu)", reply->enabled, ph_control_new_string (reply->subject), ph_control_new_string (reply->text), first, last, reply->days));
}

static void
set_automatic_reply (PhControl             *self,
                     GVariant              *parameters,
                     GDBusMethodInvocation *invocation)
{
  PhAutomaticReply reply = { 0 };
  const char      *address, *first, *last, *problem;

  g_variant_get (parameters, "(&sb&s&s&s&su)", &address, &reply.enabled, &reply.subject, &reply.text, &first, &last, &reply.days);
  if (!ph_automatic_reply_parse_day (first, &reply.first_day) || !ph_automatic_reply_parse_day (last, &reply.last_day))
    problem = "A day is written like 2026-12-24";
  else
    problem = ph_automatic_reply_find_problem (&reply);

  if (problem != NULL)
    ph_control_refuse (invocation, problem);
  else
    ph_server_set_account_async (ph_control_get_server (self), address, NULL, ph_control_account_done_cb, invocation, "automatic-reply", &reply, NULL);
}

const PhControlMethod ph_control_automatic_reply_methods[] = {
  { "GetAutomaticReply", get_automatic_reply },
  { "SetAutomaticReply", set_automatic_reply },
  { NULL, NULL },
};
