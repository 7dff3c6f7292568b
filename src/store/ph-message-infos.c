#include "ph-message-infos.h"

#include <string.h>

PhMessageInfos *
ph_message_infos_new (guint n)
{
  PhMessageInfos *self = g_new0 (PhMessageInfos, 1);

  self->data = g_new (PhMessageInfo, n);
  self->allocated = n;

  return self;
}

void
ph_message_infos_free (PhMessageInfos *self)
{
  g_free (self->data);
  g_free (self);
}

void
ph_message_infos_append (PhMessageInfos      *self,
                         const PhMessageInfo *infos,
                         guint                n)
{
  if (self->len + n > self->allocated)
    {
      self->allocated = MAX (self->len + n, self->allocated + self->allocated / 8 + 16);
      self->data = g_renew (PhMessageInfo, self->data, self->allocated);
    }
  memcpy (self->data + self->len, infos, n * sizeof *infos);
  self->len += n;
}
