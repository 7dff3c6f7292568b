#include "server-fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* How services treat their clients: changed while they run, and seen by the next client. */

typedef struct
{
  char     *dir;
  PhServer *server;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  f->dir = g_dir_make_tmp ("posthouse-rules-XXXXXX", NULL);
  f->server = start_server (f->dir);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  stop_server (f->server);
  remove_tree (f->dir);
  g_free (f->dir);
}

static PhService *
find (Fixture    *f,
      const char *name)
{
  return ph_server_find_service (f->server, name);
}

static void
set_rules (Fixture    *f,
           const char *name,
           PhTlsRule   tls,
           guint       connections,
           guint       per_address)
{
  PhServiceRules rules = { tls, connections, per_address, PH_SERVICE_SILENCE_MAX };

  ph_settings_set_service_rules (ph_server_get_settings (f->server), name, &rules);
}

/* A client in clear. */
typedef struct
{
  int      fd;
  GString *got;
} Talk;

static void
talk_close (Talk *talk)
{
  close (talk->fd);
  g_string_free (talk->got, TRUE);
  g_free (talk);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Talk, talk_close)

static Talk *
talk_open (Fixture    *f,
           const char *service)
{
  Talk              *talk = g_new0 (Talk, 1);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (ph_service_get_port (find (f, service))) };

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  talk->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  talk->got = g_string_new (NULL);
  g_assert_cmpint (connect (talk->fd, (struct sockaddr *)&address, sizeof address), ==, 0);

  return talk;
}

/* Waits for a line that begins so; what came until then is returned, and forgotten. */
static char *
talk_expect (Talk       *talk,
             const char *beginning)
{
  g_autofree char *wanted = g_strconcat ("\n", beginning, NULL);
  gint64           end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  g_string_prepend_c (talk->got, '\n');
  for (;;)
    {
      char        data[4096];
      const char *line = strstr (talk->got->str, wanted);
      const char *line_end = line != NULL ? strstr (line, "\r\n") : NULL;
      gssize      n;

      if (line_end != NULL)
        {
          gsize length = (gsize)(line_end - talk->got->str) + 2;
          char *before = g_strndup (talk->got->str, length);

          g_string_erase (talk->got, 0, (gssize)length);
          return before;
        }
      if (g_get_monotonic_time () > end)
        g_error ("“%s” did not come, but “%s”", beginning, talk->got->str);
      g_main_context_iteration (NULL, FALSE);
      n = recv (talk->fd, data, sizeof data, MSG_DONTWAIT);
      if (n > 0)
        g_string_append_len (talk->got, data, n);
      else
        g_usleep (200);
    }
}

static char *
talk_say (Talk       *talk,
          const char *text,
          const char *expected)
{
  g_autofree char *line = g_strconcat (text, "\r\n", NULL);

  g_assert_cmpint (send (talk->fd, line, strlen (line), MSG_NOSIGNAL), ==, (gssize)strlen (line));

  return talk_expect (talk, expected);
}

/* RFC 3207 section 4, RFC 9051 section 6.2.3, RFC 2595 section 4: no login and no mail before TLS, from this computer either. */
static const struct
{
  const char *service;
  const char *greeting;
  struct
  {
    const char *said, *answered, *without;
  } steps[8];
} in_clear[] = {
  { "smtp",
    "220 ",
    { { "NOOP", "250 ", "" },
      { "HELO there", "530 5.7.0 Must issue a STARTTLS", "" },
      { "EHLO there", "250 HELP", "\n250-AUTH" },
      { "MAIL FROM:<a@x.test>", "530 5.7.0 ", "" },
      { "BDAT 4 LAST\r\nNOOP", "503 ", "" },
      { "QUIT", "221 ", "" } } },
  { "submission", "220 ", { { "EHLO there", "250 HELP", "\n250-AUTH" }, { "AUTH PLAIN AGEAYg==", "530 5.7.0 ", "" }, { "AUTH SCRAM-SHA-256", "530 5.7.0 ", "" }, { "QUIT", "221 ", "" } } },
  { "lmtp", "220 ", { { "LHLO there", "250 HELP", "" }, { "MAIL FROM:<a@x.test>", "530 5.7.0 ", "" }, { "QUIT", "221 ", "" } } },
  { "imap",
    "* OK ",
    { { "a CAPABILITY", "a OK", " AUTH=" },
      { "b LOGIN alice@x.test secret", "b NO [PRIVACYREQUIRED]", "" },
      { "c AUTHENTICATE PLAIN", "c NO [PRIVACYREQUIRED]", "" },
      { "d LOGOUT", "d OK", "" } } },
  { "pop3",
    "+OK ",
    { { "CAPA", ".", "\nSASL" },
      { "USER alice@x.test", "-ERR [AUTH]", "" },
      { "AUTH PLAIN", "-ERR [AUTH]", "" },
      { "QUIT", "+OK", "" } } },
};

static void
test_required (Fixture      *f,
               gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (in_clear); i++)
    {
      const char *service = in_clear[i].service;
      g_autoptr (Talk) before = talk_open (f, service);
      g_autoptr (PhServiceAnswer) answer = NULL;
      g_autoptr (Talk) talk = NULL;

      g_free (talk_expect (before, in_clear[i].greeting));
      set_rules (f, service, PH_TLS_RULE_REQUIRED, 100, 20);
      talk = talk_open (f, service);
      g_free (talk_expect (talk, in_clear[i].greeting));
      for (guint step = 0; in_clear[i].steps[step].said != NULL; step++)
        {
          g_autofree char *answered = talk_say (talk, in_clear[i].steps[step].said, in_clear[i].steps[step].answered);

          g_assert_true (*in_clear[i].steps[step].without == '\0' || strstr (answered, in_clear[i].steps[step].without) == NULL);
        }

      /* Who was connected stays, with the rules of then. */
      g_free (talk_say (before, g_str_equal (service, "imap") ? "x LOGOUT" : "QUIT", g_str_equal (service, "imap") ? "x OK" : g_str_equal (service, "pop3") ? "+OK"
                                                                                                                                                            : "221 "));

      answer = ask_server (f->server, find (f, service));
      g_assert_cmpint (answer->outcome, ==, PH_SERVICE_OUTCOME_ANSWERED);
      g_assert_cmpstr (answer->tls_version, ==, "TLS1.3");
    }
}

static void
test_off (Fixture      *f,
          gconstpointer data)
{
  static const char *const services[] = { "smtp", "submission", "imap", "pop3", "lmtp" };

  for (guint i = 0; i < G_N_ELEMENTS (services); i++)
    {
      PhService *service = find (f, services[i]);
      g_autoptr (PhServiceAnswer) answer = NULL;
      g_autoptr (PhServiceAnswer) again = NULL;

      set_rules (f, services[i], PH_TLS_RULE_OFF, 100, 20);
      g_assert_cmpint (ph_service_get_tls (service), ==, PH_SERVICE_TLS_NONE);
      answer = ask_server (f->server, service);
      g_assert_cmpint (answer->outcome, ==, PH_SERVICE_OUTCOME_ANSWERED);
      g_assert_null (answer->tls_version);
      g_assert_null (strstr (answer->offers, "STARTTLS"));
      g_assert_null (strstr (answer->offers, "STLS"));

      set_rules (f, services[i], PH_TLS_RULE_OFFERED, 100, 20);
      g_assert_cmpint (ph_service_get_tls (service), ==, PH_SERVICE_TLS_STARTTLS);
      again = ask_server (f->server, service);
      g_assert_cmpstr (again->tls_version, ==, "TLS1.3");
    }
}

/* Nobody could use it without a certificate: it says so, and does not run. */
static void
test_required_without_certificate (void)
{
  g_autofree char *dir = g_dir_make_tmp ("posthouse-rules-XXXXXX", NULL);
  g_autofree char *ini = g_build_filename (dir, "posthouse.ini", NULL);
  g_autofree char *missing = g_build_filename (dir, "none.pem", NULL);
  g_autofree char *text = g_strdup_printf ("[Certificate]\nFile=%s\n[Service smtp]\nTls=required\n", missing);
  PhServer        *server;
  PhService       *service;

  g_assert_true (g_file_set_contents (ini, text, -1, NULL));
  server = start_server (dir);
  service = ph_server_find_service (server, "smtp");
  g_assert_cmpint (ph_service_get_state (service), ==, PH_SERVICE_FAILED);
  g_assert_nonnull (strstr (ph_service_get_reason (service), "none.pem"));
  g_assert_cmpint (ph_service_get_state (ph_server_find_service (server, "imaps")), ==, PH_SERVICE_FAILED);
  g_assert_cmpint (ph_service_get_state (ph_server_find_service (server, "imap")), ==, PH_SERVICE_RUNNING);

  stop_server (server);
  remove_tree (dir);
}

/* Without a meaning where TLS is implicit. */
static void
test_implicit (Fixture      *f,
               gconstpointer data)
{
  g_autoptr (PhServiceAnswer) answer = NULL;

  set_rules (f, "imaps", PH_TLS_RULE_OFF, 100, 20);
  g_assert_cmpint (ph_service_get_tls (find (f, "imaps")), ==, PH_SERVICE_TLS_IMPLICIT);
  answer = ask_server (f->server, find (f, "imaps"));
  g_assert_cmpstr (answer->tls_version, ==, "TLS1.3");
}

static void
test_limits (Fixture      *f,
             gconstpointer data)
{
  const char *service = data; /* pop3 listens on every address, imap on loopback */
  gboolean    is_open = g_str_equal (service, "pop3");
  const char *greeting = is_open ? "+OK " : "* OK ", *farewell = is_open ? "-ERR [SYS/TEMP] Too many" : "* BYE Too many";
  g_autoptr (Talk) first = NULL;
  g_autoptr (Talk) second = NULL;
  g_autoptr (Talk) third = NULL;
  g_autoptr (Talk) fourth = NULL;

  set_rules (f, service, PH_TLS_RULE_OFFERED, 100, 1);
  first = talk_open (f, service);
  g_free (talk_expect (first, greeting));
  second = talk_open (f, service);
  g_free (talk_expect (second, is_open ? farewell : greeting));

  set_rules (f, service, PH_TLS_RULE_OFFERED, is_open ? 1 : 2, 10);
  third = talk_open (f, service);
  g_free (talk_expect (third, farewell));

  set_rules (f, service, PH_TLS_RULE_OFFERED, 3, 10);
  fourth = talk_open (f, service);
  g_free (talk_expect (fourth, greeting));
}

/* Who says nothing is told goodbye after the minutes of its service, and not before; as shipped after those of the RFC. */
static void
test_silence (void)
{
  static const struct
  {
    const char *service;
    guint       minutes;
  } cases[] = {
    { "smtp", 5 },
    { "submission", 12 },
    { "lmtp", 7 },
  };
  g_autofree char *dir = g_dir_make_tmp ("posthouse-rules-XXXXXX", NULL);
  g_autoptr (PhClock) clock = ph_clock_new_manual (g_get_real_time ());
  Fixture f = { dir, start_server_with_clock (dir, clock) };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PhServiceRules rules;
      g_autoptr (Talk) talk = NULL;

      g_assert_true (ph_settings_get_service_rules (ph_server_get_settings (f.server), cases[i].service, &rules));
      rules.silence = cases[i].minutes;
      ph_settings_set_service_rules (ph_server_get_settings (f.server), cases[i].service, &rules);
      talk = talk_open (&f, cases[i].service);
      g_free (talk_expect (talk, "220 "));
      for (guint j = 0; j < 2; j++)
        {
          ph_clock_advance (clock, (cases[i].minutes * 60 - 2) * G_USEC_PER_SEC);
          g_free (talk_say (talk, "NOOP", "250 "));
        }
      ph_clock_advance (clock, (cases[i].minutes * 60 + 2) * G_USEC_PER_SEC);
      g_free (talk_expect (talk, "421 "));
    }

  stop_server (f.server);
  remove_tree (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/service-rules/required", Fixture, NULL, set_up, test_required, tear_down);
  g_test_add_func ("/service-rules/required-without-certificate", test_required_without_certificate);
  g_test_add ("/service-rules/off", Fixture, NULL, set_up, test_off, tear_down);
  g_test_add ("/service-rules/implicit", Fixture, NULL, set_up, test_implicit, tear_down);
  g_test_add ("/service-rules/limits-open", Fixture, "pop3", set_up, test_limits, tear_down);
  g_test_add_func ("/service-rules/S13-silence", test_silence);
  g_test_add ("/service-rules/limits-loopback", Fixture, "imap", set_up, test_limits, tear_down);

  return g_test_run ();
}
