#pragma once

#include "../store/store-fixture.h"

#include "ph-mail-private.h"
#include "ph-worker-pool.h"

/* The window's models over a real store. */

typedef struct
{
  Fixture        store;
  PhAccounts    *accounts;
  PhMail        *mail;
  PhMailAccount *alice; /* borrowed */
} MailFixture;

/* Goes round until `function` says TRUE. */
G_GNUC_UNUSED static void
wait_until (gboolean (*function) (gpointer data),
            gpointer data)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (!function (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (500);
    }
}

G_GNUC_UNUSED static gboolean
is_loaded (gpointer object)
{
  gboolean         loaded;
  g_autofree char *error = NULL;

  g_object_get (object, "loaded", &loaded, "error", &error, NULL);
  g_assert_cmpstr (error, ==, NULL);

  return loaded;
}

G_GNUC_UNUSED static void
add_account (PhAccounts *accounts,
             const char *address)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new ("secret", &error);
  g_autoptr (PhAccount) account = ph_account_new (address, credential);

  g_assert_no_error (error);
  g_assert_true (ph_accounts_add (accounts, account, &error));
}

G_GNUC_UNUSED static void
mail_set_up (MailFixture  *fixture,
             gconstpointer data)
{
  fixture_set_up (&fixture->store);
  fixture->accounts = ph_accounts_new ();
  add_account (fixture->accounts, ALICE);
  fixture->mail = ph_mail_new (fixture->store.store, fixture->accounts, NULL);
  fixture->alice = ph_mail_find_account (fixture->mail, ALICE);
  ph_mail_account_load (fixture->alice);
  wait_until (is_loaded, fixture->alice);
}

G_GNUC_UNUSED static void
mail_tear_down (MailFixture  *fixture,
                gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->mail), (gpointer *)&fixture->mail);
  g_object_unref (fixture->mail);
  g_assert_null (fixture->mail);
  g_clear_object (&fixture->accounts);
  fixture_tear_down (&fixture->store);
}

G_GNUC_UNUSED static PhMailList *
open_list (MailFixture *fixture,
           const char  *folder)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PhMailList *list;

  ph_mail_account_open_list_async (fixture->alice, folder, NULL, ready_cb, &result);
  await (&result);
  list = ph_mail_account_open_list_finish (fixture->alice, result, &error);
  g_assert_no_error (error);

  return list;
}
