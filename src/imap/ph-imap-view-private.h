#pragma once

#include "ph-imap-view.h"
#include "ph-uid-rows.h"

G_BEGIN_DECLS

/* For the files of the view. */

struct _PhImapView
{
  PhMailbox *mailbox;
  gboolean   read_only;
  guint      enabled; /* PhImapEnabled */
  PhUidRows *entries; /* of PhImapEntry */
  GArray    *saved;   /* of guint32: "$"; or NULL */
  GArray    *gone;    /* of guint32, ascending: entries that are no longer in the mailbox, at the last sync */
  GArray    *unsure;  /* of guint32: entries that may have other flags than the message, through our own doing */
  guint      n_recent;
  guint      n_keywords_told;
  guint64    modseq_told; /* of the mailbox at the last sync, like the next two */
  guint      n_messages_told;
  guint64    n_changes_told;
  gboolean   behind; /* compare all */
  gboolean   mutes_flags;
};

static inline PhImapEntry *
ph_imap_view_peek_entry (PhImapView *self,
                         guint       position)
{
  return ph_uid_rows_get (self->entries, position);
}

/* What the mailbox has above the last entry. */
void ph_imap_view_add_new_entries (PhImapView *self);

/* All that there is has been told. */
void ph_imap_view_note_told (PhImapView *self);

G_END_DECLS
