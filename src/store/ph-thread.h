#pragma once

#include "ph-header.h"
#include "ph-index.h"

G_BEGIN_DECLS

/* Of a longer list of references, the first and the last. */
#define PH_THREAD_REFERENCES_MAX 32

/**
 * PhThreadIds:
 *
 * What says to which thread a message belongs: its own Message-ID and those of the
 * messages before it, oldest first (RFC 5322 3.6.4), hashed.  A plain struct.
 */
typedef struct
{
  gint64 message_id; /* 0: none */
  gint64 references[PH_THREAD_REFERENCES_MAX];
  guint  n_references;
} PhThreadIds;

void ph_thread_ids_read (const PhHeader *header,
                         PhThreadIds    *ids);

/* The thread (RFC 8474 5.2) of a new message: that of its nearest ancestor in the account,
 * else the hash of the Message-ID that the thread began with as far as anybody says; so
 * it is the same in whatever order the messages come, and once the index is lost.
 * `object` where the message has no id at all. */
gboolean ph_thread_find (PhIndex           *index,
                         const PhThreadIds *ids,
                         gint64             object,
                         gint64            *thread,
                         GError           **error);

G_END_DECLS
