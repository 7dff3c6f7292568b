/* Whole conversations over a real store. */

#include "ph-journal.h"
#include "ph-pop3-session-private.h"
#include "ph-traffic.h"
#include "pop3-fixture.h"

#include "../note.h"
#include "../support/findings.h"

static void
test_session (Fixture      *fixture,
              gconstpointer data)
{
  static const char expected[] =
    "+OK mail.example.org POP3 ready\r\n+OK And the password?\r\n+OK 3 messages (90 octets)\r\n+OK 3 90\r\n+OK 3 messages\r\n1 23\r\n2 49\r\n3 18\r\n.\r\n"
    "+OK 49 octets\r\nSubject: two\r\n\r\n..dot\r\n...\r\nlast line without end\r\n.\r\n"
    "+OK 23 octets\r\nSubject: one\r\n\r\n.\r\n+OK 49 octets\r\nSubject: two\r\n\r\n..dot\r\n.\r\n"
    "-ERR There is no such message\r\n-ERR There is no such message\r\n+OK Goodbye\r\n";
  static const char  input[] = LOGIN "STAT\r\nLIST\r\nRETR 2\r\nTOP 1 0\r\nTOP 2 1\r\nRETR 4\r\nDELE 0\r\nQUIT\r\n";
  static const gsize sizes[] = { 1, 2, 7, 4096 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

      g_assert_cmpstr (say (talk, input, sizes[i], G_MAXUINT), ==, expected);
    }
}

static void
test_random_splits (Fixture      *fixture,
                    gconstpointer data)
{
  static const char input[] = LOGIN "LIST\r\nUIDL 1\r\nRETR 1\r\nNOOP\r\nDELE 1\r\nRSET\r\nQUIT\r\n";
  g_autofree char  *expected = NULL;

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");
      const char *output = say (talk, input, i == 0 ? sizeof input : (gsize)g_test_rand_int_range (1, 20), G_MAXUINT);

      if (expected == NULL)
        expected = g_strdup (output);
      g_assert_cmpstr (output, ==, expected);
    }
}

/* P04: what DELE marked goes at QUIT, and only then. */
static void
test_delete (Fixture      *fixture,
             gconstpointer data)
{
  {
    g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

    g_assert_nonnull (strstr (say (talk, LOGIN "DELE 1\r\nDELE 1\r\nSTAT\r\n", 100, 6), "+OK 2 67\r\n"));
  }
  {
    g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

    g_assert_true (g_str_has_suffix (say (talk, LOGIN "DELE 2\r\nQUIT\r\n", 100, G_MAXUINT), "+OK Goodbye\r\n"));
  }
  {
    g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

    g_assert_nonnull (strstr (say (talk, LOGIN, 100, 3), "+OK 2 messages (41 octets)\r\n"));
  }
}

/* P01, and the lock goes with the connection. */
static void
test_lock (Fixture      *fixture,
           gconstpointer data)
{
  Talk *first = talk_begin (fixture, "127.0.0.1");

  say (first, LOGIN, 100, 3);
  {
    g_autoptr (Talk) second = talk_begin (fixture, "127.0.0.1");

    g_assert_nonnull (strstr (say (second, LOGIN, 100, 3), "-ERR [IN-USE]"));
    talk_end (first);
    say (second, LOGIN, 100, 5);
    g_assert_nonnull (strstr (second->output->str, "+OK 3 messages (90 octets)\r\n"));
  }
}

/* A list is one line of the journal, however long, and every other line one as well. */
static void
test_journal (Fixture      *fixture,
              gconstpointer data)
{
  static const char *const starts[] = { "LIST", "+OK 3 messages", "UIDL", "+OK", "CAPA", "+OK What I can do:", "LANG", "+OK What I speak:", "LIST 2", "+OK 2 49" };
  g_autoptr (PhJournal) journal = ph_journal_new (fixture->clock);
  g_autoptr (PhJournalSession) log = ph_journal_begin (journal, "POP3", FALSE, "127.0.0.1:1");
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");
  GListModel *lines = ph_journal_session_get_lines (log);

  say (talk, LOGIN, 100, 3);
  ph_session_set_journal (talk->session, log);
  say (talk, "LIST\r\nUIDL\r\nCAPA\r\nLANG\r\nLIST 2\r\n", 100, 30);
  ph_journal_flush (journal);

  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, G_N_ELEMENTS (starts));
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, i);
      const char *text = ph_journal_line_get_text (line);

      g_assert_true (g_str_has_prefix (text, starts[i]));
      if (i % 2 == 1 && i < 8)
        g_assert_true (g_str_has_suffix (text, "\n."));
      else
        g_assert_cmpstr (text, ==, starts[i]);
      if (i == 1)
        {
          g_assert_cmpstr (text, ==, "+OK 3 messages\n1 23\n2 49\n3 18\n.");
          g_assert_cmpuint (ph_journal_line_get_n_lines (line), ==, 5);
        }
    }
  ph_journal_session_end (log, NULL);
}

/* P07: the client learns nothing that the journal knows. */
static void
test_reasons (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (PhJournal) journal = ph_journal_new (fixture->clock);
  g_autoptr (PhJournalSession) log = ph_journal_begin (journal, "POP3", FALSE, "127.0.0.1:1");
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1"), away = talk_begin (fixture, "192.0.2.1");
  g_autofree char *text = NULL;
  guint            n_refused;

  ph_session_set_journal (talk->session, log);
  ph_session_set_journal (away->session, log);
  g_string_truncate (talk->output, 0);
  say (talk, "USER " BOB "\r\nPASS x\r\nUSER nobody\r\nPASS x\r\n", 100, 4);
  g_assert_cmpstr (talk->output->str, ==, "+OK And the password?\r\n-ERR [AUTH] Wrong name or password\r\n+OK And the password?\r\n-ERR [AUTH] Wrong name or password\r\n");
  say (away, "USER " BOB "\r\n", 100, 2);
  PH_POP3_SESSION (away->session)->offer_starttls = FALSE;
  say (away, "STLS\r\n", 100, 3);

  text = ph_journal_session_export (log, PH_JOURNAL_EXPORT_TEXT);
  ph_traffic_get (ph_journal_get_traffic (journal), PH_TRAFFIC_REFUSED, ph_clock_get_real_time (fixture->clock), 60, &n_refused, 1);
  g_assert_cmpuint (n_refused, ==, 2);
  g_assert_nonnull (strstr (text, " -- That is not the password of " BOB "\n"));
  g_assert_nonnull (strstr (text, " -- There is no account of that name\n"));
  g_assert_nonnull (strstr (text, " -- Without TLS a login is taken only from this computer (InClear in [Logins])\n"));
  g_assert_nonnull (strstr (text, " -- The service has no certificate, or its TLS is switched off (Tls of the service)\n"));
  ph_journal_session_end (log, NULL);
}

/* Mechanism and name are told, and nothing of a password (V48); a wrong one counts as refused. */
static void
test_names (Fixture      *fixture,
            gconstpointer data)
{
  static const struct
  {
    const char *said;
    const char *note;
    guint       n_lines, n_refused;
  } cases[] = {
    { "AUTH LOGIN Ym9iQGV4YW1wbGUub3Jn\r\nd3Jvbmc=\r\n", " -- Login with LOGIN as " BOB "\n", 3, 1 },
    { "AUTH PLAIN AGJvYkBleGFtcGxlLm9yZwB3cm9uZw==\r\n", " -- Login with PLAIN as " BOB "\n", 2, 1 },
    { "AUTH PLAIN\r\nYWxpY2UAYm9iQGV4YW1wbGUub3JnAHdyb25n\r\n", " -- Login with PLAIN as " BOB ", to act as alice\n", 3, 1 },
    /* n,,n=bob@example.org,r=abc */
    { "AUTH SCRAM-SHA-256 biwsbj1ib2JAZXhhbXBsZS5vcmcscj1hYmM=\r\n*\r\n", " -- Login with SCRAM-SHA-256 as " BOB "\n", 3, 0 },
  };
  g_autoptr (PhJournal) journal = ph_journal_new (fixture->clock);
  guint n_before = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PhJournalSession) log = ph_journal_begin (journal, "POP3", FALSE, "127.0.0.1:1");
      g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");
      g_autofree char *text = NULL;
      guint            n_refused;

      note (cases[i].said);
      ph_session_set_journal (talk->session, log);
      say (talk, cases[i].said, 100, cases[i].n_lines);
      ph_journal_flush (journal);
      text = ph_journal_session_export (log, PH_JOURNAL_EXPORT_TEXT);
      g_assert_nonnull (strstr (text, cases[i].note));
      for (guint j = 0; j < 4; j++)
        g_assert_null (strstr (text, ((const char *[]){ "wrong", "d3Jvbmc", "B3cm9uZ", "AHdyb25n" })[j]));
      ph_traffic_get (ph_journal_get_traffic (journal), PH_TRAFFIC_REFUSED, ph_clock_get_real_time (fixture->clock), PH_TRAFFIC_MINUTES, &n_refused, 1);
      g_assert_cmpuint (n_refused - n_before, ==, cases[i].n_refused);
      n_before = n_refused;
      ph_journal_session_end (log, NULL);
    }
}

/* Nothing is taken in clear from elsewhere, and CAPA does not offer it (P07). */
static void
test_clear (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (Talk) talk = talk_begin (fixture, "192.0.2.1");
  const char *output = say (talk, "CAPA\r\nUSER " BOB "\r\nPASS x\r\nAUTH PLAIN\r\nSTLS\r\nNOOP\r\n", 100, 14);

  g_assert_null (strstr (output, "\r\nUSER\r\n"));
  g_assert_null (strstr (output, "SASL"));
  g_assert_nonnull (strstr (output, "\r\nSTLS\r\n"));
  g_assert_true (g_str_has_suffix (output, "-ERR [AUTH] Passwords need TLS: use STLS\r\n-ERR [AUTH] Passwords need TLS: use STLS\r\n"
                                           "-ERR [AUTH] Passwords need TLS: use STLS\r\n+OK Begin TLS\r\n"));
  /* V03: what follows STLS is not taken. */
  g_assert_true (ph_session_wants_tls (talk->session));
  g_assert_cmpstr (talk->input->str, ==, "NOOP\r\n");
}

/* A password that could be read on its way is told, whether it was taken or not. */
static void
test_password_in_clear (Fixture      *fixture,
                        gconstpointer data)
{
  static const char told[] = "The client sent a password in clear, without TLS";
  static const struct
  {
    const char *address;
    gboolean    is_tls;
    const char *said;
    guint       n_lines;
    const char *told;
  } cases[] = {
    { "127.0.0.1", FALSE, LOGIN, 3, told },
    { "192.0.2.1", FALSE, "PASS x\r\n", 2, told },
    { "192.0.2.1", FALSE, "AUTH PLAIN AGJvYgB4eHg=\r\n", 2, told },
    { "127.0.0.1", FALSE, "AUTH PLAIN\r\nAGJvYgB4eHg=\r\n", 3, told },
    { "127.0.0.1", FALSE, "AUTH LOGIN Ym9i\r\neHh4\r\n", 3, told },
    { "192.0.2.1", TRUE, LOGIN, 3, "" },
    { "192.0.2.1", TRUE, "AUTH PLAIN AGJvYgB4eHg=\r\n", 2, "" },
    { "127.0.0.1", FALSE, "USER " BOB "\r\nPASS\r\nAUTH PLAIN\r\n*\r\nAUTH\r\n", 10, "" },
    { "192.0.2.1", FALSE, "AUTH PLAIN garbage\r\nAUTH PLAIN b3BlbiBzZXNhbWU=\r\n", 3, "" },
    { "127.0.0.1", FALSE, "AUTH PLAIN garbage\r\n", 2, "" },
    /* n,,n=bob@example.org,r=abc */
    { "127.0.0.1", FALSE, "AUTH SCRAM-SHA-256 biwsbj1ib2JAZXhhbXBsZS5vcmcscj1hYmM=\r\nAAAA\r\n", 3, "" },
    { "127.0.0.1", FALSE, "APOP " BOB " 00000000000000000000000000000000\r\n", 2, "" },
  };
  g_autoptr (PhJournal) journal = ph_journal_new (fixture->clock);

  g_object_set (ph_accounts_find (fixture->accounts, BOB), "clear-password", PASSWORD, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PhJournalSession) log = ph_journal_begin (journal, "POP3", FALSE, cases[i].address);
      g_autoptr (Talk) talk = talk_begin (fixture, cases[i].address);

      g_test_message ("%u", i);
      talk->peer->is_tls = cases[i].is_tls;
      ph_session_set_journal (talk->session, log);
      say (talk, cases[i].said, 100, cases[i].n_lines);
      assert_findings (log, cases[i].told);
      ph_journal_session_end (log, NULL);
    }
  g_object_set (ph_accounts_find (fixture->accounts, BOB), "clear-password", NULL, NULL);
}

/* From the login on as long as is asked for, but never less than the RFC's ten minutes. */
static void
test_silence (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");
  guint serial;

  ph_session_set_silence (talk->session, 3600);
  say (talk, "", 1, 1);
  g_assert_cmpuint (ph_session_get_deadline (talk->session, &serial), ==, PH_POP3_LOGIN_SECONDS);
  say (talk, LOGIN, 100, 3);
  g_assert_nonnull (strstr (talk->output->str, "+OK 3 messages"));
  g_assert_cmpuint (ph_session_get_deadline (talk->session, &serial), ==, 3600);
  ph_session_set_silence (talk->session, 10);
  say (talk, "NOOP\r\n", 100, 4);
  g_assert_cmpuint (ph_session_get_deadline (talk->session, &serial), ==, 600);
}

/* APOP is for the account that asks for it, where its password might go as well: there the greeting has a challenge. */
static void
test_apop_offer (Fixture      *fixture,
                 gconstpointer data)
{
  PhAccount *account = ph_accounts_find (fixture->accounts, BOB);

  g_object_set (account, "clear-password", PASSWORD, NULL);
  {
    g_autoptr (Talk) here = talk_begin (fixture, "127.0.0.1"), away = talk_begin (fixture, "192.0.2.1");
    const char *output = say (here, "", 1, 1);

    g_assert_nonnull (strchr (output, '<'));
    output = say (away, "APOP " BOB " 00000000000000000000000000000000\r\n", 100, 2);
    g_assert_cmpstr (output, ==, "+OK mail.example.org POP3 ready\r\n-ERR What is that?\r\n");
  }
  g_object_set (account, "clear-password", NULL, NULL);
  {
    g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

    g_assert_null (strchr (say (talk, "", 1, 1), '<'));
  }
}

/* RFC 1939 section 3 has one blank before an argument; some clients have more at the end.  In a password all count. */
static void
test_blanks (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

  say (talk, "USER " BOB " \r\nPASS " PASSWORD " \r\n", 100, 3);
  g_assert_true (g_str_has_suffix (talk->output->str, "-ERR [AUTH] Wrong name or password\r\n"));
  say (talk, LOGIN, 100, 5);
  g_string_truncate (talk->output, 0);
  say (talk, "STAT \r\nLIST \r\nLIST 1 \r\nUIDL 9 \r\nTOP 3 0 \r\nNOOP \r\n", 100, 13);
  g_assert_cmpstr (talk->output->str, ==,
                   "+OK 3 90\r\n+OK 3 messages\r\n1 23\r\n2 49\r\n3 18\r\n.\r\n+OK 1 23\r\n-ERR There is no such message\r\n"
                   "+OK 18 octets\r\nSubject: three\r\n\r\n.\r\n+OK\r\n");
}

static void
test_bad_input (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");
  g_autofree char *long_line = g_strnfill (100000, 'x');

  say (talk, long_line, 1000, 1);
  g_assert_nonnull (strstr (say (talk, "\r\nNOOP\r\n", 100, 3), "-ERR The line is too long\r\n-ERR Log in first\r\n"));
  say (talk, "PASS x\r\nUSER\r\nAUTH\r\nAUTH FROB\r\nFROB\r\n", 100, 8);
  for (guint i = 0; i < 30; i++)
    say (talk, "FROB\r\n", 100, 0);
  g_assert_true (ph_session_wants_close (talk->session));
}

/* V40 */
static void
test_http (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

  g_assert_true (g_str_has_suffix (say (talk, "GET / HTTP/1.1\r\nHost: x\r\n\r\nUSER a\r\n", 100, G_MAXUINT), "ready\r\n-ERR This is a mail server\r\n"));
  g_assert_true (ph_session_wants_close (talk->session));
}

/* V21: a peer that goes at any byte leaves nothing behind. */
static void
test_hang_up (Fixture      *fixture,
              gconstpointer data)
{
  static const char input[] = LOGIN "RETR 1\r\nDELE 1\r\n";

  for (gsize length = 0; length < sizeof input; length++)
    {
      g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

      g_string_append_len (talk->input, input, (gssize)length);
      offer (talk);
      g_main_context_iteration (NULL, FALSE);
    }
  {
    g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

    g_assert_nonnull (strstr (say (talk, LOGIN, 100, 3), "+OK 3 messages (90 octets)\r\n"));
  }
}

#define ADD(name, function) g_test_add ("/pop3/session/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("session", test_session);
  ADD ("random-splits", test_random_splits);
  ADD ("delete", test_delete);
  ADD ("lock", test_lock);
  ADD ("journal", test_journal);
  ADD ("reasons", test_reasons);
  ADD ("V48-names", test_names);
  ADD ("clear", test_clear);
  ADD ("conduct/password", test_password_in_clear);
  ADD ("silence", test_silence);
  ADD ("apop-offer", test_apop_offer);
  ADD ("blanks", test_blanks);
  ADD ("bad-input", test_bad_input);
  ADD ("V40-http", test_http);
  ADD ("hang-up", test_hang_up);

  return g_test_run ();
}
