#include "ph-mend.h"

#include <gio/gio.h>

/* Posthouse's own ports are the standard ones from here on (25 is the exception). */
#define PORT_OFFSET 2000
#define SMTP_PORT 25
#define SMTP_UNPRIVILEGED_PORT 2525

/* How many ports are tried, and how far apart. */
#define N_TRIES 8
#define STEP 1000

/* TRUE if a listener may be bound there; else *is_port_at_fault says whether
 * another port might do. */
static gboolean
can_listen (const char *address,
            guint16     port,
            gboolean   *is_port_at_fault)
{
  g_autoptr (GSocketAddress) where = g_inet_socket_address_new_from_string (address, port);
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  *is_port_at_fault = FALSE;
  if (where == NULL)
    return FALSE;

  socket = g_socket_new (g_socket_address_get_family (where), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  if (socket == NULL)
    return FALSE;
  if (g_socket_bind (socket, where, TRUE, &error) && g_socket_listen (socket, &error))
    return TRUE;

  *is_port_at_fault = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE) ||
                      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);

  return FALSE;
}

static guint16
get_unprivileged (guint16 port)
{
  if (port == SMTP_PORT)
    return SMTP_UNPRIVILEGED_PORT;

  return port < 1024 ? (guint16)(port + PORT_OFFSET) : port;
}

guint16
ph_mend_find_port (PhService *service)
{
  const char *address = ph_service_get_address (service);
  guint       port = ph_service_get_port (service);
  gboolean    is_port_at_fault;

  if (can_listen (address, (guint16)port, &is_port_at_fault) || !is_port_at_fault)
    return 0;

  port = get_unprivileged ((guint16)port);
  for (guint i = 0; i < N_TRIES && port <= G_MAXUINT16; i++, port += STEP)
    if (can_listen (address, (guint16)port, &is_port_at_fault))
      return (guint16)port;

  return 0;
}
