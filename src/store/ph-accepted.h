#pragma once

#include "ph-spool.h"
#include "ph-store-error.h"

G_BEGIN_DECLS

/**
 * PhAccepted:
 *
 * A message for more than one destination (several mailboxes, or mailboxes and the relay
 * queue) that was accepted as a whole: DATA/intake/ID.eml, a link of the message, and
 * ID.env, which says what is to become of it and makes the pair count.  When both are
 * on disk the message is accepted; after a crash what is missing is done from them, each
 * part once, by the ID.  (A message for one mailbox needs none of it: its own file is the
 * record.  tests/bench/README.md says why there is no append-only log for all.)  A plain struct; functions block and are for workers or the start.
 */
typedef struct
{
  guint64 id;
  int     fd;            /* of ID.eml, or -1 */
  char  **mailboxes;     /* addresses */
  GBytes *elsewhere;     /* the server's, for the relay; NULL where that is done */
  gint64  internal_date; /* seconds */
  gint16  zone;

  PhSpecialUse place; /* in each mailbox, see ph_spool_set_place() */
} PhAccepted;

void ph_accepted_free (PhAccepted *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhAccepted, ph_accepted_free)

/* On disk when it returns. `self->fd` is not used. */
gboolean ph_accepted_write (const PhAccepted *self,
                            int               dir_fd,
                            PhSpool          *spool,
                            GError          **error);

/* Elsewhere is done: before the relay sends anything. */
gboolean ph_accepted_set_queued (int      dir_fd,
                                 guint64  id,
                                 GError **error);

/* All is done, or taken back. */
gboolean ph_accepted_remove (int      dir_fd,
                             guint64  id,
                             GError **error);

/* What a crash left, by id; removes what never counted, and renames what can't be read
 * (V44) to ID.damaged. */
GPtrArray *ph_accepted_list (int      dir_fd,
                             GError **error);

G_END_DECLS
