#pragma once

#include "ph-dns-answer.h"
#include "ph-net-error.h"
#include "ph-poller.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_TYPE_RESOLVER (ph_resolver_get_type ())
G_DECLARE_FINAL_TYPE (PhResolver, ph_resolver, PH, RESOLVER, GObject)

#define PH_RESOLVER_SECONDS 30 /* for one lookup, whatever it takes */

/* To find out whether the name servers pass on signatures, and when they are asked anew if not; or if they gave no
 * answer, as where there is no network yet. */
#define PH_RESOLVER_PROBE_SECONDS 5
#define PH_RESOLVER_PROBE_AGAIN 600
#define PH_RESOLVER_PROBE_AFTER_SILENCE 30

/**
 * PhResolver:
 *
 * DNS through libunbound, which runs in a thread of its own and caches; answers
 * come through the poller.  Not GResolver, which breaks on a TXT record that is
 * not UTF-8.  Shared by reference; a lookup keeps it alive.
 */
PhResolver *ph_resolver_new (PhPoller *poller);

/* NULL or "": the system's servers and its hosts file, read anew when resolv.conf changes.
 * Else "ADDRESS" or "ADDRESS@PORT", numeric, loopback allowed.  Lookups under way go on
 * with the servers that they began with.  FALSE with PH_NET_ERROR_FAILED where `server`
 * is not such a text; the former server then stays. */
gboolean ph_resolver_set_server (PhResolver *self,
                                 const char *server,
                                 GError    **error);

/* Whose signatures prove an answer (DNSSEC): "root" (the root of the DNS, where the name servers pass them on; where
 * they don't, as many at home don't, nothing is proven), "none" (as it begins), or a file of DS or DNSKEY
 * records: then what is below them and not proven is an error, whatever the servers can do.  FALSE
 * with PH_NET_ERROR_FAILED where that can't be read; what was set then stays. */
gboolean ph_resolver_set_trust_anchor (PhResolver *self,
                                       const char *anchor,
                                       GError    **error);

/* TRUE where the root is trusted, and the name servers that answered last left out what it has signed, or gave no answer when they
 * were asked for it: nothing is proven then, whatever a domain publishes.  That they left it out is said in the log once. */
gboolean ph_resolver_lacks_proof (PhResolver *self);

/* `name` is ASCII (IDN already encoded), with or without a last dot; CNAMEs are followed.
 * Errors: PH_NET_ERROR_DNS_NOT_FOUND, _DNS_NO_DATA (both final), _DNS_TEMPORARY (also after
 * PH_RESOLVER_SECONDS, and where the answer is forged); G_IO_ERROR_CANCELLED. */
void         ph_resolver_lookup_async (PhResolver         *self,
                                       PhDnsType           type,
                                       const char         *name,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);
PhDnsAnswer *ph_resolver_lookup_finish (PhResolver   *self,
                                        GAsyncResult *result,
                                        GError      **error);

/* What such an error says, in the language of the window; what it is in GError goes to others, too.  Transfer full. */
char *ph_resolver_explain (const GError *error);

G_END_DECLS
