/* The rules P01 to P10, each by its name. */

#include "pop3-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utime.h>

static PhMailbox *
open_folder (Fixture    *fixture,
             const char *name)
{
  g_autoptr (GAsyncResult) opened = NULL, result = NULL;
  g_autoptr (PhAccountStore) account = NULL;

  ph_store_open_account_async (fixture->store, BOB, NULL, keep_result_cb, &opened);
  wait_for_result (&opened);
  account = ph_store_open_account_finish (fixture->store, opened, NULL);
  ph_account_store_open_mailbox_async (account, name, NULL, keep_result_cb, &result);
  wait_for_result (&result);

  return ph_account_store_open_mailbox_finish (account, result, NULL);
}

static void
expunge (Fixture *fixture,
         guint    position)
{
  g_autoptr (GAsyncResult) expunged = NULL;
  g_autoptr (PhMailbox) mailbox = open_folder (fixture, "INBOX");
  guint32 uid;

  uid = ph_mailbox_get_info (mailbox, position)->uid;
  ph_mailbox_expunge_async (mailbox, &uid, 1, FALSE, NULL, keep_result_cb, &expunged);
  wait_for_result (&expunged);
  g_assert_true (ph_mailbox_expunge_finish (mailbox, expunged, NULL));
}

/* All that is said after the login, with the answers of `n` lines. */
static char *
ask (Fixture    *fixture,
     const char *text,
     guint       n)
{
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");
  const char *output;

  say (talk, LOGIN, 1000, 3);
  g_string_truncate (talk->output, 0);
  output = say (talk, text, 1000, n);

  return g_strdup (output);
}

/* One at a time; the lock goes with the connection. */
static void
test_p01 (Fixture      *fixture,
          gconstpointer data)
{
  Talk *first = talk_begin (fixture, "127.0.0.1");
  g_autoptr (Talk) second = talk_begin (fixture, "127.0.0.1");

  say (first, LOGIN, 100, 3);
  g_assert_true (g_str_has_suffix (say (second, LOGIN, 100, 3), "-ERR [IN-USE] Another POP3 session has this mailbox\r\n"));
  talk_end (first);
  g_assert_true (g_str_has_suffix (say (second, LOGIN, 100, 5), "+OK 3 messages (90 octets)\r\n"));
}

/* RFC 1939 section 3: who is silent for too long loses the connection without a word, and nothing is removed. */
static void
test_p01_silence (Fixture      *fixture,
                  gconstpointer data)
{
  g_autofree char *output = NULL;
  Talk            *talk = talk_begin (fixture, "127.0.0.1");

  say (talk, LOGIN "DELE 1\r\n", 100, 4);
  g_string_truncate (talk->output, 0);
  g_assert_true (ph_session_timed_out (talk->session));
  take_output (talk);
  g_assert_cmpstr (talk->output->str, ==, "");
  talk_end (talk);

  output = ask (fixture, "STAT\r\n", 1);
  g_assert_cmpstr (output, ==, "+OK 3 90\r\n");
}

/* The same names of messages in every session; 1 to 70 printable characters, each once. */
static void
test_p02 (Fixture      *fixture,
          gconstpointer data)
{
  g_autofree char *first = ask (fixture, "UIDL\r\nDELE 1\r\nQUIT\r\n", 7);
  g_autofree char *second = ask (fixture, "UIDL\r\n", 4);
  g_auto (GStrv) before = g_strsplit (first, "\r\n", -1), after = g_strsplit (second, "\r\n", -1);

  for (guint i = 1; i <= 3; i++)
    {
      gsize length = strlen (before[i] + 2);

      g_assert_true (length >= 1 && length <= 70);
      for (const char *c = before[i] + 2; *c != '\0'; c++)
        g_assert_true (*c >= 0x21 && *c <= 0x7e);
      g_assert_cmpstr (before[i] + 2, !=, before[i % 3 + 1] + 2);
    }
  g_assert_cmpstr (after[1] + 2, ==, before[2] + 2);
  g_assert_cmpstr (after[2] + 2, ==, before[3] + 2);
}

static void
copy (Fixture    *fixture,
      const char *from,
      guint       position,
      const char *to,
      gboolean    move)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GArray) copied = NULL;
  g_autoptr (PhMailbox) mailbox = open_folder (fixture, from);

  ph_mailbox_copy_async (mailbox, &ph_mailbox_get_info (mailbox, position)->uid, 1, to, move, NULL, keep_result_cb, &result);
  wait_for_result (&result);
  copied = ph_mailbox_copy_finish (mailbox, result, NULL, NULL);
  g_assert_cmpuint (copied->len, ==, 1);
}

/* The unique ids, in the order of the messages, each once. */
static GStrv
ask_uidls (Fixture *fixture,
           guint    n)
{
  g_autofree char *text = ask (fixture, "UIDL\r\n", n + 2);
  GStrv            lines = g_strsplit (text, "\r\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, n + 3);
  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *ask_one = g_strdup_printf ("UIDL %u\r\n", i);
      g_autofree char *one = ask (fixture, ask_one, 1);

      g_assert_true (g_str_has_prefix (one, "+OK ") && g_str_has_prefix (one + strlen ("+OK "), lines[i]));
      for (guint j = 1; j < i; j++)
        g_assert_cmpstr (lines[i] + 2, !=, lines[j] + 2);
    }

  return lines;
}

/* Whoever is moved away and back is still known, by however many folders; but no two are known by the same. */
static void
test_p02_moves (Fixture      *fixture,
                gconstpointer data)
{
  g_auto (GStrv) first = ask_uidls (fixture, 3);
  g_auto (GStrv) back = NULL, copied = NULL, alone = NULL, same = NULL;

  copy (fixture, "INBOX", 0, "Archive", TRUE);
  copy (fixture, "Archive", 0, "Junk", FALSE);
  copy (fixture, "Archive", 0, "INBOX", TRUE);
  back = ask_uidls (fixture, 3);
  g_assert_cmpstr (back[1] + 2, ==, first[2] + 2);
  g_assert_cmpstr (back[2] + 2, ==, first[3] + 2);
  g_assert_cmpstr (back[3] + 2, ==, first[1] + 2);

  /* A second one of it, and of one that never left. */
  copy (fixture, "Junk", 0, "INBOX", FALSE);
  copy (fixture, "INBOX", 0, "INBOX", FALSE);
  copied = ask_uidls (fixture, 5);
  for (guint i = 1; i <= 3; i++)
    g_assert_cmpstr (copied[i] + 2, ==, back[i] + 2);

  /* Which stay who they are when the first is gone; and its own place is taken by who comes then. */
  expunge (fixture, 2);
  expunge (fixture, 0);
  alone = ask_uidls (fixture, 3);
  for (guint i = 1; i <= 3; i++)
    g_assert_cmpstr (alone[i] + 2, ==, copied[i == 1 ? 2 : i + 2] + 2);
  copy (fixture, "Junk", 0, "INBOX", TRUE);
  copy (fixture, "INBOX", 0, "INBOX", TRUE);
  same = ask_uidls (fixture, 4);
  g_assert_cmpstr (same[1] + 2, ==, alone[2] + 2);
  g_assert_cmpstr (same[2] + 2, ==, alone[3] + 2);
  g_assert_cmpstr (same[3] + 2, ==, first[1] + 2);
  g_assert_cmpstr (same[4] + 2, ==, alone[1] + 2);
}

/* Numbers are fixed: what comes later is not shown, what IMAP removes meanwhile keeps its number. */
static void
test_p03 (Fixture      *fixture,
          gconstpointer data)
{
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

  say (talk, LOGIN, 100, 3);
  deliver (fixture, "Subject: late\r\n\r\nx\r\n");
  expunge (fixture, 0);
  g_string_truncate (talk->output, 0);
  say (talk, "STAT\r\nRETR 4\r\nRETR 1\r\nTOP 1 0\r\nDELE 1\r\nDELE 2\r\nQUIT\r\n", 1000, 7);
  g_assert_cmpstr (talk->output->str, ==,
                   "+OK 3 90\r\n-ERR There is no such message\r\n-ERR The message is gone\r\n-ERR The message is gone\r\n"
                   "+OK It goes when you QUIT\r\n+OK It goes when you QUIT\r\n+OK Goodbye\r\n");
  {
    g_autofree char *left = ask (fixture, "STAT\r\nTOP 2 0\r\n", 5);

    g_assert_true (g_str_has_prefix (left, "+OK 2 "));
    g_assert_nonnull (strstr (left, "Subject: late"));
  }
}

/* What was opened ahead, because the client goes through the messages in order, is not sent once it is gone; and
 * whatever the order is, each is sent for its number. */
static void
test_p03_in_order (Fixture      *fixture,
                   gconstpointer data)
{
  g_autofree char  *in_order = ask (fixture, "RETR 1\r\nRETR 2\r\nRETR 3\r\n", 16);
  g_autofree char  *backwards = ask (fixture, "RETR 3\r\nRETR 2\r\nRETR 1\r\n", 16);
  g_autofree char  *mixed = ask (fixture, "RETR 1\r\nTOP 2 0\r\nRETR 2\r\nDELE 3\r\nRETR 3\r\nRETR 1\r\n", 19);
  const char *const subjects[] = { "Subject: one", "Subject: two", "Subject: three" };
  g_autoptr (Talk) talk = NULL;

  for (guint i = 0; i < 3; i++)
    {
      g_assert_nonnull (strstr (in_order, subjects[i]));
      g_assert_nonnull (strstr (backwards, subjects[i]));
    }
  g_assert_true (strstr (in_order, subjects[0]) < strstr (in_order, subjects[1]) && strstr (in_order, subjects[1]) < strstr (in_order, subjects[2]));
  g_assert_true (strstr (backwards, subjects[2]) < strstr (backwards, subjects[1]) && strstr (backwards, subjects[1]) < strstr (backwards, subjects[0]));
  g_assert_null (strstr (mixed, subjects[2]));
  g_assert_nonnull (strstr (mixed, "last line without end"));

  talk = talk_begin (fixture, "127.0.0.1");
  say (talk, LOGIN "RETR 1\r\n", 100, 8);
  for (guint i = 0; i < 20; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  expunge (fixture, 1);
  g_string_truncate (talk->output, 0);
  say (talk, "RETR 2\r\nRETR 3\r\n", 1000, 5);
  g_assert_cmpstr (talk->output->str, ==, "-ERR The message is gone\r\n+OK 18 octets\r\nSubject: three\r\n\r\n.\r\n");
}

/* DELE counts at QUIT, and only then. */
static void
test_p04 (Fixture      *fixture,
          gconstpointer data)
{
  g_autofree char               *dropped = ask (fixture, "DELE 1\r\nDELE 1\r\nLIST 1\r\nSTAT\r\n", 4);
  G_GNUC_UNUSED g_autofree char *reset = ask (fixture, "DELE 1\r\nRSET\r\nQUIT\r\n", 3);
  g_autofree char               *deleted = ask (fixture, "STAT\r\nDELE 2\r\nQUIT\r\n", 3);
  g_autofree char               *left = ask (fixture, "LIST\r\n", 4);

  g_assert_cmpstr (dropped, ==, "+OK It goes when you QUIT\r\n-ERR There is no such message\r\n-ERR There is no such message\r\n+OK 2 67\r\n");
  g_assert_true (g_str_has_prefix (deleted, "+OK 3 90\r\n"));
  g_assert_cmpstr (left, ==, "+OK 2 messages\r\n1 23\r\n2 18\r\n.\r\n");
}

/* Into the INBOX, by another program, so many seconds ago. */
static void
put_file (Fixture    *fixture,
          const char *name,
          const char *text,
          gint64      age)
{
  g_autofree char *path = g_build_filename (fixture->directory, "mail/example.org/bob/cur", name, NULL);
  gint64           then = g_get_real_time () / G_USEC_PER_SEC - age;
  struct utimbuf   times = { then, then };

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (utime (path, &times), ==, 0);
}

/* The sizes are those of what RETR sends, without the doubled dots and the last one. */
static void
test_p05 (Fixture      *fixture,
          gconstpointer data)
{
  g_autofree char *line = g_strnfill (5000, 'y'), *wide = g_strconcat ("Subject: long\r\n\r\n", line, "\r\n", NULL);
  g_autoptr (Talk) talk = NULL;
  guint       total = 0, told;
  const guint sizes[] = { 23, 49, 18, (guint)strlen (wide), 20, 21, 0 };

  deliver (fixture, wide);
  /* As other programs put them there: without a last line end, with a bare LF, and empty. */
  put_file (fixture, "1000000001.x.y:2,", "Subject: x\n\nOpen", 100);
  put_file (fixture, "1000000002.x.y,S=18,W=21:2,", "Subject: x\n\nEnded\n", 100);
  put_file (fixture, "1000000003.x.y:2,", "", 100);
  talk = talk_begin (fixture, "127.0.0.1");
  say (talk, LOGIN, 100, 3);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint            size = sizes[i], sent = 0, announced;
      g_autofree char *command = g_strdup_printf ("LIST %u\r\nRETR %u\r\n", i + 1, i + 1);
      const char      *text;

      g_string_truncate (talk->output, 0);
      say (talk, command, 1000, 2);
      while (!g_str_has_suffix (talk->output->str, "\r\n.\r\n"))
        say (talk, "", 1, 0);
      g_assert_cmpint (sscanf (talk->output->str, "+OK %*u %u", &announced), ==, 1);
      text = strstr (strstr (talk->output->str, "\r\n") + 2, "\r\n") + 2;
      for (const char *c = text; strcmp (c, ".\r\n") != 0; c++)
        sent += !(*c == '.' && c[-1] == '\n');
      g_assert_cmpuint (announced, ==, size);
      g_assert_cmpuint (sent, ==, size);
      total += sent;
    }
  g_string_truncate (talk->output, 0);
  say (talk, "STAT\r\n", 100, 1);
  g_assert_cmpint (sscanf (talk->output->str, "+OK %*u %u", &told), ==, 1);
  g_assert_cmpuint (told, ==, total);
}

/* Dots are doubled; TOP n 0 is the header and the blank line, and n may be beyond the end. */
static void
test_p06 (Fixture      *fixture,
          gconstpointer data)
{
  g_autofree char *output = ask (fixture, "TOP 2 0\r\nTOP 2 1\r\nTOP 2 99\r\nTOP 3 5\r\n", 20);

  g_assert_cmpstr (output, ==,
                   "+OK 49 octets\r\nSubject: two\r\n\r\n.\r\n+OK 49 octets\r\nSubject: two\r\n\r\n..dot\r\n.\r\n"
                   "+OK 49 octets\r\nSubject: two\r\n\r\n..dot\r\n...\r\nlast line without end\r\n.\r\n+OK 18 octets\r\nSubject: three\r\n\r\n.\r\n");
}

/* Who is there is not told; the order; blanks in a password. */
static void
test_p07 (Fixture      *fixture,
          gconstpointer data)
{
  g_autoptr (Talk) known = talk_begin (fixture, "127.0.0.1"), unknown = talk_begin (fixture, "127.0.0.2");

  say (known, "USER " BOB "\r\nPASS wrong one\r\n", 100, 3);
  say (unknown, "USER nobody@example.org\r\nPASS wrong one\r\n", 100, 3);
  g_assert_cmpstr (known->output->str, ==, unknown->output->str);
  g_assert_true (g_str_has_suffix (known->output->str, "-ERR [AUTH] Wrong name or password\r\n"));

  say (known, "PASS " PASSWORD "\r\n", 100, 4);
  g_assert_true (g_str_has_suffix (known->output->str, "-ERR USER comes first\r\n"));
  say (known, LOGIN, 100, 6);
  g_assert_true (g_str_has_suffix (known->output->str, "+OK 3 messages (90 octets)\r\n"));
  g_assert_true (g_str_has_suffix (say (known, "USER x\r\n", 100, 7), "-ERR You are logged in\r\n"));
}

/* Each try after a wrong one waits (V19); the third that is wrong ends the connection, whichever way it was said. */
static void
test_p07_tries (Fixture      *fixture,
                gconstpointer data)
{
  static const char *const tries[] = { "USER " BOB "\r\nPASS no\r\n", "USER nobody@example.org\r\nPASS no\r\n", "AUTH PLAIN AGJvYkBleGFtcGxlLm9yZwBubw==\r\nNOOP\r\n" };
  static const guint       n_lines[] = { 3, 5, 6 };
  g_autoptr (PhClock) clock = ph_clock_new_manual (G_USEC_PER_SEC);
  g_autoptr (Talk) talk = NULL;

  g_clear_object (&fixture->authenticator);
  fixture->authenticator = ph_authenticator_new (fixture->accounts, clock, fixture->workers);
  talk = talk_begin (fixture, "127.0.0.1");
  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      g_assert_false (ph_session_wants_close (talk->session));
      say (talk, tries[i], 100, 0);
      for (guint n = 0; i > 0 && n < 20; n++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (1000);
          offer (talk);
        }
      /* Not before its time. */
      g_assert_true (i == 0 || count_lines (talk->output->str) < n_lines[i]);
      ph_clock_advance (clock, i * 2 * G_USEC_PER_SEC);
      say (talk, "", 1, n_lines[i]);
      g_assert_true (g_str_has_suffix (talk->output->str, "-ERR [AUTH] Wrong name or password\r\n"));
    }
  g_assert_true (ph_session_wants_close (talk->session));
}

/* V20: who has shown the password learns that POP3 is switched off, and nobody else. */
static void
test_forbidden (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

  g_object_set (ph_accounts_find (fixture->accounts, BOB), "protocols", (guint)(PH_PROTOCOL_IMAP | PH_PROTOCOL_SUBMISSION), NULL);
  say (talk, "USER " BOB "\r\nPASS wrong one\r\n", 100, 3);
  g_assert_true (g_str_has_suffix (talk->output->str, "-ERR [AUTH] Wrong name or password\r\n"));
  say (talk, LOGIN, 100, 5);
  g_assert_true (g_str_has_suffix (talk->output->str, "-ERR [AUTH] POP3 is switched off for this account\r\n"));
}

/* AUTH (RFC 5034): what is cancelled or malformed is no guess at a password, so that it may be tried again; alone it
 * lists what there is, as old programs ask. */
static void
test_p07_auth (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

  g_string_truncate (talk->output, 0);
  say (talk, "AUTH\r\nAUTH FROB\r\nAUTH PLAIN\r\n", 100, 7);
  g_assert_cmpstr (talk->output->str, ==, "+OK What I know:\r\nSCRAM-SHA-256\r\nPLAIN\r\nLOGIN\r\n.\r\n-ERR There is no such mechanism\r\n+ \r\n");
  g_string_truncate (talk->output, 0);
  say (talk, "*\r\nAUTH PLAIN =\r\nAUTH PLAIN !!\r\nauth plain\r\nAGE\r\n", 100, 5);
  g_assert_cmpstr (talk->output->str, ==,
                   "-ERR AUTH is cancelled\r\n-ERR That is not what the mechanism wants\r\n-ERR That is not what the mechanism wants\r\n"
                   "+ \r\n-ERR That is not what the mechanism wants\r\n");
  g_assert_false (ph_session_wants_close (talk->session));
  g_assert_true (g_str_has_suffix (say (talk, LOGIN, 100, 7), "+OK 3 messages (90 octets)\r\n"));
}

/* UTF8 and LANG (RFC 6856); mail with UTF-8 in its header is sent as it is, asked for or not. */
static void
test_p08 (Fixture      *fixture,
          gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;

  deliver (fixture, "Subject: z\303\266lf\r\n\r\n\303\266\r\n");
  talk = talk_begin (fixture, "127.0.0.1");
  say (talk, "UTF8 x\r\nUTF8\r\nSTLS\r\nUSER \377\r\nLANG\r\nLANG xx\r\nLANG EN\r\nLANG *\r\n", 100, 11);
  g_assert_cmpstr (talk->output->str, ==,
                   "+OK mail.example.org POP3 ready\r\n-ERR UTF8 has no argument\r\n+OK UTF-8 it is\r\n-ERR STLS comes before UTF8\r\n-ERR That is not UTF-8\r\n"
                   "+OK What I speak:\r\nen English\r\n.\r\n-ERR That language is not spoken here\r\n+OK en English it is\r\n+OK en English it is\r\n");
  g_string_truncate (talk->output, 0);
  say (talk, LOGIN "UTF8\r\nLANG en\r\nRETR 4\r\n", 100, 9);
  g_assert_true (g_str_has_suffix (talk->output->str, "-ERR You are logged in\r\n+OK en English it is\r\n+OK 22 octets\r\nSubject: z\303\266lf\r\n\r\n\303\266\r\n.\r\n"));
}

/* RFC 3206: it is our fault, and not for long. */
static void
test_p09_trouble (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new (PASSWORD, NULL);
  g_autoptr (PhAccount) carol = ph_account_new ("carol@example.org", credential);
  g_autofree char *path = g_build_filename (fixture->directory, "mail/example.org/carol", NULL);
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

  /* In place of her folder. */
  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  g_assert_true (ph_accounts_add (fixture->accounts, carol, NULL));
  say (talk, "USER carol@example.org\r\nPASS " PASSWORD "\r\n", 100, 3);
  g_assert_true (g_str_has_suffix (talk->output->str, "-ERR [SYS/TEMP] The mailbox can't be opened now\r\n"));

  /* It ends nothing, and once that is mended she gets in. */
  g_assert_cmpint (unlink (path), ==, 0);
  say (talk, "USER carol@example.org\r\nPASS " PASSWORD "\r\n", 100, 5);
  g_assert_true (g_str_has_suffix (talk->output->str, "+OK 0 messages (0 octets)\r\n"));
}

/* RFC 1939 section 6: what can't be removed is not called removed, and is there the next time. */
static void
test_p04_trouble (Fixture      *fixture,
                  gconstpointer data)
{
  struct rlimit    limit, none;
  g_autofree char *output = NULL, *left = NULL;
  g_autoptr (Talk) talk = talk_begin (fixture, "127.0.0.1");

  say (talk, LOGIN "DELE 1\r\nDELE 3\r\n", 100, 5);
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &limit);
  none = limit;
  none.rlim_cur = 0;
  setrlimit (RLIMIT_FSIZE, &none);
  output = g_strdup (say (talk, "QUIT\r\n", 100, 6));
  setrlimit (RLIMIT_FSIZE, &limit);
  g_assert_true (g_str_has_suffix (output, "-ERR [SYS/TEMP] Some messages are still there\r\n"));

  left = ask (fixture, "STAT\r\n", 1);
  g_assert_cmpstr (left, ==, "+OK 3 90\r\n");
}

/* What is not there is refused, and CAPA says what is. */
static void
test_p09 (Fixture      *fixture,
          gconstpointer data)
{
  g_autofree char *output = ask (fixture, "LAST\r\nXTND XMIT\r\nAPOP a b\r\nCAPA\r\n", 16);

  g_assert_true (g_str_has_prefix (output, "-ERR What is that?\r\n-ERR What is that?\r\n-ERR You are logged in\r\n+OK"));
  /* RFC 2449 section 5: what can be done before the login is told after it, too. */
  for (guint i = 0; i < 10; i++)
    {
      static const char *const words[] = { "USER", "SASL SCRAM-SHA-256 PLAIN LOGIN", "TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "UTF8 USER", "LANG", "EXPIRE NEVER" };
      g_autofree char         *line = g_strconcat ("\r\n", words[i], "\r\n", NULL);

      g_assert_nonnull (strstr (output, line));
    }
  g_assert_nonnull (strstr (output, "\r\nIMPLEMENTATION Posthouse"));
}

/* RFC 1939 section 3: syntax that is not a command's own gets -ERR; blanks at its end are none.  In an empty
 * mailbox no number is one. */
static void
test_arguments (Fixture      *fixture,
                gconstpointer data)
{
  static const char *const without[] = { "CAPA", "STAT", "NOOP", "RSET", "QUIT" };
  static const char *const odd[] = { "LIST 0", "LIST 4", "LIST 1 2", "LIST +1", "LIST -1", "LIST 0x1", "LIST  1", "UIDL 4", "UIDL x", "RETR", "RETR 1 2", "RETR 4294967297",
                                     "RETR 18446744073709551617", "DELE", "DELE 0", "TOP 1", "TOP 1 -1", "TOP 1 x", "TOP 1 1 1", "TOP 4 0" };
  g_autoptr (GString) said = g_string_new (NULL), expected = g_string_new (NULL);
  g_autofree char *output = NULL, *empty = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (without); i++)
    {
      g_string_append_printf (said, "%s x\r\n", without[i]);
      g_string_append_printf (expected, "-ERR %s has no argument\r\n", without[i]);
    }
  g_string_append (said, "STAT  \r\nLIST 001\r\nDELE 1\r\nDELE 2\r\nDELE 3\r\nDELE 3\r\nQUIT\r\n");
  g_string_append (expected, "+OK 3 90\r\n+OK 1 23\r\n+OK It goes when you QUIT\r\n+OK It goes when you QUIT\r\n+OK It goes when you QUIT\r\n"
                             "-ERR There is no such message\r\n+OK Goodbye\r\n");
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autofree char *line = g_strconcat (odd[i], "\r\n", NULL), *answer = ask (fixture, line, 1);

      g_assert_true (g_str_has_prefix (answer, "-ERR "));
    }
  output = ask (fixture, said->str, 12);
  g_assert_cmpstr (output, ==, expected->str);

  empty = ask (fixture, "STAT\r\nLIST 1\r\nRETR 1\r\nTOP 1 0\r\nDELE 1\r\nUIDL 1\r\nLIST\r\n", 8);
  g_assert_cmpstr (empty, ==,
                   "+OK 0 0\r\n-ERR There is no such message\r\n-ERR There is no such message\r\n-ERR There is no such message\r\n"
                   "-ERR There is no such message\r\n-ERR There is no such message\r\n+OK 0 messages\r\n.\r\n");
}

static void
items_changed_cb (PhMailbox *mailbox,
                  gpointer   user_data)
{
  ++*(guint *)user_data;
}

/* What POP3 removes, other sessions of the folder are told. */
static void
test_p10 (Fixture      *fixture,
          gconstpointer data)
{
  g_autoptr (GAsyncResult) opened = NULL, result = NULL;
  g_autoptr (PhAccountStore) account = NULL;
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autofree char *output = NULL;
  guint            n_changes = 0;

  ph_store_open_account_async (fixture->store, BOB, NULL, keep_result_cb, &opened);
  wait_for_result (&opened);
  account = ph_store_open_account_finish (fixture->store, opened, NULL);
  ph_account_store_open_mailbox_async (account, "INBOX", NULL, keep_result_cb, &result);
  wait_for_result (&result);
  mailbox = ph_account_store_open_mailbox_finish (account, result, NULL);
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 3);
  g_signal_connect (mailbox, "changed", G_CALLBACK (items_changed_cb), &n_changes);

  output = ask (fixture, "DELE 1\r\nDELE 3\r\nQUIT\r\n", 3);
  g_assert_true (g_str_has_suffix (output, "+OK Goodbye\r\n"));
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 1);
  g_assert_cmpuint (n_changes, >, 0);
}

#define ADD(name, function) g_test_add ("/pop3/rules/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("P01", test_p01);
  ADD ("P01/silence", test_p01_silence);
  ADD ("P02", test_p02);
  ADD ("P02/moves", test_p02_moves);
  ADD ("P03", test_p03);
  ADD ("P03/in-order", test_p03_in_order);
  ADD ("P04", test_p04);
  ADD ("P04/trouble", test_p04_trouble);
  ADD ("P05", test_p05);
  ADD ("P06", test_p06);
  ADD ("P07", test_p07);
  ADD ("V20-forbidden", test_forbidden);
  ADD ("P07/auth", test_p07_auth);
  ADD ("P07/tries", test_p07_tries);
  ADD ("P08", test_p08);
  ADD ("P09", test_p09);
  ADD ("P09/trouble", test_p09_trouble);
  ADD ("P10", test_p10);
  ADD ("arguments", test_arguments);

  return g_test_run ();
}
