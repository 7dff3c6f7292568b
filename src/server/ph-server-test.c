/* The part of PhServer that tries its own services. */

#include "ph-server-private.h"
#include "ph-service-test.h"

static const struct
{
  const char       *name; /* its beginning: "imap" is imaps too */
  PhServiceProtocol protocol;
} protocols[] = {
  { "smtp", PH_SERVICE_PROTOCOL_SMTP },
  { "submission", PH_SERVICE_PROTOCOL_SMTP },
  { "lmtp", PH_SERVICE_PROTOCOL_LMTP },
  { "pop3", PH_SERVICE_PROTOCOL_POP3 },
  { "imap", PH_SERVICE_PROTOCOL_IMAP },
};

static PhServiceProtocol
find_protocol (PhService *service)
{
  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    if (g_str_has_prefix (ph_service_get_name (service), protocols[i].name))
      return protocols[i].protocol;

  g_return_val_if_reached (PH_SERVICE_PROTOCOL_SMTP);
}

static void
tested_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError          *error = NULL;
  PhServiceAnswer *answer = ph_service_test_finish (result, &error);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify)ph_service_answer_unref);
  else
    g_task_return_error (task, error);
}

void
ph_server_test_service_async (PhServer           *self,
                              PhService          *service,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  PhServiceTarget target;

  g_return_if_fail (PH_IS_SERVER (self) && PH_IS_SERVICE (service));

  target = (PhServiceTarget){
    .protocol = find_protocol (service),
    .address = ph_service_get_address (service),
    .port = ph_service_get_port (service),
    .implicit_tls = ph_service_get_tls (service) == PH_SERVICE_TLS_IMPLICIT,
    .host_name = ph_certificates_get_host_name (self->certificates),
    .authority = ph_certificates_get_authority (self->certificates),
  };
  ph_service_test_async (self->poller, self->workers, self->clock, &target, cancellable, tested_cb, g_task_new (self, cancellable, callback, user_data));
}

PhServiceAnswer *
ph_server_test_service_finish (PhServer     *self,
                               GAsyncResult *result,
                               GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
