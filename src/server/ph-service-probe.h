#pragma once

#include "ph-service-answer.h"
#include "ph-session.h"

G_BEGIN_DECLS

typedef enum {
  PH_SERVICE_PROTOCOL_SMTP,
  PH_SERVICE_PROTOCOL_LMTP,
  PH_SERVICE_PROTOCOL_POP3,
  PH_SERVICE_PROTOCOL_IMAP,
} PhServiceProtocol;

/* What is read of one reply: a line, and all of it. */
#define PH_SERVICE_PROBE_LINE_MAX 8192
#define PH_SERVICE_PROBE_REPLY_MAX (64 * 1024)

#define PH_TYPE_SERVICE_PROBE (ph_service_probe_get_type ())
G_DECLARE_FINAL_TYPE (PhServiceProbe, ph_service_probe, PH, SERVICE_PROBE, PhSession)

/**
 * PhServiceProbe:
 *
 * The client's side of the shortest conversation that shows what a service is: its
 * greeting, what it offers (EHLO, LHLO, CAPA, CAPABILITY), STARTTLS where that is offered
 * and what it offers then, and a goodbye.  It never logs in, and trusts nothing that it
 * reads.  Signal "greeted": the first words are there.
 */
PhServiceProbe *ph_service_probe_new (PhServiceProtocol protocol);

/* FALSE while nothing is decided: then it is for who drives it to say why it ended. */
gboolean ph_service_probe_get_outcome (PhServiceProbe   *self,
                                       PhServiceOutcome *outcome);

/* The words of an outcome, escaped; and what it offers, NULL before.  Borrowed. */
const char *ph_service_probe_get_said (PhServiceProbe *self);
const char *ph_service_probe_get_offers (PhServiceProbe *self);

G_END_DECLS
