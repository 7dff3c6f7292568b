#pragma once

#include "ph-poller.h"

#include <unbound.h>

G_BEGIN_DECLS

/**
 * PhDnsContext:
 *
 * libunbound's context with its thread, for one set of name servers and trust anchors.  Counted;
 * lives on until the lookups that it began are over, and is never freed inside of its own
 * callback.  For PhResolver alone.
 */
typedef struct
{
  grefcount      refs;
  struct ub_ctx *ub;
  PhPoller      *poller;
  PhWatch       *watch;
} PhDnsContext;

/* Whose signatures are trusted. */
typedef enum {
  PH_DNS_ANCHOR_NONE, /* nobody's: DNSSEC is not looked at */
  PH_DNS_ANCHOR_ROOT, /* the root's keys */
  PH_DNS_ANCHOR_FILE, /* of DS or DNSKEY records, instead of those */
} PhDnsAnchor;

/* `server`: "ADDRESS[@PORT]", NULL for the system's.  NULL with PH_NET_ERROR_FAILED. */
PhDnsContext *ph_dns_context_new (PhPoller   *poller,
                                  const char *server,
                                  PhDnsAnchor anchor,
                                  const char *anchor_file,
                                  GError    **error);
PhDnsContext *ph_dns_context_ref (PhDnsContext *self);
void          ph_dns_context_unref (PhDnsContext *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDnsContext, ph_dns_context_unref)

G_END_DECLS
