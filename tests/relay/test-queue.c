/* The queue's parts without a network: envelopes, schedule, order, files, and what other programs drop in. */

#include "ph-queue-files.h"
#include "ph-queue-list.h"
#include "ph-queue-reader.h"
#include "ph-schedule.h"
#include "relay-fixture.h"

/* Envelopes */

static PhQueueEntry *
parse (const char *text,
       GError    **error)
{
  return ph_queue_entry_parse ("id", text, strlen (text), error);
}

/* What is written is read. */
static void
test_round_trip (void)
{
  g_autoptr (PhSmtpEnvelope) envelope = ph_smtp_envelope_new ("alice@here.test");
  g_autoptr (PhQueueEntry) entry = NULL;
  g_autoptr (PhQueueEntry) again = NULL;
  g_autofree char  *text = NULL;
  g_autofree char  *text_again = NULL;
  PhQueueAddressee *addressee;

  envelope->body = PH_SMTP_BODY_8BITMIME;
  envelope->has_long_lines = TRUE;
  envelope->smtputf8 = TRUE;
  envelope->requiretls = TRUE;
  envelope->ret = PH_DSN_RET_HDRS;
  envelope->envid = g_strdup ("a;b=c \\ \n[Message]");
  ph_smtp_envelope_add (envelope, "bob@example.org")->notify = PH_DSN_NOTIFY_SUCCESS | PH_DSN_NOTIFY_DELAY;
  ph_smtp_envelope_add (envelope, "\"odd;name\\\\\"@example.org")->orcpt = g_strdup ("rfc822;x@y");
  ph_smtp_envelope_add (envelope, "dürst@example.org");
  entry = ph_queue_entry_new ("id", envelope, 1234, START + 5);
  entry->held = TRUE;
  addressee = entry->addressees->pdata[0];
  addressee->state = PH_QUEUE_DEFERRED;
  addressee->tries = 3;
  addressee->next_try = START + 7;
  addressee->last_try = START + 6;
  addressee->last_reply = g_strdup ("451 4.3.0 „später“; [Recipient 2]\nState=done");
  addressee->status = g_strdup ("4.3.0");
  addressee->host = g_strdup ("mx.example.org");
  addressee->route = g_strdup ("mx.example.org, TLS1.3");
  addressee->delay_told = TRUE;
  addressee->report = PH_QUEUE_REPORT_DELAYED;
  ((PhQueueAddressee *)entry->addressees->pdata[1])->state = PH_QUEUE_FAILED;

  text = ph_queue_entry_format (entry);
  again = parse (text, NULL);
  g_assert_nonnull (again);
  text_again = ph_queue_entry_format (again);
  g_assert_cmpstr (text, ==, text_again);
  g_assert_true (again->has_long_lines);
  addressee = again->addressees->pdata[0];
  g_assert_cmpint (addressee->next_try, ==, START + 7);
  g_assert_cmpstr (addressee->last_reply, ==, "451 4.3.0 „später“; [Recipient 2]\nState=done");
  g_assert_cmpint (((PhQueueAddressee *)again->addressees->pdata[1])->state, ==, PH_QUEUE_FAILED);
  g_assert_cmpint (ph_queue_entry_get_state (again), ==, PH_QUEUE_HELD);
}

/* Who is not even tried is told of as who was, if they want to know. */
static void
test_failed_before (void)
{
  g_autoptr (PhSmtpEnvelope) envelope = ph_smtp_envelope_new ("alice@here.test");
  g_autoptr (PhQueueEntry) entry = NULL;
  const PhQueueAddressee *first, *second, *third;

  ph_smtp_envelope_add (envelope, "loop@here.test")->failure = g_strdup ("554 5.4.6 It goes in circles");
  ph_smtp_envelope_add (envelope, "never@here.test")->failure = g_strdup ("554 5.4.6 It goes in circles");
  ((PhSmtpRecipient *)envelope->recipients->pdata[1])->notify = PH_DSN_NOTIFY_NEVER;
  ph_smtp_envelope_add (envelope, "bob@example.org");
  entry = ph_queue_entry_new ("id", envelope, 1234, START);
  first = entry->addressees->pdata[0];
  second = entry->addressees->pdata[1];
  third = entry->addressees->pdata[2];
  g_assert_cmpint (first->state, ==, PH_QUEUE_FAILED);
  g_assert_cmpstr (first->status, ==, "5.4.6");
  g_assert_cmpstr (first->last_reply, ==, "554 5.4.6 It goes in circles");
  g_assert_cmpint (first->report, ==, PH_QUEUE_REPORT_FAILED);
  g_assert_cmpint (second->state, ==, PH_QUEUE_FAILED);
  g_assert_cmpint (second->report, ==, PH_QUEUE_REPORT_NONE);
  g_assert_cmpint (third->state, ==, PH_QUEUE_DUE);
  g_assert_cmpint (ph_queue_entry_get_due (entry, 3600), ==, 0);
}

static void
test_envelopes (void)
{
  static const struct
  {
    const char *text;
    gboolean    valid;
  } table[] = {
    { "[Message]\nSender=a@b.test\nRecipients=c@d.test\n", TRUE },
    { "[Message]\nSender=a@b.test\nRecipients=c@d.test;\n", TRUE },
    { "[Message]\nSender=\nRecipients=c@d.test;e@f.test\n", TRUE },
    { "[Message]\nSender=<>\nRecipients= c@d.test ; e@f.test ;\n", TRUE },
    { "[Message]\nVersion=1\nSender=a@b.test\nRecipients=c@d.test\nNew=1\n[New]\nx=y\n", TRUE },
    { "[Message]\r\nSender=a@b.test\r\nRecipients=c@d.test\r\n", TRUE },
    { "", FALSE },
    { "[Message]\n", FALSE },
    { "[Message]\nSender=a@b.test\n", FALSE },
    { "[Message]\nSender=a@b.test\nRecipients=\n", FALSE },
    { "[Message]\nRecipients=c@d.test\n", FALSE },
    { "[Message]\nSender=a@b.test\nRecipients=c\n", FALSE },
    { "[Message]\nSender=a@b.test\nRecipients=c@d.test;nonsense\n", FALSE },
    { "[Message]\nSender=not an address\nRecipients=c@d.test\n", FALSE },
    { "[Message]\nSender=a@b.test\nRecipients=c@d.test\\r\\nDATA\n", FALSE }, /* V14 */
    { "[Message]\nVersion=2\nSender=a@b.test\nRecipients=c@d.test\n", FALSE },
    { "Sender=a@b.test\nRecipients=c@d.test\n", FALSE },
    { "[Message\nSender", FALSE },
    { "\xff\xfe[Message]", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PhQueueEntry) entry = parse (table[i].text, &error);

      g_test_message ("%u", i);
      g_assert_cmpint (entry != NULL, ==, table[i].valid);
      if (entry == NULL)
        g_assert_error (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID);
    }
}

/* A person changes an address of a message that was deferred: that recipient begins anew, the other
 * stays as it is. */
static void
test_edited (void)
{
  g_autoptr (PhQueueEntry) entry = parse ("[Message]\nVersion=1\nSender=a@b.test\nRecipients=new@d.test;e@f.test\n"
                                          "[Recipient 1]\nAddress=old@d.test\nState=failed\nTries=3\n"
                                          "[Recipient 2]\nAddress=e@f.test\nState=done\nTries=1\n",
                                          NULL);
  const PhQueueAddressee *first = entry->addressees->pdata[0], *second = entry->addressees->pdata[1];

  g_assert_cmpint (first->state, ==, PH_QUEUE_DUE);
  g_assert_cmpuint (first->tries, ==, 0);
  g_assert_cmpint (second->state, ==, PH_QUEUE_DONE);
}

/* S23 */
static void
test_schedule (void)
{
  static const guint       minutes[] = { 5, 10, 15, 30, 60, 180, 180, 180 };
  static const char *const wrong[] = { "", " , ", "0", "10081", "5 x", "5;10", "-5", "5 10m", "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "99999999999999999999" };
  PhSchedule               usual = { { 0 }, 0 }, own;

  for (guint i = 0; i < G_N_ELEMENTS (minutes); i++)
    {
      gint64 delay = (gint64)minutes[i] * MINUTES;

      g_assert_cmpint (ph_schedule_get_delay (&usual, i + 1, 0), ==, delay);
      g_assert_cmpint (ph_schedule_get_delay (&usual, i + 1, 1), ==, delay + delay / 10);
      g_assert_cmpint (ph_schedule_get_delay (&usual, i + 1, -1), ==, delay - delay / 10);
    }
  g_assert_cmpint (ph_schedule_get_delay (&usual, 0, 0), ==, 5 * MINUTES);

  g_assert_true (ph_schedule_parse (" 1,2, 10080 ", &own));
  for (guint i = 0; i < 5; i++)
    g_assert_cmpint (ph_schedule_get_delay (&own, i, 0), ==, (i < 2 ? 1 : i == 2 ? 2
                                                                                 : 10080) *
                                                               MINUTES);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_false (ph_schedule_parse (wrong[i], &own));
      g_assert_cmpint (ph_schedule_get_delay (&own, 2, 0), ==, 10 * MINUTES);
    }
  g_assert_cmpint (ph_schedule_get_end (START, 5 * 24 * 60 * 60, FALSE), ==, START + 5 * 24 * HOURS);
  g_assert_cmpint (ph_schedule_get_end (START, 5 * 24 * 60 * 60, TRUE), ==, START + 2 * 24 * HOURS);
  g_assert_cmpint (ph_schedule_get_end (START, 60 * 60, TRUE), ==, START + HOURS);
}

/* Rules for single domains: what says most counts. */
static void
test_rules (void)
{
  static const struct
  {
    const char *domain;
    const char *host; /* NULL: no rule */
    guint       port;
    gboolean    tls;
  } table[] = {
    { "example.org", "mail.example.org", 0, TRUE },
    { "sub.example.org", NULL, 0, FALSE },
    { "lab.test", NULL, 0, FALSE },
    { "a.lab.test", "192.0.2.1", 2525, FALSE },
    { "a.b.lab.test", "192.0.2.1", 2525, FALSE },
    { "special.lab.test", "2001:db8::1", 26, FALSE },
    { "partner.test", NULL, 0, FALSE },
    { "eu.partner.test", NULL, 0, TRUE },
    { "[192.0.2.9]", "192.0.2.10", 0, FALSE },
    { "xn--bcher-kva.test", "books.test", 0, FALSE },
  };
  g_autofree char *wrong = NULL;
  g_autoptr (PhRelayRules) rules = ph_relay_rules_new ("Example.ORG=mail.example.org; .lab.test=192.0.2.1:2525, special.lab.test=[2001:db8::1]:26\t[192.0.2.9]=192.0.2.10 bücher.test=books.test",
                                                       "example.org *.partner.test", &wrong);
  g_autoptr (PhRelayRules) all = ph_relay_rules_new ("*=everything.test example.org=one.test", "*", NULL);
  g_autoptr (PhRelayRules) bad = NULL;

  g_assert_null (wrong);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const PhRelayTarget *target = ph_relay_rules_find_target (rules, table[i].domain);

      g_assert_cmpstr (target != NULL ? target->host : NULL, ==, table[i].host);
      g_assert_cmpuint (target != NULL ? target->port : 0, ==, table[i].port);
      g_assert_cmpint (ph_relay_rules_requires_tls (rules, table[i].domain), ==, table[i].tls);
    }
  g_assert_cmpstr (ph_relay_rules_find_target (all, "any.test")->host, ==, "everything.test");
  g_assert_cmpstr (ph_relay_rules_find_target (all, "example.org")->host, ==, "one.test");
  g_assert_true (ph_relay_rules_requires_tls (all, "any.test"));
  g_assert_null (ph_relay_rules_find_target (NULL, "any.test"));
  bad = ph_relay_rules_new ("good.test=host.test nonsense =x y= also.test=h:99999", "", &wrong);
  g_assert_cmpstr (wrong, ==, "nonsense");
  g_assert_nonnull (ph_relay_rules_find_target (bad, "good.test"));
  g_assert_null (ph_relay_rules_find_target (bad, "also.test"));
}

/* The list */

static void
wanted_cb (PhQueueRow *row,
           gpointer    user_data)
{
  ++*(guint *)user_data;
}

static void
count_changes_cb (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    user_data)
{
  guint *length = user_data;

  *length += added - removed;
  g_assert_cmpuint (*length, ==, g_list_model_get_n_items (model));
}

/* Rows come out in the order of their due times, whatever was done to them before. */
static void
test_order (void)
{
  guint n_wanted = 0, n_shown = 0, n = 2000;
  g_autoptr (PhQueueList) list = ph_queue_list_new (FALSE);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  PhQueueRow *row;
  gint64      last = 0;

  ph_queue_list_set_wanted (list, wanted_cb, &n_wanted);
  g_signal_connect (list, "items-changed", G_CALLBACK (count_changes_cb), &n_shown);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%05d", g_rand_int_range (rand, 0, 100000));

      row = ph_queue_list_add (list, id, PH_QUEUE_DUE, g_rand_int_range (rand, 0, 100) == 0 ? PH_QUEUE_NEVER : g_rand_int_range (rand, 1, 1000000));
      g_assert_true (row == NULL || ph_queue_list_find (list, id) == row);
      g_assert_null (ph_queue_list_add (list, id, PH_QUEUE_DUE, 0));
    }
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *id = g_strdup_printf ("%05d", g_rand_int_range (rand, 0, 100000));

      row = ph_queue_list_find (list, id);
      if (row != NULL && i % 3 == 0)
        ph_queue_list_remove (list, row);
      else if (row != NULL)
        ph_queue_list_set (list, row, PH_QUEUE_DEFERRED, i % 5 == 0 ? PH_QUEUE_NEVER : g_rand_int_range (rand, 1, 1000000));
    }
  ph_queue_list_set_all_due (list, PH_QUEUE_DEFERRED, 77);
  while ((row = ph_queue_list_get_next (list)) != NULL)
    {
      g_assert_cmpint (row->due, >=, last);
      last = row->due;
      ph_queue_list_remove (list, row);
    }
  g_assert_cmpuint (n_wanted, ==, 0);
}

/* One object for a message while somebody holds it, and none after. */
static void
test_items (void)
{
  guint n_wanted = 0;
  g_autoptr (PhQueueList) list = ph_queue_list_new (TRUE);
  PhQueueRow  *row = ph_queue_list_add (list, "one", PH_QUEUE_FAILED, PH_QUEUE_NEVER);
  PhQueueItem *first, *second;

  ph_queue_list_set_wanted (list, wanted_cb, &n_wanted);
  first = g_list_model_get_item (G_LIST_MODEL (list), 0);
  second = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_true (first == second);
  g_assert_cmpuint (n_wanted, ==, 1);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), 1));
  g_object_unref (second);
  g_assert_finalize_object (first);
  g_assert_null (row->item);
  first = g_list_model_get_item (G_LIST_MODEL (list), 0);
  ph_queue_list_remove (list, row);
  g_assert_finalize_object (first);
}

static void
told_cb (PhQueueItem *item,
         GParamSpec  *property,
         gpointer     user_data)
{
  g_autofree char *sender = NULL;

  g_object_get (item, "sender", &sender, NULL);
  g_assert_cmpstr (sender, ==, "alice@here.test");
  ++*(guint *)user_data;
}

/* However often somebody asks, two files are read at once, and in the end what is still looked at. */
static void
test_look (RelayFixture *f,
           gconstpointer data)
{
  g_autoptr (PhQueueList) list = ph_queue_list_new (FALSE);
  g_autoptr (PhQueueDirectory) directory = ph_queue_directory_new (f->relay_dir, f->bad_dir);
  g_autoptr (PhQueueReader) reader = ph_queue_reader_new (list, PH_QUEUE_FOLDER_RELAY, directory, f->clock);
  g_autoptr (PhQueueItem) kept = NULL;
  guint n_told = 0;

  f->config.guard = PH_RELAY_GUARD_LOCAL;
  ph_relay_configure (f->relay, &f->config);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *id = queue (f, "someone@far.test");

      ph_queue_list_add (list, id, PH_QUEUE_GUARDED, PH_QUEUE_NEVER);
    }

  for (guint i = 0; i < 400; i++)
    {
      g_object_unref (g_list_model_get_item (G_LIST_MODEL (list), i % 20));
      g_assert_cmpuint (G_OBJECT (directory)->ref_count, <=, 2 + 2); /* ours, that of the reader, and that of each reading */
    }
  kept = g_list_model_get_item (G_LIST_MODEL (list), 7);
  g_signal_connect (kept, "notify::sender", G_CALLBACK (told_cb), &n_told);
  wait_for (n_told == 1);

  ph_queue_reader_stop (reader);
  wait_for (G_OBJECT (directory)->ref_count == 2);
  g_object_unref (g_list_model_get_item (G_LIST_MODEL (list), 9));
  g_assert_cmpuint (G_OBJECT (directory)->ref_count, ==, 2);
}

/* What other programs drop in */

static void
drop (RelayFixture *f,
      const char   *name,
      const char   *text)
{
  g_autofree char *path = g_build_filename (f->relay_dir, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* Lets the relay see what happened in its directory. */
static void
let_look (RelayFixture *f)
{
  for (guint i = 0; i < 300; i++)
    {
      if (i % 100 == 50)
        ph_clock_advance (f->clock, G_USEC_PER_SEC);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (200);
    }
}

/* Turns the clock, too: what is dropped in is gathered by it. */
#define wait_and_turn(condition)                      \
  G_STMT_START                                        \
  {                                                   \
    guint turn_count = 0;                             \
                                                      \
    wait_for ((condition) || turn (f, ++turn_count)); \
  }                                                   \
  G_STMT_END

static gboolean
turn (RelayFixture *f,
      guint         count)
{
  if (count % 500 == 0)
    ph_clock_advance (f->clock, G_USEC_PER_SEC);

  return FALSE;
}

#define DROPPED_ENV "[Message]\nSender=prog@here.test\nRecipients=bob@[127.0.0.1];me@here.test\n"

static void
test_dropped_in (RelayFixture *f,
                 gconstpointer data)
{
  static const char *const texts[] = {
    "Subject: lf\n\nbody\n.\nend",
    "Subject: crlf\r\n\r\nbody\r\n.\r\nend\r\n",
  };

  let_look (f);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *sent = NULL;

      drop (f, "mine.eml", texts[i]);
      drop (f, "mine.env", DROPPED_ENV);
      let_look (f);
      wait_and_turn (f->intake->taken->len == i + 1 && script_server_count (f->server) == i + 1 && count_queue (f) == 0);
      sent = script_server_dup_message (f->server, i);
      g_assert_nonnull (strstr (sent, "\r\n\r\nbody\r\n.\r\nend\r\n"));
      g_assert_true (g_str_has_prefix (sent, "prog@here.test|bob@[127.0.0.1]|Subject: "));
      g_assert_true (g_str_has_prefix (get_taken (f, i), "prog@here.test|me@here.test|Subject: "));
      g_assert_nonnull (strstr (get_taken (f, i), "\r\n\r\nbody\r\n.\r\nend\r\n"));
      g_assert_false (file_exists (f->relay_dir, "mine", ".eml") || file_exists (f->relay_dir, "mine", ".env"));
    }
}

/* Also what was there before the start. */
static void
test_dropped_before (RelayFixture *f,
                     gconstpointer data)
{
  let_look (f);
  relay_fixture_stop (f);
  drop (f, "early.eml", "Subject: early\n\nbody\n");
  drop (f, "early.env", DROPPED_ENV);
  relay_fixture_start (f);
  wait_and_turn (script_server_count (f->server) == 1 && count_queue (f) == 0);
}

/* Half a pair waits for its other half; one that makes no sense is left alone, until it is mended. */
static void
test_half_and_malformed (RelayFixture *f,
                         gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->relay_dir, "slow.eml", NULL);
  FILE            *slow;

  let_look (f);
  drop (f, "first.env", DROPPED_ENV);
  let_look (f);
  g_assert_cmpuint (count_queue (f), ==, 0);
  drop (f, "first.eml", "Subject: at last\n\nbody\n");
  let_look (f);
  wait_and_turn (script_server_count (f->server) == 1 && count_queue (f) == 0);

  drop (f, "wrong.eml", "Subject: wrong\n\nbody\n");
  drop (f, "wrong.env", "[Message]\nSender=prog@here.test\n");
  let_look (f);
  ph_clock_advance (f->clock, HOURS);
  g_assert_cmpuint (count_queue (f), ==, 0);
  g_assert_true (file_exists (f->relay_dir, "wrong", ".eml") && file_exists (f->relay_dir, "wrong", ".env"));
  drop (f, "wrong.env", DROPPED_ENV);
  let_look (f);
  wait_and_turn (script_server_count (f->server) == 2 && count_queue (f) == 0);

  /* A message that is still being written, though its envelope stands. */
  slow = fopen (path, "w");
  g_assert_cmpint (fputs ("Subject: slow\n\nfirst", slow), >=, 0);
  fflush (slow);
  drop (f, "slow.env", DROPPED_ENV);
  let_look (f);
  g_assert_cmpuint (count_queue (f), ==, 0);
  g_assert_cmpint (fputs (" and last\n", slow), >=, 0);
  fclose (slow);
  let_look (f);
  wait_and_turn (script_server_count (f->server) == 3 && count_queue (f) == 0);
  {
    g_autofree char *sent = script_server_dup_message (f->server, 2);

    g_assert_nonnull (strstr (sent, "first and last\r\n"));
  }
}

/* Nothing in the directory leads elsewhere (V17, V47). */
static void
test_odd_files (RelayFixture *f,
                gconstpointer data)
{
  g_autofree char *link = g_build_filename (f->relay_dir, "link.eml", NULL);
  g_autofree char *dir = g_build_filename (f->relay_dir, "dir.env", NULL);
  g_autofree char *fifo = g_build_filename (f->relay_dir, "fifo.env", NULL);

  let_look (f);
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  drop (f, "link.env", DROPPED_ENV);
  g_assert_cmpint (g_mkdir (dir, 0700), ==, 0);
  drop (f, "dir.eml", "x\n");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  drop (f, "fifo.eml", "x\n");
  drop (f, ".env", DROPPED_ENV);
  drop (f, ".hidden.env", DROPPED_ENV);
  drop (f, "notes.txt", "hello");
  let_look (f);
  relay_fixture_stop (f);
  relay_fixture_start (f);
  let_look (f);
  g_assert_cmpuint (count_queue (f), ==, 0);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 0);
}

/* S26: what has ended the program twice while it was read is set aside; once may be chance. */
static void
test_poison (RelayFixture *f,
             gconstpointer data)
{
  for (guint tries = 1; tries <= 2; tries++)
    {
      g_autofree char *note = g_strdup_printf ("poison %u\n", tries);

      relay_fixture_stop (f);
      drop (f, "poison.eml", "Subject: poison\n\nbody\n");
      drop (f, "poison.env", "[Message]\nSender=prog@here.test\nRecipients=bob@[127.0.0.1]\n");
      drop (f, "good.eml", "Subject: good\n\nbody\n");
      drop (f, "good.env", "[Message]\nSender=prog@here.test\nRecipients=bob@[127.0.0.1]\n");
      drop (f, "reading", note);
      relay_fixture_start (f);
      wait_and_turn (script_server_count (f->server) == (tries == 1 ? 2 : 3));
      wait_and_turn (count_queue (f) == 0);
    }
  g_assert_true (file_exists (f->bad_dir, "poison.eml", ".poison") && file_exists (f->bad_dir, "poison.env", ".poison"));
  g_assert_false (file_exists (f->relay_dir, "poison", ".eml"));
}

/* What a crash leaves of our own files between two steps is cleared away; what others wrote is not. */
static void
test_leftovers (RelayFixture *f,
                gconstpointer data)
{
  g_autofree char *id = ph_queue_files_new_id (START - 1, 1);
  g_autofree char *eml = g_strconcat (id, ".eml", NULL);
  g_autofree char *temporary = g_strconcat (id, ".env.ABC123", NULL);

  relay_fixture_stop (f);
  drop (f, eml, "Subject: without an envelope\n\n");
  drop (f, temporary, "[Message]\n");
  drop (f, "theirs.eml", "Subject: still to come\n\n");
  relay_fixture_start (f);
  wait_and_turn (!file_exists (f->relay_dir, id, ".eml") && !file_exists (f->relay_dir, id, ".env.ABC123"));
  let_look (f);
  g_assert_true (file_exists (f->relay_dir, "theirs", ".eml"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/queue/envelope/round-trip", test_round_trip);
  g_test_add_func ("/queue/envelope/failed-before", test_failed_before);
  g_test_add_func ("/queue/envelope/valid-or-not", test_envelopes);
  g_test_add_func ("/queue/envelope/edited", test_edited);
  g_test_add_func ("/queue/S23/schedule", test_schedule);
  g_test_add_func ("/queue/rules", test_rules);
  g_test_add_func ("/queue/list/order", test_order);
  g_test_add_func ("/queue/list/items", test_items);
#define ADD(name, function) g_test_add ("/queue/" name, RelayFixture, NULL, relay_fixture_set_up, function, relay_fixture_tear_down)
  ADD ("list/look", test_look);
  ADD ("dropped-in/pair", test_dropped_in);
  ADD ("dropped-in/before", test_dropped_before);
  ADD ("dropped-in/half-and-malformed", test_half_and_malformed);
  ADD ("dropped-in/V17,V47/odd-files", test_odd_files);
  ADD ("S26/poison", test_poison);
  ADD ("S26/leftovers", test_leftovers);

  return g_test_run ();
}
