#include "ph-imap-number.h"

void
ph_imap_number_append (guint64  number,
                       GString *out)
{
  char  digits[20];
  gsize at = sizeof digits;

  do
    {
      digits[--at] = (char)('0' + number % 10);
      number /= 10;
    }
  while (number > 0);

  g_string_append_len (out, digits + at, (gssize)(sizeof digits - at));
}
