#include "store-fixture.h"

static void
count_cb (PhMailbox *mailbox,
          gpointer   user_data)
{
  (*(guint *)user_data)++;
}

static void
test_standard_folders (Fixture      *fixture,
                       gconstpointer data)
{
  GPtrArray      *folders = ph_account_store_get_folders (fixture->account);
  const PhFolder *folder = g_ptr_array_index (folders, 0);

  g_assert_cmpuint (folders->len, ==, 6);
  g_assert_cmpstr (folder->name, ==, "INBOX");
  g_assert_true (folder->subscribed && folder->exists);
  g_assert_cmpint (ph_account_store_find_folder (fixture->account, "Drafts")->special_use, ==, PH_SPECIAL_DRAFTS);
  g_assert_cmpint (ph_account_store_find_folder (fixture->account, "Trash")->special_use, ==, PH_SPECIAL_TRASH);
  g_assert_true (ph_account_store_find_folder (fixture->account, "inBOX") == folder);
  g_assert_null (ph_account_store_find_folder (fixture->account, "inbox/x"));
}

/* I08, I12: UIDs ascend; what was put in comes out; the index outlives the process. */
static void
test_append (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  const char *const keywords[] = { "$Forwarded", "Work", NULL };
  g_autoptr (GError) error = NULL;
  guint32          uidvalidity = ph_mailbox_get_uidvalidity (mailbox);
  g_autofree char *text = NULL;
  guint            changes = 0;

  g_signal_connect (mailbox, "changed", G_CALLBACK (count_cb), &changes);
  g_assert_cmpuint (append (fixture, mailbox, MESSAGE (1)), ==, 1);
  g_assert_cmpuint (append_full (fixture, mailbox, MESSAGE (2), PH_FLAG_SEEN | PH_FLAG_DRAFT, keywords, 1600000000, &error), ==, 2);
  g_assert_no_error (error);
  g_assert_cmpuint (changes, ==, 2);
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 2);
  g_assert_cmpuint (ph_mailbox_get_uidnext (mailbox), ==, 3);

  for (guint round = 0; round < 2; round++)
    {
      const PhMessageInfo *info = ph_mailbox_get_info (mailbox, 1);
      guint                n_keywords;

      g_assert_cmpuint (info->uid, ==, 2);
      g_assert_cmpuint (info->flags, ==, PH_FLAG_SEEN | PH_FLAG_DRAFT);
      g_assert_cmpuint (info->keywords, ==, 3);
      g_assert_cmpint (info->internal_date, ==, 1600000000);
      g_assert_cmpint (info->internal_zone, ==, 60);
      g_assert_cmpuint (info->size, ==, strlen (MESSAGE (2)));
      g_assert_cmpint (info->save_date, ==, 1800000000);
      g_assert_cmpstr (ph_mailbox_get_keywords (mailbox, &n_keywords)[1], ==, "Work");
      g_assert_cmpuint (n_keywords, ==, 2);
      g_assert_cmpuint (ph_mailbox_get_uidvalidity (mailbox), ==, uidvalidity);

      text = read_message (mailbox, 2);
      g_assert_cmpstr (text, ==, MESSAGE (2));
      g_clear_pointer (&text, g_free);

      g_clear_object (&mailbox);
      reopen_store (fixture);
      mailbox = open_mailbox (fixture, "INBOX");
    }

  g_assert_cmpuint (ph_account_store_get_used (fixture->account), ==, strlen (MESSAGE (1)) + strlen (MESSAGE (2)));
}

/* I18: who changes nothing changes no modseq; UNCHANGEDSINCE. */
static void
test_flags (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  const guint32     uids[] = { 1, 2, 3, 77 };
  const char *const keywords[] = { "Blue", NULL };
  guint64           modseq;
  guint             changes = 0;
  GArray           *modified;

  for (guint i = 0; i < 3; i++)
    append (fixture, mailbox, MESSAGE (1));
  g_signal_connect (mailbox, "changed", G_CALLBACK (count_cb), &changes);

  g_assert_null (store_flags (mailbox, uids, 4, PH_FLAGS_ADD, PH_FLAG_SEEN, keywords, G_MAXUINT64));
  g_assert_cmpuint (changes, ==, 1);
  modseq = ph_mailbox_get_highestmodseq (mailbox);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, i)->flags, ==, PH_FLAG_SEEN);
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, i)->keywords, ==, 1);
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, i)->modseq, ==, modseq);
    }

  g_assert_null (store_flags (mailbox, uids, 3, PH_FLAGS_ADD, PH_FLAG_SEEN, NULL, G_MAXUINT64));
  g_assert_cmpuint (ph_mailbox_get_highestmodseq (mailbox), ==, modseq);
  g_assert_cmpuint (changes, ==, 1);

  store_flags (mailbox, uids + 1, 1, PH_FLAGS_SET, PH_FLAG_FLAGGED, NULL, G_MAXUINT64);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 1)->flags, ==, PH_FLAG_FLAGGED);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 1)->keywords, ==, 0);
  g_assert_cmpuint (ph_mailbox_get_highestmodseq (mailbox), ==, modseq + 1);

  modified = store_flags (mailbox, uids, 3, PH_FLAGS_REMOVE, PH_FLAG_SEEN, NULL, modseq);
  g_assert_nonnull (modified);
  g_assert_cmpuint (modified->len, ==, 1);
  g_assert_cmpuint (g_array_index (modified, guint32, 0), ==, 2);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->flags, ==, 0);
  g_array_unref (modified);

  /* The names of the files follow. */
  wait_for_file (fixture, "cur", ":2,F", TRUE);
  g_clear_object (&mailbox);
  reopen_store (fixture);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 1)->flags, ==, PH_FLAG_FLAGGED);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 2)->keywords, ==, 1);
  g_assert_cmpuint (ph_mailbox_get_highestmodseq (mailbox), ==, modseq + 2);
}

/* I13: 64 keywords of 64 bytes, compared without regard to case; over it nothing changes. */
static void
test_keywords (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autofree char *long_name = g_strnfill (PH_MAILBOX_KEYWORDS_MAX + 1, 'x');
  const guint32    uid = append (fixture, mailbox, MESSAGE (1));
  const char      *refused[] = { "", "a b", "\\Foo", "a(", "a\"", "\xc3\xa4", long_name, "one too many" };
  guint            n;

  for (guint i = 0; i < PH_MAILBOX_KEYWORDS_MAX; i++)
    {
      g_autofree char  *name = g_strdup_printf ("Keyword%u", i);
      const char *const names[] = { name, NULL };

      g_assert_null (store_flags (mailbox, &uid, 1, PH_FLAGS_ADD, 0, names, G_MAXUINT64));
    }
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->keywords, ==, G_MAXUINT64);

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      const char *const names[] = { refused[i], NULL };

      ph_mailbox_store_flags_async (mailbox, &uid, 1, PH_FLAGS_SET, PH_FLAG_SEEN, names, G_MAXUINT64, NULL, ready_cb, &result);
      await (&result);
      g_assert_false (ph_mailbox_store_flags_finish (mailbox, result, NULL, &error));
      g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID);
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->flags, ==, 0);
    }

  g_assert_null (store_flags (mailbox, &uid, 1, PH_FLAGS_REMOVE, 0, (const char *const[]){ "KEYWORD0", NULL }, G_MAXUINT64));
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->keywords, ==, G_MAXUINT64 - 1);
  ph_mailbox_get_keywords (mailbox, &n);
  g_assert_cmpuint (n, ==, PH_MAILBOX_KEYWORDS_MAX);
}

/* I08: the highest UID is not given again after its message went. */
static void
test_expunge (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  const guint32 uids[] = { 3, 1, 2, 9 };
  guint64       modseq;

  for (guint i = 0; i < 3; i++)
    append (fixture, mailbox, MESSAGE (1));
  store_flags (mailbox, uids, 2, PH_FLAGS_ADD, PH_FLAG_DELETED, NULL, G_MAXUINT64);
  modseq = ph_mailbox_get_highestmodseq (mailbox);

  expunge (mailbox, uids, 4, TRUE);
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 1);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->uid, ==, 2);
  g_assert_cmpuint (ph_mailbox_get_highestmodseq (mailbox), ==, modseq + 1);
  g_assert_null (read_message (mailbox, 3));

  expunge (mailbox, uids, 4, FALSE);
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 0);
  wait_for_file (fixture, "cur", "posthouse", FALSE);
  g_assert_cmpuint (ph_account_store_get_used (fixture->account), ==, 0);

  g_clear_object (&mailbox);
  reopen_store (fixture);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 0);
  g_assert_cmpuint (append (fixture, mailbox, MESSAGE (4)), ==, 4);
}

/* I11: order, flags, keywords and dates are kept. */
static void
test_copy (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (PhMailbox) inbox = open_mailbox (fixture, "INBOX");
  g_autoptr (PhMailbox) archive = open_mailbox (fixture, "Archive");
  const char *const keywords[] = { "One", "Two", NULL };
  const char *const second[] = { "Two", NULL };
  const guint32     uids[] = { 2, 1, 55 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) copied = NULL;
  g_autofree char     *text = NULL;
  const PhMessageInfo *info;
  guint32              uidvalidity;

  append (fixture, archive, MESSAGE (9));
  append_full (fixture, inbox, MESSAGE (1), PH_FLAG_ANSWERED, keywords, 1500000000, &error);
  append_full (fixture, inbox, MESSAGE (2), 0, second, 1500000001, &error);
  g_assert_no_error (error);

  copied = copy (inbox, uids, 3, "archive", FALSE, &uidvalidity, &error);
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);

  copied = copy (inbox, uids, 3, "Archive", FALSE, &uidvalidity, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (uidvalidity, ==, ph_mailbox_get_uidvalidity (archive));
  g_assert_cmpuint (copied->len, ==, 2);
  g_assert_cmpuint (g_array_index (copied, PhCopiedUid, 0).source, ==, 2);
  g_assert_cmpuint (g_array_index (copied, PhCopiedUid, 0).target, ==, 2);
  g_assert_cmpuint (g_array_index (copied, PhCopiedUid, 1).source, ==, 1);
  g_assert_cmpuint (g_array_index (copied, PhCopiedUid, 1).target, ==, 3);

  g_assert_cmpuint (ph_mailbox_get_n_messages (archive), ==, 3);
  info = ph_mailbox_get_info (archive, 1);
  g_assert_cmpuint (info->keywords, ==, 1); /* "Two" is the first here */
  info = ph_mailbox_get_info (archive, 2);
  g_assert_cmpuint (info->keywords, ==, 3);
  g_assert_cmpuint (info->flags, ==, PH_FLAG_ANSWERED);
  g_assert_cmpint (info->internal_date, ==, 1500000000);
  text = read_message (archive, 3);
  g_assert_cmpstr (text, ==, MESSAGE (1));

  /* They reach cur/ by themselves, and stay what they are. */
  wait_for_file (fixture, ".Archive/tmp", "posthouse", FALSE);
  g_clear_object (&archive);
  archive = open_mailbox (fixture, "Archive");
  g_assert_cmpuint (ph_mailbox_get_n_messages (archive), ==, 3);
  g_assert_cmpuint (ph_mailbox_get_n_messages (inbox), ==, 2);
}

static void
test_move (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (PhMailbox) inbox = open_mailbox (fixture, "INBOX");
  g_autoptr (PhMailbox) trash = open_mailbox (fixture, "Trash");
  const guint32 uids[] = { 1, 2 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) moved = NULL;
  g_autoptr (GArray) same = NULL;
  g_autofree char *text = NULL;
  guint64          used;
  guint32          uidvalidity;

  append (fixture, inbox, MESSAGE (1));
  append (fixture, inbox, MESSAGE (2));
  used = ph_account_store_get_used (fixture->account);

  moved = copy (inbox, uids, 2, "Trash", TRUE, &uidvalidity, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (moved->len, ==, 2);
  g_assert_cmpuint (ph_mailbox_get_n_messages (inbox), ==, 0);
  g_assert_cmpuint (ph_mailbox_get_n_messages (trash), ==, 2);
  g_assert_cmpuint (ph_account_store_get_used (fixture->account), ==, used);
  wait_for_file (fixture, "cur", "posthouse", FALSE);

  /* Within one folder: new UIDs, no loss. */
  same = copy (trash, uids, 2, "Trash", TRUE, &uidvalidity, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ph_mailbox_get_n_messages (trash), ==, 2);
  g_assert_cmpuint (ph_mailbox_get_info (trash, 0)->uid, ==, 3);
  text = read_message (trash, 4);
  g_assert_cmpstr (text, ==, MESSAGE (2));

  g_clear_object (&inbox);
  g_clear_object (&trash);
  reopen_store (fixture);
  g_assert_cmpuint (get_status (fixture, "INBOX").messages, ==, 0);
  g_assert_cmpuint (get_status (fixture, "Trash").messages, ==, 2);
}

/* I07: one session gets \Recent, and a restart gives it to nobody again. */
static void
test_recent (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");

  append (fixture, mailbox, MESSAGE (1));
  append (fixture, mailbox, MESSAGE (2));
  g_assert_cmpuint (ph_mailbox_peek_recent (mailbox), ==, 1);
  g_assert_cmpuint (get_status (fixture, "INBOX").recent, ==, 2);
  g_assert_cmpuint (ph_mailbox_claim_recent (mailbox), ==, 1);
  g_assert_cmpuint (ph_mailbox_claim_recent (mailbox), ==, 3);
  g_assert_cmpuint (get_status (fixture, "INBOX").recent, ==, 0);

  g_clear_object (&mailbox);
  reopen_store (fixture);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_claim_recent (mailbox), ==, 3);
}

/* I04, X02: what one does, all who share the mailbox see; before the callback. */
static void
test_shared (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (PhMailbox) one = open_mailbox (fixture, "INBOX");
  g_autoptr (PhMailbox) two = open_mailbox (fixture, "inbox");
  const char *const addresses[] = { ALICE, NULL };
  g_autoptr (GError) error = NULL;
  guint changes = 0;

  g_assert_true (one == two);
  g_signal_connect (two, "changed", G_CALLBACK (count_cb), &changes);
  g_assert_true (deliver (fixture, MESSAGE (1), addresses, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (changes, ==, 1);
  g_assert_cmpuint (ph_mailbox_get_n_messages (two), ==, 1);
}

static void
test_status (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "Sent");
  g_autoptr (GError) error = NULL;
  PhFolderStatus status;

  append_full (fixture, mailbox, MESSAGE (1), PH_FLAG_SEEN, NULL, 1, &error);
  append_full (fixture, mailbox, MESSAGE (2), PH_FLAG_DELETED, NULL, 1, &error);
  append_full (fixture, mailbox, MESSAGE (3), 0, NULL, 1, &error);
  g_assert_no_error (error);

  status = get_status (fixture, "Sent");
  g_assert_cmpuint (status.messages, ==, 3);
  g_assert_cmpuint (status.unseen, ==, 2);
  g_assert_cmpuint (status.deleted, ==, 1);
  g_assert_cmpuint (status.uidnext, ==, 4);
  g_assert_cmpuint (status.uidvalidity, ==, ph_mailbox_get_uidvalidity (mailbox));
  g_assert_cmpuint (status.size, ==, 3 * strlen (MESSAGE (1)));
  g_assert_cmpuint (status.highestmodseq, ==, ph_mailbox_get_highestmodseq (mailbox));
}

static PhMessageSummary *
load_summary (PhMailbox  *mailbox,
              guint32     uid,
              GPtrArray **summaries)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  const guint32 uids[] = { uid, 999 };

  ph_mailbox_load_summaries_async (mailbox, uids, 2, NULL, ready_cb, &result);
  await (&result);
  *summaries = ph_mailbox_load_summaries_finish (mailbox, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint ((*summaries)->len, ==, 2);
  g_assert_null (g_ptr_array_index (*summaries, 1));

  return g_ptr_array_index (*summaries, 0);
}

static void
test_summaries (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autoptr (GPtrArray) one = NULL;
  g_autoptr (GPtrArray) two = NULL;
  PhMessageSummary *ours, *foreign;

  put_file (fixture, "new/1500000000.1.other", "From: x@example.org\nSubject: Bare\n\nOne\nTwo\n");
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (append (fixture, mailbox, MESSAGE (1)), ==, 2);

  ours = load_summary (mailbox, 2, &one);
  g_assert_nonnull (g_strstr_len (g_bytes_get_data (ours->envelope, NULL), (gssize)g_bytes_get_size (ours->envelope), "\"Number 1\""));
  g_assert_cmpint (((const char *)g_bytes_get_data (ours->bodystructure, NULL))[0], ==, '(');

  /* Computed from what is served: CRLF, 10 octets, 2 lines. */
  foreign = load_summary (mailbox, 1, &two);
  g_assert_nonnull (g_strstr_len (g_bytes_get_data (foreign->body, NULL), (gssize)g_bytes_get_size (foreign->body), " 10 2)"));
}

static void
test_structure (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GAsyncResult) loaded = NULL;
  g_autoptr (GAsyncResult) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMessage) message = NULL;
  const PhMimePart *part;
  char              piece[8] = "";

  append (fixture, mailbox, MESSAGE (1));
  ph_mailbox_open_message_async (mailbox, 1, NULL, ready_cb, &opened);
  await (&opened);
  message = ph_mailbox_open_message_finish (mailbox, opened, &error);
  g_assert_no_error (error);

  ph_message_load_structure_async (message, NULL, ready_cb, &loaded);
  ph_message_load_structure_async (message, NULL, ready_cb, &again);
  await (&loaded);
  await (&again);
  part = ph_message_load_structure_finish (message, loaded, &error);
  g_assert_no_error (error);
  g_assert_true (part == ph_message_load_structure_finish (message, again, &error));
  g_assert_cmpuint (part->body_length, ==, 8);

  g_assert_cmpint (ph_message_read (message, part->body_offset, piece, 4, &error), ==, 4);
  g_assert_cmpstr (piece, ==, "Body");
  g_assert_cmpint (ph_message_read (message, G_MAXUINT32, piece, 4, &error), ==, 0);
  g_assert_no_error (error);
}

/* Many jobs at once end in the order in which they were asked for. */
static void
test_batch (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  GAsyncResult *results[100] = { NULL };
  gboolean      seen[101] = { FALSE };

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_append_item_free);
      g_autoptr (PhSpool) spool = make_spool (fixture, MESSAGE (1));

      g_ptr_array_add (items, ph_append_item_new (spool, 0, NULL, 1, 0));
      ph_account_store_append_async (fixture->account, ph_mailbox_get_name (mailbox), items, NULL, 0, NULL, ready_cb, &results[i]);
    }

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GArray) uids = NULL;
      guint32 uid;

      await (&results[i]);
      uids = ph_account_store_append_finish (fixture->account, results[i], NULL, &error);
      g_assert_no_error (error);
      uid = g_array_index (uids, guint32, 0);
      g_assert_cmpuint (uid, <=, 100);
      g_assert_false (seen[uid]);
      seen[uid] = TRUE;
      g_object_unref (results[i]);
    }
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 100);
}

static void
test_cancelled (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  const guint32 uid = append (fixture, mailbox, MESSAGE (1));

  g_cancellable_cancel (cancellable);
  ph_mailbox_expunge_async (mailbox, &uid, 1, FALSE, cancellable, ready_cb, &result);
  await (&result);
  g_assert_false (ph_mailbox_expunge_finish (mailbox, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 1);
}

/* A look-up that is cancelled at any moment says so: whoever asked may be gone. */
static void
test_cancelled_status (Fixture      *fixture,
                       gconstpointer data)
{
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      PhFolderStatus status;

      ph_account_store_status_async (fixture->account, "INBOX", cancellable, ready_cb, &result);
      g_usleep (i * 20);
      g_cancellable_cancel (cancellable);
      await (&result);
      g_assert_false (ph_account_store_status_finish (fixture->account, result, &status, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

/* STATUS of an open mailbox comes out of memory; as the index has it, whatever was done. */
static void
test_status_of_open (Fixture      *fixture,
                     gconstpointer data)
{
  static const PhFlags flags[] = { PH_FLAG_SEEN, PH_FLAG_DELETED, PH_FLAG_SEEN | PH_FLAG_DELETED, PH_FLAG_FLAGGED };
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");

  for (guint i = 0; i < 200; i++)
    {
      guint n = ph_mailbox_get_n_messages (mailbox), what = (guint)g_test_rand_int_range (0, 8);

      if (n < 3 || what < 3)
        {
          append (fixture, mailbox, i % 2 == 0 ? MESSAGE (1) : MESSAGE (2));
        }
      else
        {
          guint32 uid = ph_mailbox_get_info (mailbox, (guint)g_test_rand_int_range (0, (gint)n))->uid;

          if (what == 3)
            expunge (mailbox, &uid, 1, FALSE);
          else
            g_clear_pointer (&(GArray *){ store_flags (mailbox, &uid, 1, what < 6 ? PH_FLAGS_ADD : PH_FLAGS_REMOVE, flags[g_test_rand_int_range (0, G_N_ELEMENTS (flags))], NULL, G_MAXUINT64) }, g_array_unref);
        }
      if (i % 50 == 20)
        ph_mailbox_claim_recent (mailbox);
      if (i % 10 == 0)
        {
          PhFolderStatus open, closed;

          /* Until the index has looked at what it did itself. */
          for (guint ms = 0; ms < 30; ms++, g_usleep (1000))
            g_main_context_iteration (NULL, FALSE);
          open = get_status (fixture, "INBOX");
          g_clear_object (&mailbox);
          closed = get_status (fixture, "INBOX");
          g_assert_cmpmem (&open, sizeof open, &closed, sizeof closed);
          mailbox = open_mailbox (fixture, "INBOX");
          g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, closed.messages);
        }
    }
}

#define ADD(name, function) ADD_STORE_TEST ("/store/mailbox/" name, function)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("status-of-open", test_status_of_open);
  ADD ("standard-folders", test_standard_folders);
  ADD ("append", test_append);
  ADD ("flags", test_flags);
  ADD ("keywords", test_keywords);
  ADD ("expunge", test_expunge);
  ADD ("copy", test_copy);
  ADD ("move", test_move);
  ADD ("recent", test_recent);
  ADD ("shared", test_shared);
  ADD ("status", test_status);
  ADD ("summaries", test_summaries);
  ADD ("structure", test_structure);
  ADD ("batch", test_batch);
  ADD ("cancelled", test_cancelled);
  ADD ("cancelled-status", test_cancelled_status);

  return g_test_run ();
}
