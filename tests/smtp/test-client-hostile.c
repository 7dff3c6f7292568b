/* The sending side against servers that mean no good (V02, V04, V16), against a hang-up at any
 * byte, and against our own receiving side. */

#include "client-fixture.h"
#include "smtp-fixture.h"

#define MESSAGE "Subject: x\r\n\r\n.dot\r\n"

static PhSmtpEnvelope *
make_envelope (guint n)
{
  PhSmtpEnvelope *envelope = ph_smtp_envelope_new ("a@x.test");

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *address = g_strdup_printf ("b%u@y.test", i);

      ph_smtp_envelope_add (envelope, address);
    }

  return envelope;
}

static Dialog *
begin (const Sink     *sink,
       PhSmtpEnvelope *envelope)
{
  PhSmtpClientJob job = { .envelope = envelope, .tls = PH_SMTP_TLS_OPPORTUNISTIC, .user = NULL };

  return dialog_new (sink, &job, MESSAGE, strlen (MESSAGE), "127.0.0.1");
}

static char *
repeat (const char *text,
        guint       n)
{
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (all, text);

  return g_string_free (all, FALSE);
}

/* V16: what is no reply, and replies that have no end. */
static void
test_replies (void)
{
  g_autofree char *long_line = g_strdup_printf ("250 %0*d\r\n", 5000, 0);
  g_autofree char *fits = g_strdup_printf ("250 %0*d\r\n", 4000, 0);
  g_autofree char *endless = g_strnfill (100000, '2');
  g_autofree char *many = repeat ("250-more\r\n", 1000);
  const struct
  {
    const char *answer;
    gboolean    is_fine;
  } cases[] = {
    { "250\r\n", TRUE },
    { "250-\r\n250 \r\n", TRUE },
    { "250-a\n250 b\n", TRUE },
    { fits, TRUE },
    { long_line, FALSE },
    { endless, FALSE },
    { many, FALSE },
    { "25 OK\r\n", FALSE },
    { "2500 OK\r\n", FALSE },
    { "250_OK\r\n", FALSE },
    { " 250 OK\r\n", FALSE },
    { "\r\n", FALSE },
    { "250-a\r\n251 b\r\n", FALSE },
    { "OK\r\n", FALSE },
    { "\x16\x03\x01\x02\r\n", FALSE },
    { "HTTP/1.1 400 Bad Request\r\n", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (SinkStage stage = SINK_EHLO; stage <= SINK_FINAL; stage++)
      {
        Sink sink = { NULL };
        g_autoptr (PhSmtpEnvelope) envelope = make_envelope (1);
        g_autoptr (Dialog) dialog = NULL;
        const PhSmtpResult *result;

        if (stage == SINK_HELO || stage == SINK_STARTTLS || stage == SINK_AUTH || stage == SINK_CHALLENGE || stage == SINK_RCPT_2 || stage == SINK_DATA)
          continue;
        sink.answers[stage] = cases[i].answer;
        g_test_message ("stage %u, %.20s", stage, cases[i].answer);
        dialog = begin (&sink, envelope);
        dialog_run (dialog);
        g_assert_cmpuint (dialog->n_finished, ==, 1);
        result = ph_smtp_client_get_results (dialog->client);
        g_assert_cmpint (result->kind, ==, cases[i].is_fine ? PH_SMTP_RESULT_DELIVERED : PH_SMTP_RESULT_TEMPORARY);
        g_assert_true (ph_session_wants_close (PH_SESSION (dialog->client)));
      }
}

/* Text for reports and logs has no controls, is valid UTF-8 and bounded, whatever was sent. */
static void
test_reply_text (void)
{
  g_autoptr (GString) answer = g_string_new ("550-5.1.1 a\x01"
                                             "b\x1b[2J\xff\xfe\r\n");
  Sink sink = { NULL };
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope (1);
  g_autoptr (Dialog) dialog = NULL;
  const PhSmtpReply *reply;

  for (guint i = 0; i < 50; i++)
    g_string_append_printf (answer, "550-5.1.1 %0*d\r\n", 1000, 7);
  g_string_append (answer, "550 5.1.1 end\r\n");
  sink.answers[SINK_RCPT] = answer->str;
  dialog = begin (&sink, envelope);
  dialog_run (dialog);
  reply = ph_smtp_client_get_results (dialog->client)->reply;
  g_assert_cmpstr (reply->enhanced, ==, "5.1.1");
  g_assert_true (g_str_has_prefix (reply->text, "a?b?[2J"));
  g_assert_true (g_utf8_validate (reply->text, -1, NULL));
  g_assert_cmpuint (strlen (reply->text), <=, 8192 + 100);
  for (const char *c = reply->text; *c != '\0'; c++)
    g_assert_true ((guchar)*c >= 0x20 || *c == '\n');
}

/* Answers to what was not asked, or not yet sent: never a delivery. */
static void
test_early_answers (void)
{
  static const struct
  {
    const char *what;
    SinkStage   stage;
    const char *answer;
  } cases[] = {
    { "everything is fine, says the greeting", SINK_GREETING, "220 Hi\r\n250 EHLO\r\n250 MAIL\r\n250 RCPT\r\n354 DATA\r\n250 Taken\r\n" },
    { "everything is fine, says EHLO", SINK_EHLO, "250 EHLO\r\n250 MAIL\r\n250 RCPT\r\n354 DATA\r\n250 Taken\r\n" },
    { "success before the message", SINK_DATA, "354 Go\r\n250 Taken\r\n" },
    { "success instead of 354", SINK_DATA, "250 Taken\r\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Sink sink = { NULL };
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope (1);
      g_autoptr (Dialog) dialog = NULL;

      g_test_message ("%s", cases[i].what);
      sink.answers[cases[i].stage] = cases[i].answer;
      dialog = begin (&sink, envelope);
      g_string_truncate (dialog->message, 0);
      while (dialog->message->len < 200000)
        g_string_append (dialog->message, "line\r\n");
      dialog_run (dialog);
      g_assert_cmpuint (dialog->n_finished, ==, 1);
      g_assert_cmpint (ph_smtp_client_get_results (dialog->client)->kind, ==, PH_SMTP_RESULT_TEMPORARY);
      g_assert_true (ph_session_wants_close (PH_SESSION (dialog->client)));
    }
}

/* A refusal while the message is on its way is one; then the connection ends, without QUIT and
 * without the dot that would make half a message a whole one. */
static void
test_refusal_in_data (void)
{
  static const struct
  {
    const char      *answer;
    PhSmtpResultKind kind;
  } cases[] = {
    { "354 Go\r\n421 Going down\r\n", PH_SMTP_RESULT_TEMPORARY },
    { "354 Go\r\n552 5.3.4 Too large\r\n", PH_SMTP_RESULT_PERMANENT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Sink sink = { .answers = { [SINK_DATA] = cases[i].answer } };
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope (1);
      g_autoptr (Dialog) dialog = begin (&sink, envelope);

      while (dialog->message->len < 300000)
        g_string_append (dialog->message, "line\r\n");
      dialog_run (dialog);
      g_assert_cmpint (ph_smtp_client_get_results (dialog->client)->kind, ==, cases[i].kind);
      g_assert_false (g_str_has_suffix (dialog->said->str, "QUIT\r\n"));
      g_assert_null (strstr (dialog->said->str, "\r\n.\r\n"));
    }
}

/* V04: bytes in clear behind the answer to STARTTLS end it, in the same piece and in the next;
 * the password stays here. */
static void
test_starttls_injection (void)
{
  static const char *const answers[] = {
    "220 Go\r\n250-evil\r\n250 AUTH PLAIN\r\n",
    "220 Go\r\n2",
    "220-Go\r\n220 Go\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    for (guint split = 0; split < 6; split++)
      {
        Sink sink = { .extensions = "STARTTLS;AUTH PLAIN", .answers = { [SINK_STARTTLS] = answers[i] } };
        g_autoptr (PhSmtpEnvelope) envelope = make_envelope (1);
        PhSmtpClientJob job = { .envelope = envelope, .tls = PH_SMTP_TLS_REQUIRED, .user = "me", .password = "secret" };
        g_autoptr (Dialog) dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "127.0.0.1");

        dialog->split = split;
        dialog_run (dialog);
        g_assert_cmpuint (dialog->n_finished, ==, 1);
        g_assert_cmpint (ph_smtp_client_get_results (dialog->client)->kind, ==, PH_SMTP_RESULT_TEMPORARY);
        g_assert_true (ph_smtp_client_try_next_host (dialog->client));
        g_assert_null (strstr (dialog->said->str, "AUTH"));
        g_assert_null (strstr (dialog->said->str, "<TLS>"));
      }
}

/* What was offered in clear counts no more under TLS. */
static void
test_forgets_offers (void)
{
  static const Sink clear = { .extensions = "STARTTLS;PIPELINING;DSN;SIZE 5;AUTH PLAIN" }, secured = { .extensions = "AUTH PLAIN" };
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope (1);
  PhSmtpClientJob job = { .envelope = envelope, .tls = PH_SMTP_TLS_REQUIRED, .user = "me", .password = "secret" };
  g_autoptr (Dialog) dialog = dialog_new (&clear, &job, MESSAGE, strlen (MESSAGE), "192.0.2.1");

  while (!ph_session_wants_tls (PH_SESSION (dialog->client)))
    {
      dialog_run_sink (dialog);
      dialog_feed (dialog);
    }
  dialog->sink = &secured;
  dialog_run (dialog);
  g_assert_cmpint (ph_smtp_client_get_results (dialog->client)->kind, ==, PH_SMTP_RESULT_DELIVERED);
  g_assert_false (ph_smtp_client_has_dsn (dialog->client));
  g_assert_nonnull (strstr (dialog->said->str, "<TLS>\r\nEHLO client.test\r\nAUTH PLAIN AG1lAHNlY3JldA==\r\nMAIL FROM:<a@x.test>\r\n"));
}

/* The server goes at any byte: one result, which is no delivery before the final answer. */
static void
test_hang_up (void)
{
  static const Sink good = { .extensions = "PIPELINING;STARTTLS;DSN" };
  gboolean          delivered = FALSE;

  for (guint length = 0; !delivered; length++)
    {
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope (2);
      g_autoptr (Dialog) dialog = begin (&good, envelope);
      PhSession *session = PH_SESSION (dialog->client);
      guint      fed = 0;

      dialog->split = 1;
      while (fed < length && !ph_session_wants_close (session))
        {
          dialog_run_sink (dialog);
          ph_session_drained (session);
          if (ph_session_wants_tls (session))
            dialog_shake_hands (dialog);
          else if (dialog_feed (dialog))
            fed++;
        }
      delivered = ph_smtp_client_is_finished (dialog->client);
      if (!ph_session_wants_close (session))
        ph_session_peer_closed (session);
      g_assert_cmpuint (dialog->n_finished, ==, 1);
      g_assert_cmpint (ph_smtp_client_get_results (dialog->client)[1].kind, ==, delivered ? PH_SMTP_RESULT_DELIVERED : PH_SMTP_RESULT_TEMPORARY);
    }
}

/* Silence: each stage has its seconds (S13), and then a result. */
static void
test_deadlines (void)
{
  static const struct
  {
    SinkStage stage;
    guint     seconds;
  } cases[] = {
    { SINK_GREETING, 300 },
    { SINK_EHLO, 300 },
    { SINK_MAIL, 300 },
    { SINK_RCPT, 300 },
    { SINK_DATA, 120 },
    { SINK_FINAL, 600 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Sink sink = { NULL };
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope (1);
      g_autoptr (Dialog) dialog = NULL;
      guint serial;

      sink.answers[cases[i].stage] = "";
      dialog = begin (&sink, envelope);
      dialog_run (dialog);
      g_assert_cmpuint (ph_session_get_deadline (PH_SESSION (dialog->client), &serial), ==, cases[i].seconds);
      ph_session_timed_out (PH_SESSION (dialog->client));
      g_assert_cmpuint (dialog->n_finished, ==, 1);
      g_assert_cmpint (ph_smtp_client_get_results (dialog->client)->kind, ==, PH_SMTP_RESULT_TEMPORARY);
      g_assert_cmpstr (ph_smtp_client_get_results (dialog->client)->reply->enhanced, ==, "4.4.2");
    }
}

/* A message that can't be read ends without its dot, and waits. */
static void
test_unreadable (void)
{
  static const Sink good = { .extensions = "PIPELINING" };
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope (1);
  g_autoptr (Dialog) dialog = begin (&good, envelope);

  dialog->read_fails = TRUE;
  dialog_run (dialog);
  g_assert_cmpint (ph_smtp_client_get_results (dialog->client)->kind, ==, PH_SMTP_RESULT_TEMPORARY);
  g_assert_true (g_str_has_suffix (dialog->said->str, "DATA\r\n"));
  g_assert_true (ph_session_wants_close (PH_SESSION (dialog->client)));
}

static void
test_shut_down (void)
{
  static const Sink good = { .answers = { [SINK_MAIL] = "" } };
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope (1);
  g_autoptr (Dialog) dialog = begin (&good, envelope);

  dialog_run (dialog);
  ph_session_shut_down (PH_SESSION (dialog->client), "The server is going down");
  g_assert_cmpuint (dialog->n_finished, ==, 1);
  g_assert_cmpstr (ph_smtp_client_get_results (dialog->client)->reply->enhanced, ==, "4.3.2");
  ph_session_peer_closed (PH_SESSION (dialog->client));
  g_assert_cmpuint (dialog->n_finished, ==, 1);
}

/* A random message of what is dangerous: dots, CR, LF and some text. */
static GString *
make_dangerous (void)
{
  static const char *const pieces[] = { ".", "\r", "\n", "\r\n", "x", "..", "\r\n.\r\n", "\n.\n", "text", "\r\r\n" };
  GString                 *message = g_string_new (NULL);
  guint                    n = (guint)g_test_rand_int_range (0, 60);

  for (guint i = 0; i < n; i++)
    g_string_append (message, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);

  return message;
}

/* What must arrive: bare LF a line end, bare CR a blank, the last line ended. */
static char *
normalize (const GString *message)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < message->len; i++)
    {
      if (message->str[i] == '\r' && (i + 1 == message->len || message->str[i + 1] == '\n'))
        continue;
      if (message->str[i] == '\n' || message->str[i] == '\r')
        g_string_append (out, message->str[i] == '\n' ? "\r\n" : " ");
      else
        g_string_append_c (out, message->str[i]);
    }
  if (message->len > 0 && (out->len == 0 || out->str[out->len - 1] != '\n' || message->str[message->len - 1] == '\r'))
    g_string_append (out, "\r\n");

  return g_string_free (out, FALSE);
}

/* V02, and dot stuffing: whatever the message, no bare CR or LF goes out, one transaction is
 * seen, and a reader of RFC 5321 gets the message. */
static void
test_body_property (void)
{
  static const Sink good = { NULL };

  for (guint i = 0; i < 3000; i++)
    {
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope (1);
      g_autoptr (Dialog) dialog = begin (&good, envelope);
      g_autofree char *expected = NULL;

      g_string_free (dialog->message, TRUE);
      dialog->message = make_dangerous ();
      expected = normalize (dialog->message);
      dialog_run (dialog);
      g_assert_cmpstr (dialog->body->str, ==, expected);
      g_assert_cmpuint (dialog->n_rcpts, ==, 1);
      for (gsize j = 0; j < dialog->said->len; j++)
        {
          g_assert_true (dialog->said->str[j] != '\r' || dialog->said->str[j + 1] == '\n');
          g_assert_true (dialog->said->str[j] != '\n' || (j > 0 && dialog->said->str[j - 1] == '\r'));
        }
    }
}

/* Our own two sides, back to back. */

static gsize
pass_on (GString   *wire,
         PhBuffer  *output,
         PhSession *reader)
{
  gsize piece, taken;

  g_string_append_len (wire, (const char *)ph_buffer_get_data (output), (gssize)ph_buffer_get_length (output));
  ph_buffer_consume (output, G_MAXSIZE);
  if (wire->len == 0)
    return 0;

  piece = (gsize)g_test_rand_int_range (1, 200);
  piece = MIN (piece, wire->len);
  do
    taken = ph_session_feed (reader, (const guint8 *)wire->str, piece);
  while (taken == 0 && piece++ < wire->len);
  g_string_erase (wire, 0, (gssize)taken);

  return taken;
}

static void
join (PhSession *client,
      PhSession *server)
{
  g_autoptr (PhPeer) secure = ph_peer_new ("127.0.0.1", 25);
  g_autoptr (GString) up = g_string_new (NULL), down = g_string_new (NULL);
  gboolean moved = TRUE;

  secure->is_tls = TRUE;
  while (moved)
    {
      moved = pass_on (up, ph_session_get_output (client), server) > 0;
      ph_session_drained (client);
      moved |= g_main_context_iteration (NULL, FALSE);
      moved |= pass_on (down, ph_session_get_output (server), client) > 0;
      if (ph_session_wants_tls (client) && ph_session_wants_tls (server) && up->len == 0 && down->len == 0)
        {
          ph_session_secured (server, secure);
          ph_session_secured (client, secure);
          moved = TRUE;
        }
      moved |= ph_buffer_get_length (ph_session_get_output (client)) > 0 && !ph_session_wants_close (server);
    }
}

static void
test_back_to_back (void)
{
  for (guint i = 0; i < 200; i++)
    {
      PhSmtpConfig config = { PH_SMTP_ROLE_RELAY, "mx.example.org", 100000, 10, i % 2 == 0 };
      g_autoptr (StubHandler) handler = g_object_new (STUB_TYPE_HANDLER, NULL);
      g_autoptr (PhSmtpSession) server = ph_smtp_session_new (&config, PH_SMTP_HANDLER (handler), NULL);
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope (3);
      g_autoptr (PhPeer) peer = ph_peer_new ("127.0.0.1", 25);
      static const Sink none = { NULL };
      g_autoptr (Dialog) dialog = NULL;
      g_autofree char    *expected = NULL, *body = NULL;
      const PhSmtpResult *results;

      ph_smtp_envelope_add (envelope, "unknown@y.test");
      ((PhSmtpRecipient *)envelope->recipients->pdata[0])->notify = PH_DSN_NOTIFY_SUCCESS;
      ((PhSmtpRecipient *)envelope->recipients->pdata[0])->orcpt = g_strdup ("rfc822;+ =@y.test");
      envelope->envid = g_strdup ("a = b");
      dialog = begin (&none, envelope);
      g_string_truncate (dialog->unread, 0);
      g_string_free (dialog->message, TRUE);
      dialog->message = make_dangerous ();
      body = normalize (dialog->message);
      expected = g_strconcat ("a@x.test|b0@y.test,b1@y.test,b2@y.test|", body, NULL);

      ph_session_start (PH_SESSION (server), peer);
      join (PH_SESSION (dialog->client), PH_SESSION (server));
      results = ph_smtp_client_get_results (dialog->client);
      g_assert_true (ph_smtp_client_is_finished (dialog->client));
      g_assert_cmpint (results[0].kind, ==, PH_SMTP_RESULT_DELIVERED);
      g_assert_cmpint (results[2].kind, ==, PH_SMTP_RESULT_DELIVERED);
      g_assert_cmpint (results[3].kind, ==, PH_SMTP_RESULT_PERMANENT);
      g_assert_cmpuint (handler->accepted->len, ==, 1);
      g_assert_cmpstr (stub_handler_get (handler, 0)->str, ==, expected);
      g_assert_true (ph_session_wants_close (PH_SESSION (server)));
      g_assert_true (ph_session_wants_close (PH_SESSION (dialog->client)));
      ph_session_peer_closed (PH_SESSION (server));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/smtp/client/hostile/V16/replies", test_replies);
  g_test_add_func ("/smtp/client/hostile/V16/reply-text", test_reply_text);
  g_test_add_func ("/smtp/client/hostile/V16/early-answers", test_early_answers);
  g_test_add_func ("/smtp/client/hostile/V16/refusal-in-data", test_refusal_in_data);
  g_test_add_func ("/smtp/client/hostile/V04/starttls-injection", test_starttls_injection);
  g_test_add_func ("/smtp/client/hostile/V04/forgets-offers", test_forgets_offers);
  g_test_add_func ("/smtp/client/hostile/hang-up", test_hang_up);
  g_test_add_func ("/smtp/client/hostile/S13/deadlines", test_deadlines);
  g_test_add_func ("/smtp/client/hostile/unreadable", test_unreadable);
  g_test_add_func ("/smtp/client/hostile/shut-down", test_shut_down);
  g_test_add_func ("/smtp/client/hostile/V02/body-property", test_body_property);
  g_test_add_func ("/smtp/client/back-to-back", test_back_to_back);

  return g_test_run ();
}
