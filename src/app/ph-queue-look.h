#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhQueueLook:
 *
 * How the window shows the states of relay/ph-queue-item.h, which it knows by their
 * numbers in the property "state" alone.
 */
typedef enum {
  PH_QUEUE_LOOK_DUE,
  PH_QUEUE_LOOK_TRYING,
  PH_QUEUE_LOOK_DEFERRED,
  PH_QUEUE_LOOK_HELD,
  PH_QUEUE_LOOK_GUARDED,
  PH_QUEUE_LOOK_DONE,
  PH_QUEUE_LOOK_FAILED,
} PhQueueLookState;

typedef struct
{
  const char *icon_name;
  const char *label; /* untranslated */
  const char *style;
} PhQueueLook;

/* Never NULL. */
const PhQueueLook *ph_queue_look_get (guint state);

G_END_DECLS
