#include "ph-imap-mailbox-name.h"

#include "ph-mime-format.h"
#include "ph-mutf7.h"

#include <string.h>

/* RFC 9051 section 9: UTF-8 may stand in a quoted string.  A name has no controls. */
static void
append_quoted (GString    *out,
               const char *name)
{
  g_string_append_c (out, '"');
  for (const char *c = name; *c != '\0'; c++)
    {
      if (*c == '"' || *c == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *c);
    }
  g_string_append_c (out, '"');
}

void
ph_imap_append_mailbox (GString    *out,
                        const char *name,
                        gboolean    utf8)
{
  g_auto (PhBuffer) buffer = { 0 };
  g_autofree char *encoded = NULL;

  if (utf8)
    {
      append_quoted (out, name);
      return;
    }

  encoded = ph_mutf7_encode (name);
  if (encoded == NULL)
    encoded = g_strdup ("?");
  ph_mime_format_string (encoded, strlen (encoded), &buffer);
  g_string_append_len (out, (const char *)ph_buffer_get_data (&buffer), (gssize)ph_buffer_get_length (&buffer));
}

char *
ph_imap_format_mailbox (const char *name,
                        gboolean    utf8)
{
  GString *out = g_string_new (NULL);

  ph_imap_append_mailbox (out, name, utf8);

  return g_string_free (out, FALSE);
}
