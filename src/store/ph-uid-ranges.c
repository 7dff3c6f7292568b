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

static void
append_gone_of_all (PhMailbox *mailbox,
                    PhUidRows *rows,
                    GArray    *gone)
{
  guint n = ph_uid_rows_get_length (rows), n_messages = ph_mailbox_get_n_messages (mailbox);
  guint place = 0;

  for (guint i = 0; i < n; i++)
    {
      guint32 uid = *(const guint32 *)ph_uid_rows_get (rows, i);

      while (place < n_messages && ph_mailbox_get_info (mailbox, place)->uid < uid)
        place++;
      if (place == n_messages || ph_mailbox_get_info (mailbox, place)->uid != uid)
        g_array_append_val (gone, uid);
    }
}

void
ph_uid_append_gone (PhMailbox    *mailbox,
                    PhUidRows    *rows,
                    const GArray *uids,
                    GArray       *gone)
{
  if (uids == NULL)
    append_gone_of_all (mailbox, rows, gone);

  for (guint i = 0; uids != NULL && i < uids->len; i++)
    {
      guint32 uid = g_array_index (uids, guint32, i);
      guint   position;

      if (ph_uid_rows_find (rows, uid, &position) && !ph_mailbox_find_uid (mailbox, uid, NULL))
        g_array_append_val (gone, uid);
    }
}

int
ph_uid_compare (gconstpointer a,
                gconstpointer b)
{
  guint32 one = *(const guint32 *)a, two = *(const guint32 *)b;

  return (one > two) - (one < two);
}

void
ph_uid_sort (GArray *uids)
{
  guint32 *uid = (guint32 *)(gpointer)uids->data;
  guint    kept = 0;

  g_array_sort (uids, ph_uid_compare);
  for (guint i = 0; i < uids->len; i++)
    if (i == 0 || uid[i] != uid[kept - 1])
      uid[kept++] = uid[i];
  g_array_set_size (uids, kept);
}
