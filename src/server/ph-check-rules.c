#include "ph-check-rules.h"

#include <arpa/inet.h>
#include <string.h>

/* RFC 1918, RFC 4193, and what never leaves a link or a computer. */
static const char *const private_networks[] = { "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10" };

PhCheckRules *
ph_check_rules_copy (const PhCheckRules *self)
{
  PhCheckRules *copy = g_memdup2 (self, sizeof *self);

  copy->trusted = g_strdup (self->trusted);

  return copy;
}

void
ph_check_rules_free (PhCheckRules *self)
{
  g_free ((char *)self->trusted);
  g_free (self);
}

/* "192.0.2.0/24", "2001:db8::1".  FALSE where it is none. */
static gboolean
parse_network (const char *text,
               int        *family,
               guint8      network[16],
               guint      *prefix)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);
  guint64 bits;

  if (parts[0] == NULL)
    return FALSE;
  *family = strchr (text, ':') != NULL ? AF_INET6 : AF_INET;
  bits = *family == AF_INET ? 32 : 128;
  if (inet_pton (*family, parts[0], network) != 1 || (parts[1] != NULL && !g_ascii_string_to_unsigned (parts[1], 10, 0, bits, &bits, NULL)))
    return FALSE;
  *prefix = (guint)bits;

  return TRUE;
}

static gboolean
is_in (const PhClientAddress *client,
       const char            *network)
{
  guint8 bytes[16];
  guint  prefix;
  int    family;

  return parse_network (network, &family, bytes, &prefix) && family == client->family && ph_client_address_is_in (client, bytes, prefix);
}

static gboolean
is_private (const PhClientAddress *client)
{
  for (guint i = 0; i < G_N_ELEMENTS (private_networks); i++)
    if (is_in (client, private_networks[i]))
      return TRUE;

  return FALSE;
}

static gboolean
is_trusted (const PhCheckRules    *self,
            const PhClientAddress *client)
{
  g_auto (GStrv) words = g_strsplit_set (self->trusted, " ,;", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (g_ascii_strcasecmp (words[i], "private") == 0 ? is_private (client) : is_in (client, words[i]))
      return TRUE;

  return FALSE;
}

char *
ph_check_rules_find_wrong (const PhCheckRules *self)
{
  g_auto (GStrv) words = g_strsplit_set (self->trusted, " ,;", -1);
  guint8 bytes[16];
  guint  prefix;
  int    family;

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && g_ascii_strcasecmp (words[i], "private") != 0 && !parse_network (words[i], &family, bytes, &prefix))
      return g_strdup (words[i]);

  return NULL;
}

gboolean
ph_check_rules_apply_to (const PhCheckRules *self,
                         const char         *address)
{
  PhClientAddress client;

  if (self->checks == PH_CHECKS_OFF || !ph_client_address_parse (&client, address))
    return FALSE;

  return self->checks != PH_CHECKS_AUTO || (self->guard_is_open && !ph_client_address_is_loopback (&client));
}

/* Only the author's domain has a say in what becomes of the message. */
static PhSmtpReply *
judge_dmarc (const PhDmarcOutcome *dmarc)
{
  switch (dmarc->result)
    {
    case PH_DMARC_FAIL:
      if (dmarc->disposition != PH_DMARC_POLICY_REJECT)
        return NULL;
      return ph_smtp_reply_new (550, "5.7.26", "%s asks that mail like this be refused (DMARC): %s", dmarc->domain, dmarc->because.english);
    case PH_DMARC_TEMPERROR:
      if (dmarc->policy_known && dmarc->policy != PH_DMARC_POLICY_REJECT)
        return NULL;
      return ph_smtp_reply_new (451, "4.4.3", "Who sent this for %s can't be checked now (DNS); try again later", dmarc->domain);
    case PH_DMARC_PERMERROR:
      return ph_smtp_reply_new (550, "5.7.26", "From names too many domains");
    case PH_DMARC_NONE:
    case PH_DMARC_PASS:
    default:
      return NULL;
    }
}

static PhSmtpReply *
judge_spf (const PhSpfOutcome *spf,
           const char         *address)
{
  if (spf->result == PH_SPF_FAIL && spf->explanation != NULL)
    return ph_smtp_reply_new (550, "5.7.23", "%s may not send for %s (SPF), which explains: %s", address, spf->domain, spf->explanation);
  if (spf->result == PH_SPF_FAIL)
    return ph_smtp_reply_new (550, "5.7.23", "%s may not send for %s (SPF)", address, spf->domain);
  if (spf->result == PH_SPF_TEMPERROR)
    return ph_smtp_reply_new (451, "4.7.24", "Who may send for %s can't be checked now (SPF); try again later", spf->domain);

  return NULL;
}

PhSmtpReply *
ph_check_rules_judge (const PhCheckRules    *self,
                      const PhSenderVerdict *verdict)
{
  PhSmtpReply *refusal;

  if (self->checks != PH_CHECKS_ENFORCE || is_trusted (self, &verdict->client))
    return NULL;
  /* RFC 7505 section 4.2 */
  if (verdict->null_mx)
    return ph_smtp_reply_new (550, "5.7.27", "The domain of %s takes no mail (null MX)", verdict->sender);

  refusal = judge_dmarc (&verdict->dmarc);
  if (refusal == NULL && self->refuse_spf_fail && verdict->dmarc.result != PH_DMARC_PASS)
    refusal = judge_spf (&verdict->spf, verdict->client.text);

  return refusal;
}

gboolean
ph_check_rules_is_suspect (const PhCheckRules    *self,
                           const PhSenderVerdict *verdict)
{
  return self->junk_suspects && self->checks == PH_CHECKS_ENFORCE && verdict->dmarc.result == PH_DMARC_FAIL &&
         verdict->dmarc.disposition == PH_DMARC_POLICY_QUARANTINE && !is_trusted (self, &verdict->client);
}
