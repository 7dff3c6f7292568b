#pragma once

#include "ph-clock.h"
#include "ph-journal-session.h"
#include "ph-resolver.h"
#include "ph-sender-verdict.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* From the end of the message to the verdict: what is not known then is a temporary error (S14). */
#define PH_SENDER_CHECK_SECONDS 10

/* What the check works with, and who sends.  All borrowed for the call. */
typedef struct
{
  PhResolver       *resolver;
  PhClock          *clock;
  PhWorkerPool     *workers; /* hash bodies */
  PhJournalSession *journal; /* or NULL: a line for each lookup and each result */
  const char       *address; /* of the client */
  const char       *helo;    /* or NULL */
  const char       *sender;
  const char       *receiver; /* our name */
} PhSenderCheckConfig;

#define PH_TYPE_SENDER_CHECK (ph_sender_check_get_type ())
G_DECLARE_FINAL_TYPE (PhSenderCheck, ph_sender_check, PH, SENDER_CHECK, GObject)

/**
 * PhSenderCheck:
 *
 * Finds out who sent one message: SPF, DKIM, DMARC and the client's name.  Asks DNS what the checks, which are functions of
 * PhDnsFacts, want to know; it begins when it is made, so that most answers are there before the message is.  Bounded by
 * PH_DNS_FACTS_MAX lookups and PH_SENDER_CHECK_SECONDS.  Owned by who takes the message; main context only.
 */

/* NULL where the client has no address. */
PhSenderCheck *ph_sender_check_new (const PhSenderCheckConfig *config);

/* The message is here: `header` as it came, the body from `body_offset` of `fd` on, which stays open as long as `owner` is
 * there.  Once.  Never fails. */
void                   ph_sender_check_judge_async (PhSenderCheck      *self,
                                                    GBytes             *header,
                                                    int                 fd,
                                                    guint64             body_offset,
                                                    GObject            *owner,
                                                    GAsyncReadyCallback callback,
                                                    gpointer            user_data);
const PhSenderVerdict *ph_sender_check_judge_finish (PhSenderCheck *self,
                                                     GAsyncResult  *result);

/* Nobody wants to know any more. */
void ph_sender_check_cancel (PhSenderCheck *self);

G_END_DECLS
