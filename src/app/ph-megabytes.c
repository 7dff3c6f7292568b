#include "ph-megabytes.h"

#define MEGABYTE (1024 * 1024)

static gboolean
from_bytes (GBinding     *binding,
            const GValue *from,
            GValue       *to,
            gpointer      data)
{
  g_value_set_double (to, (double)g_value_get_uint64 (from) / MEGABYTE);

  return TRUE;
}

static gboolean
to_bytes (GBinding     *binding,
          const GValue *from,
          GValue       *to,
          gpointer      data)
{
  g_value_set_uint64 (to, (guint64)(g_value_get_double (from) * MEGABYTE));

  return TRUE;
}

GBinding *
ph_megabytes_bind (gpointer    source,
                   const char *property,
                   gpointer    spin_button)
{
  return g_object_bind_property_full (source, property, spin_button, "value", G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL, from_bytes, to_bytes, NULL, NULL);
}
