/* Delivery to several, quota, and taking back. */

#include "store-fixture.h"

static guint
count_inbox (Fixture    *fixture,
             const char *address)
{
  g_autoptr(PhAccountStore) account = open_account (fixture, address);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  PhFolderStatus status = { 0 };

  ph_account_store_status_async (account, "INBOX", NULL, ready_cb, &result);
  await (&result);
  ph_account_store_status_finish (account, result, &status, &error);
  g_assert_no_error (error);

  return status.messages;
}

static void
test_several (Fixture      *fixture,
              gconstpointer data)
{
  const char *const addresses[] = { ALICE, BOB, ALICE, "carol@other.test", NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(PhMailbox) mailbox = NULL;
  g_autofree char *text = NULL;

  g_assert_true (deliver (fixture, MESSAGE (1), addresses, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_inbox (fixture, ALICE), ==, 1);
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, 1);
  g_assert_cmpuint (count_inbox (fixture, "carol@other.test"), ==, 1);
  mailbox = open_mailbox (fixture, "INBOX");
  text = read_message (mailbox, 1);
  g_assert_cmpstr (text, ==, MESSAGE (1));
}

/* V42: to all or none; the account that is full is named, and what it removes makes room. */
static void
test_quota (Fixture      *fixture,
            gconstpointer data)
{
  const char *const addresses[] = { ALICE, BOB, NULL };
  const guint64     size = strlen (MESSAGE (1));
  g_autoptr(PhMailbox) mailbox = NULL;
  g_autoptr(PhMailbox) trash = NULL;
  g_autoptr(GArray) copied = NULL;
  g_autoptr(GArray) moved = NULL;
  g_autoptr(GError) error = NULL;
  const guint32 one = 1, two = 2;

  ph_store_set_quota (fixture->store, ALICE, 2 * size);
  g_assert_true (deliver (fixture, MESSAGE (1), addresses, &error));
  g_assert_true (deliver (fixture, MESSAGE (2), addresses, &error));
  g_assert_false (deliver (fixture, MESSAGE (3), addresses, &error));
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA);
  g_assert_nonnull (strstr (error->message, ALICE));
  g_clear_error (&error);
  g_assert_cmpuint (count_inbox (fixture, ALICE), ==, 2);
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, 2);

  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (append_full (fixture, mailbox, MESSAGE (3), 0, NULL, 1, &error), ==, 0);
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA);
  g_clear_error (&error);
  copied = copy (mailbox, &one, 1, "Trash", FALSE, NULL, &error);
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA);
  g_clear_error (&error);

  /* To move it away is no more mail; to remove it is less. */
  moved = copy (mailbox, &one, 1, "Trash", TRUE, NULL, &error);
  g_assert_no_error (error);
  expunge (mailbox, &two, 1, FALSE);
  g_assert_cmpuint (ph_account_store_get_used (fixture->account), ==, size);
  g_assert_true (deliver (fixture, MESSAGE (3), addresses, &error));
  g_assert_no_error (error);

  /* It holds after a restart, once it is said again; 0 lifts it. */
  g_clear_object (&mailbox);
  reopen_store (fixture);
  g_assert_cmpuint (ph_account_store_get_used (fixture->account), ==, 2 * size);
  ph_store_set_quota (fixture->store, ALICE, 2 * size);
  g_assert_false (deliver (fixture, MESSAGE (3), addresses, &error));
  g_clear_error (&error);
  ph_store_set_quota (fixture->store, ALICE, 0);
  g_assert_true (deliver (fixture, MESSAGE (3), addresses, &error));
}

/* Two that fit one by one, and not both: what was delivered to others is taken back. */
static void
test_taken_back (Fixture      *fixture,
                 gconstpointer data)
{
  const char *const addresses[] = { ALICE, BOB, NULL };
  const guint64     size = strlen (MESSAGE (1));
  GAsyncResult     *results[8] = { NULL };
  guint             n_delivered = 0;
  g_autoptr(PhAccountStore) bob = open_account (fixture, BOB);

  ph_store_set_quota (fixture->store, BOB, 3 * size);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr(PhSpool) spool = make_spool (fixture, MESSAGE (1));

      ph_store_deliver_async (fixture->store, spool, addresses, NULL, ready_cb, &results[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr(GError) error = NULL;

      await (&results[i]);
      if (ph_store_deliver_finish (fixture->store, results[i], &error))
        n_delivered++;
      else
        g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA);
      g_object_unref (results[i]);
    }

  g_assert_cmpuint (n_delivered, ==, 3);
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, 3);
  g_assert_cmpuint (count_inbox (fixture, ALICE), ==, 3);
}

static void
test_no_address (Fixture      *fixture,
                 gconstpointer data)
{
  const char *const addresses[] = { ALICE, "nobody", NULL };
  g_autoptr(GError) error = NULL;

  g_assert_false (deliver (fixture, MESSAGE (1), addresses, &error));
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID);
  g_assert_cmpuint (count_inbox (fixture, ALICE), ==, 0);
}

/* A deleted account that comes again begins with nothing, and another UIDVALIDITY (I09). */
static void
test_deleted_account (Fixture      *fixture,
                      gconstpointer data)
{
  const char *const addresses[] = { ALICE, NULL };
  guint32           uidvalidity = get_status (fixture, "INBOX").uidvalidity;

  for (guint keep = 0; keep < 2; keep++)
    {
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      g_assert_true (deliver (fixture, MESSAGE (1), addresses, &error));
      ph_store_delete_account_async (fixture->store, ALICE, keep != 0, NULL, ready_cb, &result);
      await (&result);
      g_assert_true (ph_store_delete_account_finish (fixture->store, result, &error));
      g_assert_no_error (error);
      g_clear_object (&fixture->account);
      fixture->account = open_account (fixture, ALICE);
      g_assert_cmpuint (get_status (fixture, "INBOX").messages, ==, 0);
      g_assert_cmpuint (get_status (fixture, "INBOX").uidvalidity, !=, uidvalidity);
    }
}

#define ADD(name, function) ADD_STORE_TEST ("/store/delivery/" name, function)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("several", test_several);
  ADD ("quota", test_quota);
  ADD ("taken-back", test_taken_back);
  ADD ("no-address", test_no_address);
  ADD ("deleted-account", test_deleted_account);

  return g_test_run ();
}
