#include "ph-session-factory.h"

#include "ph-imap-session.h"
#include "ph-pop3-session.h"
#include "ph-smtp-session.h"

#include <string.h>

/* Recipients of one message (S05); RFC 5321 asks for at least 100. */
#define PH_FACTORY_RECIPIENTS_MAX 1000

struct _PhSessionFactory
{
  GObject parent_instance;

  PhJournal       *journal;
  PhAuthenticator *authenticator;
  PhStore         *store;
  PhSmtpHandler   *handler;
  PhClock         *clock;
  char            *host_name;
  guint64          message_size_max;
  guint            imap_messages;
};

G_DEFINE_FINAL_TYPE (PhSessionFactory, ph_session_factory, G_TYPE_OBJECT)

static void
ph_session_factory_dispose (GObject *object)
{
  PhSessionFactory *self = PH_SESSION_FACTORY (object);

  g_clear_object (&self->journal);
  g_clear_object (&self->authenticator);
  g_clear_object (&self->store);
  g_clear_object (&self->handler);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (ph_session_factory_parent_class)->dispose (object);
}

static void
ph_session_factory_finalize (GObject *object)
{
  g_free (PH_SESSION_FACTORY (object)->host_name);

  G_OBJECT_CLASS (ph_session_factory_parent_class)->finalize (object);
}

static void
ph_session_factory_class_init (PhSessionFactoryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_session_factory_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_session_factory_finalize;
}

static void
ph_session_factory_init (PhSessionFactory *self)
{
}

PhSessionFactory *
ph_session_factory_new (PhJournal       *journal,
                        PhAuthenticator *authenticator,
                        PhStore         *store,
                        PhSmtpHandler   *handler,
                        PhClock         *clock)
{
  PhSessionFactory *self = g_object_new (PH_TYPE_SESSION_FACTORY, NULL);

  self->journal = g_object_ref (journal);
  self->authenticator = g_object_ref (authenticator);
  self->store = g_object_ref (store);
  self->handler = g_object_ref (handler);
  self->clock = g_object_ref (clock);

  return self;
}

void
ph_session_factory_configure (PhSessionFactory *self,
                              const char       *host_name,
                              guint64           message_size_max,
                              guint             imap_messages)
{
  g_return_if_fail (PH_IS_SESSION_FACTORY (self));

  g_free (self->host_name);
  self->host_name = g_strdup (host_name);
  self->message_size_max = message_size_max;
  self->imap_messages = imap_messages;
}

static PhSession *
add_journal (PhSessionFactory *self,
             const char       *service,
             PhPeer           *peer,
             PhSession        *session)
{
  g_autofree char *name = g_strdup_printf (strchr (peer->address, ':') != NULL ? "[%s]:%u" : "%s:%u", peer->address, peer->port);
  g_autoptr (PhJournalSession) journal = ph_journal_begin (self->journal, service, FALSE, name);

  ph_session_set_journal (session, journal);

  return session;
}

static PhSession *
make_smtp_session (PhSessionFactory *self,
                   PhSmtpRole        role,
                   gboolean          starttls)
{
  PhSmtpConfig config = { role, self->host_name, self->message_size_max, PH_FACTORY_RECIPIENTS_MAX, starttls };

  return PH_SESSION (ph_smtp_session_new (&config, self->handler, role == PH_SMTP_ROLE_SUBMISSION ? self->authenticator : NULL));
}

static PhSession *
make_smtp_cb (PhListener *listener,
              PhPeer     *peer,
              gpointer    user_data)
{
  PhSessionFactory *self = user_data;

  return add_journal (self, "SMTP", peer, make_smtp_session (self, PH_SMTP_ROLE_RELAY, ph_listener_has_tls (listener)));
}

static PhSession *
make_submission_cb (PhListener *listener,
                    PhPeer     *peer,
                    gpointer    user_data)
{
  PhSessionFactory *self = user_data;

  return add_journal (self, "Submission", peer, make_smtp_session (self, PH_SMTP_ROLE_SUBMISSION, ph_listener_has_tls (listener)));
}

static PhSession *
make_lmtp_cb (PhListener *listener,
              PhPeer     *peer,
              gpointer    user_data)
{
  PhSessionFactory *self = user_data;

  return add_journal (self, "LMTP", peer, make_smtp_session (self, PH_SMTP_ROLE_LMTP, ph_listener_has_tls (listener)));
}

static PhSession *
make_pop3_cb (PhListener *listener,
              PhPeer     *peer,
              gpointer    user_data)
{
  PhSessionFactory *self = user_data;
  PhPop3Config      config = { self->host_name, ph_listener_has_tls (listener) };

  return add_journal (self, "POP3", peer, PH_SESSION (ph_pop3_session_new (&config, self->authenticator, self->store)));
}

static PhSession *
make_imap_cb (PhListener *listener,
              PhPeer     *peer,
              gpointer    user_data)
{
  PhSessionFactory *self = user_data;
  PhImapConfig      config = {
         .host_name = self->host_name,
         .offer_starttls = ph_listener_has_tls (listener),
         .append_size_max = self->message_size_max,
         .clock = self->clock,
         .message_limit = self->imap_messages,
  };

  return add_journal (self, "IMAP", peer, PH_SESSION (ph_imap_session_new (&config, self->authenticator, self->store)));
}

static const struct
{
  const char           *name; /* its beginning: "imap" is imaps too */
  const char           *alpn;
  const char           *farewell; /* to whom there is no room for */
  PhListenerSessionFunc make;
} protocols[] = {
  { "smtp", "smtp", "421 4.7.0 Too many connections; try again later\r\n", make_smtp_cb },
  { "submission", "smtp", "421 4.7.0 Too many connections; try again later\r\n", make_submission_cb },
  { "lmtp", "lmtp", "421 4.7.0 Too many connections; try again later\r\n", make_lmtp_cb },
  { "pop3", "pop3", "-ERR [SYS/TEMP] Too many connections; try again later\r\n", make_pop3_cb },
  { "imap", "imap", "* BYE Too many connections; try again later\r\n", make_imap_cb },
};

PhService *
ph_session_factory_make_service (PhSessionFactory        *self,
                                 const PhSettingsService *row,
                                 PhPoller                *poller)
{
  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    if (g_str_has_prefix (row->name, protocols[i].name))
      return ph_service_new (row, poller, protocols[i].alpn, protocols[i].farewell, protocols[i].make, self);

  g_return_val_if_reached (NULL);
}

PhSession *
ph_session_factory_make_own_submission (PhSessionFactory *self,
                                        PhAccount        *account,
                                        const char       *peer_name)
{
  g_autoptr (PhJournalSession) journal = NULL;
  PhSession *session;

  g_return_val_if_fail (PH_IS_SESSION_FACTORY (self), NULL);

  session = make_smtp_session (self, PH_SMTP_ROLE_SUBMISSION, FALSE);
  journal = ph_journal_begin (self->journal, "Submission", FALSE, peer_name);
  ph_session_set_journal (session, journal);
  ph_smtp_session_trust (PH_SMTP_SESSION (session), account);

  return session;
}

const char *
ph_session_factory_get_host_name (PhSessionFactory *self)
{
  g_return_val_if_fail (PH_IS_SESSION_FACTORY (self), NULL);

  return self->host_name;
}

guint64
ph_session_factory_get_message_size_max (PhSessionFactory *self)
{
  g_return_val_if_fail (PH_IS_SESSION_FACTORY (self), 0);

  return self->message_size_max;
}
