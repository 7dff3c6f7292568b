/* Single commands: syntax and parameters. */

#include "session-fixture.h"

#include "../support/findings.h"

/* One line each, after EHLO and perhaps MAIL; S03, S08, V13, V14, V18, V46. */
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
  { "MAIL FROM:<a@x.test> BODY=BINARYMIME", "250" },
  { "MAIL FROM:<a@x.test> BODY=9BIT", "501" },
  { "MAIL FROM:<a@x.test> RET=HDRS ENVID=a+2Bb", "250" },
  { "MAIL FROM:<a@x.test> RET=SOME", "501" },
  { "MAIL FROM:<a@x.test> ENVID=a+0Ab", "501" },
  { "MAIL FROM:<a@x.test> ENVID=+0D+0ARCPT", "501" },
  { "MAIL FROM:<a@x.test> AUTH=<>", "555" },
  { "MAIL FROM:<a@x.test> REQUIRETLS", "555" },
  { "MAIL FROM:<a@x.test> X=1", "555" },
  { "MAIL FROM:<a@x.test> SMTPUTF8", "250" },
  { "MAIL FROM:<ü@x.test> SMTPUTF8", "250" },
  { "MAIL FROM:<ü@x.test>", "550" }, /* RFC 6531 section 3.5; a recipient: 553 */
  { "MAIL FROM:<a@\xc3\xbc.test>", "550" },
  { "MAIL FROM:<a@\xc3\xbc.test> SMTPUTF8", "250" },
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
  { "RCPT TO:<b@\xc3\xbc.test>", "553", NULL },
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

/* What only people here may say, and nobody may smuggle a line into (V14). */
static void
test_submitted_lines (Fixture      *fixture,
                      gconstpointer data)
{
  static const struct
  {
    const char *line;
    const char *code;
  } table[] = {
    { "MAIL FROM:<a@x.test> AUTH=<>", "250" },
    { "MAIL FROM:<a@x.test> AUTH=b@x.test", "250" },
    { "MAIL FROM:<a@x.test> AUTH=b+2Bc@x.test", "250" },
    { "MAIL FROM:<a@x.test> AUTH=a+0D+0AX", "501" },
    { "MAIL FROM:<a@x.test> AUTH=a+0AX@x.test", "501" },
    { "MAIL FROM:<a@x.test> AUTH=a+00@x.test", "501" },
    { "MAIL FROM:<a@x.test> AUTH=a@x.test+0D", "501" },
    { "MAIL FROM:<a@x.test> AUTH=", "501" },
    { "MAIL FROM:<a@x.test> AUTH", "501" },
    { "MAIL FROM: <a@x.test>", "250" }, /* S03 */
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *codes = NULL;

      connect_as (fixture, PH_SMTP_ROLE_SUBMISSION);
      expect (fixture, "EHLO there\r\nAUTH PLAIN " PLAIN "\r\n", "220 250 235 ");
      say (fixture, table[i].line);
      say (fixture, "\r\n");
      codes = take_codes (fixture);
      g_test_message ("%s", table[i].line);
      g_assert_cmpstr (g_strchomp (codes), ==, table[i].code);
      hang_up (fixture);
    }
}

/* S06: where MAIL or all of RCPT failed, what was sent behind them as a message is commands: mistakes that are counted, and no mail. */
static void
test_refused_pipeline (Fixture      *fixture,
                       gconstpointer data)
{
  static const char body[] = "DATA\r\nSubject: x\r\n\r\nMAIL FROM:<evil@x.test>\r\nHello\r\n.\r\n";
  g_autoptr (GString) many = g_string_new ("DATA\r\n");

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  say (fixture, "EHLO there\r\nMAIL FROM:<banned@x.test>\r\nRCPT TO:<b@y.test>\r\n");
  expect (fixture, "DATA\r\nSubject: x\r\n\r\nHello\r\n.\r\nNOOP\r\n", "220 250 550 503 503 500 500 500 500 250 ");
  say (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<unknown@y.test>\r\n");
  expect (fixture, body, "250 550 554 500 500 503 500 500 ");
  hang_up (fixture);

  for (guint i = 0; i < PH_SMTP_ERRORS_MAX; i++)
    g_string_append (many, "a line of a message\r\n");
  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  say (fixture, "EHLO there\r\nMAIL FROM:<banned@x.test>\r\n");
  say (fixture, many->str);
  g_assert_true (g_str_has_suffix (fixture->output->str, "\r\n421 4.7.0 Too many mistakes\r\n"));
  g_assert_cmpuint (fixture->handler->accepted->len, ==, 0);
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

/* S09, S21: the class of the body is what was seen, so that plain mail goes to servers without 8BITMIME, too. */
static void
test_body_class (Fixture      *fixture,
                 gconstpointer data)
{
  static const struct
  {
    const char *parameters;
    const char *body;
    PhSmtpBody  is;
    gboolean    utf8;
  } cases[] = {
    { "", "ascii", PH_SMTP_BODY_7BIT, FALSE },
    { "", "\303\266", PH_SMTP_BODY_8BITMIME, FALSE },
    { " BODY=7BIT", "\303\266", PH_SMTP_BODY_8BITMIME, FALSE },
    { " BODY=8BITMIME", "ascii", PH_SMTP_BODY_7BIT, FALSE },
    { " SMTPUTF8", "ascii", PH_SMTP_BODY_7BIT, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("EHLO there\r\nMAIL FROM:<a@x.test>%s\r\nRCPT TO:<b@y.test>\r\nDATA\r\n%s\r\n.\r\n", cases[i].parameters, cases[i].body);

      connect_as (fixture, PH_SMTP_ROLE_RELAY);
      fixture->handler->hold = TRUE;
      say (fixture, text);
      g_assert_cmpint (fixture->session->envelope->body, ==, cases[i].is);
      g_assert_cmpint (fixture->session->envelope->smtputf8, ==, cases[i].utf8);
      hang_up (fixture);
    }
}

/* What WINDOW.md wants to be told of a client. */
static void
test_conduct (Fixture      *fixture,
              gconstpointer data)
{
  static const struct
  {
    const char *parameters;
    gboolean    is_8bit, is_long;
    const char *findings;
  } cases[] = {
    { "", FALSE, FALSE, "" },
    { " BODY=8BITMIME", TRUE, FALSE, "" },
    { "", TRUE, FALSE, "A message had 8-bit bytes that were not announced (8BITMIME)" },
    { "", FALSE, TRUE, "A line of a message had more than 998 bytes" },
    { " BODY=8BITMIME", TRUE, TRUE, "A line of a message had more than 998 bytes" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = g_strnfill (cases[i].is_long ? 999 : 990, 'x');
      g_autofree char *text = g_strdup_printf ("EHLO there\r\nMAIL FROM:<a@x.test>%s\r\nRCPT TO:<b@y.test>\r\nDATA\r\n%s\r\n%s\r\n.\r\n", cases[i].parameters, line, cases[i].is_8bit ? "\303\266" : "o");

      connect_as (fixture, PH_SMTP_ROLE_RELAY);
      say (fixture, text);
      assert_findings (fixture->log, cases[i].findings);
      hang_up (fixture);
    }
}

/* S10: the null sender is always welcome, for one recipient. */
static void
test_null_sender (Fixture      *fixture,
                  gconstpointer data)
{
  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  expect (fixture, "EHLO there\r\nMAIL FROM:<>\r\nRCPT TO:<unknown@y.test>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\nDATA\r\nx\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<c@y.test>\r\n",
          "220 250 250 550 250 452 354 250 250 250 ");
  g_assert_cmpstr (stub_handler_get (fixture->handler, 0)->str, ==, "|b@y.test|x\r\n");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, data, function) g_test_add ("/smtp/session/" name, Fixture, data, set_up, function, tear_down)
  ADD ("lines", NULL, test_lines);
  ADD ("V14/submitted", NULL, test_submitted_lines);
  ADD ("S06/refused-pipeline", NULL, test_refused_pipeline);
  ADD ("S09/body-class", NULL, test_body_class);
  ADD ("conduct", NULL, test_conduct);
  ADD ("S10/null-sender", NULL, test_null_sender);
  ADD ("dsn-parameters", NULL, test_dsn_parameters);
#undef ADD

  return g_test_run ();
}
