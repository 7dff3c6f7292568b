#include "ph-dns-answer.h"

#include <arpa/inet.h>
#include <string.h>

/* RFC 1035 section 2.3.4, on the wire. */
#define MAX_NAME 255
#define MAX_LABEL 63

G_DEFINE_BOXED_TYPE (PhDnsAnswer, ph_dns_answer, ph_dns_answer_ref, ph_dns_answer_unref)

static void
record_free (gpointer data)
{
  PhDnsRecord *record = data;

  g_free (record->name);
  g_clear_pointer (&record->data, g_bytes_unref);
  g_free (record);
}

PhDnsAnswer *
ph_dns_answer_new (PhDnsType type)
{
  PhDnsAnswer *self = g_rc_box_new0 (PhDnsAnswer);

  self->type = type;
  self->records = g_ptr_array_new_with_free_func (record_free);

  return self;
}

PhDnsAnswer *
ph_dns_answer_ref (PhDnsAnswer *self)
{
  return g_rc_box_acquire (self);
}

static void
ph_dns_answer_clear (gpointer data)
{
  PhDnsAnswer *self = data;

  g_ptr_array_unref (self->records);
  g_free (self->canonical);
}

void
ph_dns_answer_unref (PhDnsAnswer *self)
{
  g_rc_box_release_full (self, ph_dns_answer_clear);
}

/* The name that fills exactly `length` bytes; NULL where it does not, or is compressed. */
static char *
parse_name (const guint8 *data,
            gsize         length)
{
  g_autoptr (GString) name = g_string_new (NULL);
  gsize at = 0;

  if (length == 0 || length > MAX_NAME)
    return NULL;

  while (data[at] != 0)
    {
      gsize label = data[at++];

      /* Room for the label and at least the root after it. */
      if (label > MAX_LABEL || label + 1 > length - at)
        return NULL;

      if (name->len > 0)
        g_string_append_c (name, '.');
      for (; label > 0; label--, at++)
        if (g_ascii_isalnum (data[at]) || data[at] == '-' || data[at] == '_')
          g_string_append_c (name, (char)data[at]);
        else
          g_string_append_printf (name, "\\%03u", data[at]);
    }

  return at + 1 == length ? g_string_free (g_steal_pointer (&name), FALSE) : NULL;
}

/* RFC 1035 section 3.3.14: one or more strings, each after its length. */
static GBytes *
parse_strings (const guint8 *data,
               gsize         length)
{
  g_autoptr (GByteArray) joined = g_byte_array_new ();
  gsize at = 0;

  while (at < length)
    {
      gsize part = data[at++];

      if (part > length - at)
        return NULL;
      g_byte_array_append (joined, data + at, (guint)part);
      at += part;
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&joined));
}

static char *
parse_address (int           family,
               const guint8 *data,
               gsize         length)
{
  char text[INET6_ADDRSTRLEN];

  if (length != (family == AF_INET ? 4 : 16))
    return NULL;

  return g_strdup (inet_ntop (family, data, text, sizeof text));
}

gboolean
ph_dns_answer_add (PhDnsAnswer  *self,
                   const guint8 *data,
                   gsize         length)
{
  PhDnsRecord *record = g_new0 (PhDnsRecord, 1);

  switch (self->type)
    {
    case PH_DNS_A:
      record->name = parse_address (AF_INET, data, length);
      break;

    case PH_DNS_AAAA:
      record->name = parse_address (AF_INET6, data, length);
      break;

    case PH_DNS_PTR:
    case PH_DNS_CNAME:
      record->name = parse_name (data, length);
      break;

    case PH_DNS_MX:
      if (length > 2)
        {
          record->preference = (guint16)(data[0] << 8 | data[1]);
          record->name = parse_name (data + 2, length - 2);
        }
      break;

    case PH_DNS_TXT:
      record->data = parse_strings (data, length);
      break;

    case PH_DNS_TLSA:
    default:
      record->data = g_bytes_new (data, length);
      break;
    }

  if (record->name == NULL && record->data == NULL)
    {
      record_free (record);
      return FALSE;
    }

  g_ptr_array_add (self->records, record);

  return TRUE;
}
