#include "ph-application.h"

#include "ph-autostart.h"
#include "ph-background.h"
#include "ph-command.h"
#include "ph-control-socket.h"
#include "ph-notifier.h"
#include "ph-place.h"
#include "ph-server.h"
#include "ph-trouble-window.h"
#include "ph-window.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>

#define APPLICATION_ID "org.posthouse.Posthouse"

/* Sessions that don't take the goodbye are left after this, in seconds. */
#define STOP_SECONDS 10

#define KEEPS_RUNNING_NOTIFICATION "keeps-running"

struct _PhApplication
{
  AdwApplication parent_instance;

  char    *data_dir;
  char    *config_path;
  gboolean starts_services;
  gboolean is_understood; /* the command line */
  gboolean in_background; /* the first window waits until it is asked for */

  PhServer        *server;
  char            *trouble; /* why there is no server */
  char            *notice;  /* for the first window to tell, or NULL */
  PhControl       *control;
  PhControlSocket *control_socket;
  PhNotifier      *notifier;
  gboolean         is_held; /* it serves on without a window */
  gboolean         is_ending;
  guint            stop_timeout;
  guint            signal_ids[2];
};

G_DEFINE_FINAL_TYPE (PhApplication, ph_application, ADW_TYPE_APPLICATION)

static const int end_signals[] = { SIGINT, SIGTERM };

/* The server */

static PhServer *
open_server (PhApplication *self,
             GError       **error)
{
  g_autoptr (PhSettings) settings = ph_place_open_settings (self->config_path, error);
  g_autoptr (PhClock) clock = ph_clock_new ();
  g_autoptr (GError) stays = NULL;
  g_autofree char *data_dir = NULL;
  PhServer        *server;

  if (settings == NULL)
    return NULL;

  for (const char *const *warning = ph_settings_get_warnings (settings); *warning != NULL; warning++)
    g_message ("%s: %s", ph_settings_get_path (settings), *warning);
  if (!ph_place_follow (settings, self->data_dir, &stays))
    self->notice = g_strdup (stays->message);
  data_dir = ph_place_choose_data_dir (settings, self->data_dir);
  ph_place_close_folder (data_dir, FALSE);
  server = ph_server_new (settings, data_dir, clock, error);
  if (server != NULL)
    {
      g_autoptr (GError) failure = NULL;

      self->control_socket = ph_control_socket_new (self->control, data_dir, &failure);
      if (self->control_socket == NULL)
        g_warning ("It can’t be controlled from the command line: %s", failure->message);
    }

  return server;
}

static gboolean
is_serving (PhApplication *self)
{
  gboolean running = FALSE;

  if (self->server != NULL)
    g_object_get (self->server, "running", &running, NULL);

  return running;
}

static void
start_services (PhApplication *self)
{
  if (self->server != NULL && !is_serving (self) && !self->is_ending)
    ph_server_start_async (self->server, NULL, NULL, NULL);
}

/* The end: goodbye to all sessions, settings on disk, then out */

static void
finish (PhApplication *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_handle_id (&self->stop_timeout, g_source_remove);
  if (self->server != NULL && !ph_settings_flush (ph_server_get_settings (self->server), &error))
    g_warning ("%s", error->message);
  g_application_quit (G_APPLICATION (self));
}

static gboolean
stop_timeout_cb (gpointer data)
{
  PhApplication *self = data;

  self->stop_timeout = 0;
  finish (self);

  return G_SOURCE_REMOVE;
}

static void
stopped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhApplication) self = user_data;

  ph_server_stop_finish (PH_SERVER (source), result, NULL);
  if (self->is_ending && self->stop_timeout != 0)
    finish (self);
}

static void
end (PhApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (self->is_ending)
    return;

  self->is_ending = TRUE;
  if (window != NULL)
    gtk_widget_hide (GTK_WIDGET (window));
  if (!is_serving (self))
    {
      finish (self);
      return;
    }

  g_application_hold (G_APPLICATION (self));
  self->stop_timeout = g_timeout_add_seconds (STOP_SECONDS, stop_timeout_cb, self);
  ph_server_stop_async (self->server, NULL, stopped_cb, g_object_ref (self));
}

/* Somebody stopped all services: without a window there is no reason to go on. */
static void
end_if_idle (PhApplication *self)
{
  if (gtk_application_get_active_window (GTK_APPLICATION (self)) == NULL)
    end (self);
}

static gboolean
end_signal_cb (gpointer data)
{
  end (data);

  return G_SOURCE_CONTINUE;
}

/* Without a window */

static void
notify (PhApplication *self,
        const char    *title,
        const char    *body)
{
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  g_notification_set_default_action (notification, "app.activate");
  g_notification_add_button (notification, _ ("Quit"), "app.quit");
  g_application_send_notification (G_APPLICATION (self), KEEPS_RUNNING_NOTIFICATION, notification);
}

static void
background_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (PhApplication) self = user_data;
  gboolean allowed = ph_background_request_finish (result);

  if (!self->is_held || self->is_ending)
    return;

  if (allowed)
    ph_background_set_status (g_application_get_dbus_connection (G_APPLICATION (self)), _ ("The mail server runs"));
  else
    notify (self, _ ("Posthouse may be ended soon"),
            _ ("This desktop does not let it serve without a window. Open it again, or allow it in the settings of your desktop."));
}

/* Until there is a window, or nothing to serve. */
static void
hold_without_window (PhApplication *self)
{
  if (self->is_held)
    return;

  g_application_hold (G_APPLICATION (self));
  self->is_held = TRUE;
  ph_background_request_async (g_application_get_dbus_connection (G_APPLICATION (self)),
                               _ ("The mail server goes on when its window is closed."),
                               ph_settings_get_boolean (ph_server_get_settings (self->server), "start-on-login"), NULL, background_cb, g_object_ref (self));
}

/* Windows */

static gboolean
window_closed_cb (PhApplication *self)
{
  gboolean keep_running;

  g_object_get (ph_server_get_settings (self->server), "keep-running", &keep_running, NULL);
  if (!keep_running || !is_serving (self))
    {
      end (self);
      return GDK_EVENT_STOP;
    }

  notify (self, _ ("Posthouse keeps serving"), _ ("Its services run although the window is closed. Open it again to stop them."));
  hold_without_window (self);

  return GDK_EVENT_PROPAGATE;
}

static GtkWidget *
make_window (PhApplication *self)
{
  GtkWidget *window;

  if (self->server == NULL)
    return ph_trouble_window_new (GTK_APPLICATION (self), self->trouble);

  window = ph_window_new (GTK_APPLICATION (self), self->server);
  if (self->notice != NULL)
    gtk_widget_activate_action (window, "win.toast", "s", self->notice);
  g_clear_pointer (&self->notice, g_free);
  /* After the window's own, which keeps its size. */
  g_signal_connect_object (window, "close-request", G_CALLBACK (window_closed_cb), self, G_CONNECT_SWAPPED);

  return window;
}

static void
ph_application_activate (GApplication *application)
{
  PhApplication *self = PH_APPLICATION (application);
  GtkWindow     *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (self->is_ending)
    return;

  if (self->in_background)
    {
      self->in_background = FALSE;
      hold_without_window (self);
      return;
    }

  if (window == NULL)
    window = GTK_WINDOW (make_window (self));
  gtk_window_present (window);
  g_application_withdraw_notification (application, KEEPS_RUNNING_NOTIFICATION);
  if (self->is_held)
    g_application_release (application);
  self->is_held = FALSE;
}

/* Actions */

static void
start_cb (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       data)
{
  /* The desktop can start the program for just this. */
  if (gtk_application_get_active_window (data) == NULL)
    hold_without_window (data);
  start_services (data);
}

static void
all_stopped_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (PhApplication) self = user_data;

  ph_server_stop_finish (PH_SERVER (source), result, NULL);
  end_if_idle (self);
}

static void
stop_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       data)
{
  PhApplication *self = PH_APPLICATION (data);

  if (self->server != NULL && !self->is_ending)
    ph_server_stop_async (self->server, NULL, all_stopped_cb, g_object_ref (self));
}

/* The active window may be a dialog of it. */
static GtkWidget *
find_main_window (PhApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (PH_IS_WINDOW (l->data))
      return l->data;

  return NULL;
}

static void
compose_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       data)
{
  PhApplication *self = data;
  GtkWidget     *window;

  if (self->is_ending)
    return;

  self->in_background = FALSE; /* somebody wants a window after all */
  g_application_activate (data);
  /* Where the server could not be opened there is another one. */
  window = find_main_window (self);
  if (window != NULL)
    gtk_widget_activate_action (window, "win.compose", NULL);
}

static void
activate_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  g_application_activate (data);
}

static void
about_cb (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       data)
{
  GtkWindow *window = gtk_application_get_active_window (data);

  /* Translators: your name, which is shown in About */
  const char *translators = _ ("translator-credits");

  adw_show_about_window (window,
                         "application-name", _ ("Posthouse"), "application-icon", APPLICATION_ID, "version", PH_VERSION, "comments", _ ("A mail server that you run, see and understand from one window."), "license-type", GTK_LICENSE_GPL_3_0, "developer-name", _ ("The Posthouse contributors"), "translator-credits", translators, NULL);
}

static void
quit_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       data)
{
  end (data);
}

static const GActionEntry action_entries[] = {
  { "start", start_cb, NULL, NULL, NULL, { 0 } },
  { "stop", stop_cb, NULL, NULL, NULL, { 0 } },
  { "compose", compose_cb, NULL, NULL, NULL, { 0 } },
  { "activate", activate_cb, NULL, NULL, NULL, { 0 } },
  { "about", about_cb, NULL, NULL, NULL, { 0 } },
  { "quit", quit_cb, NULL, NULL, NULL, { 0 } },
};

static void
ph_application_startup (GApplication *application)
{
  static const char *const quit_keys[] = { "<Control>q", NULL };
  static const char *const close_keys[] = { "<Control>w", NULL };
  PhApplication           *self = PH_APPLICATION (application);
  g_autoptr (GError) error = NULL;

  /* GTK would end it here with a warning that says nothing of what works. */
  if (!gtk_init_check ())
    {
      g_printerr ("posthouse: There is no display to open a window on; posthoused serves without one\n");
      exit (PH_COMMAND_FAILED);
    }

  G_APPLICATION_CLASS (ph_application_parent_class)->startup (application);

  g_action_map_add_action_entries (G_ACTION_MAP (self), action_entries, G_N_ELEMENTS (action_entries), self);
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.quit", quit_keys);
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "window.close", close_keys);
  for (guint i = 0; i < G_N_ELEMENTS (end_signals); i++)
    self->signal_ids[i] = g_unix_signal_add (end_signals[i], end_signal_cb, self);

  self->server = open_server (self, &error);
  if (self->server == NULL)
    self->trouble = g_strdup (error->message);
  else
    {
      self->notifier = ph_notifier_new (application, self->server);
      ph_autostart_follow (application, ph_server_get_settings (self->server));
    }
  if (self->starts_services)
    start_services (self);
  ph_control_set_server (self->control, self->server, self->trouble);
}

/* Before the bus knows our name, so that no call comes too early. */
static gboolean
ph_application_dbus_register (GApplication    *application,
                              GDBusConnection *connection,
                              const char      *object_path,
                              GError         **error)
{
  return G_APPLICATION_CLASS (ph_application_parent_class)->dbus_register (application, connection, object_path, error) && ph_control_export (PH_APPLICATION (application)->control, connection, error) != 0;
}

static void
ph_application_shutdown (GApplication *application)
{
  PhApplication *self = PH_APPLICATION (application);

  for (guint i = 0; i < G_N_ELEMENTS (end_signals); i++)
    g_clear_handle_id (&self->signal_ids[i], g_source_remove);

  G_APPLICATION_CLASS (ph_application_parent_class)->shutdown (application);

  ph_control_set_server (self->control, NULL, "Posthouse is ending");
  g_clear_object (&self->control_socket);
  g_clear_object (&self->notifier);
  g_clear_object (&self->server);
}

/* Options */

static char *
take_path (GVariantDict *options,
           const char   *name)
{
  g_autofree char *path = NULL;

  g_variant_dict_lookup (options, name, "^ay", &path);

  return path != NULL ? g_canonicalize_filename (path, NULL) : NULL;
}

/* -1 goes on. */
static int
ph_application_handle_local_options (GApplication *application,
                                     GVariantDict *options)
{
  PhApplication          *self = PH_APPLICATION (application);
  g_autofree const char **words = NULL;
  g_autoptr (GError) error = NULL;

  self->is_understood = TRUE;
  /* What desktops know the window by; --help has shown what it is called in a terminal. */
  g_set_prgname (APPLICATION_ID);

  if (g_variant_dict_lookup (options, G_OPTION_REMAINING, "^a&ay", &words) && words[0] != NULL)
    {
      g_printerr ("posthouse: “%s” is not understood; see --help\n", words[0]);
      return PH_COMMAND_MISUSED;
    }

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("posthouse %s\n", PH_VERSION);
      return 0;
    }

  self->data_dir = take_path (options, "data");
  self->config_path = take_path (options, "config");
  self->in_background = g_variant_dict_contains (options, "background");
  self->starts_services = self->in_background || g_variant_dict_contains (options, "start");

  /* Another person's mail, so to speak: it has nothing to do with what runs already. */
  if (self->data_dir != NULL || self->config_path != NULL)
    g_application_set_flags (application, g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);

  if (!g_application_register (application, NULL, &error))
    {
      g_printerr ("posthouse: %s\n", error->message);
      return 1;
    }
  if (g_application_get_is_remote (application) && self->starts_services)
    g_action_group_activate_action (G_ACTION_GROUP (application), "start", NULL);

  if (g_variant_dict_contains (options, "compose"))
    g_action_group_activate_action (G_ACTION_GROUP (application), "compose", NULL);

  return g_application_get_is_remote (application) && (self->in_background || g_variant_dict_contains (options, "compose")) ? 0 : -1;
}

/* GApplication has one status for all that fails; scripts tell a command line that is not understood. */
static gboolean
ph_application_local_command_line (GApplication *application,
                                   char       ***arguments,
                                   int          *status)
{
  gboolean is_done = G_APPLICATION_CLASS (ph_application_parent_class)->local_command_line (application, arguments, status);

  if (is_done && *status != 0 && !PH_APPLICATION (application)->is_understood)
    *status = PH_COMMAND_MISUSED;

  return is_done;
}

static void
ph_application_finalize (GObject *object)
{
  PhApplication *self = PH_APPLICATION (object);

  g_object_unref (self->control);
  g_free (self->data_dir);
  g_free (self->notice);
  g_free (self->config_path);
  g_free (self->trouble);

  G_OBJECT_CLASS (ph_application_parent_class)->finalize (object);
}

static void
ph_application_class_init (PhApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ph_application_finalize;
  application_class->activate = ph_application_activate;
  application_class->startup = ph_application_startup;
  application_class->shutdown = ph_application_shutdown;
  application_class->dbus_register = ph_application_dbus_register;
  application_class->local_command_line = ph_application_local_command_line;
  application_class->handle_local_options = ph_application_handle_local_options;
}

static void
ph_application_init (PhApplication *self)
{
  static const GOptionEntry entries[] = {
    { "data", 'd', 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Keep mail in this folder"), N_ ("DIR") },
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Read settings from this file"), N_ ("FILE") },
    { "start", 's', 0, G_OPTION_ARG_NONE, NULL, N_ ("Start all services at once"), NULL },
    { "background", 'b', 0, G_OPTION_ARG_NONE, NULL, N_ ("Start all services, and open no window"), NULL },
    { "compose", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Compose a test message"), NULL },
    { "stop", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Stop all services of the Posthouse that runs"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Say the version and end"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, NULL },
    { NULL },
  };
  g_autofree char *commands = ph_command_describe_all ();

  self->control = ph_control_new ();
  g_signal_connect_object (self->control, "stopped", G_CALLBACK (end_if_idle), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->control, "quit", G_CALLBACK (end), self, G_CONNECT_SWAPPED);
  g_application_set_option_context_description (G_APPLICATION (self), commands);
  g_application_add_main_option_entries (G_APPLICATION (self), entries);
}

PhApplication *
ph_application_new (void)
{
  return g_object_new (PH_TYPE_APPLICATION,
                       "application-id", APPLICATION_ID,
                       "flags", G_APPLICATION_DEFAULT_FLAGS,
                       "resource-base-path", "/org/posthouse/Posthouse",
                       NULL);
}
