#pragma once

#include "ph-outgoing.h"

G_BEGIN_DECLS

/* What the two files of PhOutgoing share; nobody else includes this. */
struct _PhOutgoing
{
  GObject parent_instance;

  const PhOutgoingParts *parts;
  char                  *id;
  PhOutgoingMode         mode;
  PhOutgoingFunc         ended;
  gpointer               user_data;

  PhQueueEntry   *entry;
  PhQueueMessage *message;
  PhMessageForms *forms; /* of it, for the attempts */
  char           *subject;
  guint           n_running; /* attempts, and the handing over to people here */
  GPtrArray      *attempts;  /* that are done, and not on disk yet */
  guint           n_saving;  /* so many of them are in what is being saved, the first ones */
  gboolean        changed;   /* since it was last written */
  gboolean        saving;
  PhQueueChange   last_change; /* that is to be made at the end */
};

gint64 ph_outgoing_get_now (PhOutgoing *self);

/* When its recipients are given up. */
gint64 ph_outgoing_get_expiry (PhOutgoing *self);

/* The first `n` attempts that are done are on disk. */
void ph_outgoing_settle_attempts (PhOutgoing *self,
                                  guint       n);

/* Called whenever something has ended; the last time, it ends all. */
void ph_outgoing_settle (PhOutgoing *self);
void ph_outgoing_end (PhOutgoing   *self,
                      PhOutgoingEnd how,
                      const GError *error);

G_END_DECLS
