#include "ph-dns-context.h"

#include "ph-net-error.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define HOSTS "/etc/hosts"

/* libunbound answers for the first of these itself, out of hand, unless told to ask (RFC 6303, 6761, 8375): but labs
 * and homes have servers for them, and in the tests one stands for the world.  The root proves that
 * none of these zones exists: under its keys what their servers say would be taken for forged. */
static const struct
{
  const char *zone;
  gboolean    is_answered;
} private_zones[] = {
  { "test.", TRUE },
  { "home.arpa.", TRUE },
  { "internal." },
  { "local." },
  { "lan." },
  { "localdomain." },
  { "home." },
  { "corp." },
  { "intranet." },
  { "private." },
  { "10.in-addr.arpa." },
  { "168.192.in-addr.arpa." },
  { "d.f.ip6.arpa." },
};

/* The key signing keys of the root, of 2017 and 2024, as IANA publishes them. */
static const char *const root_anchors[] = {
  ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
  ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

PhDnsContext *
ph_dns_context_ref (PhDnsContext *self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

void
ph_dns_context_unref (PhDnsContext *self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  if (self->watch != NULL)
    ph_poller_remove_watch (self->poller, self->watch);
  if (self->ub != NULL)
    ub_ctx_delete (self->ub);
  g_object_unref (self->poller);
  g_free (self);
}

static void
on_events (PhPollEvents events,
           gpointer     user_data)
{
  g_autoptr (PhDnsContext) self = ph_dns_context_ref (user_data);

  ub_process (self->ub);
}

static int
trust (struct ub_ctx *ub,
       PhDnsAnchor    anchor,
       const char    *anchor_file)
{
  int code = 0;

  if (anchor == PH_DNS_ANCHOR_FILE)
    code = ub_ctx_add_ta_file (ub, anchor_file);
  for (guint i = 0; i < G_N_ELEMENTS (root_anchors) && anchor == PH_DNS_ANCHOR_ROOT && code == 0; i++)
    code = ub_ctx_add_ta (ub, root_anchors[i]);
  for (guint i = 0; i < G_N_ELEMENTS (private_zones) && anchor != PH_DNS_ANCHOR_NONE && code == 0; i++)
    code = ub_ctx_set_option (ub, "domain-insecure:", private_zones[i].zone);

  return code;
}

/* What libunbound knows of a name server it keeps for this long.  One that was silent for half a minute, as all are while a
 * computer has no network, it does not ask again before that is over: by itself for a quarter of an hour. */
#define INFRA_SECONDS "30"

static int
configure (struct ub_ctx *ub,
           const char    *server)
{
  int code = ub_ctx_async (ub, 1);

  if (code == 0)
    code = ub_ctx_set_option (ub, "do-not-query-localhost:", "no");
  if (code == 0)
    code = ub_ctx_set_option (ub, "unblock-lan-zones:", "yes");
  if (code == 0)
    code = ub_ctx_set_option (ub, "infra-host-ttl:", INFRA_SECONDS);
  if (code == 0)
    code = server != NULL ? ub_ctx_set_fwd (ub, server) : ub_ctx_resolvconf (ub, RESOLV_CONF);

  /* A computer may have none. */
  if (code == 0 && server == NULL)
    ub_ctx_hosts (ub, HOSTS);

  return code;
}

/* Last: libunbound takes no more settings then. */
static void
ask_for_private_zones (struct ub_ctx *ub)
{
  for (guint i = 0; i < G_N_ELEMENTS (private_zones); i++)
    if (private_zones[i].is_answered)
      ub_ctx_zone_add (ub, private_zones[i].zone, "transparent");
}

PhDnsContext *
ph_dns_context_new (PhPoller   *poller,
                    const char *server,
                    PhDnsAnchor anchor,
                    const char *anchor_file,
                    GError    **error)
{
  g_autoptr (PhDnsContext) self = g_new0 (PhDnsContext, 1);
  int code;

  g_ref_count_init (&self->refs);
  self->poller = g_object_ref (poller);
  self->ub = ub_ctx_create ();
  if (self->ub == NULL)
    {
      g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, "libunbound did not start");
      return NULL;
    }

  code = configure (self->ub, server);
  if (code == 0)
    code = trust (self->ub, anchor, anchor_file);
  if (code != 0)
    {
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, "DNS server %s: %s",
                   server != NULL ? server : "from " RESOLV_CONF, ub_strerror (code));
      return NULL;
    }

  ask_for_private_zones (self->ub);
  self->watch = ph_poller_add_watch (poller, ub_fd (self->ub), PH_POLL_IN, on_events, self);

  return g_steal_pointer (&self);
}
