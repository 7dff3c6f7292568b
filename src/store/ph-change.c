#include "ph-change.h"

PhChange *
ph_change_new (gint64 folder)
{
  PhChange *self = g_new0 (PhChange, 1);

  self->folder = folder;
  self->added = g_array_new (FALSE, FALSE, sizeof (PhMessageInfo));
  self->changed = g_array_new (FALSE, FALSE, sizeof (PhMessageInfo));
  self->removed = g_array_new (FALSE, FALSE, sizeof (guint32));

  return self;
}

void
ph_change_free (PhChange *self)
{
  g_array_unref (self->added);
  g_array_unref (self->changed);
  g_array_unref (self->removed);
  g_strfreev (self->keywords);
  g_free (self->name);
  g_free (self);
}

gboolean
ph_change_is_empty (const PhChange *self)
{
  return self->added->len == 0 && self->changed->len == 0 && self->removed->len == 0 && self->keywords == NULL && self->recent == 0 && !self->deleted && self->name == NULL;
}
