#include "ph-smtp-handler.h"

G_DEFINE_INTERFACE (PhSmtpHandler, ph_smtp_handler, G_TYPE_OBJECT)

static void
ph_smtp_handler_default_init (PhSmtpHandlerInterface *iface)
{
}
