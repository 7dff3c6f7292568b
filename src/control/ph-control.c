#include "ph-control-private.h"

#include "ph-control-interface.h"

#include <string.h>

struct _PhControl
{
  GObject parent_instance;

  PhServer *server; /* or NULL */
  char     *trouble;
};

G_DEFINE_FINAL_TYPE (PhControl, ph_control, G_TYPE_OBJECT)

enum {
  SIGNAL_STOPPED,
  SIGNAL_QUIT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const PhControlMethod *const method_tables[] = {
  ph_control_services_methods,
  ph_control_accounts_methods,
  ph_control_app_passwords_methods,
  ph_control_automatic_reply_methods,
  ph_control_mail_methods,
  ph_control_transfer_methods,
  ph_control_domains_methods,
};

static void
ph_control_dispose (GObject *object)
{
  g_clear_object (&PH_CONTROL (object)->server);

  G_OBJECT_CLASS (ph_control_parent_class)->dispose (object);
}

static void
ph_control_finalize (GObject *object)
{
  g_free (PH_CONTROL (object)->trouble);

  G_OBJECT_CLASS (ph_control_parent_class)->finalize (object);
}

static void
ph_control_class_init (PhControlClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_control_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_control_finalize;

  signals[SIGNAL_STOPPED] = g_signal_new ("stopped", PH_TYPE_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_QUIT] = g_signal_new ("quit", PH_TYPE_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ph_control_init (PhControl *self)
{
}

PhControl *
ph_control_new (void)
{
  return g_object_new (PH_TYPE_CONTROL, NULL);
}

void
ph_control_set_server (PhControl  *self,
                       PhServer   *server,
                       const char *trouble)
{
  g_return_if_fail (PH_IS_CONTROL (self));

  g_set_object (&self->server, server);
  g_free (self->trouble);
  self->trouble = g_strdup (trouble);
}

PhServer *
ph_control_get_server (PhControl *self)
{
  return self->server;
}

typedef struct
{
  PhControl *control;
  guint      signal;
} PhControlSignal;

static void
flushed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autofree PhControlSignal *what = user_data;
  g_autoptr (PhControl) self = what->control;

  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_signal_emit (self, signals[what->signal], 0);
}

static void
emit_once_answered (PhControl       *self,
                    GDBusConnection *connection,
                    guint            signal)
{
  PhControlSignal *what = g_new (PhControlSignal, 1);

  what->control = g_object_ref (self);
  what->signal = signal;
  g_dbus_connection_flush (connection, NULL, flushed_cb, what);
}

void
ph_control_stopped (PhControl       *self,
                    GDBusConnection *connection)
{
  emit_once_answered (self, connection, SIGNAL_STOPPED);
}

void
ph_control_quit (PhControl       *self,
                 GDBusConnection *connection)
{
  emit_once_answered (self, connection, SIGNAL_QUIT);
}

/* Answers */

void
ph_control_succeed (GDBusMethodInvocation *invocation,
                    GVariant              *result)
{
  g_dbus_method_invocation_return_value (invocation, result);
}

void
ph_control_refuse (GDBusMethodInvocation *invocation,
                   const char            *message)
{
  g_dbus_method_invocation_return_dbus_error (invocation, PH_CONTROL_ERROR_REFUSED, message);
}

void
ph_control_answer (GDBusMethodInvocation *invocation,
                   gboolean               succeeded,
                   const GError          *error)
{
  if (succeeded)
    ph_control_succeed (invocation, NULL);
  else
    ph_control_refuse (invocation, error->message);
}

GVariant *
ph_control_new_string (const char *text)
{
  return g_variant_new_take_string (text != NULL ? g_utf8_make_valid (text, -1) : g_strdup (""));
}

/* The interface */

static void
method_call_cb (GDBusConnection       *connection,
                const char            *sender,
                const char            *object_path,
                const char            *interface_name,
                const char            *method_name,
                GVariant              *parameters,
                GDBusMethodInvocation *invocation,
                gpointer               user_data)
{
  PhControl *self = user_data;

  if (self->server == NULL)
    {
      ph_control_refuse (invocation, self->trouble != NULL ? self->trouble : "Posthouse is not ready");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (method_tables); i++)
    for (const PhControlMethod *method = method_tables[i]; method->name != NULL; method++)
      if (strcmp (method->name, method_name) == 0)
        {
          method->handle (self, parameters, invocation);
          return;
        }

  g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD, "There is no method %s", method_name);
}

static const GDBusInterfaceVTable vtable = { .method_call = method_call_cb };

guint
ph_control_export (PhControl       *self,
                   GDBusConnection *connection,
                   GError         **error)
{
  g_return_val_if_fail (PH_IS_CONTROL (self), 0);

  return g_dbus_connection_register_object (connection, PH_CONTROL_PATH, (GDBusInterfaceInfo *)&org_posthouse_posthouse_interface,
                                            &vtable, g_object_ref (self), g_object_unref, error);
}
