#include "ph-background.h"

#define PORTAL_NAME "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define PORTAL_INTERFACE "org.freedesktop.portal.Background"
#define REQUEST_INTERFACE "org.freedesktop.portal.Request"
#define STATUS_MAX 96

/* As GTK and GLib decide it; the second name is that of GLib on Debian 13, which no longer knows the first. */
gboolean
ph_background_has_portal (GDBusConnection *bus)
{
  return bus != NULL && (g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) || g_strcmp0 (g_getenv ("GTK_USE_PORTAL"), "1") == 0 ||
                         g_strcmp0 (g_getenv ("GIO_USE_PORTALS"), "1") == 0);
}

/* The subscription keeps the task until it is answered. */
typedef struct
{
  GDBusConnection *bus;
  guint            subscription;
} PhBackgroundRequest;

static void
free_request (gpointer data)
{
  PhBackgroundRequest *request = data;

  g_object_unref (request->bus);
  g_free (request);
}

/* Once only, whether the answer or a failure is first. */
static void
answer (GTask   *task,
        gboolean allowed)
{
  PhBackgroundRequest *request = g_task_get_task_data (task);
  guint                subscription = request->subscription;

  if (subscription == 0)
    return;

  request->subscription = 0;
  g_task_return_boolean (task, allowed);
  g_dbus_connection_signal_unsubscribe (request->bus, subscription);
}

static void
response_cb (GDBusConnection *bus,
             const char      *sender,
             const char      *path,
             const char      *interface,
             const char      *signal,
             GVariant        *parameters,
             gpointer         task)
{
  g_autoptr (GVariant) results = NULL;
  gboolean allowed = FALSE;
  guint    response = 0;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    g_variant_get (parameters, "(u@a{sv})", &response, &results);
  if (results != NULL && response == 0)
    g_variant_lookup (results, "background", "b", &allowed);
  answer (task, allowed);
}

static void
called_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) handle = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (handle != NULL)
    return;

  g_debug ("No background portal: %s", error->message);
  answer (task, TRUE);
}

/* Where the portal will answer, known before it is asked: else the answer could come first. */
static char *
predict_path (GDBusConnection *bus,
              const char      *token)
{
  g_autofree char *sender = g_strdelimit (g_strdup (g_dbus_connection_get_unique_name (bus) + 1), ".", '_');

  return g_strconcat (PORTAL_PATH "/request/", sender, "/", token, NULL);
}

void
ph_background_request_async (GDBusConnection    *bus,
                             const char         *reason,
                             gboolean            starts_on_login,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (bus, cancellable, callback, user_data);
  g_autofree char     *token = g_strdup_printf ("posthouse%u", g_random_int ());
  g_autofree char     *path = NULL;
  const char *const    command[] = { "posthouse", "--background", NULL };
  PhBackgroundRequest *request;
  GVariantBuilder      options;

  if (!ph_background_has_portal (bus))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  path = predict_path (bus, token);
  request = g_new0 (PhBackgroundRequest, 1);
  request->bus = g_object_ref (bus);
  g_task_set_task_data (task, request, free_request);
  request->subscription = g_dbus_connection_signal_subscribe (bus, PORTAL_NAME, REQUEST_INTERFACE, "Response", path, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                              response_cb, g_object_ref (task), g_object_unref);

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (token));
  g_variant_builder_add (&options, "{sv}", "reason", g_variant_new_string (reason));
  /* Both at once: without them it would take back what was asked for before. */
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (starts_on_login));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  g_dbus_connection_call (bus, PORTAL_NAME, PORTAL_PATH, PORTAL_INTERFACE, "RequestBackground", g_variant_new ("(sa{sv})", "", &options),
                          G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, -1, cancellable, called_cb, g_object_ref (task));
}

gboolean
ph_background_request_finish (GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}

void
ph_background_set_status (GDBusConnection *bus,
                          const char      *status)
{
  g_autofree char *message = g_utf8_substring (status, 0, MIN (g_utf8_strlen (status, -1), STATUS_MAX));
  GVariantBuilder  options;

  if (!ph_background_has_portal (bus))
    return;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "message", g_variant_new_string (message));
  /* The portal of an older desktop does not know it, which does no harm. */
  g_dbus_connection_call (bus, PORTAL_NAME, PORTAL_PATH, PORTAL_INTERFACE, "SetStatus", g_variant_new ("(a{sv})", &options),
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}
