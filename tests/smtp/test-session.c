/* Whole conversations of the receiving side. */

#include "session-fixture.h"

#include "ph-journal-line.h"
#include "ph-traffic.h"

#include "../support/findings.h"

/* Whole conversations: what is said, and every byte of what is answered. */

typedef struct
{
  PhSmtpRole  role;
  const char *said;
  const char *answered;
  const char *kept; /* messages, joined by '#' */
} Conversation;

static const Conversation conversations[] = {
  /* One message for two people here, and one refused (S05, S06). */
  { PH_SMTP_ROLE_RELAY,
    "EHLO there\r\nMAIL FROM:<a@x.test> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<unknown@y.test>\r\nRCPT TO:<c@y.test>\r\nDATA\r\n"
    "Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n",
    GREETING EHLO ("", TLS) "250 2.1.0 OK\r\n250 2.1.5 OK\r\n550-5.1.1 Nobody\r\n550 5.1.1 of that name\r\n250 2.1.5 OK\r\n" GO "250 2.0.0 Kept\r\n221 2.0.0 Bye\r\n",
    "a@x.test|b@y.test,c@y.test|Subject: x\r\n\r\n.dot\r\n" },
  /* Two messages; HELO has no extensions (S04). */
  { PH_SMTP_ROLE_RELAY,
    "HELO there\r\nMAIL FROM:<a@x.test> SIZE=10\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nRCPT TO:<b@y.test>\r\nDATA\r\none\r\n.\r\n"
    "mail from:<A@X.test>\r\nrcpt to:<@relay.test,@other.test:b@Y.TEST>\r\ndata\r\ntwo\r\n.\r\nquit\r\n",
    GREETING "250 mx.example.org\r\n555 5.5.4 Unknown parameter\r\n250 2.1.0 OK\r\n250 2.1.5 OK\r\n452 4.5.3 One recipient where there is no sender\r\n" GO
             "250 2.0.0 Kept\r\n250 2.1.0 OK\r\n250 2.1.5 OK\r\n" GO "250 2.0.0 Kept\r\n221 2.0.0 Bye\r\n",
    "|postmaster|one\r\n#A@x.test|b@y.test|two\r\n" },
  /* The order of commands (S04), and what is not done (S11). */
  { PH_SMTP_ROLE_RELAY,
    "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nEHLO\r\nEHLO there\r\nRCPT TO:<b@y.test>\r\nDATA\r\nMAIL FROM:<a@x.test>\r\nDATA\r\nMAIL FROM:<a@x.test>\r\n"
    "RCPT TO:<unknown@y.test>\r\nDATA\r\nRSET\r\nDATA\r\nVRFY bob\r\nEXPN list\r\nHELP\r\nNOOP what ever\r\nETRN x\r\nAUTH PLAIN\r\nWHAT\r\nRSET x\r\nQUIT x\r\nQUIT\r\n",
    GREETING "503 5.5.1 Say EHLO first\r\n503 5.5.1 Say EHLO first\r\n503 5.5.1 Say EHLO first\r\n501 5.5.4 Say your host name\r\n" EHLO ("", TLS) "503 5.5.1 Say MAIL first\r\n503 5.5.1 Say MAIL first\r\n250 2.1.0 OK\r\n503 5.5.1 Say RCPT first\r\n503 5.5.1 Not while a message is under way\r\n"
                                                                                                                                                   "550-5.1.1 Nobody\r\n550 5.1.1 of that name\r\n554 5.5.1 No valid recipients\r\n250 2.0.0 OK\r\n503 5.5.1 Say MAIL first\r\n"
                                                                                                                                                   "252 2.0.0 Send mail, and we shall see\r\n502 5.5.1 Not offered\r\n214-2.0.0 Commands now: EHLO HELO HELP MAIL NOOP QUIT RSET STARTTLS VRFY\r\n214 2.0.0 See RFC 5321\r\n"
                                                                                                                                                   "250 2.0.0 OK\r\n502 5.5.1 Not offered\r\n502 5.5.1 There is no login here\r\n500 5.5.1 Unknown command\r\n501 5.5.4 RSET takes no parameter\r\n501 5.5.4 QUIT takes no parameter\r\n221 2.0.0 Bye\r\n",
    "" },
  /* HELP names what is of use in each state: before EHLO, after it, in a message, between chunks, once logged in (S11). */
  { PH_SMTP_ROLE_SUBMISSION,
    "HELP\r\nEHLO there\r\nHELP me\r\nAUTH PLAIN " PLAIN "\r\nHELP\r\nMAIL FROM:<a@x.test>\r\nHELP\r\nRCPT TO:<b@y.test>\r\nBDAT 2\r\n\r\nHELP\r\nHELO there\r\nQUIT\r\n",
    GREETING "214-2.0.0 Commands now: EHLO HELO HELP NOOP QUIT RSET STARTTLS VRFY\r\n214 2.0.0 See RFC 5321\r\n" EHLO (AUTH, TLS) "214-2.0.0 Commands now: AUTH EHLO HELO HELP MAIL NOOP QUIT RSET STARTTLS VRFY\r\n214 2.0.0 See RFC 5321\r\n"
                                                                                                                                  "235 2.7.0 Welcome\r\n214-2.0.0 Commands now: EHLO HELO HELP MAIL NOOP QUIT RSET STARTTLS VRFY\r\n214 2.0.0 See RFC 5321\r\n"
                                                                                                                                  "250 2.1.0 OK\r\n214-2.0.0 Commands now: BDAT DATA EHLO HELO HELP NOOP QUIT RCPT RSET VRFY\r\n214 2.0.0 See RFC 5321\r\n"
                                                                                                                                  "250 2.1.5 OK\r\n250 2.0.0 2 bytes\r\n214-2.0.0 Commands now: BDAT EHLO HELO HELP NOOP QUIT RSET VRFY\r\n214 2.0.0 See RFC 5321\r\n250 mx.example.org\r\n221 2.0.0 Bye\r\n",
    "" },
  /* Submission: AUTH, then a bare LF that is mended but never ends the data (V01). */
  { PH_SMTP_ROLE_SUBMISSION,
    "EHLO there\r\nMAIL FROM:<a@x.test>\r\nAUTH PLAIN " WRONG "\r\nAUTH PLAIN\r\n*\r\nAUTH PLAIN\r\n" PLAIN "\r\nAUTH PLAIN " PLAIN "\r\n"
    "MAIL FROM: <a@x.test> AUTH=<>\r\nRCPT TO: <b@y.test>\r\nDATA\r\none\n.\ntwo\n.\r\n.\r\nQUIT\r\n",
    GREETING EHLO (AUTH, TLS) "530 5.7.0 Log in first\r\n535 5.7.8 Wrong name or password\r\n334 \r\n501 5.7.0 Cancelled\r\n334 \r\n235 2.7.0 Welcome\r\n503 5.5.1 You are logged in already\r\n"
                              "250 2.1.0 OK\r\n250 2.1.5 OK\r\n" GO "250 2.0.0 Kept\r\n221 2.0.0 Bye\r\n",
    "a@x.test|b@y.test|one\r\n.\r\ntwo\r\n.\r\n" },
  /* LOGIN, with and without an initial response; EHLO then offers no more AUTH. */
  { PH_SMTP_ROLE_SUBMISSION,
    "EHLO there\r\nAUTH LOGIN !!\r\nAUTH NONE\r\nAUTH\r\nAUTH LOGIN\r\nYWxpY2VAZXhhbXBsZS5vcmc=\r\nb3BlbiBzZXNhbWU=\r\nEHLO again\r\nQUIT\r\n",
    GREETING EHLO (AUTH, TLS) "501 5.5.2 Not what the mechanism says\r\n504 5.5.4 Unknown mechanism\r\n501 5.5.4 Syntax: AUTH MECHANISM\r\n334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 2.7.0 Welcome\r\n" EHLO ("", TLS) "221 2.0.0 Bye\r\n",
    "" },
  /* BDAT (S07): chunks, dots that mean nothing, a chunk for nobody that is read all the same. */
  { PH_SMTP_ROLE_RELAY,
    "EHLO there\r\nBDAT 6\r\nQUIT\r\nMAIL FROM:<a@x.test>\r\nBDAT 4 LAST\r\nRSETRSET\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nBDAT 3\r\n.\r\nRCPT TO:<c@y.test>\r\nDATA\r\nBDAT 5\r\n.\r\n.\rBDAT 1\r\n\nBDAT 0 LAST\r\n"
    "MAIL FROM:<a@x.test>\r\nQUIT\r\n",
    GREETING EHLO ("", TLS) "503 5.5.1 Say MAIL first\r\n250 2.1.0 OK\r\n503 5.5.1 No valid recipients\r\n250 2.0.0 OK\r\n250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.0.0 3 bytes\r\n"
                            "503 5.5.1 BDAT has begun: only BDAT or RSET may follow\r\n503 5.5.1 BDAT has begun: only BDAT or RSET may follow\r\n250 2.0.0 5 bytes\r\n250 2.0.0 1 bytes\r\n250 2.0.0 Kept\r\n"
                            "250 2.1.0 OK\r\n221 2.0.0 Bye\r\n",
    "a@x.test|b@y.test|.\r\n.\r\n.\r\n" },
  /* BINARYMIME comes by BDAT, and any byte in it is one (RFC 3030 section 3). */
  { PH_SMTP_ROLE_RELAY,
    "EHLO there\r\nMAIL FROM:<a@x.test> BODY=BINARYMIME\r\nRCPT TO:<b@y.test>\r\nDATA\r\nBDAT 6\r\nx\n\r.\r\nBDAT 3 LAST\r\n\n.\nQUIT\r\n",
    GREETING EHLO ("", TLS) "250 2.1.0 OK\r\n250 2.1.5 OK\r\n503 5.5.1 BINARYMIME comes by BDAT\r\n250 2.0.0 6 bytes\r\n250 2.0.0 Kept\r\n221 2.0.0 Bye\r\n",
    "a@x.test|b@y.test|x\n\r.\r\n\n.\n" },
  /* LMTP (RFC 2033): LHLO, and one answer for each recipient that was accepted. */
  { PH_SMTP_ROLE_LMTP,
    "EHLO there\r\nHELO there\r\nMAIL FROM:<>\r\nLHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<unknown@y.test>\r\nDATA\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\n"
    "DATA\r\none\r\n.\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\nBDAT 5\r\ntwo\r\nBDAT 0 LAST\r\nHELP\r\nQUIT\r\n",
    "220 mx.example.org LMTP Posthouse\r\n500 5.5.1 Unknown command\r\n500 5.5.1 Unknown command\r\n503 5.5.1 Say LHLO first\r\n" EHLO ("", TLS) "250 2.1.0 OK\r\n550-5.1.1 Nobody\r\n550 5.1.1 of that name\r\n"
                                                                                                                                                 "503 5.5.1 No valid recipients\r\n250 2.1.5 OK\r\n250 2.1.5 OK\r\n" GO "250 2.0.0 Kept\r\n250 2.0.0 Kept\r\n"
                                                                                                                                                 "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.1.5 OK\r\n250 2.0.0 5 bytes\r\n250 2.0.0 Kept\r\n250 2.0.0 Kept\r\n"
                                                                                                                                                 "214-2.0.0 Commands now: HELP LHLO MAIL NOOP QUIT RSET STARTTLS VRFY\r\n214 2.0.0 See RFC 2033\r\n221 2.0.0 Bye\r\n",
    "a@x.test|b@y.test,c@y.test|one\r\n#a@x.test|b@y.test,c@y.test|two\r\n" },
  /* LMTP: a last chunk that is refused has an answer for each, too, and ends the transaction; nobody is no one's 503 (RFC 2033
   * section 4.2); a report may be for several, as who hands it over has taken it. */
  { PH_SMTP_ROLE_LMTP,
    "LHLO there\r\nMAIL FROM:<>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<b@y.test>\r\nBDAT 2\r\nab"
    "BDAT 999\r\n",
    "220 mx.example.org LMTP Posthouse\r\n" EHLO ("", TLS) "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.1.5 OK\r\n250 2.0.0 2 bytes\r\n",
    "" },
  { PH_SMTP_ROLE_LMTP,
    "LHLO there\r\nMAIL FROM:<>\r\nBDAT 1 LAST\r\nxMAIL FROM:<>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<b@y.test>\r\nBDAT 3\r\na\rbBDAT 2 LAST\r\n\r\n"
    "MAIL FROM:<>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\nBDAT 1 LAST\r\nxMAIL FROM:<a@x.test>\r\n",
    "220 mx.example.org LMTP Posthouse\r\n" EHLO ("", TLS) "250 2.1.0 OK\r\n503 5.5.1 No valid recipients\r\n250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.1.5 OK\r\n250 2.0.0 3 bytes\r\n"
                                                           "550 5.5.2 Line 1 of the message has a bare CR or LF\r\n550 5.5.2 Line 1 of the message has a bare CR or LF\r\n"
                                                           "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.1.5 OK\r\n250 2.0.0 Kept\r\n250 2.0.0 Kept\r\n250 2.1.0 OK\r\n",
    "|b@y.test,c@y.test|x" },
  /* BDAT: a last chunk that is refused ends the transaction, so that a client which says no RSET may go on. */
  { PH_SMTP_ROLE_RELAY,
    "EHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<unknown@y.test>\r\nBDAT 3\r\nabcBDAT 3 LAST\r\nabcMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nBDAT 2 LAST\r\n\r\nBDAT 2 LAST\r\n\r\nQUIT\r\n",
    GREETING EHLO ("", TLS) "250 2.1.0 OK\r\n550-5.1.1 Nobody\r\n550 5.1.1 of that name\r\n554 5.5.1 No valid recipients\r\n503 5.5.1 An earlier chunk was refused: say RSET\r\n250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.0.0 Kept\r\n503 5.5.1 Say MAIL first\r\n221 2.0.0 Bye\r\n",
    "a@x.test|b@y.test|\r\n" },
  /* A refused message is refused for each of them. */
  { PH_SMTP_ROLE_LMTP,
    "LHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\nDATA\r\na\rb\r\n.\r\n",
    "220 mx.example.org LMTP Posthouse\r\n" EHLO ("", TLS) "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.1.5 OK\r\n" GO "550 5.5.2 Line 1 of the message has a bare CR or LF\r\n550 5.5.2 Line 1 of the message has a bare CR or LF\r\n"
                                                           "421 4.7.0 What follows such a message is not read\r\n",
    "" },
  /* A TLS session starts anew. */
  { PH_SMTP_ROLE_SUBMISSION,
    "EHLO there\r\nAUTH PLAIN " PLAIN "\r\nSTARTTLS x\r\nSTARTTLS\r\n",
    GREETING EHLO (AUTH, TLS) "235 2.7.0 Welcome\r\n501 5.5.4 STARTTLS takes no parameter\r\n220 2.0.0 Go ahead with TLS\r\n<TLS>\r\n",
    "" },
};

static char *
join_kept (StubHandler *handler)
{
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < handler->accepted->len; i++)
    g_string_append_printf (all, "%s%s", i == 0 ? "" : "#", stub_handler_get (handler, i)->str);

  return g_string_free (all, FALSE);
}

/* Whole, byte by byte and in random pieces: the same answers. */
static void
test_conversations (Fixture      *fixture,
                    gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (conversations); i++)
    for (guint split = 0; split < 8; split++)
      {
        const Conversation *conversation = &conversations[i];
        g_autofree char    *kept = NULL;

        connect_as (fixture, conversation->role);
        say_split (fixture, conversation->said, strlen (conversation->said), split);
        kept = join_kept (fixture->handler);
        g_assert_cmpstr (fixture->output->str, ==, conversation->answered);
        g_assert_cmpstr (kept, ==, conversation->kept);
        hang_up (fixture);
      }
}

/* S06: the answers to pipelined commands are there at once, for one write. */
static void
test_one_write (Fixture      *fixture,
                gconstpointer data)
{
  static const char said[] = "EHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n";

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  g_assert_cmpuint (ph_session_feed (PH_SESSION (fixture->session), (const guint8 *)said, sizeof said - 1), ==, sizeof said - 1);
  g_assert_nonnull (strstr ((const char *)ph_buffer_get_data (ph_session_get_output (PH_SESSION (fixture->session))), "354 "));
}

/* V03: what comes behind STARTTLS in clear closes the connection, or is seen by nobody. */
static void
test_starttls (Fixture      *fixture,
               gconstpointer data)
{
  connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
  say (fixture, "EHLO there\r\nSTARTTLS\r\nNOOP\r\n");
  g_assert_true (fixture->is_closed);
  g_assert_true (g_str_has_suffix (fixture->output->str, "250 HELP\r\n220 2.0.0 Go ahead with TLS\r\n"));
  hang_up (fixture);

  connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
  expect (fixture, "EHLO there\r\nAUTH PLAIN " PLAIN "\r\nSTARTTLS\r\n", "220 250 235 220 <TLS> ");
  g_assert_null (ph_smtp_session_get_helo (fixture->session));
  g_assert_null (ph_smtp_session_get_account (fixture->session));
  expect (fixture, "MAIL FROM:<a@x.test>\r\nEHLO there\r\nMAIL FROM:<a@x.test>\r\nSTARTTLS\r\n", "503 250 530 503 ");
  g_assert_true (ph_smtp_session_is_extended (fixture->session));
  expect (fixture, "AUTH PLAIN " PLAIN "\r\nMAIL FROM:<a@x.test> SMTPUTF8\r\nSTARTTLS\r\n", "235 250 503 ");
  g_assert_true (fixture->session->envelope->smtputf8);
  g_assert_cmpstr (ph_account_get_address (ph_smtp_session_get_account (fixture->session)), ==, ALICE);
}

/* Why the first reply that begins so was given. */
static char *
dup_reasons (Fixture    *fixture,
             const char *reply)
{
  GListModel *lines = ph_journal_session_get_lines (fixture->log);

  ph_journal_flush (fixture->journal);
  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, i);
      g_auto (GStrv) reasons = ph_journal_line_dup_reasons (line);

      if (g_str_has_prefix (ph_journal_line_get_text (line), reply))
        return g_strjoinv ("|", reasons);
    }

  return NULL;
}

/* The log knows why where the reply alone does not say it. */
static void
test_reasons (Fixture      *fixture,
              gconstpointer data)
{
  PhSmtpConfig     config = { PH_SMTP_ROLE_RELAY, "mx.example.org", 1000, 3, FALSE };
  PhSmtpConfig     lmtp = { PH_SMTP_ROLE_LMTP, "mx.example.org", 1000, 3, FALSE };
  g_autofree char *no_tls = NULL;
  g_autofree char *chunk = NULL;
  g_autofree char *lmtp_no_tls = NULL;

  connect_with (fixture, &config, "192.0.2.1");
  expect (fixture, "EHLO there\r\nSTARTTLS\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nBDAT 1001\r\n", "220 250 502 250 250 ");
  for (guint i = 0; i < 1001; i++)
    say (fixture, "x");
  no_tls = dup_reasons (fixture, "502");
  chunk = dup_reasons (fixture, "552");
  g_assert_cmpstr (no_tls, ==, "The service has no certificate, or its TLS is switched off (Tls of the service)");
  g_assert_cmpstr (chunk, ==, "The message has 1.0\302\240kB (1001 bytes), or is said to; the settings take 1.0\302\240kB (1000 bytes) (MessageSizeMax in [Mail])|refused chunk, 1,001 bytes");
  hang_up (fixture);

  connect_with (fixture, &lmtp, "192.0.2.1");
  expect (fixture, "LHLO there\r\nSTARTTLS\r\n", "220 250 502 ");
  lmtp_no_tls = dup_reasons (fixture, "502");
  g_assert_cmpstr (lmtp_no_tls, ==, no_tls);
}

/* Mechanism and name are told, and nothing of a password, in whatever form it comes (V48); a wrong one counts as refused. */
static void
test_names (Fixture      *fixture,
            gconstpointer data)
{
  static const struct
  {
    const char *said;
    const char *note; /* NULL: nobody was named */
    guint       n_refused;
  } cases[] = {
    { "AUTH PLAIN " PLAIN "\r\n", "Login with PLAIN as " ALICE "\n", 0 },
    { "AUTH PLAIN\r\n" WRONG "\r\n", "Login with PLAIN as " ALICE "\n", 1 },
    { "AUTH LOGIN\r\nYWxpY2VAZXhhbXBsZS5vcmc=\r\nb3BlbiBzZXNhbWU=\r\n", "Login with LOGIN as " ALICE "\n", 0 },
    { "AUTH LOGIN YWxpY2VAZXhhbXBsZS5vcmc=\r\nd3Jvbmc=\r\n", "Login with LOGIN as " ALICE "\n", 1 },
    { "AUTH LOGIN YWxpY2VAZXhhbXBsZS5vcmc=\r\n*\r\n", "Login with LOGIN as " ALICE "\n", 0 },
    /* bob, alice@example.org, open sesame */
    { "AUTH PLAIN Ym9iAGFsaWNlQGV4YW1wbGUub3JnAG9wZW4gc2VzYW1l\r\n", "Login with PLAIN as " ALICE ", to act as bob\n", 1 },
    /* n,,n=alice@example.org,r=abc */
    { "AUTH SCRAM-SHA-256 biwsbj1hbGljZUBleGFtcGxlLm9yZyxyPWFiYw==\r\n*\r\n", "Login with SCRAM-SHA-256 as " ALICE "\n", 0 },
    { "AUTH XOAUTH2 b3BlbiBzZXNhbWU=\r\nb3BlbiBzZXNhbWU=\r\n", NULL, 0 },
    { "AUTH PLAIN b3BlbiBzZXNhbWU=\r\nb3BlbiBzZXNhbWU=\r\n", NULL, 0 },
    /* Not a name: one octet is not UTF-8. */
    { "AUTH LOGIN\r\nb3BlbiBzZXNhbWX/\r\nb3BlbiBzZXNhbWU=\r\n", NULL, 0 },
  };
  guint n_before = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = NULL;
      const char      *named;
      guint            n_refused;

      connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
      say (fixture, "EHLO x\r\n");
      say (fixture, cases[i].said);
      ph_journal_flush (fixture->journal);
      text = ph_journal_session_export (fixture->log, PH_JOURNAL_EXPORT_TEXT);
      note (text);
      named = strstr (text, "-- Login with ");
      g_assert_cmpint (named != NULL, ==, cases[i].note != NULL);
      if (named != NULL)
        g_assert_true (g_str_has_prefix (named + 3, cases[i].note));
      for (guint j = 0; j < 4; j++)
        g_assert_null (strstr (text, ((const char *[]){ "sesame", "b3BlbiBzZXNhb", "9wZW4gc2VzYW", "AGFsaWNl" })[j]));
      ph_traffic_get (ph_journal_get_traffic (fixture->journal), PH_TRAFFIC_REFUSED, ph_clock_get_real_time (fixture->clock), PH_TRAFFIC_MINUTES, &n_refused, 1);
      g_assert_cmpuint (n_refused - n_before, ==, cases[i].n_refused);
      n_before = n_refused;
      hang_up (fixture);
    }
}

/* From elsewhere nothing is offered in clear that shows a password, nor taken (RFC 4954 section 4). */
static void
test_clear (Fixture      *fixture,
            gconstpointer data)
{
  PhSmtpConfig config = { PH_SMTP_ROLE_SUBMISSION, "mx.example.org", 1000, 3, TRUE };

  connect_with (fixture, &config, "192.0.2.1");
  say (fixture, "EHLO there\r\n");
  g_assert_null (strstr (fixture->output->str, "AUTH"));
  g_string_truncate (fixture->output, 0);
  expect (fixture, "AUTH PLAIN " PLAIN "\r\nAUTH LOGIN\r\nSTARTTLS\r\n", "538 538 220 <TLS> ");
  say (fixture, "EHLO there\r\n");
  g_assert_nonnull (strstr (fixture->output->str, AUTH));
}

/* RFC 3207 section 4: what may come before TLS, where it is required; then everything. */
static void
test_must_use_tls (Fixture      *fixture,
                   gconstpointer data)
{
  fixture->must_use_tls = TRUE;
  connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
  expect (fixture, "HELO there\r\nMAIL FROM:<a@x.test>\r\nRSET\r\nHELP\r\nNOOP\r\nWHAT\r\nEHLO there\r\nAUTH PLAIN " PLAIN "\r\nBDAT 6 LAST\r\nNOOP\r\n",
          "220 530 530 530 530 250 500 250 530 503 ");
  expect (fixture, "STARTTLS\r\n", "220 <TLS> ");
  expect (fixture, "EHLO there\r\nAUTH PLAIN " PLAIN "\r\nMAIL FROM:<a@x.test>\r\nQUIT\r\n", "250 235 250 221 ");
}

/* Checks what is told of a client's conduct up to its last word. */
static void
check_conduct (Fixture    *fixture,
               PhSmtpRole  role,
               const char *address,
               const char *said,
               const char *told)
{
  PhSmtpConfig config = { role, "mx.example.org", 1000, 3, TRUE };

  connect_with (fixture, &config, address);
  for (const char *next; *said != '\0'; said = next)
    {
      g_autofree char *line = NULL;

      next = strstr (said, "\r\n") + 2;
      line = g_strndup (said, (gsize)(next - said));
      say (fixture, line);
    }
  assert_findings (fixture->log, told);
  hang_up (fixture);
}

/* Whether it was taken or not, a password that could be read on its way is told. */
static void
test_password_in_clear (Fixture      *fixture,
                        gconstpointer data)
{
  static const char told[] = "The client sent a password in clear, without TLS";
  static const struct
  {
    PhSmtpRole  role;
    const char *address;
    const char *said;
    const char *told;
  } cases[] = {
    { PH_SMTP_ROLE_SUBMISSION, "127.0.0.1", "EHLO x\r\nAUTH PLAIN " PLAIN "\r\n", told },
    { PH_SMTP_ROLE_SUBMISSION, "127.0.0.1", "EHLO x\r\nAUTH PLAIN " WRONG "\r\n", told },
    { PH_SMTP_ROLE_SUBMISSION, "127.0.0.1", "EHLO x\r\nauth plain\r\n" PLAIN "\r\n", told },
    { PH_SMTP_ROLE_SUBMISSION, "127.0.0.1", "EHLO x\r\nAUTH LOGIN\r\nYWxpY2VAZXhhbXBsZS5vcmc=\r\nb3BlbiBzZXNhbWU=\r\n", told },
    { PH_SMTP_ROLE_SUBMISSION, "192.0.2.1", "EHLO x\r\nAUTH PLAIN " PLAIN "\r\n", told },
    { PH_SMTP_ROLE_RELAY, "192.0.2.1", "EHLO x\r\nAUTH PLAIN " PLAIN "\r\n", told },
    { PH_SMTP_ROLE_LMTP, "127.0.0.1", "LHLO x\r\nAUTH PLAIN " PLAIN "\r\n", told },
    /* Under TLS; or before there is a password. */
    { PH_SMTP_ROLE_SUBMISSION, "192.0.2.1", "EHLO x\r\nSTARTTLS\r\nEHLO x\r\nAUTH PLAIN " PLAIN "\r\n", "" },
    { PH_SMTP_ROLE_SUBMISSION, "192.0.2.1", "EHLO x\r\nSTARTTLS\r\nEHLO x\r\nAUTH LOGIN\r\nYWxpY2VAZXhhbXBsZS5vcmc=\r\nb3BlbiBzZXNhbWU=\r\n", "" },
    { PH_SMTP_ROLE_SUBMISSION, "192.0.2.1", "EHLO x\r\nAUTH PLAIN\r\nAUTH LOGIN\r\nAUTH PLAIN =\r\n", "" },
    { PH_SMTP_ROLE_SUBMISSION, "127.0.0.1", "EHLO x\r\nAUTH PLAIN\r\n*\r\nAUTH LOGIN YWxpY2VAZXhhbXBsZS5vcmc=\r\n*\r\n", "" },
    /* Not base64; base64 of no password: "open sesame" without a NUL, alice with an empty one. */
    { PH_SMTP_ROLE_SUBMISSION, "192.0.2.1", "EHLO x\r\nAUTH PLAIN garbage\r\nAUTH PLAIN $$$$\r\nAUTH PLAIN b3BlbiBzZXNhbWU=\r\nAUTH PLAIN AGFsaWNlAA==\r\n", "" },
    { PH_SMTP_ROLE_SUBMISSION, "127.0.0.1", "EHLO x\r\nAUTH PLAIN garbage\r\nAUTH PLAIN AGFsaWNlAA==\r\n", "" },
    { PH_SMTP_ROLE_RELAY, "127.0.0.1", "EHLO x\r\nAUTH PLAIN garbage\r\n", "" },
    /* n,,n=alice@example.org,r=abc: SCRAM shows none. */
    { PH_SMTP_ROLE_SUBMISSION, "127.0.0.1", "EHLO x\r\nAUTH SCRAM-SHA-256 biwsbj1hbGljZUBleGFtcGxlLm9yZyxyPWFiYw==\r\nAAAA\r\n", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      note (cases[i].said);
      check_conduct (fixture, cases[i].role, cases[i].address, cases[i].said, cases[i].told);
    }
}

/* RFC 3207 section 4.2: EHLO is the first thing to be said under TLS; what may come before any EHLO may come here, too. */
static void
test_ehlo_after_starttls (Fixture      *fixture,
                          gconstpointer data)
{
  static const char told[] = "The client said no EHLO after STARTTLS";
  static const struct
  {
    const char *said;
    const char *told;
  } cases[] = {
    { "EHLO x\r\nSTARTTLS\r\nMAIL FROM:<a@x.test>\r\n", told },
    { "EHLO x\r\nSTARTTLS\r\nAUTH PLAIN " PLAIN "\r\nEHLO x\r\n", told },
    { "STARTTLS\r\nRCPT TO:<a@x.test>\r\n", told },
    { "EHLO x\r\nSTARTTLS\r\nEHLO x\r\nMAIL FROM:<a@x.test>\r\n", "" },
    { "EHLO x\r\nSTARTTLS\r\nHELO x\r\nMAIL FROM:<a@x.test>\r\n", "" },
    { "EHLO x\r\nSTARTTLS\r\nNOOP\r\nRSET\r\nQUIT\r\n", "" },
    /* Nothing to be said twice. */
    { "MAIL FROM:<a@x.test>\r\n", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      note (cases[i].said);
      check_conduct (fixture, PH_SMTP_ROLE_SUBMISSION, "127.0.0.1", cases[i].said, cases[i].told);
    }
}

/* REQUIRETLS is known under TLS alone (RFC 8689 section 2). */
static void
test_requiretls (Fixture      *fixture,
                 gconstpointer data)
{
  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  expect (fixture, "EHLO there\r\nMAIL FROM:<a@x.test> REQUIRETLS\r\nSTARTTLS\r\n", "220 250 555 220 <TLS> ");
  say (fixture, "EHLO there\r\n");
  g_assert_nonnull (strstr (fixture->output->str, "\r\n250-REQUIRETLS\r\n"));
  g_assert_null (strstr (fixture->output->str, "STARTTLS"));
  g_string_truncate (fixture->output, 0);
  expect (fixture, "MAIL FROM:<a@x.test> REQUIRETLS=1\r\nMAIL FROM:<a@x.test> REQUIRETLS\r\n", "501 250 ");
  g_assert_true (fixture->session->envelope->requiretls);
}

/* As long as is asked for, but never less than the RFC's five minutes (S13). */
static void
test_silence (Fixture      *fixture,
              gconstpointer data)
{
  PhSession *session;
  guint      serial;

  connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
  session = PH_SESSION (fixture->session);
  ph_session_set_silence (session, 3600);
  expect (fixture, "NOOP\r\n", "220 250 ");
  g_assert_cmpuint (ph_session_get_deadline (session, &serial), ==, 3600);
  ph_session_set_silence (session, 10);
  expect (fixture, "NOOP\r\n", "250 ");
  g_assert_cmpuint (ph_session_get_deadline (session, &serial), ==, 300);
}

/* S13: five minutes for a command, ten seconds where there is a crowd, but not for data, nor while the client waits for us. */
static void
test_hurried (Fixture      *fixture,
              gconstpointer data)
{
  PhSession *session;
  guint      serial;

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  session = PH_SESSION (fixture->session);
  g_assert_cmpuint (ph_session_get_deadline (session, &serial), ==, PH_SMTP_COMMAND_SECONDS);
  ph_session_set_hurried (session, TRUE);
  g_assert_cmpuint (ph_session_get_deadline (session, &serial), ==, PH_SMTP_HURRIED_SECONDS);
  expect (fixture, "EHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<" ALICE ">\r\n", "220 250 250 250 ");
  g_assert_cmpuint (ph_session_get_deadline (session, &serial), ==, PH_SMTP_HURRIED_SECONDS);
  expect (fixture, "DATA\r\n", "354 ");
  g_assert_cmpuint (ph_session_get_deadline (session, &serial), ==, PH_SMTP_DATA_SECONDS);
  fixture->handler->hold = TRUE;
  expect (fixture, "Subject: x\r\n\r\n.\r\n", "");
  g_assert_cmpuint (ph_session_get_deadline (session, &serial), ==, PH_SMTP_COMMIT_SECONDS);
  ph_session_set_hurried (session, FALSE);
  g_assert_cmpuint (ph_session_get_deadline (session, &serial), ==, PH_SMTP_COMMIT_SECONDS);
  ph_session_set_hurried (session, TRUE);
  stub_handler_release (fixture->handler);
  expect (fixture, "NOOP\r\n", "250 250 ");
  g_assert_cmpuint (ph_session_get_deadline (session, &serial), ==, PH_SMTP_HURRIED_SECONDS);
  ph_session_timed_out (session);
  expect (fixture, "", "421 ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, data, function) g_test_add ("/smtp/session/" name, Fixture, data, set_up, function, tear_down)
  ADD ("conversations", NULL, test_conversations);
  ADD ("one-write", NULL, test_one_write);
  ADD ("starttls", NULL, test_starttls);
  ADD ("reasons", NULL, test_reasons);
  ADD ("V48/names", NULL, test_names);
  ADD ("clear", NULL, test_clear);
  ADD ("must-use-tls", NULL, test_must_use_tls);
  ADD ("requiretls", NULL, test_requiretls);
  ADD ("conduct/password", NULL, test_password_in_clear);
  ADD ("conduct/ehlo", NULL, test_ehlo_after_starttls);
  ADD ("S13-silence", NULL, test_silence);
  ADD ("S13/hurried", NULL, test_hurried);
#undef ADD

  return g_test_run ();
}
