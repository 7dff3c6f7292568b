/* Mail in and out as files. */

#include "ph-control-private.h"

/* One for each connection, which ends it when it closes. */
typedef struct
{
  GDBusMethodInvocation *invocation;
  GDBusConnection       *connection;
  GCancellable          *cancellable;
  gulong                 closed;
} PhControlTransfer;

static GQuark
transfer_quark (void)
{
  return g_quark_from_static_string ("ph-control-transfer");
}

static void
closed_cb (GDBusConnection   *connection,
           gboolean           remote_peer_vanished,
           GError            *error,
           PhControlTransfer *self)
{
  g_cancellable_cancel (self->cancellable);
}

/* NULL where this connection has one already: then it is refused. */
static PhControlTransfer *
begin (GDBusMethodInvocation *invocation)
{
  GDBusConnection   *connection = g_dbus_method_invocation_get_connection (invocation);
  PhControlTransfer *self;

  if (g_object_get_qdata (G_OBJECT (connection), transfer_quark ()) != NULL)
    {
      ph_control_refuse (invocation, "One is running already");
      return NULL;
    }

  self = g_new0 (PhControlTransfer, 1);
  self->invocation = invocation;
  self->connection = g_object_ref (connection);
  self->cancellable = g_cancellable_new ();
  self->closed = g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);
  g_object_set_qdata (G_OBJECT (connection), transfer_quark (), self);

  return self;
}

static void
progress_cb (const PhTransferCounts *counts,
             gpointer                user_data)
{
  PhControlTransfer *self = user_data;

  g_dbus_connection_emit_signal (self->connection, NULL, PH_CONTROL_PATH, PH_CONTROL_INTERFACE, "TransferProgress",
                                 g_variant_new ("(ttt)", counts->n_messages, counts->n_bytes, counts->n_rejected), NULL);
}

/* Takes `self`. */
static void
answer (PhControlTransfer      *self,
        gboolean                done,
        const PhTransferCounts *counts,
        const char             *rejected_dir,
        const GError           *error)
{
  g_signal_handler_disconnect (self->connection, self->closed);
  g_object_set_qdata (G_OBJECT (self->connection), transfer_quark (), NULL);
  if (!done && counts->n_messages == 0 && counts->n_rejected == 0)
    ph_control_refuse (self->invocation, error->message);
  else
    ph_control_succeed (self->invocation, g_variant_new ("(ttt@s@s)", counts->n_messages, counts->n_bytes, counts->n_rejected,
                                                         ph_control_new_string (rejected_dir), ph_control_new_string (done ? NULL : error->message)));
  g_object_unref (self->cancellable);
  g_object_unref (self->connection);
  g_free (self);
}

static void
done_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  PhTransferCounts counts;
  g_autofree char *rejected_dir = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done = ph_server_transfer_finish (PH_SERVER (source), result, &counts, &rejected_dir, &error);

  answer (user_data, done, &counts, rejected_dir, error);
}

static void
backed_up_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  PhTransferCounts counts;
  g_autoptr (GError) error = NULL;
  gboolean done = ph_server_backup_finish (PH_SERVER (source), result, &counts, &error);

  answer (user_data, done, &counts, NULL, error);
}

static void
import (PhControl             *self,
        GVariant              *parameters,
        GDBusMethodInvocation *invocation)
{
  const char             *address, *folder, *format;
  g_autofree const char **paths = NULL;
  PhControlTransfer      *transfer;

  g_variant_get (parameters, "(&s&s&s^a&s)", &address, &folder, &format, &paths);
  transfer = begin (invocation);
  if (transfer != NULL)
    ph_server_import_async (ph_control_get_server (self), address, paths, folder, format, transfer->cancellable, progress_cb, transfer, done_cb, transfer);
}

static void export(PhControl             *self,
                   GVariant              *parameters,
                   GDBusMethodInvocation *invocation)
{
  const char        *address, *folder, *format, *path;
  PhControlTransfer *transfer;

  g_variant_get (parameters, "(&s&s&s&s)", &address, &folder, &format, &path);
  transfer = begin (invocation);
  if (transfer != NULL)
    ph_server_export_async (ph_control_get_server (self), address, folder, format, path, transfer->cancellable, progress_cb, transfer, done_cb, transfer);
}

static void
backup (PhControl             *self,
        GVariant              *parameters,
        GDBusMethodInvocation *invocation)
{
  const char        *path;
  PhControlTransfer *transfer;

  g_variant_get (parameters, "(&s)", &path);
  transfer = begin (invocation);
  if (transfer != NULL)
    ph_server_backup_async (ph_control_get_server (self), path, transfer->cancellable, progress_cb, transfer, backed_up_cb, transfer);
}

static void
cancel (PhControl             *self,
        GVariant              *parameters,
        GDBusMethodInvocation *invocation)
{
  PhControlTransfer *transfer = g_object_get_qdata (G_OBJECT (g_dbus_method_invocation_get_connection (invocation)), transfer_quark ());

  if (transfer != NULL)
    g_cancellable_cancel (transfer->cancellable);
  ph_control_succeed (invocation, NULL);
}

const PhControlMethod ph_control_transfer_methods[] = {
  { "Import", import },
  { "Export", export },
  { "Backup", backup },
  { "CancelTransfer", cancel },
  { NULL, NULL },
};
