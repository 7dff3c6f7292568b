/* Which mail is welcome, and what becomes of it: sessions over the real intake and store. */

#include "ph-intake.h"
#include "ph-mail-limits.h"
#include "ph-recent-mail.h"
#include "ph-smtp-session.h"

#include "../support/findings.h"
#include "../support/remove-tree.h"

#include <string.h>

#define ALICE "alice@example.org"
#define BOB "bob@example.org"

typedef struct
{
  char       *directory;
  PhClock    *clock;
  PhAccounts *accounts;
  PhStore    *store;
  PhIntake   *intake;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (PhAccount) alice = ph_account_new (ALICE, NULL), bob = ph_account_new (BOB, NULL);

  fixture->directory = g_dir_make_tmp ("ph-intake-XXXXXX", NULL);
  fixture->clock = ph_clock_new_manual (G_USEC_PER_SEC);
  fixture->accounts = ph_accounts_new ();
  g_assert_true (ph_accounts_add (fixture->accounts, alice, NULL));
  g_assert_true (ph_accounts_add (fixture->accounts, bob, NULL));
  ph_accounts_set_alias (fixture->accounts, "team@example.org", (const char *const[]){ ALICE, BOB, NULL });
  fixture->store = ph_store_new (fixture->directory, fixture->clock, NULL);
  fixture->intake = ph_intake_new (fixture->accounts, fixture->store, fixture->clock);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_clear_object (&fixture->intake);
  g_clear_object (&fixture->store);
  g_clear_object (&fixture->accounts);
  g_clear_object (&fixture->clock);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  remove_tree (fixture->directory);
  g_free (fixture->directory);
}

static void
keep_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static guint
count_messages (Fixture    *fixture,
                const char *address)
{
  g_autoptr (GAsyncResult) opened = NULL, result = NULL;
  g_autoptr (PhAccountStore) account = NULL;
  g_autoptr (PhMailbox) mailbox = NULL;

  ph_store_open_account_async (fixture->store, address, NULL, keep_result_cb, &opened);
  while (opened == NULL)
    g_main_context_iteration (NULL, TRUE);
  account = ph_store_open_account_finish (fixture->store, opened, NULL);
  ph_account_store_open_mailbox_async (account, "INBOX", NULL, keep_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  mailbox = ph_account_store_open_mailbox_finish (account, result, NULL);

  return ph_mailbox_get_n_messages (mailbox);
}

static PhSession *
begin (Fixture    *fixture,
       PhSmtpRole  role,
       const char *address)
{
  PhSmtpConfig config = { role, "mx.example.org", 100000, 100, FALSE };
  g_autoptr (PhPeer) peer = ph_peer_new (address, 4000);
  PhSession *session = PH_SESSION (ph_smtp_session_new (&config, PH_SMTP_HANDLER (fixture->intake), NULL));

  ph_session_start (session, peer);

  return session;
}

static void
say (PhSession  *session,
     const char *text)
{
  g_assert_cmpuint (ph_session_feed (session, (const guint8 *)text, strlen (text)), ==, strlen (text));
}

/* What was answered up to now, waiting until `n` lines are there; and forgets it. */
static char *
take_answers (PhSession *session,
              guint      n)
{
  PhBuffer *output = ph_session_get_output (session);
  GString  *codes = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;
  guint            n_lines = 0;

  while (n_lines < n)
    {
      n_lines = 0;
      for (gsize i = 0; i < ph_buffer_get_length (output); i++)
        n_lines += ph_buffer_get_data (output)[i] == '\n';
      if (n_lines < n)
        g_main_context_iteration (NULL, TRUE);
    }
  text = g_strndup ((const char *)ph_buffer_get_data (output), ph_buffer_get_length (output));
  ph_buffer_consume (output, G_MAXSIZE);
  lines = g_strsplit (text, "\r\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    g_string_append_printf (codes, "%.9s|", lines[i]);

  return g_string_free (codes, FALSE);
}

static void
end (PhSession *session)
{
  ph_session_peer_closed (session);
  while (G_OBJECT (session)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (session);
}

#define MESSAGE "DATA\r\nSubject: x\r\n\r\nHello\r\n.\r\n"

/* S15: who is unknown is refused at RCPT; an alias becomes its people there, each once. */
static void
test_recipients (Fixture      *fixture,
                 gconstpointer data)
{
  PhSession       *session = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.1");
  g_autofree char *answers = NULL;

  say (session, "HELO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<nobody@example.org>\r\nRCPT TO:<x@elsewhere.test>\r\nRCPT TO:<team@example.org>\r\nRCPT TO:<Bob+tag@EXAMPLE.org>\r\nRCPT TO:<postmaster>\r\n" MESSAGE);
  answers = take_answers (session, 10);
  g_assert_cmpstr (answers, ==, "220 mx.ex|250 mx.ex|250 2.1.0|550 5.1.1|550 5.7.1|250 2.1.5|250 2.1.5|250 2.1.5|354 Send |250 2.0.0|");
  end (session);
  g_assert_cmpuint (count_messages (fixture, ALICE), ==, 1);
  g_assert_cmpuint (count_messages (fixture, BOB), ==, 1);
}

/* The trace fields of the one message in that mailbox, up to Received. */
static char *
read_top (Fixture    *fixture,
          const char *name)
{
  g_autofree char *folder = g_build_filename (fixture->directory, "mail/example.org", name, "cur", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autofree char *path = g_build_filename (folder, g_dir_read_name (dir), NULL);
  char            *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "Received: "));
  *strstr (text, "Received: ") = '\0';

  return text;
}

/* RFC 9228: each mailbox has the address of its account, whatever it was sent to, and nobody else's. */
static void
test_delivered_to (Fixture      *fixture,
                   gconstpointer data)
{
  static const char *const recipients[] = { "RCPT TO:<Bob@EXAMPLE.org>\r\n", "RCPT TO:<bob+tag@example.org>\r\nRCPT TO:<bob@example.org>\r\n", "RCPT TO:<team@example.org>\r\n", "RCPT TO:<bob@example.org>\r\nRCPT TO:<alice@example.org>\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (recipients); i++)
    {
      PhSession       *session;
      g_autofree char *text = g_strdup_printf ("HELO x\r\nMAIL FROM:<a@x.test>\r\n%s" MESSAGE, recipients[i]);
      g_autofree char *top = NULL;

      tear_down (fixture, NULL);
      set_up (fixture, NULL);
      session = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.1");
      say (session, text);
      g_free (take_answers (session, i % 2 == 1 ? 7 : 6));
      end (session);
      g_assert_cmpuint (count_messages (fixture, BOB), ==, 1);
      top = read_top (fixture, "bob");
      g_assert_cmpstr (top, ==, "Return-Path: <a@x.test>\r\nDelivered-To: bob@example.org\r\n");
      if (i >= 2)
        {
          g_autofree char *other = read_top (fixture, "alice");

          g_assert_cmpstr (other, ==, "Return-Path: <a@x.test>\r\nDelivered-To: alice@example.org\r\n");
        }
    }
}

/* V28: what was forwarded from an address is not forwarded from there again; a mailbox may have what it had. */
static void
test_circles (Fixture      *fixture,
              gconstpointer data)
{
  static const struct
  {
    const char *recipient, *delivered_to, *answer;
  } rows[] = {
    { "away@example.org", "other@example.org", "451 4.3.0" }, /* there is no relay here */
    { "away@example.org", "AWAY@example.org", "554 5.4.6" },
    { "Away@Example.ORG", "x@elsewhere.test\r\nDelivered-To: <away@example.org>", "554 5.4.6" },
    { "any@example.org", "any@example.org", "554 5.4.6" },
    { BOB, BOB, "250 2.0.0" },
    { "team@example.org", "team@example.org", "250 2.0.0" },
  };

  ph_accounts_set_alias (fixture->accounts, "away@example.org", (const char *const[]){ "x@elsewhere.test", NULL });
  ph_accounts_set_alias (fixture->accounts, "@example.org", (const char *const[]){ "y@elsewhere.test", NULL });
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PhSession       *session = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.1");
      g_autofree char *text = g_strdup_printf ("HELO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<%s>\r\nDATA\r\nDelivered-To: %s\r\n\r\nHello\r\n.\r\n", rows[i].recipient, rows[i].delivered_to);
      g_autofree char *answers = NULL;

      say (session, text);
      answers = take_answers (session, 6);
      g_test_message ("%s: %s", rows[i].recipient, answers);
      g_assert_true (strlen (answers) > 10 && g_str_has_prefix (answers + strlen (answers) - 10, rows[i].answer));
      end (session);
    }
}

/* So many messages and recipients in an hour, then 450 and 452; not for this computer. */
static void
test_limits (Fixture      *fixture,
             gconstpointer data)
{
  PhMailLimitsConfig limits = { .address_messages = 2, .address_recipients = 3 };
  PhSession         *session = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.1"), *local;
  g_autofree char   *first = NULL, *second = NULL, *third = NULL, *fourth = NULL;

  ph_intake_set_limits (fixture->intake, &limits);
  say (session, "HELO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<" ALICE ">\r\nRCPT TO:<" BOB ">\r\nRSET\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<" ALICE ">\r\nRCPT TO:<" BOB ">\r\nRSET\r\nMAIL FROM:<a@x.test>\r\n");
  first = take_answers (session, 11);
  g_assert_cmpstr (first, ==, "220 mx.ex|250 mx.ex|250 2.1.0|250 2.1.5|250 2.1.5|250 2.0.0|250 2.1.0|250 2.1.5|452 4.7.1|250 2.0.0|450 4.7.1|");

  local = begin (fixture, PH_SMTP_ROLE_RELAY, "127.0.0.1");
  say (local, "HELO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<" ALICE ">\r\nRSET\r\nMAIL FROM:<a@x.test>\r\nRSET\r\nMAIL FROM:<a@x.test>\r\n");
  second = take_answers (local, 8);
  g_assert_null (strstr (second, "|4"));
  end (local);

  /* Half an hour later there is room for one more. */
  ph_clock_advance (fixture->clock, G_GINT64_CONSTANT (1801) * G_USEC_PER_SEC);
  say (session, "MAIL FROM:<a@x.test>\r\nRCPT TO:<" ALICE ">\r\nRSET\r\nMAIL FROM:<a@x.test>\r\n");
  third = take_answers (session, 4);
  g_assert_cmpstr (third, ==, "250 2.1.0|250 2.1.5|250 2.0.0|450 4.7.1|");
  end (session);

  session = begin (fixture, PH_SMTP_ROLE_RELAY, "2001:db8::1");
  say (session, "HELO x\r\nMAIL FROM:<a@x.test>\r\n");
  fourth = take_answers (session, 3);
  g_assert_true (g_str_has_suffix (fourth, "|250 2.1.0|"));
  end (session);
}

/* S08: at RCPT where it is known; else, and for what is larger than it said, after the data. */
static void
test_quota (Fixture      *fixture,
            gconstpointer data)
{
  PhSession       *session = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.1");
  g_autofree char *first = NULL, *second = NULL;

  ph_store_set_quota (fixture->store, BOB, 400);
  g_assert_cmpuint (ph_store_get_room (fixture->store, ALICE), ==, G_MAXUINT64);
  say (session, "EHLO x\r\n");
  say (session, "MAIL FROM:<a@x.test>\r\nRCPT TO:<" BOB ">\r\n" MESSAGE);
  g_free (take_answers (session, 16));
  g_assert_cmpuint (count_messages (fixture, BOB), ==, 1);
  {
    g_autoptr (GAsyncResult) opened = NULL;
    g_autoptr (PhAccountStore) account = NULL;

    ph_store_open_account_async (fixture->store, BOB, NULL, keep_result_cb, &opened);
    while (opened == NULL)
      g_main_context_iteration (NULL, TRUE);
    account = ph_store_open_account_finish (fixture->store, opened, NULL);
    g_assert_cmpuint (ph_store_get_room (fixture->store, BOB), <, 400);
    say (session, "MAIL FROM:<a@x.test> SIZE=390\r\nRCPT TO:<team@example.org>\r\nRCPT TO:<" ALICE ">\r\nRSET\r\n");
    first = take_answers (session, 4);
    g_assert_cmpstr (first, ==, "250 2.1.0|452 4.2.2|250 2.1.5|250 2.0.0|");
    say (session, "MAIL FROM:<a@x.test>\r\nRCPT TO:<" BOB ">\r\nDATA\r\nSubject: x\r\n\r\n");
    for (guint i = 0; i < 10; i++)
      say (session, "Nothing but a line of text that takes some room\r\n");
    say (session, ".\r\n");
    second = take_answers (session, 4);
    g_assert_cmpstr (second, ==, "250 2.1.0|250 2.1.5|354 Send |552 5.2.2|");
  }
  end (session);
}

/* S08: what the disk has no room for is refused at MAIL, whatever number that is (V46). */
static void
test_room (Fixture      *fixture,
           gconstpointer data)
{
  PhSmtpConfig config = { PH_SMTP_ROLE_RELAY, "mx.example.org", 0, 100, FALSE };
  g_autoptr (PhPeer) peer = ph_peer_new ("192.0.2.1", 4000);
  PhSession       *session = PH_SESSION (ph_smtp_session_new (&config, PH_SMTP_HANDLER (fixture->intake), NULL));
  g_autofree char *answers = NULL;

  ph_session_start (session, peer);
  say (session, "EHLO x\r\n");
  while (ph_buffer_get_length (ph_session_get_output (session)) == 0)
    g_main_context_iteration (NULL, TRUE);
  ph_buffer_consume (ph_session_get_output (session), G_MAXSIZE);
  say (session, "MAIL FROM:<a@x.test> SIZE=1000000000000000\r\nMAIL FROM:<a@x.test> SIZE=18446744073709551615\r\nMAIL FROM:<a@x.test> SIZE=100\r\n");
  answers = take_answers (session, 3);
  g_assert_cmpstr (answers, ==, "452 4.3.1|452 4.3.1|250 2.1.0|");
  end (session);
}

static void
test_buckets (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (PhMailLimits) limits = ph_mail_limits_new (fixture->clock);
  PhMailLimitsConfig config = { .account_messages = 10, .address_messages = 1 };

  ph_mail_limits_configure (limits, &config);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_MESSAGE, ALICE), ==, PH_MAIL_LIMITS_WITHIN);
  g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_MESSAGE, ALICE), ==, PH_MAIL_LIMITS_OVER_HOUR);
  g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_MESSAGE, BOB), ==, PH_MAIL_LIMITS_WITHIN);
  g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_RECIPIENT, ALICE), ==, PH_MAIL_LIMITS_WITHIN); /* 0: any number */
  ph_clock_advance (fixture->clock, G_GINT64_CONSTANT (361) * G_USEC_PER_SEC);
  g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_MESSAGE, ALICE), ==, PH_MAIL_LIMITS_WITHIN);
  g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_MESSAGE, ALICE), ==, PH_MAIL_LIMITS_OVER_HOUR);

  /* One /64 is one; and what is remembered is bounded. */
  g_assert_cmpint (ph_mail_limits_take_address (limits, PH_MAIL_LIMITS_MESSAGE, "2001:db8::1"), ==, PH_MAIL_LIMITS_WITHIN);
  g_assert_cmpint (ph_mail_limits_take_address (limits, PH_MAIL_LIMITS_MESSAGE, "2001:db8::2"), ==, PH_MAIL_LIMITS_OVER_HOUR);
  for (guint i = 0; i < 2 * PH_MAIL_LIMITS_KEYS_MAX; i++)
    {
      g_autofree char *address = g_strdup_printf ("10.0.%u.%u", i / 256, i % 256);

      g_assert_cmpint (ph_mail_limits_take_address (limits, PH_MAIL_LIMITS_MESSAGE, address), ==, PH_MAIL_LIMITS_WITHIN);
    }
  g_assert_cmpuint (ph_mail_limits_get_n_keys (limits), <=, PH_MAIL_LIMITS_KEYS_MAX);
}

/* S28: beside the hour there is the day, and who is over either is not counted in the other. */
static void
test_days (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (PhMailLimits) limits = ph_mail_limits_new (fixture->clock);
  PhMailLimitsConfig config = { .account_messages = 10, .account_messages_day = 24, .account_recipients_day = 1 };

  ph_mail_limits_configure (limits, &config);
  for (guint hour = 0; hour < 2; hour++)
    {
      for (guint i = 0; i < 10; i++)
        g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_MESSAGE, ALICE), ==, PH_MAIL_LIMITS_WITHIN);
      g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_MESSAGE, ALICE), ==, PH_MAIL_LIMITS_OVER_HOUR);
      ph_clock_advance (fixture->clock, G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC);
    }
  /* 24 in a day, and two that time has given back. */
  for (guint i = 0; i < 6; i++)
    g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_MESSAGE, ALICE), ==, PH_MAIL_LIMITS_WITHIN);
  g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_MESSAGE, ALICE), ==, PH_MAIL_LIMITS_OVER_DAY);
  g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_RECIPIENT, ALICE), ==, PH_MAIL_LIMITS_WITHIN);
  g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_RECIPIENT, ALICE), ==, PH_MAIL_LIMITS_OVER_DAY);
  ph_clock_advance (fixture->clock, G_GINT64_CONSTANT (24 * 3600) * G_USEC_PER_SEC);
  g_assert_cmpint (ph_mail_limits_take_account (limits, PH_MAIL_LIMITS_RECIPIENT, ALICE), ==, PH_MAIL_LIMITS_WITHIN);
}

/* S28: so much for an account wherever it sends from, where this computer counts, too. */
static void
test_account_limits (Fixture      *fixture,
                     gconstpointer data)
{
  PhMailLimitsConfig limits = { .account_messages = 2, .account_recipients_day = 2, .counts_loopback = TRUE };
  PhAccount         *alice = ph_accounts_find (fixture->accounts, ALICE);
  PhSmtpConfig       config = { PH_SMTP_ROLE_SUBMISSION, "mx.example.org", 100000, 100, FALSE };
  g_autofree char   *answers = NULL, *again = NULL;

  ph_intake_set_limits (fixture->intake, &limits);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PhPeer) peer = ph_peer_new (i == 0 ? "127.0.0.1" : "192.0.2.9", 4000);
      PhSession *session = PH_SESSION (ph_smtp_session_new (&config, PH_SMTP_HANDLER (fixture->intake), NULL));

      ph_smtp_session_trust (PH_SMTP_SESSION (session), alice);
      ph_session_start (session, peer);
      say (session, "HELO x\r\nMAIL FROM:<" ALICE ">\r\nRCPT TO:<" BOB ">\r\nRCPT TO:<" ALICE ">\r\nRCPT TO:<" BOB ">\r\nRSET\r\nMAIL FROM:<" ALICE ">\r\n");
      if (i == 0)
        answers = take_answers (session, 8);
      else
        again = take_answers (session, 8);
      end (session);
    }
  g_assert_cmpstr (answers, ==, "220 mx.ex|250 mx.ex|250 2.1.0|250 2.1.5|250 2.1.5|452 4.7.1|250 2.0.0|250 2.1.0|");
  g_assert_cmpstr (again, ==, "220 mx.ex|250 mx.ex|450 4.7.1|503 5.5.1|503 5.5.1|503 5.5.1|250 2.0.0|450 4.7.1|");
}

/* V20: an address that has asked for too many who are not here is told of nobody any more, in whatever session. */
static void
test_guesses (Fixture      *fixture,
              gconstpointer data)
{
  PhMailLimitsConfig limits = { .address_unknown = 3 };
  PhSession         *session = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.1"), *other;
  g_autofree char   *first = NULL, *second = NULL, *third = NULL, *later = NULL;

  ph_intake_set_limits (fixture->intake, &limits);
  say (session, "HELO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<" ALICE ">\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nRCPT TO:<d@example.org>\r\nRCPT TO:<" BOB ">\r\n");
  first = take_answers (session, 9);
  g_assert_cmpstr (first, ==, "220 mx.ex|250 mx.ex|250 2.1.0|550 5.1.1|250 2.1.5|550 5.1.1|550 5.1.1|450 4.7.1|450 4.7.1|");
  other = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.1");
  say (other, "HELO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<" ALICE ">\r\n");
  second = take_answers (other, 4);
  g_assert_true (g_str_has_suffix (second, "|450 4.7.1|"));
  end (other);
  other = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.2");
  say (other, "HELO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<" ALICE ">\r\n");
  third = take_answers (other, 4);
  g_assert_true (g_str_has_suffix (third, "|250 2.1.5|"));
  end (other);

  ph_clock_advance (fixture->clock, G_GINT64_CONSTANT (1201) * G_USEC_PER_SEC);
  say (session, "RCPT TO:<" BOB ">\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<" BOB ">\r\n");
  later = take_answers (session, 3);
  g_assert_cmpstr (later, ==, "250 2.1.5|550 5.1.1|450 4.7.1|");
  end (session);
}

static void
send_and_vanish (Fixture *fixture)
{
  PhSession *session = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.1");

  say (session, "HELO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<" BOB ">\r\n" MESSAGE);
  end (session); /* before it can be told */
}

static char *
send_and_wait (Fixture    *fixture,
               const char *subject)
{
  PhSession       *session = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.2");
  g_autofree char *message = g_strdup_printf ("HELO y\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<" BOB ">\r\nDATA\r\nSubject: %s\r\n\r\nHello\r\n.\r\n", subject);
  char            *answers;

  say (session, message);
  answers = take_answers (session, 6);
  end (session);

  return answers;
}

/* S14: what is sent again because nobody was there to be told is there once; what is sent twice
 * on purpose is there twice. */
static void
test_duplicates (Fixture      *fixture,
                 gconstpointer data)
{
  g_autofree char *other = NULL, *again = NULL, *once_more = NULL;

  send_and_vanish (fixture);
  g_assert_cmpuint (count_messages (fixture, BOB), ==, 1);
  other = send_and_wait (fixture, "y");
  g_assert_cmpuint (count_messages (fixture, BOB), ==, 2);
  again = send_and_wait (fixture, "x");
  g_assert_true (g_str_has_suffix (again, "|354 Send |250 2.0.0|"));
  g_assert_cmpuint (count_messages (fixture, BOB), ==, 2);
  once_more = send_and_wait (fixture, "x");
  g_assert_cmpuint (count_messages (fixture, BOB), ==, 3);
}

static void
test_recent (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (PhRecentMail) recent = ph_recent_mail_new (fixture->clock);
  g_autoptr (PhSmtpEnvelope) envelope = ph_smtp_envelope_new ("a@x.test"), other = ph_smtp_envelope_new ("a@x.test");

  ph_smtp_envelope_add (envelope, ALICE);
  ph_smtp_envelope_add (envelope, BOB);
  ph_smtp_envelope_add (other, ALICE);
  ph_recent_mail_add (recent, envelope, 1, 100);
  g_assert_false (ph_recent_mail_take (recent, other, 1, 100));
  g_assert_false (ph_recent_mail_take (recent, envelope, 2, 100));
  g_assert_false (ph_recent_mail_take (recent, envelope, 1, 101));
  g_assert_true (ph_recent_mail_take (recent, envelope, 1, 100));
  g_assert_false (ph_recent_mail_take (recent, envelope, 1, 100));

  /* Not for ever, and not any number. */
  ph_recent_mail_add (recent, envelope, 1, 100);
  ph_clock_advance (fixture->clock, PH_RECENT_MAIL_MEMORY);
  g_assert_false (ph_recent_mail_take (recent, envelope, 1, 100));
  for (guint i = 0; i <= PH_RECENT_MAIL_MAX; i++)
    ph_recent_mail_add (recent, envelope, i, 100);
  g_assert_false (ph_recent_mail_take (recent, envelope, 0, 100));
  g_assert_true (ph_recent_mail_take (recent, envelope, PH_RECENT_MAIL_MAX, 100));
}

/* Whether the reply that begins so has a reason with these words. */
static gboolean
has_reason (PhJournalSession *log,
            const char       *reply,
            const char       *words)
{
  GListModel *lines = ph_journal_session_get_lines (log);

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, i);
      g_auto (GStrv) reasons = ph_journal_line_dup_reasons (line);
      g_autofree char *all = g_strjoinv ("\n", reasons);

      if (g_str_has_prefix (ph_journal_line_get_text (line), reply) && strstr (all, words) != NULL)
        return TRUE;
    }

  return FALSE;
}

/* Where its own words don't say so, a refusal has a note of the rule or setting that made it, with the numbers. */
static void
test_reasons (Fixture      *fixture,
              gconstpointer data)
{
  PhMailLimitsConfig limits = { .address_messages = 100, .address_recipients = 3, .account_messages_day = 1 };
  g_autoptr (PhJournal) journal = ph_journal_new (fixture->clock);
  g_autoptr (PhJournalSession) log = ph_journal_begin (journal, "SMTP", FALSE, "192.0.2.1:1");
  PhSession   *session = begin (fixture, PH_SMTP_ROLE_RELAY, "192.0.2.1");
  PhSmtpConfig config = { PH_SMTP_ROLE_SUBMISSION, "mx.example.org", 100000, 100, FALSE };
  PhSession   *own = PH_SESSION (ph_smtp_session_new (&config, PH_SMTP_HANDLER (fixture->intake), NULL));
  g_autoptr (PhPeer) peer = ph_peer_new ("192.0.2.9", 4000);

  ph_intake_set_limits (fixture->intake, &limits);
  ph_session_set_journal (session, log);
  say (session, "HELO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<c@example.org>\r\nRCPT TO:<d@elsewhere.test>\r\n");
  say (session, "RCPT TO:<" ALICE ">\r\nRCPT TO:<" BOB ">\r\nRCPT TO:<" ALICE ">\r\nRCPT TO:<" BOB ">\r\n");
  g_free (take_answers (session, 9));
  ph_session_set_journal (own, log);
  ph_smtp_session_trust (PH_SMTP_SESSION (own), ph_accounts_find (fixture->accounts, ALICE));
  ph_session_start (own, peer);
  say (own, "EHLO x\r\nMAIL FROM:<" BOB ">\r\nMAIL FROM:<" ALICE "> SIZE=100001\r\nMAIL FROM:<" ALICE "> SIZE=1000\r\nRSET\r\nMAIL FROM:<" ALICE ">\r\n");
  g_free (take_answers (own, 8));
  ph_journal_flush (journal);

  g_assert_true (has_reason (log, "550 5.1.1", "c@example.org: the domain is one of this server"));
  g_assert_true (has_reason (log, "550 5.7.1", "d@elsewhere.test: the domain is none of this server"));
  g_assert_true (has_reason (log, "452 4.7.1", "192.0.2.1 has used up all 3 (AddressRecipients in [Limits])"));
  g_assert_true (has_reason (log, "553 5.7.1", "<" BOB "> is none of these of " ALICE));
  g_assert_true (has_reason (log, "552 5.3.4", "The message has 100.0\302\240kB (100001 bytes), or is said to; the settings take 100.0\302\240kB (100000 bytes) (MessageSizeMax in [Mail])"));
  g_assert_true (has_reason (log, "450 4.7.1", ALICE " has used up all 1 (AccountMessagesDay in [Limits])"));
  ph_journal_session_end (log, NULL);
  end (session);
  end (own);
}

/* RFC 5322 section 3.6, of whoever sends it; nobody is told of what submission adds. */
static void
test_conduct (Fixture      *fixture,
              gconstpointer data)
{
  static const struct
  {
    PhSmtpRole  role;
    const char *sender;
    const char *header;
    const char *told;
  } cases[] = {
    { PH_SMTP_ROLE_RELAY, "a@x.test", "Subject: x\r\n", "A message had no Date; A message had no Message-ID" },
    { PH_SMTP_ROLE_RELAY, "a@x.test", "date: Fri, 2 Jan 1970 00:00:00 +0000\r\n", "A message had no Message-ID" },
    { PH_SMTP_ROLE_RELAY, "", "Message-ID: <1@x.test>\r\n", "A message had no Date" },
    { PH_SMTP_ROLE_LMTP, "a@x.test", "Message-ID: <1@x.test>\r\n", "A message had no Date" },
    { PH_SMTP_ROLE_SUBMISSION, ALICE, "From: " ALICE "\r\n", "A message had no Date; A message had no Message-ID" },
    { PH_SMTP_ROLE_SUBMISSION, ALICE, "Message-ID: <1@x.test>\r\nDate: Fri, 2 Jan 1970 00:00:00 +0000\r\n", "" },
    { PH_SMTP_ROLE_RELAY, "a@x.test", "Message-ID: <1@x.test>\r\nDate: Fri, 2 Jan 1970 00:00:00 +0000\r\n", "" },
  };
  g_autoptr (PhJournal) journal = ph_journal_new (fixture->clock);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PhJournalSession) log = ph_journal_begin (journal, "SMTP", FALSE, "192.0.2.1:1");
      g_autoptr (PhPeer) peer = ph_peer_new ("192.0.2.1", 4000);
      PhSmtpConfig     config = { cases[i].role, "mx.example.org", 100000, 100, FALSE };
      PhSession       *session = PH_SESSION (ph_smtp_session_new (&config, PH_SMTP_HANDLER (fixture->intake), NULL));
      g_autofree char *said = g_strdup_printf ("%s x\r\nMAIL FROM:<%s>\r\nRCPT TO:<" BOB ">\r\nDATA\r\n%s\r\nDate: no more\r\n.\r\n",
                                               cases[i].role == PH_SMTP_ROLE_LMTP ? "LHLO" : "HELO", cases[i].sender, cases[i].header);

      g_test_message ("%u", i);
      ph_session_set_journal (session, log);
      if (cases[i].role == PH_SMTP_ROLE_SUBMISSION)
        ph_smtp_session_trust (PH_SMTP_SESSION (session), ph_accounts_find (fixture->accounts, ALICE));
      ph_session_start (session, peer);
      say (session, said);
      g_free (take_answers (session, 6));
      assert_findings (log, cases[i].told);
      ph_journal_session_end (log, NULL);
      end (session);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/server/intake/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("S15/recipients", test_recipients);
  ADD ("delivered-to", test_delivered_to);
  ADD ("V28/circles", test_circles);
  ADD ("S08/quota", test_quota);
  ADD ("S08/room", test_room);
  ADD ("limits", test_limits);
  ADD ("limits/buckets", test_buckets);
  ADD ("S28/days", test_days);
  ADD ("S28/account-limits", test_account_limits);
  ADD ("V20/guesses", test_guesses);
  ADD ("S14/duplicates", test_duplicates);
  ADD ("S14/recent", test_recent);
  ADD ("reasons", test_reasons);
  ADD ("conduct", test_conduct);
#undef ADD

  return g_test_run ();
}
