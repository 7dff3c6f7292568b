#include "ph-uid-ranges.h"

GArray *
ph_uid_ranges_new (PhMailbox     *mailbox,
                   const guint32 *uids,
                   gsize          n_uids)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (PhUidRange));
  guint   next = G_MAXUINT; /* position after the last one of the last range */

  for (gsize i = 0; i < n_uids; i++)
    {
      guint      position;
      PhUidRange range = { uids[i], uids[i] };

      if (!ph_mailbox_find_uid (mailbox, uids[i], &position))
        continue;
      if (position == next)
        g_array_index (ranges, PhUidRange, ranges->len - 1).last = uids[i];
      else
        g_array_append_val (ranges, range);
      next = position + 1;
    }

  return ranges;
}

int
ph_uid_compare (gconstpointer a,
                gconstpointer b)
{
  guint32 one = *(const guint32 *)a, two = *(const guint32 *)b;

  return (one > two) - (one < two);
}
