#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What follows is dropped (V07). */
#define PH_HEADER_ADDRESSES_MAX 1000

typedef enum {
  PH_HEADER_ADDRESS_MAILBOX,
  PH_HEADER_ADDRESS_GROUP_START, /* `name` is the group's */
  PH_HEADER_ADDRESS_GROUP_END,
} PhHeaderAddressKind;

/**
 * PhHeaderAddress:
 *
 * One element of an address list of a header field (RFC 5322 3.4 and its
 * obsolete forms), as it was written: unquoted, comments removed, encoded words
 * and 8-bit kept, so maybe not UTF-8.  Groups are flat: a start, its members, an
 * end.  An immutable value, owned by the list.
 *
 * The parser takes anything: what makes no sense becomes a mailbox with only a
 * local part.  Linear in time, constant in stack, whatever is nested.
 */
typedef struct
{
  PhHeaderAddressKind kind;
  char               *name;   /* display name, or NULL */
  char               *route;  /* "@a,@b" of the obsolete source route, or NULL */
  char               *local;  /* "" if missing; NULL in a group's start and end */
  char               *domain; /* or NULL */
} PhHeaderAddress;

/* Parses a field's raw value (folds and all).  Returns an array, maybe empty, of
 * PhHeaderAddress that owns them; every group start has its end. */
GPtrArray *ph_header_address_list_parse (const guint8 *data,
                                         gsize         length);

/* A value of our own, for ph_header_address_free(). */
void ph_header_address_free (PhHeaderAddress *self);

/* The display name decoded to UTF-8, or NULL. */
char *ph_header_address_dup_display_name (const PhHeaderAddress *self);

/* "local@domain" with the local part quoted if it must be, made valid UTF-8;
 * NULL for group marks and for a mailbox without a domain. */
char *ph_header_address_dup_addr_spec (const PhHeaderAddress *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHeaderAddress, ph_header_address_free)

G_END_DECLS
