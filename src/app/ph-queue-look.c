#include "ph-queue-look.h"

#include <glib/gi18n.h>

static const PhQueueLook looks[] = {
  [PH_QUEUE_LOOK_DUE] = { "content-loading-symbolic", N_ ("Due"), "accent" },
                          [PH_QUEUE_LOOK_TRYING] = { "network-transmit-symbolic", N_ ("Trying"), "accent" },
                                                     [PH_QUEUE_LOOK_DEFERRED] = { "document-open-recent-symbolic", N_ ("Deferred"), "warning" },
                                                                                  [PH_QUEUE_LOOK_HELD] = { "media-playback-pause-symbolic", N_ ("Held"), "dim-label" },
                                                                                                           [PH_QUEUE_LOOK_GUARDED] = { "security-high-symbolic", N_ ("Kept back by the guard"), "warning" },
                                                                                                                                       [PH_QUEUE_LOOK_DONE] = { "emblem-ok-symbolic", N_ ("Delivered"), "success" },
                                                                                                                                                                [PH_QUEUE_LOOK_FAILED] = { "dialog-error-symbolic", N_ ("Failed"), "error" },
                                                                                                                                                                };

const PhQueueLook *
ph_queue_look_get (guint state)
{
  return &looks[MIN (state, G_N_ELEMENTS (looks) - 1)];
}
