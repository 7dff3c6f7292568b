#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_TYPE_RELAY_HANDLER (ph_relay_handler_get_type ())
G_DECLARE_INTERFACE (PhRelayHandler, ph_relay_handler, PH, RELAY_HANDLER, GObject)

/* What the relay needs from the server. */
struct _PhRelayHandlerInterface
{
  GTypeInterface parent_iface;

  /* A message for people here: a report (sender ""), or one that another program
   * dropped into the directory.  TRUE for a recipient whose domain is local. */
  gboolean (*is_local) (PhRelayHandler *self,
                        const char     *address);

  /* Delivers or queues `message` (whole, CRLF) from `sender` ("" for reports) to
   * `recipient`, local or remote; `from_here`: as PhSmtpEnvelope has it.  The result: a g_task boolean; an error keeps the
   * matter in the queue, PH_RELAY_ERROR_INVALID ends it (nobody of that name). */
  void (*submit_async) (PhRelayHandler     *self,
                        const char         *sender,
                        const char         *recipient,
                        GBytes             *message,
                        gboolean            from_here,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data);
  gboolean (*submit_finish) (PhRelayHandler *self,
                             GAsyncResult   *result,
                             GError        **error);
};

G_END_DECLS
