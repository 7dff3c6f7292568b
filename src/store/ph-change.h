#pragma once

#include "ph-mailbox.h"

G_BEGIN_DECLS

/**
 * PhChange:
 *
 * What one committed job did to one folder: made by the worker, applied to the open
 * mailbox in the main context in the order of commits.  Owned by the job.
 */
typedef struct
{
  gint64   folder;
  GArray  *added;    /* of PhMessageInfo, ascending */
  GArray  *changed;  /* of PhMessageInfo: uid, flags, keywords, modseq and size count */
  GArray  *removed;  /* of guint32, ascending */
  char   **keywords; /* all of them, or NULL where none was made */
  guint32  uidnext;
  guint32  recent; /* 0: as it was */
  guint64  modseq;
  gboolean deleted; /* the folder is gone */
  char    *name;    /* its new name, or NULL */
} PhChange;

PhChange *ph_change_new (gint64 folder);
void      ph_change_free (PhChange *self);
gboolean  ph_change_is_empty (const PhChange *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhChange, ph_change_free)

G_END_DECLS
