#pragma once

#include "ph-connection.h"
#include "ph-route.h"

G_BEGIN_DECLS

/* Channels that wait for their next message, in all. */
#define PH_CHANNEL_IDLE_MAX 100

#define PH_TYPE_CHANNEL (ph_channel_get_type ())
G_DECLARE_FINAL_TYPE (PhChannel, ph_channel, PH, CHANNEL, GObject)

/**
 * PhChannel:
 *
 * A connection to a mail server that carries one message after the other (S20), for the attempts
 * of one destination.  Used by one attempt at a time; in between it waits in the
 * dispatcher's pool, for as long as its PhSmtpClient does.  Lives while somebody refers to it, or it is
 * connected.
 */

/* `finished`: the results can be read, from inside of the client.  `over`, the last: it is ready for
 * another message, or gone. */
typedef void (*PhChannelFunc) (gpointer user_data);
typedef struct
{
  PhChannelFunc finished;
  PhChannelFunc over;
  gpointer      user_data;
} PhChannelUser;

/* What it was made for: only those who ask for the same get it. */
typedef struct
{
  const char *destination;
  gboolean    is_optional; /* TLS, as the sender has it */
  gboolean    is_proven;   /* by the server's certificate */
  guint       generation;  /* of the settings */
} PhChannelKey;

/* `next_stop`: where the route goes on behind this server. */
PhChannel *ph_channel_open (PhPoller              *poller,
                            GSocket               *socket,
                            PhRoute               *route,
                            guint                  next_stop,
                            guint16                port,
                            PhTlsClient           *tls,
                            const PhChannelKey    *key,
                            const PhSmtpClientJob *job,
                            PhJournalSession      *journal,
                            const PhChannelUser   *user);

/* Another message, while it is ready. */
gboolean ph_channel_is_ready (PhChannel *self);
void     ph_channel_send (PhChannel             *self,
                          const PhSmtpClientJob *job,
                          PhJournalSession      *journal,
                          const PhChannelUser   *user);

/* Says goodbye. */
void ph_channel_close (PhChannel *self);

PhSmtpClient *ph_channel_get_client (PhChannel *self);
PhRoute      *ph_channel_get_route (PhChannel *self,
                                    guint     *next_stop);

/* The pool is an array of channels.  One that is ready and fits, or NULL; transfer full. */
PhChannel *ph_channel_pool_take (GPtrArray          *pool,
                                 const PhChannelKey *key);
void       ph_channel_pool_give (GPtrArray *pool,
                                 PhChannel *channel);
void       ph_channel_pool_close (GPtrArray *pool);

G_END_DECLS
