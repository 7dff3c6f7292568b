/* What an open folder remembers of its messages, and messages that are opened together. */

#include "store-fixture.h"

#include "ph-mailbox-private.h"
#include "ph-summary.h"

#define PLAIN "From: a@example.org\r\nSubject: %s\r\n\r\nBody\r\n"

static GPtrArray *
open_many (PhMailbox     *mailbox,
           const guint32 *uids,
           gsize          n_uids,
           PhMessageHold  hold)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *messages;

  ph_mailbox_open_messages_async (mailbox, uids, n_uids, hold, NULL, ready_cb, &result);
  await (&result);
  messages = ph_mailbox_open_messages_finish (mailbox, result, &error);
  g_assert_no_error (error);

  return messages;
}

static void
assert_text (PhMessage  *message,
             const char *text)
{
  g_autofree char *read = g_malloc0 (strlen (text) + 1);

  g_assert_cmpuint (ph_message_get_size (message), ==, strlen (text));
  g_assert_cmpint (ph_message_read (message, 0, read, strlen (text), NULL), ==, (gssize)strlen (text));
  g_assert_cmpstr (read, ==, text);
}

static void
test_open_many (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autoptr (GPtrArray) messages = NULL;
  g_autofree char *large = g_strnfill (PH_MESSAGE_SHORT, 'x');
  g_autofree char *text = g_strconcat (MESSAGE (2), large, "\r\n", NULL);
  const guint32    uids[] = { 1, 2, 3, 999 };
  gsize            n;

  append (fixture, mailbox, MESSAGE (1));
  append (fixture, mailbox, text);
  append (fixture, mailbox, MESSAGE (3));
  expunge (mailbox, &uids[2], 1, FALSE);

  messages = open_many (mailbox, uids, 4, PH_MESSAGE_HOLD_SHORT);
  g_assert_cmpuint (messages->len, ==, 4);
  assert_text (g_ptr_array_index (messages, 0), MESSAGE (1));
  ph_message_peek (g_ptr_array_index (messages, 0), &n);
  g_assert_cmpuint (n, ==, strlen (MESSAGE (1)));

  /* What is not short stays open, and is read from there. */
  assert_text (g_ptr_array_index (messages, 1), text);
  ph_message_peek (g_ptr_array_index (messages, 1), &n);
  g_assert_cmpuint (n, ==, 0);
  g_assert_null (g_ptr_array_index (messages, 2));
  g_assert_null (g_ptr_array_index (messages, 3));
}

/* Neighbours are looked up together: those that are gone have no part in it, and a file that is not of its row's size,
 * because its line ends are those of Unix, is served as it would be alone. */
static void
test_open_neighbours (Fixture      *fixture,
                      gconstpointer data)
{
  g_autofree char *path = account_path (fixture, "cur/1700000000.unix:2,");
  g_autoptr (PhMailbox) mailbox = NULL;
  const PhMessageHold holds[] = { PH_MESSAGE_HOLD_SHORT, PH_MESSAGE_HOLD_HEADER, PH_MESSAGE_HOLD_NOTHING };
  const guint32       wanted[] = { 1, 2, 3, 5, 6 };
  const guint32       gone = 3;

  g_assert_true (g_file_set_contents (path, "Subject: Unix\n\nBody\n", -1, NULL));
  mailbox = open_mailbox (fixture, "INBOX");
  for (guint i = 2; i <= 5; i++)
    append (fixture, mailbox, MESSAGE (4));
  expunge (mailbox, &gone, 1, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (holds); i++)
    {
      g_autoptr (GPtrArray) messages = open_many (mailbox, wanted, G_N_ELEMENTS (wanted), holds[i]);

      g_assert_cmpuint (messages->len, ==, G_N_ELEMENTS (wanted));
      g_assert_null (g_ptr_array_index (messages, 2));
      g_assert_null (g_ptr_array_index (messages, 4));
      for (guint n = 0; n < 4; n++)
        if (n != 2)
          g_assert_cmpuint (ph_message_get_uid (g_ptr_array_index (messages, n)), ==, wanted[n]);
      if (holds[i] == PH_MESSAGE_HOLD_HEADER)
        continue;
      assert_text (g_ptr_array_index (messages, 0), "Subject: Unix\r\n\r\nBody\r\n");
      assert_text (g_ptr_array_index (messages, 1), MESSAGE (4));
      assert_text (g_ptr_array_index (messages, 3), MESSAGE (4));
    }
}

/* V38: what is held for a peer that does not read is bounded. */
static void
test_open_bounded (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autofree char *body = g_strnfill (PH_MESSAGE_SHORT - 100, 'x');
  g_autofree char *text = g_strconcat (MESSAGE (1), body, "\r\n", NULL);
  guint32          uids[20];
  guint            n = 0;

  for (guint32 i = 0; i < 20; i++)
    uids[i] = append (fixture, mailbox, text);

  while (n < 20)
    {
      g_autoptr (GPtrArray) messages = open_many (mailbox, uids + n, 20 - n, PH_MESSAGE_HOLD_SHORT);

      g_assert_cmpuint (messages->len, >, 0);
      g_assert_cmpuint (messages->len * strlen (text), <, PH_MESSAGES_HELD_MAX + PH_MESSAGE_SHORT);
      for (guint i = 0; i < messages->len; i++)
        g_assert_cmpuint (ph_message_get_uid (g_ptr_array_index (messages, i)), ==, uids[n + i]);
      n += messages->len;
    }
  g_assert_cmpuint (n, ==, 20);
}

static void
assert_header (PhMessage  *message,
               const char *header)
{
  gsize         n;
  const guint8 *held = ph_message_peek (message, &n);

  g_assert_cmpmem (held, n, header, strlen (header));
}

/* Once read, a header needs no file; once expunged, it is not remembered. */
static void
test_heads (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GPtrArray) gone = NULL;
  const guint32 uids[] = { 1, 2, 3 };

  append (fixture, mailbox, "Subject: One\r\nX-A: 1\r\n\r\nBody\r\n");
  append (fixture, mailbox, "\r\nOnly a body\r\n");
  append (fixture, mailbox, "Subject: No body\r\n");

  first = open_many (mailbox, uids, 3, PH_MESSAGE_HOLD_HEADER);
  again = open_many (mailbox, uids, 3, PH_MESSAGE_HOLD_HEADER);
  g_assert_cmpuint (again->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_true (g_ptr_array_index (first, i) == g_ptr_array_index (again, i));
  assert_header (g_ptr_array_index (again, 0), "Subject: One\r\nX-A: 1\r\n\r\n");
  assert_header (g_ptr_array_index (again, 1), "\r\n");
  assert_header (g_ptr_array_index (again, 2), "Subject: No body\r\n");

  expunge (mailbox, uids, 1, FALSE);
  gone = open_many (mailbox, uids, 3, PH_MESSAGE_HOLD_HEADER);
  g_assert_null (g_ptr_array_index (gone, 0));
}

static void
test_summaries (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  PhFolderCache *cache = ph_mailbox_get_cache (mailbox);
  const guint32  uid = 1;

  append (fixture, mailbox, MESSAGE (1));
  g_assert_null (ph_folder_cache_dup_summary (cache, 1));
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GPtrArray) summaries = NULL;
      PhMessageSummary *kept;

      ph_mailbox_load_summaries_async (mailbox, &uid, 1, NULL, ready_cb, &result);
      await (&result);
      summaries = ph_mailbox_load_summaries_finish (mailbox, result, NULL);
      kept = ph_folder_cache_dup_summary (cache, 1);
      g_assert_true (kept == g_ptr_array_index (summaries, 0));
      ph_message_summary_free (kept);
    }

  expunge (mailbox, &uid, 1, FALSE);
  g_assert_null (ph_folder_cache_dup_summary (cache, 1));
}

static char *
search_header (PhMailbox  *mailbox,
               const char *name,
               const char *text)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GArray) found = NULL;
  const guint32 uids[] = { 1, 2, 3 };
  PhSearchKey  *key = ph_search_key_new (PH_SEARCH_HEADER);
  GString      *list = g_string_new (NULL);

  key->name = g_strdup (name);
  key->text = g_strdup (text);
  ph_mailbox_search_async (mailbox, key, uids, 3, NULL, ready_cb, &result);
  await (&result);
  found = ph_mailbox_search_finish (mailbox, result, NULL);
  for (guint i = 0; i < found->len; i++)
    g_string_append_printf (list, "%u ", g_array_index (found, guint32, i));

  return g_string_free (list, FALSE);
}

/* A field that no ENVELOPE has is looked for in the header alone, the second time in memory; a
 * header that is not short is read from the file each time. */
static void
test_search_header (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autoptr (PhMessage) head = NULL;
  g_autofree char *long_value = g_strnfill (PH_MESSAGE_SHORT, 'x');
  g_autofree char *text = g_strconcat ("X-B: ", long_value, "\r\nX-A: needle\r\n\r\nBody\r\n", NULL);

  append (fixture, mailbox, "X-A: a needle here\r\n\r\nBody\r\n");
  append (fixture, mailbox, "X-A: nothing\r\n\r\nX-A: needle\r\n");
  append (fixture, mailbox, text);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *found = search_header (mailbox, "x-a", "NEEDLE");
      g_autofree char *any = search_header (mailbox, "X-B", "");

      g_assert_cmpstr (found, ==, "1 3 ");
      g_assert_cmpstr (any, ==, "3 ");
    }

  head = ph_folder_cache_dup_head (ph_mailbox_get_cache (mailbox), 1);
  g_assert_nonnull (head);
  g_assert_null (ph_folder_cache_dup_head (ph_mailbox_get_cache (mailbox), 3));
}

static void
test_limit (void)
{
  g_autoptr (PhClock) clock = ph_clock_new ();
  PhFolderCache   *cache = ph_folder_cache_new (clock);
  g_autofree char *long_text = g_strnfill (PH_FOLDER_CACHE_MAX / 8, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new_static ("()", 2);
  const PhMessageSummary text = { bytes, bytes, bytes, long_text, (char *)"" };
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  PhMessageSummary *last;

  for (guint32 uid = 1; uid <= 8; uid++)
    {
      PhMessageSummary *summary = ph_message_summary_copy (&text);

      ph_folder_cache_add_summary (cache, uid, summary);
      ph_message_summary_free (summary);
      g_array_append_val (uids, uid);
    }

  /* The first ones stay, the last found no room. */
  last = ph_folder_cache_dup_summary (cache, 7);
  g_assert_nonnull (last);
  g_assert_null (ph_folder_cache_dup_summary (cache, 8));

  /* What is forgotten makes room; what is closed takes nothing. */
  ph_folder_cache_forget (cache, uids);
  g_assert_null (ph_folder_cache_dup_summary (cache, 7));
  ph_folder_cache_add_summary (cache, 8, last);
  ph_message_summary_free (last);
  last = ph_folder_cache_dup_summary (cache, 8);
  g_assert_nonnull (last);
  ph_folder_cache_close (cache);
  ph_folder_cache_add_summary (cache, 8, last);
  g_assert_null (ph_folder_cache_dup_summary (cache, 8));
  ph_message_summary_free (last);
  ph_folder_cache_unref (cache);
}

/* V38: many folders together hold no more than their share; what one lets go, another may take. */
static void
test_limit_of_all (void)
{
  g_autoptr (PhClock) clock = ph_clock_new ();
  g_autofree char *long_text = g_strnfill (PH_FOLDER_CACHE_MAX / 2, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new_static ("()", 2);
  const PhMessageSummary text = { bytes, bytes, bytes, long_text, (char *)"" };
  PhMessageSummary      *summary = ph_message_summary_copy (&text);
  PhFolderCache         *caches[8];
  guint                  n_taken = 0;

  for (guint i = 0; i < G_N_ELEMENTS (caches); i++)
    {
      PhMessageSummary *found;

      caches[i] = ph_folder_cache_new (clock);
      ph_folder_cache_add_summary (caches[i], 1, summary);
      found = ph_folder_cache_dup_summary (caches[i], 1);
      n_taken += found != NULL;
      g_clear_pointer (&found, ph_message_summary_free);
    }
  g_assert_cmpuint (n_taken, ==, 7);

  ph_folder_cache_close (caches[0]);
  ph_folder_cache_add_summary (caches[7], 1, summary);
  g_clear_pointer (&summary, ph_message_summary_free);
  summary = ph_folder_cache_dup_summary (caches[7], 1);
  g_assert_nonnull (summary);
  ph_message_summary_free (summary);
  for (guint i = 0; i < G_N_ELEMENTS (caches); i++)
    ph_folder_cache_unref (caches[i]);
}

static GArray *
make_uids (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  GArray *uids = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint32 uid = (guint32)g_ascii_strtoull (words[i], NULL, 10);

      g_array_append_val (uids, uid);
    }

  return uids;
}

static void
assert_order (PhOrderCache *orders,
              const GArray *criteria,
              const char   *asked,
              const char   *expected)
{
  g_autoptr (GArray) uids = make_uids (asked);
  g_autoptr (GArray) sorted = ph_order_cache_find (orders, criteria, uids);
  g_autoptr (GArray) wanted = expected != NULL ? make_uids (expected) : NULL;

  g_assert_true ((sorted == NULL) == (wanted == NULL));
  if (sorted != NULL)
    g_assert_cmpmem (sorted->data, sorted->len * sizeof (guint32), wanted->data, wanted->len * sizeof (guint32));
}

/* I41: an order holds for some of its messages, for none that it does not know. */
static void
test_orders (void)
{
  g_autoptr (PhOrderCache) orders = ph_order_cache_new ();
  g_autoptr (GArray) subject = g_array_new (FALSE, FALSE, sizeof (PhSortCriterion));
  g_autoptr (GArray) backwards = g_array_new (FALSE, FALSE, sizeof (PhSortCriterion));
  g_autoptr (GArray) sorted = make_uids ("9 2 5 7 1 8");
  g_autoptr (GArray) few = make_uids ("5 2");
  const PhSortCriterion up = { PH_SORT_SUBJECT, FALSE };
  const PhSortCriterion down = { PH_SORT_SUBJECT, TRUE };

  g_array_append_val (subject, up);
  g_array_append_val (backwards, down);
  ph_order_cache_add (orders, subject, sorted);
  assert_order (orders, subject, "1 2 5 7 8 9", "9 2 5 7 1 8");
  assert_order (orders, subject, "1 5 9", "9 5 1");
  assert_order (orders, subject, "1 3", NULL);
  assert_order (orders, subject, "1 10", NULL);
  assert_order (orders, backwards, "1 2", NULL);

  /* A search that found few does not make the others be sorted again. */
  ph_order_cache_add (orders, subject, few);
  assert_order (orders, subject, "1 2", "2 1");

  for (guint i = 0; i < PH_ORDER_CACHE_MAX; i++)
    {
      const PhSortCriterion other = { (PhSortKey)i, FALSE };
      g_autoptr (GArray) criteria = g_array_new (FALSE, FALSE, sizeof (PhSortCriterion));

      g_array_append_val (criteria, other);
      g_array_append_val (criteria, down);
      ph_order_cache_add (orders, criteria, few);
    }
  assert_order (orders, subject, "1 2", NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD_STORE_TEST ("/store/recall/open-many", test_open_many);
  ADD_STORE_TEST ("/store/recall/open-neighbours", test_open_neighbours);
  ADD_STORE_TEST ("/store/recall/open-bounded", test_open_bounded);
  ADD_STORE_TEST ("/store/recall/heads", test_heads);
  ADD_STORE_TEST ("/store/recall/summaries", test_summaries);
  ADD_STORE_TEST ("/store/recall/search-header", test_search_header);
  g_test_add_func ("/store/recall/limit", test_limit);
  g_test_add_func ("/store/recall/limit-of-all", test_limit_of_all);
  g_test_add_func ("/store/recall/orders", test_orders);

  return g_test_run ();
}
