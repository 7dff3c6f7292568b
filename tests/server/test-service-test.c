#include "ph-service-test.h"
#include "ph-tls-authority.h"
#include "server-fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* The probe alone: what it says to what it hears, whole and byte by byte. */

/* Lines that begin with "<" are the server's, "!" is TLS that stands, others are what is said before. */
static void
converse (PhServiceProtocol protocol,
          const char       *conversation,
          gboolean          in_pieces,
          PhServiceOutcome  expected,
          const char       *offers)
{
  g_autoptr (PhServiceProbe) probe = ph_service_probe_new (protocol);
  PhSession *session = PH_SESSION (probe);
  g_auto (GStrv) lines = g_strsplit (conversation, "\n", -1);
  g_autoptr (PhPeer) clear = ph_peer_new ("127.0.0.1", 1);
  g_autoptr (PhPeer) secure = ph_peer_new ("127.0.0.1", 1);
  PhServiceOutcome outcome;

  secure->is_tls = TRUE;
  ph_session_start (session, clear);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      PhBuffer        *output = ph_session_get_output (session);
      g_autofree char *said = ph_buffer_get_length (output) > 0 ? g_strndup ((const char *)ph_buffer_get_data (output), ph_buffer_get_length (output)) : g_strdup ("");

      if (*lines[i] == '!')
        {
          g_assert_true (ph_session_wants_tls (session));
          ph_session_secured (session, secure);
        }
      else if (*lines[i] == '<')
        {
          g_autofree char *line = g_strconcat (lines[i] + 1, "\r\n", NULL);
          gsize            length = strlen (line), fed = 0;

          for (gsize offered = in_pieces ? 1 : length; offered <= length; offered++)
            fed += ph_session_feed (session, (const guint8 *)line + fed, offered - fed);
          g_assert_cmpuint (fed, ==, length);
        }
      else
        {
          g_autofree char *line = g_strconcat (lines[i], "\r\n", NULL);

          g_assert_cmpstr (said, ==, line);
          ph_buffer_consume (output, strlen (said));
        }
    }

  g_assert_true (ph_service_probe_get_outcome (probe, &outcome));
  g_assert_cmpint (outcome, ==, expected);
  g_assert_true (ph_session_wants_close (session));
  g_assert_cmpstr (ph_service_probe_get_offers (probe), ==, offers);
}

static const struct
{
  const char       *name;
  PhServiceProtocol protocol;
  PhServiceOutcome  outcome;
  const char       *offers;
  const char       *conversation;
} conversations[] = {
  { "smtp", PH_SERVICE_PROTOCOL_SMTP, PH_SERVICE_OUTCOME_ANSWERED, "SIZE 1000, AUTH PLAIN",
    "<220-mail\n<220 ready\nEHLO service-test.localhost\n<250-mail\n<250-STARTTLS\n<250 SIZE 1000\nSTARTTLS\n<220 go\n!\n"
    "EHLO service-test.localhost\n<250-mail\n<250-SIZE 1000\n<250 AUTH PLAIN\nQUIT\n<221 bye" },
  { "smtp in clear", PH_SERVICE_PROTOCOL_SMTP, PH_SERVICE_OUTCOME_ANSWERED, "", "<220 ready\nEHLO service-test.localhost\n<250 mail\nQUIT\n<221 bye" },
  { "lmtp", PH_SERVICE_PROTOCOL_LMTP, PH_SERVICE_OUTCOME_ANSWERED, "PIPELINING", "<220 ready\nLHLO service-test.localhost\n<250-mail\n<250 PIPELINING\nQUIT\n<221 bye" },
  { "pop3", PH_SERVICE_PROTOCOL_POP3, PH_SERVICE_OUTCOME_ANSWERED, "SASL PLAIN, UIDL",
    "<+OK hello\nCAPA\n<+OK list\n<stls\n<UIDL\n<.\nSTLS\n<+OK go\n!\nCAPA\n<+OK\n<SASL PLAIN\n<UIDL\n<.\nQUIT\n<+OK bye" },
  { "imap", PH_SERVICE_PROTOCOL_IMAP, PH_SERVICE_OUTCOME_ANSWERED, "IMAP4rev1, AUTH=PLAIN",
    "<* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\nt1 CAPABILITY\n<* CAPABILITY IMAP4rev1 STARTTLS\n<t1 OK done\nt2 STARTTLS\n<t2 OK go\n!\n"
    "t3 CAPABILITY\n<* capability IMAP4rev1 AUTH=PLAIN\n<t3 OK done\nt4 LOGOUT\n<* BYE bye\n<t4 OK done" },
  { "smtp refuses", PH_SERVICE_PROTOCOL_SMTP, PH_SERVICE_OUTCOME_REFUSED, NULL, "<554 not you" },
  { "smtp refuses EHLO", PH_SERVICE_PROTOCOL_SMTP, PH_SERVICE_OUTCOME_REFUSED, NULL, "<220 ready\nEHLO service-test.localhost\n<502 no" },
  { "smtp refuses TLS", PH_SERVICE_PROTOCOL_SMTP, PH_SERVICE_OUTCOME_REFUSED, "STARTTLS",
    "<220 ready\nEHLO service-test.localhost\n<250-mail\n<250 STARTTLS\nSTARTTLS\n<454 not now" },
  { "pop3 refuses", PH_SERVICE_PROTOCOL_POP3, PH_SERVICE_OUTCOME_REFUSED, NULL, "<-ERR not you" },
  { "imap refuses", PH_SERVICE_PROTOCOL_IMAP, PH_SERVICE_OUTCOME_REFUSED, NULL, "<* BYE not you" },
  { "imap goes", PH_SERVICE_PROTOCOL_IMAP, PH_SERVICE_OUTCOME_REFUSED, NULL, "<* OK hello\nt1 CAPABILITY\n<* BYE going down" },
  { "imap knows it not", PH_SERVICE_PROTOCOL_IMAP, PH_SERVICE_OUTCOME_REFUSED, NULL, "<* OK hello\nt1 CAPABILITY\n<t1 BAD what" },
  { "no code", PH_SERVICE_PROTOCOL_SMTP, PH_SERVICE_OUTCOME_STRANGE, NULL, "<SSH-2.0-OpenSSH_9.2" },
  { "half a code", PH_SERVICE_PROTOCOL_SMTP, PH_SERVICE_OUTCOME_STRANGE, NULL, "<22" },
  { "nothing", PH_SERVICE_PROTOCOL_SMTP, PH_SERVICE_OUTCOME_STRANGE, NULL, "<" },
  { "another protocol", PH_SERVICE_PROTOCOL_POP3, PH_SERVICE_OUTCOME_STRANGE, NULL, "<220 ready" },
  { "another tag", PH_SERVICE_PROTOCOL_IMAP, PH_SERVICE_OUTCOME_STRANGE, NULL, "<* OK hello\nt1 CAPABILITY\n<t9 OK done" },
  { "no greeting", PH_SERVICE_PROTOCOL_IMAP, PH_SERVICE_OUTCOME_STRANGE, NULL, "<* CAPABILITY IMAP4rev1" },
};

static void
test_conversations (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (conversations); i++)
    for (guint in_pieces = 0; in_pieces < 2; in_pieces++)
      {
        g_test_message ("%s", conversations[i].name);
        converse (conversations[i].protocol, conversations[i].conversation, in_pieces != 0, conversations[i].outcome, conversations[i].offers);
      }
}

static void
test_said_is_shown_safely (void)
{
  g_autoptr (PhServiceProbe) probe = ph_service_probe_new (PH_SERVICE_PROTOCOL_SMTP);
  g_autoptr (PhPeer) peer = ph_peer_new ("127.0.0.1", 1);
  const char line[] = "554 \033[2Jred\r\n";

  ph_session_start (PH_SESSION (probe), peer);
  ph_session_feed (PH_SESSION (probe), (const guint8 *)line, strlen (line));
  g_assert_cmpstr (ph_service_probe_get_said (probe), ==, "554 ␛[2Jred");
}

/* Servers that are none of ours: in a thread, since nothing of it is to be trusted with our main loop. */

/* 'S' sends what follows, 'R' reads a line, 'X' and 'L' send text and lines without end, 'H' waits until the other hangs up. */
typedef struct
{
  int                fd;
  guint16            port;
  const char *const *script;
  GThread           *thread;
} Fake;

static gboolean
read_line (int fd)
{
  char c = 0;

  while (c != '\n')
    if (recv (fd, &c, 1, 0) != 1)
      return FALSE;

  return TRUE;
}

static gpointer
fake_thread (gpointer data)
{
  Fake *fake = data;
  int   fd = accept4 (fake->fd, NULL, NULL, SOCK_CLOEXEC);
  char  many[16384];

  for (gsize i = 0; i < sizeof many; i++)
    many[i] = 'x';
  for (guint i = 0; fd >= 0 && fake->script[i] != NULL; i++)
    {
      const char *step = fake->script[i];

      if (*step == 'S')
        send (fd, step + 1, strlen (step + 1), MSG_NOSIGNAL);
      else if (*step == 'R' || *step == 'H')
        while (read_line (fd) && *step == 'H')
          ;
      else if (*step == 'X')
        while (send (fd, many, sizeof many, MSG_NOSIGNAL) > 0)
          ;
      else if (*step == 'L')
        while (send (fd, "250-MORE\r\n", 10, MSG_NOSIGNAL) > 0)
          ;
    }
  if (fd >= 0)
    close (fd);

  return NULL;
}

static void
fake_open (Fake              *fake,
           const char *const *script)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          length = sizeof address;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  fake->script = script;
  fake->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (fake->fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fake->fd, 5), ==, 0);
  g_assert_cmpint (getsockname (fake->fd, (struct sockaddr *)&address, &length), ==, 0);
  fake->port = ntohs (address.sin_port);
  if (script != NULL)
    fake->thread = g_thread_new ("fake", fake_thread, fake);
}

static void
fake_close (Fake *fake)
{
  g_clear_pointer (&fake->thread, g_thread_join);
  close (fake->fd);
}

/* What tests */

typedef struct
{
  PhClock      *clock;
  PhPoller     *poller;
  PhWorkerPool *workers;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  f->clock = data != NULL ? ph_clock_new_manual (g_get_real_time ()) : ph_clock_new ();
  f->poller = ph_poller_new (f->clock);
  f->workers = ph_worker_pool_new ("test", 1);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (f->workers);
  g_assert_finalize_object (f->poller);
  g_object_unref (f->clock);
}

static PhServiceAnswer *
ask (Fixture               *f,
     const PhServiceTarget *target)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PhServiceAnswer *answer;

  ph_service_test_async (f->poller, f->workers, f->clock, target, NULL, ready_cb, &result);
  await (&result);
  answer = ph_service_test_finish (result, &error);
  g_assert_no_error (error);

  return answer;
}

static void
ask_fake (Fixture           *f,
          const char *const *script,
          gboolean           implicit_tls,
          PhServiceOutcome   outcome,
          const char        *said)
{
  Fake            fake = { 0 };
  PhServiceTarget target = { PH_SERVICE_PROTOCOL_SMTP, "127.0.0.1", 0, implicit_tls, "mail.test", NULL };
  g_autoptr (PhServiceAnswer) answer = NULL;

  fake_open (&fake, script);
  target.port = fake.port;
  answer = ask (f, &target);
  g_test_message ("%s: %s", script[0], answer->said);
  g_assert_cmpint (answer->outcome, ==, outcome);
  if (said != NULL)
    g_assert_true (g_str_has_prefix (answer->said, said));
  g_assert_null (answer->tls_version);
  g_assert_cmpint (answer->expiry, ==, 0);
  fake_close (&fake);
}

#define SCRIPT(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_fakes (Fixture      *f,
            gconstpointer data)
{
  ask_fake (f, SCRIPT ("S554 not you\r\n", "H"), FALSE, PH_SERVICE_OUTCOME_REFUSED, "554 not you");
  ask_fake (f, SCRIPT ("SSSH-2.0-OpenSSH_9.2\r\n", "H"), FALSE, PH_SERVICE_OUTCOME_STRANGE, "SSH-2.0");
  ask_fake (f, SCRIPT ("S\x16\x03\x01", "H"), FALSE, PH_SERVICE_OUTCOME_CLOSED, NULL);
  ask_fake (f, SCRIPT ("S220 "), FALSE, PH_SERVICE_OUTCOME_CLOSED, NULL);
  ask_fake (f, SCRIPT ("S220 hello\r\n", "R"), FALSE, PH_SERVICE_OUTCOME_CLOSED, NULL);
  ask_fake (f, SCRIPT ("S220 hello\r\n", "R", "S250 mail\r\n", "R"), FALSE, PH_SERVICE_OUTCOME_ANSWERED, NULL);
  ask_fake (f, SCRIPT ("S220 hello\r\n", "R", "S250-mail\r\n250 STARTTLS\r\n", "R", "S220 go\r\n", "Sno handshake at all\r\n", "H"), FALSE, PH_SERVICE_OUTCOME_NO_TLS, NULL);
  ask_fake (f, SCRIPT ("S220 hello\r\n", "H"), TRUE, PH_SERVICE_OUTCOME_NO_TLS, NULL);
  ask_fake (f, SCRIPT ("R"), TRUE, PH_SERVICE_OUTCOME_NO_TLS, NULL);
}

static void
test_without_end (Fixture      *f,
                  gconstpointer data)
{
  ask_fake (f, SCRIPT ("X"), FALSE, PH_SERVICE_OUTCOME_STRANGE, "xxx");
  ask_fake (f, SCRIPT ("S220 hello\r\n", "R", "L"), FALSE, PH_SERVICE_OUTCOME_STRANGE, "250-MORE");
}

static void
test_unreachable (Fixture      *f,
                  gconstpointer data)
{
  Fake            fake = { 0 };
  PhServiceTarget target = { PH_SERVICE_PROTOCOL_IMAP, "127.0.0.1", 0, FALSE, "mail.test", NULL };
  g_autoptr (PhServiceAnswer) answer = NULL;

  fake_open (&fake, NULL);
  target.port = fake.port;
  fake_close (&fake);
  answer = ask (f, &target);
  g_assert_cmpint (answer->outcome, ==, PH_SERVICE_OUTCOME_UNREACHABLE);
  g_assert_nonnull (answer->said);
  g_assert_cmpint (answer->delay, ==, -1);
}

static void
turn (guint n)
{
  for (guint i = 0; i < n; i++)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

/* Silence ends after PH_SERVICE_TEST_SECONDS, wherever it sets in. */
static void
test_silence (Fixture      *f,
              gconstpointer data)
{
  const char *const *scripts[] = { SCRIPT ("H"), SCRIPT ("S220 hello\r\n", "H"), SCRIPT ("S220 hello\r\n", "R", "S250 mail\r\n", "H") };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      Fake            fake = { 0 };
      PhServiceTarget target = { PH_SERVICE_PROTOCOL_SMTP, "127.0.0.1", 0, FALSE, "mail.test", NULL };
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (PhServiceAnswer) answer = NULL;

      fake_open (&fake, scripts[i]);
      target.port = fake.port;
      ph_service_test_async (f->poller, f->workers, f->clock, &target, NULL, ready_cb, &result);
      turn (100);
      ph_clock_advance (f->clock, (PH_SERVICE_TEST_SECONDS - 1) * G_USEC_PER_SEC);
      turn (10);
      g_assert_null (result);
      ph_clock_advance (f->clock, G_USEC_PER_SEC);
      await (&result);
      answer = ph_service_test_finish (result, NULL);
      g_assert_cmpint (answer->outcome, ==, PH_SERVICE_OUTCOME_SILENT);
      g_assert_cmpint (answer->delay >= 0, ==, i > 0);
      fake_close (&fake);
    }
}

static void
test_cancel (Fixture      *f,
             gconstpointer data)
{
  for (guint n_turns = 0; n_turns < 60; n_turns += 20)
    {
      Fake            fake = { 0 };
      PhServiceTarget target = { PH_SERVICE_PROTOCOL_SMTP, "127.0.0.1", 0, FALSE, "mail.test", NULL };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      fake_open (&fake, SCRIPT ("S220 hello\r\n", "H"));
      target.port = fake.port;
      ph_service_test_async (f->poller, f->workers, f->clock, &target, cancellable, ready_cb, &result);
      turn (n_turns);
      g_cancellable_cancel (cancellable);
      await (&result);
      g_assert_null (ph_service_test_finish (result, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      if (n_turns == 0)
        {
          /* It never came to a connection, and the other waits for one. */
          struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (fake.port) };
          int                fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

          address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
          g_assert_cmpint (connect (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
          close (fd);
        }
      fake_close (&fake);
    }
}

/* The real ones */

static void
test_services (void)
{
  g_autofree char *dir = g_dir_make_tmp ("posthouse-service-XXXXXX", NULL);
  PhServer        *server = start_server (dir);

  for (guint i = 0; i < ph_settings_n_services; i++)
    {
      PhService *service = ph_server_find_service (server, ph_settings_services[i].name);
      g_autoptr (PhServiceAnswer) answer = ask_server (server, service);

      g_test_message ("%s: %s", ph_settings_services[i].name, answer->offers);
      g_assert_cmpint (answer->outcome, ==, PH_SERVICE_OUTCOME_ANSWERED);
      g_assert_cmpint (answer->delay, >=, 0);
      g_assert_cmpstr (answer->tls_version, ==, "TLS1.3");
      g_assert_cmpuint (answer->faults, ==, 0);
      g_assert_cmpint (answer->expiry, >, g_get_real_time ());
      g_assert_null (strstr (answer->offers, "STARTTLS"));
      g_assert_cmpint (strlen (answer->offers), >, 0);
    }

  stop_server (server);
  remove_tree (dir);
}

static void
test_stopped_service (void)
{
  g_autofree char *dir = g_dir_make_tmp ("posthouse-service-XXXXXX", NULL);
  PhServer        *server = start_server (dir);
  PhService       *service = ph_server_find_service (server, "imap");
  guint16          port = ph_service_get_port (service);
  g_autoptr (PhServiceAnswer) answer = NULL;

  ph_settings_set_service (ph_server_get_settings (server), "imap", FALSE, "127.0.0.1", port);
  while (ph_service_get_state (service) != PH_SERVICE_STOPPED)
    g_main_context_iteration (NULL, FALSE);
  answer = ask_server (server, service);
  g_assert_cmpint (answer->outcome, ==, PH_SERVICE_OUTCOME_UNREACHABLE);

  stop_server (server);
  remove_tree (dir);
}

/* What a client would say of the certificate: each fault alone, with what it offers all the same. */
static void
test_certificates (Fixture      *f,
                   gconstpointer data)
{
  g_autofree char *dir = g_dir_make_tmp ("posthouse-service-XXXXXX", NULL);
  g_autofree char *other_dir = g_build_filename (dir, "other", NULL);
  PhServer        *server = start_server (dir);
  GBytes          *authority = ph_certificates_get_authority (server->certificates);
  g_autoptr (GBytes) other = NULL;
  const struct
  {
    const char *name;
    GBytes    **authority;
    guint       faults;
  } cases[] = {
    { "mail.test", &authority, 0 },
    { "localhost", &authority, 0 },
    { "other.test", &authority, PH_CERTIFICATE_FAULT_NAME },
    { "mail.test", &other, PH_CERTIFICATE_FAULT_UNTRUSTED },
    { "mail.test", NULL, PH_CERTIFICATE_FAULT_UNTRUSTED },
    { "other.test", &other, PH_CERTIFICATE_FAULT_NAME | PH_CERTIFICATE_FAULT_UNTRUSTED },
  };

  g_mkdir (other_dir, 0700);
  g_assert_true (ph_tls_authority_ensure (other_dir, (const char *const[]){ "mail.test", NULL }, g_get_real_time (), NULL));
  other = ph_tls_authority_load (other_dir);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint is_implicit = 0; is_implicit < 2; is_implicit++)
      {
        PhService      *service = ph_server_find_service (server, is_implicit != 0 ? "imaps" : "imap");
        PhServiceTarget target = { PH_SERVICE_PROTOCOL_IMAP, "127.0.0.1", ph_service_get_port (service), is_implicit != 0, cases[i].name,
                                   cases[i].authority != NULL ? *cases[i].authority : NULL };
        g_autoptr (PhServiceAnswer) answer = ask (f, &target);

        g_assert_cmpint (answer->outcome, ==, PH_SERVICE_OUTCOME_ANSWERED);
        g_assert_cmpuint (answer->faults, ==, cases[i].faults);
        g_assert_cmpstr (answer->name, ==, cases[i].name);
        g_assert_nonnull (strstr (answer->offers, "AUTH=PLAIN"));
      }

  stop_server (server);
  remove_tree (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/service-test/conversations", test_conversations);
  g_test_add_func ("/service-test/said-is-shown-safely", test_said_is_shown_safely);
  g_test_add ("/service-test/fakes", Fixture, NULL, set_up, test_fakes, tear_down);
  g_test_add ("/service-test/without-end", Fixture, NULL, set_up, test_without_end, tear_down);
  g_test_add ("/service-test/unreachable", Fixture, NULL, set_up, test_unreachable, tear_down);
  g_test_add ("/service-test/silence", Fixture, "manual", set_up, test_silence, tear_down);
  g_test_add ("/service-test/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add_func ("/service-test/services", test_services);
  g_test_add_func ("/service-test/stopped-service", test_stopped_service);
  g_test_add ("/service-test/certificates", Fixture, NULL, set_up, test_certificates, tear_down);

  return g_test_run ();
}
