#include "ph-dns-facts.h"

#include <string.h>

/* RFC 1035 section 2.3.4, as text without the last dot. */
#define NAME_MAX_LENGTH 253
#define LABEL_MAX_LENGTH 63

typedef struct
{
  PhDnsType    type;
  char        *name;
  PhDnsFact    fact;
  PhDnsAnswer *answer;
} Entry;

struct _PhDnsFacts
{
  GHashTable *entries; /* a set of Entry, which `order` owns */
  GPtrArray  *order;
  guint       n_taken; /* of `order` */
  gboolean    closed;
};

static guint
entry_hash (gconstpointer data)
{
  const Entry *entry = data;

  return g_str_hash (entry->name) ^ (guint)entry->type;
}

static gboolean
entry_equal (gconstpointer a,
             gconstpointer b)
{
  const Entry *one = a, *other = b;

  return one->type == other->type && strcmp (one->name, other->name) == 0;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->answer, ph_dns_answer_unref);
  g_free (entry->name);
  g_free (entry);
}

PhDnsFacts *
ph_dns_facts_new (void)
{
  PhDnsFacts *self = g_new0 (PhDnsFacts, 1);

  self->entries = g_hash_table_new (entry_hash, entry_equal);
  self->order = g_ptr_array_new_with_free_func (entry_free);

  return self;
}

void
ph_dns_facts_free (PhDnsFacts *self)
{
  g_hash_table_unref (self->entries);
  g_ptr_array_unref (self->order);
  g_free (self);
}

static char *
canonicalize (const char *name)
{
  char *lower = g_ascii_strdown (name, -1);
  gsize length = strlen (lower);

  if (length > 0 && lower[length - 1] == '.')
    lower[length - 1] = '\0';

  return lower;
}

gboolean
ph_dns_facts_is_name (const char *text)
{
  gsize length = strlen (text);
  gsize label = 0;

  if (length > 0 && text[length - 1] == '.')
    length--;
  if (length == 0 || length > NAME_MAX_LENGTH)
    return FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isgraph (text[i]) || text[i] == '\\')
        return FALSE;
      if (text[i] == '.' && label == 0)
        return FALSE;
      label = text[i] == '.' ? 0 : label + 1;
      if (label > LABEL_MAX_LENGTH)
        return FALSE;
    }

  return label > 0;
}

static Entry *
find (PhDnsFacts *self,
      PhDnsType   type,
      const char *name)
{
  Entry key = { type, (char *)name };

  return g_hash_table_lookup (self->entries, &key);
}

PhDnsFact
ph_dns_facts_look_up (PhDnsFacts         *self,
                      PhDnsType           type,
                      const char         *name,
                      const PhDnsAnswer **answer)
{
  g_autofree char *canonical = NULL;
  Entry           *entry;

  *answer = NULL;
  if (!ph_dns_facts_is_name (name))
    return PH_DNS_FACT_NO_NAME;

  canonical = canonicalize (name);
  entry = find (self, type, canonical);
  if (entry == NULL && (self->closed || self->order->len >= PH_DNS_FACTS_MAX))
    return PH_DNS_FACT_TROUBLE;
  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->type = type;
      entry->name = g_steal_pointer (&canonical);
      g_ptr_array_add (self->order, entry);
      g_hash_table_add (self->entries, entry);
    }
  if (entry->fact == PH_DNS_FACT_WANTED && self->closed)
    return PH_DNS_FACT_TROUBLE;

  *answer = entry->answer;

  return entry->fact;
}

gboolean
ph_dns_facts_take_question (PhDnsFacts  *self,
                            PhDnsType   *type,
                            const char **name)
{
  const Entry *entry;

  if (self->closed || self->n_taken >= self->order->len)
    return FALSE;

  entry = self->order->pdata[self->n_taken++];
  *type = entry->type;
  *name = entry->name;

  return TRUE;
}

void
ph_dns_facts_add (PhDnsFacts  *self,
                  PhDnsType    type,
                  const char  *name,
                  PhDnsFact    fact,
                  PhDnsAnswer *answer)
{
  g_autofree char *canonical = canonicalize (name);
  Entry           *entry = find (self, type, canonical);

  g_return_if_fail (entry != NULL && (fact == PH_DNS_FACT_RECORDS) == (answer != NULL));

  entry->fact = fact;
  entry->answer = answer != NULL ? ph_dns_answer_ref (answer) : NULL;
}

void
ph_dns_facts_close (PhDnsFacts *self)
{
  self->closed = TRUE;
}
