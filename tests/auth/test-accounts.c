#include "ph-accounts.h"
#include "ph-auth-error.h"

static guint n_changed, n_used;

static void
changed_cb (PhAccounts *accounts,
            gpointer    data)
{
  n_changed++;
}

static void
used_cb (PhAccounts *accounts)
{
  n_used++;
}

static void
add (PhAccounts *accounts,
     const char *address)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhAccount) account = ph_account_new (address, NULL);

  g_assert_true (ph_accounts_add (accounts, account, &error));
  g_assert_no_error (error);
}

static void
set_alias (PhAccounts *accounts,
           const char *address,
           const char *targets)
{
  g_auto (GStrv) strv = g_strsplit (targets, " ", -1);

  ph_accounts_set_alias (accounts, address, (const char *const *)strv);
}

/* What mail becomes, as one text. */
static char *
resolve (PhAccounts *accounts,
         const char *address)
{
  static const char *const kinds[] = { "local ", "remote ", "unknown" };
  g_auto (GStrv) targets = NULL;
  PhRecipientKind  kind = ph_accounts_resolve (accounts, address, &targets);
  g_autofree char *joined = targets != NULL ? g_strjoinv (" ", targets) : g_strdup ("");

  return g_strconcat (kinds[kind], joined, NULL);
}

static void
assert_resolves (PhAccounts *accounts,
                 const char *address,
                 const char *expected)
{
  g_autofree char *text = resolve (accounts, address);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_list (void)
{
  g_autoptr (PhAccounts) accounts = ph_accounts_new ();
  g_autoptr (PhAccount) again = ph_account_new ("ALICE@Example.ORG", NULL);
  g_autoptr (PhAccount) none = ph_account_new ("no address", NULL);
  g_autoptr (PhAccount) first = NULL;
  g_autoptr (GError) error = NULL;

  n_changed = 0;
  g_signal_connect (accounts, "changed", G_CALLBACK (changed_cb), NULL);
  add (accounts, "carol@example.org");
  add (accounts, "Alice@example.org");
  add (accounts, "bob@example.org");
  g_assert_cmpuint (n_changed, ==, 3);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (accounts)), ==, 3);
  first = g_list_model_get_item (G_LIST_MODEL (accounts), 0);
  g_assert_cmpstr (ph_account_get_address (first), ==, "Alice@example.org");

  g_assert_false (ph_accounts_add (accounts, again, &error));
  g_assert_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (ph_accounts_add (accounts, none, &error));
  g_assert_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID);

  g_assert_true (ph_accounts_find (accounts, "aLiCe@EXAMPLE.org") == first);
  g_assert_null (ph_accounts_find (accounts, "dave@example.org"));
  g_assert_null (ph_accounts_find (accounts, "\xff"));

  /* A login is saved another way than a name is. */
  g_signal_connect (accounts, "used", G_CALLBACK (used_cb), NULL);
  g_object_set (first, "last-login", (gint64)7, "last-login-client", "x", NULL);
  g_assert_cmpuint (n_changed, ==, 3);
  g_assert_cmpuint (n_used, ==, 2);
  g_object_set (first, "display-name", "Alice", NULL);
  g_assert_cmpuint (n_changed, ==, 4);
  g_assert_true (ph_accounts_remove (accounts, "alice@example.org"));
  g_assert_false (ph_accounts_remove (accounts, "alice@example.org"));
  g_object_set (first, "display-name", "gone", NULL);
  g_assert_cmpuint (n_changed, ==, 5);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (accounts)), ==, 2);
}

static void
test_login (void)
{
  g_autoptr (PhAccounts) accounts = ph_accounts_new ();

  add (accounts, "alice@a.test");
  add (accounts, "bob@a.test");
  add (accounts, "bob@b.test");
  g_assert_nonnull (ph_accounts_find_login (accounts, "Alice"));
  g_assert_nonnull (ph_accounts_find_login (accounts, "bob@b.test"));
  g_assert_null (ph_accounts_find_login (accounts, "bob")); /* which one? */
  g_assert_null (ph_accounts_find_login (accounts, ""));
  g_assert_null (ph_accounts_find_login (accounts, "@a.test"));
  g_assert_null (ph_accounts_find_login (accounts, "alice+x@a.test"));
}

static void
test_domains (void)
{
  g_autoptr (PhAccounts) accounts = ph_accounts_new ();
  const char *const domains[] = { "B.Test", "b.test", "bad domain", NULL };

  add (accounts, "alice@a.test");
  ph_accounts_set_domains (accounts, domains);
  g_assert_true (ph_accounts_is_local_domain (accounts, "a.TEST"));
  g_assert_true (ph_accounts_is_local_domain (accounts, "b.test"));
  g_assert_false (ph_accounts_is_local_domain (accounts, "c.test"));
  g_assert_cmpuint (g_strv_length ((char **)ph_accounts_get_domains (accounts)), ==, 2);
}

/* S15 */
static void
test_resolve (void)
{
  g_autoptr (PhAccounts) accounts = ph_accounts_new ();

  assert_resolves (accounts, "postmaster", "unknown");
  add (accounts, "alice@a.test");
  add (accounts, "Bob@a.test");
  add (accounts, "x@b.test");
  set_alias (accounts, "Team@a.test", "alice@a.test bob@A.test far@away.test");
  set_alias (accounts, "all@a.test", "team@a.test bob@a.test x@b.test");
  set_alias (accounts, "bob@a.test", "bob@a.test bob@far.test"); /* forwards, keeps a copy */
  set_alias (accounts, "@b.test", "x@b.test");
  set_alias (accounts, "ghost@a.test", "nobody@a.test");

  assert_resolves (accounts, "ALICE@a.test", "local alice@a.test");
  assert_resolves (accounts, "alice+tag+x@a.test", "local alice@a.test");
  assert_resolves (accounts, "bob+tag@a.test", "local Bob@a.test bob@far.test");
  assert_resolves (accounts, "team@a.test", "local alice@a.test Bob@a.test bob@far.test far@away.test");
  assert_resolves (accounts, "team+tag@a.test", "local alice@a.test Bob@a.test bob@far.test far@away.test");
  assert_resolves (accounts, "all@a.test", "local alice@a.test Bob@a.test bob@far.test far@away.test x@b.test");
  assert_resolves (accounts, "whoever@b.test", "local x@b.test");
  assert_resolves (accounts, "postmaster@a.test", "local alice@a.test");
  assert_resolves (accounts, "Abuse@a.test", "local alice@a.test");
  assert_resolves (accounts, "postmaster", "local alice@a.test");
  assert_resolves (accounts, "PostMaster", "local alice@a.test");
  assert_resolves (accounts, "abuse", "unknown");
  assert_resolves (accounts, "nobody@a.test", "unknown");
  assert_resolves (accounts, "+tag@a.test", "unknown");
  assert_resolves (accounts, "ghost@a.test", "unknown");
  assert_resolves (accounts, "Some.One@Elsewhere.test", "remote Some.One@elsewhere.test");
  assert_resolves (accounts, "postmaster@elsewhere.test", "remote postmaster@elsewhere.test");
  /* RFC 5321 section 2.3.11: how it is spelled elsewhere is no matter of ours. */
  assert_resolves (accounts, "e\xcc\x81@ELSEWHERE.test", "remote e\xcc\x81@elsewhere.test");
  assert_resolves (accounts, "no address", "unknown");

  /* Who does not keep a copy gets none, by whatever way the mail comes. */
  set_alias (accounts, "bob@a.test", "bob@far.test");
  set_alias (accounts, "other@a.test", "bob@a.test");
  set_alias (accounts, "both@a.test", "bob@a.test other@a.test");
  assert_resolves (accounts, "both@a.test", "local bob@far.test");

  ph_accounts_set_alias (accounts, "TEAM@a.test", NULL);
  assert_resolves (accounts, "team@a.test", "unknown");
}

/* V28: cycles end, chains end at ten, and shared aliases cost once. */
static void
test_alias_cycles (void)
{
  g_autoptr (PhAccounts) accounts = ph_accounts_new ();

  add (accounts, "end@a.test");
  set_alias (accounts, "x@a.test", "y@a.test");
  set_alias (accounts, "y@a.test", "x@a.test");
  assert_resolves (accounts, "x@a.test", "unknown");
  set_alias (accounts, "y@a.test", "x@a.test end@a.test");
  assert_resolves (accounts, "x@a.test", "local end@a.test");
  set_alias (accounts, "self@a.test", "self@a.test");
  assert_resolves (accounts, "self@a.test", "unknown");

  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *from = g_strdup_printf ("c%u@a.test", i);
      g_autofree char *to = g_strdup_printf ("c%u@a.test", i + 1);

      set_alias (accounts, from, i == 11 ? "end@a.test" : to);
    }
  assert_resolves (accounts, "c2@a.test", "local end@a.test");
  assert_resolves (accounts, "c1@a.test", "unknown");

  /* Ten levels of ten that all name each other: 10^10 ways. */
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *from = g_strdup_printf ("l%u@a.test", i);
      g_autoptr (GString) to = g_string_new ("end@a.test");

      for (guint j = 0; j < 10; j++)
        g_string_append_printf (to, " l%u@a.test", (i / 10 + 1) % 10 * 10 + j);
      set_alias (accounts, from, to->str);
    }
  assert_resolves (accounts, "l0@a.test", "local end@a.test");
}

/* S28 */
static void
test_may_send_as (void)
{
  g_autoptr (PhAccounts) accounts = ph_accounts_new ();
  PhAccount *alice, *bob;

  add (accounts, "alice@a.test");
  add (accounts, "bob@a.test");
  set_alias (accounts, "team@a.test", "alice@a.test");
  set_alias (accounts, "bob@a.test", "bob@a.test alice@a.test");
  alice = ph_accounts_find (accounts, "alice@a.test");
  bob = ph_accounts_find (accounts, "bob@a.test");

  g_assert_true (ph_accounts_may_send_as (accounts, alice, "Alice@A.test"));
  g_assert_true (ph_accounts_may_send_as (accounts, alice, "alice+shop@a.test"));
  g_assert_true (ph_accounts_may_send_as (accounts, alice, "team@a.test"));
  g_assert_true (ph_accounts_may_send_as (accounts, alice, "postmaster@a.test"));
  g_assert_false (ph_accounts_may_send_as (accounts, bob, "team@a.test"));
  g_assert_false (ph_accounts_may_send_as (accounts, bob, "postmaster@a.test"));
  g_assert_false (ph_accounts_may_send_as (accounts, alice, "bob@a.test"));
  g_assert_false (ph_accounts_may_send_as (accounts, alice, "bob+x@a.test"));
  g_assert_false (ph_accounts_may_send_as (accounts, alice, "alice@elsewhere.test"));
  g_assert_false (ph_accounts_may_send_as (accounts, alice, "nobody@a.test"));
  g_assert_false (ph_accounts_may_send_as (accounts, alice, ""));
}

/* A domain that is another name of one or two others. */
static void
test_alias_domains (void)
{
  g_autoptr (PhAccounts) accounts = ph_accounts_new ();
  PhAccount *alice;

  add (accounts, "alice@a.test");
  add (accounts, "bob@a.test");
  set_alias (accounts, "team@a.test", "alice@a.test bob@a.test");
  set_alias (accounts, "bob@a.test", "bob@a.test alice@a.test");
  set_alias (accounts, "@b.test", "@A.test");
  set_alias (accounts, "@c.test", "@b.test");
  set_alias (accounts, "info@b.test", "alice@a.test");
  set_alias (accounts, "@far.test", "@elsewhere.test");
  set_alias (accounts, "@x.test", "@y.test");
  set_alias (accounts, "@y.test", "@x.test");

  g_assert_true (ph_accounts_is_local_domain (accounts, "B.test"));
  g_assert_cmpstr (ph_accounts_get_alias_domain (accounts, "b.test"), ==, "a.test");
  g_assert_null (ph_accounts_get_alias_domain (accounts, "a.test"));
  assert_resolves (accounts, "alice@b.test", "local alice@a.test");
  assert_resolves (accounts, "Alice+tag@c.test", "local alice@a.test");
  assert_resolves (accounts, "team@c.test", "local alice@a.test bob@a.test");
  assert_resolves (accounts, "info@b.test", "local alice@a.test");
  assert_resolves (accounts, "info@c.test", "local alice@a.test");
  assert_resolves (accounts, "postmaster@b.test", "local alice@a.test");
  assert_resolves (accounts, "nobody@b.test", "unknown");
  assert_resolves (accounts, "Some One@far.test", "unknown");
  assert_resolves (accounts, "SomeOne@far.test", "local SomeOne@elsewhere.test");
  assert_resolves (accounts, "alice@x.test", "unknown");

  /* Two people of one alias domain in one alias. */
  set_alias (accounts, "both@a.test", "alice@c.test bob@c.test");
  set_alias (accounts, "bob@a.test", "");
  assert_resolves (accounts, "both@b.test", "local alice@a.test bob@a.test");

  set_alias (accounts, "bob@a.test", "bob@a.test alice@a.test");
  alice = ph_accounts_find (accounts, "alice@a.test");
  g_assert_true (ph_accounts_may_send_as (accounts, alice, "alice@c.test"));
  g_assert_true (ph_accounts_may_send_as (accounts, alice, "alice+x@b.test"));
  g_assert_true (ph_accounts_may_send_as (accounts, alice, "info@b.test"));
  g_assert_false (ph_accounts_may_send_as (accounts, alice, "bob@b.test"));
  g_assert_false (ph_accounts_may_send_as (accounts, alice, "alice@x.test"));

  set_alias (accounts, "@b.test", "");
  g_assert_false (ph_accounts_is_local_domain (accounts, "b.test"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/auth/accounts/list", test_list);
  g_test_add_func ("/auth/accounts/login", test_login);
  g_test_add_func ("/auth/accounts/domains", test_domains);
  g_test_add_func ("/auth/accounts/resolve", test_resolve);
  g_test_add_func ("/auth/accounts/alias-cycles", test_alias_cycles);
  g_test_add_func ("/auth/accounts/alias-domains", test_alias_domains);
  g_test_add_func ("/auth/accounts/may-send-as", test_may_send_as);

  return g_test_run ();
}
