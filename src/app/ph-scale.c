#include "ph-scale.h"

static gboolean
divide (GBinding     *binding,
        const GValue *from,
        GValue       *to,
        gpointer      unit)
{
  if (!g_value_transform (from, to))
    return FALSE;
  g_value_set_double (to, g_value_get_double (to) / GPOINTER_TO_UINT (unit));

  return TRUE;
}

static gboolean
multiply (GBinding     *binding,
          const GValue *from,
          GValue       *to,
          gpointer      unit)
{
  g_auto (GValue) product = G_VALUE_INIT;

  g_value_init (&product, G_TYPE_DOUBLE);
  g_value_set_double (&product, g_value_get_double (from) * GPOINTER_TO_UINT (unit));

  return g_value_transform (&product, to);
}

GBinding *
ph_scale_bind (gpointer    source,
               const char *property,
               gpointer    spin_button,
               guint       unit)
{
  return g_object_bind_property_full (source, property, spin_button, "value", G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL,
                                      divide, multiply, GUINT_TO_POINTER (unit), NULL);
}
