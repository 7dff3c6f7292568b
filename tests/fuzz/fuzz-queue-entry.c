/* ID.env, which any program may drop into the relay directory: it is refused with a word, or read;
 * and what was read and written again is read as the same (V14, V44). */

#include "ph-queue-entry.h"

#include "fuzz-target.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhQueueEntry) entry = ph_queue_entry_parse ("fuzz", (const char *)data, size, &error);
  g_autoptr (PhQueueEntry) again = NULL;
  g_autofree char *text = NULL, *text_again = NULL;

  g_assert_true ((entry != NULL) == (error == NULL));
  if (entry == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  g_assert_cmpuint (entry->addressees->len, <=, PH_QUEUE_RECIPIENTS_MAX);
  g_assert_null (strpbrk (entry->sender, "\r\n"));
  for (guint i = 0; i < entry->addressees->len; i++)
    g_assert_null (strpbrk (((PhQueueAddressee *)entry->addressees->pdata[i])->address, "\r\n"));

  text = ph_queue_entry_format (entry);
  again = ph_queue_entry_parse ("fuzz", text, strlen (text), &error);
  g_assert_no_error (error);
  text_again = ph_queue_entry_format (again);
  g_assert_cmpstr (text_again, ==, text);

  return 0;
}
