#include "ph-daemon.h"

#include "ph-connect-info.h"
#include "ph-control-socket.h"
#include "ph-password.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

struct _PhDaemon
{
  GObject parent_instance;

  PhServer              *server;
  const PhDaemonOptions *options;
  PhReadiness           *readiness;
  char                  *data_dir;
  PhControl             *control;
  PhControlSocket       *control_socket; /* NULL where there can be none */
  GMainLoop             *loop;
  GPtrArray             *demo_accounts; /* of "ADDRESS:PASSWORD", wiped */
  guint                  next_account;
  guint                  signal_ids[3];
  gboolean               stopping;
  int                    status;
};

G_DEFINE_FINAL_TYPE (PhDaemon, ph_daemon, G_TYPE_OBJECT)

static const int end_signals[] = { SIGTERM, SIGINT, SIGHUP };

static void
free_secret (gpointer data)
{
  explicit_bzero (data, strlen (data));
  g_free (data);
}

static void
ph_daemon_finalize (GObject *object)
{
  PhDaemon *self = PH_DAEMON (object);

  for (guint i = 0; i < G_N_ELEMENTS (end_signals); i++)
    g_clear_handle_id (&self->signal_ids[i], g_source_remove);
  g_ptr_array_unref (self->demo_accounts);
  g_main_loop_unref (self->loop);
  g_free (self->data_dir);
  g_clear_object (&self->control_socket);
  g_clear_object (&self->control);
  g_clear_object (&self->server);

  G_OBJECT_CLASS (ph_daemon_parent_class)->finalize (object);
}

static void
ph_daemon_class_init (PhDaemonClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_daemon_finalize;
}

static void
ph_daemon_init (PhDaemon *self)
{
  self->loop = g_main_loop_new (NULL, FALSE);
  self->demo_accounts = g_ptr_array_new_with_free_func (free_secret);
}

static void
fail (PhDaemon   *self,
      const char *message)
{
  g_printerr ("posthoused: %s\n", message);
  self->status = 1;
  g_main_loop_quit (self->loop);
}

/* Stopping */

static void
stopped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhDaemon) self = user_data;

  ph_server_stop_finish (PH_SERVER (source), result, NULL);
  g_main_loop_quit (self->loop);
}

static void
end (PhDaemon *self)
{
  if (self->stopping)
    return;

  self->stopping = TRUE;
  ph_readiness_announce_stop (self->readiness);
  ph_server_stop_async (self->server, NULL, stopped_cb, g_object_ref (self));
}

static gboolean
end_signal_cb (gpointer data)
{
  end (data);

  return G_SOURCE_CONTINUE;
}

/* Starting */

static void
started_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhDaemon) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char   *how_to_stop = NULL;
  g_autofree char   *text = NULL;
  const char *const *accounts;

  if (!ph_server_start_finish (self->server, result, &error))
    {
      fail (self, error->message);
      return;
    }

  g_ptr_array_add (self->demo_accounts, g_strdup (""));
  accounts = (const char *const *)self->demo_accounts->pdata;
  how_to_stop = self->options->background ? g_strdup_printf ("posthoused --data '%s' --stop", self->data_dir) : g_strdup ("Ctrl+C");
  text = self->options->json ? ph_connect_info_format_json (self->server, accounts) : ph_connect_info_format_text (self->server, accounts, how_to_stop);
  fputs (text, stdout);
  fflush (stdout);
  explicit_bzero (text, strlen (text));

  for (guint i = 0; i < g_list_model_get_n_items (ph_server_get_services (self->server)); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (ph_server_get_services (self->server), i);

      if (ph_service_get_state (service) == PH_SERVICE_FAILED)
        g_printerr ("posthoused: %s: %s\n", ph_service_get_title (service), ph_service_get_reason (service));
    }

  g_object_get (self->server, "running", &self->status, NULL);
  self->status = !self->status;
  if (self->status != 0)
    fail (self, "no service runs");
  else
    ph_readiness_announce (self->readiness);
}

static void add_next_account (PhDaemon *self);

static void
account_added_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (PhDaemon) self = user_data;
  g_autoptr (GError) error = NULL;

  if (ph_server_account_finish (self->server, result, &error))
    add_next_account (self);
  else
    fail (self, error->message);
}

/* An account that is there from the last demonstration gets the new password. */
static void
add_next_account (PhDaemon *self)
{
  g_autofree char *address = NULL;
  const char      *account, *password;

  if (self->next_account == self->demo_accounts->len)
    {
      ph_server_start_async (self->server, NULL, started_cb, g_object_ref (self));
      return;
    }

  account = self->demo_accounts->pdata[self->next_account++];
  password = strchr (account, ':') + 1;
  address = g_strndup (account, (gsize)(password - account - 1));
  if (ph_accounts_find (ph_server_get_accounts (self->server), address) != NULL)
    ph_server_set_password_async (self->server, address, password, NULL, account_added_cb, g_object_ref (self));
  else
    ph_server_add_account_async (self->server, address, NULL, password, NULL, account_added_cb, g_object_ref (self));
}

static void
choose_demo_accounts (PhDaemon *self)
{
  static const char *const names[] = { "alice@demo.test", "bob@demo.test" };

  for (guint i = 0; self->options->accounts != NULL && self->options->accounts[i] != NULL; i++)
    g_ptr_array_add (self->demo_accounts, g_strdup (self->options->accounts[i]));

  for (guint i = 0; self->options->accounts == NULL && i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *password = ph_password_generate ();

      g_ptr_array_add (self->demo_accounts, g_strdup_printf ("%s:%s", names[i], password));
      explicit_bzero (password, strlen (password));
    }
}

static void
imported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhDaemon) self = user_data;
  g_autoptr (GError) error = NULL;
  int n_accounts = ph_settings_import_clever_finish (PH_SETTINGS (source), result, &error);

  if (n_accounts < 0)
    {
      fail (self, error->message);
      return;
    }

  g_print ("Took over ports, relay settings and %d account%s into %s\n", n_accounts, n_accounts == 1 ? "" : "s",
           ph_settings_get_path (PH_SETTINGS (source)));
  g_main_loop_quit (self->loop);
}

/* "-" is for pipes: nothing but the certificate. */
static void
print_trust_steps (const char   *file,
                   PhTrustFormat format)
{
  guint               n;
  const PhTrustSteps *steps = ph_trust_get_steps (&n);

  g_print ("Wrote %s. To trust this server:\n", file);
  for (guint i = 0; i < n; i++)
    if (steps[i].format == format)
      {
        g_auto (GStrv) parts = g_strsplit (steps[i].steps, "%s", 2);

        g_print ("\n%s: %s%s%s\n", steps[i].client, parts[0], parts[1] != NULL ? file : "", parts[1] != NULL ? parts[1] : "");
      }
}

static void
exported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhDaemon) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ph_server_export_authority_finish (self->server, result, &error);
  const char *file = self->options->export_authority;
  gsize       length = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  if (bytes != NULL && strcmp (file, "-") == 0)
    fwrite (data, 1, length, stdout);
  else if (bytes != NULL && g_file_set_contents_full (file, data, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error))
    print_trust_steps (file, ph_trust_guess_format (file));

  if (error != NULL)
    fail (self, error->message);
  g_main_loop_quit (self->loop);
}

static gboolean
begin_cb (gpointer data)
{
  PhDaemon *self = data;

  if (self->options->export_authority != NULL)
    {
      ph_server_export_authority_async (self->server, ph_trust_guess_format (self->options->export_authority), NULL, exported_cb, g_object_ref (self));
      return G_SOURCE_REMOVE;
    }

  if (self->options->import_clever != NULL)
    {
      ph_server_import_clever (self->server, self->options->import_clever, imported_cb, g_object_ref (self));
      return G_SOURCE_REMOVE;
    }

  if (self->options->demo)
    choose_demo_accounts (self);
  add_next_account (self);

  return G_SOURCE_REMOVE;
}

/* Stopping all that it is for ends it, too. */
static void
open_control (PhDaemon *self)
{
  g_autoptr (GError) error = NULL;

  self->control = ph_control_new ();
  ph_control_set_server (self->control, self->server, NULL);
  g_signal_connect_object (self->control, "stopped", G_CALLBACK (end), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->control, "quit", G_CALLBACK (end), self, G_CONNECT_SWAPPED);
  self->control_socket = ph_control_socket_new (self->control, self->data_dir, &error);
  if (self->control_socket == NULL)
    g_printerr ("posthoused: It can’t be controlled from the command line: %s\n", error->message);
}

PhDaemon *
ph_daemon_new (PhServer              *server,
               const PhDaemonOptions *options,
               const char            *data_dir,
               PhReadiness           *readiness)
{
  PhDaemon *self = g_object_new (PH_TYPE_DAEMON, NULL);

  self->server = g_object_ref (server);
  self->options = options;
  self->readiness = readiness;
  self->data_dir = g_strdup (data_dir);
  open_control (self);

  return self;
}

int
ph_daemon_run (PhDaemon *self)
{
  g_return_val_if_fail (PH_IS_DAEMON (self), 1);

  for (guint i = 0; i < G_N_ELEMENTS (end_signals); i++)
    self->signal_ids[i] = g_unix_signal_add (end_signals[i], end_signal_cb, self);
  g_idle_add (begin_cb, self);
  g_main_loop_run (self->loop);

  return self->status;
}
