#include "ph-imap-relevancy.h"

#include "ph-uid-ranges.h"

#define SCORE_EXACT 100
#define SCORE_WORDS 50

void
ph_imap_relevancy_clear (PhImapRelevancy *self)
{
  g_clear_pointer (&self->key, ph_search_key_free);
  g_clear_pointer (&self->exact, g_array_unref);
}

guint8
ph_imap_relevancy_get_score (const GArray *exact,
                             guint32       uid)
{
  return g_array_binary_search ((GArray *)exact, &uid, ph_uid_compare, NULL) ? SCORE_EXACT : SCORE_WORDS;
}

guint8 *
ph_imap_relevancy_dup_scores (const PhImapRelevancy *self,
                              const GArray          *uids)
{
  guint8 *scores;

  if (self->exact == NULL)
    return NULL;

  scores = g_new0 (guint8, uids->len + 1);
  for (guint i = 0; i < uids->len; i++)
    scores[i] = ph_imap_relevancy_get_score (self->exact, g_array_index (uids, guint32, i));

  return scores;
}
