#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhAddressGuard:
 *
 * Which addresses that somebody else's DNS names may be connected to (S17): not this computer's
 * own, nor what means "here" or "everybody", so that nobody can make us talk to ourselves or to
 * services behind our firewall (SSRF), nor send mail in circles (V28).  Knows the addresses
 * of this computer and which families it can reach.  A plain struct.
 */
typedef struct
{
  GPtrArray *own; /* of char* */
  gboolean   has_ipv4;
  gboolean   has_ipv6;
} PhAddressGuard;

typedef enum {
  PH_ADDRESS_FINE,
  PH_ADDRESS_OWN,         /* this computer */
  PH_ADDRESS_FORBIDDEN,   /* broadcast, multicast, link-local: no mail server is there */
  PH_ADDRESS_UNREACHABLE, /* of a family that this computer has no network for */
} PhAddressVerdict;

/* Asks the system; takes microseconds. */
PhAddressGuard  *ph_address_guard_new (void);
void             ph_address_guard_free (PhAddressGuard *self);
PhAddressVerdict ph_address_guard_check (const PhAddressGuard *self,
                                         const char           *address,
                                         gboolean              allow_loopback);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhAddressGuard, ph_address_guard_free)

G_END_DECLS
