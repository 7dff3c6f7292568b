#pragma once

#include "ph-journal-session.h"
#include "ph-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * PhStateLook:
 *
 * How the window shows what state something is in: a symbol, a word, and the style of both.
 * Constant, and never NULL.
 */
typedef struct
{
  const char *icon_name;
  const char *label; /* untranslated */
  const char *style;
} PhStateLook;

/* The states of relay/ph-queue-item.h, which the window knows by their numbers in the
 * property "state" alone. */
typedef enum {
  PH_QUEUE_LOOK_DUE,
  PH_QUEUE_LOOK_TRYING,
  PH_QUEUE_LOOK_DEFERRED,
  PH_QUEUE_LOOK_HELD,
  PH_QUEUE_LOOK_GUARDED,
  PH_QUEUE_LOOK_DONE,
  PH_QUEUE_LOOK_FAILED,
} PhQueueLook;

const PhStateLook *ph_state_look_of_queue (guint state);
const PhStateLook *ph_state_look_of_session (PhJournalState state);
const PhStateLook *ph_state_look_of_service (PhServiceState state);

/* Gives an image this look in place of the one that it has, `shown`, which is NULL at first. */
void ph_state_look_show (const PhStateLook  *self,
                         GtkImage           *image,
                         const PhStateLook **shown);

G_END_DECLS
