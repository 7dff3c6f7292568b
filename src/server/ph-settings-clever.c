/* Takes over what a person had in Clever Mail Server: its settings.ini, in which a backslash is
 * a backslash, so values are read raw. */

#include "ph-address.h"
#include "ph-server-error.h"
#include "ph-settings-file.h"
#include "ph-settings-keys.h"
#include "ph-settings.h"
#include "ph-worker-pool.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* More than any file that the program wrote; so that Count can't run away. */
#define PH_CLEVER_USERS_MAX 10000

/* The domain of users whose name has none, where no local domain is known. */
#define PH_CLEVER_DOMAIN "localhost"

typedef struct
{
  char      *path;
  GKeyFile  *file;
  char      *domain;
  GPtrArray *accounts; /* of PhAccount: the result */
} PhCleverImport;

static void
ph_clever_import_free (gpointer data)
{
  PhCleverImport *job = data;

  g_free (job->path);
  g_free (job->domain);
  g_clear_pointer (&job->file, g_key_file_unref);
  g_ptr_array_unref (job->accounts);
  g_free (job);
}

static gboolean
read_user (PhCleverImport *job,
           const char     *group,
           GError        **error)
{
  g_autofree char *name = g_key_file_get_value (job->file, group, "UserName", NULL);
  g_autofree char *password = g_key_file_get_value (job->file, group, "Password", NULL);
  g_autofree char *address = NULL;
  g_autofree char *normalized = NULL;
  g_autoptr (PhScramCredential) credential = NULL;

  if (name == NULL || password == NULL)
    {
      /* Translators: a file, and a group in it */
      g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, _ ("%s: [%s] has no UserName or no Password"), job->path, group);
      return FALSE;
    }

  address = strchr (name, '@') != NULL ? g_strdup (name) : g_strdup_printf ("%s@%s", name, job->domain);
  normalized = ph_address_normalize (address);
  if (normalized == NULL)
    {
      /* Translators: a file, a group in it, and what was written */
      g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, _ ("%s: [%s]: “%s” can't be an address"), job->path, group, name);
      return FALSE;
    }

  credential = ph_scram_credential_new (password, error);
  explicit_bzero (password, strlen (password));
  if (credential == NULL)
    {
      g_prefix_error (error, "%s: [%s]: ", job->path, group);
      return FALSE;
    }

  g_ptr_array_add (job->accounts, ph_account_new (normalized, credential));

  return TRUE;
}

/* Its users are [USER0] … or [USER1] …, by version. */
static gboolean
read_users (PhCleverImport *job,
            GError        **error)
{
  gint64           count = g_key_file_get_int64 (job->file, "USERS", "Count", NULL);
  gint64           found = 0;
  g_autofree char *said = g_strdup_printf ("%" G_GINT64_FORMAT, count);
  g_autofree char *there = NULL;

  for (gint64 i = 0; i <= count && found < count && i <= PH_CLEVER_USERS_MAX; i++)
    {
      g_autofree char *group = g_strdup_printf ("USER%" G_GINT64_FORMAT, i);

      if (!g_key_file_has_group (job->file, group))
        continue;
      if (!read_user (job, group, error))
        return FALSE;
      found++;
    }

  if (found >= count)
    return TRUE;

  there = g_strdup_printf ("%" G_GINT64_FORMAT, found);
  /* Translators: a file, and two numbers */
  g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, _ ("%s: [USERS] Count says %s but there are %s"), job->path, said, there);

  return FALSE;
}

static gboolean
read_clever_file (PhCleverImport *job,
                  GError        **error)
{
  g_autofree char *text = NULL;
  gsize            length;

  if (!g_file_get_contents (job->path, &text, &length, error))
    return FALSE;

  /* A Windows program writes in the code page of its system. */
  if (!g_utf8_validate (text, (gssize)length, NULL))
    {
      char *converted = g_convert (text, (gssize)length, "UTF-8", "WINDOWS-1252", NULL, &length, error);

      if (converted == NULL)
        return FALSE;
      explicit_bzero (text, strlen (text));
      g_free (text);
      text = converted;
    }

  job->file = ph_settings_file_parse (job->path, text, length, error);
  explicit_bzero (text, length);

  return job->file != NULL && read_users (job, error);
}

static void
import_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  PhCleverImport *job = data;
  GError         *error = NULL;

  if (read_clever_file (job, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static const struct
{
  const char *group;
  const char *service;
} ports[] = {
  { "SMTP", "smtp" },
  { "POP3", "pop3" },
  { "IMAP", "imap" },
};

static void
take_ports (PhSettings *self,
            GKeyFile   *file)
{
  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      g_autofree char *text = g_key_file_get_value (file, ports[i].group, "Port", NULL);
      g_autofree char *address = NULL;
      gboolean         enabled;
      guint16          port;

      if (text == NULL || !ph_settings_parse_port (text, &port) || port == 0)
        continue;
      ph_settings_get_service (self, ports[i].service, &enabled, &address, NULL);
      ph_settings_set_service (self, ports[i].service, enabled, address, port);
    }
}

static const struct
{
  const char *group;
  const char *key;
  const char *property;
} folders[] = {
  { "SMTP", "RelayDir", "relay-folder" },
  { "SMTP", "BadDir", "bad-folder" },
  { "MAILBOX", "MailboxDir", "data-folder" },
};

/* A folder with a drive letter means nothing here and is left out. */
static void
take_folders (PhSettings *self,
              GKeyFile   *file)
{
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_key_file_get_value (file, folders[i].group, folders[i].key, NULL);

      if (folder != NULL && g_path_is_absolute (folder))
        g_object_set (self, folders[i].property, folder, NULL);
    }
}

static void
take_relay (PhSettings *self,
            GKeyFile   *file)
{
  g_autofree char *server = g_key_file_get_value (file, "SMTP", "DnsServer", NULL);
  int              interval = g_key_file_get_integer (file, "SMTP", "RelayInterval", NULL);

  if (interval > 0)
    g_object_set (self, "relay-interval", (guint)MIN (interval, 24 * 60 * 60), NULL);
  if (server != NULL && g_hostname_is_ip_address (server))
    g_object_set (self, "dns-server", server, NULL);
}

static void
imported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  PhSettings *self = PH_SETTINGS (source);
  g_autoptr (GTask) task = user_data;
  PhCleverImport *job = g_task_get_task_data (G_TASK (result));
  GError         *error = NULL;
  int             n_taken = 0;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }

  take_ports (self, job->file);
  take_folders (self, job->file);
  take_relay (self, job->file);
  for (guint i = 0; i < job->accounts->len; i++)
    if (ph_accounts_add (ph_settings_get_accounts (self), job->accounts->pdata[i], NULL))
      n_taken++; /* who is here already keeps the password */

  g_task_return_int (task, n_taken);
}

void
ph_settings_import_clever_async (PhSettings         *self,
                                 const char         *path,
                                 PhWorkerPool       *workers,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  const char *const *domains;
  PhCleverImport    *job;
  g_autoptr (GTask) inner = NULL;

  g_return_if_fail (PH_IS_SETTINGS (self));

  domains = ph_accounts_get_domains (ph_settings_get_accounts (self));
  job = g_new0 (PhCleverImport, 1);
  job->path = g_strdup (path);
  job->domain = g_strdup (domains[0] != NULL ? domains[0] : PH_CLEVER_DOMAIN);
  job->accounts = g_ptr_array_new_with_free_func (g_object_unref);

  inner = g_task_new (self, cancellable, imported_cb, g_task_new (self, cancellable, callback, user_data));
  g_task_set_task_data (inner, job, ph_clever_import_free);
  ph_worker_pool_run (workers, inner, import_in_thread);
}

int
ph_settings_import_clever_finish (PhSettings   *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);

  return (int)g_task_propagate_int (G_TASK (result), error);
}
