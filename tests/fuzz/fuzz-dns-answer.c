/* The rdata of records, as a hostile DNS server may write it (V34). */

#include "fuzz-target.h"
#include "ph-dns-answer.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  static const PhDnsType types[] = { PH_DNS_A, PH_DNS_PTR, PH_DNS_MX, PH_DNS_TXT, PH_DNS_AAAA, PH_DNS_TLSA };
  g_autoptr (PhDnsAnswer) answer = NULL;

  if (size == 0)
    return 0;

  answer = ph_dns_answer_new (types[data[0] % G_N_ELEMENTS (types)]);
  if (ph_dns_answer_add (answer, data + 1, size - 1))
    {
      const PhDnsRecord *record = ph_dns_answer_get (answer, 0);

      g_assert_true ((record->name != NULL) != (record->data != NULL));
      g_assert_true (record->name == NULL || strlen (record->name) <= 4 * 255);
      g_assert_true (record->name == NULL || g_str_is_ascii (record->name));
    }

  return 0;
}
