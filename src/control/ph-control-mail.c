/* Messages: the queue, and sending. */

#include "ph-control-private.h"

#include <string.h>

/* PhQueueState of relay/ph-queue-item.h, which nobody above the server sees. */
static const char *const state_names[] = { "due", "trying", "deferred", "held", "guarded", "done", "failed" };

static const struct
{
  const char   *name;
  PhQueueAction action;
} actions[] = {
  { "retry", PH_QUEUE_ACTION_TRY_NOW },
  { "hold", PH_QUEUE_ACTION_HOLD },
  { "release", PH_QUEUE_ACTION_RELEASE },
  { "delete", PH_QUEUE_ACTION_DELETE },
  { "bounce", PH_QUEUE_ACTION_BOUNCE },
  { "requeue", PH_QUEUE_ACTION_REQUEUE },
};

static GVariant *
list_recipients (GListModel *recipients)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);

  for (guint i = 0; i < g_list_model_get_n_items (recipients); i++)
    {
      g_autoptr (GObject) recipient = g_list_model_get_item (recipients, i);
      g_autofree char *address = NULL;

      g_object_get (recipient, "address", &address, NULL);
      g_variant_builder_add_value (&builder, ph_control_new_string (address));
    }

  return g_variant_builder_end (&builder);
}

static void
append_item (GVariantBuilder *builder,
             GObject         *item)
{
  g_autofree char *id = NULL;
  g_autofree char *sender = NULL;
  g_autofree char *subject = NULL;
  g_autofree char *last_reply = NULL;
  g_autoptr (GListModel) recipients = NULL;
  guint64  size;
  gint64   next_try;
  guint    state, tries;
  gboolean bad;

  g_object_get (item, "id", &id, "sender", &sender, "subject", &subject, "last-reply", &last_reply, "recipients", &recipients,
                "size", &size, "next-try", &next_try, "state", &state, "tries", &tries, "bad", &bad, NULL);
  g_variant_builder_add (builder, "(@s@s@as@sstxu@sb)",
                         ph_control_new_string (id), ph_control_new_string (sender), list_recipients (recipients),
                         ph_control_new_string (subject), state < G_N_ELEMENTS (state_names) ? state_names[state] : "", size,
                         next_try / G_USEC_PER_SEC, tries, ph_control_new_string (last_reply), bad);
}

/* What the file of a message says comes a moment after its item (relay/ph-queue-item.h);
 * an answer waits for it, but not for ever: a file can vanish meanwhile. */
#define PH_CONTROL_LIST_INTERVAL 20 /* ms */
#define PH_CONTROL_LIST_LOOKS_MAX 250

typedef struct
{
  GDBusMethodInvocation *invocation;
  GPtrArray             *items;
  guint                  n_looks;
} PhControlListing;

static gboolean
is_loaded (GObject *item)
{
  g_autoptr (GListModel) recipients = NULL;

  g_object_get (item, "recipients", &recipients, NULL);

  return g_list_model_get_n_items (recipients) > 0;
}

static gboolean
list_when_loaded_cb (gpointer data)
{
  PhControlListing *listing = data;
  GVariantBuilder   builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ssassstxusb)"));
  gboolean          gives_up = ++listing->n_looks > PH_CONTROL_LIST_LOOKS_MAX;

  for (guint i = 0; i < listing->items->len; i++)
    if (!gives_up && !is_loaded (listing->items->pdata[i]))
      {
        g_variant_builder_clear (&builder);
        return G_SOURCE_CONTINUE;
      }

  for (guint i = 0; i < listing->items->len; i++)
    append_item (&builder, listing->items->pdata[i]);
  ph_control_succeed (listing->invocation, g_variant_new ("(a(ssassstxusb))", &builder));
  g_ptr_array_unref (listing->items);
  g_free (listing);

  return G_SOURCE_REMOVE;
}

static void
list_queue (PhControl             *self,
            GVariant              *parameters,
            GDBusMethodInvocation *invocation)
{
  PhServer         *server = ph_control_get_server (self);
  GListModel       *lists[] = { ph_server_get_queue (server), ph_server_get_bad (server) };
  PhControlListing *listing = g_new0 (PhControlListing, 1);

  listing->invocation = invocation;
  listing->items = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint j = 0; j < g_list_model_get_n_items (lists[i]); j++)
      g_ptr_array_add (listing->items, g_list_model_get_item (lists[i], j));

  if (list_when_loaded_cb (listing) == G_SOURCE_CONTINUE)
    g_timeout_add (PH_CONTROL_LIST_INTERVAL, list_when_loaded_cb, listing);
}

static void
act_on_queue (PhControl             *self,
              GVariant              *parameters,
              GDBusMethodInvocation *invocation)
{
  g_autofree char *message = NULL;
  const char      *id, *name;

  g_variant_get (parameters, "(&s&s)", &id, &name);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (strcmp (actions[i].name, name) == 0)
      {
        if (ph_server_queue_action (ph_control_get_server (self), id, actions[i].action))
          ph_control_succeed (invocation, NULL);
        else
          {
            message = g_strdup_printf ("There is no message “%s” for which this can be done", id);
            ph_control_refuse (invocation, message);
          }
        return;
      }

  message = g_strdup_printf ("“%s” is no action on the queue", name);
  ph_control_refuse (invocation, message);
}

static void
edited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (ph_server_edit_queued_finish (result, &error))
    ph_control_succeed (user_data, NULL);
  else
    ph_control_refuse (user_data, error->message);
}

static void
reroute_queued (PhControl             *self,
                GVariant              *parameters,
                GDBusMethodInvocation *invocation)
{
  const char *id, *server;

  g_variant_get (parameters, "(&s&s)", &id, &server);
  ph_server_reroute_async (ph_control_get_server (self), id, server, edited_cb, invocation);
}

static void
requeue_to (PhControl             *self,
            GVariant              *parameters,
            GDBusMethodInvocation *invocation)
{
  const char *id, *recipient;

  g_variant_get (parameters, "(&s&s)", &id, &recipient);
  ph_server_requeue_to_async (ph_control_get_server (self), id, recipient, edited_cb, invocation);
}

static void
shown_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *envelope = ph_server_show_queued_finish (result, &error);

  if (envelope != NULL)
    ph_control_succeed (user_data, g_variant_new ("(@s)", ph_control_new_string (envelope)));
  else
    ph_control_refuse (user_data, error->message);
}

static void
show_queued (PhControl             *self,
             GVariant              *parameters,
             GDBusMethodInvocation *invocation)
{
  const char *id;

  g_variant_get (parameters, "(&s)", &id);
  ph_server_show_queued_async (ph_control_get_server (self), id, shown_cb, invocation);
}

static void
submitted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *summary = ph_server_submit_finish (PH_SERVER (source), result, &error);

  if (summary != NULL)
    ph_control_succeed (invocation, g_variant_new ("(s)", summary));
  else
    ph_control_refuse (invocation, error->message);
}

static void
send_message (PhControl             *self,
              GVariant              *parameters,
              GDBusMethodInvocation *invocation)
{
  const char             *sender;
  g_autofree const char **recipients = NULL;
  g_autoptr (GVariant) message = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_variant_get (parameters, "(&s^a&s@ay)", &sender, &recipients, &message);
  if (*recipients == NULL)
    {
      ph_control_refuse (invocation, "A message needs a recipient");
      return;
    }

  bytes = g_variant_get_data_as_bytes (message);
  ph_server_submit_async (ph_control_get_server (self), sender, recipients, bytes, NULL, submitted_cb, invocation);
}

const PhControlMethod ph_control_mail_methods[] = {
  { "ListQueue", list_queue },
  { "ActOnQueue", act_on_queue },
  { "ShowQueued", show_queued },
  { "RerouteQueued", reroute_queued },
  { "RequeueTo", requeue_to },
  { "Send", send_message },
  { NULL, NULL },
};
