#include "../note.h"
#include "smtp-fixture.h"

#define ALICE "alice@example.org"
#define PASSWORD "open sesame"
#define PLAIN "AGFsaWNlQGV4YW1wbGUub3JnAG9wZW4gc2VzYW1l" /* both of the above */
#define WRONG "AGFsaWNlQGV4YW1wbGUub3JnAHdyb25n"

typedef struct
{
  PhClock         *clock;
  PhWorkerPool    *workers;
  PhAccounts      *accounts;
  PhAuthenticator *authenticator;
  PhJournal       *journal;

  /* The conversation */
  StubHandler      *handler;
  PhSmtpSession    *session;
  PhJournalSession *log;
  GString          *pending; /* read, not yet taken */
  GString          *output;
  gboolean          is_closed;
  gboolean          talks_first; /* the next client does */
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new (PASSWORD, NULL);
  g_autoptr (PhAccount) account = ph_account_new (ALICE, credential);

  fixture->clock = ph_clock_new_manual (G_USEC_PER_SEC);
  fixture->workers = ph_worker_pool_new ("auth", 1);
  fixture->accounts = ph_accounts_new ();
  g_assert_true (ph_accounts_add (fixture->accounts, account, NULL));
  fixture->authenticator = ph_authenticator_new (fixture->accounts, fixture->clock, fixture->workers);
  fixture->journal = ph_journal_new (fixture->clock);
}

static void
hang_up (Fixture *fixture)
{
  ph_session_peer_closed (PH_SESSION (fixture->session));
  if (fixture->handler->held != NULL)
    stub_handler_release (fixture->handler);
  iterate_all ();
  g_assert_finalize_object (fixture->session);
  g_assert_cmpuint (fixture->handler->n_open, ==, 0);
  g_assert_finalize_object (fixture->handler);
  ph_journal_session_end (fixture->log, NULL);
  g_clear_object (&fixture->log);
  g_string_free (fixture->pending, TRUE);
  g_string_free (fixture->output, TRUE);
  fixture->session = NULL;
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  if (fixture->session != NULL)
    hang_up (fixture);
  /* What runs on a worker keeps the authenticator. */
  while (G_OBJECT (fixture->authenticator)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (fixture->journal);
  g_object_unref (fixture->authenticator); /* a worker may still hold it for a moment */
  g_object_unref (fixture->accounts);
  g_object_unref (fixture->workers);
  g_object_unref (fixture->clock);
}

static void
take_output (Fixture *fixture)
{
  PhBuffer *output = ph_session_get_output (PH_SESSION (fixture->session));

  g_string_append_len (fixture->output, (const char *)ph_buffer_get_data (output), (gssize)ph_buffer_get_length (output));
  ph_buffer_consume (output, G_MAXSIZE);
}

static void
connect_with (Fixture            *fixture,
              const PhSmtpConfig *config,
              const char         *address)
{
  g_autoptr (PhPeer) peer = ph_peer_new (address, 40000);

  peer->talked_first = fixture->talks_first;
  fixture->handler = g_object_new (STUB_TYPE_HANDLER, NULL);
  fixture->session = ph_smtp_session_new (config, PH_SMTP_HANDLER (fixture->handler), fixture->authenticator);
  fixture->log = ph_journal_begin (fixture->journal, "SMTP", FALSE, address);
  fixture->pending = g_string_new (NULL);
  fixture->output = g_string_new (NULL);
  fixture->is_closed = FALSE;
  ph_session_set_journal (PH_SESSION (fixture->session), fixture->log);
  ph_session_start (PH_SESSION (fixture->session), peer);
  take_output (fixture);
}

static void
connect_as (Fixture   *fixture,
            PhSmtpRole role)
{
  PhSmtpConfig config = { role, "mx.example.org", 1000, 3, TRUE };

  connect_with (fixture, &config, "127.0.0.1");
}

/* What a connection does when TLS is asked for (V03). */
static void
shake_hands (Fixture *fixture)
{
  g_autoptr (PhPeer) peer = ph_peer_new ("127.0.0.1", 40000);

  if (fixture->pending->len > 0)
    {
      fixture->is_closed = TRUE;
      return;
    }

  peer->is_tls = TRUE;
  peer->tls_version = g_strdup ("TLS1.3");
  g_string_append (fixture->output, "<TLS>\r\n");
  ph_session_secured (PH_SESSION (fixture->session), peer);
}

static void
feed (Fixture    *fixture,
      const char *data,
      gsize       length)
{
  PhSession *session = PH_SESSION (fixture->session);

  g_string_append_len (fixture->pending, data, (gssize)length);
  while (!fixture->is_closed)
    {
      gsize taken = ph_session_feed (session, (const guint8 *)fixture->pending->str, fixture->pending->len);

      g_string_erase (fixture->pending, 0, (gssize)taken);
      take_output (fixture);
      if (ph_session_wants_close (session))
        fixture->is_closed = TRUE;
      else if (ph_session_wants_tls (session))
        shake_hands (fixture);
      else if (fixture->session->input == PH_SMTP_INPUT_WAIT && !fixture->handler->hold)
        {
          while (fixture->session->input == PH_SMTP_INPUT_WAIT)
            {
              g_main_context_iteration (NULL, FALSE);
              ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
            }
          take_output (fixture);
        }
      else if (taken == 0)
        break;
    }
}

/* 0: all at once; 1: byte by byte; else random pieces. */
static void
say_split (Fixture    *fixture,
           const char *data,
           gsize       length,
           guint       split)
{
  for (gsize at = 0; at < length;)
    {
      gsize piece = split == 0 ? length : split == 1 ? 1
                                                     : (gsize)g_test_rand_int_range (1, 40);

      piece = MIN (piece, length - at);
      feed (fixture, data + at, piece);
      at += piece;
    }
}

static void
say (Fixture    *fixture,
     const char *text)
{
  feed (fixture, text, strlen (text));
}

/* What was answered since the last time, codes only: "250 550 ". */
static char *
take_codes (Fixture *fixture)
{
  g_auto (GStrv) lines = g_strsplit (fixture->output->str, "\r\n", -1);
  GString *codes = g_string_new (NULL);

  g_assert_true (g_str_has_suffix (fixture->output->str, "\r\n") || fixture->output->len == 0);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    if (lines[i][3] == ' ' || lines[i][0] == '<')
      g_string_append_printf (codes, "%.*s ", lines[i][0] == '<' ? 5 : 3, lines[i]);
  g_string_truncate (fixture->output, 0);

  return g_string_free (codes, FALSE);
}

static void
expect (Fixture    *fixture,
        const char *text,
        const char *codes)
{
  g_autofree char *answered = NULL;

  say (fixture, text);
  answered = take_codes (fixture);
  g_assert_cmpstr (answered, ==, codes);
}

/* Whole conversations: what is said, and every byte of what is answered. */

typedef struct
{
  PhSmtpRole  role;
  const char *said;
  const char *answered;
  const char *kept; /* messages, joined by '#' */
} Conversation;

#define GREETING "220 mx.example.org ESMTP Posthouse\r\n"
#define EHLO(auth, tls) "250-mx.example.org\r\n250-SIZE 1000\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250-LIMITS RCPTMAX=3\r\n" tls auth "250 HELP\r\n"
#define TLS "250-STARTTLS\r\n"
#define AUTH "250-AUTH SCRAM-SHA-256 PLAIN LOGIN\r\n"
#define GO "354 Send the message, and end it with a dot on a line of its own\r\n"

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
                                                                                                                                                   "252 2.0.0 Send mail, and we shall see\r\n502 5.5.1 Not offered\r\n214-2.0.0 AUTH BDAT DATA EHLO HELO HELP MAIL NOOP QUIT RCPT RSET STARTTLS VRFY\r\n214 2.0.0 See RFC 5321\r\n"
                                                                                                                                                   "250 2.0.0 OK\r\n502 5.5.1 Not offered\r\n502 5.5.1 There is no login here\r\n500 5.5.1 Unknown command\r\n501 5.5.4 RSET takes no parameter\r\n501 5.5.4 QUIT takes no parameter\r\n221 2.0.0 Bye\r\n",
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

/* V01: none of these ends the data but the one that has CRLF.CRLF in it, whose session then ends. */
static const struct
{
  const char *bytes;
  gsize       length;
  gboolean    ends;
} terminators[] = {
  { "\n.\n", 3, FALSE },
  { "\n.\r\n", 4, FALSE },
  { "\r\n.\n", 4, FALSE },
  { "\r.\r", 3, FALSE },
  { "\r.\r\n", 4, FALSE },
  { "\r\n.\r", 4, FALSE },
  { "\n.\r", 3, FALSE },
  { "\r.\n", 3, FALSE },
  { "\r\r\n.\r\n", 6, TRUE },
  { "\r\n.\r\r\n", 6, FALSE },
  { "\r\n\0.\r\n", 6, FALSE },
  { "\r\n.\0\r\n", 6, FALSE },
  { "\r\n. \r\n", 6, FALSE },
  { "\r\n..\r\n", 6, FALSE },
  { "\n..\r\n", 5, FALSE },
  { "\r\n..\n", 5, FALSE },
};

static void
smuggle (Fixture   *fixture,
         PhSmtpRole role,
         guint      which,
         gsize      split)
{
  static const char before[] = "Subject: x\r\n\r\ntext", after[] = "MAIL FROM:<evil@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nsmuggled\r\n.\r\nNOOP\r\n";
  g_autoptr (GString) wire = g_string_new_len (before, sizeof before - 1);
  g_autofree char *codes = NULL;

  g_string_append_len (wire, terminators[which].bytes, (gssize)terminators[which].length);
  g_string_append (wire, after);

  connect_as (fixture, role);
  say (fixture, role == PH_SMTP_ROLE_SUBMISSION ? "EHLO there\r\nAUTH PLAIN " PLAIN "\r\n" : "EHLO there\r\n");
  say (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n");
  g_string_truncate (fixture->output, 0);
  feed (fixture, wire->str, split);
  feed (fixture, wire->str + split, wire->len - split);

  /* One transaction: one answer to it, one to NOOP where the session goes on. */
  codes = take_codes (fixture);
  if (terminators[which].ends)
    g_assert_cmpstr (codes, ==, "550 ");
  else if (g_str_has_prefix (codes, "550"))
    g_assert_cmpstr (codes, ==, "550 ");
  else
    g_assert_cmpstr (codes, ==, "250 250 ");
  g_assert_cmpuint (fixture->handler->accepted->len, ==, g_str_has_prefix (codes, "250") ? 1 : 0);
  if (fixture->handler->accepted->len > 0)
    g_assert_true (g_str_has_prefix (stub_handler_get (fixture->handler, 0)->str, "a@x.test|b@y.test|Subject: x\r\n\r\ntext"));
  hang_up (fixture);
}

static void
test_smuggling (Fixture      *fixture,
                gconstpointer data)
{
  PhSmtpRole role = GPOINTER_TO_UINT (data);

  for (guint i = 0; i < G_N_ELEMENTS (terminators); i++)
    for (gsize split = 0; split < 30; split++)
      smuggle (fixture, role, i, role == PH_SMTP_ROLE_RELAY || split % 6 == 0 ? split : 18 + split / 4);
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
  g_assert_cmpstr (ph_smtp_session_get_protocol (fixture->session), ==, "ESMTPS");
  expect (fixture, "AUTH PLAIN " PLAIN "\r\nMAIL FROM:<a@x.test> SMTPUTF8\r\nSTARTTLS\r\n", "235 250 503 ");
  g_assert_cmpstr (ph_smtp_session_get_protocol (fixture->session), ==, "UTF8SMTPSA");
  g_assert_cmpstr (ph_account_get_address (ph_smtp_session_get_account (fixture->session)), ==, ALICE);
}

/* One line each, after EHLO and perhaps MAIL; S03, S08, V13, V14, V46. */
static const struct
{
  const char *line;
  const char *code;
} mails[] = {
  { "MAIL FROM:<>", "250" },
  { "MAIL FROM:<a@x.test>", "250" },
  { "MAIL FROM:<\"a b\"@x.test>", "250" },
  { "MAIL FROM:<\"\"@x.test>", "501" },
  { "MAIL FROM:<a@[192.0.2.1]>", "250" },
  { "MAIL FROM:<a@[IPv6:2001:db8::1]>", "250" },
  { "MAIL FROM:<@a.test,@b.test:c@d.test>", "250" },
  { "MAIL FROM:<a@x.test> SIZE=1000", "250" },
  { "MAIL FROM:<a@x.test> SIZE=1001", "552" },
  { "MAIL FROM:<a@x.test> SIZE=18446744073709551616", "552" },
  { "MAIL FROM:<a@x.test> SIZE=99999999999999999999", "552" },
  { "MAIL FROM:<a@x.test> SIZE=999999999999999999999", "501" },
  { "MAIL FROM:<a@x.test> SIZE=-1", "501" },
  { "MAIL FROM:<a@x.test> SIZE=", "501" },
  { "MAIL FROM:<a@x.test> SIZE=1 SIZE=1", "501" },
  { "MAIL FROM:<a@x.test> BODY=7BIT", "250" },
  { "MAIL FROM:<a@x.test> BODY=BINARYMIME", "501" },
  { "MAIL FROM:<a@x.test> RET=HDRS ENVID=a+2Bb", "250" },
  { "MAIL FROM:<a@x.test> RET=SOME", "501" },
  { "MAIL FROM:<a@x.test> ENVID=a+0Ab", "501" },
  { "MAIL FROM:<a@x.test> ENVID=+0D+0ARCPT", "501" },
  { "MAIL FROM:<a@x.test> AUTH=<>", "555" },
  { "MAIL FROM:<a@x.test> REQUIRETLS", "555" },
  { "MAIL FROM:<a@x.test> X=1", "555" },
  { "MAIL FROM:<a@x.test> SMTPUTF8", "250" },
  { "MAIL FROM:<ü@x.test> SMTPUTF8", "250" },
  { "MAIL FROM:<ü@x.test>", "553" },
  { "MAIL FROM:<\xfc@x.test> SMTPUTF8", "501" },
  { "MAIL FROM:<banned@x.test>", "550" },
  { "MAIL FROM: <a@x.test>", "501" },
  { "MAIL FROM:a@x.test", "501" },
  { "MAIL FROM:<a@x.test", "501" },
  { "MAIL FROM:<a@x.test>SIZE=1", "501" },
  { "MAIL FROM:<a>", "501" },
  { "MAIL FROM:<a@>", "501" },
  { "MAIL FROM:<@x.test>", "501" },
  { "MAIL FROM:", "501" },
  { "MAIL", "501" },
  { "MAIL TO:<a@x.test>", "501" },
  { "MAIL FROM:<a\r@x.test>", "501" },
  { "EHLO a\rb", "501" },
  { "EHLO \x1b[2J", "501" },
  { "EHLO \xe2\x80\xae", "501" },
  { "NOOP \xfc", "501" },
  { "NOOP ü", "250" },
  { "VRFY", "501" },
  { "EHLO 1 2 3", "250" },
};

static const struct
{
  const char *line;
  const char *code;
  const char *address; /* as the handler got it; NULL for none */
} rcpts[] = {
  { "RCPT TO:<b@Y.Test>", "250", "b@y.test" },
  { "RCPT TO:<postmaster>", "250", "postmaster" },
  { "RCPT TO:<PostMaster>", "250", "PostMaster" },
  { "RCPT TO:<bob>", "501", NULL },
  { "RCPT TO:<>", "501", NULL },
  { "RCPT TO:<\"b\"@y.test>", "250", "b@y.test" },
  { "RCPT TO:<\"x@y\"@z.test>", "250", "\"x@y\"@z.test" }, /* V27 */
  { "RCPT TO:<@a.test:b@y.test>", "250", "b@y.test" },
  { "RCPT TO:<b@y.test> NOTIFY=NEVER", "250", "b@y.test" },
  { "RCPT TO:<b@y.test> NOTIFY=success,Failure,DELAY", "250", "b@y.test" },
  { "RCPT TO:<b@y.test> NOTIFY=NEVER,SUCCESS", "501", NULL },
  { "RCPT TO:<b@y.test> NOTIFY=SUCCESS,", "501", NULL },
  { "RCPT TO:<b@y.test> NOTIFY=SOMETIMES", "501", NULL },
  { "RCPT TO:<b@y.test> NOTIFY", "501", NULL },
  { "RCPT TO:<b@y.test> ORCPT=rfc822;b+2Bc@z.test", "250", "b@y.test" },
  { "RCPT TO:<b@y.test> ORCPT=rfc822;a+0Ab", "501", NULL },
  { "RCPT TO:<b@y.test> ORCPT=rfc822", "501", NULL },
  { "RCPT TO:<b@y.test> ORCPT=rfc822;", "501", NULL },
  { "RCPT TO:<b@y.test> ORCPT=;b@z.test", "501", NULL },
  { "RCPT TO:<b@y.test> ORCPT=r(c;b@z.test", "501", NULL },
  { "RCPT TO:<b@y.test> ORCPT=utf-8;\\x{FC}@z.test", "250", "b@y.test" },
  { "RCPT TO:<b@y.test> SIZE=1", "555", NULL },
  { "RCPT TO:<ü@y.test>", "553", NULL },
  { "RCPT TO:<full@y.test>", "452", NULL },
  { "RCPT TO:<unknown@y.test>", "550", NULL },
  { "RCPT TO: <b@y.test>", "501", NULL },
};

static void
test_lines (Fixture      *fixture,
            gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (mails); i++)
    {
      g_autofree char *codes = NULL;

      connect_as (fixture, PH_SMTP_ROLE_RELAY);
      say (fixture, "EHLO there\r\n");
      g_string_truncate (fixture->output, 0);
      say (fixture, mails[i].line);
      say (fixture, "\r\n");
      codes = take_codes (fixture);
      g_assert_cmpstr (g_strchomp (codes), ==, mails[i].code);
      hang_up (fixture);
    }

  for (guint i = 0; i < G_N_ELEMENTS (rcpts); i++)
    {
      g_autofree char *codes = NULL;
      GPtrArray       *recipients;

      connect_as (fixture, PH_SMTP_ROLE_RELAY);
      say (fixture, "EHLO there\r\nMAIL FROM:<a@x.test>\r\n");
      g_string_truncate (fixture->output, 0);
      say (fixture, rcpts[i].line);
      say (fixture, "\r\n");
      codes = take_codes (fixture);
      g_assert_cmpstr (g_strchomp (codes), ==, rcpts[i].code);
      recipients = fixture->session->envelope->recipients;
      g_assert_cmpuint (recipients->len, ==, rcpts[i].address != NULL ? 1 : 0);
      if (rcpts[i].address != NULL)
        g_assert_cmpstr (((PhSmtpRecipient *)recipients->pdata[0])->address, ==, rcpts[i].address);
      hang_up (fixture);
    }
}

static void
test_dsn_parameters (Fixture      *fixture,
                     gconstpointer data)
{
  const PhSmtpEnvelope  *envelope;
  const PhSmtpRecipient *recipient;

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  say (fixture, "EHLO there\r\nMAIL FROM:<a@x.test> SIZE=12 RET=FULL ENVID=a+2Bb BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<ü@bücher.example> NOTIFY=SUCCESS,DELAY ORCPT=utf-8;ö@z.test\r\n");
  envelope = fixture->session->envelope;
  recipient = envelope->recipients->pdata[0];
  g_assert_cmpint (envelope->ret, ==, PH_DSN_RET_FULL);
  g_assert_cmpint (envelope->body, ==, PH_SMTP_BODY_8BITMIME);
  g_assert_cmpuint (envelope->declared_size, ==, 12);
  g_assert_cmpstr (envelope->envid, ==, "a+b");
  g_assert_cmpint (recipient->notify, ==, PH_DSN_NOTIFY_SUCCESS | PH_DSN_NOTIFY_DELAY);
  g_assert_cmpstr (recipient->address, ==, "ü@xn--bcher-kva.example");
  g_assert_cmpstr (recipient->orcpt, ==, "utf-8;ö@z.test");
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
  expect (fixture, fits, "250 ");
  expect (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n", "250 250 354 ");
  expect (fixture, over, "552 ");
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

  fixture->handler->refuse_begin = TRUE;
  expect (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nRSET\r\n", "250 250 452 250 ");
  fixture->handler->refuse_begin = FALSE;
  fixture->handler->write_max = 5;
  expect (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\none\r\ntwo\r\nthree\r\n.\r\nNOOP\r\n", "250 250 354 452 250 ");
  g_assert_cmpuint (fixture->handler->accepted->len, ==, 1);
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

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  say (fixture, "EHLO there\r\nMAIL FROM:<a@x.test>\r\n");
  for (guint i = 0; i <= PH_SMTP_REFUSED_RECIPIENTS_MAX; i++)
    say (fixture, "RCPT TO:<unknown@x.test>\r\n");
  g_assert_true (g_str_has_suffix (fixture->output->str, "421 4.7.1 Too many refused recipients\r\n"));
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
  ph_session_shut_down (PH_SESSION (fixture->session));
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

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, data, function) g_test_add ("/smtp/session/" name, Fixture, data, set_up, function, tear_down)
  ADD ("conversations", NULL, test_conversations);
  ADD ("one-write", NULL, test_one_write);
  ADD ("smuggling/relay", GUINT_TO_POINTER (PH_SMTP_ROLE_RELAY), test_smuggling);
  ADD ("smuggling/submission", GUINT_TO_POINTER (PH_SMTP_ROLE_SUBMISSION), test_smuggling);
  ADD ("starttls", NULL, test_starttls);
  ADD ("lines", NULL, test_lines);
  ADD ("dsn-parameters", NULL, test_dsn_parameters);
  ADD ("limits", NULL, test_limits);
  ADD ("give-up", NULL, test_give_up);
  ADD ("strict-lines", NULL, test_strict_lines);
  ADD ("async-end", NULL, test_async_end);
  ADD ("changed", NULL, test_changed);
  ADD ("hang-up", NULL, test_hang_up);
  ADD ("end-in-wait", NULL, test_end_in_wait);
  ADD ("deadlines", NULL, test_deadlines);
  ADD ("unprotected", NULL, test_unprotected);
  ADD ("back-pressure", NULL, test_back_pressure);
  ADD ("journal", NULL, test_journal);
#undef ADD

  return g_test_run ();
}
