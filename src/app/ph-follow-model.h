#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_TYPE_FOLLOW_MODEL (ph_follow_model_get_type ())
G_DECLARE_FINAL_TYPE (PhFollowModel, ph_follow_model, PH, FOLLOW_MODEL, GObject)

/**
 * PhFollowModel:
 *
 * A GListModel that shows another one that grows at its end, and can stop to take
 * in what is new: a list that somebody reads then neither moves nor costs anything
 * (UI-NOTES: 85–250 ms of each second otherwise).  Removals pass through always.
 * Properties: model (GListModel), following (boolean), n-new (uint: items at the
 * end that are not shown), notified.
 */
PhFollowModel *ph_follow_model_new (void);

void     ph_follow_model_set_model (PhFollowModel *self,
                                    GListModel    *model);
gboolean ph_follow_model_get_following (PhFollowModel *self);
void     ph_follow_model_set_following (PhFollowModel *self,
                                        gboolean       following);
guint    ph_follow_model_get_n_new (PhFollowModel *self);

G_END_DECLS
