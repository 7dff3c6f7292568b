#include "ph-queue-list-private.h"

static PhQueueRow *
get (GPtrArray *heap,
     guint      i)
{
  return heap->pdata[i];
}

static void
put (GPtrArray  *heap,
     guint       i,
     PhQueueRow *row)
{
  heap->pdata[i] = row;
  row->in_heap = i + 1;
}

static guint
rise (GPtrArray *heap,
      guint      i)
{
  PhQueueRow *row = get (heap, i);

  for (; i > 0 && row->due < get (heap, (i - 1) / 2)->due; i = (i - 1) / 2)
    put (heap, i, get (heap, (i - 1) / 2));
  put (heap, i, row);

  return i;
}

static void
sink (GPtrArray *heap,
      guint      i)
{
  PhQueueRow *row = get (heap, i);
  guint       child;

  while ((child = 2 * i + 1) < heap->len)
    {
      if (child + 1 < heap->len && get (heap, child + 1)->due < get (heap, child)->due)
        child++;
      if (get (heap, child)->due >= row->due)
        break;
      put (heap, i, get (heap, child));
      i = child;
    }
  put (heap, i, row);
}

static void
leave (GPtrArray  *heap,
       PhQueueRow *row)
{
  guint       i = row->in_heap - 1;
  PhQueueRow *last = get (heap, heap->len - 1);

  g_ptr_array_set_size (heap, (int)heap->len - 1);
  row->in_heap = 0;
  if (last == row)
    return;

  put (heap, i, last);
  sink (heap, rise (heap, i));
}

PhQueueRow *
ph_due_heap_peek (GPtrArray *heap)
{
  return heap->len > 0 ? get (heap, 0) : NULL;
}

void
ph_due_heap_update (GPtrArray  *heap,
                    PhQueueRow *row)
{
  if (row->in_heap != 0 && row->due == PH_QUEUE_NEVER)
    leave (heap, row);
  else if (row->in_heap != 0)
    sink (heap, rise (heap, row->in_heap - 1));
  else if (row->due != PH_QUEUE_NEVER)
    {
      g_ptr_array_add (heap, row);
      rise (heap, heap->len - 1);
    }
}
