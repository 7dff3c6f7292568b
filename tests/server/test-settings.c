#include "ph-server-error.h"
#include "ph-settings-smarthosts.h"
#include "ph-settings.h"

#include <glib/gstdio.h>
#include <string.h>

#define CREDENTIAL "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

typedef struct
{
  char *directory;
  char *path;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("ph-settings-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->directory, "posthouse.ini", NULL);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_remove (fixture->path);
  g_rmdir (fixture->directory);
  g_free (fixture->path);
  g_free (fixture->directory);
}

static void
test_defaults (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (PhSettings) settings = ph_settings_new (fixture->path, NULL);
  g_autofree char *address = NULL;
  gboolean         enabled;
  guint16          port;

  g_assert_nonnull (settings);
  g_assert_true (ph_settings_get_service (settings, "smtp", &enabled, &address, &port));
  g_assert_true (enabled);
  g_assert_cmpstr (address, ==, "127.0.0.1");
  g_assert_cmpuint (port, ==, 2525);
  g_assert_cmpuint (ph_settings_get_uint (settings, "guard"), ==, 0);
  g_assert_cmpuint (ph_settings_get_uint (settings, "relay-interval"), ==, 30);
  g_assert_false (ph_settings_get_service (settings, "gopher", NULL, NULL, NULL));
}

/* What is set is there when read again; what was not known stays; mode 0600. */
static void
test_round_trip (Fixture      *fixture,
                 gconstpointer data)
{
  const char      *before = "# my server\n[Relay]\nInterval=7\nSpeed=fast\n\n[Future]\nKey=value\n\n"
                            "[Account bob@example.org]\nName=Bob\nCredential=" CREDENTIAL "\nQuota=1000\nSearchIndex=false\nProtocols=IMAP;submission;\nColour=red\n";
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf st;

  g_assert_true (g_file_set_contents (fixture->path, before, -1, NULL));
  {
    g_autoptr (PhSettings) settings = ph_settings_new (fixture->path, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (ph_settings_get_uint (settings, "relay-interval"), ==, 7);
    g_assert_cmpuint (g_strv_length ((GStrv)ph_settings_get_warnings (settings)), ==, 3);
    g_assert_nonnull (strstr (ph_settings_get_warnings (settings)[0], "line 4"));
    g_object_set (settings, "guard", 2, "smarthost", "mail.example.org", "relay-allow-loopback", TRUE, NULL);
    ph_settings_set_service (settings, "imap", FALSE, "::1", 143);
    ph_accounts_set_alias (ph_settings_get_accounts (settings), "info@example.org", (const char *const[]){ "bob@example.org", NULL });
    g_assert_true (ph_settings_flush (settings, &error));
    g_assert_no_error (error);
  }

  g_assert_true (g_file_get_contents (fixture->path, &after, NULL, NULL));
  g_assert_nonnull (strstr (after, "# my server"));
  g_assert_nonnull (strstr (after, "Speed=fast"));
  g_assert_nonnull (strstr (after, "Colour=red"));
  g_assert_nonnull (strstr (after, "Guard=anywhere"));
  g_assert_cmpint (g_stat (fixture->path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);

  {
    g_autoptr (PhSettings) settings = ph_settings_new (fixture->path, &error);
    PhAccounts *accounts;
    gboolean    enabled;
    guint16     port;

    g_assert_no_error (error);
    accounts = ph_settings_get_accounts (settings);
    g_assert_cmpstr (ph_settings_get_string (settings, "smarthost"), ==, "mail.example.org");
    ph_settings_get_service (settings, "imap", &enabled, NULL, &port);
    g_assert_false (enabled);
    g_assert_cmpuint (port, ==, 143);
    g_assert_cmpstr (ph_account_get_display_name (ph_accounts_find (accounts, "bob@example.org")), ==, "Bob");
    g_assert_cmpuint (ph_account_get_quota (ph_accounts_find (accounts, "bob@example.org")), ==, 1000);
    g_assert_false (ph_account_get_search_index (ph_accounts_find (accounts, "bob@example.org")));
    g_assert_cmpuint (ph_account_get_protocols (ph_accounts_find (accounts, "bob@example.org")), ==, PH_PROTOCOL_IMAP | PH_PROTOCOL_SUBMISSION);
    g_assert_true (g_hash_table_contains (ph_accounts_get_aliases (accounts), "info@example.org"));
    g_assert_true (ph_accounts_is_local_domain (accounts, "example.org"));
  }
}

/* Any of the words, in any order and case, or none. */
static void
test_standard_folders (Fixture      *fixture,
                       gconstpointer data)
{
  static const struct
  {
    const char *text;
    guint       set;
    const char *written;
  } cases[] = {
    { "", 31, "Archive;Drafts;Junk;Sent;Trash" },
    { "[Mail]\nStandardFolders=\n", 0, "" },
    { "[Mail]\nStandardFolders= trash ; SENT;;\n", 8 | 16, "Sent;Trash" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PhSettings) settings = NULL;
      g_autofree char *after = NULL;
      g_autofree char *line = g_strdup_printf ("StandardFolders=%s\n", cases[i].written);

      g_assert_true (g_file_set_contents (fixture->path, cases[i].text, -1, NULL));
      settings = ph_settings_new (fixture->path, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (ph_settings_get_uint (settings, "standard-folders"), ==, cases[i].set);
      g_object_set (settings, "standard-folders", cases[i].set ^ 1u, NULL);
      g_object_set (settings, "standard-folders", cases[i].set, NULL);
      g_assert_true (ph_settings_flush (settings, &error));
      g_assert_true (g_file_get_contents (fixture->path, &after, NULL, NULL));
      g_assert_nonnull (strstr (after, line));
    }
}

static void
count_cb (PhSettings *settings,
          const char *service,
          guint      *n)
{
  ++*n;
}

/* Rules stay out of the file until one is set; Tls is a key of those services only that begin in clear. */
static void
test_service_rules (Fixture      *fixture,
                    gconstpointer data)
{
  const char      *before = "[Service pop3]\nTls=Required\n[Service imaps]\nTls=off\n";
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  PhServiceRules rules;
  guint          n_changes = 0;

  g_assert_true (g_file_set_contents (fixture->path, before, -1, NULL));
  {
    g_autoptr (PhSettings) settings = ph_settings_new (fixture->path, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (g_strv_length ((GStrv)ph_settings_get_warnings (settings)), ==, 1);
    g_assert_nonnull (strstr (ph_settings_get_warnings (settings)[0], "line 4: “Tls” in [Service imaps] is not known"));
    g_assert_true (ph_settings_get_service_rules (settings, "pop3", &rules));
    g_assert_cmpint (rules.tls, ==, PH_TLS_RULE_REQUIRED);
    g_assert_true (ph_settings_get_service_rules (settings, "imap", &rules));
    g_assert_cmpint (rules.tls, ==, PH_TLS_RULE_OFFERED);
    g_assert_cmpuint (rules.connections, ==, 10000);
    g_assert_cmpuint (rules.connections_per_address, ==, 20);
    g_assert_cmpuint (rules.silence, ==, 30);
    g_assert_false (ph_settings_get_service_rules (settings, "gopher", &rules));

    g_signal_connect (settings, "services-changed", G_CALLBACK (count_cb), &n_changes);
    ph_settings_set_service (settings, "smtp", TRUE, "127.0.0.1", 25);
    ph_settings_set_service_rules (settings, "imap", &rules);
    g_assert_cmpuint (n_changes, ==, 1);
    rules.connections_per_address = 7;
    rules.silence = 45;
    ph_settings_set_service_rules (settings, "imap", &rules);
    rules.tls = PH_TLS_RULE_OFFERED;
    ph_settings_set_service_rules (settings, "pop3", &rules);
    g_assert_cmpuint (n_changes, ==, 3);
    g_assert_true (ph_settings_flush (settings, &error));
  }

  g_assert_true (g_file_get_contents (fixture->path, &after, NULL, NULL));
  g_assert_nonnull (strstr (after, "[Service smtp]\nEnabled=true\nAddress=127.0.0.1\nPort=25\n\n"));
  g_assert_nonnull (strstr (after, "Tls=offered"));
  {
    g_autoptr (PhSettings) settings = ph_settings_new (fixture->path, &error);

    g_assert_no_error (error);
    g_assert_true (ph_settings_get_service_rules (settings, "imap", &rules));
    g_assert_cmpuint (rules.connections_per_address, ==, 7);
    g_assert_cmpuint (rules.silence, ==, 45);
    g_assert_true (ph_settings_get_service_rules (settings, "pop3", &rules));
    g_assert_cmpint (rules.tls, ==, PH_TLS_RULE_OFFERED);
  }
}

static const struct
{
  const char *text;
  const char *where;
} broken[] = {
  { "[Relay]\nInterval=5\nnonsense\n", "line 3" },
  { "[Relay]\nInterval=soon\n", "line 2" },
  { "[Relay]\nInterval=0\n", "line 2" },
  { "[Relay]\nGuard=maybe\n", "line 2" },
  { "[Service smtp]\n# c\nPort=70000\n", "line 3" },
  { "[Service smtp]\nAddress=localhost\n", "line 2" },
  { "[Service smtp]\nEnabled=perhaps\n", "line 2" },
  { "[Service smtp]\nSilence=4\n", "line 2: [Service smtp] Silence: “4” is not a number from 5 to 1440" },
  { "[Service lmtp]\nSilence=0\n", "from 5 to 1440" },
  { "[Service pop3s]\nSilence=9\n", "from 10 to 1440" },
  { "[Service imap]\nSilence=29\n", "from 30 to 1440" },
  { "[Service imap]\nSilence=1441\n", "from 30 to 1440" },
  { "[Mail]\nStandardFolders=Sent;Gone\n", "line 2: [Mail] StandardFolders: “Gone” is none of" },
  { "[Service smtp]\nTls=maybe\n", "line 2: [Service smtp] Tls: “maybe” is none of" },
  { "[Service imaps]\n\nConnections=0\n", "line 3" },
  { "[Service imap]\nConnectionsPerAddress=many\n", "line 2" },
  { "\n[Account bob@example.org]\nCredential=hunter2\n", "line 3" },
  { "[Account bob]\nCredential=" CREDENTIAL "\n", "line 1" },
  { "[Account bob@example.org]\nCredential=" CREDENTIAL "\nQuota=big\n", "line 3" },
  { "[Account bob@example.org]\nCredential=" CREDENTIAL "\nSearchIndex=perhaps\n", "line 3" },
  { "[Account bob@example.org]\nCredential=" CREDENTIAL "\nProtocols=imap;gopher;\n", "line 3" },
  { "[Broken\n", "line 1" },
  { "[Smarthost work]\nDomains=work.test\n", "line 1: [Smarthost work]: no host" },
  { "[Smarthost work]\nDomains=work.test\nHost=\n", "line 3: [Smarthost work] Host: no host" },
  { "[Smarthost work]\nHost=mail.test\n", "line 1: [Smarthost work]: no domain" },
  { "[Smarthost work]\nHost=mail.test\nDomains= \n", "line 3: [Smarthost work] Domains: no domain" },
  { "[Smarthost work]\nHost=mail.test\nDomains=work.test a..b\n", "line 3: [Smarthost work] Domains: “a..b” is no domain" },
  { "[Smarthost work]\nHost=mail.test\nDomains=work.test work.test\n", "line 3: [Smarthost work] Domains: “work.test” is" },
  { "[Smarthost work]\nHost=mail.test\nDomains=work.test\nPort=0\n", "line 4: [Smarthost work] Port: " },
  { "[Smarthost work]\nHost=mail.test\nDomains=work.test\nTls=maybe\nPassword=hunter2\n", "line 4: [Smarthost work] Tls: " },
  { "[Smarthost work]\nHost=mail.test\nDomains=work.test\nLogin=magic\n", "line 4: [Smarthost work] Login: " },
};

/* A file that can't be understood is an error with its line, and stays as it is. */
static void
test_broken (Fixture      *fixture,
             gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *after = NULL;

      g_assert_true (g_file_set_contents (fixture->path, broken[i].text, -1, NULL));
      g_assert_null (ph_settings_new (fixture->path, &error));
      g_assert_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, broken[i].where));
      g_assert_null (strstr (error->message, "hunter2"));
      g_assert_true (g_file_get_contents (fixture->path, &after, NULL, NULL));
      g_assert_cmpstr (after, ==, broken[i].text);
    }
}

static void
test_changed_by_another (Fixture      *fixture,
                         gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSettings) settings = NULL;
  g_autofree char *after = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "[Relay]\nInterval=5\n", -1, NULL));
  settings = ph_settings_new (fixture->path, NULL);
  g_assert_true (g_file_set_contents (fixture->path, "[Relay]\nInterval=6\n", -1, NULL));
  g_object_set (settings, "relay-interval", 9, NULL);
  g_assert_false (ph_settings_flush (settings, &error));
  g_assert_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS);
  g_assert_true (g_file_get_contents (fixture->path, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, "[Relay]\nInterval=6\n");
}

static void
store_result_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
test_saves_by_itself (Fixture      *fixture,
                      gconstpointer data)
{
  g_autoptr (PhSettings) settings = ph_settings_new (fixture->path, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;

  g_object_set (settings, "host-name", "mail.example.org", NULL);
  ph_settings_save_async (settings, NULL, store_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (ph_settings_save_finish (settings, result, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (fixture->path, &after, NULL, NULL));
  g_assert_nonnull (strstr (after, "HostName=mail.example.org"));
}

/* A login is not written at once, but it is not lost. */
static void
test_last_login (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (PhSettings) settings = ph_settings_new (fixture->path, NULL);
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new ("secret", NULL);
  g_autoptr (PhAccount) account = ph_account_new ("bob@example.org", credential);
  g_autoptr (PhSettings) again = NULL;
  g_autoptr (GError) error = NULL;
  gint64 last_login = 0;

  g_assert_true (ph_accounts_add (ph_settings_get_accounts (settings), account, NULL));
  g_assert_true (ph_settings_flush (settings, &error));
  g_object_set (account, "last-login", (gint64)1700000000123456, NULL);
  g_assert_true (ph_settings_flush (settings, &error));
  g_assert_no_error (error);

  again = ph_settings_new (fixture->path, &error);
  g_assert_no_error (error);
  g_object_get (ph_accounts_find (ph_settings_get_accounts (again), "bob@example.org"), "last-login", &last_login, NULL);
  g_assert_cmpint (last_login, ==, 1700000000123456);
}

/* Smarthosts for single domains, with what they have not said as [Smarthost] has it. */
static void
test_smarthosts (Fixture      *fixture,
                 gconstpointer data)
{
  static const char text[] = "[Smarthost work]\nDomains=work.test .lab.test\nHost=mail.work.test\nUser=me\nPassword=secret\nColour=red\n\n"
                             "[Smarthost other]\nDomains=*\nHost=192.0.2.1\nPort=465\nTls=implicit\nLogin=token\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSettings) settings = NULL;
  g_autoptr (GPtrArray) list = NULL;
  const PhSettingsSmarthost *each;

  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
  settings = ph_settings_new (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length ((GStrv)ph_settings_get_warnings (settings)), ==, 1); /* of the colour */
  list = ph_settings_dup_smarthosts (settings);
  g_assert_cmpuint (list->len, ==, 2);
  each = list->pdata[0];
  g_assert_cmpstr (each->domains, ==, "work.test .lab.test");
  g_assert_cmpstr (each->target->host, ==, "mail.work.test");
  g_assert_cmpuint (each->target->port, ==, 587);
  g_assert_cmpint (each->target->tls, ==, PH_SMTP_TLS_REQUIRED);
  g_assert_cmpstr (each->target->user, ==, "me");
  g_assert_cmpstr (each->target->password, ==, "secret");
  g_assert_false (each->target->implicit_tls || each->target->is_token);
  each = list->pdata[1];
  g_assert_cmpuint (each->target->port, ==, 465);
  g_assert_null (each->target->user);
  g_assert_true (each->target->implicit_tls && each->target->is_token);

  /* That for all others comes first. */
  g_object_set (settings, "smarthost", "mail.example.org", "smarthost-port", 2525, NULL);
  g_clear_pointer (&list, g_ptr_array_unref);
  list = ph_settings_dup_smarthosts (settings);
  g_assert_cmpuint (list->len, ==, 3);
  each = list->pdata[0];
  g_assert_null (each->domains);
  g_assert_cmpstr (each->target->host, ==, "mail.example.org");
  g_assert_cmpuint (each->target->port, ==, 2525);
  g_assert_true (ph_settings_flush (settings, &error));
}

/* App passwords and client certificates come back, and go when they are taken back. */
static void
test_secrets_of_account (Fixture      *fixture,
                         gconstpointer data)
{
  g_autoptr (PhSettings) settings = ph_settings_new (fixture->path, NULL);
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new ("secret", NULL);
  g_autoptr (PhScramCredential) phone_credential = ph_scram_credential_new_like (credential, "phone", NULL);
  g_autoptr (PhAccount) account = ph_account_new ("bob@example.org", credential);
  g_autoptr (PhAppPassword) phone = ph_app_password_new (NULL, "Phöne; [x]", phone_credential, 7);
  const char      *certificates[] = { "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", NULL };
  g_autofree char *after = NULL;

  g_assert_true (ph_accounts_add (ph_settings_get_accounts (settings), account, NULL));
  g_assert_true (ph_account_add_app_password (account, phone));
  g_object_set (account, "certificates", certificates, "protocols", (guint)0, NULL);
  g_assert_true (ph_settings_flush (settings, NULL));
  {
    g_autoptr (PhSettings) again = ph_settings_new (fixture->path, NULL);
    PhAccount *bob = ph_accounts_find (ph_settings_get_accounts (again), "bob@example.org");
    g_autoptr (PhAppPassword) found = g_list_model_get_item (ph_account_get_app_passwords (bob), 0);

    g_assert_null (*ph_settings_get_warnings (again));
    g_assert_cmpstr (ph_app_password_get_name (found), ==, "Phöne; [x]");
    g_assert_cmpstr (ph_app_password_get_id (found), ==, ph_app_password_get_id (phone));
    g_assert_cmpint (ph_app_password_get_created (found), ==, 7);
    g_assert_true (ph_scram_credential_verify (ph_app_password_get_credential (found), "phone"));
    g_assert_true (g_str_has_prefix (ph_account_get_certificates (bob)[0], "00:11:22:"));
    g_assert_cmpuint (ph_account_get_protocols (bob), ==, 0);
    g_assert_true (ph_accounts_find_certificate (ph_settings_get_accounts (again), ph_account_get_certificates (bob)[0]) == bob);
  }

  g_assert_true (ph_account_remove_app_password (account, ph_app_password_get_id (phone)));
  g_object_set (account, "certificates", NULL, "protocols", (guint)PH_PROTOCOL_ALL, NULL);
  g_assert_true (ph_settings_flush (settings, NULL));
  g_assert_true (g_file_get_contents (fixture->path, &after, NULL, NULL));
  g_assert_null (strstr (after, "AppPassword"));
  g_assert_null (strstr (after, "Certificates"));
  g_assert_null (strstr (after, "Protocols"));
}

static void
test_import_clever (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (PhWorkerPool) workers = ph_worker_pool_new ("test", 1);
  g_autoptr (PhSettings) settings = ph_settings_new (fixture->path, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *clever = g_build_filename (fixture->directory, "settings.ini", NULL);
  g_autofree char *after = NULL;
  PhAccount       *bob;
  guint16          port;

  g_assert_true (g_file_set_contents (clever,
                                      "[SMTP]\r\nPort=25\r\nRelayInterval=60\r\nDnsServer=192.0.2.53\r\nRelayDir=C:\\Relay\\\r\nBadDir=/srv/bad\r\n"
                                      "[POP3]\r\nPort=110\r\n[IMAP]\r\nPort=143\r\n[MAILBOX]\r\nMailboxDir=C:\\Mail\\\r\n"
                                      "[USERS]\r\nCount=2\r\n[USER0]\r\nUserName=bob\r\nPassword=canary-one\r\n"
                                      "[USER1]\r\nUserName=Ren\xe9@Example.org\r\nPassword=canary-two\r\n",
                                      -1, NULL));
  ph_accounts_set_domains (ph_settings_get_accounts (settings), (const char *const[]){ "example.org", NULL });
  ph_settings_import_clever_async (settings, clever, workers, NULL, store_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (ph_settings_import_clever_finish (settings, result, &error), ==, 2);
  g_assert_no_error (error);

  ph_settings_get_service (settings, "pop3", NULL, NULL, &port);
  g_assert_cmpuint (port, ==, 110);
  g_assert_cmpuint (ph_settings_get_uint (settings, "relay-interval"), ==, 60);
  g_assert_cmpstr (ph_settings_get_string (settings, "dns-server"), ==, "192.0.2.53");
  g_assert_cmpstr (ph_settings_get_string (settings, "bad-folder"), ==, "/srv/bad");
  g_assert_cmpstr (ph_settings_get_string (settings, "relay-folder"), ==, "");
  bob = ph_accounts_find (ph_settings_get_accounts (settings), "bob@example.org");
  g_assert_true (ph_scram_credential_verify (ph_account_get_credential (bob), "canary-one"));
  g_assert_nonnull (ph_accounts_find (ph_settings_get_accounts (settings), "René@example.org"));

  /* V48: no clear password in our file. */
  g_assert_true (ph_settings_flush (settings, &error));
  g_assert_true (g_file_get_contents (fixture->path, &after, NULL, NULL));
  g_assert_null (strstr (after, "canary"));
  g_remove (clever);
}

#define ADD(name, function) g_test_add ("/server/settings/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("defaults", test_defaults);
  ADD ("round-trip", test_round_trip);
  ADD ("service-rules", test_service_rules);
  ADD ("standard-folders", test_standard_folders);
  ADD ("broken", test_broken);
  ADD ("changed-by-another", test_changed_by_another);
  ADD ("saves-by-itself", test_saves_by_itself);
  ADD ("secrets-of-account", test_secrets_of_account);
  ADD ("smarthosts", test_smarthosts);
  ADD ("last-login", test_last_login);
  ADD ("import-clever", test_import_clever);

  return g_test_run ();
}
