#pragma once

#include "ph-queue-item-private.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_TYPE_QUEUE_LIST (ph_queue_list_get_type ())
G_DECLARE_FINAL_TYPE (PhQueueList, ph_queue_list, PH, QUEUE_LIST, GObject)

/* One message: what must be known of each, however many there are.  With an id of ours it fills 64 bytes of the
 * allocator's, with its place in the order and in the heap about 125 (tests/bench/bench-queue.py). */
typedef struct
{
  GSequenceIter *place;
  PhQueueItem   *item;       /* weak: lives while somebody looks at it */
  gint64         due;        /* real time in µs, or PH_QUEUE_NEVER */
  guint          in_heap;    /* place + 1; 0 where it is in none */
  guint8         serial;     /* counts changes: what was read before one is stale */
  guint8         state : 3;  /* PhQueueState */
  guint8         busy : 1;   /* its files are being worked on */
  guint8         forced : 1; /* "try now": whatever the schedule says */
  guint8         wished : 1; /* somebody looks at it, and its file is not read yet */
  char           id[];
} PhQueueRow;

/* Somebody looks at a message: ph_queue_list_tell() is wanted, once its file is read. */
typedef void (*PhQueueWantedFunc) (PhQueueRow *row,
                                   gpointer    user_data);

/**
 * PhQueueList:
 *
 * Which messages there are, in the order of their ids (which begin with the time), and which
 * is due next.  A GListModel of PhQueueItem, which are made when somebody asks for them.
 * Owned by the relay; main context only.
 */
PhQueueList *ph_queue_list_new (gboolean bad);

/* Called when an item is made; NULL: nobody is. */
void ph_queue_list_set_wanted (PhQueueList      *self,
                               PhQueueWantedFunc wanted,
                               gpointer          user_data);

/* Rows are borrowed and live until they are removed. NULL: no such message. */
PhQueueRow *ph_queue_list_find (PhQueueList *self,
                                const char  *id);

/* NULL where it is there already.  Between freeze and thaw, many are added with one signal. */
PhQueueRow *ph_queue_list_add (PhQueueList *self,
                               const char  *id,
                               PhQueueState state,
                               gint64       due);
void        ph_queue_list_remove (PhQueueList *self,
                                  PhQueueRow  *row);
void        ph_queue_list_freeze (PhQueueList *self);
void        ph_queue_list_thaw (PhQueueList *self);

void ph_queue_list_set (PhQueueList *self,
                        PhQueueRow  *row,
                        PhQueueState state,
                        gint64       due);

/* For whoever looks at it. `subject` may be NULL. */
void ph_queue_list_tell (PhQueueList        *self,
                         PhQueueRow         *row,
                         const PhQueueEntry *entry,
                         const char         *subject);

/* The row with the earliest due time; NULL where none has one. */
PhQueueRow *ph_queue_list_get_next (PhQueueList *self);

/* Sets the due time of all rows in `state`. */
void ph_queue_list_set_all_due (PhQueueList *self,
                                PhQueueState state,
                                gint64       due);

guint ph_queue_list_get_length (PhQueueList *self);

G_END_DECLS
