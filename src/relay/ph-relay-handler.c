#include "ph-relay-handler.h"

G_DEFINE_INTERFACE (PhRelayHandler, ph_relay_handler, G_TYPE_OBJECT)

static void
ph_relay_handler_default_init (PhRelayHandlerInterface *iface)
{
}
