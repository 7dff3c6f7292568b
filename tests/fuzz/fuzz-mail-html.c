/* HTML mail, as somebody may have made it to break who reads it (V49). */

#include "fuzz-target.h"
#include "ph-mail-html.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (PhMailText) text = ph_mail_text_new ();
  gsize at = 0;

  ph_mail_html_append (text, (const char *)data, size);

  g_assert_true (g_utf8_validate (text->text->str, (gssize)text->text->len, NULL));
  for (guint i = 0; i < text->spans->len; i++)
    {
      const PhMailSpan *span = &g_array_index (text->spans, PhMailSpan, i);

      g_assert_cmpuint (span->end, >, at);
      g_assert_cmpint (span->link, <, (int)text->links->len);
      at = span->end;
    }
  g_assert_cmpuint (at, ==, text->text->len);

  return 0;
}
