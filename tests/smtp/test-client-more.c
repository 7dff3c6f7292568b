/* Several messages over one connection, chunks, and what a server limits (S20, S21). */

#include "client-fixture.h"
#include "ph-scram-client.h"

#define MESSAGE "Subject: x\r\n\r\n.dot\r\n"
#define WIRE "Subject: x\r\n\r\n..dot\r\n.\r\n"
#define HELLO "EHLO client.test\r\n"

static PhSmtpEnvelope *
make_envelope (const char *recipients)
{
  PhSmtpEnvelope *envelope = ph_smtp_envelope_new ("a@x.test");
  g_auto (GStrv) addresses = g_strsplit (recipients, ",", -1);

  for (guint i = 0; addresses[i] != NULL; i++)
    ph_smtp_envelope_add (envelope, addresses[i]);

  return envelope;
}

/* Chunks: announced to the byte, dots as they are, line ends mended, in any size (RFC 3030). */
static void
test_chunks (void)
{
  g_autofree char *line = g_strnfill (70, 'y');
  g_autoptr (GString) large = g_string_new ("Subject: large\n\n");
  const char *messages[] = { MESSAGE, "", "Return-Path: <a@x.test>\r\nSubject: x\r\n\r\n.a\rb\nc\r", NULL };
  const char *bodies[] = { MESSAGE, "", "Subject: x\r\n\r\n.a b\r\nc\r\n", NULL };
  g_auto (GStrv) lines = NULL;
  g_autofree char *wanted = NULL;

  while (large->len < 5 * 16384)
    g_string_append_printf (large, ".%s\n", line);
  lines = g_strsplit (large->str, "\n", -1);
  wanted = g_strjoinv ("\r\n", lines);
  messages[3] = large->str;
  bodies[3] = wanted;

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    for (guint split = 0; split < 4; split++)
      {
        static const Sink sink = { .extensions = "PIPELINING;CHUNKING;SIZE" };
        g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("b@y.test");
        PhSmtpClientJob job = { .envelope = envelope };
        g_autoptr (Dialog) dialog = dialog_new (&sink, &job, messages[i], strlen (messages[i]), "192.0.2.1");
        g_autofree char *results = NULL;

        dialog->split = split;
        dialog_run (dialog);
        results = dialog_dup_results (dialog, 1);
        g_assert_cmpstr (results, ==, "D 250 2.0.0 Taken");
        g_assert_cmpstr (dialog->body->str, ==, bodies[i]);
        g_assert_null (strstr (dialog->said->str, "DATA"));
        g_assert_true (g_str_has_suffix (dialog->said->str, "QUIT\r\n"));
      }
}

/* No message where nobody wants it, and no chunk after a refusal. */
static void
test_chunk_refusals (void)
{
  g_autofree char *large = g_strnfill (200000, 'y');
  const struct
  {
    Sink        sink;
    const char *message;
    const char *result;
    gsize       most; /* bytes of the message that may go out */
  } cases[] = {
    { { "PIPELINING;CHUNKING", { [SINK_RCPT] = "550 5.1.1 Who?\r\n" } }, large, "P 550 5.1.1 Who?", 0 },
    { { "PIPELINING;CHUNKING", { [SINK_RCPT] = "550 5.1.1 Who?\r\n", [SINK_FINAL] = "503 5.5.1 Nobody\r\n" } }, MESSAGE, "P 550 5.1.1 Who?", 100 },
    { { "PIPELINING;CHUNKING", { [SINK_MAIL] = "451 Later\r\n", [SINK_RCPT] = "503 No\r\n", [SINK_FINAL] = "503 No\r\n" } }, MESSAGE, "T 451 Later", 100 },
    { { "PIPELINING;CHUNKING", { [SINK_DATA] = "552 5.3.4 Large\r\n" } }, large, "P 552 5.3.4 Large", 150000 },
    { { "PIPELINING;CHUNKING", { [SINK_FINAL] = "451 Later\r\n" } }, large, "T 451 Later", 200010 },
    { { "CHUNKING" }, MESSAGE, "D 250 2.0.0 Taken", 100 }, /* without pipelining: DATA */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("b@y.test");
      PhSmtpClientJob job = { .envelope = envelope };
      g_autoptr (Dialog) dialog = dialog_new (&cases[i].sink, &job, cases[i].message, strlen (cases[i].message), "192.0.2.1");
      g_autofree char *results = NULL;

      dialog_run (dialog);
      results = dialog_dup_results (dialog, 1);
      g_test_message ("%u: %s", i, results);
      g_assert_cmpstr (results, ==, cases[i].result);
      g_assert_cmpuint (dialog->body->len, <=, cases[i].most);
      g_assert_cmpuint (dialog->n_finished, ==, 1);
    }
}

/* S21: BINARYMIME is never used, whatever is offered: what is 8-bit goes as that. */
static void
test_never_binary (void)
{
  static const Sink sink = { .extensions = "PIPELINING;CHUNKING;BINARYMIME;8BITMIME" };
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("b@y.test");
  PhSmtpClientJob job = { .envelope = envelope, .is_8bit = TRUE };
  g_autoptr (Dialog) dialog = NULL;

  envelope->body = PH_SMTP_BODY_BINARYMIME;
  dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "192.0.2.1");
  dialog_run (dialog);
  g_assert_nonnull (strstr (dialog->said->str, "BODY=8BITMIME\r\n"));
  g_assert_null (strstr (dialog->said->str, "BINARYMIME"));
}

/* The next message goes as soon as the last one is taken, until it is enough. */

typedef struct
{
  Dialog         *dialog;
  PhSmtpClientJob job;
  guint           n_ready, n_wanted;
} Series;

static void
ready_cb (Series *series)
{
  g_assert_true (ph_smtp_client_is_ready (series->dialog->client));
  if (++series->n_ready < series->n_wanted)
    ph_smtp_client_send_another (series->dialog->client, &series->job);
}

static void
test_series (void)
{
  static const struct
  {
    const char *extensions;
    guint       n_wanted;
    guint       n_sent;
    gboolean    leaves; /* by itself */
  } cases[] = {
    { "PIPELINING", 3, 3, FALSE },
    { NULL, 3, 3, FALSE },
    { "PIPELINING;CHUNKING", 3, 3, FALSE },
    { "LIMITS MAILMAX=2", 5, 2, TRUE },
    { "LIMITS MAILMAX=0", 5, 5, FALSE },
    { "PIPELINING", 150, PH_SMTP_CLIENT_MAILS_MAX, TRUE }, /* S20 */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Sink sink = { .extensions = cases[i].extensions };
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("b@y.test");
      Series series = { .job = { .envelope = envelope, .keeps_open = TRUE }, .n_wanted = cases[i].n_wanted };
      g_autoptr (Dialog) dialog = dialog_new (&sink, &series.job, MESSAGE, strlen (MESSAGE), "192.0.2.1");

      series.dialog = dialog;
      g_signal_connect_swapped (dialog->client, "ready", G_CALLBACK (ready_cb), &series);
      dialog_run (dialog);
      g_assert_cmpuint (dialog->n_finished, ==, cases[i].n_sent);
      g_assert_cmpuint (dialog->body->len, ==, cases[i].n_sent * strlen (MESSAGE));
      g_assert_cmpint (g_str_has_suffix (dialog->said->str, "QUIT\r\n"), ==, cases[i].leaves);
      if (cases[i].leaves)
        continue;

      /* Nothing comes any more. */
      ph_session_timed_out (PH_SESSION (dialog->client));
      g_assert_false (ph_smtp_client_is_ready (dialog->client));
      dialog_run (dialog);
      g_assert_true (g_str_has_suffix (dialog->said->str, "QUIT\r\n"));
    }
}

/* After a refusal nothing more goes over this connection. */
static void
test_refused_in_series (void)
{
  static const Sink sink = { .answers = { [SINK_RCPT] = "550 5.1.1 Who?\r\n" } };
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("b@y.test");
  PhSmtpClientJob job = { .envelope = envelope, .keeps_open = TRUE };
  g_autoptr (Dialog) dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "192.0.2.1");

  dialog_run (dialog);
  g_assert_false (ph_smtp_client_is_ready (dialog->client));
  g_assert_true (g_str_has_suffix (dialog->said->str, "QUIT\r\n"));
}

/* The server had enough between two messages: no fault of the second. */
static void
test_stale (void)
{
  static const char *const ends[] = { NULL, "421 4.4.2 Idle\r\n", "250 What?\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    for (guint late = 0; late < 2; late++)
      {
        static const Sink sink = { .extensions = "PIPELINING" };
        g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("b@y.test");
        PhSmtpClientJob job = { .envelope = envelope, .keeps_open = TRUE };
        g_autoptr (Dialog) dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "192.0.2.1");
        PhSession *session = PH_SESSION (dialog->client);

        dialog_run (dialog);
        g_assert_true (ph_smtp_client_is_ready (dialog->client));
        if (late)
          ph_smtp_client_send_another (dialog->client, &job);
        if (ends[i] != NULL)
          ph_session_feed (session, (const guint8 *)ends[i], strlen (ends[i]));
        else
          ph_session_peer_closed (session);
        g_assert_false (ph_smtp_client_is_ready (dialog->client));
        g_assert_cmpuint (dialog->n_finished, ==, late && i < 2 ? 2 : 1);
        if (late && i < 2)
          {
            g_assert_true (ph_smtp_client_was_stale (dialog->client));
            g_assert_cmpint (ph_smtp_client_get_results (dialog->client)->kind, ==, PH_SMTP_RESULT_TEMPORARY);
          }
      }
}

/* S21: a server that takes 7 bits gets the other form over the same connection. */
static void
test_wants_7bit (void)
{
  static const Sink sink = { .extensions = "PIPELINING" };
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("b@y.test");
  PhSmtpClientJob job = { .envelope = envelope, .keeps_open = TRUE, .is_8bit = TRUE };
  g_autoptr (Dialog) dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "192.0.2.1");
  g_autofree char *results = NULL;

  dialog_run (dialog);
  g_assert_true (ph_smtp_client_wants_7bit (dialog->client));
  g_assert_true (ph_smtp_client_is_ready (dialog->client));
  g_assert_cmpstr (dialog->said->str, ==, HELLO);

  job.is_8bit = FALSE;
  ph_smtp_client_send_another (dialog->client, &job);
  dialog_run (dialog);
  g_assert_false (ph_smtp_client_wants_7bit (dialog->client));
  results = dialog_dup_results (dialog, 1);
  g_assert_cmpstr (results, ==, "D 250 2.0.0 Taken");
}

/* RFC 9422: as many domains as the server takes at a time; the others wait for the next. */
static void
test_domain_limit (void)
{
  static const Sink sink = { .extensions = "LIMITS RCPTDOMAINMAX=2" };
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("b@y.test,c@z.test,d@y.test,e@w.test,f@z.test");
  PhSmtpClientJob job = { .envelope = envelope };
  g_autoptr (Dialog) dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "192.0.2.1");
  const PhSmtpResult *results;

  dialog_run (dialog);
  results = ph_smtp_client_get_results (dialog->client);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpint (results[i].kind, ==, i == 3 ? PH_SMTP_RESULT_TEMPORARY : PH_SMTP_RESULT_DELIVERED);
  g_assert_cmpstr (results[3].reply->enhanced, ==, "4.5.3");
}

/* A login by SCRAM-SHA-256, as RFC 7677 section 3 shows it. */
static void
test_scram_example (void)
{
  g_autoptr (PhScramClient) client = ph_scram_client_new ("user", "pencil");
  g_autofree char *first = NULL;
  g_autofree char *answer = NULL;

  ph_scram_client_set_nonce (client, "rOprNGfwEbeRWgbNEkqO");
  first = ph_scram_client_begin (client);
  g_assert_cmpstr (first, ==, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  answer = ph_scram_client_answer (client, "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  g_assert_cmpstr (answer, ==, "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  g_assert_true (ph_scram_client_check (client, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  g_assert_false (ph_scram_client_check (client, "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  g_assert_false (ph_scram_client_check (client, "e=other-error"));
}

/* What a server must not ask for: another's nonce, too few rounds, too many, no salt. */
static void
test_scram_refused (void)
{
  static const char *const challenges[] = {
    "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    "r=mine,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    "r=mineyours,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095",
    "r=mineyours,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2000000000",
    "r=mineyours,s=,i=4096",
    "m=must,r=mineyours,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    "",
  };

  for (guint i = 0; i < G_N_ELEMENTS (challenges); i++)
    {
      g_autoptr (PhScramClient) client = ph_scram_client_new ("u=s,er", "pencil");
      g_autofree char *first = NULL;

      ph_scram_client_set_nonce (client, "mine");
      first = ph_scram_client_begin (client);
      g_assert_cmpstr (first, ==, "n,,n=u=3Ds=2Cer,r=mine");
      g_assert_null (ph_scram_client_answer (client, challenges[i]));
      g_assert_false (ph_scram_client_check (client, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }
}

/* S27: SCRAM is chosen before what shows the password; and no mail goes to a server that does not prove its keys. */
static void
test_scram_server_must_prove (void)
{
  static const Sink sink = { .extensions = "AUTH PLAIN LOGIN SCRAM-SHA-256", .answers = { [SINK_AUTH] = "334 bm9uc2Vuc2U=\r\n" } };
  g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("b@y.test");
  PhSmtpClientJob job = { .envelope = envelope, .user = "me", .password = "secret" };
  g_autoptr (Dialog) dialog = dialog_new (&sink, &job, MESSAGE, strlen (MESSAGE), "127.0.0.1");
  g_autofree char *results = NULL;

  dialog_run (dialog);
  while (!ph_smtp_client_is_finished (dialog->client))
    g_main_context_iteration (NULL, TRUE);
  dialog_run (dialog);
  results = dialog_dup_results (dialog, 1);
  g_assert_true (g_str_has_prefix (results, "T 451 4.7.0"));
  g_assert_nonnull (strstr (dialog->said->str, "AUTH SCRAM-SHA-256 "));
  g_assert_null (strstr (dialog->said->str, "AUTH PLAIN"));
  g_assert_null (strstr (dialog->said->str, "MAIL"));
}

/* S27: an access token is shown as Google and Microsoft want it, and never as a password. */
static void
test_token (void)
{
  static const Sink fine = { .extensions = "AUTH PLAIN XOAUTH2" };
  static const Sink refusing = { .extensions = "AUTH PLAIN XOAUTH2", .answers = { [SINK_CHALLENGE] = "535 5.7.8 Expired\r\n" }, .challenges = { "eyJzdGF0dXMiOiI0MDEifQ==" } };
  static const Sink without = { .extensions = "AUTH PLAIN LOGIN" };
  const struct
  {
    const Sink *sink;
    const char *result;
  } cases[] = { { &fine, "D 250" }, { &refusing, "T 451 4.7.8" }, { &without, "T 451 4.7.0" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PhSmtpEnvelope) envelope = make_envelope ("b@y.test");
      PhSmtpClientJob job = { .envelope = envelope, .user = "me", .password = "token", .password_is_token = TRUE };
      g_autoptr (Dialog) dialog = dialog_new (cases[i].sink, &job, MESSAGE, strlen (MESSAGE), "127.0.0.1");
      g_autofree char *results = NULL;

      dialog_run (dialog);
      results = dialog_dup_results (dialog, 1);
      g_assert_true (g_str_has_prefix (results, cases[i].result));
      g_assert_null (strstr (dialog->said->str, "AUTH PLAIN"));
      if (i < 2)
        g_assert_nonnull (strstr (dialog->said->str, "AUTH XOAUTH2 dXNlcj1tZQFhdXRoPUJlYXJlciB0b2tlbgEB\r\n"));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/smtp/client/chunks", test_chunks);
  g_test_add_func ("/smtp/client/chunks/refusals", test_chunk_refusals);
  g_test_add_func ("/smtp/client/S21/never-binary", test_never_binary);
  g_test_add_func ("/smtp/client/S21/wants-7bit", test_wants_7bit);
  g_test_add_func ("/smtp/client/S20/series", test_series);
  g_test_add_func ("/smtp/client/S20/refused-in-series", test_refused_in_series);
  g_test_add_func ("/smtp/client/S20/stale", test_stale);
  g_test_add_func ("/smtp/client/S20/domain-limit", test_domain_limit);

  g_test_add_func ("/smtp/client/S27/scram-example", test_scram_example);
  g_test_add_func ("/smtp/client/S27/scram-refused", test_scram_refused);
  g_test_add_func ("/smtp/client/S27/scram-server-must-prove", test_scram_server_must_prove);
  g_test_add_func ("/smtp/client/S27/token", test_token);

  return g_test_run ();
}
