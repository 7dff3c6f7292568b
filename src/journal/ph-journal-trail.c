/* What PhJournal knows of messages, and of sessions by their number. */

#include "ph-journal-private.h"

PhJournalSession *
ph_journal_find_session (PhJournal *self,
                         guint64    id)
{
  guint start = 0, end;

  g_return_val_if_fail (PH_IS_JOURNAL (self), NULL);

  /* IDs grow along the list. */
  end = g_list_model_get_n_items (G_LIST_MODEL (self));
  while (start < end)
    {
      guint middle = start + (end - start) / 2;
      g_autoptr (PhJournalSession) session = g_list_model_get_item (G_LIST_MODEL (self), middle);

      if (session->id == id)
        return session->is_dropped ? NULL : session;
      if (session->id < id)
        start = middle + 1;
      else
        end = middle;
    }

  return NULL;
}

void
ph_journal_add_step (PhJournal        *self,
                     PhJournalSession *session,
                     guint             kind,
                     const char       *message,
                     const char       *other,
                     const char       *detail)
{
  gint64 now = ph_clock_get_real_time (ph_journal_get_clock (self));

  /* Who it was. */
  if (kind == PH_TRAIL_FETCHED && detail == NULL)
    detail = ph_journal_session_get_account (session);

  ph_trail_add (ph_journal_get_trail (self), now, (PhTrailKind)kind, session, message, other, detail);
  if (kind == PH_TRAIL_RECEIVED || kind == PH_TRAIL_SENT)
    ph_traffic_add (ph_journal_get_traffic (self), kind == PH_TRAIL_SENT ? PH_TRAFFIC_SENT : PH_TRAFFIC_RECEIVED, now);
  ph_journal_schedule (self);
}

void
ph_journal_trace (PhJournal  *self,
                  PhTrailKind kind,
                  const char *message,
                  const char *other,
                  const char *detail)
{
  if (self != NULL)
    ph_journal_add_step (self, NULL, kind, message, other, detail);
}
