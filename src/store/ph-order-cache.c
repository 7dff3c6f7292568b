#include "ph-order-cache.h"

#include <string.h>

/* A message of an order, by UID. */
typedef struct
{
  guint32 uid;
  guint32 rank;
} Place;

typedef struct
{
  GArray *criteria; /* of PhSortCriterion */
  GArray *places;   /* of Place, ascending UIDs */
} Order;

typedef struct
{
  PhThreadAlgorithm algorithm;
  GArray           *uids;
  GArray           *nodes;
} Threads;

struct _PhOrderCache
{
  GQueue  orders;  /* of Order; the last used one first */
  Threads threads; /* the last */
};

static void
order_free (gpointer data)
{
  Order *order = data;

  g_array_unref (order->criteria);
  g_array_unref (order->places);
  g_free (order);
}

static void
threads_clear (Threads *threads)
{
  g_clear_pointer (&threads->uids, g_array_unref);
  g_clear_pointer (&threads->nodes, g_array_unref);
}

PhOrderCache *
ph_order_cache_new (void)
{
  return g_new0 (PhOrderCache, 1);
}

void
ph_order_cache_free (PhOrderCache *self)
{
  g_queue_clear_full (&self->orders, order_free);
  threads_clear (&self->threads);
  g_free (self);
}

static gboolean
are_equal (const GArray *one,
           const GArray *two)
{
  for (guint i = 0; one->len == two->len && i < one->len; i++)
    {
      const PhSortCriterion *a = &g_array_index (one, PhSortCriterion, i);
      const PhSortCriterion *b = &g_array_index (two, PhSortCriterion, i);

      if (a->key != b->key || !a->reverse != !b->reverse)
        return FALSE;
    }

  return one->len == two->len;
}

static GList *
find_order (PhOrderCache *self,
            const GArray *criteria)
{
  for (GList *link = self->orders.head; link != NULL; link = link->next)
    if (are_equal (((Order *)link->data)->criteria, criteria))
      return link;

  return NULL;
}

/* Puts each at its rank, then closes the gaps.  NULL where one has none. */
static GArray *
apply_order (const Order  *order,
             const GArray *uids)
{
  g_autofree guint32 *ranked = g_new0 (guint32, order->places->len + 1);
  guint               place = 0;
  GArray             *sorted;

  for (guint i = 0; i < uids->len; i++)
    {
      guint32 uid = g_array_index (uids, guint32, i);

      while (place < order->places->len && g_array_index (order->places, Place, place).uid < uid)
        place++;
      if (place == order->places->len || g_array_index (order->places, Place, place).uid != uid)
        return NULL;
      ranked[g_array_index (order->places, Place, place).rank] = uid;
    }

  sorted = g_array_sized_new (FALSE, FALSE, sizeof (guint32), uids->len);
  for (guint i = 0; i < order->places->len; i++)
    if (ranked[i] != 0)
      g_array_append_val (sorted, ranked[i]);

  return sorted;
}

GArray *
ph_order_cache_find (PhOrderCache *self,
                     const GArray *criteria,
                     const GArray *uids)
{
  GList *link = find_order (self, criteria);

  if (link == NULL)
    return NULL;

  g_queue_unlink (&self->orders, link);
  g_queue_push_head_link (&self->orders, link);

  return apply_order (link->data, uids);
}

static int
compare_places (gconstpointer a,
                gconstpointer b)
{
  guint32 one = ((const Place *)a)->uid;
  guint32 two = ((const Place *)b)->uid;

  return (one > two) - (one < two);
}

void
ph_order_cache_add (PhOrderCache *self,
                    GArray       *criteria,
                    const GArray *sorted)
{
  GList *link = find_order (self, criteria);
  Order *order;

  /* A few messages do not take the place of many. */
  if (link != NULL && sorted->len < ((Order *)link->data)->places->len / 2)
    return;

  order = g_new0 (Order, 1);
  if (link != NULL)
    {
      order_free (link->data);
      g_queue_delete_link (&self->orders, link);
    }

  order->criteria = g_array_ref (criteria);
  order->places = g_array_sized_new (FALSE, FALSE, sizeof (Place), sorted->len);
  for (guint i = 0; i < sorted->len; i++)
    {
      Place place = { g_array_index (sorted, guint32, i), i };

      g_array_append_val (order->places, place);
    }
  g_array_sort (order->places, compare_places);
  g_queue_push_head (&self->orders, order);
  if (self->orders.length > PH_ORDER_CACHE_MAX)
    order_free (g_queue_pop_tail (&self->orders));
}

GArray *
ph_order_cache_find_threads (PhOrderCache     *self,
                             PhThreadAlgorithm algorithm,
                             const GArray     *uids)
{
  const Threads *threads = &self->threads;

  if (threads->uids == NULL || threads->algorithm != algorithm || threads->uids->len != uids->len ||
      (uids->len > 0 && memcmp (threads->uids->data, uids->data, uids->len * sizeof (guint32)) != 0))
    return NULL;

  return g_array_ref (threads->nodes);
}

void
ph_order_cache_add_threads (PhOrderCache     *self,
                            PhThreadAlgorithm algorithm,
                            GArray           *uids,
                            GArray           *nodes)
{
  threads_clear (&self->threads);
  self->threads = (Threads){ algorithm, g_array_ref (uids), g_array_ref (nodes) };
}
