#include "imap-fixture.h"

#include <zlib.h>

/* COMPRESS=DEFLATE (RFC 4978), and INPROGRESS and QUOTA beside it. */

/* The client's side. */
typedef struct
{
  z_stream out;
  z_stream in;
  GString *heard;
} Zip;

static void
zip_init (Zip *zip)
{
  *zip = (Zip){ .heard = g_string_new (NULL) };
  g_assert_cmpint (deflateInit2 (&zip->out, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), ==, Z_OK);
  g_assert_cmpint (inflateInit2 (&zip->in, -15), ==, Z_OK);
}

static void
zip_clear (Zip *zip)
{
  deflateEnd (&zip->out);
  inflateEnd (&zip->in);
  g_string_free (zip->heard, TRUE);
}

static void
zip_send (Zip        *zip,
          Talk       *talk,
          const char *text,
          gsize       length)
{
  guint8 piece[1024];

  zip->out.next_in = (guint8 *)text;
  zip->out.avail_in = (guint)length;
  do
    {
      zip->out.next_out = piece;
      zip->out.avail_out = sizeof piece;
      deflate (&zip->out, Z_SYNC_FLUSH);
      g_string_append_len (talk->input, (const char *)piece, (gssize)(sizeof piece - zip->out.avail_out));
    }
  while (zip->out.avail_out == 0);
}

static void
zip_hear (Zip  *zip,
          Talk *talk)
{
  guint8 piece[4096];

  talk_pump (talk);
  zip->in.next_in = (guint8 *)talk->output->str;
  zip->in.avail_in = (guint)talk->output->len;
  while (zip->in.avail_in > 0)
    {
      zip->in.next_out = piece;
      zip->in.avail_out = sizeof piece;
      g_assert_cmpint (inflate (&zip->in, Z_SYNC_FLUSH), ==, Z_OK);
      g_string_append_len (zip->heard, (const char *)piece, (gssize)(sizeof piece - zip->in.avail_out));
    }
  g_string_truncate (talk->output, 0);
}

static void
zip_wait (Zip        *zip,
          Talk       *talk,
          const char *text)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (strstr (zip->heard->str, text) == NULL)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      zip_hear (zip, talk);
      if (g_get_monotonic_time () > end)
        g_error ("Waited for \"%s\", heard \"%s\"", text, zip->heard->str);
    }
}

static Talk *
begin (Fixture *fixture,
       Zip     *zip)
{
  Talk *talk = talk_new_bob (fixture);

  zip_init (zip);
  talk_expect_prefix (talk, "COMPRESS LZMA", "t BAD");
  talk_send (talk, "c COMPRESS DEFLATE\r\n");
  g_assert_cmpstr (talk->output->str, ==, "c OK Compressed from now on\r\n");
  g_string_truncate (talk->output, 0);

  return talk;
}

/* However the bytes come, and with commands that wait. */
static void
test_commands (Fixture      *fixture,
               gconstpointer data)
{
  static const char commands[] = "a CAPABILITY\r\nb SELECT INBOX\r\nc APPEND INBOX {3+}\r\nabc\r\nd FETCH 1 BODY[]\r\ne COMPRESS DEFLATE\r\nf NOOP\r\ng LOGOUT\r\n";

  for (guint way = 0; way < 3; way++)
    {
      Zip zip;
      g_autoptr (Talk) talk = begin (fixture, &zip);

      talk->bytewise = way == 1;
      talk->rand = way == 2 ? g_rand_new_with_seed (g_test_rand_int ()) : NULL;
      zip_send (&zip, talk, commands, strlen (commands));
      zip_wait (&zip, talk, "g OK");
      g_assert_null (strstr (zip.heard->str, "COMPRESS=DEFLATE"));
      g_assert_nonnull (strstr (zip.heard->str, "BODY[] {3}\r\nabc"));
      g_assert_nonnull (strstr (zip.heard->str, "e NO [COMPRESSIONACTIVE]"));
      zip_clear (&zip);
    }
}

/* V37: a gigabyte of zeros costs no memory, and ends as what it is: an over-long line. */
static void
test_bomb (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *zeros = g_malloc0 (1024 * 1024);
  Zip              zip;
  g_autoptr (Talk) talk = begin (fixture, &zip);

  for (guint i = 0; i < 1024; i++)
    {
      zip_send (&zip, talk, zeros, 1024 * 1024);
      zip_hear (&zip, talk);
    }
  zip_send (&zip, talk, "\r\nz NOOP\r\n", 10);
  zip_wait (&zip, talk, "z OK");
  g_assert_nonnull (strstr (zip.heard->str, "BAD Command too long"));
  zip_clear (&zip);
}

static void
test_nonsense (Fixture      *fixture,
               gconstpointer data)
{
  Zip zip;
  g_autoptr (Talk) talk = begin (fixture, &zip);

  talk_send (talk, "a NOOP\r\nthis is in clear\r\n\xff\xff\xff\xff");
  zip_hear (&zip, talk);
  g_assert_nonnull (strstr (zip.heard->str, "* BYE "));
  g_assert_true (ph_session_wants_close (talk->session));
  zip_clear (&zip);
}

/* RFC 9585: a long command says that it lives, and is not timed out. */
static void
test_progress (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  fixture_deliver (fixture, "x");
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  /* Nothing comes back from workers while the main context does not run. */
  talk_send (talk, "a SEARCH BODY x\r\n");
  g_assert_cmpstr (talk->output->str, ==, "");
  ph_clock_advance (fixture->manual, (PH_IMAP_PROGRESS_SECONDS + 1) * G_USEC_PER_SEC);
  talk_take_output (talk);
  g_assert_cmpstr (talk->output->str, ==, "* OK [INPROGRESS (\"a\" NIL NIL)] Still at it\r\n");
  talk_wait (talk, "a OK");
  g_string_truncate (talk->output, 0);
  ph_clock_advance (fixture->manual, (PH_IMAP_PROGRESS_SECONDS + 1) * G_USEC_PER_SEC);
  talk_take_output (talk);
  g_assert_cmpstr (talk->output->str, ==, "");
}

/* RFC 9208 */
static void
test_quota (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;
  g_autofree char *root = NULL;

  talk = talk_new_bob (fixture);
  /* The grammar has no empty list of resources. */
  talk_expect_prefix (talk, "GETQUOTA \"\"", "t NO [NONEXISTENT]");
  talk_expect_prefix (talk, "GETQUOTA other", "t NO [NONEXISTENT]");
  talk_expect_prefix (talk, "SETQUOTA \"\" (STORAGE 1)", "t NO [NOPERM]");
  talk_expect_prefix (talk, "GETQUOTAROOT nothing", "t NO [NONEXISTENT]");
  talk_expect_prefix (talk, "GETQUOTAROOT INBOX", "* QUOTAROOT \"INBOX\"\r\nt OK");

  g_object_set (ph_accounts_find (fixture->accounts, BOB), "quota", (guint64)(10 * 1024), NULL);
  talk_free (g_steal_pointer (&talk));
  talk = talk_new_bob (fixture);
  fixture_deliver (fixture, "hello\r\n");
  talk_expect_prefix (talk, "GETQUOTA \"\"", "* QUOTA \"\" (STORAGE 1 10)\r\n");
  talk_expect_prefix (talk, "GETQUOTAROOT INBOX", "* QUOTAROOT \"INBOX\" \"\"\r\n* QUOTA \"\" (STORAGE 1 10)\r\nt OK");
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (talk, "STORE 1 +FLAGS.SILENT (\\Deleted)", "t OK");
  talk_expect_prefix (talk, "STATUS INBOX (DELETED DELETED-STORAGE)", "* STATUS \"INBOX\" (DELETED 1 DELETED-STORAGE 1)\r\n");
  root = g_strnfill (11000, 'x');
  {
    g_autofree char *command = g_strdup_printf ("APPEND INBOX {11000+}\r\n%s", root);

    talk_expect_prefix (talk, command, "t NO [OVERQUOTA]");
  }
}

#define ADD(name, function) g_test_add ("/imap/compress/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("commands", test_commands);
  ADD ("bomb", test_bomb);
  ADD ("nonsense", test_nonsense);
  ADD ("progress", test_progress);
  ADD ("quota", test_quota);

  return g_test_run ();
}
