/* The sending side: what it says, byte for byte, and what it makes of every answer. */

#include "client-fixture.h"

#define MESSAGE "Subject: x\r\n\r\n.dot\r\n"
#define WIRE "Subject: x\r\n\r\n..dot\r\n.\r\n"
#define HELLO "EHLO client.test\r\n"

static PhSmtpEnvelope *
make_envelope (const char *sender,
               const char *recipients)
{
  PhSmtpEnvelope *envelope = ph_smtp_envelope_new (sender);
  g_auto (GStrv) addresses = g_strsplit (recipients, ",", -1);

  for (guint i = 0; addresses[i] != NULL; i++)
    ph_smtp_envelope_add (envelope, addresses[i]);

  return envelope;
}

/* Whole conversations. */

typedef struct
{
  const char     *what;
  const char     *recipients;
  const char     *message;
  Sink            sink;
  PhSmtpTlsPolicy tls;
  gboolean        implicit_tls;
  gboolean        is_8bit;
  const char     *user;
  const char     *said;
  const char     *results;
} Conversation;

static const Conversation conversations[] = {
  { .what = "no extensions",
    .recipients = "b@y.test",
    .message = MESSAGE,
    .said = HELLO "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
  { .what = "HELO where EHLO is refused (S19)",
    .recipients = "b@y.test",
    .message = MESSAGE,
    .sink = { .answers = { [SINK_EHLO] = "500 What?\r\n" } },
    .said = HELLO "HELO client.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
  { .what = "pipelining, several recipients, one refused",
    .recipients = "b@y.test,c@y.test,d@y.test",
    .message = MESSAGE,
    .sink = { .extensions = "PIPELINING;SIZE 1000", .answers = { [SINK_RCPT] = "550-5.1.1 Not\r\n550 5.1.1 here\r\n" } },
    .said = HELLO "MAIL FROM:<a@x.test> SIZE=20\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\nRCPT TO:<d@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "P 550 5.1.1 Not here|D 250 2.0.0 Taken|D 250 2.0.0 Taken" },
  { .what = "pipelining, all refused, the server goes on to DATA (RFC 2920 3.1)",
    .recipients = "b@y.test",
    .message = MESSAGE,
    .sink = { .extensions = "PIPELINING", .answers = { [SINK_RCPT] = "550 No\r\n" } },
    .said = HELLO "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n.\r\nQUIT\r\n",
    .results = "P 550 No" },
  { .what = "all refused, no pipelining: no DATA",
    .recipients = "b@y.test,c@y.test",
    .message = MESSAGE,
    .sink = { .answers = { [SINK_RCPT] = "450 Later\r\n", [SINK_RCPT_2] = "550 No\r\n" } },
    .said = HELLO "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\nQUIT\r\n",
    .results = "T 450 Later|P 550 No" },
  { .what = "8BITMIME",
    .recipients = "b@y.test",
    .message = MESSAGE,
    .is_8bit = TRUE,
    .sink = { .extensions = "8bitmime" },
    .said = HELLO "MAIL FROM:<a@x.test> BODY=8BITMIME\r\nRCPT TO:<b@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
  { .what = "SMTPUTF8 where an address needs it",
    .recipients = "ü@y.test",
    .message = MESSAGE,
    .sink = { .extensions = "SMTPUTF8;8BITMIME" },
    .said = HELLO "MAIL FROM:<a@x.test> SMTPUTF8\r\nRCPT TO:<ü@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
  { .what = "STARTTLS if offered; the list from before is forgotten",
    .recipients = "b@y.test",
    .message = MESSAGE,
    .tls = PH_SMTP_TLS_OPPORTUNISTIC,
    .sink = { .extensions = "STARTTLS" },
    .said = HELLO "STARTTLS\r\n<TLS>\r\n" HELLO "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
  { .what = "STARTTLS never",
    .recipients = "b@y.test",
    .message = MESSAGE,
    .tls = PH_SMTP_TLS_NEVER,
    .sink = { .extensions = "STARTTLS" },
    .said = HELLO "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
  { .what = "STARTTLS offered, then refused, if possible",
    .recipients = "b@y.test",
    .message = MESSAGE,
    .tls = PH_SMTP_TLS_OPPORTUNISTIC,
    .sink = { .extensions = "STARTTLS", .answers = { [SINK_STARTTLS] = "454 4.7.0 No\r\n" } },
    .said = HELLO "STARTTLS\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
  { .what = "TLS from the first byte, AUTH PLAIN",
    .recipients = "b@y.test",
    .message = MESSAGE,
    .tls = PH_SMTP_TLS_REQUIRED,
    .implicit_tls = TRUE,
    .user = "me",
    .sink = { .extensions = "STARTTLS;AUTH LOGIN PLAIN" },
    .said = HELLO "AUTH PLAIN AG1lAHNlY3JldA==\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
  { .what = "AUTH LOGIN, in the old spelling",
    .recipients = "b@y.test",
    .message = MESSAGE,
    .user = "me",
    .sink = { .extensions = "AUTH=LOGIN", .challenges = { "VXNlcm5hbWU6", "UGFzc3dvcmQ6" } },
    .said = HELLO "AUTH LOGIN\r\nbWU=\r\nc2VjcmV0\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
  { .what = "RCPTMAX of LIMITS (RFC 9422): the rest waits",
    .recipients = "b@y.test,c@y.test,d@y.test",
    .message = MESSAGE,
    .sink = { .extensions = "LIMITS MAILMAX=5 RCPTMAX=2" },
    .said = HELLO "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "D 250 2.0.0 Taken|D 250 2.0.0 Taken|T 452 4.5.3 sink.test takes 2 recipients at a time" },
  { .what = "a recipient that is no address (V14)",
    .recipients = "b@y.test>\r\nRCPT TO:<evil@y.test,c@y.test",
    .message = MESSAGE,
    .said = HELLO "MAIL FROM:<a@x.test>\r\nRCPT TO:<c@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n",
    .results = "P 553 5.1.3 That is no address|D 250 2.0.0 Taken" },
  { .what = "Return-Path is for mailboxes; bare CR and LF never leave (V02)",
    .recipients = "b@y.test",
    .message = "Return-Path: <a@x.test>\r\nSubject: x\r\n\r\na\rb\nc\r\r\n.\n..\r\nend",
    .said = HELLO "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nSubject: x\r\n\r\na b\r\nc \r\n..\r\n...\r\nend\r\n.\r\nQUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
  { .what = "an empty message",
    .recipients = "b@y.test",
    .message = "",
    .said = HELLO "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n.\r\nQUIT\r\n",
    .results = "D 250 2.0.0 Taken" },
};

static void
converse (const Conversation *conversation,
          guint               split)
{
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("a@x.test", conversation->recipients);
  PhSmtpClientJob job = {
    .envelope = envelope,
    .tls = conversation->tls,
    .implicit_tls = conversation->implicit_tls,
    .is_8bit = conversation->is_8bit,
    .user = conversation->user,
    .password = "secret",
  };
  g_autoptr (Dialog) dialog = dialog_new (&conversation->sink, &job, conversation->message, strlen (conversation->message), "127.0.0.1");
  g_autofree char *results = NULL;

  g_test_message ("%s, split %u", conversation->what, split);
  dialog->split = split;
  dialog_run (dialog);
  results = dialog_dup_results (dialog, envelope->recipients->len);
  g_assert_cmpstr (dialog->said->str, ==, conversation->said);
  g_assert_cmpstr (results, ==, conversation->results);
  g_assert_cmpuint (dialog->n_finished, ==, 1);
  g_assert_true (ph_smtp_client_is_finished (dialog->client));
  g_assert_true (ph_session_wants_close (PH_SESSION (dialog->client)));
  g_assert_false (ph_smtp_client_try_next_host (dialog->client));
}

static void
test_conversations (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (conversations); i++)
    for (guint split = 0; split < 6; split++)
      converse (&conversations[i], split);
}

/* Every stage refused in every way, with pipelining and without (S18, S22). */

typedef struct
{
  const char *answer;
  char        kind; /* of the results where nothing at the stage says otherwise */
} Refusal;

static const Refusal refusals[] = {
  { "450 4.0.0 Later\r\n", 'T' },
  { "550 5.0.0 No\r\n", 'P' },
  { "550-5.0.0 No\r\n550 5.0.0 never\r\n", 'P' },
  { "421 4.3.2 Going down\r\n", 'T' },
  { "350 Odd\r\n", 'T' },
  { "150 Odd\r\n", 'T' },
  { "650 Odd\r\n", 'T' },
  { CLOSE, 'T' },
  { "nonsense\r\n", 'T' },
  { "550-No\r\n450 Yes\r\n", 'T' },
};

static const struct
{
  SinkStage stage;
  gboolean  pipelined;
  gboolean  tries_next_5xx;  /* another host may do better even after a 5xx */
  gboolean  refusal_goes_on; /* 4xx and 5xx are no failure */
} stages[] = {
  { SINK_GREETING, FALSE, TRUE, FALSE },
  { SINK_HELO, FALSE, TRUE, FALSE },
  { SINK_STARTTLS, FALSE, FALSE, TRUE },
  { SINK_MAIL, FALSE, FALSE, FALSE },
  { SINK_MAIL, TRUE, FALSE, FALSE },
  { SINK_RCPT, FALSE, FALSE, FALSE },
  { SINK_RCPT, TRUE, FALSE, FALSE },
  { SINK_DATA, FALSE, FALSE, FALSE },
  { SINK_DATA, TRUE, FALSE, FALSE },
  { SINK_FINAL, FALSE, FALSE, FALSE },
  { SINK_FINAL, TRUE, FALSE, FALSE },
};

static void
refuse (guint which,
        guint how,
        guint split)
{
  SinkStage stage = stages[which].stage;
  Sink      sink = { .extensions = stages[which].pipelined ? "PIPELINING;STARTTLS" : "STARTTLS" };
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("a@x.test", "b@y.test");
  PhSmtpClientJob job = { .envelope = envelope, .tls = stage == SINK_STARTTLS ? PH_SMTP_TLS_OPPORTUNISTIC : PH_SMTP_TLS_NEVER };
  const char     *answer = refusals[how].answer;
  g_autoptr (Dialog) dialog = NULL;
  const PhSmtpResult *result;
  char                kind;

  sink.answers[stage] = answer;
  if (stage == SINK_HELO)
    sink.answers[SINK_EHLO] = "500 What?\r\n";
  dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "127.0.0.1");
  dialog->split = split;
  dialog_run (dialog);

  g_test_message ("stage %u, answer %s: %s", stage, answer, dialog->said->str);
  g_assert_cmpuint (dialog->n_finished, ==, 1);
  result = ph_smtp_client_get_results (dialog->client);
  kind = "DTP"[result->kind];
  if (stages[which].refusal_goes_on && g_ascii_isdigit (*answer) && answer[3] == ' ' && !g_str_has_prefix (answer, "421"))
    g_assert_cmpint (kind, ==, 'D');
  else if (stages[which].refusal_goes_on && g_str_has_prefix (answer, "550-5"))
    g_assert_cmpint (kind, ==, 'D');
  else
    g_assert_cmpint (kind, ==, refusals[how].kind);

  /* Until somebody was accepted the failure is the host's, so that the next may be tried. */
  if (kind == 'P')
    g_assert_cmpint (ph_smtp_client_try_next_host (dialog->client), ==, stages[which].tries_next_5xx);
  if (kind == 'T' && stage < SINK_RCPT)
    g_assert_true (ph_smtp_client_try_next_host (dialog->client));

  /* Never a message where it was not asked for. */
  if (stage < SINK_FINAL && kind != 'D')
    g_assert_cmpuint (dialog->body->len, ==, 0);
}

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    for (guint j = 0; j < G_N_ELEMENTS (refusals); j++)
      for (guint split = 0; split < 3; split++)
        refuse (i, j, split);
}

/* What is decided before anything is sent, or on what was offered. */

static const struct
{
  const char     *what;
  const char     *sender;
  const char     *recipient;
  Sink            sink;
  PhSmtpTlsPolicy tls;
  gboolean        implicit_tls;
  gboolean        is_8bit;
  const char     *user;
  const char     *address; /* of the server */
  const char     *result;  /* its beginning */
  gboolean        tries_next;
} decisions[] = {
  { "TLS required, not offered", "a@x.test", "b@y.test", { 0 }, PH_SMTP_TLS_REQUIRED, FALSE, FALSE, NULL, "192.0.2.1", "T 451 4.7.4", TRUE },
  { "TLS required, refused", "a@x.test", "b@y.test", { "STARTTLS", { [SINK_STARTTLS] = "454 No\r\n" } }, PH_SMTP_TLS_REQUIRED, FALSE, FALSE, NULL, "192.0.2.1", "T 451 4.7.4 sink.test refuses TLS, which is required: 454 No", TRUE },
  { "TLS required, refused for good", "a@x.test", "b@y.test", { "STARTTLS", { [SINK_STARTTLS] = "554 No\r\n" } }, PH_SMTP_TLS_REQUIRED, FALSE, FALSE, NULL, "192.0.2.1", "T 451 4.7.4", TRUE },
  { "TLS required and HELO", "a@x.test", "b@y.test", { NULL, { [SINK_EHLO] = "500 No\r\n" } }, PH_SMTP_TLS_REQUIRED, FALSE, FALSE, NULL, "192.0.2.1", "T 451 4.7.4", TRUE },
  { "no password in clear", "a@x.test", "b@y.test", { "AUTH PLAIN" }, PH_SMTP_TLS_NEVER, FALSE, FALSE, "me", "192.0.2.1", "T 451 4.7.0 The password", FALSE },
  { "no mechanism", "a@x.test", "b@y.test", { "AUTH GSSAPI" }, PH_SMTP_TLS_NEVER, FALSE, FALSE, "me", "127.0.0.1", "T 451 4.7.0 sink.test offers no way", FALSE },
  { "no AUTH", "a@x.test", "b@y.test", { 0 }, PH_SMTP_TLS_NEVER, FALSE, FALSE, "me", "127.0.0.1", "T 451 4.7.0 sink.test offers no way", FALSE },
  { "login refused", "a@x.test", "b@y.test", { "AUTH PLAIN", { [SINK_AUTH] = "535 5.7.8 Wrong\r\n" } }, PH_SMTP_TLS_NEVER, FALSE, FALSE, "me", "127.0.0.1", "T 451 4.7.8 sink.test refused the login: 535 5.7.8 Wrong", FALSE },
  { "login: the name refused", "a@x.test", "b@y.test", { "AUTH LOGIN", { [SINK_CHALLENGE] = "535 5.7.8 Wrong\r\n" }, { "" } }, PH_SMTP_TLS_NEVER, FALSE, FALSE, "me", "127.0.0.1", "T 451 4.7.8", FALSE },
  { "too large", "a@x.test", "b@y.test", { "SIZE 19" }, PH_SMTP_TLS_NEVER, FALSE, FALSE, NULL, "192.0.2.1", "P 552 5.3.4 sink.test takes at most 19 bytes", FALSE },
  { "SIZE 0 is no limit", "a@x.test", "b@y.test", { "SIZE 0" }, PH_SMTP_TLS_NEVER, FALSE, FALSE, NULL, "192.0.2.1", "D 250", FALSE },
  { "SIZE with nonsense is no limit", "a@x.test", "b@y.test", { "SIZE 99999999999999999999999" }, PH_SMTP_TLS_NEVER, FALSE, FALSE, NULL, "192.0.2.1", "D 250", FALSE },
  { "no 8BITMIME", "a@x.test", "b@y.test", { 0 }, PH_SMTP_TLS_NEVER, FALSE, TRUE, NULL, "192.0.2.1", "P 554 5.6.3", TRUE },
  { "no SMTPUTF8", "ü@x.test", "b@y.test", { 0 }, PH_SMTP_TLS_NEVER, FALSE, FALSE, NULL, "192.0.2.1", "P 553 5.6.7", TRUE },
  { "no sender's address", "a\r\nb@x.test", "b@y.test", { 0 }, PH_SMTP_TLS_NEVER, FALSE, FALSE, NULL, "192.0.2.1", "P 553 5.1.7", FALSE },
  { "the null sender", "", "b@y.test", { 0 }, PH_SMTP_TLS_NEVER, FALSE, FALSE, NULL, "192.0.2.1", "D 250", FALSE },
  { "552 as an old word for too many recipients", "a@x.test", "b@y.test", { NULL, { [SINK_RCPT] = "552 Too many\r\n" } }, PH_SMTP_TLS_NEVER, FALSE, FALSE, NULL, "192.0.2.1", "T 552 Too many", FALSE },
  { "552 for a full mailbox", "a@x.test", "b@y.test", { NULL, { [SINK_RCPT] = "552 5.2.2 Full\r\n" } }, PH_SMTP_TLS_NEVER, FALSE, FALSE, NULL, "192.0.2.1", "P 552 5.2.2 Full", FALSE },
  { "a host that takes no mail (RFC 7504)", "a@x.test", "b@y.test", { NULL, { [SINK_GREETING] = "521 No mail here\r\n" } }, PH_SMTP_TLS_NEVER, FALSE, FALSE, NULL, "192.0.2.1", "P 521 No mail here", TRUE },
  { "a domain that takes no mail (RFC 7504)", "a@x.test", "b@y.test", { NULL, { [SINK_RCPT] = "556 5.1.10 Null MX\r\n" } }, PH_SMTP_TLS_NEVER, FALSE, FALSE, NULL, "192.0.2.1", "P 556 5.1.10 Null MX", FALSE },
};

static void
test_decisions (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (decisions); i++)
    {
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope (decisions[i].sender, decisions[i].recipient);
      PhSmtpClientJob job = {
        .envelope = envelope,
        .tls = decisions[i].tls,
        .is_8bit = decisions[i].is_8bit,
        .user = decisions[i].user,
        .password = "secret",
      };
      g_autoptr (Dialog) dialog = dialog_new (&decisions[i].sink, &job, MESSAGE, strlen (MESSAGE), decisions[i].address);
      g_autofree char *results = NULL;

      g_test_message ("%s", decisions[i].what);
      dialog_run (dialog);
      results = dialog_dup_results (dialog, 1);
      g_test_message ("%s", results);
      g_assert_true (g_str_has_prefix (results, decisions[i].result));
      g_assert_cmpint (ph_smtp_client_try_next_host (dialog->client), ==, decisions[i].tries_next);
      g_assert_true (g_str_has_suffix (dialog->said->str, "QUIT\r\n"));
      if (strcmp (decisions[i].address, "127.0.0.1") != 0)
        g_assert_null (strstr (dialog->said->str, "AUTH"));
    }
}

/* RFC 8689: only under verified TLS, and only to who promises the same. */
static void
test_requiretls (void)
{
  static const struct
  {
    const char *extensions;
    gboolean    tls;
    gboolean    verified;
    gboolean    passes;
  } cases[] = {
    { "REQUIRETLS", TRUE, TRUE, TRUE },
    { "REQUIRETLS", TRUE, FALSE, FALSE },
    { "REQUIRETLS", FALSE, TRUE, FALSE },
    { "PIPELINING", TRUE, TRUE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Sink sink = { .extensions = cases[i].extensions };
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("a@x.test", "b@y.test");
      PhSmtpClientJob job = { .envelope = envelope, .implicit_tls = cases[i].tls, .tls_is_verified = cases[i].verified };
      g_autoptr (Dialog) dialog = NULL;

      envelope->requiretls = TRUE;
      dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "192.0.2.1");
      dialog_run (dialog);
      g_assert_cmpint (ph_smtp_client_get_results (dialog->client)->kind, ==, cases[i].passes ? PH_SMTP_RESULT_DELIVERED : PH_SMTP_RESULT_PERMANENT);
      g_assert_cmpint (strstr (dialog->said->str, "MAIL FROM:<a@x.test> REQUIRETLS\r\n") != NULL, ==, cases[i].passes);
      if (!cases[i].passes)
        {
          g_assert_cmpstr (ph_smtp_client_get_results (dialog->client)->reply->enhanced, ==, "5.7.30");
          g_assert_true (ph_smtp_client_try_next_host (dialog->client));
        }
    }
}

/* A handshake that fails: without TLS the next time, where that is allowed (S19). */
static void
test_failed_handshake (void)
{
  for (PhSmtpTlsPolicy policy = PH_SMTP_TLS_OPPORTUNISTIC; policy <= PH_SMTP_TLS_REQUIRED; policy++)
    {
      static const Sink sink = { .extensions = "STARTTLS" };
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("a@x.test", "b@y.test");
      PhSmtpClientJob job = { .envelope = envelope, .tls = policy };
      g_autoptr (Dialog) dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "192.0.2.1");
      PhSession *session = PH_SESSION (dialog->client);

      while (!ph_session_wants_tls (session))
        {
          dialog_run_sink (dialog);
          g_assert_true (dialog_feed (dialog));
        }
      ph_session_peer_closed (session);
      g_assert_cmpuint (dialog->n_finished, ==, 1);
      g_assert_cmpint (ph_smtp_client_get_results (dialog->client)->kind, ==, PH_SMTP_RESULT_TEMPORARY);
      g_assert_true (ph_smtp_client_try_next_host (dialog->client));
      g_assert_cmpint (ph_smtp_client_try_without_tls (dialog->client), ==, policy == PH_SMTP_TLS_OPPORTUNISTIC);
    }
}

/* DSN parameters go where the server has DSN (S25), and nothing in them forges a command (V14). */
static void
test_dsn (void)
{
  static const struct
  {
    const char *extensions;
    const char *said;
  } cases[] = {
    { "DSN", HELLO "MAIL FROM:<a@x.test> RET=HDRS ENVID=a+2Bb+0D+0AQUIT\r\n"
                   "RCPT TO:<b@y.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;B+2Bx+0D@Y.test\r\nRCPT TO:<c@y.test> NOTIFY=NEVER\r\nRCPT TO:<d@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n" },
    { NULL, HELLO "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\nRCPT TO:<d@y.test>\r\nDATA\r\n" WIRE "QUIT\r\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Sink sink = { .extensions = cases[i].extensions };
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("a@x.test", "b@y.test,c@y.test,d@y.test");
      PhSmtpClientJob  job = { .envelope = envelope, .tls = PH_SMTP_TLS_OPPORTUNISTIC };
      PhSmtpRecipient *recipient = envelope->recipients->pdata[0];
      g_autoptr (Dialog) dialog = NULL;

      envelope->ret = PH_DSN_RET_HDRS;
      envelope->envid = g_strdup ("a+b\r\nQUIT");
      recipient->notify = PH_DSN_NOTIFY_SUCCESS | PH_DSN_NOTIFY_DELAY;
      recipient->orcpt = g_strdup ("rfc822;B+x\r@Y.test");
      recipient = envelope->recipients->pdata[1];
      recipient->notify = PH_DSN_NOTIFY_NEVER;
      recipient->orcpt = g_strdup ("r c;x@y.test");
      dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "192.0.2.1");
      dialog_run (dialog);
      g_assert_cmpstr (dialog->said->str, ==, cases[i].said);
      g_assert_cmpint (ph_smtp_client_has_dsn (dialog->client), ==, cases[i].extensions != NULL);
    }
}

/* The server's reply that begins so is one line of the transcript, to its last line, with `words` in it. */
static void
assert_one_line (PhJournalSession *log,
                 const char       *start,
                 const char       *words)
{
  GListModel *lines = ph_journal_session_get_lines (log);
  guint       n_found = 0;

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, i);

      if (ph_journal_line_get_voice (line) != PH_JOURNAL_SERVER || !g_str_has_prefix (ph_journal_line_get_text (line), start))
        continue;
      n_found++;
      g_assert_cmpuint (ph_journal_line_get_n_lines (line), >, 1);
      g_assert_nonnull (strstr (ph_journal_line_get_text (line), words));
      g_assert_true (g_str_has_prefix (strrchr (ph_journal_line_get_text (line), '\n'), "\n250 "));
    }
  g_assert_cmpuint (n_found, ==, 1);
}

/* The journal has every line, and no password in any form. */
static void
test_journal (void)
{
  static const Sink sinks[] = {
    { .extensions = "AUTH PLAIN" },
    { .extensions = "AUTH LOGIN", .challenges = { "VXNlcm5hbWU6", "UGFzc3dvcmQ6" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sinks); i++)
    {
      g_autoptr (PhClock) clock = ph_clock_new_manual (0);
      g_autoptr (PhJournal) journal = ph_journal_new (clock);
      g_autoptr (PhJournalSession) log = ph_journal_begin (journal, "SMTP", TRUE, "127.0.0.1");
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("a@x.test", "b@y.test");
      PhSmtpClientJob job = { .envelope = envelope, .user = "me", .password = "secret" };
      g_autoptr (Dialog) dialog = dialog_new (&sinks[i], &job, MESSAGE, strlen (MESSAGE), "127.0.0.1");
      g_autofree char *text = NULL;

      ph_session_set_journal (PH_SESSION (dialog->client), log);
      dialog_run (dialog);
      ph_journal_flush (journal);
      text = ph_journal_session_export (log, PH_JOURNAL_EXPORT_TEXT);
      g_assert_nonnull (strstr (text, i == 0 ? "AUTH PLAIN" : "AUTH LOGIN"));
      g_assert_nonnull (strstr (text, "message, 20 bytes"));
      g_assert_nonnull (strstr (text, "250 2.0.0 Taken"));
      g_assert_null (strstr (text, "AG1lAHNl"));
      g_assert_null (strstr (text, "c2VjcmV0"));
      g_assert_null (strstr (text, ".dot"));
      assert_one_line (log, "250-", i == 0 ? "AUTH PLAIN" : "AUTH LOGIN");
      ph_journal_session_end (log, NULL);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/smtp/client/conversations", test_conversations);
  g_test_add_func ("/smtp/client/refusals", test_refusals);
  g_test_add_func ("/smtp/client/decisions", test_decisions);
  g_test_add_func ("/smtp/client/failed-handshake", test_failed_handshake);
  g_test_add_func ("/smtp/client/requiretls", test_requiretls);
  g_test_add_func ("/smtp/client/dsn", test_dsn);
  g_test_add_func ("/smtp/client/journal", test_journal);

  return g_test_run ();
}
