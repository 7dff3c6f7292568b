/* Folders and message lists of the window, over a real store. */

#include "mail-fixture.h"

/* A copy of the list that only does what "items-changed" says: at the end it must be
 * the same. */
typedef struct
{
  GListModel *list;
  GArray     *uids;
  guint       n_changes;
} Mirror;

static void
mirror_changed_cb (GListModel *list,
                   guint       position,
                   guint       n_removed,
                   guint       n_added,
                   gpointer    data)
{
  Mirror *mirror = data;

  mirror->n_changes++;
  g_assert_cmpuint (position + n_removed, <=, mirror->uids->len);
  g_array_remove_range (mirror->uids, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    {
      guint32 uid = ph_mail_list_get_uid (PH_MAIL_LIST (list), position + i);

      g_array_insert_val (mirror->uids, position + i, uid);
    }
}

static void
mirror_begin (Mirror     *mirror,
              PhMailList *list)
{
  mirror->list = G_LIST_MODEL (list);
  mirror->uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  mirror->n_changes = 0;
  mirror_changed_cb (mirror->list, 0, 0, g_list_model_get_n_items (mirror->list), mirror);
  g_signal_connect (list, "items-changed", G_CALLBACK (mirror_changed_cb), mirror);
}

static void
mirror_check (Mirror *mirror)
{
  g_assert_cmpuint (mirror->uids->len, ==, g_list_model_get_n_items (mirror->list));
  for (guint i = 0; i < mirror->uids->len; i++)
    g_assert_cmpuint (g_array_index (mirror->uids, guint32, i), ==, ph_mail_list_get_uid (PH_MAIL_LIST (mirror->list), i));
}

static void
mirror_end (Mirror *mirror)
{
  mirror_check (mirror);
  g_signal_handlers_disconnect_by_data (mirror->list, mirror);
  g_array_unref (mirror->uids);
}

static gboolean
is_item_loaded (gpointer item)
{
  return ph_mail_item_is_loaded (item);
}

static gboolean
is_not_searching (gpointer list)
{
  gboolean searching;

  g_object_get (list, "searching", &searching, NULL);

  return !searching;
}

static void
test_folders (MailFixture  *fixture,
              gconstpointer data)
{
  GListModel *folders = ph_mail_account_get_folders (fixture->alice);
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (change_folder (&fixture->store, FOLDER_CREATE, "Zoo/Apes", NULL, &error));
  g_assert_true (change_folder (&fixture->store, FOLDER_CREATE, "Archive/2026", NULL, &error));
  g_assert_true (change_folder (&fixture->store, FOLDER_CREATE, "apples", NULL, &error));
  g_assert_no_error (error);

  for (guint i = 0; i < g_list_model_get_n_items (folders); i++)
    {
      g_autoptr (PhMailFolder) folder = g_list_model_get_item (folders, i);

      g_string_append_printf (names, "%s:%u:%u ", ph_mail_folder_get_title (folder), ph_mail_folder_get_depth (folder), (guint)ph_mail_folder_get_kind (folder));
    }
  g_assert_cmpstr (names->str, ==, "INBOX:0:1 Drafts:0:3 Sent:0:5 Archive:0:2 2026:1:0 Junk:0:4 Trash:0:6 apples:0:0 Zoo:0:0 Apes:1:0 ");
}

static gboolean
has_two_unread (gpointer folder)
{
  return ph_mail_folder_get_n_messages (folder) == 3 && ph_mail_folder_get_n_unread (folder) == 2;
}

/* X04: what comes shows by itself. */
static void
test_counts (MailFixture  *fixture,
             gconstpointer data)
{
  PhMailFolder *inbox = ph_mail_account_find_kind (fixture->alice, PH_MAIL_FOLDER_INBOX);
  g_autoptr (PhMailbox) mailbox = open_mailbox (&fixture->store, "INBOX");
  guint32 uid;

  uid = append (&fixture->store, mailbox, MESSAGE (1));
  append (&fixture->store, mailbox, MESSAGE (2));
  append (&fixture->store, mailbox, MESSAGE (3));
  g_clear_pointer (&(GArray *){ store_flags (mailbox, &uid, 1, PH_FLAGS_ADD, PH_FLAG_SEEN, NULL, G_MAXUINT64) }, g_array_unref);
  wait_until (has_two_unread, inbox);
}

static void
test_rows (MailFixture  *fixture,
           gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (&fixture->store, "INBOX");
  g_autoptr (PhMailList) list = NULL;
  g_autoptr (PhMailItem) item = NULL, again = NULL;

  append (&fixture->store, mailbox, MESSAGE (1));
  append (&fixture->store, mailbox, MESSAGE (2));
  list = open_list (fixture, "INBOX");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 2);

  /* The newest first; the same object while somebody has it. */
  item = g_list_model_get_item (G_LIST_MODEL (list), 0);
  again = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_true (item == again);
  g_assert_cmpstr (ph_mail_item_get_subject (item), ==, "");
  wait_until (is_item_loaded, item);
  g_assert_cmpstr (ph_mail_item_get_subject (item), ==, "Number 2");
  g_assert_cmpstr (ph_mail_item_get_from (item), ==, "Ann");
  g_assert_cmpstr (ph_mail_item_get_to (item), ==, "alice@demo.test");
  g_assert_cmpint (ph_mail_item_get_time (item), ==, G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC);
  g_assert_false (ph_mail_item_has_attachment (item));
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), 2));

  /* A row outlives its list. */
  g_clear_object (&list);
  g_assert_cmpuint (ph_mail_item_get_uid (item), ==, 2);
}

static void
count_cb (gpointer object,
          guint   *count)
{
  (*count)++;
}

/* X04: what a client does is seen here at once, and the other way round. */
static void
test_shared (MailFixture  *fixture,
             gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (&fixture->store, "INBOX");
  g_autoptr (PhMailList) list = open_list (fixture, "INBOX");
  g_autoptr (PhMailItem) item = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint32 uid = append (&fixture->store, mailbox, MESSAGE (1));
  guint   n_changed = 0, n_told = 0, place;

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
  item = g_list_model_get_item (G_LIST_MODEL (list), 0);
  wait_until (is_item_loaded, item);
  g_signal_connect (item, "changed", G_CALLBACK (count_cb), &n_changed);
  g_clear_pointer (&(GArray *){ store_flags (mailbox, &uid, 1, PH_FLAGS_ADD, PH_FLAG_FLAGGED, NULL, G_MAXUINT64) }, g_array_unref);
  g_assert_cmpuint (n_changed, ==, 1);
  g_assert_cmpuint (ph_mail_item_get_flags (item), ==, PH_MAIL_FLAGGED);

  g_signal_connect (mailbox, "changed", G_CALLBACK (count_cb), &n_told);
  ph_mail_list_set_flags_async (list, &uid, 1, PH_MAIL_SEEN, TRUE, ready_cb, &result);
  await (&result);
  g_assert_true (ph_mail_list_set_flags_finish (list, result, &error));
  g_assert_cmpuint (n_told, ==, 1);
  g_assert_true (ph_mailbox_find_uid (mailbox, uid, &place));
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, place)->flags, ==, PH_FLAG_SEEN | PH_FLAG_FLAGGED);
  g_assert_cmpuint (ph_mail_item_get_flags (item), ==, PH_MAIL_SEEN | PH_MAIL_FLAGGED);

  expunge (mailbox, &uid, 1, FALSE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
}

/* Whatever comes and goes, the signals tell it exactly. */
static void
test_exact_changes (MailFixture  *fixture,
                    gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (&fixture->store, "INBOX");
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (PhMailList) list = NULL;
  Mirror mirror;

  for (guint i = 0; i < 200; i++)
    {
      guint32 uid = append (&fixture->store, mailbox, MESSAGE (1));

      g_array_append_val (all, uid);
    }
  list = open_list (fixture, "INBOX");
  mirror_begin (&mirror, list);

  /* A few stretches; then every other one, more than are told one by one; then the rest. */
  g_array_append_vals (chosen, &g_array_index (all, guint32, 0), 3);
  g_array_append_vals (chosen, &g_array_index (all, guint32, 100), 1);
  g_array_append_vals (chosen, &g_array_index (all, guint32, 198), 2);
  expunge (mailbox, (const guint32 *)(gpointer)chosen->data, chosen->len, FALSE);
  g_assert_cmpuint (mirror.n_changes, ==, 1 + 3);
  mirror_check (&mirror);

  g_array_set_size (chosen, 0);
  for (guint i = 5; i < 190; i += 2)
    g_array_append_val (chosen, g_array_index (all, guint32, i));
  expunge (mailbox, (const guint32 *)(gpointer)chosen->data, chosen->len, FALSE);
  g_assert_cmpuint (mirror.n_changes, ==, 1 + 3 + 1);
  mirror_check (&mirror);

  append (&fixture->store, mailbox, MESSAGE (2));
  mirror_check (&mirror);
  expunge (mailbox, (const guint32 *)(gpointer)all->data, all->len, FALSE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
  mirror_end (&mirror);
}

static void
test_search (MailFixture  *fixture,
             gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (&fixture->store, "INBOX");
  g_autoptr (PhMailList) list = open_list (fixture, "INBOX");
  guint32 one = append (&fixture->store, mailbox, MESSAGE (1));
  guint32 two = append (&fixture->store, mailbox, MESSAGE (2));
  guint32 three;
  guint   position, n_total;
  Mirror  mirror;

  mirror_begin (&mirror, list);
  ph_mail_list_set_query (list, "subject:\"Number 2\"");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
  wait_until (is_not_searching, list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
  g_assert_true (ph_mail_list_find_uid (list, two, &position));
  g_assert_false (ph_mail_list_find_uid (list, one, &position));
  g_object_get (list, "n-total", &n_total, NULL);
  g_assert_cmpuint (n_total, ==, 2);

  /* What comes is searched too; what goes goes. */
  three = append (&fixture->store, mailbox, MESSAGE (2));
  append (&fixture->store, mailbox, MESSAGE (3));
  wait_until (is_not_searching, list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 2);
  g_assert_cmpuint (ph_mail_list_get_uid (list, 0), ==, three);
  expunge (mailbox, &two, 1, FALSE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);

  /* Another question before the first is answered. */
  ph_mail_list_set_query (list, "Number");
  ph_mail_list_set_query (list, "nowhere to be found");
  wait_until (is_not_searching, list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);

  ph_mail_list_set_query (list, "Number");
  ph_mail_list_set_query (list, " ");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 3);
  mirror_end (&mirror);

  /* It may go while it searches. */
  ph_mail_list_set_query (list, "Number");
}

static void
test_move_and_undo (MailFixture  *fixture,
                    gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (&fixture->store, "INBOX");
  g_autoptr (PhMailList) list = open_list (fixture, "INBOX");
  g_autoptr (PhMailList) trash = open_list (fixture, "Trash");
  g_autoptr (PhMailMove) move = NULL;
  g_autoptr (GAsyncResult) moved = NULL, undone = NULL, failed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMailItem) item = NULL;
  guint32 uids[2];

  uids[0] = append (&fixture->store, mailbox, MESSAGE (1));
  uids[1] = append_full (&fixture->store, mailbox, MESSAGE (2), PH_FLAG_FLAGGED, NULL, 1600000000, &error);
  ph_mail_list_move_async (list, uids, 2, "Trash", ready_cb, &moved);
  await (&moved);
  move = ph_mail_list_move_finish (list, moved, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (move->uids->len, ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (trash)), ==, 2);

  ph_mail_account_undo_move_async (fixture->alice, move, ready_cb, &undone);
  await (&undone);
  g_assert_true (ph_mail_account_undo_move_finish (fixture->alice, undone, &error));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (trash)), ==, 0);
  item = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_cmpuint (ph_mail_item_get_flags (item), ==, PH_MAIL_FLAGGED);
  g_assert_cmpint (ph_mail_item_get_time (item), ==, G_GINT64_CONSTANT (1600000000) * G_USEC_PER_SEC);

  ph_mail_list_move_async (list, uids, 2, "Nowhere", ready_cb, &failed);
  await (&failed);
  g_assert_null (ph_mail_list_move_finish (list, failed, &error));
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND);
}

static void
test_delete_for_good (MailFixture  *fixture,
                      gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (&fixture->store, "INBOX");
  g_autoptr (PhMailList) list = open_list (fixture, "INBOX");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint32 uid = append (&fixture->store, mailbox, MESSAGE (1));

  ph_mail_list_delete_async (list, &uid, 1, ready_cb, &result);
  await (&result);
  g_assert_true (ph_mail_list_delete_finish (list, result, &error));
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 0);
}

static void
test_folder_goes (MailFixture  *fixture,
                  gconstpointer data)
{
  g_autoptr (PhMailList) list = NULL;
  g_autoptr (GError) error = NULL;
  gboolean deleted;

  g_assert_true (change_folder (&fixture->store, FOLDER_CREATE, "Old", NULL, &error));
  list = open_list (fixture, "Old");
  g_assert_true (change_folder (&fixture->store, FOLDER_RENAME, "Old", "New", &error));
  g_assert_cmpstr (ph_mail_list_get_folder (list), ==, "New");
  g_assert_true (change_folder (&fixture->store, FOLDER_DELETE, "New", NULL, &error));
  g_object_get (list, "deleted", &deleted, NULL);
  g_assert_true (deleted);
  g_assert_null (ph_mail_account_find_folder (fixture->alice, "New"));
}

static void
test_accounts (MailFixture  *fixture,
               gconstpointer data)
{
  GListModel *model = G_LIST_MODEL (fixture->mail);

  add_account (fixture->accounts, "aaron@demo.test");
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 2);
  g_assert_true (ph_mail_find_account (fixture->mail, ALICE) == fixture->alice);
  g_assert_cmpstr (ph_mail_account_get_address (ph_mail_find_account (fixture->mail, "aaron@demo.test")), ==, "aaron@demo.test");
  g_assert_true (ph_accounts_remove (fixture->accounts, "aaron@demo.test"));
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 1);
  g_assert_null (ph_mail_find_account (fixture->mail, "aaron@demo.test"));
}

#define ADD(name, function) g_test_add ("/server/mail-list/" name, MailFixture, NULL, mail_set_up, function, mail_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("folders", test_folders);
  ADD ("counts (X04)", test_counts);
  ADD ("rows", test_rows);
  ADD ("shared with clients (X04)", test_shared);
  ADD ("exact changes", test_exact_changes);
  ADD ("search", test_search);
  ADD ("move and undo", test_move_and_undo);
  ADD ("delete for good", test_delete_for_good);
  ADD ("folder goes", test_folder_goes);
  ADD ("accounts", test_accounts);

  return g_test_run ();
}
