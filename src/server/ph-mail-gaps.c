#include "ph-mail-gaps.h"

GArray *
ph_mail_gaps_find (GArray    *uids,
                   PhMailbox *mailbox)
{
  GArray *gaps = g_array_new (FALSE, FALSE, sizeof (guint));
  guint   n = ph_mailbox_get_n_messages (mailbox), place = 0, count = 0;

  for (guint i = 0; i <= uids->len; i++)
    {
      gboolean is_gone = FALSE;

      if (i < uids->len)
        {
          guint32 uid = g_array_index (uids, guint32, i);

          while (place < n && ph_mailbox_get_info (mailbox, place)->uid < uid)
            place++;
          is_gone = place == n || ph_mailbox_get_info (mailbox, place)->uid != uid;
        }
      if (is_gone)
        {
          count++;
        }
      else if (count > 0)
        {
          guint first = i - count;

          g_array_append_val (gaps, first);
          g_array_append_val (gaps, count);
          count = 0;
        }
    }

  return gaps;
}
