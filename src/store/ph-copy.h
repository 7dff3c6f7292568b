#pragma once

#include "ph-index-rows.h"

G_BEGIN_DECLS

/* Copies messages between folders of an account by hard links (I11).  The links are
 * made in the target's tmp/, where no scan looks, and renamed to cur/ after the commit:
 * so a crash leaves all copies or none, and a move never both.  Part of a job's `run`. */

/* What is to be undone where the job or its commit fails. */
typedef struct
{
  char      *directory; /* of the target */
  GPtrArray *names;     /* linked in its tmp/ */
} PhCopyLinks;

void ph_copy_links_clear (PhCopyLinks *self);
void ph_copy_links_undo (PhCopyLinks *self,
                         PhWriter    *writer);

/* `rows` are messages of `source`; those whose file is gone are left out.  `now`: real
 * time in microseconds.  Appends PhCopiedUid to `copied`.  The caller saves the rows of
 * both folders, which may be one and the same struct. */
gboolean ph_copy_messages (PhJob       *job,
                           PhWriter    *writer,
                           PhFolderRow *source,
                           PhFolderRow *target,
                           GPtrArray   *rows,
                           gboolean     move,
                           gint64       now,
                           PhCopyLinks *links,
                           GArray      *copied,
                           GError     **error);

G_END_DECLS
