#include "ph-dkim-signature.h"

#include "ph-address.h"
#include "ph-dns-facts.h"
#include "ph-tag-list.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* RFC 6008 section 4: enough to be unique. */
#define START_LENGTH 8

static const char *const result_names[] = { "", "pass", "fail", "policy", "neutral", "temperror", "permerror" };

const char *
ph_dkim_result_get_name (PhDkimResult result)
{
  return result_names[result];
}

void
ph_dkim_signature_free (PhDkimSignature *self)
{
  ph_reason_clear (&self->reason);
  g_free (self->domain);
  g_free (self->selector);
  g_free (self->algorithm);
  g_free (self->identity);
  g_free (self->start);
  g_strfreev (self->names);
  g_clear_pointer (&self->body_hash, g_bytes_unref);
  g_clear_pointer (&self->signature, g_bytes_unref);
  g_free (self);
}

void
ph_dkim_signature_accept (PhDkimSignature *self)
{
  ph_reason_clear (&self->reason);
  self->result = PH_DKIM_PASS;
}

gboolean
ph_dkim_signature_refuse (PhDkimSignature *self,
                          PhDkimResult     result,
                          const char      *format,
                          ...)
{
  va_list args;

  va_start (args, format);
  ph_reason_set_valist (&self->reason, format, args);
  va_end (args);
  self->result = result;

  return FALSE;
}

/* A name in DNS, canonical; U-labels are welcome (RFC 8616 section 5). */
static char *
normalize_domain (const char *text)
{
  g_autofree char *domain = ph_address_normalize_domain (text);

  return domain != NULL && *domain != '[' && strchr (domain, '.') != NULL && ph_dns_facts_is_name (domain) ? g_steal_pointer (&domain) : NULL;
}

static gboolean
read_domain (PhDkimSignature *self,
             const PhTagList *tags)
{
  const char *domain = ph_tag_list_get (tags, "d");
  const char *selector = ph_tag_list_get (tags, "s");

  if (domain == NULL || selector == NULL)
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("it names no domain or no selector"));
  self->domain = normalize_domain (domain);
  if (self->domain == NULL)
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("its domain is none"));
  if (!ph_dns_facts_is_name (selector) || selector[strlen (selector) - 1] == '.')
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("its selector is no name"));
  self->selector = g_ascii_strdown (selector, -1);

  return TRUE;
}

/* i= must be of the domain or one below it (section 6.1.1). */
static gboolean
read_identity (PhDkimSignature *self,
               const PhTagList *tags)
{
  const char *identity = ph_tag_list_get (tags, "i");
  const char *at = identity != NULL ? strrchr (identity, '@') : NULL;
  gsize       length, end = strlen (self->domain);

  if (identity == NULL)
    {
      self->identity = g_strdup (self->domain);
      return TRUE;
    }

  self->identity = at != NULL ? normalize_domain (at + 1) : NULL;
  length = self->identity != NULL ? strlen (self->identity) : 0;
  if (length < end || strcmp (self->identity + length - end, self->domain) != 0 || (length > end && self->identity[length - end - 1] != '.'))
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("its identity (i=) is not of its domain"));

  return TRUE;
}

static gboolean
read_algorithm (PhDkimSignature *self,
                const PhTagList *tags)
{
  static const char *const known[] = { "rsa-sha256", "ed25519-sha256", NULL };
  const char              *algorithm = ph_tag_list_get (tags, "a");
  const char              *query = ph_tag_list_get (tags, "q");

  if (algorithm == NULL)
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("it names no algorithm"));
  self->algorithm = g_ascii_strdown (algorithm, -1);
  if (strcmp (self->algorithm, "rsa-sha1") == 0)
    return ph_dkim_signature_refuse (self, PH_DKIM_POLICY, N_ ("SHA-1 is not to be relied on (RFC 8301)"));
  if (!g_strv_contains (known, self->algorithm))
    {
      g_clear_pointer (&self->algorithm, g_free);
      return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("its algorithm is not known"));
    }
  if (query != NULL)
    {
      g_auto (GStrv) queries = ph_tag_split (query);

      if (!g_strv_contains ((const char *const *)queries, "dns/txt"))
        return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("its key is not in DNS"));
    }

  return TRUE;
}

static gboolean
read_canon (PhDkimSignature *self,
            const PhTagList *tags)
{
  static const char *const words[] = { [PH_DKIM_SIMPLE] = "simple", [PH_DKIM_RELAXED] = "relaxed" };
  const char              *value = ph_tag_list_get (tags, "c");
  g_auto (GStrv) parts = g_strsplit (value != NULL ? value : "simple", "/", 3);
  PhDkimCanon canons[2] = { PH_DKIM_SIMPLE, PH_DKIM_SIMPLE };

  if (g_strv_length (parts) < 1 || g_strv_length (parts) > 2)
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("its canonical form (c=) is not known"));
  for (guint i = 0; parts[i] != NULL; i++)
    {
      guint word = 0;

      while (word < G_N_ELEMENTS (words) && g_ascii_strcasecmp (words[word], parts[i]) != 0)
        word++;
      if (word == G_N_ELEMENTS (words))
        return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("its canonical form (c=) is not known"));
      canons[i] = (PhDkimCanon)word;
    }
  self->header_canon = canons[0];
  self->body_canon = canons[1];

  return TRUE;
}

static gboolean
read_names (PhDkimSignature *self,
            const PhTagList *tags)
{
  const char *list = ph_tag_list_get (tags, "h");
  gboolean    has_from = FALSE;

  if (list == NULL)
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("it says not what it signs"));
  self->names = ph_tag_split (list);
  if (g_strv_length (self->names) > PH_DKIM_SIGNED_NAMES_MAX)
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("it signs too many fields"));
  for (guint i = 0; self->names[i] != NULL; i++)
    {
      if (*self->names[i] == '\0')
        return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("it signs a field without a name"));
      has_from |= g_ascii_strcasecmp (self->names[i], "From") == 0;
    }

  return has_from || ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("it does not sign From"));
}

static gboolean
read_hashes (PhDkimSignature *self,
             const PhTagList *tags)
{
  const PhTag *b = ph_tag_list_find (tags, "b");
  const char  *body_hash = ph_tag_list_get (tags, "bh");
  const char  *limit = ph_tag_list_get (tags, "l");

  self->signature = b != NULL ? ph_tag_decode (b->value) : NULL;
  self->body_hash = body_hash != NULL ? ph_tag_decode (body_hash) : NULL;
  if (self->signature == NULL || self->body_hash == NULL || g_bytes_get_size (self->body_hash) != PH_DKIM_HASH_SIZE)
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("its hash or its signature is none"));
  self->b_offset = b->offset;
  self->b_length = b->length;
  self->start = g_strndup (b->value, MIN (strcspn (b->value, " \t\r\n"), START_LENGTH));
  self->limit = G_MAXUINT64;
  if (limit != NULL && !ph_tag_parse_number (limit, &self->limit))
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("the length of the body (l=) is no number"));

  return TRUE;
}

static gboolean
read_times (PhDkimSignature *self,
            const PhTagList *tags,
            gint64           now)
{
  const char *made = ph_tag_list_get (tags, "t");
  const char *ends = ph_tag_list_get (tags, "x");
  guint64     made_at = 0, ends_at = 0;

  if ((made != NULL && !ph_tag_parse_number (made, &made_at)) || (ends != NULL && !ph_tag_parse_number (ends, &ends_at)))
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("its time is no number"));
  if (ends != NULL && made != NULL && ends_at <= made_at)
    return ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("it ends before it begins"));
  if (ends != NULL && (gint64)ends_at < now)
    return ph_dkim_signature_refuse (self, PH_DKIM_FAIL, N_ ("it has expired"));

  return TRUE;
}

PhDkimSignature *
ph_dkim_signature_parse (const char *value,
                         gsize       length,
                         gint64      now)
{
  PhDkimSignature *self = g_new0 (PhDkimSignature, 1);
  g_autoptr (PhTagList) tags = ph_tag_list_parse (value, length, FALSE);

  if (tags == NULL)
    ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("it is no list of tags"));
  else if (g_strcmp0 (ph_tag_list_get (tags, "v"), "1") != 0)
    ph_dkim_signature_refuse (self, PH_DKIM_NEUTRAL, N_ ("its version is not 1"));
  else if (read_domain (self, tags) && read_algorithm (self, tags) && read_hashes (self, tags) && read_identity (self, tags) &&
           read_canon (self, tags) && read_names (self, tags))
    read_times (self, tags, now);

  return self;
}
