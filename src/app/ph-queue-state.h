#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhQueueStateLook:
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
} PhQueueLook;

typedef struct
{
  const char *icon_name;
  const char *label; /* untranslated */
  const char *style;
} PhQueueStateLook;

/* Never NULL. */
const PhQueueStateLook *ph_queue_state_get_look (guint state);

G_END_DECLS
