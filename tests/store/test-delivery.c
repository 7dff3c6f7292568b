/* Delivery to several, quota, and what a failure or a crash in between leaves. */

#include <signal.h>
#include <sys/resource.h>

#include "store-fixture.h"

#define TO_ALICE "Delivered-To: " ALICE "\r\n"
#define TO_BOB "Delivered-To: " BOB "\r\n"

static guint
count_folder (Fixture    *fixture,
              const char *address,
              const char *folder)
{
  g_autoptr (PhAccountStore) account = open_account (fixture, address);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PhFolderStatus status = { 0 };

  ph_account_store_status_async (account, folder, NULL, ready_cb, &result);
  await (&result);
  ph_account_store_status_finish (account, result, &status, &error);
  g_assert_no_error (error);

  return status.messages;
}

static guint
count_inbox (Fixture    *fixture,
             const char *address)
{
  return count_folder (fixture, address, "INBOX");
}

static void
test_several (Fixture      *fixture,
              gconstpointer data)
{
  const char *const addresses[] = { ALICE, BOB, ALICE, "carol@other.test", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autofree char *text = NULL;

  g_assert_true (deliver (fixture, MESSAGE (1), addresses, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_inbox (fixture, ALICE), ==, 1);
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, 1);
  g_assert_cmpuint (count_inbox (fixture, "carol@other.test"), ==, 1);
  mailbox = open_mailbox (fixture, "INBOX");
  text = read_message (mailbox, 1);
  g_assert_cmpstr (text, ==, TO_ALICE MESSAGE (1));
}

/* RFC 9228: each of several has its own address below Return-Path and above all other fields, and nobody else's; what says so
 * already is left alone, also by what is for one. */
static void
test_delivered_to (Fixture      *fixture,
                   gconstpointer data)
{
  static const struct
  {
    const char *text, *for_alice;
  } rows[] = {
    { "Return-Path: <a@x.test>\r\n" MESSAGE (1), "Return-Path: <a@x.test>\r\n" TO_ALICE MESSAGE (1) },
    { "Return-Path: <a@x.test>\r\nDelivered-To: list@x.test\r\nReceived: x\r\n" TO_ALICE "\r\n", "Return-Path: <a@x.test>\r\n" TO_ALICE "Delivered-To: list@x.test\r\nReceived: x\r\n" TO_ALICE "\r\n" },
    { "Return-Path: <a@x.test>\r\n" TO_ALICE "Received: x\r\n\r\n", "Return-Path: <a@x.test>\r\n" TO_ALICE "Received: x\r\n\r\n" },
    { "Return-Path: no end", TO_ALICE "Return-Path: no end" },
    { "", TO_ALICE },
  };
  const char *const both[] = { ALICE, BOB, NULL };
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      g_autofree char *alone = NULL;

      g_assert_true (deliver (fixture, rows[i].text, both, &error));
      g_assert_true (deliver (fixture, rows[i].text, (const char *const[]){ ALICE, NULL }, &error));
      g_assert_no_error (error);
      text = read_message (mailbox, 2 * i + 1);
      alone = read_message (mailbox, 2 * i + 2);
      g_assert_cmpstr (text, ==, rows[i].for_alice);
      g_assert_cmpstr (alone, ==, rows[i].text);
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, 2 * i)->size, ==, strlen (rows[i].for_alice));
    }
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, G_N_ELEMENTS (rows));
}

/* A large one is copied in pieces. */
static void
test_delivered_to_large (Fixture      *fixture,
                         gconstpointer data)
{
  const char *const both[] = { ALICE, BOB, NULL };
  g_autofree char  *body = g_strnfill (1000001, 'x');
  g_autofree char  *text = g_strdup_printf ("Return-Path: <a@x.test>\r\n\r\n%s\r\n", body);
  g_autofree char  *expected = g_strdup_printf ("Return-Path: <a@x.test>\r\n" TO_ALICE "\r\n%s\r\n", body);
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autofree char *found = NULL;

  g_assert_true (deliver (fixture, text, both, NULL));
  found = read_message (mailbox, 1);
  g_assert_true (g_str_equal (found, expected));
}

/* V42: to all or none; the account that is full is named, and what it removes makes room. */
static void
test_quota (Fixture      *fixture,
            gconstpointer data)
{
  const char *const addresses[] = { ALICE, BOB, NULL };
  const guint64     size = strlen (TO_ALICE MESSAGE (1));
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autoptr (GArray) copied = NULL;
  g_autoptr (GArray) moved = NULL;
  g_autoptr (GError) error = NULL;
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

/* Two that fit one by one, and not both: one of them is refused, for all. */
static void
test_together (Fixture      *fixture,
               gconstpointer data)
{
  const char *const addresses[] = { ALICE, BOB, NULL };
  const guint64     size = strlen (TO_BOB MESSAGE (1));
  GAsyncResult     *results[8] = { NULL };
  guint             n_delivered = 0;
  G_GNUC_UNUSED     g_autoptr (PhAccountStore) bob = open_account (fixture, BOB);

  ph_store_set_quota (fixture->store, BOB, 3 * size);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (PhSpool) spool = make_spool (fixture, MESSAGE (1));

      ph_store_deliver_async (fixture->store, spool, addresses, ready_cb, &results[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GError) error = NULL;

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

static char *
intake_path (Fixture    *fixture,
             const char *name)
{
  return g_build_filename (fixture->dir, "intake", name, NULL);
}

static guint
count_intake (Fixture *fixture)
{
  g_autofree char *path = intake_path (fixture, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

static gboolean
deliver_to_junk (Fixture           *fixture,
                 const char *const *addresses)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PhSpool) spool = make_spool (fixture, MESSAGE (1));

  ph_spool_set_place (spool, PH_SPECIAL_JUNK);
  ph_store_deliver_async (fixture->store, spool, addresses, ready_cb, &result);
  await (&result);

  return ph_store_deliver_finish (fixture->store, result, NULL);
}

/* As a crash leaves it: accepted for all, delivered to none. */
static guint64
accept_into (Fixture           *fixture,
             const char *const *addresses,
             GBytes            *elsewhere,
             PhSpecialUse       place)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSpool) spool = make_spool (fixture, MESSAGE (1));
  guint64 record;

  ph_spool_set_place (spool, place);
  ph_store_accept_async (fixture->store, spool, addresses, elsewhere, ready_cb, &result);
  await (&result);
  record = ph_store_accept_finish (fixture->store, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (record, !=, 0);

  return record;
}

static guint64
accept_only (Fixture           *fixture,
             const char *const *addresses,
             GBytes            *elsewhere)
{
  return accept_into (fixture, addresses, elsewhere, PH_SPECIAL_NONE);
}

static void
set_queued (Fixture *fixture,
            guint64  record)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ph_store_set_queued_async (fixture->store, record, ready_cb, &result);
  await (&result);
  g_assert_true (ph_store_set_queued_finish (fixture->store, result, &error));
}

/* Each gets it once, however often it crashes; then nothing is left. */
static void
test_replay (Fixture      *fixture,
             gconstpointer data)
{
  const char *const both[] = { ALICE, BOB, NULL };
  g_autoptr (GBytes) elsewhere = g_bytes_new_static ("envelope", 8);
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autofree char *text = NULL;

  set_queued (fixture, accept_only (fixture, both, elsewhere));
  reopen_store (fixture);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 1);
  g_assert_cmpint (ph_mailbox_get_info (mailbox, 0)->internal_date, ==, 1800000000);
  text = read_message (mailbox, ph_mailbox_get_info (mailbox, 0)->uid);
  g_assert_cmpstr (text, ==, TO_ALICE MESSAGE (1));
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, 1);
  g_assert_cmpuint (count_intake (fixture), ==, 0);
}

/* S29: into Junk, of one or of several, now or after a crash; where a person has none, into INBOX. */
static void
test_place (Fixture      *fixture,
            gconstpointer data)
{
  const char *const both[] = { ALICE, BOB, NULL };
  g_autoptr (GBytes) elsewhere = g_bytes_new_static ("envelope", 8);
  g_autoptr (PhAccountStore) bob = open_account (fixture, BOB);
  g_autoptr (GAsyncResult) deleted = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (deliver_to_junk (fixture, both + 1));
  g_assert_true (deliver_to_junk (fixture, both));
  g_assert_cmpuint (count_folder (fixture, BOB, "Junk"), ==, 2);
  g_assert_cmpuint (count_folder (fixture, ALICE, "Junk"), ==, 1);
  g_assert_cmpuint (count_inbox (fixture, BOB) + count_inbox (fixture, ALICE), ==, 0);

  ph_account_store_delete_folder_async (bob, "Junk", NULL, ready_cb, &deleted);
  await (&deleted);
  ph_account_store_finish (bob, deleted, &error);
  g_assert_no_error (error);
  set_queued (fixture, accept_into (fixture, both, elsewhere, PH_SPECIAL_JUNK));
  g_clear_object (&deleted);
  g_clear_object (&bob);
  reopen_store (fixture);
  g_assert_cmpuint (count_folder (fixture, ALICE, "Junk"), ==, 2);
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, 1);
  g_assert_cmpuint (count_inbox (fixture, ALICE), ==, 0);
  g_assert_cmpuint (count_intake (fixture), ==, 0);
}

/* A record that the program before the update has left. */
static void
test_first_format (Fixture      *fixture,
                   gconstpointer data)
{
  const char *const both[] = { ALICE, BOB, NULL };
  g_autoptr (GBytes) elsewhere = g_bytes_new_static ("envelope", 8);
  guint64       record = accept_only (fixture, both, elsewhere);
  GVariant     *none = NULL;
  const gint16  zone = 60;
  const guint64 size = strlen (MESSAGE (1));
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new ("(^asm@ayxntt)", both, none, (gint64)1700000000, zone, size, record));
  g_autofree char *checksum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, g_variant_get_data (value), g_variant_get_size (value));
  g_autofree char *name = g_strdup_printf ("%016" G_GINT64_MODIFIER "x.env", record);
  g_autofree char *path = intake_path (fixture, name);
  g_autoptr (GString) old = g_string_new (checksum);

  g_string_append_len (old, g_variant_get_data (value), (gssize)g_variant_get_size (value));
  close_whole (fixture);
  g_assert_true (g_file_set_contents (path, old->str, (gssize)old->len, NULL));
  open_store (fixture);
  g_assert_cmpuint (count_inbox (fixture, ALICE), ==, 1);
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, 1);
  g_assert_cmpuint (count_intake (fixture), ==, 0);
}

/* The log of Bob's index has grown; no file may grow beyond it now. */
static void
fill_disk_of_bob (Fixture *fixture)
{
  const char *const bob[] = { BOB, NULL };
  g_autofree char  *path = g_build_filename (fixture->dir, "mail", "demo.test", "bob", "index.db-wal", NULL);
  struct rlimit     limit;
  struct stat       st;

  for (guint i = 0; i < 10; i++)
    g_assert_true (deliver (fixture, MESSAGE (2), bob, NULL));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (stat (path, &st), ==, 0);
  getrlimit (RLIMIT_FSIZE, &limit);
  limit.rlim_cur = (rlim_t)st.st_size;
  setrlimit (RLIMIT_FSIZE, &limit);
}

static void
make_room (void)
{
  struct rlimit limit;

  getrlimit (RLIMIT_FSIZE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_FSIZE, &limit);
}

/* V42: where one of them can't have it now, it is accepted all the same, and he has it when
 * there is room, or after the next start.  Nobody has it twice. */
static void
test_completed (Fixture      *fixture,
                gconstpointer data)
{
  const char *const both[] = { ALICE, BOB, NULL };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    {
      fill_disk_of_bob (fixture);
      g_assert_true (deliver (fixture, MESSAGE (1), both, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (count_intake (fixture), ==, 2);
      ph_clock_advance (fixture->clock, G_GINT64_CONSTANT (6) * G_USEC_PER_SEC);
      g_assert_cmpuint (count_inbox (fixture, ALICE), ==, i + 1);
      g_assert_cmpuint (count_intake (fixture), ==, 2);
      make_room ();
      if (i == 0)
        ph_clock_advance (fixture->clock, G_GINT64_CONSTANT (6) * G_USEC_PER_SEC);
      else
        reopen_store (fixture);
      /* It is tried again in the background, and the timer for that may only be set now. */
      while (count_inbox (fixture, BOB) < 11 + i * 11)
        ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
      g_assert_cmpuint (count_inbox (fixture, BOB), ==, 11 + i * 11);
      g_assert_cmpuint (count_inbox (fixture, ALICE), ==, i + 1);
      while (count_intake (fixture) > 0)
        g_main_context_iteration (NULL, FALSE);
    }
}

static void
test_replay_elsewhere (Fixture      *fixture,
                       gconstpointer data)
{
  const char *const alice[] = { ALICE, NULL };
  g_autoptr (GBytes) elsewhere = g_bytes_new_static ("envelope", 8);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) none = NULL;
  guint64 record = accept_only (fixture, alice, elsewhere);

  for (guint i = 0; i < 2; i++)
    {
      const PhAccepted *accepted;

      g_clear_pointer (&list, g_ptr_array_unref);
      reopen_store (fixture);
      list = ph_store_take_unqueued (fixture->store);
      g_assert_cmpuint (list->len, ==, 1);
      accepted = g_ptr_array_index (list, 0);
      g_assert_cmpuint (accepted->id, ==, record);
      g_assert_true (g_bytes_equal (accepted->elsewhere, elsewhere));
      g_assert_cmpuint (count_inbox (fixture, ALICE), ==, 1);
    }

  for (guint i = 0; i < 2; i++)
    {
      if (i == 0)
        set_queued (fixture, record);
      reopen_store (fixture);
      none = ph_store_take_unqueued (fixture->store);
      g_assert_cmpuint (none->len, ==, 0);
      g_clear_pointer (&none, g_ptr_array_unref);
      g_assert_cmpuint (count_inbox (fixture, ALICE), ==, 1);
      g_assert_cmpuint (count_intake (fixture), ==, 0);
    }
}

/* V44: a record with any byte flipped, or cut anywhere, harms only itself. */
static void
test_damaged_records (Fixture      *fixture,
                      gconstpointer data)
{
  const char *const both[] = { ALICE, BOB, NULL };
  g_autofree char  *contents = NULL;
  g_autofree char  *name = NULL;
  g_autofree char  *path = NULL;
  gsize             length;
  g_autoptr (GBytes) elsewhere = g_bytes_new_static ("envelope", 8);
  guint64 record = accept_only (fixture, both, elsewhere);

  name = g_strdup_printf ("%016" G_GINT64_MODIFIER "x.env", record);
  path = intake_path (fixture, name);
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  close_store (fixture);

  for (gsize i = 0; i < length; i += 7)
    {
      g_autoptr (GPtrArray) list = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *intake = intake_path (fixture, NULL);
      g_autofree char *damaged = g_strdup_printf ("%s/%016" G_GINT64_MODIFIER "x.damaged", intake, record);
      int              fd = open (intake, O_RDONLY | O_DIRECTORY);

      contents[i] ^= 1 << (i % 8);
      g_assert_true (g_file_set_contents (path, contents, i % 2 == 0 ? (gssize)length : (gssize)i, NULL));
      contents[i] ^= 1 << (i % 8);
      list = ph_accepted_list (fd, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (list->len, ==, 0);
      g_assert_cmpint (rename (damaged, path), ==, 0);
      close (fd);
    }

  g_assert_true (g_file_set_contents (path, contents, (gssize)length, NULL));
  open_store (fixture);
  g_assert_cmpuint (count_inbox (fixture, BOB), ==, 1);
  g_assert_cmpuint (ph_store_take_unqueued (fixture->store)->len, ==, 1);
}

/* What never counted goes. */
static void
test_half_records (Fixture      *fixture,
                   gconstpointer data)
{
  static const char *const names[] = { "0000000000000001.eml", "0000000000000002.env.tmp", "0000000000000003.eml.tmp" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = intake_path (fixture, names[i]);

      g_assert_true (g_file_set_contents (path, "x", 1, NULL));
    }
  reopen_store (fixture);
  g_assert_cmpuint (count_intake (fixture), ==, 0);
}

static void
test_no_address (Fixture      *fixture,
                 gconstpointer data)
{
  const char *const addresses[] = { ALICE, "nobody", NULL };
  g_autoptr (GError) error = NULL;

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
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

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

/* Renames the one message from cur/ to tmp/, as the disk has it where a power cut came before its last
 * rename; returns its path there. */
static char *
lose_rename (Fixture *fixture)
{
  g_autofree char *name = list_files (fixture, "cur");
  g_autofree char *base = g_strndup (name, (gsize)(strstr (name, ":2,") - name));
  g_autofree char *from = g_build_filename (fixture->dir, "mail/demo.test/alice/cur", name, NULL);
  char            *to = g_build_filename (fixture->dir, "mail/demo.test/alice/tmp", base, NULL);

  g_assert_cmpint (rename (from, to), ==, 0);

  return to;
}

/* What was delivered, but for its last rename, is in the mailbox under its UID. */
static void
test_rename_lost (Fixture      *fixture,
                  gconstpointer data)
{
  const char *const addresses[] = { ALICE, NULL };
  const gboolean    lose_index = data != NULL;
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *path = NULL;
  g_autofree char *in_cur = NULL;

  g_assert_true (deliver (fixture, MESSAGE (1), addresses, &error));
  close_whole (fixture);
  path = lose_rename (fixture);
  if (lose_index)
    {
      g_autofree char *index = account_path (fixture, "index.db");

      g_assert_cmpint (unlink (index), ==, 0);
    }
  open_store (fixture);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 1);
  text = read_message (mailbox, ph_mailbox_get_info (mailbox, 0)->uid);
  g_assert_cmpstr (text, ==, MESSAGE (1));
  if (!lose_index)
    g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->uid, ==, 1);

  for (guint i = 0; i < 30000 && g_file_test (path, G_FILE_TEST_EXISTS); i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  in_cur = list_files (fixture, "cur");
  g_assert_cmpstr (in_cur, !=, "");
}

/* V42: a row without all of its bytes was never acknowledged: it goes, and its UID with it. */
static void
test_bytes_lost (Fixture      *fixture,
                 gconstpointer data)
{
  const char *const addresses[] = { ALICE, NULL };
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  g_assert_true (deliver (fixture, MESSAGE (1), addresses, &error));
  close_whole (fixture);
  path = lose_rename (fixture);
  g_assert_cmpint (truncate (path, 20), ==, 0);
  open_store (fixture);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 0);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  g_assert_true (deliver (fixture, MESSAGE (2), addresses, &error));
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 1);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->uid, ==, 2);
}

#define ADD(name, function) ADD_STORE_TEST ("/store/delivery/" name, function)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("several", test_several);
  ADD ("delivered-to", test_delivered_to);
  ADD ("delivered-to-large", test_delivered_to_large);
  ADD ("quota", test_quota);
  ADD ("together", test_together);
  ADD ("completed", test_completed);
  ADD ("replay", test_replay);
  ADD ("S29/place", test_place);
  ADD ("first-format", test_first_format);
  ADD ("replay-elsewhere", test_replay_elsewhere);
  ADD ("damaged-records", test_damaged_records);
  ADD ("half-records", test_half_records);
  ADD ("no-address", test_no_address);
  ADD ("deleted-account", test_deleted_account);
  ADD ("rename-lost", test_rename_lost);
  g_test_add ("/store/delivery/rename-and-index-lost", Fixture, "index", set_up, test_rename_lost, tear_down);
  ADD ("bytes-lost", test_bytes_lost);

  return g_test_run ();
}
