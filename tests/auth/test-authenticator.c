#include "auth-fixture.h"

#include "ph-lasting-secret.h"

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

static void
test_check (Fixture      *fixture,
            gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *password;
    gboolean    is_right;
  } rows[] = {
    { "alice@a.test", "pässword one", TRUE },
    { "ALICE@A.test", "pa\xcc\x88ssword one", TRUE },
    { "alice", "pässword one", TRUE },
    { "alice@a.test", "pässword on", FALSE },
    { "alice@a.test", "", FALSE },
    { "alice@a.test", "\xff", FALSE },
    { "bob@a.test", "pässword one", FALSE },
    { "gone@a.test", "other", FALSE },
    { "nobody@a.test", "other", FALSE },
    { "\xff", "other", FALSE },
    { "'; drop table accounts; %s", "other", FALSE }, /* V23 */
    { "", "other", FALSE },
  };
  gint64 last_login;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *peer = g_strdup_printf ("198.51.100.%u", i); /* none pays for another */

      g_assert_true (check (fixture, rows[i].name, rows[i].password, peer) == rows[i].is_right);
    }
  g_object_get (fixture->alice, "last-login", &last_login, NULL);
  g_assert_cmpint (last_login, ==, START);
}

/* V22 */
static void
test_authzid (Fixture      *fixture,
              gconstpointer data)
{
  static const struct
  {
    const char *authzid;
    gboolean    is_right;
  } rows[] = { { "", TRUE }, { "Alice@a.test", TRUE }, { "alice", TRUE }, { "bob@a.test", FALSE }, { "nobody", FALSE }, { "gone@a.test", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *peer = g_strdup_printf ("198.51.100.%u", i);
      Check            one = { FALSE };

      ph_authenticator_check_async (fixture->authenticator, rows[i].authzid, "alice@a.test", "pässword one", PH_PROTOCOL_IMAP, peer, NULL, check_cb, &one);
      g_assert_true (end_check (&one) == rows[i].is_right);
    }
}

/* V20: that a protocol is switched off is told only to who has the password; that is no guess, and no login either. */
static void
test_forbidden (Fixture      *fixture,
                gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *password;
    PhProtocols protocol;
    int         code;
  } rows[] = {
    { "alice@a.test", "pässword one", PH_PROTOCOL_IMAP, PH_AUTH_ERROR_FORBIDDEN },
    { "alice@a.test", "phone", PH_PROTOCOL_SUBMISSION, PH_AUTH_ERROR_FORBIDDEN },
    { "alice@a.test", "wrong", PH_PROTOCOL_IMAP, PH_AUTH_ERROR_FAILED },
    { "gone@a.test", "other", PH_PROTOCOL_IMAP, PH_AUTH_ERROR_FAILED },
    { "nobody@a.test", "other", PH_PROTOCOL_IMAP, PH_AUTH_ERROR_FAILED },
    { "alice@a.test", "pässword one", PH_PROTOCOL_POP3, -1 },
    { "bob@a.test", "other", PH_PROTOCOL_IMAP, -1 },
  };
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new_like (ph_account_get_credential (fixture->alice), "phone", NULL);
  g_autoptr (PhAppPassword) phone = ph_app_password_new (NULL, "Phone", credential, START);

  g_assert_true (ph_account_add_app_password (fixture->alice, phone));
  g_object_set (fixture->alice, "protocols", (guint)PH_PROTOCOL_POP3, NULL);
  g_object_set (ph_accounts_find (fixture->accounts, "gone@a.test"), "protocols", (guint)PH_PROTOCOL_POP3, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *peer = g_strdup_printf ("198.51.100.%u", i);
      Check            one = { FALSE };
      gint64           last_login;

      g_object_set (fixture->alice, "last-login", (gint64)0, NULL);
      ph_authenticator_check_async (fixture->authenticator, NULL, rows[i].name, rows[i].password, rows[i].protocol, peer, NULL, check_cb, &one);
      while (!one.is_done)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (one.error != NULL ? one.error->code : -1, ==, rows[i].code);
      g_object_get (fixture->alice, "last-login", &last_login, NULL);
      g_assert_cmpint (last_login, ==, one.account == fixture->alice ? START : 0);
      end_check (&one);
    }
  g_assert_cmpint (ph_app_password_get_last_used (phone), ==, 0);
  g_assert_cmpuint (ph_guess_watch_get_n_failures (ph_authenticator_get_guess_watch (fixture->authenticator)), ==, 3);
}

/* V19: the next attempt waits 2, 4, 8, 15, 15 s; others notice nothing. */
static void
test_throttle (Fixture      *fixture,
               gconstpointer data)
{
  static const guint seconds[] = { 2, 4, 8, 15, 15 };
  Check              one, other;

  g_assert_false (check (fixture, "alice", "wrong", HERE));
  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      begin_check (fixture, &one, "alice", i == G_N_ELEMENTS (seconds) - 1 ? "pässword one" : "wrong", HERE, NULL);
      ph_clock_advance (fixture->clock, seconds[i] * G_USEC_PER_SEC - 1);
      settle ();
      g_assert_false (one.is_done);
      g_assert_true (check (fixture, "alice", "pässword one", ELSEWHERE));
      ph_clock_advance (fixture->clock, 1);
      g_assert_true (end_check (&one) == (i == G_N_ELEMENTS (seconds) - 1));
    }

  /* The right password forgave what failed for the same account. */
  g_assert_true (check (fixture, "alice", "pässword one", HERE));

  /* But not what failed for others: that would be a free guess for each login. */
  g_assert_false (check (fixture, "bob@a.test", "wrong", HERE));
  begin_check (fixture, &one, "alice", "pässword one", HERE, NULL);
  ph_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
  g_assert_true (end_check (&one));
  g_assert_false (check (fixture, "bob@a.test", "wrong", HERE));
  begin_check (fixture, &other, "bob@a.test", "wrong", HERE, NULL);
  ph_clock_advance (fixture->clock, 4 * G_USEC_PER_SEC - 1);
  settle ();
  g_assert_false (other.is_done);
  ph_clock_advance (fixture->clock, 1);
  g_assert_false (end_check (&other));

  /* And all is forgotten after a while. */
  ph_clock_advance (fixture->clock, 301 * G_USEC_PER_SEC);
  g_assert_true (check (fixture, "alice", "pässword one", HERE));
}

static guint
count_done (const Check *checks,
            guint        n)
{
  guint n_done = 0;

  for (guint i = 0; i < n; i++)
    n_done += checks[i].is_done;

  return n_done;
}

/* V19: many connections at once are no way around it, nor are the addresses of one
 * network, nor IPv4 in the form of IPv6. */
static void
test_throttle_parallel (Fixture      *fixture,
                        gconstpointer data)
{
  static const char *const peers[] = { "2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:2:3:4:5:6" };
  Check                    checks[100];
  guint                    n_expected;

  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    begin_check (fixture, &checks[i], "alice", "wrong", peers[i % 3], NULL);
  n_expected = 8 + 100 - 8 - 64; /* ran before one failed; refused as too many */
  while (count_done (checks, G_N_ELEMENTS (checks)) < n_expected)
    g_main_context_iteration (NULL, TRUE);
  settle ();
  g_assert_cmpuint (count_done (checks, G_N_ELEMENTS (checks)), ==, n_expected);
  g_assert_true (check (fixture, "alice", "pässword one", "2001:db8:1:3::1"));

  /* One for each 15 s, in turn. */
  while (++n_expected <= G_N_ELEMENTS (checks))
    {
      ph_clock_advance (fixture->clock, 15 * G_USEC_PER_SEC);
      while (count_done (checks, G_N_ELEMENTS (checks)) < n_expected)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (count_done (checks, G_N_ELEMENTS (checks)), ==, n_expected);
    }
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    g_assert_false (end_check (&checks[i]));

  g_assert_false (check (fixture, "alice", "wrong", "::ffff:192.0.2.1"));
  begin_check (fixture, &checks[0], "alice", "wrong", HERE, NULL);
  settle ();
  g_assert_false (checks[0].is_done);
  ph_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
  g_assert_false (end_check (&checks[0]));
}

/* Who hangs up leaves no place taken, neither in the queue nor while hashing. */
static void
test_cancel (Fixture      *fixture,
             gconstpointer data)
{
  Check checks[80];
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  begin_check (fixture, &checks[0], "alice", "pässword one", HERE, cancellable);
  g_cancellable_cancel (cancellable);
  while (!checks[0].is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (checks[0].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  end_check (&checks[0]);
  begin_check (fixture, &checks[0], "alice", "pässword one", HERE, cancellable); /* cancelled before */
  g_assert_false (end_check (&checks[0]));

  g_assert_false (check (fixture, "alice", "wrong", HERE));
  g_cancellable_reset (cancellable);
  for (guint i = 0; i < 64; i++)
    begin_check (fixture, &checks[i], "alice", "wrong", HERE, cancellable);
  settle ();
  g_assert_false (checks[0].is_done);
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < 64; i++)
    {
      while (!checks[i].is_done)
        g_main_context_iteration (NULL, TRUE);
      g_assert_error (checks[i].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      end_check (&checks[i]);
    }

  begin_check (fixture, &checks[0], "alice", "pässword one", HERE, NULL);
  ph_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
  g_assert_true (end_check (&checks[0]));
}

/* A change while the hash is computed counts. */
static void
test_changed_meanwhile (Fixture      *fixture,
                        gconstpointer data)
{
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new ("new", NULL);
  Check one;

  begin_check (fixture, &one, "alice", "pässword one", HERE, NULL);
  g_object_set (fixture->alice, "credential", credential, NULL);
  g_assert_false (end_check (&one));
  begin_check (fixture, &one, "bob", "other", ELSEWHERE, NULL);
  g_assert_true (ph_accounts_remove (fixture->accounts, "bob@a.test"));
  g_assert_false (end_check (&one));
}

/* V20: what an observer could time is the hash, so each name must cost the same iterations.
 * They are counted, since a busy machine can't be timed: this stands before GnuTLS's own. */
static int n_hashes, n_iterations;

int
gnutls_pbkdf2 (gnutls_mac_algorithm_t mac,
               const gnutls_datum_t  *key,
               const gnutls_datum_t  *salt,
               unsigned               iterations,
               void                  *output,
               size_t                 length)
{
  int (*real) (gnutls_mac_algorithm_t, const gnutls_datum_t *, const gnutls_datum_t *, unsigned, void *, size_t) = dlsym (RTLD_NEXT, "gnutls_pbkdf2");

  g_atomic_int_inc (&n_hashes);
  g_atomic_int_add (&n_iterations, (int)iterations);
  g_assert_cmpuint (mac, ==, GNUTLS_MAC_SHA256);
  g_assert_cmpuint (salt->size, ==, 16);
  g_assert_cmpuint (length, ==, PH_SCRAM_KEY_LENGTH);

  return real (mac, key, salt, iterations, output, length);
}

static void
test_same_work (Fixture      *fixture,
                gconstpointer data)
{
  static const char *const names[] = { "alice@a.test", "ALICE", "nobody@a.test", "gone@a.test", "nobody@elsewhere.test", "\xff", "" };
  static const char *const passwords[] = { "wrong", "", "w" };
  g_autoptr (PhScramCredential) phone_credential = ph_scram_credential_new_like (ph_account_get_credential (fixture->alice), "phone secret", NULL);
  g_autoptr (PhAppPassword) phone = ph_app_password_new (NULL, "Phone", phone_credential, START);
  guint n = 0;

  g_assert_true (ph_account_add_app_password (fixture->alice, phone));

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint j = 0; j < G_N_ELEMENTS (passwords); j++)
      {
        g_autofree char *peer = g_strdup_printf ("198.51.100.%u", n++);

        n_hashes = n_iterations = 0;
        g_assert_false (check (fixture, names[i], passwords[j], peer));
        g_assert_cmpint (n_hashes, ==, 1);
        g_assert_cmpint (n_iterations, ==, PH_SCRAM_ITERATIONS);
      }
}

static void
assert_salts (PhAuthenticator *authenticator,
              const char      *a,
              const char      *b,
              gboolean         are_same)
{
  g_autoptr (PhAccount) account_a = NULL;
  g_autoptr (PhAccount) account_b = NULL;
  g_autoptr (GPtrArray) secrets_a = ph_authenticator_dup_secrets (authenticator, a, &account_a);
  g_autoptr (GPtrArray) secrets_b = ph_authenticator_dup_secrets (authenticator, b, &account_b);

  g_assert_true (ph_scram_credential_is_like (secrets_a->pdata[0], secrets_b->pdata[0]) == are_same);
}

/* V20: SCRAM tells the salt before there is a password: whoever asks for it by several spellings learns nothing. */
static void
test_same_salts (Fixture      *fixture,
                 gconstpointer data)
{
  static const char *const both[] = { "a.test", "b.test", NULL };
  static const char *const names[] = { "alice", "nobody", "gone" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *upper = g_ascii_strup (names[i], -1);
      g_autofree char *address = g_strconcat (names[i], "@a.test", NULL);
      g_autofree char *other_case = g_strconcat (upper, "@A.test", NULL);

      assert_salts (fixture->authenticator, names[i], upper, TRUE);
      assert_salts (fixture->authenticator, names[i], address, TRUE);
      assert_salts (fixture->authenticator, names[i], other_case, TRUE);
    }
  assert_salts (fixture->authenticator, "nobody", "noone", FALSE);
  assert_salts (fixture->authenticator, "n\303\266body", "n\303\226body@a.test", TRUE);
  assert_salts (fixture->authenticator, "\xff", "\xff", TRUE);
  assert_salts (fixture->authenticator, "", "", TRUE);

  /* In one of several domains, as a known one is. */
  ph_accounts_set_domains (fixture->accounts, both);
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *name = g_strdup_printf ("nobody%u", i);
      g_autofree char *a = g_strconcat (name, "@a.test", NULL);
      g_autofree char *b = g_strconcat (name, "@b.test", NULL);
      g_autoptr (PhAccount) account = NULL;
      g_autoptr (GPtrArray) secrets = ph_authenticator_dup_secrets (fixture->authenticator, name, &account);
      g_autoptr (GPtrArray) in_a = ph_authenticator_dup_secrets (fixture->authenticator, a, &account);

      assert_salts (fixture->authenticator, a, b, FALSE);
      assert_salts (fixture->authenticator, name, b, !ph_scram_credential_is_like (secrets->pdata[0], in_a->pdata[0]));
    }
}

/* V20: nor who asks before and after a restart. */
static void
test_lasting_salts (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("ph-salts-XXXXXX", &error);
  g_autofree char *folder = g_build_filename (directory, "tls", NULL);
  g_autofree char *file = g_build_filename (folder, "salts.key", NULL);
  guint8           first[PH_SCRAM_KEY_LENGTH], second[PH_SCRAM_KEY_LENGTH];
  GStatBuf         info;

  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (ph_lasting_secret_load (file, first, sizeof first, &error));
      g_assert_no_error (error);
      g_assert_true (ph_lasting_secret_load (file, second, sizeof second, &error));
      g_assert_cmpmem (first, sizeof first, second, sizeof second);
      g_assert_cmpint (g_stat (file, &info), ==, 0);
      g_assert_cmpint (info.st_mode & 0777, ==, 0600);

      /* A half of it is none. */
      g_assert_true (g_file_set_contents (file, "half", 4, NULL));
    }

  /* Two of one file agree, as soon as they have read it. */
  {
    g_autoptr (PhAuthenticator) again = ph_authenticator_new (fixture->accounts, fixture->clock, fixture->workers);
    g_autoptr (PhAccount) account = NULL;
    g_autoptr (GPtrArray) here = NULL, there = NULL;

    g_assert_true (ph_lasting_secret_load (file, first, sizeof first, &error));
    ph_authenticator_keep_secret (fixture->authenticator, file);
    ph_authenticator_keep_secret (again, file);
    do
      {
        g_clear_pointer (&here, g_ptr_array_unref);
        g_clear_pointer (&there, g_ptr_array_unref);
        g_main_context_iteration (NULL, TRUE);
        here = ph_authenticator_dup_secrets (fixture->authenticator, "nobody", &account);
        there = ph_authenticator_dup_secrets (again, "nobody", &account);
      }
    while (!ph_scram_credential_is_like (here->pdata[0], there->pdata[0]));
  }

  /* Where it can't be kept there is one all the same. */
  g_unlink (file);
  g_rmdir (folder);
  g_assert_true (g_file_set_contents (folder, "x", 1, NULL));
  memset (first, 0, sizeof first);
  g_assert_false (ph_lasting_secret_load (file, first, sizeof first, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (memcmp (first, (guint8[sizeof first]){ 0 }, sizeof first), !=, 0);
  g_unlink (folder);
  g_rmdir (directory);
}

#define ADD(name, function) g_test_add ("/auth/authenticator/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("check", test_check);
  ADD ("authzid", test_authzid);
  ADD ("V20-forbidden", test_forbidden);
  ADD ("V19-throttle", test_throttle);
  ADD ("V19-throttle-parallel", test_throttle_parallel);
  ADD ("cancel", test_cancel);
  ADD ("changed-meanwhile", test_changed_meanwhile);
  ADD ("V20-same-work", test_same_work);
  ADD ("V20-same-salts", test_same_salts);
  ADD ("V20-lasting-salts", test_lasting_salts);

  return g_test_run ();
}
