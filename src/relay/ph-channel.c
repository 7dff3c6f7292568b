#include "ph-channel.h"

struct _PhChannel
{
  GObject parent_instance;

  PhConnection *connection; /* borrowed while it runs */
  PhSmtpClient *client;
  PhRoute      *route;
  guint         next_stop;
  guint16       port;
  char         *destination;
  gboolean      is_optional;
  gboolean      is_proven;
  guint         generation;
  PhChannelUser user; /* zeros while nobody uses it */
};

G_DEFINE_FINAL_TYPE (PhChannel, ph_channel, G_TYPE_OBJECT)

static void
ph_channel_finalize (GObject *object)
{
  PhChannel *self = PH_CHANNEL (object);

  g_signal_handlers_disconnect_by_data (self->client, self);
  g_object_unref (self->client);
  ph_route_unref (self->route);
  g_free (self->destination);

  G_OBJECT_CLASS (ph_channel_parent_class)->finalize (object);
}

static void
ph_channel_class_init (PhChannelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_channel_finalize;
}

static void
ph_channel_init (PhChannel *self)
{
}

static void
finished_cb (PhChannel *self)
{
  if (self->user.finished != NULL)
    self->user.finished (self->user.user_data);
}

static void
tell_over (PhChannel *self)
{
  PhChannelUser user = self->user;

  self->user = (PhChannelUser){ 0 };
  if (user.over != NULL)
    user.over (user.user_data);
}

static void
closed_cb (PhConnection *connection,
           const GError *error,
           gpointer      user_data)
{
  g_autoptr (PhChannel) self = user_data;

  self->connection = NULL;
  tell_over (self);
}

static void
write_down (PhChannel        *self,
            PhJournalSession *journal)
{
  const PhRouteStop *stop = self->route->stops->pdata[self->next_stop - 1];
  g_autofree char   *peer = g_strdup_printf (strchr (stop->address, ':') != NULL ? "[%s]:%u" : "%s:%u", stop->address, self->port);

  ph_journal_session_set_peer (journal, peer);
  ph_session_set_journal (PH_SESSION (self->client), journal);
}

PhChannel *
ph_channel_open (PhPoller              *poller,
                 GSocket               *socket,
                 PhRoute               *route,
                 guint                  next_stop,
                 guint16                port,
                 PhTlsClient           *tls,
                 const PhChannelKey    *key,
                 const PhSmtpClientJob *job,
                 PhJournalSession      *journal,
                 const PhChannelUser   *user)
{
  PhChannel         *self = g_object_new (PH_TYPE_CHANNEL, NULL);
  const PhRouteStop *stop = route->stops->pdata[next_stop - 1];
  g_autoptr (PhPeer) peer = ph_peer_new (stop->address, port);

  self->client = ph_smtp_client_new (job);
  self->route = ph_route_ref (route);
  self->next_stop = next_stop;
  self->port = port;
  self->destination = g_strdup (key->destination);
  self->is_optional = key->is_optional;
  self->is_proven = key->is_proven;
  self->generation = key->generation;
  self->user = *user;
  g_signal_connect_swapped (self->client, "finished", G_CALLBACK (finished_cb), self);
  g_signal_connect_swapped (self->client, "ready", G_CALLBACK (tell_over), self);
  write_down (self, journal);
  self->connection = ph_connection_new_outgoing (poller, socket, peer, PH_SESSION (self->client), tls, stop->host, job->implicit_tls, closed_cb, g_object_ref (self));
  g_object_unref (self->connection); /* keeps itself while it runs */

  return self;
}

gboolean
ph_channel_is_ready (PhChannel *self)
{
  return self->connection != NULL && ph_smtp_client_is_ready (self->client);
}

void
ph_channel_send (PhChannel             *self,
                 const PhSmtpClientJob *job,
                 PhJournalSession      *journal,
                 const PhChannelUser   *user)
{
  PhJournalSession *last = ph_session_get_journal (PH_SESSION (self->client));

  g_return_if_fail (ph_channel_is_ready (self) && self->user.over == NULL);

  self->user = *user;
  if (last != journal)
    {
      ph_journal_session_end (last, NULL);
      write_down (self, journal);
    }
  ph_smtp_client_send_another (self->client, job);
}

void
ph_channel_close (PhChannel *self)
{
  if (self->connection != NULL)
    ph_connection_shut_down (self->connection);
}

PhSmtpClient *
ph_channel_get_client (PhChannel *self)
{
  return self->client;
}

PhRoute *
ph_channel_get_route (PhChannel *self,
                      guint     *next_stop)
{
  *next_stop = self->next_stop;

  return self->route;
}

/* The pool */

static void
drop_dead (GPtrArray *pool)
{
  for (guint i = pool->len; i > 0; i--)
    if (!ph_channel_is_ready (pool->pdata[i - 1]))
      g_ptr_array_remove_index (pool, i - 1);
}

PhChannel *
ph_channel_pool_take (GPtrArray          *pool,
                      const PhChannelKey *key)
{
  drop_dead (pool);
  for (guint i = 0; i < pool->len; i++)
    {
      PhChannel *channel = pool->pdata[i];

      if (channel->generation == key->generation && channel->is_proven == key->is_proven && channel->is_optional == key->is_optional && g_str_equal (channel->destination, key->destination))
        {
          g_object_ref (channel);
          g_ptr_array_remove_index_fast (pool, i);
          return channel;
        }
    }

  return NULL;
}

void
ph_channel_pool_give (GPtrArray *pool,
                      PhChannel *channel)
{
  drop_dead (pool);
  if (ph_channel_is_ready (channel) && pool->len < PH_CHANNEL_IDLE_MAX)
    g_ptr_array_add (pool, g_object_ref (channel));
  else
    ph_channel_close (channel);
}

void
ph_channel_pool_close (GPtrArray *pool)
{
  for (guint i = 0; i < pool->len; i++)
    ph_channel_close (pool->pdata[i]);
  g_ptr_array_set_size (pool, 0);
}
