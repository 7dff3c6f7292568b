#include "imap-fixture.h"

#include "../note.h"
#include "../support/findings.h"
#include "ph-imap-reader.h"
#include "ph-imap-session-private.h"
#include "ph-traffic.h"

/* Conversations before a mailbox is opened: states, login, limits, IDLE, the log. */

/* The transcript of a session, one line each, with "C " or "S " before it. */
static char *
dup_transcript (Talk *talk)
{
  GListModel *lines = ph_journal_session_get_lines (talk->journal);
  GString    *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, i);

      g_string_append (text, ph_journal_line_get_voice (line) == PH_JOURNAL_CLIENT ? "C " : "S ");
      g_string_append (text, ph_journal_line_get_text (line));
      g_string_append_c (text, '\n');
    }

  return g_string_free (text, FALSE);
}

static void
test_greeting (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (Talk) local = talk_new (fixture, "127.0.0.1");
  g_autoptr (Talk) remote = talk_new (fixture, "192.0.2.1");

  g_assert_nonnull (strstr (local->greeting, " STARTTLS AUTH="));
  g_assert_null (strstr (local->greeting, "LOGINDISABLED"));
  g_assert_nonnull (strstr (remote->greeting, " STARTTLS LOGINDISABLED"));
  g_assert_null (strstr (remote->greeting, "AUTH="));
}

static void
test_states (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");

  talk_expect_prefix (talk, "SELECT INBOX", "t BAD");
  talk_expect_prefix (talk, "FETCH 1 FLAGS", "t BAD");
  talk_log_in_as (talk, BOB);
  talk_expect_prefix (talk, "LOGIN bob x", "t BAD");
  talk_expect_prefix (talk, "STARTTLS", "t BAD");
  talk_expect_prefix (talk, "FETCH 1 FLAGS", "t BAD");
  talk_expect_prefix (talk, "CLOSE", "t BAD");
  talk_expect_prefix (talk, "UID NOOP", "t BAD");
  talk_expect (talk, "NOOP", "t OK Done\r\n");
  talk_expect (talk, "NAMESPACE", "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\nt OK Namespaces listed\r\n");
  talk_expect (talk, "ENABLE X", "* ENABLED\r\nt OK Done\r\n");
  talk_expect_prefix (talk, "ENABLE", "t BAD");
  talk_expect (talk, "LOGOUT", "* BYE Logging out\r\nt OK Goodbye\r\n");
  g_assert_true (ph_session_wants_close (talk->session));
}

/* I24 */
static void
test_login (Fixture      *fixture,
            gconstpointer data)
{
  static const char *const right[] = {
    "LOGIN bob@example.org \"open sesame\"",
    "login \"bob@example.org\" \"open sesame\"",
    "LOGIN {15+}\r\nbob@example.org {11+}\r\nopen sesame",
    "LOGIN bob {11+}\r\nopen sesame",
    "AUTHENTICATE PLAIN AGJvYkBleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==",
    "AUTHENTICATE plain AGJvYkBleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==",
  };

  for (guint i = 0; i < G_N_ELEMENTS (right); i++)
    {
      g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");

      talk_expect_prefix (talk, right[i], "t OK [CAPABILITY IMAP4rev1 ");
      talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS ");
    }
}

static void
test_sync_literals (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");

  talk_send (talk, "a LOGIN {15}\r\n");
  g_assert_cmpstr (talk->output->str, ==, "+ OK\r\n");
  talk_send (talk, "bob@example.org {11}\r\n");
  g_assert_cmpstr (talk->output->str, ==, "+ OK\r\n+ OK\r\n");
  talk_send (talk, "open sesame\r\n");
  talk_wait (talk, "a OK");
}

static void
test_failed_logins (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");
  g_autofree char *text = NULL;
  guint            n_refused;

  talk_expect (talk, "LOGIN bob wrong", "t NO [AUTHENTICATIONFAILED] Wrong name or password\r\n");
  talk_expect (talk, "LOGIN nobody wrong", "t NO [AUTHENTICATIONFAILED] Wrong name or password\r\n");
  talk_expect_prefix (talk, "LOGIN bob", "t BAD");
  talk_expect (talk, "LOGIN bob@example.org \"\"",
               "t NO [AUTHENTICATIONFAILED] Wrong name or password\r\n* BYE Too many failed logins\r\n");
  g_assert_true (ph_session_wants_close (talk->session));

  /* Only the journal tells which it was (V20). */
  ph_journal_flush (fixture->journal);
  text = dup_transcript (talk);
  g_assert_nonnull (strstr (text, "S That is not the password of bob@example.org\nS t0 NO [AUTH"));
  g_assert_nonnull (strstr (text, "S There is no account of that name\nS t1 NO [AUTH"));
  ph_traffic_get (ph_journal_get_traffic (fixture->journal), PH_TRAFFIC_REFUSED, ph_clock_get_real_time (fixture->clock), PH_TRAFFIC_MINUTES, &n_refused, 1);
  g_assert_cmpuint (n_refused, ==, 3);
}

/* Why there is no STARTTLS. */
static void
test_starttls_reason (Fixture      *fixture,
                      gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "192.0.2.1");
  g_autofree char *text = NULL;

  PH_IMAP_SESSION (talk->session)->offer_starttls = FALSE;
  talk_expect_prefix (talk, "STARTTLS", "t BAD");
  ph_journal_flush (fixture->journal);
  text = dup_transcript (talk);
  g_assert_nonnull (strstr (text, "S The service has no certificate, or its TLS is switched off (Tls of the service)\n"));
}

/* V20: who has shown the password learns that IMAP is switched off, and nobody else; who is in is sent away. */
static void
test_forbidden (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (Talk) inside = talk_new (fixture, "127.0.0.1");
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");
  PhAccount *bob = ph_accounts_find (fixture->accounts, BOB);

  talk_expect_prefix (inside, "LOGIN bob@example.org \"open sesame\"", "t OK");
  g_string_truncate (inside->output, 0);
  g_object_set (bob, "protocols", (guint)(PH_PROTOCOL_POP3 | PH_PROTOCOL_SUBMISSION), NULL);
  talk_take_output (inside);
  g_assert_cmpstr (inside->output->str, ==, "* BYE [UNAVAILABLE] IMAP is switched off for this account\r\n");
  g_assert_true (ph_session_wants_close (inside->session));

  talk_expect (talk, "LOGIN bob@example.org wrong", "t NO [AUTHENTICATIONFAILED] Wrong name or password\r\n");
  talk_expect (talk, "LOGIN bob@example.org \"open sesame\"", "t NO [NOPERM] IMAP is switched off for this account\r\n");
  g_object_set (bob, "protocols", (guint)PH_PROTOCOL_ALL, NULL);
  talk_expect_prefix (talk, "AUTHENTICATE PLAIN\r\nAGJvYkBleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==", "+ \r\nt OK [CAPABILITY ");
}

/* V21: each way out of an exchange leaves a session that works. */
static void
test_authenticate (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");

  talk_expect_prefix (talk, "AUTHENTICATE NONSENSE", "t NO [CANNOT]");
  talk_expect_prefix (talk, "AUTHENTICATE", "t BAD");
  talk_expect_prefix (talk, "AUTHENTICATE PLAIN *", "t BAD");
  talk_expect_prefix (talk, "AUTHENTICATE PLAIN $$$", "t BAD");
  talk_expect_prefix (talk, "AUTHENTICATE PLAIN =", "t BAD");
  talk_expect_prefix (talk, "AUTHENTICATE PLAIN\r\n*", "+ \r\nt BAD");
  talk_expect_prefix (talk, "AUTHENTICATE PLAIN\r\nAGJvYkBleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==",
                      "+ \r\nt OK [CAPABILITY ");
}

static void
test_login_disabled (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "192.0.2.1");

  talk_expect_prefix (talk, "LOGIN bob@example.org \"open sesame\"", "t NO [PRIVACYREQUIRED]");
  talk_expect_prefix (talk, "AUTHENTICATE PLAIN", "t NO [PRIVACYREQUIRED]");
}

/* V03: after STARTTLS nothing in clear is taken, and nothing of before is known. */
static void
test_starttls (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "192.0.2.1");
  g_autoptr (PhPeer) peer = ph_peer_new ("192.0.2.1", 4000);

  talk_send (talk, "a STARTTLS\r\nb NOOP\r\n");
  g_assert_cmpstr (talk->output->str, ==, "a OK Begin TLS now\r\n");
  g_assert_true (ph_session_wants_tls (talk->session));
  g_assert_cmpstr (talk->input->str, ==, "b NOOP\r\n");

  g_string_truncate (talk->input, 0);
  g_string_truncate (talk->output, 0);
  peer->is_tls = TRUE;
  ph_session_secured (talk->session, peer);
  talk_expect_prefix (talk, "STARTTLS", "t BAD");
  talk_expect_prefix (talk, "LOGIN bob@example.org \"open sesame\"", "t OK [CAPABILITY ");
}

/* V25: no second identity on a connection, and nothing of the first attempt in the second. */
static void
test_one_identity (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");

  talk_expect_prefix (talk, "LOGIN alice@example.org wrong", "t NO [AUTHENTICATIONFAILED]");
  talk_expect_prefix (talk, "LOGIN bob@example.org \"open sesame\"", "t OK");
  talk_expect_prefix (talk, "CREATE bobs", "t OK");
  talk_expect_prefix (talk, "LOGIN alice@example.org \"open sesame\"", "t BAD");
  talk_expect_prefix (talk, "AUTHENTICATE PLAIN AGFsaWNlQGV4YW1wbGUub3JnAG9wZW4gc2VzYW1l", "t BAD");
  talk_expect_prefix (talk, "STARTTLS", "t BAD");
  talk_expect_prefix (talk, "UNAUTHENTICATE", "t BAD Unknown command");
  talk_expect_prefix (talk, "STATUS bobs (MESSAGES)", "* STATUS \"bobs\"");
}

/* I25 */
static void
test_mistakes (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");

  for (guint i = 0; i < PH_IMAP_BAD_COMMANDS_MAX - 1; i++)
    talk_expect (talk, "FROB", "t BAD Unknown command\r\n");
  talk_expect (talk, "NOOP", "t OK Done\r\n");
  for (guint i = 0; i < PH_IMAP_BAD_COMMANDS_MAX - 1; i++)
    talk_expect (talk, "FROB", "t BAD Unknown command\r\n");
  talk_expect (talk, "FROB", "t BAD Unknown command\r\n* BYE Too many mistakes\r\n");
  g_assert_true (ph_session_wants_close (talk->session));
}

/* V40: a request line of HTTP ends it; "GET" alone is a tag like others. */
static void
test_http (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");

  talk_send (talk, "GET NOOP\r\n");
  talk_wait (talk, "GET OK");
  g_string_truncate (talk->output, 0);
  talk_send (talk, "POST / HTTP/1.1\r\nHost: x\r\n\r\na CAPABILITY\r\n");
  talk_wait (talk, "* BYE");
  g_assert_cmpstr (talk->output->str, ==, "* BYE This is a mail server\r\n");
  g_assert_true (ph_session_wants_close (talk->session));
}

/* I22: the literal of a refused command is no command. */
static void
test_literal_of_bad_command (Fixture      *fixture,
                             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autofree char *big = g_strnfill (PH_IMAP_LITERAL_MAX + 1, 'x');
  g_autofree char *command = g_strdup_printf ("e CREATE {%d+}\r\n%s\r\nf NOOP\r\n", PH_IMAP_LITERAL_MAX + 1, big);

  talk_send (talk, "a FROB {11+}\r\nx LOGOUT\r\ny {5+}\r\nabcde\r\nb NOOP\r\n");
  talk_wait (talk, "b OK");
  g_assert_cmpstr (talk->output->str, ==, "a BAD Unknown command\r\nb OK Done\r\n");
  g_string_truncate (talk->output, 0);

  talk_send (talk, "c FROB {10}\r\nd NOOP\r\n");
  talk_wait (talk, "d OK");
  g_assert_cmpstr (talk->output->str, ==, "c BAD Unknown command\r\nd OK Done\r\n");
  g_string_truncate (talk->output, 0);

  talk_send (talk, command);
  talk_wait (talk, "f OK");
  g_assert_cmpstr (talk->output->str, ==, "e BAD Literal too large\r\nf OK Done\r\n");
  g_string_truncate (talk->output, 0);

  talk_send (talk, "g CREATE {99999999999999999999+}\r\nx");
  g_assert_cmpstr (talk->output->str, ==, "g BAD Literal too large\r\n* BYE [TOOBIG] Literal too large\r\n");
}

/* V05: 34 KiB before login, with a reply and a session that goes on. */
static void
test_long_line (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");
  g_autofree char *filler = g_strnfill (40000, 'x');

  talk_expect (talk, filler, "t BAD Command too long\r\n");
  talk_expect (talk, "NOOP", "t OK Done\r\n");
  talk_log_in_as (talk, BOB);
  talk_expect (talk, filler, "t BAD Unknown command\r\n");
}

/* The same bytes give the same answers, however they are cut. */
static void
test_splits (Fixture      *fixture,
             gconstpointer data)
{
  static const char script[] = "a CAPABILITY\r\n\r\nb FROB\r\nc LOGIN {15+}\r\nbob@example.org {11+}\r\nopen sesame\r\n"
                               "d ID (\"name\" \"test\" \"version\" NIL)\r\ne STATUS INBOX (MESSAGES)\r\n"
                               "f FROB {3+}\r\na b {4+}\r\n\r\n\r\n\r\ng IDLE\r\nDONE\r\nh ENABLE X\r\ni LOGOUT\r\n";
  g_autofree char  *whole = NULL;

  for (gint i = -2; i < 20; i++)
    {
      g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");

      talk->bytewise = i == -1;
      talk->rand = i >= 0 ? g_rand_new_with_seed ((guint32)i) : NULL;
      talk_send (talk, script);
      talk_wait (talk, "i OK");
      if (whole == NULL)
        whole = talk_steal_output (talk);
      else
        g_assert_cmpstr (talk->output->str, ==, whole);
    }
  g_assert_nonnull (strstr (whole, "* STATUS \"INBOX\" (MESSAGES 0)\r\ne OK"));
}

/* A hang-up at any byte leaves nothing behind (V21); ASan and g_assert_finalize_object look. */
static void
test_hang_up (Fixture      *fixture,
              gconstpointer data)
{
  static const char script[] = "a AUTHENTICATE PLAIN\r\nAGJvYkBleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==\r\n"
                               "b SELECT INBOX\r\nc APPEND INBOX {5+}\r\nhello\r\nd FETCH 1 BODY[]\r\ne IDLE\r\n";

  for (gsize i = 1; i < sizeof script; i++)
    {
      g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");

      g_string_append_len (talk->input, script, (gssize)i);
      talk_pump (talk);
      if (i % 3 == 0)
        g_main_context_iteration (NULL, FALSE);
      talk_pump (talk);
    }
}

/* Passwords never reach the log (V48). */
static void
test_transcript (Fixture      *fixture,
                 gconstpointer data)
{
  static const char        named[] = " as bob@example.org\n";
  static const char *const ways[] = {
    "a LOGIN bob@example.org \"open sesame\"\r\n",
    "a LOGIN {15+}\r\nbob@example.org {11+}\r\nopen sesame\r\n",
    "a LOGIN bob@example.org {11+}\r\nopen sesame\r\n",
    "a LOGIN \"bob\r\nopen sesame\r\n",
    "a AUTHENTICATE PLAIN\r\nAGJvYkBleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==\r\n",
    "a AUTHENTICATE PLAIN AGJvYkBleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==\r\n",
    "a AUTHENTICATE LOGIN\r\nYm9iQGV4YW1wbGUub3Jn\r\nb3BlbiBzZXNhbWU=\r\n",
    "a AUTHENTICATE LOGIN Ym9iQGV4YW1wbGUub3Jn\r\nb3BlbiBzZXNhbWU=\r\n",
    "a AUTHENTICATE SCRAM-SHA-256 biwsbj1ib2JAZXhhbXBsZS5vcmcscj1hYmM=\r\n*\r\n",
    "a AUTHENTICATE XOAUTH2 AGJvYkBleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==\r\n",
    "a AUTHENTICATE NONSENSE\r\nAGJvYkBleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==\r\n",
    "LOGIN bob open sesame\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");
      g_autofree char *transcript = NULL;

      talk_send (talk, ways[i]);
      talk_send (talk, "z LOGOUT\r\n");
      talk_wait (talk, "z OK");
      transcript = dup_transcript (talk);
      g_assert_null (strstr (transcript, "sesame"));
      g_assert_null (strstr (transcript, "AGJvY"));
      g_assert_null (strstr (transcript, "b3Blb"));
      if (i >= 4 && i < 9)
        g_assert_nonnull (strstr (transcript, named));
      else
        g_assert_null (strstr (transcript, named));
      g_assert_nonnull (strstr (transcript, "C z LOGOUT\n"));
    }
}

/* RFC 2971 3.3: up to 30 pairs of 30 and 1,024 octets, before login too. */
static void
test_longest_id (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");
  g_autofree char *value = g_strnfill (1024, 'v');
  g_autoptr (GString) id = g_string_new ("ID (");

  for (guint i = 0; i < 30; i++)
    g_string_append_printf (id, "%s\"%02u%s\" \"%s\"", i > 0 ? " " : "", i, "3456789012345678901234567890", value);
  g_string_append_c (id, ')');
  talk_expect_prefix (talk, id->str, "* ID (\"name\" \"Posthouse\")\r\n");
}

static void
test_transcript_folds (Fixture      *fixture,
                       gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autofree char *transcript = NULL;
  g_autofree char *account = NULL;
  g_autofree char *client = NULL;

  talk_expect_prefix (talk, "ID (\"version\" \"1.2\" \"name\" \"Tester\")", "* ID (\"name\" \"Posthouse\")\r\n");
  talk_expect_prefix (talk, "APPEND INBOX {17+}\r\nSubject: hi\r\n\r\nho", "t OK [APPENDUID ");
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (talk, "FETCH 1 BODY[]", "* 1 FETCH (FLAGS (\\Seen \\Recent) BODY[] {17}\r\nSubject: hi\r\n\r\nho)\r\n");
  transcript = dup_transcript (talk);
  g_assert_null (strstr (transcript, "Subject: hi"));
  g_assert_nonnull (strstr (transcript, "C t2 APPEND INBOX {17+}\nC "));
  g_assert_nonnull (strstr (transcript, "BODY[] {17}\nS "));

  g_object_get (talk->journal, "account", &account, "client-name", &client, NULL);
  g_assert_cmpstr (account, ==, BOB);
  g_assert_cmpstr (client, ==, "Tester 1.2");
}

/* I26 */
static void
test_idle (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  guint serial;

  talk_send (talk, "a IDLE\r\n");
  g_assert_cmpstr (talk->output->str, ==, "+ idling\r\n");
  g_assert_cmpuint (ph_session_get_deadline (talk->session, &serial), ==, PH_IMAP_IDLE_SECONDS);
  ph_clock_advance (fixture->manual, PH_IMAP_KEEP_ALIVE_SECONDS * G_USEC_PER_SEC);
  ph_clock_advance (fixture->manual, PH_IMAP_KEEP_ALIVE_SECONDS * G_USEC_PER_SEC);
  talk_send (talk, "done\r\n");
  talk_wait (talk, "a OK");
  g_assert_cmpstr (talk->output->str, ==,
                   "+ idling\r\n* OK Still here\r\n* OK Still here\r\na OK Idle no more\r\n");
  g_string_truncate (talk->output, 0);

  talk_send (talk, "b IDLE\r\nc NOOP\r\n");
  g_assert_cmpstr (talk->output->str, ==, "+ idling\r\nb BAD Only DONE ends IDLE\r\n");
  ph_clock_advance (fixture->manual, PH_IMAP_KEEP_ALIVE_SECONDS * G_USEC_PER_SEC);
  g_assert_null (strstr (talk->output->str, "Still"));
}

/* I25, V38 */
static void
test_deadlines (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");
  g_autoptr (Talk) other = talk_new (fixture, "127.0.0.1");
  guint first;
  guint second;

  g_assert_cmpuint (ph_session_get_deadline (talk->session, &first), ==, PH_IMAP_PREAUTH_SECONDS);
  talk_send (talk, "a NOOP\r\nb");
  g_assert_cmpuint (ph_session_get_deadline (talk->session, &second), ==, PH_IMAP_PREAUTH_SECONDS);
  g_assert_cmpuint (first, ==, second);
  talk_send (talk, " NOOP\r\n");
  g_string_truncate (talk->output, 0);

  talk_expect_prefix (talk, "LOGIN bob@example.org \"open sesame\"", "t OK");
  g_assert_cmpuint (ph_session_get_deadline (talk->session, &first), ==, PH_IMAP_IDLE_SECONDS);
  ph_session_set_silence (talk->session, 3600);
  talk_expect (talk, "NOOP", "t OK Done\r\n");
  g_assert_cmpuint (ph_session_get_deadline (talk->session, &first), ==, 3600);
  ph_session_set_silence (talk->session, 10);
  talk_expect (talk, "NOOP", "t OK Done\r\n");
  g_assert_cmpuint (ph_session_get_deadline (talk->session, &first), ==, 1800);
  talk_send (talk, "c NO");
  g_assert_cmpuint (ph_session_get_deadline (talk->session, &first), ==, PH_IMAP_COMMAND_SECONDS);
  talk_send (talk, "O");
  g_assert_cmpuint (ph_session_get_deadline (talk->session, &second), ==, PH_IMAP_COMMAND_SECONDS);
  g_assert_cmpuint (first, ==, second);

  ph_session_timed_out (talk->session);
  talk_take_output (talk);
  g_assert_true (g_str_has_prefix (talk->output->str, "* BYE "));
  g_assert_true (ph_session_wants_close (talk->session));

  ph_session_shut_down (other->session, "The server is going down");
  talk_take_output (other);
  g_assert_cmpstr (other->output->str, ==, "* BYE [UNAVAILABLE] The server is going down\r\n");
}

#define ADD(name, function) g_test_add ("/imap/session/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

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
    const char *told;
  } cases[] = {
    { "127.0.0.1", FALSE, "LOGIN bob@example.org \"open sesame\"", told },
    { "192.0.2.1", FALSE, "LOGIN bob@example.org {11+}\r\nopen sesame", told },
    { "192.0.2.1", FALSE, "AUTHENTICATE PLAIN AGJvYgB4eHg=", told },
    { "127.0.0.1", FALSE, "AUTHENTICATE PLAIN\r\nAGJvYgB4eHg=", told },
    { "127.0.0.1", FALSE, "AUTHENTICATE LOGIN\r\nYm9i\r\neHh4", told },
    { "192.0.2.1", TRUE, "LOGIN bob@example.org \"open sesame\"", "" },
    { "192.0.2.1", TRUE, "AUTHENTICATE PLAIN AGJvYgB4eHg=", "" },
    { "192.0.2.1", FALSE, "LOGIN bob@example.org", "" },
    { "192.0.2.1", FALSE, "AUTHENTICATE PLAIN", "" },
    { "127.0.0.1", FALSE, "AUTHENTICATE PLAIN\r\n*", "" },
    { "192.0.2.1", FALSE, "AUTHENTICATE PLAIN garbage", "" },
    { "192.0.2.1", FALSE, "AUTHENTICATE PLAIN b3BlbiBzZXNhbWU=", "" },
    { "127.0.0.1", FALSE, "AUTHENTICATE PLAIN garbage", "" },
    /* n,,n=bob@example.org,r=abc */
    { "127.0.0.1", FALSE, "AUTHENTICATE SCRAM-SHA-256 biwsbj1ib2JAZXhhbXBsZS5vcmcscj1hYmM=\r\nAAAA", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Talk) talk = talk_new (fixture, cases[i].address);

      note (cases[i].said);
      talk->peer->is_tls = cases[i].is_tls;
      g_free (talk_say (talk, cases[i].said));
      assert_findings (talk->journal, cases[i].told);
    }
}

/* RFC 2177 */
static void
test_polling (Fixture      *fixture,
              gconstpointer data)
{
  static const char told[] = "The client polls where it could use IDLE";
  static const struct
  {
    const char *said[7];
    guint       seconds; /* between two */
    const char *told;
  } cases[] = {
    { { "NOOP", "NOOP", "NOOP", "NOOP", "NOOP" }, 1, told },
    { { "NOOP", "CHECK", "STATUS inbox (MESSAGES)", "SELECT INBOX", "EXAMINE INBOX" }, 600, told },
    { { "NOOP", "NOOP", "STATUS Other (MESSAGES)", "NOOP", "NOOP", "NOOP" }, 60, told },
    { { "UID SEARCH UNSEEN", "UID SEARCH UNSEEN", "UID SEARCH UNSEEN", "UID SEARCH UNSEEN", "UID SEARCH UNSEEN", "UID SEARCH UNSEEN" }, 60, told },
    { { "UID FETCH 1:* (FLAGS)", "UID FETCH 1:* (FLAGS)", "UID FETCH 1:* (FLAGS)", "UID FETCH 1:* (FLAGS)", "UID FETCH 1:* (FLAGS)", "UID FETCH 1:* (FLAGS)" }, 600, told },
    { { "SEARCH ALL", "NOOP", "SEARCH ALL", "NOOP", "SEARCH ALL", "NOOP" }, 60, told },
    /* Another question; a message that is named; one after the other at once, to measure; against the timeout. */
    { { "UID SEARCH UNSEEN", "UID SEARCH UNSEEN", "UID SEARCH UNSEEN", "UID SEARCH UNSEEN", "UID SEARCH UNSEEN", "UID SEARCH SEEN" }, 60, "" },
    { { "UID FETCH 1:2 FLAGS", "UID FETCH 1:2 FLAGS", "UID FETCH 1:2 FLAGS", "UID FETCH 1:2 FLAGS", "UID FETCH 1:2 FLAGS", "UID FETCH 1:2 FLAGS" }, 60, "" },
    { { "SEARCH ALL", "SEARCH ALL", "SEARCH ALL", "SEARCH ALL", "SEARCH ALL", "SEARCH ALL" }, 0, "" },
    { { "SEARCH ALL", "SEARCH ALL", "SEARCH ALL", "EXAMINE Other", "SEARCH ALL", "SEARCH ALL", "SEARCH ALL" }, 60, "" },
    { { "SEARCH ALL", "SEARCH ALL", "SEARCH ALL", "SEARCH ALL", "SEARCH ALL", "SEARCH ALL" }, 1740, "" },
    /* Once more could be chance; against the timeout; there is work between; of other mailboxes IDLE says nothing. */
    { { "NOOP", "NOOP", "NOOP", "NOOP" }, 60, "" },
    { { "NOOP", "NOOP", "NOOP", "NOOP", "NOOP", "NOOP" }, 1740, "" },
    { { "NOOP", "NOOP", "NOOP", "NOOP", "SEARCH UNSEEN", "NOOP" }, 60, "" },
    { { "STATUS Other (MESSAGES)", "STATUS Other (MESSAGES)", "STATUS Other (MESSAGES)", "STATUS Other (MESSAGES)", "STATUS Other (MESSAGES)" }, 60, "" },
    { { "UNSELECT", "NOOP", "NOOP", "NOOP", "NOOP", "NOOP" }, 60, "" },
    /* It does know. */
    { { "IDLE\r\nDONE", "NOOP", "NOOP", "NOOP", "NOOP", "NOOP" }, 60, "" },
    { { "NOTIFY SET (SELECTED (MessageNew MessageExpunge))", "NOOP", "NOOP", "NOOP", "NOOP", "NOOP" }, 60, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Talk) talk = talk_new (fixture, "127.0.0.1");

      talk->peer->is_tls = TRUE;
      talk_log_in_as (talk, BOB);
      talk_expect_prefix (talk, "NOOP", "t OK");
      g_free (talk_say (talk, "SELECT INBOX"));
      for (guint j = 0; j < G_N_ELEMENTS (cases[i].said) && cases[i].said[j] != NULL; j++)
        {
          ph_clock_advance (fixture->manual, cases[i].seconds * G_USEC_PER_SEC);
          note (cases[i].said[j]);
          g_free (talk_say (talk, cases[i].said[j]));
        }
      assert_findings (talk->journal, cases[i].told);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("greeting", test_greeting);
  ADD ("states", test_states);
  ADD ("login", test_login);
  ADD ("sync-literals", test_sync_literals);
  ADD ("failed-logins", test_failed_logins);
  ADD ("conduct/password", test_password_in_clear);
  ADD ("conduct/polling", test_polling);
  ADD ("V20-forbidden", test_forbidden);
  ADD ("authenticate", test_authenticate);
  ADD ("login-disabled", test_login_disabled);
  ADD ("starttls", test_starttls);
  ADD ("starttls-reason", test_starttls_reason);
  ADD ("one-identity", test_one_identity);
  ADD ("mistakes", test_mistakes);
  ADD ("V40-http", test_http);
  ADD ("literal-of-bad-command", test_literal_of_bad_command);
  ADD ("long-line", test_long_line);
  ADD ("splits", test_splits);
  ADD ("hang-up", test_hang_up);
  ADD ("transcript", test_transcript);
  ADD ("transcript-folds", test_transcript_folds);
  ADD ("longest-id", test_longest_id);
  ADD ("idle", test_idle);
  ADD ("deadlines", test_deadlines);

  return g_test_run ();
}
