#include "ph-queue-state.h"

static const char *const words[] = {
  [PH_QUEUE_DUE] = "due",
  [PH_QUEUE_TRYING] = "trying",
  [PH_QUEUE_DEFERRED] = "deferred",
  [PH_QUEUE_HELD] = "held",
  [PH_QUEUE_GUARDED] = "guarded",
  [PH_QUEUE_DONE] = "done",
  [PH_QUEUE_FAILED] = "failed",
};

const char *
ph_queue_state_to_word (PhQueueState state)
{
  return words[state];
}

PhQueueState
ph_queue_state_from_word (const char *word)
{
  for (guint i = 0; word != NULL && i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (words[i], word) == 0)
      return (PhQueueState)i;

  return PH_QUEUE_DUE;
}
