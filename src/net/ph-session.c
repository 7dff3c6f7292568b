#include "ph-session.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  PhSessionChangedFunc changed; /* NULL without a driver */
  gpointer             changed_data;
  PhPeer              *peer;
  PhJournalSession    *journal;
  PhBuffer             output;
  PhSessionEncodeFunc  encode; /* or NULL */
  gpointer             encode_data;
  PhBuffer             plain;    /* written, not yet encoded */
  guint                deadline; /* seconds, 0 for none */
  guint                patience; /* the same, while hurried; 0: as the deadline */
  guint                silence;  /* seconds that the peer may say nothing; 0: as long as its protocol has it */
  guint                deadline_serial;
  gboolean             hurried;
  gboolean             wants_close;
  gboolean             wants_tls;
  gboolean             peer_closed;
  gboolean             had_input;
} PhSessionPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PhSession, ph_session, G_TYPE_OBJECT)

static void
ph_session_dispose (GObject *object)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (PH_SESSION (object));

  priv->changed = NULL;
  g_clear_pointer (&priv->peer, ph_peer_unref);
  g_clear_object (&priv->journal);

  G_OBJECT_CLASS (ph_session_parent_class)->dispose (object);
}

static void
ph_session_finalize (GObject *object)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (PH_SESSION (object));

  ph_buffer_clear (&priv->output);
  ph_buffer_clear (&priv->plain);

  G_OBJECT_CLASS (ph_session_parent_class)->finalize (object);
}

static void
ph_session_class_init (PhSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_session_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_session_finalize;
}

static void
ph_session_init (PhSession *self)
{
}

void
ph_session_set_driver (PhSession           *self,
                       PhSessionChangedFunc changed,
                       gpointer             user_data)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  priv->changed = changed;
  priv->changed_data = user_data;
}

static void
set_peer (PhSessionPrivate *priv,
          PhPeer           *peer)
{
  ph_peer_ref (peer);
  g_clear_pointer (&priv->peer, ph_peer_unref);
  priv->peer = peer;
}

void
ph_session_start (PhSession *self,
                  PhPeer    *peer)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  set_peer (priv, peer);
  if (PH_SESSION_GET_CLASS (self)->start != NULL)
    PH_SESSION_GET_CLASS (self)->start (self);
}

/* A client that begins with TLS where we begin in clear can't read what we answer, so
 * this is for the person at the journal (V40). */
static gboolean
refuse_tls_hello (PhSession    *self,
                  const guint8 *data,
                  gsize         length)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);
  gboolean          is_first = !priv->had_input;

  priv->had_input = TRUE;
  if (!is_first || length == 0 || data[0] != 0x16 || (priv->peer != NULL && priv->peer->is_tls))
    return FALSE;

  ph_journal_session_add_finding (priv->journal, N_ ("The client began with TLS; this service begins in clear and then takes STARTTLS"));
  ph_session_close (self);

  return TRUE;
}

gsize
ph_session_feed (PhSession    *self,
                 const guint8 *data,
                 gsize         length)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);
  gsize             taken;

  if (priv->wants_tls || priv->peer_closed)
    return 0;

  /* What comes after the goodbye is read and dropped. */
  if (priv->wants_close || refuse_tls_hello (self, data, length))
    return length;

  taken = PH_SESSION_GET_CLASS (self)->feed (self, data, length);
  g_assert (taken <= length);

  return taken;
}

void
ph_session_drained (PhSession *self)
{
  if (PH_SESSION_GET_CLASS (self)->drained != NULL)
    PH_SESSION_GET_CLASS (self)->drained (self);
}

void
ph_session_secured (PhSession *self,
                    PhPeer    *peer)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  set_peer (priv, peer);
  priv->wants_tls = FALSE;
  if (PH_SESSION_GET_CLASS (self)->secured != NULL)
    PH_SESSION_GET_CLASS (self)->secured (self);
}

gboolean
ph_session_timed_out (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);
  guint             serial = priv->deadline_serial;

  if (PH_SESSION_GET_CLASS (self)->timed_out != NULL)
    PH_SESSION_GET_CLASS (self)->timed_out (self);
  if (priv->deadline_serial == serial)
    ph_session_close (self);

  return priv->wants_close;
}

void
ph_session_shut_down (PhSession  *self,
                      const char *reason)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  if (priv->wants_close || priv->peer_closed)
    return;

  if (PH_SESSION_GET_CLASS (self)->shut_down != NULL)
    PH_SESSION_GET_CLASS (self)->shut_down (self, reason);
  ph_session_close (self);
}

void
ph_session_peer_closed (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  if (priv->peer_closed)
    return;

  priv->peer_closed = TRUE;
  if (PH_SESSION_GET_CLASS (self)->peer_closed != NULL)
    PH_SESSION_GET_CLASS (self)->peer_closed (self);
}

PhBuffer *
ph_session_get_output (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);
  gsize             length = ph_buffer_get_length (&priv->plain);

  if (length > 0)
    {
      priv->encode (ph_buffer_get_data (&priv->plain), length, &priv->output, priv->encode_data);
      ph_buffer_clear (&priv->plain);
    }

  return &priv->output;
}

gboolean
ph_session_wants_close (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  return priv->wants_close;
}

gboolean
ph_session_wants_tls (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  return priv->wants_tls;
}

guint
ph_session_get_deadline (PhSession *self,
                         guint     *serial)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  *serial = priv->deadline_serial;

  return priv->hurried && priv->patience != 0 ? priv->patience : priv->deadline;
}

void
ph_session_set_hurried (PhSession *self,
                        gboolean   hurried)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  if (priv->hurried == hurried)
    return;

  priv->hurried = hurried;
  if (priv->patience != 0)
    {
      priv->deadline_serial++;
      ph_session_changed (self);
    }
}

gboolean
ph_session_is_hurried (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  return priv->hurried;
}

PhPeer *
ph_session_get_peer (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  return priv->peer;
}

void
ph_session_set_journal (PhSession        *self,
                        PhJournalSession *journal)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  g_set_object (&priv->journal, journal);
}

PhJournalSession *
ph_session_get_journal (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  return priv->journal;
}

void
ph_session_write (PhSession  *self,
                  const void *data,
                  gsize       length)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  if (!priv->peer_closed)
    ph_buffer_append (priv->encode != NULL ? &priv->plain : &priv->output, data, length);
}

void
ph_session_write_string (PhSession  *self,
                         const char *string)
{
  ph_session_write (self, string, strlen (string));
}

void
ph_session_printf (PhSession  *self,
                   const char *format,
                   ...)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);
  va_list           args;

  if (priv->peer_closed)
    return;

  va_start (args, format);
  ph_buffer_append_vprintf (priv->encode != NULL ? &priv->plain : &priv->output, format, args);
  va_end (args);
}

void
ph_session_set_encoder (PhSession          *self,
                        PhSessionEncodeFunc encode,
                        gpointer            user_data)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  priv->encode = encode;
  priv->encode_data = user_data;
}

gboolean
ph_session_can_write (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  return ph_buffer_get_length (&priv->output) + ph_buffer_get_length (&priv->plain) < PH_SESSION_OUTPUT_HIGH;
}

void
ph_session_changed (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  if (priv->changed != NULL)
    priv->changed (self, priv->changed_data);
}

void
ph_session_start_tls (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  priv->wants_tls = TRUE;
  ph_session_changed (self);
}

void
ph_session_close (PhSession *self)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  if (priv->wants_close)
    return;

  priv->wants_close = TRUE;
  ph_session_changed (self);
}

void
ph_session_set_deadline (PhSession *self,
                         guint      seconds)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  priv->deadline = seconds;
  priv->patience = 0;
  priv->deadline_serial++;
}

void
ph_session_set_silence (PhSession *self,
                        guint      seconds)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  priv->silence = seconds;
}

void
ph_session_await_command (PhSession *self,
                          guint      least)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  ph_session_set_deadline (self, MAX (priv->silence, least));
}

void
ph_session_set_patience (PhSession *self,
                         guint      seconds)
{
  PhSessionPrivate *priv = ph_session_get_instance_private (self);

  priv->patience = seconds;
}
