/* How messages travel: over shared connections (S20), and in the form that the next server takes (S21). */

#include "relay-fixture.h"

#define BOB "bob@[127.0.0.1]"
#define SIGNED_TEXT                                                                                                                                       \
  "Subject: sealed\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256; boundary=b\r\n\r\n" \
  "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\ngr\xc3\xbc\xc3\x9f"                                           \
  "e\r\n--b\r\n"                                                                                                                                          \
  "Content-Type: application/pgp-signature\r\n\r\nsignature\r\n--b--\r\n"

static char *
queue_8bit (RelayFixture *f,
            const char   *text)
{
  PhSmtpEnvelope *envelope = ph_smtp_envelope_new ("alice@here.test");

  envelope->body = PH_SMTP_BODY_8BITMIME;
  ph_smtp_envelope_add (envelope, BOB);

  return queue_envelope (f, envelope, text);
}

/* S21: re-encoded for a server without 8BITMIME, over the same connection; as it is for one with it. */
static void
test_recoded (RelayFixture *f,
              gconstpointer data)
{
  static const char              text[] = "Return-Path: <alice@here.test>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                          "Content-Transfer-Encoding: 8bit\r\n\r\ngr\xc3\xbc\xc3\x9f"
                                          "e\r\n";
  G_GNUC_UNUSED g_autofree char *first = NULL;
  G_GNUC_UNUSED g_autofree char *second = NULL;
  g_autofree char               *as_it_is = NULL;
  g_autofree char               *recoded = NULL;

  first = queue_8bit (f, text);
  wait_for (count_queue (f) == 0);
  as_it_is = script_server_dup_message (f->server, 0);
  g_assert_nonnull (strstr (as_it_is, "gr\xc3\xbc\xc3\x9f"
                                      "e\r\n"));

  let_connections_close (f);
  script_server_offer (f->server, "250-script\n250 PIPELINING");
  second = queue_8bit (f, text);
  wait_for (count_queue (f) == 0);
  recoded = script_server_dup_message (f->server, 1);
  g_assert_nonnull (strstr (recoded, "Content-Transfer-Encoding: quoted-printable\r\n"));
  g_assert_nonnull (strstr (recoded, "\r\n\r\ngr=C3=BC=C3=9Fe\r\n"));
  g_assert_null (strstr (recoded, "8bit"));
  g_assert_null (strstr (recoded, "Return-Path"));
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 2);
  g_assert_cmpuint (count_bad (f), ==, 0);
}

/* S01: no line of more than 1,000 octets leaves where it can be helped: neither in what is signed, nor of who only passes here. */
static void
test_long_lines (RelayFixture *f,
                 gconstpointer data)
{
  static const struct
  {
    const char *sender, *type;
    gboolean    from_here, is_shortened;
  } rows[] = {
    { "alice@here.test", "text/plain", TRUE, TRUE },
    { "alice@here.test", "multipart/signed; boundary=b", TRUE, FALSE },
    { "somebody@elsewhere.test", "text/plain", FALSE, FALSE },
    { "alice@here.test", "text/plain", FALSE, FALSE },
  };
  g_autofree char *line = g_strnfill (1200, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PhSmtpEnvelope                *envelope = ph_smtp_envelope_new (rows[i].sender);
      g_autofree char               *text = g_strdup_printf ("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: %s\r\n\r\n--b\r\n\r\n%s\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n", rows[i].type, line);
      G_GNUC_UNUSED g_autofree char *id = NULL;
      g_autofree char               *sent = NULL;

      envelope->has_long_lines = TRUE;
      envelope->from_here = rows[i].from_here;
      ph_smtp_envelope_add (envelope, BOB);
      id = queue_envelope (f, envelope, text);
      wait_for (count_queue (f) == 0);
      sent = script_server_dup_message (f->server, i);
      g_assert_true ((strstr (sent, line) == NULL) == rows[i].is_shortened);
      g_assert_true ((strstr (sent, "quoted-printable") != NULL) == rows[i].is_shortened);
    }
  g_assert_cmpuint (count_bad (f), ==, 0);
}

/* S21: what is signed as it is comes back with 5.6.3, for the sender to mend. */
static void
test_sealed (RelayFixture *f,
             gconstpointer data)
{
  G_GNUC_UNUSED g_autofree char *id = NULL;
  g_autofree char               *log = NULL;

  script_server_offer (f->server, "250-script\n250 PIPELINING");
  id = queue_8bit (f, SIGNED_TEXT);
  wait_for (count_bad (f) == 1);
  g_assert_cmpuint (script_server_count (f->server), ==, 0);
  g_assert_nonnull (strstr (get_taken (f, 0), "Status: 5.6.3\r\n"));
  log = script_server_dup_log (f->server);
  g_assert_null (strstr (log, "MAIL"));
}

/* S21: international mail is not bent for a server that takes none. */
static void
test_no_smtputf8 (RelayFixture *f,
                  gconstpointer data)
{
  PhSmtpEnvelope                *envelope = ph_smtp_envelope_new ("alice@here.test");
  G_GNUC_UNUSED g_autofree char *id = NULL;

  envelope->smtputf8 = TRUE;
  ph_smtp_envelope_add (envelope, "j\xc3\xbcrgen@[127.0.0.1]");
  id = queue_envelope (f, envelope, MESSAGE_TEXT);
  wait_for (count_bad (f) == 1);
  g_assert_nonnull (strstr (get_taken (f, 0), "Status: 5.6.7\r\n"));
}

/* S09: what came with SMTPUTF8 and needs it nowhere goes to a server without it; a header in UTF-8 needs it, wherever it is. */
static void
test_utf8_needed (RelayFixture *f,
                  gconstpointer data)
{
  static const struct
  {
    const char *text;
    gboolean    is_8bit, needs;
  } rows[] = {
    { "Subject: plain\r\n\r\nHello\r\n", FALSE, FALSE },
    { "Subject: plain\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\ngr\xc3\xbcn\r\n", TRUE, FALSE },
    { "Subject: plain\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\xc3\xbc\r\n--b--\r\n", TRUE, FALSE },
    { "Subject: gr\xc3\xbcn\r\n\r\nHello\r\n", TRUE, TRUE },
    { "Subject: plain\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Description: \xc3\xbc\r\n\r\nx\r\n--b--\r\n", TRUE, TRUE },
  };

  for (guint offered = 0; offered < 2; offered++)
    {
      script_server_offer (f->server, offered ? "250-script\n250-8BITMIME\n250 SMTPUTF8" : "250-script\n250 8BITMIME");
      let_connections_close (f);
      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        {
          PhSmtpEnvelope                *envelope = ph_smtp_envelope_new ("alice@here.test");
          guint                          n_bad = count_bad (f);
          G_GNUC_UNUSED g_autofree char *id = NULL;
          g_autofree char               *log = NULL;
          const char                    *mail;

          envelope->smtputf8 = TRUE;
          envelope->body = rows[i].is_8bit ? PH_SMTP_BODY_8BITMIME : PH_SMTP_BODY_7BIT;
          ph_smtp_envelope_add (envelope, BOB);
          id = queue_envelope (f, envelope, rows[i].text);
          wait_for (count_queue (f) == 0);
          g_assert_cmpuint (count_bad (f) - n_bad, ==, rows[i].needs && !offered);

          log = script_server_dup_log (f->server);
          mail = g_strrstr (log, "MAIL FROM:");
          g_assert_nonnull (mail);
          if (offered)
            g_assert_true ((strstr (mail, " SMTPUTF8") != NULL) == rows[i].needs);
        }
    }
}

/* S20: one connection for many messages, but no more than a hundred. */
static void
test_shared (RelayFixture *f,
             gconstpointer data)
{
  for (guint i = 0; i < 250; i++)
    {
      G_GNUC_UNUSED g_autofree char *id = queue (f, BOB);

      wait_for (count_queue (f) == 0);
    }
  g_assert_cmpuint (script_server_count (f->server), ==, 250);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 3);
}

/* A server that hangs up between two messages costs the second one nothing. */
static void
test_stale (RelayFixture *f,
            gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  first = queue (f, BOB);
  wait_for (count_queue (f) == 0);
  script_server_set (f->server, "MAIL: 421 4.3.2 enough");
  script_server_add (f->server, "QUIT: 221 bye"); /* for the new connection */
  second = queue (f, BOB);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 2);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 2);
}

/* New settings count at once: what was connected under the old ones is not used for more. */
static void
test_settings (RelayFixture *f,
               gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  first = queue (f, BOB);
  wait_for (count_queue (f) == 0);
  f->config.host_name = "other.here.test";
  ph_relay_configure (f->relay, &f->config);
  second = queue (f, BOB);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 2);
}

/* S20: too many recipients for one transaction; the rest goes in the next, over the same connection. */
static void
test_limits (RelayFixture *f,
             gconstpointer data)
{
  g_autofree char *id = NULL;

  script_server_offer (f->server, "250-script\n250 LIMITS RCPTMAX=2");
  id = queue (f, "a@[127.0.0.1],b@[127.0.0.1],c@[127.0.0.1],d@[127.0.0.1],e@[127.0.0.1]");
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 3);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/relay/sending/" name, RelayFixture, NULL, relay_fixture_set_up, function, relay_fixture_tear_down)
  ADD ("S21/recoded", test_recoded);
  ADD ("S01/long-lines", test_long_lines);
  ADD ("S21/sealed", test_sealed);
  ADD ("S21/no-smtputf8", test_no_smtputf8);
  ADD ("S09/utf8-needed", test_utf8_needed);
  ADD ("S20/shared", test_shared);
  ADD ("S20/stale", test_stale);
  ADD ("S20/settings", test_settings);
  ADD ("S20/limits", test_limits);

  return g_test_run ();
}
