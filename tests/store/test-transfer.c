/* Mail in and out as files: each byte, flag, keyword and date comes back, in each format. */

#include "store-fixture.h"

#include "ph-export.h"
#include "ph-import.h"
#include "ph-mailbox-private.h"

#define WORK "Work/Caf\303\251 2.0"

typedef struct
{
  const char *text;
  gssize      length; /* -1: it ends with its NUL */
  PhFlags     flags;
  const char *keywords[3];
  gint64      date;
} Sample;

static const Sample samples[] = {
  { "Subject: plain\r\n\r\nHello\r\n", -1, 0, { NULL }, 1000000000 },
  { "Subject: LF\n\nHello\n", -1, PH_FLAG_SEEN, { NULL }, 1 },
  { "Subject: open\r\n\r\nno end", -1, PH_FLAG_FLAGGED | PH_FLAG_SEEN, { "$Label1", "work", NULL }, 1700000000 },
  { "Subject: open\r", -1, 0, { NULL }, 1700000001 },
  { "Subject: header only\n", -1, 0, { NULL }, 1700000002 },
  { "Subject: header only\r\n\r\n", -1, 0, { NULL }, 1700000003 },
  { "Subject: blank lines\n\n\n\n", -1, PH_FLAG_DELETED, { NULL }, 1700000004 },
  { "Subject: quoting\n\nFrom here\n>From there\n>>From all\n\nFrom a@b.test Wed Nov 25 10:00:00 2026\nX: y\n\n> From\nFrom \n", -1, PH_FLAG_ANSWERED, { NULL }, 1700000005 },
  { "Subject: quoting\r\n\r\nFrom here\r\n\r\nFrom x\r\nA: b\r\n>>>From", -1, PH_FLAG_DRAFT, { "$Forwarded", NULL }, 1700000006 },
  { "Status: RO\nX-Status: F\nX-Keywords: its own\nContent-Length: 3\nX-UID: 7\nSubject: fields of a mailbox\n\nHello\n", -1, 0, { NULL }, 1700000007 },
  { "X-Posthouse-Mbox: 2 open\nStatus: O\nX-Status: \nSubject: marked\n\nx\n", -1, 0, { NULL }, 1700000008 },
  { "From x@y.test Wed Nov 25 10:00:00 2026\nSubject: from an mbox\n\nx\n", -1, 0, { NULL }, 1700000009 },
  { "Subject: 8 bit \344\366\374\n\n\377\376\200\n", -1, 0, { NULL }, 1700000010 },
  { "Subject: NUL\r\n\r\na\0b\r\n\0", 23, PH_FLAG_SEEN, { NULL }, 1700000011 },
  { "no header\n", -1, 0, { NULL }, 1700000012 },
  { "\n\nbody only", -1, 0, { NULL }, 1700000013 },
  { "Subject: bare CR\r\rx\r\n\ry\n\r", -1, 0, { NULL }, 1700000014 },
};

static gsize
get_length (const Sample *sample)
{
  return sample->length >= 0 ? (gsize)sample->length : strlen (sample->text);
}

static void
append_bytes (Fixture           *fixture,
              PhMailbox         *mailbox,
              GBytes            *bytes,
              PhFlags            flags,
              const char *const *keywords,
              gint64             date)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_append_item_free);
  g_autoptr (GArray) uids = NULL;
  g_autoptr (PhSpool) spool = ph_store_open_spool (fixture->store, &error);

  g_assert_true (ph_spool_write (spool, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error));
  g_ptr_array_add (items, ph_append_item_new (spool, flags, keywords, date, 0));
  ph_account_store_append_async (fixture->account, ph_mailbox_get_name (mailbox), items, NULL, 0, NULL, ready_cb, &result);
  await (&result);
  uids = ph_account_store_append_finish (fixture->account, result, NULL, &error);
  g_assert_no_error (error);
}

/* Lines longer than what is held of a file, with what is to be quoted at their starts. */
static GBytes *
make_long_message (void)
{
  GString *text = g_string_new ("Subject: long\n\n");

  for (guint i = 0; i < 3; i++)
    {
      for (guint n = 0; n < 200000 + i; n++)
        g_string_append_c (text, '>');
      g_string_append (text, "From x\n");
      for (guint n = 0; n < 70000; n++)
        g_string_append (text, "From ");
      g_string_append_c (text, '\n');
    }

  return g_string_free_to_bytes (text);
}

static void
fill (Fixture    *fixture,
      const char *folder)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, folder);
  g_autoptr (GBytes) bytes = make_long_message ();

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (GBytes) text = g_bytes_new_static (samples[i].text, get_length (&samples[i]));

      append_bytes (fixture, mailbox, text, samples[i].flags, samples[i].keywords, samples[i].date);
    }
  append_bytes (fixture, mailbox, bytes, PH_FLAG_SEEN, NULL, 1700000020);
}

static GBytes *
read_raw (PhAccountStore *account,
          PhMailbox      *mailbox,
          guint           position)
{
  g_auto (PhMessageRow) row = { 0 };
  g_autoptr (GError) error = NULL;
  int         fd = ph_mailbox_open_file (ph_account_store_get_queue (account), ph_mailbox_get_folder (mailbox), ph_mailbox_get_info (mailbox, position)->uid, &row, &error);
  struct stat st;
  guint8     *data;

  g_assert_no_error (error);
  g_assert_cmpint (fstat (fd, &st), ==, 0);
  data = g_malloc ((gsize)st.st_size + 1);
  g_assert_cmpint (read (fd, data, (size_t)st.st_size), ==, st.st_size);
  close (fd);

  return g_bytes_new_take (data, (gsize)st.st_size);
}

static PhMailbox *
open_of (PhAccountStore *account,
         const char     *folder)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PhMailbox *mailbox;

  ph_account_store_open_mailbox_async (account, folder, NULL, ready_cb, &result);
  await (&result);
  mailbox = ph_account_store_open_mailbox_finish (account, result, &error);
  g_assert_no_error (error);

  return mailbox;
}

static char *
join_keywords (PhMailbox *mailbox,
               guint64    bits)
{
  GString           *text = g_string_new (NULL);
  const char *const *names = ph_mailbox_get_keywords (mailbox, NULL);

  for (guint i = 0; names[i] != NULL; i++)
    if ((bits & G_GUINT64_CONSTANT (1) << i) != 0)
      g_string_append_printf (text, "%s ", names[i]);

  return g_string_free (text, FALSE);
}

static void
check_folder (Fixture        *fixture,
              const char     *name,
              PhAccountStore *account,
              const char     *copy_name)
{
  g_autoptr (PhMailbox) original = open_mailbox (fixture, name);
  g_autoptr (PhMailbox) copy = open_of (account, copy_name);
  guint n = ph_mailbox_get_n_messages (original);

  g_assert_cmpuint (ph_mailbox_get_n_messages (copy), ==, n);
  for (guint i = 0; i < n; i++)
    {
      const PhMessageInfo *one = ph_mailbox_get_info (original, i), *two = ph_mailbox_get_info (copy, i);
      g_autofree char     *words = join_keywords (original, one->keywords), *copied = join_keywords (copy, two->keywords);
      g_autoptr (GBytes) bytes = read_raw (fixture->account, original, i);
      g_autoptr (GBytes) copied_bytes = read_raw (account, copy, i);

      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), g_bytes_get_data (copied_bytes, NULL), g_bytes_get_size (copied_bytes));
      g_assert_cmpuint (two->flags, ==, one->flags);
      g_assert_cmpstr (copied, ==, words);
      g_assert_cmpint (two->internal_date, ==, one->internal_date);
    }
}

static gboolean
export_to (PhAccountStore   *account,
           const char       *folder,
           PhExportFormat    format,
           const char       *path,
           PhTransferCounts *counts,
           GError          **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ph_export_async (account, folder, format, path, NULL, NULL, NULL, ready_cb, &result);
  await (&result);

  return ph_export_finish (account, result, counts, error);
}

static gboolean
import_from (Fixture          *fixture,
             PhAccountStore   *account,
             const char       *path,
             const char       *folder,
             PhMboxDialect     dialect,
             PhTransferCounts *counts,
             GError          **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *rejected = g_build_filename (fixture->dir, "rejected", NULL);

  ph_import_async (account, (const char *const[]){ path, NULL }, folder, dialect, rejected, NULL, NULL, NULL, ready_cb, &result);
  await (&result);

  return ph_import_finish (account, result, counts, error);
}

static void
make_folder (Fixture    *fixture,
             const char *name)
{
  g_autoptr (GAsyncResult) result = NULL;

  ph_account_store_create_folder_async (fixture->account, name, PH_SPECIAL_NONE, NULL, ready_cb, &result);
  await (&result);
  g_assert_true (ph_account_store_finish (fixture->account, result, NULL));
}

/* X01 */
static void
test_round_trip (Fixture      *fixture,
                 gconstpointer data)
{
  static const char *const names[] = { "eml", "mbox", "maildir" };
  g_autoptr (PhAccountStore) bob = open_account (fixture, BOB);
  const guint n = 2 * (G_N_ELEMENTS (samples) + 1);

  make_folder (fixture, WORK);
  fill (fixture, "INBOX");
  fill (fixture, WORK);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->dir, "out", names[i], NULL);
      g_autofree char *work = g_strdup_printf ("%s/" WORK, names[i]);
      g_autoptr (GError) error = NULL;
      PhTransferCounts counts;

      g_assert_true (export_to (fixture->account, NULL, (PhExportFormat)i, path, &counts, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (counts.n_messages, ==, n);
      g_assert_false (export_to (fixture->account, NULL, (PhExportFormat)i, path, NULL, &error));
      g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS);
      g_clear_error (&error);

      g_assert_true (import_from (fixture, bob, path, names[i], PH_MBOX_ANY, &counts, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (counts.n_messages, ==, n);
      g_assert_cmpuint (counts.n_rejected, ==, 0);
      check_folder (fixture, "INBOX", bob, names[i]);
      check_folder (fixture, WORK, bob, work);
    }
}

/* One folder into what was named, and from there into INBOX. */
static void
test_single (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (PhAccountStore) bob = open_account (fixture, BOB);
  g_autofree char *path = g_build_filename (fixture->dir, "one", NULL);
  g_autoptr (GError) error = NULL;

  make_folder (fixture, WORK);
  fill (fixture, WORK);
  for (PhExportFormat format = PH_EXPORT_EML; format <= PH_EXPORT_MAILDIR; format++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%d", path, (int)format);
      g_autofree char *target = g_strdup_printf ("Target%d", (int)format);

      g_assert_true (export_to (fixture->account, WORK, format, name, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpint (g_file_test (name, G_FILE_TEST_IS_DIR), ==, format != PH_EXPORT_MBOX);
      g_assert_true (import_from (fixture, bob, name, target, PH_MBOX_ANY, NULL, &error));
      g_assert_no_error (error);
      check_folder (fixture, WORK, bob, target);
    }
  g_assert_false (export_to (fixture->account, "nowhere", PH_EXPORT_MBOX, "/nonexistent/x", NULL, &error));
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND);
}

/* A Maildir that Dovecot, or another Posthouse, has served: into a folder that has given no UID yet with
 * the UIDs and the UIDVALIDITY that clients know; into another with its own. */
static void
test_kept_uids (Fixture      *fixture,
                gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "served", NULL);
  g_autofree char *list = g_build_filename (path, "dovecot-uidlist", NULL);
  g_autoptr (GError) error = NULL;
  const guint32 expected[] = { 3, 7, 100 };

  for (guint i = 0; i < 3; i++)
    {
      /* Their times are in another order than their UIDs; the last one is not listed. */
      g_autofree char *cur = g_build_filename (path, "cur", NULL);
      g_autofree char *fresh = g_build_filename (path, "new", NULL);
      g_autofree char *name = g_strdup_printf ("%s/%d.M%u.host%s", i < 2 ? cur : fresh, 1700000000 - (int)i, i, i < 2 ? ":2,S" : "");
      g_autofree char *text = g_strdup_printf ("Subject: %u\n\nx\n", i);

      g_mkdir_with_parents (cur, 0700);
      g_mkdir_with_parents (fresh, 0700);
      g_file_set_contents (name, text, -1, &error);
      g_assert_no_error (error);
    }
  g_file_set_contents (list, "3 V777 N100 G0123456789abcdef0123456789abcdef\n3 :1700000000.M0.host\n7 :1699999999.M1.host\n", -1, &error);
  g_assert_no_error (error);

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (PhMailbox) mailbox = NULL;
      PhTransferCounts counts;

      g_assert_true (import_from (fixture, fixture->account, path, "Served", PH_MBOX_ANY, &counts, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (counts.n_messages, ==, 3);
      mailbox = open_mailbox (fixture, "Served");
      g_assert_cmpuint (ph_mailbox_get_uidvalidity (mailbox), ==, 777);
      g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 3 * (round + 1));
      for (guint i = 0; i < 3; i++)
        {
          g_autofree char *text = NULL;
          g_autofree char *start = g_strdup_printf ("Subject: %u", i);
          guint32          uid = round == 0 ? expected[i] : 101 + i;

          g_assert_cmpuint (ph_mailbox_get_info (mailbox, i + 3 * round)->uid, ==, uid);
          text = read_message (mailbox, uid);
          g_assert_true (g_str_has_prefix (text, start));
        }
      g_assert_cmpuint (get_status (fixture, "Served").uidnext, ==, round == 0 ? 101 : 104);
    }

  /* INBOX has given one. */
  {
    g_autoptr (PhMailbox) inbox = open_mailbox (fixture, "INBOX");
    guint32 validity = ph_mailbox_get_uidvalidity (inbox);

    append (fixture, inbox, MESSAGE (1));
    g_assert_true (import_from (fixture, fixture->account, path, NULL, PH_MBOX_ANY, NULL, &error));
    g_assert_no_error (error);
    g_assert_false (ph_mailbox_get_deleted (inbox));
    g_assert_cmpuint (ph_mailbox_get_uidvalidity (inbox), ==, validity);
    g_assert_cmpuint (ph_mailbox_get_info (inbox, 3)->uid, ==, 4);
  }

  /* All of it is there once the index is lost. */
  close_whole (fixture);
  {
    g_autofree char *index = account_path (fixture, "index.db");
    g_autoptr (PhMailbox) mailbox = NULL;

    g_assert_cmpint (unlink (index), ==, 0);
    open_store (fixture);
    mailbox = open_mailbox (fixture, "Served");
    g_assert_cmpuint (ph_mailbox_get_uidvalidity (mailbox), ==, 777);
    for (guint i = 0; i < 3; i++)
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, i)->uid, ==, expected[i]);
  }
}

/* What others write. */
static const struct
{
  PhMboxDialect dialect;
  const char   *mbox;
  const char   *messages[4];
  PhFlags       flags;
  gint64        date;
} foreign[] = {
  { PH_MBOX_ANY, "From a@b.test Sun Sep  9 01:46:40 2001\nSubject: x\n\nHello\n\nFrom a@b.test Sun Sep  9 01:46:40 2001\nSubject: y\n\n>From me\n\n", { "Subject: x\n\nHello\n", "Subject: y\n\nFrom me\n" }, 0, 1000000000 },
  { PH_MBOX_ANY, "From - Sun Sep 09 01:46:40 2001\r\nStatus: RO\r\nSubject: x\r\n\r\nHello\r\n\r\n", { "Subject: x\r\n\r\nHello\r\n" }, PH_FLAG_SEEN, 1000000000 },
  /* Not quoted, and no message. */
  { PH_MBOX_ANY, "From a@b.test Sun Sep  9 01:46:40 2001\nSubject: x\n\nA line\n\nFrom here on it is text\nand more\n", { "Subject: x\n\nA line\n\nFrom here on it is text\nand more\n" }, 0, 1000000000 },
  { PH_MBOX_ANY, "From a@b.test\nSubject: no date\n\nx\n", { "Subject: no date\n\nx\n" }, 0, 1800000000 },
  { PH_MBOX_ANY, "From a@b.test Sun Sep  9 01:46:40 2001\nSubject: no end\n\nx", { "Subject: no end\n\nx" }, 0, 1000000000 },
  /* What was ">From" and ">>From" before it was quoted. */
  { PH_MBOX_O, "From a@b.test Sun Sep  9 01:46:40 2001\n\n>From x\n>>From y\n", { "\nFrom x\n>>From y\n" }, 0, 1000000000 },
  { PH_MBOX_RD, "From a@b.test Sun Sep  9 01:46:40 2001\n\n>From x\n>>From y\n", { "\nFrom x\n>From y\n" }, 0, 1000000000 },
  { PH_MBOX_ANY, "From a@b.test Sun Sep  9 01:46:40 UTC 2001\nContent-Length: 52\nX-Status: A\n\n>From x\n\nFrom a@b.test Sun Sep  9 01:46:40 2001\nA: \n\nFrom b Sun Sep  9 01:46:40 2001\n\ny\n", { "\n>From x\n\nFrom a@b.test Sun Sep  9 01:46:40 2001\nA: \n", "\ny\n" }, PH_FLAG_ANSWERED, 1000000000 },
  { PH_MBOX_CL, "From a@b.test Sun Sep  9 01:46:40 2001 +0000\nContent-Length: 8\n\n>From x\n\nFrom b Sun Sep  9 01:46:40 2001\n\ny\n", { "\nFrom x\n", "\ny\n" }, 0, 1000000000 },
  { PH_MBOX_CL2, "From a@b.test Sun Sep  9 01:46 2001\nContent-Length: 8\n\n>From x\n\nFrom b Sun Sep  9 01:46:40 2001\n\ny\n", { "\n>From x\n", "\ny\n" }, 0, 999999960 },
  /* A length that can't be true. */
  { PH_MBOX_ANY, "From a@b.test Sun Sep  9 01:46:40 2001\nContent-Length: 4\n\nHello\n\nFrom b Sun Sep  9 01:46:40 2001\nContent-Length: 9223372036854775807\n\ny\n", { "\nHello\n", "\ny\n" }, 0, 1000000000 },
};

static void
test_foreign_mbox (Fixture      *fixture,
                   gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      g_autofree char *path = g_build_filename (fixture->dir, "mbox", NULL);
      g_autofree char *folder = g_strdup_printf ("F%u", i);
      g_autoptr (PhMailbox) mailbox = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, foreign[i].mbox, -1, NULL));
      g_assert_true (import_from (fixture, fixture->account, path, folder, foreign[i].dialect, NULL, &error));
      g_assert_no_error (error);
      mailbox = open_mailbox (fixture, folder);
      for (guint n = 0; foreign[i].messages[n] != NULL; n++)
        {
          g_autoptr (GBytes) bytes = read_raw (fixture->account, mailbox, n);

          g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), foreign[i].messages[n], strlen (foreign[i].messages[n]));
          g_assert_true (foreign[i].messages[n + 1] != NULL || ph_mailbox_get_n_messages (mailbox) == n + 1);
        }
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->flags, ==, foreign[i].flags);
      g_assert_cmpint (ph_mailbox_get_info (mailbox, 0)->internal_date, ==, foreign[i].date);
    }
}

/* What is no message is kept apart, with a reason; the rest comes in. */
static void
test_rejected (Fixture      *fixture,
               gconstpointer data)
{
  g_autofree char *dir = g_build_filename (fixture->dir, "in", NULL);
  g_autofree char *good = g_build_filename (dir, "b.eml", NULL), *empty = g_build_filename (dir, "a.eml", NULL), *binary = g_build_filename (dir, "c.eml", NULL);
  g_autofree char *mbox = g_build_filename (dir, "stray.mbox", NULL), *pipe_path = g_build_filename (dir, "pipe", NULL), *link_path = g_build_filename (dir, "link.eml", NULL);
  g_autofree char *reasons = g_build_filename (fixture->dir, "rejected", "reasons.tsv", NULL), *text = NULL;
  g_autofree char *kept = g_build_filename (fixture->dir, "rejected", "000002.eml", NULL), *kept_text = NULL;
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autoptr (GError) error = NULL;
  PhTransferCounts counts;
  gsize            length;

  g_assert_cmpint (mkdir (dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (good, "Date: Sun, 9 Sep 2001 01:46:40 +0000\n\nGood\n", -1, NULL));
  g_assert_true (g_file_set_contents (empty, "", 0, NULL));
  g_assert_true (g_file_set_contents (binary, "\177ELF\0\0", 6, NULL));
  g_assert_true (g_file_set_contents (mbox, "What is this?\n\nFrom a Sun Sep  9 01:46:40 2001\nSubject: x\n\nx\n", -1, NULL));
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  g_assert_cmpint (symlink (good, link_path), ==, 0);

  g_assert_true (import_from (fixture, fixture->account, dir, NULL, PH_MBOX_ANY, &counts, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (counts.n_messages, ==, 2);
  g_assert_cmpuint (counts.n_rejected, ==, 3);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 1);
  g_assert_cmpint (ph_mailbox_get_info (mailbox, 0)->internal_date, ==, 1000000000);
  g_assert_true (g_file_get_contents (reasons, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "a.eml\tIt is empty\n"));
  g_assert_nonnull (strstr (text, "stray.mbox, message 1 at byte 0\t"));
  g_assert_true (g_file_get_contents (kept, &kept_text, &length, NULL));
  g_assert_cmpmem (kept_text, length, "\177ELF\0\0", 6);

  g_assert_true (import_from (fixture, fixture->account, "/nonexistent", NULL, PH_MBOX_ANY, &counts, &error));
  g_assert_cmpuint (counts.n_rejected, ==, 1);
}

/* A folder has 64 keywords: what has more of them comes without. */
static void
test_keywords (Fixture      *fixture,
               gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "mbox", NULL);
  GString         *text = g_string_new (NULL);
  g_autofree char *mbox = NULL;
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autoptr (GError) error = NULL;
  PhTransferCounts counts;

  for (guint i = 0; i < 80; i++)
    g_string_append_printf (text, "From a Sun Sep  9 01:46:40 2001\nX-Keywords: k%u\nSubject: %u\n\nx\n\n", i, i);
  mbox = g_string_free (text, FALSE);
  g_assert_true (g_file_set_contents (path, mbox, -1, NULL));
  import_from (fixture, fixture->account, path, NULL, PH_MBOX_ANY, &counts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts.n_messages, ==, 80);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 80);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->keywords, !=, 0);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 79)->keywords, ==, 0);
}

static void
cancel_cb (const PhTransferCounts *counts,
           gpointer                user_data)
{
  if (counts->n_messages >= 100)
    g_cancellable_cancel (user_data);
}

/* What is cancelled, or finds the mailbox full, ends early; what is in is whole. */
static void
test_ends_early (Fixture      *fixture,
                 gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "mbox", NULL), *out = g_build_filename (fixture->dir, "out", NULL), *part = g_strconcat (out, ".part", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL, exported = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  PhTransferCounts counts;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (text, "From a Sun Sep  9 01:46:40 2001\nSubject: %u\n\nx\n\n", i);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));

  ph_import_async (fixture->account, (const char *const[]){ path, NULL }, NULL, PH_MBOX_ANY, out, cancellable, cancel_cb, cancellable, ready_cb, &result);
  await (&result);
  g_assert_false (ph_import_finish (fixture->account, result, &counts, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (counts.n_messages, >=, 100);
  g_assert_cmpuint (counts.n_messages, <, 1000);
  g_assert_cmpuint (get_status (fixture, "INBOX").messages, ==, counts.n_messages);

  ph_export_async (fixture->account, "INBOX", PH_EXPORT_MBOX, out, cancellable, NULL, NULL, ready_cb, &exported);
  await (&exported);
  g_assert_false (ph_export_finish (fixture->account, exported, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS) || g_file_test (part, G_FILE_TEST_EXISTS));

  ph_store_set_quota (fixture->store, ALICE, ph_account_store_get_used (fixture->account) + 5000);
  g_assert_false (import_from (fixture, fixture->account, path, NULL, PH_MBOX_ANY, &counts, &error));
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA);
}

#define ADD(name, function) ADD_STORE_TEST ("/store/transfer/" name, function)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("X01/round-trip", test_round_trip);
  ADD ("kept-uids", test_kept_uids);
  ADD ("single", test_single);
  ADD ("foreign-mbox", test_foreign_mbox);
  ADD ("rejected", test_rejected);
  ADD ("keywords", test_keywords);
  ADD ("ends-early", test_ends_early);

  return g_test_run ();
}
