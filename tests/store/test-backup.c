/* A backup while the store works: how far it is, its end at any moment, and the same of taking it back. */

#include "store-fixture.h"

#include "ph-backup.h"

typedef struct
{
  guint         n_calls;
  guint64       n_messages; /* told last */
  gboolean      ended;
  GCancellable *cancellable; /* to be cancelled at the first call, or NULL */
} Progress;

static void
progress_cb (const PhTransferCounts *counts,
             gpointer                user_data)
{
  Progress *self = user_data;

  g_assert_false (self->ended);
  g_assert_cmpuint (counts->n_messages, >=, self->n_messages);
  self->n_messages = counts->n_messages;
  self->n_calls++;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

static void
count_cb (const PhTransferCounts *counts,
          gpointer                user_data)
{
  ((Progress *)user_data)->n_calls++;
}

/* FALSE and an error; `path` is then not there, nor what it was to become. */
static gboolean
back_up (Fixture    *fixture,
         const char *path,
         Progress   *progress,
         GError    **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) extras = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_backup_extra_free);
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  PhTransferCounts counts;
  gboolean         done;

  g_ptr_array_add (extras, ph_backup_extra_new ("note", NULL, "text"));
  ph_store_backup_async (fixture->store, path, extras, progress->cancellable, progress_cb, progress, ready_cb, &result);
  await (&result);
  progress->ended = TRUE;
  done = ph_store_backup_finish (fixture->store, result, &counts, error);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
  g_assert_true (done == g_file_test (path, G_FILE_TEST_IS_DIR));

  return done;
}

static void
fill (Fixture *fixture)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");

  for (guint i = 0; i < 5; i++)
    append (fixture, mailbox, MESSAGE (1));
}

static void
test_progress (Fixture      *fixture,
               gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "copy", NULL);
  g_autofree char *data_dir = g_build_filename (fixture->dir, "again", NULL);
  Progress         made = { 0 }, verified = { 0 }, restored = { 0 };
  PhTransferCounts counts;
  g_autoptr (GError) error = NULL;

  fill (fixture);
  g_assert_true (back_up (fixture, path, &made, &error));
  g_assert_cmpuint (made.n_calls, >=, 1);
  g_assert_cmpuint (made.n_messages, >=, 1);
  g_assert_cmpuint (made.n_messages, <=, 5);

  g_assert_true (ph_backup_verify (path, NULL, progress_cb, &verified, &counts, &error));
  g_assert_cmpuint (verified.n_calls, >=, 1);
  g_assert_cmpuint (counts.n_messages, >, 5); /* files */
  g_assert_true (ph_backup_restore (path, data_dir, NULL, count_cb, &restored, &counts, &error));
  g_assert_cmpuint (restored.n_calls, >=, 2); /* it verifies first: from nothing again */
}

static void
test_cancelled (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *path = g_build_filename (fixture->dir, "copy", NULL);
  Progress         progress = { .cancellable = cancellable };
  g_autoptr (GError) error = NULL;

  fill (fixture);
  /* Told in the main context, it may come too late; before it begins it never does. */
  if (!back_up (fixture, path, &progress, &error))
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    nftw (path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  g_clear_error (&error);
  progress.ended = FALSE;
  g_cancellable_cancel (cancellable);
  g_assert_false (back_up (fixture, path, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Told again from nothing: the second way through, after it was verified. */
static void
cancel_second_cb (const PhTransferCounts *counts,
                  gpointer                user_data)
{
  Progress *self = user_data;

  if (counts->n_messages <= self->n_messages)
    g_cancellable_cancel (self->cancellable);
  self->n_messages = counts->n_messages;
}

/* The folder is as it was: empty, or not there. */
static void
test_restore_cancelled (Fixture      *fixture,
                        gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "copy", NULL);
  Progress         made = { 0 };
  g_autoptr (GError) failure = NULL;

  fill (fixture);
  g_assert_true (back_up (fixture, path, &made, &failure));
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autofree char *data_dir = g_strdup_printf ("%s/again-%u", fixture->dir, i);
      Progress         progress = { .cancellable = cancellable };
      PhTransferCounts counts;
      g_autoptr (GError) error = NULL;

      if (i == 1)
        g_assert_cmpint (mkdir (data_dir, 0700), ==, 0);
      g_assert_false (ph_backup_restore (path, data_dir, cancellable, cancel_second_cb, &progress, &counts, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_true (g_file_test (data_dir, G_FILE_TEST_EXISTS) == (i == 1));
      g_clear_error (&error);
      g_assert_true (ph_backup_restore (path, data_dir, NULL, NULL, NULL, &counts, &error));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD_STORE_TEST ("/store/backup/progress", test_progress);
  ADD_STORE_TEST ("/store/backup/cancelled", test_cancelled);
  ADD_STORE_TEST ("/store/backup/restore-cancelled", test_restore_cancelled);

  return g_test_run ();
}
