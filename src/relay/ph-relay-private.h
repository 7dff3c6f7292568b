#pragma once

#include "ph-outgoing.h"
#include "ph-queue-list.h"
#include "ph-queue-reader.h"
#include "ph-queue-watch.h"
#include "ph-relay.h"

G_BEGIN_DECLS

/* What the files of PhRelay share; nobody else includes this. */

typedef gboolean (*PhRelayAction) (PhRelay    *self,
                                   const char *id);

struct _PhRelay
{
  GObject parent_instance;

  PhOutgoingParts parts;
  PhRelayConfig  *config;
  PhPoller       *poller;
  PhJournal      *journal; /* or NULL */
  PhQueueList    *queue;
  PhQueueList    *bad;
  PhQueueReader  *queue_reader;
  PhQueueReader  *bad_reader;
  PhQueueWatch   *watch;     /* NULL before the start, or where the system can't */
  GHashTable     *active;    /* id → PhOutgoing, borrowed: they keep themselves */
  GHashTable     *wishes;    /* id → PhRelayAction, to be done when it is not active any more */
  GHashTable     *halves;    /* ids that may become messages, a set */
  GHashTable     *troubles;  /* lines that were logged, a set */
  GHashTable     *arriving;  /* ids that are being queued, a set */
  PhKeptMail     *kept;      /* what waits for the time that its sender asked for */
  guint           timer;     /* the next due time, or the next look at the directory */
  gint64          timer_due; /* real time */
  guint           gather_timer;
  gboolean        running;
  gboolean        scanning; /* the directory is being read */
  gboolean        read_all; /* it must be read, whole */
  guint           last_id;
};

gint64 ph_relay_get_now (PhRelay *self);

/* A line for the log, however often it comes up. */
void ph_relay_log_once (PhRelay    *self,
                        const char *line);

/* Sends what is due, as far as there is room, and sets the timer. */
void ph_relay_pump (PhRelay *self);

/* How the queue shows and schedules what an envelope says.  `subject` may be NULL. */
void ph_relay_set_row (PhRelay            *self,
                       PhQueueRow         *row,
                       const PhQueueEntry *entry,
                       const char         *subject);
/* It has left the queue. */
void ph_relay_forget_row (PhRelay    *self,
                          PhQueueRow *row);
void ph_relay_add_bad (PhRelay            *self,
                       const PhQueueEntry *entry);
void ph_relay_send (PhRelay       *self,
                    PhQueueRow    *row,
                    PhOutgoingMode mode);

/* In ph-relay-actions.c: it is not being worked on any more. */
void ph_relay_fulfil_wish (PhRelay    *self,
                           const char *id);

/* In ph-relay-directory.c: reads the directory and watches it. */
void ph_relay_begin_looking (PhRelay *self);
void ph_relay_end_looking (PhRelay *self);

/* Reads what must be read. */
void ph_relay_look_for_more (PhRelay *self);

G_END_DECLS
