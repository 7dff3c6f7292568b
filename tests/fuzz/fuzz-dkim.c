/* A message with DKIM-Signature fields, after a line that is the key record which all of them find.  Whatever it is, each
 * signature gets a result, however the body is cut; and what is no list of tags is none. */

#include "ph-dkim-verifier.h"
#include "ph-dmarc.h"
#include "ph-tag-list.h"

#include "fuzz-target.h"

#include <string.h>

static PhDnsAnswer *
make_answer (const uint8_t *text,
             size_t         length)
{
  PhDnsAnswer *answer = ph_dns_answer_new (PH_DNS_TXT);
  g_autoptr (GByteArray) wire = g_byte_array_new ();

  do
    {
      guint8 part = (guint8)MIN (length, 255);

      g_byte_array_append (wire, &part, 1);
      g_byte_array_append (wire, text, part);
      text += part;
      length -= part;
    }
  while (length > 0);
  g_assert_true (ph_dns_answer_add (answer, wire->data, wire->len));

  return answer;
}

static char *
verify (const uint8_t *data,
        size_t         size,
        size_t         piece,
        PhDnsAnswer   *answer)
{
  const uint8_t *blank = memmem (data, size, "\r\n\r\n", 4);
  size_t         end = blank != NULL ? (size_t)(blank - data) + 4 : size;
  g_autoptr (GBytes) header = g_bytes_new (data, end);
  g_autoptr (PhDkimVerifier) verifier = ph_dkim_verifier_new (header, 1600000000);
  g_autoptr (PhDnsFacts) facts = ph_dns_facts_new ();
  GPtrArray  *signatures = ph_dkim_verifier_get_signatures (verifier);
  GString    *results = g_string_new (NULL);
  PhDnsType   type;
  const char *name;

  for (size_t at = end; at < size; at += piece)
    ph_dkim_verifier_feed (verifier, data + at, MIN (piece, size - at));
  ph_dkim_verifier_end (verifier);
  while (!ph_dkim_verifier_check (verifier, facts))
    while (ph_dns_facts_take_question (facts, &type, &name))
      ph_dns_facts_add (facts, type, name, PH_DNS_FACT_RECORDS, answer);

  g_assert_cmpuint (signatures->len, <=, PH_DKIM_SIGNATURES_MAX);
  for (guint i = 0; i < signatures->len; i++)
    {
      const PhDkimSignature *signature = signatures->pdata[i];

      g_assert_cmpint (signature->result, !=, PH_DKIM_PENDING);
      g_assert_true (signature->domain == NULL || ph_dns_facts_is_name (signature->domain));
      g_string_append_printf (results, "%s %s\n", ph_dkim_result_get_name (signature->result), signature->reason.english);
    }

  return g_string_free (results, FALSE);
}

static void
try_message (const uint8_t *data,
             size_t         size)
{
  const uint8_t *line_end = memchr (data, '\n', size);
  size_t         key_length = line_end != NULL ? (size_t)(line_end - data) : size;
  size_t         start = MIN (key_length + 1, size);
  /* Exactly as long as it is, so that a byte too many is seen. */
  g_autofree uint8_t *message = g_malloc (MAX (size - start, 1));
  g_autoptr (PhDnsAnswer) answer = make_answer (data, key_length);
  g_autofree char *whole = NULL;
  g_autofree char *cut = NULL;

  memcpy (message, data + start, size - start);
  whole = verify (message, size - start, size + 1, answer);
  cut = verify (message, size - start, 3, answer);
  g_assert_cmpstr (whole, ==, cut);
}

static void
try_list (const char *text,
          size_t      size)
{
  g_autoptr (PhTagList) tags = ph_tag_list_parse (text, size, FALSE);
  g_autoptr (PhTagList) lenient = ph_tag_list_parse (text, size, TRUE);
  const PhTag  *first = tags != NULL ? ph_tag_list_get_first (tags) : NULL;
  PhDmarcRecord record;

  g_assert_nonnull (lenient);
  if (ph_dmarc_record_parse (text, size, &record))
    g_assert_cmpuint (record.percent, <=, 100);
  if (first != NULL)
    {
      g_autoptr (GBytes) bytes = ph_tag_decode (first->value);
      g_auto (GStrv) parts = ph_tag_split (first->value);

      g_assert_true (bytes == NULL || g_bytes_get_size (bytes) <= size);
      g_assert_true (parts == NULL || g_strv_length (parts) <= size + 1);
      g_assert_cmpstr (ph_tag_list_get (lenient, first->name), ==, first->value);
      g_assert_cmpuint (first->offset + first->length, <=, size);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;

  try_message (data, size);
  try_list ((const char *)data, size);

  return 0;
}
