#pragma once

#include "ph-dns-facts.h"

#include <arpa/inet.h>
#include <string.h>

/* DNS out of a table, for checks that are functions of its facts. */

typedef struct
{
  const char *name;
  PhDnsType   type;  /* 0: the name is there without records; with ZONE_TROUBLE: nobody answers */
  const char *value; /* an address, a text, a name, "10 NAME" */
} ZoneRecord;

#define ZONE_TROUBLE "(trouble)"

/* Wire form of a name, where each label is shorter than 64. */
static inline void
zone_append_name (GByteArray *out,
                  const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);

  for (guint i = 0; labels[i] != NULL; i++)
    if (*labels[i] != '\0')
      {
        guint8 length = (guint8)strlen (labels[i]);

        g_byte_array_append (out, &length, 1);
        g_byte_array_append (out, (const guint8 *)labels[i], length);
      }
  g_byte_array_append (out, (const guint8 *)"", 1);
}

static inline void
zone_append_text (GByteArray *out,
                  const char *text)
{
  gsize left = strlen (text);

  do
    {
      guint8 length = (guint8)MIN (left, 255);

      g_byte_array_append (out, &length, 1);
      g_byte_array_append (out, (const guint8 *)text, length);
      text += length;
      left -= length;
    }
  while (left > 0);
}

static inline void
zone_add_record (PhDnsAnswer *answer,
                 const char  *value)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  guint8 address[16];

  if (answer->type == PH_DNS_A || answer->type == PH_DNS_AAAA)
    {
      g_assert_cmpint (inet_pton (answer->type == PH_DNS_A ? AF_INET : AF_INET6, value, address), ==, 1);
      g_byte_array_append (wire, address, answer->type == PH_DNS_A ? 4 : 16);
    }
  else if (answer->type == PH_DNS_TXT)
    zone_append_text (wire, value);
  else
    {
      if (answer->type == PH_DNS_MX)
        {
          guint8 preference[2] = { 0, (guint8)g_ascii_strtoull (value, NULL, 10) };

          g_byte_array_append (wire, preference, 2);
          value = strchr (value, ' ') + 1;
        }
      zone_append_name (wire, value);
    }
  g_assert_true (ph_dns_answer_add (answer, wire->data, wire->len));
}

static inline void
zone_answer (const ZoneRecord *zone, /* ends with a NULL name */
             PhDnsFacts       *facts,
             PhDnsType         type,
             const char       *name)
{
  g_autoptr (PhDnsAnswer) answer = ph_dns_answer_new (type);
  PhDnsFact fact = PH_DNS_FACT_NO_NAME;

  for (; zone->name != NULL; zone++)
    {
      if (g_ascii_strcasecmp (zone->name, name) != 0)
        continue;
      if (fact == PH_DNS_FACT_NO_NAME)
        fact = PH_DNS_FACT_NO_DATA;
      if ((zone->type == type || zone->type == 0) && g_strcmp0 (zone->value, ZONE_TROUBLE) == 0)
        fact = PH_DNS_FACT_TROUBLE;
      else if (zone->type == type)
        zone_add_record (answer, zone->value);
    }
  if (answer->records->len > 0)
    fact = PH_DNS_FACT_RECORDS;
  ph_dns_facts_add (facts, type, name, fact, fact == PH_DNS_FACT_RECORDS ? answer : NULL);
}

/* Answers what is asked; FALSE where nothing is.  *n counts the questions. */
static inline gboolean
zone_answer_all (const ZoneRecord *zone,
                 PhDnsFacts       *facts,
                 guint            *n)
{
  PhDnsType   type;
  const char *name;
  gboolean    any = FALSE;

  while (ph_dns_facts_take_question (facts, &type, &name))
    {
      zone_answer (zone, facts, type, name);
      any = TRUE;
      (*n)++;
    }

  return any;
}
