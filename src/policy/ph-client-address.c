#include "ph-client-address.h"

#include <arpa/inet.h>
#include <string.h>

gboolean
ph_client_address_parse (PhClientAddress *self,
                         const char      *text)
{
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };

  *self = (PhClientAddress){ .family = strchr (text, ':') != NULL ? AF_INET6 : AF_INET };
  if (inet_pton (self->family, text, self->bytes) != 1)
    return FALSE;
  if (self->family == AF_INET6 && memcmp (self->bytes, mapped, sizeof mapped) == 0)
    {
      self->family = AF_INET;
      memmove (self->bytes, self->bytes + sizeof mapped, 4);
      memset (self->bytes + 4, 0, sizeof self->bytes - 4);
    }
  inet_ntop (self->family, self->bytes, self->text, sizeof self->text);

  return TRUE;
}

gboolean
ph_client_address_is_in (const PhClientAddress *self,
                         const guint8          *network,
                         guint                  prefix)
{
  guint whole = prefix / 8, rest = prefix % 8;

  return memcmp (self->bytes, network, whole) == 0 &&
         (rest == 0 || ((guint)(self->bytes[whole] ^ network[whole]) & (0xffu << (8 - rest)) & 0xffu) == 0);
}

static char *
format_dotted (const PhClientAddress *self,
               gboolean               backwards)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = self->family == AF_INET ? 4 : 32;

  for (guint i = 0; i < n; i++)
    {
      guint at = backwards ? n - 1 - i : i;

      if (i > 0)
        g_string_append_c (text, '.');
      if (self->family == AF_INET)
        g_string_append_printf (text, "%u", self->bytes[at]);
      else
        g_string_append_c (text, "0123456789abcdef"[at % 2 == 0 ? self->bytes[at / 2] >> 4 : self->bytes[at / 2] & 0xf]);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
ph_client_address_format_dotted (const PhClientAddress *self)
{
  return format_dotted (self, FALSE);
}

char *
ph_client_address_format_reverse (const PhClientAddress *self)
{
  g_autofree char *dotted = format_dotted (self, TRUE);

  return g_strconcat (dotted, self->family == AF_INET ? ".in-addr.arpa" : ".ip6.arpa", NULL);
}

gboolean
ph_client_address_is_loopback (const PhClientAddress *self)
{
  static const guint8 loopback6[16] = { [15] = 1 };

  return self->family == AF_INET ? self->bytes[0] == 127 : memcmp (self->bytes, loopback6, sizeof loopback6) == 0;
}
