#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PH_NET_ERROR (ph_net_error_quark ())
GQuark ph_net_error_quark (void);

typedef enum {
  PH_NET_ERROR_FAILED,
  PH_NET_ERROR_ADDRESS_IN_USE, /* another program listens there */
  PH_NET_ERROR_NOT_PERMITTED,  /* a port that needs privilege */
  PH_NET_ERROR_CERTIFICATE,    /* unreadable, or does not fit its key */
  PH_NET_ERROR_TLS,            /* the handshake or the record layer failed */
  PH_NET_ERROR_DNS_NOT_FOUND,  /* the name does not exist (NXDOMAIN) */
  PH_NET_ERROR_DNS_NO_DATA,    /* it exists, without records of this kind */
  PH_NET_ERROR_DNS_TEMPORARY,  /* SERVFAIL, no server reached, bogus */
  PH_NET_ERROR_UNREACHABLE,    /* connection refused, no route */
  PH_NET_ERROR_TIMED_OUT,
} PhNetError;

G_END_DECLS
