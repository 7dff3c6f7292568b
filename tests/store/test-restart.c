/* What a start costs and what it must not depend on: the mail that is there (X03), and the clock (V45). */

#include "store-fixture.h"

#define DAY (24 * 60 * 60 * (gint64)G_USEC_PER_SEC)

/* Bytes that this process has read by system calls. */
static guint64
count_read (void)
{
  g_autofree char *text = NULL;
  guint64          n = 0;

  g_assert_true (g_file_get_contents ("/proc/self/io", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "rchar: %" G_GUINT64_FORMAT, &n), ==, 1);

  return n;
}

static guint
count_inbox (Fixture    *fixture,
             const char *address)
{
  g_autoptr (PhAccountStore) account = open_account (fixture, address);
  PhFolderStatus status = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ph_account_store_status_async (account, "INBOX", NULL, ready_cb, &result);
  await (&result);
  g_assert_true (ph_account_store_status_finish (account, result, &status, &error));

  return status.messages;
}

/* Accepted for both, and not delivered: a crash comes first. */
static void
accept_for_both (Fixture *fixture)
{
  const char *const both[] = { ALICE, BOB, NULL };
  g_autoptr (GBytes) elsewhere = g_bytes_new_static ("envelope", 8);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) queued = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSpool) spool = make_spool (fixture, MESSAGE (1));
  guint64 record;

  ph_store_accept_async (fixture->store, spool, both, elsewhere, ready_cb, &result);
  await (&result);
  record = ph_store_accept_finish (fixture->store, result, &error);
  g_assert_no_error (error);
  ph_store_set_queued_async (fixture->store, record, ready_cb, &queued);
  await (&queued);
  g_assert_true (ph_store_set_queued_finish (fixture->store, queued, &error));
}

/* X03: it replays what was on its way, and reads nothing of the mail that was there, however much that is. */
static void
test_is_bounded (Fixture      *fixture,
                 gconstpointer data)
{
  const guint      n_before = 2000, n_waiting = 20;
  g_autofree char *body = g_strnfill (20000, 'x');
  g_autofree char *text = g_strdup_printf ("Subject: before\r\n\r\n%s\r\n", body);
  g_autofree char *intake = g_build_filename (fixture->dir, "intake", NULL);
  g_autoptr (PhMailbox) mailbox = NULL;
  guint64 read;
  gint64  start;

  for (guint i = 0; i < n_before; i++)
    {
      g_autofree char *name = g_strdup_printf ("new/%u.before", 1700000000 + i);
      g_autofree char *path = account_path (fixture, name);

      g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, n_before);
  g_clear_object (&mailbox);
  for (guint i = 0; i < n_waiting; i++)
    accept_for_both (fixture);

  close_whole (fixture);
  ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
  read = count_read ();
  start = g_get_monotonic_time ();
  open_store (fixture);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, n_before + n_waiting);
  read = count_read () - read;
  g_test_message ("%u messages, %u to replay: %" G_GUINT64_FORMAT " bytes read in %.1f ms", n_before, n_waiting, read, (double)(g_get_monotonic_time () - start) / 1000);
  g_assert_cmpuint (read, <, n_before * 20000 / 8);
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, n_waiting);

  /* Once it is done there is nothing to replay: the next start has none of it. */
  g_clear_object (&mailbox);
  close_whole (fixture);
  {
    g_autoptr (GDir) dir = g_dir_open (intake, 0, NULL);

    g_assert_null (g_dir_read_name (dir));
  }
  open_store (fixture);
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, n_waiting);
}

/* V45: a year ahead, back, and before it began.  UIDVALIDITY counts, UIDs go on, no name is given twice, nothing is lost and
 * what was accepted is delivered once, also where its record is of the future. */
static void
test_clock_jumps (Fixture      *fixture,
                  gconstpointer data)
{
  static const gint64 jumps[] = { 365 * DAY, -365 * DAY, -2 * 365 * DAY, DAY / 24, 0 };
  const char *const   alice[] = { ALICE, NULL };
  guint32             validity = 0, folder_validity = 0;
  guint               n_messages = 0;

  for (guint i = 0; i < G_N_ELEMENTS (jumps); i++)
    {
      g_autofree char *name = g_strdup_printf ("Made-%u", i);
      g_autoptr (PhMailbox) mailbox = NULL;
      g_autoptr (GError) error = NULL;
      PhFolderStatus status;

      accept_for_both (fixture);
      close_store (fixture);
      g_clear_object (&fixture->clock);
      fixture->clock = ph_clock_new_manual (G_GINT64_CONSTANT (1800000000) * G_USEC_PER_SEC + jumps[i]);
      open_store (fixture);
      for (guint n = 0; n < 3; n++)
        g_assert_true (deliver (fixture, MESSAGE (1), alice, &error));
      n_messages += 4;

      mailbox = open_mailbox (fixture, "INBOX");
      g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, n_messages);
      for (guint n = 0; n < n_messages; n++)
        {
          g_autofree char *text = read_message (mailbox, n + 1);

          g_assert_cmpuint (ph_mailbox_get_info (mailbox, n)->uid, ==, n + 1);
          g_assert_true (g_str_has_suffix (text, MESSAGE (1)));
        }
      g_assert_true (validity == 0 || validity == ph_mailbox_get_uidvalidity (mailbox));
      validity = ph_mailbox_get_uidvalidity (mailbox);

      g_assert_true (change_folder (fixture, FOLDER_CREATE, name, NULL, &error));
      status = get_status (fixture, name);
      g_assert_cmpuint (status.uidvalidity, >, folder_validity);
      folder_validity = status.uidvalidity;
      g_assert_cmpuint (count_inbox (fixture, BOB), ==, i + 1);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD_STORE_TEST ("/store/restart/is-bounded (X03)", test_is_bounded);
  ADD_STORE_TEST ("/store/restart/clock-jumps (V45)", test_clock_jumps);

  return g_test_run ();
}
