#pragma once

/* A store in a directory of its own, and calls of it that wait for their result. */

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-search.h"
#include "ph-store-error.h"
#include "ph-store.h"

#define ALICE "alice@demo.test"
#define BOB "bob@demo.test"

typedef struct
{
  char           *dir;
  PhClock        *clock;
  PhStore        *store;
  PhAccountStore *account; /* Alice's */
} Fixture;

G_GNUC_UNUSED static void
ready_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

G_GNUC_UNUSED static void
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

G_GNUC_UNUSED static PhAccountStore *
open_account (Fixture    *fixture,
              const char *address)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PhAccountStore *account;

  ph_store_open_account_async (fixture->store, address, NULL, ready_cb, &result);
  await (&result);
  account = ph_store_open_account_finish (fixture->store, result, &error);
  g_assert_no_error (error);

  return account;
}

/* Workers of the store before may still be about to let go of it: until the lock is free,
 * then nothing works in the directory any more. */
G_GNUC_UNUSED static void
claim_store (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->store = ph_store_new (fixture->dir, fixture->clock, &error);
  for (guint i = 0; i < 1000000 && g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_LOCKED); i++)
    {
      g_clear_error (&error);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (100);
      fixture->store = ph_store_new (fixture->dir, fixture->clock, &error);
    }
  g_assert_no_error (error);
}

G_GNUC_UNUSED static void
open_store (Fixture *fixture)
{
  claim_store (fixture);
  fixture->account = open_account (fixture, ALICE);
}

G_GNUC_UNUSED static void
close_store (Fixture *fixture)
{
  g_clear_object (&fixture->account);
  g_clear_object (&fixture->store);
}

/* And waits for its workers: the index is closed. */
G_GNUC_UNUSED static void
close_whole (Fixture *fixture)
{
  close_store (fixture);
  claim_store (fixture);
  g_clear_object (&fixture->store);
}

G_GNUC_UNUSED static void
reopen_store (Fixture *fixture)
{
  close_store (fixture);
  /* Ids of records are made of it: between two lives of a store it goes on. */
  ph_clock_advance (fixture->clock, 1000);
  open_store (fixture);
}

G_GNUC_UNUSED static void
fixture_set_up (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->dir = g_dir_make_tmp ("posthouse-store-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->clock = ph_clock_new_manual (G_GINT64_CONSTANT (1800000000) * G_USEC_PER_SEC);
  open_store (fixture);
}

G_GNUC_UNUSED static int
remove_entry (const char        *path,
              const struct stat *st,
              int                kind,
              struct FTW        *where)
{
  return remove (path);
}

G_GNUC_UNUSED static void
fixture_tear_down (Fixture *fixture)
{
  close_whole (fixture);
  for (guint i = 0; i < 20; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      g_usleep (500);
    }
  nftw (fixture->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  g_clear_object (&fixture->clock);
  g_clear_pointer (&fixture->dir, g_free);
}

G_GNUC_UNUSED static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  fixture_set_up (fixture);
}

G_GNUC_UNUSED static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  fixture_tear_down (fixture);
}

#define ADD_STORE_TEST(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

/* "DIR/mail/demo.test/alice/SUFFIX" */
G_GNUC_UNUSED static char *
account_path (Fixture    *fixture,
              const char *suffix)
{
  return g_build_filename (fixture->dir, "mail", "demo.test", "alice", suffix, NULL);
}

G_GNUC_UNUSED static PhMailbox *
open_mailbox (Fixture    *fixture,
              const char *name)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PhMailbox *mailbox;

  ph_account_store_open_mailbox_async (fixture->account, name, NULL, ready_cb, &result);
  await (&result);
  mailbox = ph_account_store_open_mailbox_finish (fixture->account, result, &error);
  g_assert_no_error (error);

  return mailbox;
}

G_GNUC_UNUSED static PhSpool *
make_spool (Fixture    *fixture,
            const char *text)
{
  g_autoptr (GError) error = NULL;
  PhSpool *spool = ph_store_open_spool (fixture->store, &error);

  g_assert_no_error (error);
  ph_spool_write (spool, text, strlen (text), &error);
  g_assert_no_error (error);

  return spool;
}

#define MESSAGE(n) "From: Ann <ann@example.org>\r\nTo: alice@demo.test\r\nSubject: Number " #n "\r\nDate: Sat, 2 Jan 2027 10:00:00 +0100\r\n\r\nBody " #n "\r\n"

G_GNUC_UNUSED static guint32
append_full (Fixture           *fixture,
             PhMailbox         *mailbox,
             const char        *text,
             PhFlags            flags,
             const char *const *keywords,
             gint64             date,
             GError           **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PhSpool) spool = make_spool (fixture, text);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_append_item_free);
  g_autoptr (GArray) uids = NULL;

  g_ptr_array_add (items, ph_append_item_new (spool, flags, keywords, date, 60));
  ph_account_store_append_async (fixture->account, ph_mailbox_get_name (mailbox), items, NULL, 0, NULL, ready_cb, &result);
  await (&result);
  uids = ph_account_store_append_finish (fixture->account, result, NULL, error);

  return uids != NULL ? g_array_index (uids, guint32, 0) : 0;
}

G_GNUC_UNUSED static guint32
append (Fixture    *fixture,
        PhMailbox  *mailbox,
        const char *text)
{
  g_autoptr (GError) error = NULL;
  guint32 uid = append_full (fixture, mailbox, text, 0, NULL, 1700000000, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (uid, >, 0);

  return uid;
}

G_GNUC_UNUSED static gboolean
deliver (Fixture           *fixture,
         const char        *text,
         const char *const *addresses,
         GError           **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PhSpool) spool = make_spool (fixture, text);

  ph_store_deliver_async (fixture->store, spool, addresses, ready_cb, &result);
  await (&result);

  return ph_store_deliver_finish (fixture->store, result, error);
}

G_GNUC_UNUSED static GArray *
store_flags (PhMailbox         *mailbox,
             const guint32     *uids,
             gsize              n_uids,
             PhFlagsChange      change,
             PhFlags            flags,
             const char *const *keywords,
             guint64            unchanged_since)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GArray *modified = NULL;

  ph_mailbox_store_flags_async (mailbox, uids, n_uids, change, flags, keywords, unchanged_since, NULL, ready_cb, &result);
  await (&result);
  ph_mailbox_store_flags_finish (mailbox, result, &modified, &error);
  g_assert_no_error (error);

  return modified;
}

G_GNUC_UNUSED static void
expunge (PhMailbox     *mailbox,
         const guint32 *uids,
         gsize          n_uids,
         gboolean       only_deleted)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ph_mailbox_expunge_async (mailbox, uids, n_uids, only_deleted, NULL, ready_cb, &result);
  await (&result);
  ph_mailbox_expunge_finish (mailbox, result, &error);
  g_assert_no_error (error);
}

G_GNUC_UNUSED static GArray *
copy (PhMailbox     *mailbox,
      const guint32 *uids,
      gsize          n_uids,
      const char    *target,
      gboolean       move,
      guint32       *uidvalidity,
      GError       **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ph_mailbox_copy_async (mailbox, uids, n_uids, target, move, NULL, ready_cb, &result);
  await (&result);

  return ph_mailbox_copy_finish (mailbox, result, uidvalidity, error);
}

G_GNUC_UNUSED static PhFolderStatus
get_status (Fixture    *fixture,
            const char *name)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PhFolderStatus status = { 0 };

  ph_account_store_status_async (fixture->account, name, NULL, ready_cb, &result);
  await (&result);
  ph_account_store_status_finish (fixture->account, result, &status, &error);
  g_assert_no_error (error);

  return status;
}

/* The bytes that are served; NULL where the message is gone. */
G_GNUC_UNUSED static char *
read_message (PhMailbox *mailbox,
              guint32    uid)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMessage) message = NULL;
  g_autofree char *text = NULL;
  gssize           n;

  ph_mailbox_open_message_async (mailbox, uid, NULL, ready_cb, &result);
  await (&result);
  message = ph_mailbox_open_message_finish (mailbox, result, &error);
  if (message == NULL)
    {
      g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND);
      return NULL;
    }

  text = g_malloc0 (ph_message_get_size (message) + 1);
  n = ph_message_read (message, 0, text, ph_message_get_size (message) + 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n, ==, (gssize)ph_message_get_size (message));

  return g_steal_pointer (&text);
}

typedef enum {
  FOLDER_CREATE,
  FOLDER_DELETE,
  FOLDER_RENAME,
  FOLDER_SUBSCRIBE,
  FOLDER_UNSUBSCRIBE,
} FolderCall;

G_GNUC_UNUSED static gboolean
change_folder (Fixture    *fixture,
               FolderCall  call,
               const char *name,
               const char *to,
               GError    **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (call == FOLDER_CREATE)
    ph_account_store_create_folder_async (fixture->account, name, PH_SPECIAL_NONE, NULL, ready_cb, &result);
  else if (call == FOLDER_DELETE)
    ph_account_store_delete_folder_async (fixture->account, name, NULL, ready_cb, &result);
  else if (call == FOLDER_RENAME)
    ph_account_store_rename_folder_async (fixture->account, name, to, NULL, ready_cb, &result);
  else
    ph_account_store_subscribe_async (fixture->account, name, call == FOLDER_SUBSCRIBE, NULL, ready_cb, &result);
  await (&result);

  return ph_account_store_finish (fixture->account, result, error);
}

G_GNUC_UNUSED static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Names in a directory below the account, sorted, joined by blanks. */
G_GNUC_UNUSED static char *
list_files (Fixture    *fixture,
            const char *sub)
{
  g_autofree char *path = account_path (fixture, sub);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);

  return g_strjoinv (" ", (char **)names->pdata);
}

/* A file as another program would leave it. */
G_GNUC_UNUSED static void
put_file (Fixture    *fixture,
          const char *name,
          const char *text)
{
  g_autofree char *path = account_path (fixture, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* Until what runs in the background is done: `sub` has (or has not) a name with `part`. */
G_GNUC_UNUSED static void
wait_for_file (Fixture    *fixture,
               const char *sub,
               const char *part,
               gboolean    there)
{
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *names = list_files (fixture, sub);

      if ((strstr (names, part) != NULL) == there)
        return;
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_error ("%s: %s", sub, there ? "never came" : "never went");
}
