#pragma once

#include "ph-mailbox.h"

G_BEGIN_DECLS

/**
 * PhMessageInfos:
 *
 * The messages of an open folder, by UID.  A GArray doubles, which at a million messages is
 * up to 64 MB for nothing: this takes what is there, and an eighth more when it grows.
 */
typedef struct
{
  PhMessageInfo *data;
  guint          len;
  guint          allocated;
} PhMessageInfos;

/* Room for `n`. */
PhMessageInfos *ph_message_infos_new (guint n);
void            ph_message_infos_free (PhMessageInfos *self);

void ph_message_infos_append (PhMessageInfos      *self,
                              const PhMessageInfo *infos,
                              guint                n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMessageInfos, ph_message_infos_free)

G_END_DECLS
