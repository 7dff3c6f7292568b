#pragma once

#include "ph-authenticator.h"
#include "ph-journal.h"
#include "ph-service-private.h"
#include "ph-smtp-handler.h"
#include "ph-store.h"

G_BEGIN_DECLS

#define PH_TYPE_SESSION_FACTORY (ph_session_factory_get_type ())
G_DECLARE_FINAL_TYPE (PhSessionFactory, ph_session_factory, PH, SESSION_FACTORY, GObject)

/**
 * PhSessionFactory:
 *
 * Knows which protocol each service speaks, and makes its sessions with all that
 * they need and a journal to write in.  One for the server.
 */
PhSessionFactory *ph_session_factory_new (PhJournal       *journal,
                                          PhAuthenticator *authenticator,
                                          PhStore         *store,
                                          PhSmtpHandler   *handler,
                                          PhClock         *clock);

/* For sessions from now on. `message_size_max` in bytes; `imap_messages`: for one command of IMAP, 0 for any number. */
void ph_session_factory_configure (PhSessionFactory *self,
                                   const char       *host_name,
                                   guint64           message_size_max,
                                   guint             imap_messages);

/* Must not outlive the factory.  Transfer full. */
PhService *ph_session_factory_make_service (PhSessionFactory        *self,
                                            const PhSettingsService *row,
                                            PhPoller                *poller);

/* A session of the submission service for this program itself, as if `account` had logged
 * in: for PhMailSending, with no network at its other end.  In the journal its peer is
 * `peer_name`.  Transfer full. */
PhSession *ph_session_factory_make_own_submission (PhSessionFactory *self,
                                                   PhAccount        *account,
                                                   const char       *peer_name);

const char *ph_session_factory_get_host_name (PhSessionFactory *self);
guint64     ph_session_factory_get_message_size_max (PhSessionFactory *self);

G_END_DECLS
