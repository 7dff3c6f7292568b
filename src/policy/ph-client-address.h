#pragma once

#include <glib.h>

#include <netinet/in.h>

G_BEGIN_DECLS

/**
 * PhClientAddress:
 *
 * The address of a client as the checks look at it: an IPv4 address mapped into IPv6 is IPv4 (RFC 7208
 * section 5).  A plain value.
 */
typedef struct
{
  int    family; /* AF_INET, AF_INET6 */
  guint8 bytes[16];
  char   text[INET6_ADDRSTRLEN]; /* in its usual form */
} PhClientAddress;

/* FALSE where `text` is no address in figures. */
gboolean ph_client_address_parse (PhClientAddress *self,
                                  const char      *text);

/* TRUE where the first `prefix` bits are those of `network`, which is of the same family. */
gboolean ph_client_address_is_in (const PhClientAddress *self,
                                  const guint8          *network,
                                  guint                  prefix);

/* With a dot between bytes (IPv4) or nibbles (IPv6). */
char *ph_client_address_format_dotted (const PhClientAddress *self);

/* The name under in-addr.arpa or ip6.arpa. */
char *ph_client_address_format_reverse (const PhClientAddress *self);

/* This computer itself. */
gboolean ph_client_address_is_loopback (const PhClientAddress *self);

G_END_DECLS
