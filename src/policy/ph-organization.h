#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The organisational domain (RFC 7489 section 3.2): what somebody registered below a public suffix; the domain itself where it
 * is a public suffix.  Borrowed: the end of `domain`, which is canonical. */
const char *ph_organization_find (const char *domain);

G_END_DECLS
