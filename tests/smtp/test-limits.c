/* Limits, ends, waits and the journal of the receiving side. */

#include "session-fixture.h"

#include "ph-traffic.h"

static guint
count_refused (Fixture *fixture)
{
  guint n;

  ph_traffic_get (ph_journal_get_traffic (fixture->journal), PH_TRAFFIC_REFUSED, ph_clock_get_real_time (fixture->clock), 60, &n, 1);

  return n;
}

/* Sizes, room and long lines (S01, S08). */
static void
test_limits (Fixture      *fixture,
             gconstpointer data)
{
  g_autofree char *line = g_strnfill (990, 'x');
  g_autofree char *fits = g_strdup_printf ("%.*s\r\n12345678\r\n.\r\n", 988, line);
  g_autofree char *over = g_strdup_printf ("%.*s\r\n123456789\r\n.\r\n", 988, line);
  g_autofree char *noop = g_strnfill (3000, 'x');

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  expect (fixture, "EHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\nRCPT TO:<d@y.test>\r\nRCPT TO:<e@y.test>\r\nDATA\r\n", "220 250 250 250 250 250 452 354 ");
  g_assert_cmpuint (count_refused (fixture), ==, 1);
  expect (fixture, fits, "250 ");
  expect (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n", "250 250 354 ");
  expect (fixture, over, "552 ");
  g_assert_cmpuint (count_refused (fixture), ==, 2);
  expect (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nBDAT 999\r\n", "250 250 ");
  g_assert_cmpuint (fixture->handler->n_open, ==, 1);
  memcpy (noop, "NOOP ", 5);
  expect (fixture, "RSET\r\n", "");
  say (fixture, line);
  expect (fixture, "123BDAT 2\r\n\r\n", "250 552 ");
  g_assert_cmpuint (fixture->handler->n_open, ==, 0);
  expect (fixture, "BDAT 1 LAST\r\nxNOOP\r\nRSET\r\nBDAT 1001 LAST\r\n", "503 250 250 ");
  expect (fixture, fits, "503 500 "); /* its last two bytes are a command */

  /* A long line is one mistake, and the next line is a command again. */
  say (fixture, noop);
  expect (fixture, "\r\nNOOP\r\n", "500 250 ");
  noop[PH_SMTP_LINE_MAX - 2] = '\0';
  say (fixture, noop);
  expect (fixture, "\r\n", "250 ");

  /* RFC 4954 section 4 */
  {
    g_autofree char *answer = g_strnfill (PH_SMTP_AUTH_LINE_MAX, 'A');

    hang_up (fixture);
    connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
    expect (fixture, "EHLO there\r\nAUTH PLAIN\r\n", "220 250 334 ");
    say (fixture, answer);
    say (fixture, "\r\n");
    g_assert_cmpstr (fixture->output->str, ==, "500 5.5.6 Line too long\r\n");
    g_string_truncate (fixture->output, 0);
    say (fixture, "AUTH PLAIN ");
    say (fixture, answer);
    say (fixture, "\r\n");
    g_assert_cmpstr (fixture->output->str, ==, "500 5.5.6 Line too long\r\n");
    g_string_truncate (fixture->output, 0);
    hang_up (fixture);
    connect_as (fixture, PH_SMTP_ROLE_RELAY);
    expect (fixture, "EHLO there\r\n", "220 250 ");
  }

  fixture->handler->refuse_begin = TRUE;
  expect (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nRSET\r\n", "250 250 452 250 ");
  fixture->handler->refuse_begin = FALSE;
  fixture->handler->write_max = 5;
  expect (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\none\r\ntwo\r\nthree\r\n.\r\nNOOP\r\n", "250 250 354 452 250 ");
  g_assert_cmpuint (fixture->handler->accepted->len, ==, 0);
}

/* S01: a line of a message may be long, and is never cut; where it is too long, the message is refused as a whole. */
static void
test_long_line (Fixture      *fixture,
                gconstpointer data)
{
  PhSmtpConfig     config = { PH_SMTP_ROLE_RELAY, "mx.example.org", 0, 0, FALSE };
  g_autofree char *line = g_strnfill (PH_SMTP_TEXT_LINE_MAX, 'x');

  for (guint over = 0; over < 2; over++)
    for (guint in_chunks = 0; in_chunks < 2; in_chunks++)
      {
        g_autofree char *chunk = g_strdup_printf ("BDAT %u LAST\r\n", PH_SMTP_TEXT_LINE_MAX + over + 2);

        connect_with (fixture, &config, "192.0.2.1");
        expect (fixture, "EHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\n", "220 250 250 250 ");
        say (fixture, in_chunks ? chunk : "DATA\r\n");
        g_string_truncate (fixture->output, 0);
        say (fixture, line);
        say (fixture, over ? "x\r\n" : "\r\n");
        say (fixture, in_chunks ? "" : ".\r\n");
        if (over)
          g_assert_true (g_str_has_prefix (fixture->output->str, "554 5.6.0 "));
        else
          g_assert_true (g_str_has_prefix (fixture->output->str, "250 ") && g_str_has_suffix (stub_handler_get (fixture->handler, 0)->str, "xxxx\r\n"));
        g_assert_cmpuint (fixture->handler->accepted->len, ==, !over);
        hang_up (fixture);
      }
}

/* What ends a session: mistakes, guesses, HTTP and TLS in clear (V19, V20, V40). */
static void
test_give_up (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *endless = g_strnfill (1024 * 1024, 'x');

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  for (guint i = 0; i < PH_SMTP_ERRORS_MAX; i++)
    say (fixture, "WHAT\r\n");
  say (fixture, "NOOP\r\n");
  g_assert_true (g_str_has_suffix (fixture->output->str, "\r\n500 5.5.1 Unknown command\r\n421 4.7.0 Too many mistakes\r\n"));
  hang_up (fixture);

  connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
  expect (fixture, "EHLO there\r\nAUTH PLAIN " WRONG "\r\nAUTH PLAIN " WRONG "\r\nAUTH PLAIN " WRONG "\r\nAUTH PLAIN " PLAIN "\r\n", "220 250 535 535 535 421 ");
  hang_up (fixture);

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  expect (fixture, "POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO there\r\n", "220 421 ");
  hang_up (fixture);

  for (PhSmtpRole role = PH_SMTP_ROLE_RELAY; role <= PH_SMTP_ROLE_SUBMISSION; role++)
    {
      PhSmtpConfig config = { role, "mx.example.org", 1000, 3, TRUE };

      fixture->talks_first = TRUE;
      connect_with (fixture, &config, "127.0.0.1");
      fixture->talks_first = FALSE;
      expect (fixture, "EHLO there\r\n", role == PH_SMTP_ROLE_RELAY ? "421 " : "220 250 ");
      hang_up (fixture);
    }

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  g_string_truncate (fixture->output, 0);
  feed (fixture, "\x16\x03\x01\x02\x00", 5);
  g_assert_true (fixture->is_closed);
  hang_up (fixture);

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  say (fixture, endless);
  expect (fixture, "xxxx", "220 421 ");
  g_assert_true (fixture->is_closed);
}

/* V20: who has shown the password learns that sending is switched off, and nobody else; three of those are enough. */
static void
test_forbidden (Fixture      *fixture,
                gconstpointer data)
{
  g_object_set (ph_accounts_find (fixture->accounts, ALICE), "protocols", (guint)(PH_PROTOCOL_IMAP | PH_PROTOCOL_POP3), NULL);
  connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
  expect (fixture, "EHLO there\r\nAUTH PLAIN " WRONG "\r\n", "220 250 535 ");
  say (fixture, "AUTH PLAIN " PLAIN "\r\n");
  g_assert_cmpstr (fixture->output->str, ==, "525 5.7.13 Sending is switched off for this account\r\n");
  expect (fixture, "MAIL FROM:<" ALICE ">\r\nAUTH PLAIN " PLAIN "\r\n", "525 530 525 421 ");
  hang_up (fixture);
}

/* V20: who tries one unknown recipient after the other waits for each answer, and is sent away; what is
 * refused for the moment only is no guess. */
static void
test_tar_pit (Fixture      *fixture,
              gconstpointer data)
{
  PhSession       *session;
  guint            seconds, serial;
  g_autofree char *text = NULL;

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  session = PH_SESSION (fixture->session);
  say (fixture, "EHLO there\r\nMAIL FROM:<a@x.test>\r\n");
  for (guint i = 0; i < 2 * PH_SMTP_REFUSED_RECIPIENTS_MAX; i++)
    say (fixture, "RCPT TO:<full@x.test>\r\n");
  g_string_truncate (fixture->output, 0);
  for (guint i = 0; i < PH_SMTP_REFUSED_AT_ONCE; i++)
    expect (fixture, "RCPT TO:<unknown@x.test>\r\n", "550 ");
  g_assert_cmpuint (fixture->n_held, ==, 0);

  /* Not before its time, and nothing else is answered meanwhile. */
  fixture->handler->hold = TRUE;
  expect (fixture, "RCPT TO:<unknown@x.test>\r\nNOOP\r\n", "");
  seconds = ph_session_get_deadline (session, &serial);
  g_assert_cmpuint (seconds, ==, PH_SMTP_TAR_PIT_SECONDS);
  ph_session_timed_out (session);
  seconds = ph_session_get_deadline (session, &serial);
  g_assert_cmpuint (seconds, ==, PH_SMTP_COMMAND_SECONDS);
  fixture->handler->hold = FALSE;
  expect (fixture, "", "550 250 ");

  /* The transaction stands, and known recipients are welcome. */
  expect (fixture, "RCPT TO:<b@y.test>\r\nRSET\r\nMAIL FROM:<a@x.test>\r\n", "250 250 250 ");
  for (guint i = PH_SMTP_REFUSED_AT_ONCE + 2; i < PH_SMTP_REFUSED_RECIPIENTS_MAX; i++)
    expect (fixture, "RCPT TO:<unknown@x.test>\r\n", "550 ");
  expect (fixture, "RCPT TO:<unknown@x.test>\r\nRCPT TO:<b@y.test>\r\n", "550 421 ");
  g_assert_true (fixture->is_closed);

  ph_journal_flush (fixture->journal);
  text = ph_journal_session_export (fixture->log, PH_JOURNAL_EXPORT_TEXT);
  g_assert_nonnull (strstr (text, "it waits for each answer"));
  g_assert_nonnull (strstr (text, "it is sent away"));
}

/* A client that hangs up in the tar-pit, and a server that goes down. */
static void
test_tar_pit_end (Fixture      *fixture,
                  gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      connect_as (fixture, PH_SMTP_ROLE_RELAY);
      say (fixture, "EHLO there\r\nMAIL FROM:<a@x.test>\r\n");
      for (guint n = 0; n < PH_SMTP_REFUSED_AT_ONCE; n++)
        say (fixture, "RCPT TO:<unknown@x.test>\r\n");
      fixture->handler->hold = TRUE;
      say (fixture, "RCPT TO:<unknown@x.test>\r\n");
      g_assert_nonnull (fixture->session->held_refusal);
      g_string_truncate (fixture->output, 0);
      if (i == 1)
        {
          ph_session_shut_down (PH_SESSION (fixture->session), "The server is going down");
          take_output (fixture);
          g_assert_cmpstr (fixture->output->str, ==, "421 4.3.2 The server is going down\r\n");
        }
      hang_up (fixture);
    }
}

static void
test_strict_lines (Fixture      *fixture,
                   gconstpointer data)
{
  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  expect (fixture, "EHLO there\nEHLO there\r\nNOOP\n\r\nMAIL FROM:<a@x.test>\n", "220 500 250 500 500 500 ");
  feed (fixture, "NOOP\0x\r\n", 8);
  expect (fixture, "", "501 ");
  hang_up (fixture);

  connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
  expect (fixture, "EHLO there\nNOOP\n", "220 250 250 ");
}

/* The wait for the handler: nothing is taken, QUIT is answered after it. */
static void
test_async_end (Fixture      *fixture,
                gconstpointer data)
{
  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  fixture->handler->hold = TRUE;
  expect (fixture, "EHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nf\xfcnf\r\n.\r\nQUIT\r\n", "220 250 250 250 354 ");
  g_assert_cmpstr (fixture->pending->str, ==, "QUIT\r\n");
  g_assert_cmpint (fixture->session->envelope->body, ==, PH_SMTP_BODY_8BITMIME);
  expect (fixture, "", "");

  stub_handler_release (fixture->handler);
  iterate_all ();
  expect (fixture, "", "250 221 ");
  g_assert_true (fixture->is_closed);
}

static void
mark_cb (gpointer data)
{
  *(gboolean *)data = TRUE;
}

static void
changed_cb (PhSession *session,
            gpointer   user_data)
{
  mark_cb (user_data);
}

static void
test_changed (Fixture      *fixture,
              gconstpointer data)
{
  gboolean is_changed = FALSE;

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  fixture->handler->hold = TRUE;
  say (fixture, "EHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n.\r\n");
  ph_session_set_driver (PH_SESSION (fixture->session), changed_cb, &is_changed);
  stub_handler_release (fixture->handler);
  iterate_all ();
  g_assert_true (is_changed);
  ph_session_set_driver (PH_SESSION (fixture->session), NULL, NULL);
}

/* The client hangs up at any byte; hang_up() looks for what is left over. */
static void
test_hang_up (Fixture      *fixture,
              gconstpointer data)
{
  static const char said[] = "EHLO there\r\nAUTH LOGIN YWxpY2VAZXhhbXBsZS5vcmc=\r\nb3BlbiBzZXNhbWU=\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nx\r\n.\r\n"
                             "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nBDAT 5\r\nabcdeBDAT 2 LAST\r\n\r\n";

  for (gsize length = 1; length < sizeof said; length++)
    {
      connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
      fixture->handler->hold = length % 2 == 0;
      feed (fixture, said, length);
      hang_up (fixture);
    }
}

/* While the handler and the authenticator are at work. */
static void
test_end_in_wait (Fixture      *fixture,
                  gconstpointer data)
{
  static const char login[] = "EHLO there\r\nAUTH PLAIN " PLAIN "\r\n";

  connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
  ph_session_feed (PH_SESSION (fixture->session), (const guint8 *)login, sizeof login - 1);
  g_assert_cmpint (fixture->session->input, ==, PH_SMTP_INPUT_WAIT);
  hang_up (fixture);

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  fixture->handler->hold = TRUE;
  say (fixture, "EHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n.\r\n");
  g_string_truncate (fixture->output, 0);
  ph_session_shut_down (PH_SESSION (fixture->session), "The server is going down");
  stub_handler_release (fixture->handler);
  iterate_all ();
  take_output (fixture);
  g_assert_cmpstr (fixture->output->str, ==, "421 4.3.2 The server is going down\r\n");
}

static void
test_deadlines (Fixture      *fixture,
                gconstpointer data)
{
  PhSmtpConfig     config = { PH_SMTP_ROLE_RELAY, "mx.example.org", 0, 0, FALSE };
  guint            before, after;
  g_autofree char *line = g_strnfill (PH_SMTP_DATA_STEP, 'x');

  connect_with (fixture, &config, "192.0.2.1");
  g_assert_cmpuint (ph_session_get_deadline (PH_SESSION (fixture->session), &before), ==, 300);
  say (fixture, "EHLO the");
  ph_session_get_deadline (PH_SESSION (fixture->session), &after);
  g_assert_cmpuint (after, ==, before);
  say (fixture, "re\r\n");
  ph_session_get_deadline (PH_SESSION (fixture->session), &after);
  g_assert_cmpuint (after, >, before);

  /* V38: the deadline is for 150,000 bytes, not for the next one. */
  say (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n");
  ph_session_get_deadline (PH_SESSION (fixture->session), &before);
  feed (fixture, line, PH_SMTP_DATA_STEP - 1);
  ph_session_get_deadline (PH_SESSION (fixture->session), &after);
  g_assert_cmpuint (after, ==, before);
  say (fixture, "x");
  ph_session_get_deadline (PH_SESSION (fixture->session), &after);
  g_assert_cmpuint (after, >, before);

  g_string_truncate (fixture->output, 0);
  ph_session_timed_out (PH_SESSION (fixture->session));
  take_output (fixture);
  g_assert_cmpstr (fixture->output->str, ==, "421 4.4.2 Timed out\r\n");
  g_assert_true (ph_session_wants_close (PH_SESSION (fixture->session)));
}

/* Without TLS and not on loopback there is no AUTH to be had. */
static void
test_unprotected (Fixture      *fixture,
                  gconstpointer data)
{
  PhSmtpConfig config = { PH_SMTP_ROLE_SUBMISSION, "mx.example.org", 1000, 3, TRUE };

  connect_with (fixture, &config, "192.0.2.1");
  say (fixture, "EHLO there\r\n");
  g_assert_cmpstr (fixture->output->str, ==, GREETING EHLO ("", TLS));
  expect (fixture, "AUTH PLAIN " PLAIN "\r\nMAIL FROM:<a@x.test>\r\n", "220 250 538 530 ");
}

/* A reader that does not read gets no more answers, and its input waits. */
static void
test_back_pressure (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (GString) said = g_string_new (NULL);
  PhSession *session;
  gsize      taken;

  for (guint i = 0; i < 20000; i++)
    g_string_append (said, "NOOP\r\n");

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  session = PH_SESSION (fixture->session);
  taken = ph_session_feed (session, (const guint8 *)said->str, said->len);
  g_assert_cmpuint (taken, <, said->len);
  g_assert_cmpuint (ph_buffer_get_length (ph_session_get_output (session)), <, PH_SESSION_OUTPUT_HIGH + 512);
  take_output (fixture);
  ph_session_drained (session);
  g_assert_cmpuint (ph_session_feed (session, (const guint8 *)said->str + taken, said->len - taken), >, 0);
}

/* The journal has every line, and no password, whoever says it when. */
static void
test_journal (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *text = NULL;
  g_autofree char *name = NULL;

  connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
  say (fixture, "AUTH PLAIN " PLAIN "\r\n" PLAIN "\r\nEHLO there\r\nAUTH PLAIN\r\n" PLAIN "x\r\nauth  plain  " PLAIN "\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nsecret body\r\n.\r\n");
  ph_journal_flush (fixture->journal);
  text = ph_journal_session_export (fixture->log, PH_JOURNAL_EXPORT_TEXT);
  note (text);
  g_assert_null (strstr (text, "AGFsaWNl"));
  g_assert_null (strstr (text, "secret body"));
  g_assert_nonnull (strstr (text, "AUTH PLAIN"));
  g_assert_nonnull (strstr (text, "auth  plain"));
  g_assert_nonnull (strstr (text, "235 2.7.0 Welcome"));
  g_assert_nonnull (strstr (text, "message, 13 bytes"));
  g_assert_cmpstr (ph_journal_session_get_account (fixture->log), ==, ALICE);
  g_object_get (fixture->log, "client-name", &name, NULL);
  g_assert_cmpstr (name, ==, "there");
}

/* A reply of several lines is one line of the journal, a single one as it was. */
static void
test_journal_replies (Fixture      *fixture,
                      gconstpointer data)
{
  GListModel *lines;
  guint       n_several = 0;

  connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
  say (fixture, "EHLO there\r\nHELP\r\nNOOP\r\n");
  ph_journal_flush (fixture->journal);
  lines = ph_journal_session_get_lines (fixture->log);
  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, 7);
  for (guint i = 0; i < 7; i++)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, i);
      const char *text = ph_journal_line_get_text (line);

      g_assert_cmpint (ph_journal_line_get_voice (line), ==, i % 2 == 0 ? PH_JOURNAL_SERVER : PH_JOURNAL_CLIENT);
      if (ph_journal_line_get_n_lines (line) > 1)
        {
          g_assert_true (g_str_has_prefix (text, n_several == 0 ? "250-" : "214-2.0.0 "));
          g_assert_nonnull (strstr (text, n_several == 0 ? "\n250-SIZE " : "\n214 2.0.0 See RFC "));
          n_several++;
        }
    }
  g_assert_cmpuint (n_several, ==, 2);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, data, function) g_test_add ("/smtp/session/" name, Fixture, data, set_up, function, tear_down)
  ADD ("limits", NULL, test_limits);
  ADD ("S01/long-line", NULL, test_long_line);
  ADD ("give-up", NULL, test_give_up);
  ADD ("V20-forbidden", NULL, test_forbidden);
  ADD ("V20/tar-pit", NULL, test_tar_pit);
  ADD ("V20/tar-pit-end", NULL, test_tar_pit_end);
  ADD ("strict-lines", NULL, test_strict_lines);
  ADD ("async-end", NULL, test_async_end);
  ADD ("changed", NULL, test_changed);
  ADD ("hang-up", NULL, test_hang_up);
  ADD ("end-in-wait", NULL, test_end_in_wait);
  ADD ("deadlines", NULL, test_deadlines);
  ADD ("unprotected", NULL, test_unprotected);
  ADD ("back-pressure", NULL, test_back_pressure);
  ADD ("journal", NULL, test_journal);
  ADD ("journal/replies", NULL, test_journal_replies);
#undef ADD

  return g_test_run ();
}
