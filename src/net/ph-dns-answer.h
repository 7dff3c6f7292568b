#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The values are those of the protocol (RFC 1035, 3596, 6698). */
typedef enum {
  PH_DNS_A = 1,
  PH_DNS_CNAME = 5,
  PH_DNS_PTR = 12,
  PH_DNS_MX = 15,
  PH_DNS_TXT = 16,
  PH_DNS_AAAA = 28,
  PH_DNS_TLSA = 52,
} PhDnsType;

typedef struct
{
  guint16 preference; /* MX; else 0 */
  char   *name;       /* MX, PTR, CNAME: without the last dot, "" for the root (null MX, RFC 7505);
                       * bytes that no host name has are written \DDD.
                       * A, AAAA: the address in figures.  TXT, TLSA: NULL */
  GBytes *data;       /* TXT: its strings joined, any bytes; TLSA: as on the wire; else NULL */
} PhDnsRecord;

/**
 * PhDnsAnswer:
 *
 * The records of one type that a name has (after CNAMEs), in the order of the
 * answer; at least one.  Immutable, reference counted.
 */
typedef struct
{
  PhDnsType  type;
  guint      ttl;       /* seconds */
  gboolean   is_secure; /* proven by DNSSEC, with each CNAME on the way; never without a trust anchor */
  char      *canonical; /* the name that CNAMEs led to, without the last dot; NULL where there were none */
  GPtrArray *records;   /* of PhDnsRecord */
} PhDnsAnswer;

#define PH_TYPE_DNS_ANSWER (ph_dns_answer_get_type ())
GType        ph_dns_answer_get_type (void) G_GNUC_CONST;
PhDnsAnswer *ph_dns_answer_new (PhDnsType type);
PhDnsAnswer *ph_dns_answer_ref (PhDnsAnswer *self);
void         ph_dns_answer_unref (PhDnsAnswer *self);

/* Adds the record whose wire form (names not compressed) is given; a broken one is left
 * out and FALSE. */
gboolean ph_dns_answer_add (PhDnsAnswer  *self,
                            const guint8 *data,
                            gsize         length);

/* Borrowed. */
static inline const PhDnsRecord *
ph_dns_answer_get (const PhDnsAnswer *self,
                   guint              i)
{
  return g_ptr_array_index (self->records, i);
}

/* The bytes of a TXT record, never NULL: an empty one has none. Borrowed. */
static inline const char *
ph_dns_answer_get_text (const PhDnsAnswer *self,
                        guint              i,
                        gsize             *length)
{
  const char *text = g_bytes_get_data (ph_dns_answer_get (self, i)->data, length);

  return text != NULL ? text : "";
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDnsAnswer, ph_dns_answer_unref)

G_END_DECLS
