#include "ph-uid-rows.h"

#include <string.h>

/* Rows of a full chunk.  What a change moves is a chunk, and the starts of those after it. */
#define CHUNK_ROWS 512

/* Two neighbours that have no more together become one. */
#define MERGED_ROWS (CHUNK_ROWS / 2)

typedef struct
{
  guint8 *rows;
  guint   start; /* position of the first */
  guint   length;
  guint   allocated;
} Chunk;

struct _PhUidRows
{
  gsize   row_size;
  GArray *chunks; /* of Chunk, none of them empty */
  guint   length;
  guint   place; /* of the chunk that was asked last */
  guint   spot;  /* in it, where a UID was found last */
};

PhUidRows *
ph_uid_rows_new (gsize row_size)
{
  PhUidRows *self = g_new0 (PhUidRows, 1);

  self->row_size = row_size;
  self->chunks = g_array_new (FALSE, FALSE, sizeof (Chunk));

  return self;
}

static Chunk *
get_chunk (PhUidRows *self,
           guint      place)
{
  return &g_array_index (self->chunks, Chunk, place);
}

void
ph_uid_rows_free (PhUidRows *self)
{
  for (guint i = 0; i < self->chunks->len; i++)
    g_free (get_chunk (self, i)->rows);
  g_array_unref (self->chunks);
  g_free (self);
}

guint
ph_uid_rows_get_length (PhUidRows *self)
{
  return self->length;
}

static guint8 *
get_row (PhUidRows   *self,
         const Chunk *chunk,
         guint        i)
{
  return chunk->rows + i * self->row_size;
}

static guint32
get_uid (PhUidRows   *self,
         const Chunk *chunk,
         guint        i)
{
  return *(const guint32 *)(gconstpointer)get_row (self, chunk, i);
}

/* The last chunk that begins at `position` or before. */
static guint
find_place (PhUidRows *self,
            guint      position)
{
  guint low = 0, high = self->chunks->len - 1;

  while (low < high)
    {
      guint middle = low + (high - low + 1) / 2;

      if (get_chunk (self, middle)->start <= position)
        low = middle;
      else
        high = middle - 1;
    }

  return low;
}

gpointer
ph_uid_rows_get (PhUidRows *self,
                 guint      position)
{
  const Chunk *chunk = get_chunk (self, self->place);

  /* Below the start is far above the length. */
  if (position - chunk->start >= chunk->length)
    {
      self->place = find_place (self, position);
      chunk = get_chunk (self, self->place);
    }

  return get_row (self, chunk, position - chunk->start);
}

/* The last chunk whose first UID is `uid` or less, or the first one. */
static guint
find_place_of_uid (PhUidRows *self,
                   guint32    uid)
{
  const Chunk *last = get_chunk (self, self->place);
  guint        low = 0, high = self->chunks->len - 1;

  if (get_uid (self, last, 0) <= uid && get_uid (self, last, last->length - 1) >= uid)
    return self->place;

  while (low < high)
    {
      guint middle = low + (high - low + 1) / 2;

      if (get_uid (self, get_chunk (self, middle), 0) <= uid)
        low = middle;
      else
        high = middle - 1;
    }

  return low;
}

/* Of the first row in the chunk with `uid` or more. */
static guint
find_in_chunk (PhUidRows   *self,
               const Chunk *chunk,
               guint32      uid)
{
  guint low = 0, high = chunk->length;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (get_uid (self, chunk, middle) < uid)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

gboolean
ph_uid_rows_find (PhUidRows *self,
                  guint32    uid,
                  guint     *position)
{
  const Chunk *chunk;
  guint        i;

  *position = 0;
  if (self->length == 0)
    return FALSE;

  /* Who walks asks for the same one again, or for the next. */
  chunk = get_chunk (self, self->place);
  for (i = self->spot; i < MIN (self->spot + 2, chunk->length); i++)
    if (get_uid (self, chunk, i) == uid)
      {
        self->spot = i;
        *position = chunk->start + i;
        return TRUE;
      }

  self->place = find_place_of_uid (self, uid);
  chunk = get_chunk (self, self->place);
  i = find_in_chunk (self, chunk, uid);
  self->spot = i;
  *position = chunk->start + i;

  return i < chunk->length && get_uid (self, chunk, i) == uid;
}

/* The last chunk, with room for at least one row more and at best for `n`. */
static Chunk *
make_room (PhUidRows *self,
           guint      n)
{
  Chunk *last = self->chunks->len > 0 ? get_chunk (self, self->chunks->len - 1) : NULL;

  if (last == NULL || last->length == CHUNK_ROWS)
    {
      Chunk chunk = { .start = self->length };

      g_array_append_val (self->chunks, chunk);
      last = get_chunk (self, self->chunks->len - 1);
    }
  if (last->length + n > last->allocated && last->allocated < CHUNK_ROWS)
    {
      last->allocated = MIN (MAX (last->length + n, last->allocated + last->allocated / 2), CHUNK_ROWS);
      last->rows = g_realloc_n (last->rows, last->allocated, self->row_size);
    }

  return last;
}

void
ph_uid_rows_append (PhUidRows    *self,
                    gconstpointer rows,
                    guint         n)
{
  const guint8 *next = rows;

  while (n > 0)
    {
      Chunk *last = make_room (self, n);
      guint  taken = MIN (n, last->allocated - last->length);

      memcpy (get_row (self, last, last->length), next, taken * self->row_size);
      last->length += taken;
      self->length += taken;
      next += taken * self->row_size;
      n -= taken;
    }
}

/* Those of the UIDs that are in one chunk; returns how many were passed. */
static guint
remove_from_chunk (PhUidRows     *self,
                   Chunk         *chunk,
                   const guint32 *uids,
                   guint          n)
{
  guint32 last = get_uid (self, chunk, chunk->length - 1);
  guint   next = 0;
  guint   i = find_in_chunk (self, chunk, uids[0]);
  guint   kept = i;

  for (; i < chunk->length; i++)
    {
      guint32 uid = get_uid (self, chunk, i);

      while (next < n && uids[next] < uid)
        next++;
      if (next < n && uids[next] == uid)
        continue;
      if (kept != i)
        memcpy (get_row (self, chunk, kept), get_row (self, chunk, i), self->row_size);
      kept++;
    }
  chunk->length = kept;

  while (next < n && uids[next] <= last)
    next++;

  return next;
}

static void
merge_into (PhUidRows   *self,
            Chunk       *chunk,
            const Chunk *after)
{
  guint length = chunk->length + after->length;

  if (length > chunk->allocated)
    {
      chunk->allocated = length;
      chunk->rows = g_realloc_n (chunk->rows, length, self->row_size);
    }
  memcpy (get_row (self, chunk, chunk->length), after->rows, after->length * self->row_size);
  chunk->length = length;
}

/* After rows went: drops what is empty, joins what is small, and counts anew. */
static void
tidy_chunks (PhUidRows *self)
{
  guint kept = 0;

  self->length = 0;
  for (guint i = 0; i < self->chunks->len; i++)
    {
      Chunk *chunk = get_chunk (self, i);
      Chunk *before = kept > 0 ? get_chunk (self, kept - 1) : NULL;
      guint  length = chunk->length;

      chunk->start = self->length;
      if (length == 0 || (before != NULL && before->length + length <= MERGED_ROWS))
        {
          if (length > 0)
            merge_into (self, before, chunk);
          g_free (chunk->rows);
        }
      else
        *get_chunk (self, kept++) = *chunk;
      self->length += length;
    }
  g_array_set_size (self->chunks, kept);
  self->place = 0;
}

void
ph_uid_rows_remove (PhUidRows     *self,
                    const guint32 *uids,
                    guint          n)
{
  if (n == 0 || self->length == 0)
    return;

  for (guint place = find_place_of_uid (self, uids[0]); n > 0 && place < self->chunks->len; place++)
    {
      guint passed = remove_from_chunk (self, get_chunk (self, place), uids, n);

      uids += passed;
      n -= passed;
    }
  tidy_chunks (self);
}
