/* SPF records and their macros: the first line is the record of a domain, each that follows the answer to a question ("!" is
 * none, "?" trouble).  A check ends, and asks no more than its limits allow. */

#include "ph-spf-macro.h"
#include "ph-spf-record.h"
#include "ph-spf.h"

#include "fuzz-target.h"

#include <string.h>

/* Each of ten terms may ask for its target and ten hosts, and for the client's names. */
#define QUESTIONS_MAX (11 + 10 * 22 + 12)

static void
add_text (PhDnsAnswer *answer,
          const char  *text,
          gsize        length)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();

  do
    {
      guint8 part = (guint8)MIN (length, 255);

      g_byte_array_append (wire, &part, 1);
      g_byte_array_append (wire, (const guint8 *)text, part);
      text += part;
      length -= part;
    }
  while (length > 0);
  g_assert_true (ph_dns_answer_add (answer, wire->data, wire->len));
}

/* Whatever is asked for gets the line, as a text, or as bytes on the wire. */
static void
answer (PhDnsFacts *facts,
        PhDnsType   type,
        const char *name,
        const char *line,
        gsize       length)
{
  g_autoptr (PhDnsAnswer) found = ph_dns_answer_new (type);

  if (type == PH_DNS_TXT)
    add_text (found, line, length);
  else if (type == PH_DNS_A || type == PH_DNS_AAAA)
    ph_dns_answer_add (found, (const guint8 *)"\xc0\0\2\1\0\0\0\0\0\0\0\0\0\0\0", type == PH_DNS_A ? 4 : 16);
  else
    for (guint i = 0; i < 12; i++)
      ph_dns_answer_add (found, type == PH_DNS_MX ? (const guint8 *)"\0\1\1a\4test" : (const guint8 *)"\1a\4test", type == PH_DNS_MX ? 10 : 8);

  if (found->records->len == 0 || (length > 0 && *line == '!'))
    ph_dns_facts_add (facts, type, name, PH_DNS_FACT_NO_DATA, NULL);
  else if (length > 0 && *line == '?')
    ph_dns_facts_add (facts, type, name, PH_DNS_FACT_TROUBLE, NULL);
  else
    ph_dns_facts_add (facts, type, name, PH_DNS_FACT_RECORDS, found);
}

static void
check (const char *text,
       gsize       size,
       const char *address)
{
  const PhSpfQuery query = { address, "a.b-c@example.test", "helo.test", "us.test", 1 };
  g_autoptr (PhDnsFacts) facts = ph_dns_facts_new ();
  g_auto (PhSpfOutcome) outcome = { PH_SPF_NONE };
  guint n = 0;

  while (!ph_spf_check (&query, facts, &outcome))
    {
      PhDnsType   type;
      const char *name;
      guint       before = n;

      for (; ph_dns_facts_take_question (facts, &type, &name); n++)
        {
          const char *end = memchr (text, '\n', size);
          gsize       length = end != NULL ? (gsize)(end - text) : size;

          g_assert_true (ph_dns_facts_is_name (name));
          answer (facts, type, name, text, length);
          text += MIN (length + 1, size);
          size -= MIN (length + 1, size);
        }
      g_assert_cmpuint (n, >, before);
    }
  g_assert_cmpuint (n, <=, QUESTIONS_MAX);
  g_assert_nonnull (outcome.because.english);
  for (const char *c = outcome.explanation; c != NULL && *c != '\0'; c++)
    g_assert_true (g_ascii_isprint (*c));
}

static void
try_macro (const char *text)
{
  const PhSpfMacroValues values = { .local = "a.b-c", .origin = "o.test", .domain = "d.test", .helo = "h.test", .address = "192.0.2.1", .dotted = "192.0.2.1" };

  ph_spf_macro_needs_validated (text);
  if (ph_spf_macro_is_domain_spec (text))
    {
      g_autofree char *name = ph_spf_macro_expand_domain (text, &values);

      g_assert_true (ph_spf_macro_is_explanation (text));
      g_assert_true (name == NULL || ph_dns_facts_is_name (name));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *string = g_strndup ((const char *)data, size);
  g_auto (PhReason) why = { NULL, NULL };
  g_autoptr (PhSpfRecord) record = NULL;

  check ((const char *)data, size, "192.0.2.1");
  check ((const char *)data, size, "2001:db8::1");
  try_macro (string);
  if (ph_spf_record_is ((const char *)data, size))
    {
      record = ph_spf_record_parse ((const char *)data, size, "a.test", &why);
      g_assert_true ((record == NULL) == (why.english != NULL));
    }

  return 0;
}
