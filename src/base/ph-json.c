#include "ph-json.h"

void
ph_json_append_string (GString    *target,
                       const char *text)
{
  g_string_append_c (target, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (target, "\\%c", *p);
      else if ((guchar)*p < 0x20)
        g_string_append_printf (target, "\\u%04x", (guint)(guchar)*p);
      else
        g_string_append_c (target, *p);
    }
  g_string_append_c (target, '"');
}
