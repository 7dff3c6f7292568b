#pragma once

#include <glib-object.h>

#include "ph-journal-session.h"

G_BEGIN_DECLS

typedef enum {
  PH_SERVICE_STOPPED,
  PH_SERVICE_STARTING,
  PH_SERVICE_RUNNING,
  PH_SERVICE_STOPPING,
  PH_SERVICE_FAILED, /* could not start: "reason" says why and what would help */
} PhServiceState;

typedef enum {
  PH_SERVICE_TLS_NONE,
  PH_SERVICE_TLS_STARTTLS,
  PH_SERVICE_TLS_IMPLICIT,
} PhServiceTls;

#define PH_TYPE_SERVICE (ph_service_get_type ())
G_DECLARE_FINAL_TYPE (PhService, ph_service, PH, SERVICE, GObject)

/**
 * PhService:
 *
 * One service of the server as the window and the command line show it.
 * Owned by PhServer.  Read-only properties, notified:
 *   name (string: smtp submission submissions pop3 pop3s imap imaps lmtp),
 *   title (string: "SMTP", "Submission (TLS)", …), state (uint: PhServiceState),
 *   reason (string or NULL), enabled (boolean: starts with "start all"),
 *   address (string), port (uint, as set; the port in use while running),
 *   tls (uint: PhServiceTls), n-sessions (uint), n-total (uint64, since it started).
 */
const char    *ph_service_get_name (PhService *self);
const char    *ph_service_get_title (PhService *self);
PhServiceState ph_service_get_state (PhService *self);
const char    *ph_service_get_reason (PhService *self);
gboolean       ph_service_get_enabled (PhService *self);
const char    *ph_service_get_address (PhService *self);
guint16        ph_service_get_port (PhService *self);
PhServiceTls   ph_service_get_tls (PhService *self);
guint          ph_service_get_n_sessions (PhService *self);

/* The least of PhServiceRules' `silence`: what the RFC of its protocol asks for. */
guint ph_service_get_silence_min (PhService *self);

/* What its clients sent and got today; borrowed. */
PhTally *ph_service_get_tally (PhService *self);

/* FALSE where the session is none of this service, or has ended. */
gboolean ph_service_disconnect (PhService        *self,
                                PhJournalSession *session);

G_END_DECLS
