#include "ph-autostart.h"

#include "ph-background.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define AUTOSTART_FILE "org.posthouse.Posthouse.desktop"

static const char autostart[] = "[Desktop Entry]\n"
                                "Type=Application\n"
                                "Name=Posthouse\n"
                                "Exec=posthouse --background\n"
                                "Icon=org.posthouse.Posthouse\n"
                                "X-GNOME-UsesNotifications=true\n";

static void
asked_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  if (ph_background_request_finish (result))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "the desktop does not let Posthouse run in the background");
}

/* In a thread of its own: it touches the disk. */
static void
set_file (GTask        *task,
          gpointer      source,
          gpointer      wanted,
          GCancellable *cancellable)
{
  g_autofree char *directory = g_build_filename (g_get_user_config_dir (), "autostart", NULL);
  g_autofree char *path = g_build_filename (directory, AUTOSTART_FILE, NULL);
  GError          *error = NULL;

  if (GPOINTER_TO_INT (wanted) && (g_mkdir_with_parents (directory, 0700) != 0 || !g_file_set_contents (path, autostart, -1, &error)))
    g_task_return_error (task, error != NULL ? error : g_error_new (G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", directory, g_strerror (errno)));
  else if (!GPOINTER_TO_INT (wanted) && g_unlink (path) != 0 && errno != ENOENT)
    g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
  else
    g_task_return_boolean (task, TRUE);
}

/* What could not be done is not said to be done. */
static void
set_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  PhSettings *settings = PH_SETTINGS (source);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    return;

  g_message ("Starting on login: %s", error->message);
  if (ph_settings_get_boolean (settings, "start-on-login"))
    g_object_set (settings, "start-on-login", FALSE, NULL);
}

static void
changed_cb (GApplication *application,
            GParamSpec   *pspec,
            PhSettings   *settings)
{
  GDBusConnection *bus = g_application_get_dbus_connection (application);
  gboolean         wanted = ph_settings_get_boolean (settings, "start-on-login");
  g_autoptr (GTask) task = g_task_new (settings, NULL, set_cb, NULL);

  if (ph_background_has_portal (bus))
    {
      ph_background_request_async (bus, _ ("The mail server starts when you log in."), wanted, NULL, asked_cb, g_steal_pointer (&task));
      return;
    }

  g_task_set_task_data (task, GINT_TO_POINTER (wanted), NULL);
  g_task_run_in_thread (task, set_file);
}

void
ph_autostart_follow (GApplication *application,
                     PhSettings   *settings)
{
  g_return_if_fail (G_IS_APPLICATION (application) && PH_IS_SETTINGS (settings));

  g_signal_connect_object (settings, "notify::start-on-login", G_CALLBACK (changed_cb), application, G_CONNECT_SWAPPED);
}
