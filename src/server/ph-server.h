#pragma once

#include <gio/gio.h>

#include "ph-accounts.h"
#include "ph-clock.h"
#include "ph-domain-record.h"
#include "ph-journal.h"
#include "ph-mail.h"
#include "ph-service-answer.h"
#include "ph-service.h"
#include "ph-settings.h"
#include "ph-transfer.h"
#include "ph-trust.h"

G_BEGIN_DECLS

#define PH_TYPE_SERVER (ph_server_get_type ())
G_DECLARE_FINAL_TYPE (PhServer, ph_server, PH, SERVER, GObject)

/**
 * PhServer:
 *
 * The whole server: wires settings, accounts, store, protocols and relay, and
 * offers the models that a window or a command line shows.  Properties:
 *   running (boolean: at least one service runs or is to run),
 *   certificate (string or NULL: the fingerprint of the one in use),
 *   attention (string or NULL: what is wrong with the server as a whole: a store
 *   that is read-only, settings that could not be saved, a certificate that can't be
 *   used or is about to end; or that somebody guesses passwords),
 *   work (string or NULL: what takes it long: how far an index is that is made anew).
 */

/* Opens the store and the journal; starts nothing yet.  Blocks for milliseconds. */
PhServer *ph_server_new (PhSettings *settings,
                         const char *data_dir,
                         PhClock    *clock,
                         GError    **error);

PhSettings *ph_server_get_settings (PhServer *self);
PhAccounts *ph_server_get_accounts (PhServer *self);
PhJournal  *ph_server_get_journal (PhServer *self);
const char *ph_server_get_data_dir (PhServer *self); /* of mail, queue and keys */

/* All mail, to be read in a window. */
PhMail *ph_server_get_mail (PhServer *self);

/* Of PhService, in a fixed order. */
GListModel *ph_server_get_services (PhServer *self);
PhService  *ph_server_find_service (PhServer   *self,
                                    const char *name); /* borrowed */

/* Ends a session that a client opened: it is told so in its protocol, then the connection
 * closes.  FALSE where it has ended already, or is one that Posthouse opened. */
gboolean ph_server_disconnect (PhServer         *self,
                               PhJournalSession *session);

/* Addresses that no service talks to: a model of PhBlock (ph-block-list.h), the latest first. */
GListModel *ph_server_get_blocked (PhServer *self);

/* `peer`: a numeric address, with its port or without.  For so many seconds, or for good (0); whoever is
 * connected from there is sent away.  What is blocked now (transfer full: a /64 of IPv6), or NULL where it is no address,
 * or too many are blocked. */
char *ph_server_block (PhServer   *self,
                       const char *peer,
                       guint       seconds);

/* FALSE where it is not blocked. */
gboolean ph_server_unblock (PhServer   *self,
                            const char *address);

/* Starts every enabled service and the relay; done when each runs or has failed
 * (which is not an error here: see the services). */
void     ph_server_start_async (PhServer           *self,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);
gboolean ph_server_start_finish (PhServer     *self,
                                 GAsyncResult *result,
                                 GError      **error);

/* Says goodbye to every session and ends; done when all is quiet. */
void     ph_server_stop_async (PhServer           *self,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);
gboolean ph_server_stop_finish (PhServer     *self,
                                GAsyncResult *result,
                                GError      **error);

void ph_server_start_service (PhServer  *self,
                              PhService *service);
void ph_server_stop_service (PhServer  *self,
                             PhService *service);

/* Connects to a service as a client would (ph-service-test.h), for PH_SERVICE_TEST_SECONDS at most.  What a client could not use
 * is an answer, too; the only error is G_IO_ERROR_CANCELLED.  Transfer full. */
void             ph_server_test_service_async (PhServer           *self,
                                               PhService          *service,
                                               GCancellable       *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer            user_data);
PhServiceAnswer *ph_server_test_service_finish (PhServer     *self,
                                                GAsyncResult *result,
                                                GError      **error);

/* Accounts: hashing is done by a worker.  PH_AUTH_ERROR_EXISTS, _INVALID. */
void     ph_server_add_account_async (PhServer           *self,
                                      const char         *address,
                                      const char         *display_name,
                                      const char         *password,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data);
void     ph_server_set_password_async (PhServer           *self,
                                       const char         *address,
                                       const char         *password,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);
void     ph_server_remove_account_async (PhServer           *self,
                                         const char         *address,
                                         gboolean            keep_mail,
                                         GCancellable       *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data);
gboolean ph_server_account_finish (PhServer     *self,
                                   GAsyncResult *result,
                                   GError      **error); /* of the three above, and of removing an app password */

/* Bytes of mail that the account has; its folders are opened for that if they are not. */
void     ph_server_measure_account_async (PhServer           *self,
                                          const char         *address,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
gboolean ph_server_measure_account_finish (PhServer     *self,
                                           GAsyncResult *result,
                                           guint64      *used,
                                           GError      **error);

/* A further secret of an account for one device or program (ph-app-password.h), named for the
 * person who will want to take it back.  The password is made here, and shown once: transfer
 * full, to be freed with ph_password_free().  PH_AUTH_ERROR_INVALID.  The account lists them. */
void  ph_server_add_app_password_async (PhServer           *self,
                                        const char         *address,
                                        const char         *name,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
char *ph_server_add_app_password_finish (PhServer     *self,
                                         GAsyncResult *result,
                                         GError      **error);

/* Takes it back: whoever is logged in has to log in again.  Ends with
 * ph_server_account_finish(). PH_AUTH_ERROR_INVALID. */
void ph_server_remove_app_password_async (PhServer           *self,
                                          const char         *address,
                                          const char         *id,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);

/* Sets properties of an account, as g_object_set() does ("search-index", "protocols", …), and saves them.  End with
 * ph_server_account_finish(). */
void ph_server_set_account_async (PhServer           *self,
                                  const char         *address,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data,
                                  const char         *first_property,
                                  ...) G_GNUC_NULL_TERMINATED;

/* Makes the account one for old programs too, which log in by APOP and CRAM-MD5: its `password`, which
 * must be the one that it has, is then kept so that it can be read.  NULL: no more, and it is forgotten.
 * A new password keeps it as it is.  End with ph_server_account_finish(); PH_AUTH_ERROR_FAILED for
 * another password. */
void ph_server_set_old_programs_async (PhServer           *self,
                                       const char         *address,
                                       const char         *password,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);

/* ph_settings_import_clever_async() with the server's workers; end with
 * ph_settings_import_clever_finish(): the source is the settings. */
void ph_server_import_clever (PhServer           *self,
                              const char         *path,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);

/* A message of this computer's user, without a protocol: `sender` is an address, the
 * recipients are NULL-terminated; the line ends of `message` may be LF, and what its
 * header lacks (From, Date, Message-ID) is added.  Safe on disk when it ends: what
 * became of it, in words (transfer full).  PH_SERVER_ERROR_REFUSED where a recipient is
 * nobody here, or the message can't be taken: then nobody gets it. */
void  ph_server_submit_async (PhServer           *self,
                              const char         *sender,
                              const char *const  *recipients,
                              GBytes             *message,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);
char *ph_server_submit_finish (PhServer     *self,
                               GAsyncResult *result,
                               GError      **error);

/* Mail from files into an account, and out of it (store/ph-import.h and ph-export.h say how).
 * `folder` NULL: INBOX and its neighbours, or all.  `format` of an import: "auto", or the
 * dialect of its mbox files ("mboxo", "mboxrd", "mboxcl", "mboxcl2"); of an export: "eml",
 * "mbox", "maildir".  `progress` may be NULL.  *counts is also set where it failed or was
 * cancelled: what is in is in.  *rejected_dir (transfer full): where an import has kept what
 * could not be taken, or NULL. */
void     ph_server_import_async (PhServer           *self,
                                 const char         *address,
                                 const char *const  *paths,
                                 const char         *folder,
                                 const char         *format,
                                 GCancellable       *cancellable,
                                 PhTransferFunc      progress,
                                 gpointer            progress_data,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
void     ph_server_export_async (PhServer           *self,
                                 const char         *address,
                                 const char         *folder,
                                 const char         *format,
                                 const char         *path,
                                 GCancellable       *cancellable,
                                 PhTransferFunc      progress,
                                 gpointer            progress_data,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
gboolean ph_server_transfer_finish (PhServer         *self,
                                    GAsyncResult     *result,
                                    PhTransferCounts *counts,
                                    char            **rejected_dir,
                                    GError          **error);

/* A copy of all mail with its indexes, of the queue, keys and settings, taken while the server
 * works (store/ph-backup.h), and of the accounts as Dovecot's passwd-file.  `path` must not be
 * there.  `progress`, or NULL, is called a few times a second. */
void     ph_server_backup_async (PhServer           *self,
                                 const char         *path,
                                 GCancellable       *cancellable,
                                 PhTransferFunc      progress,
                                 gpointer            progress_data,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
gboolean ph_server_backup_finish (PhServer         *self,
                                  GAsyncResult     *result,
                                  PhTransferCounts *counts,
                                  GError          **error);

/* Block: for the command line.  Counts are files and bytes; `progress` is called in the same thread.  A restore
 * verifies first; its `data_dir` must not be there or be empty, and no server may run on it. */
gboolean ph_server_verify_backup (const char       *path,
                                  GCancellable     *cancellable,
                                  PhTransferFunc    progress,
                                  gpointer          user_data,
                                  PhTransferCounts *counts,
                                  GError          **error);
gboolean ph_server_restore_backup (const char       *path,
                                   const char       *data_dir,
                                   GCancellable     *cancellable,
                                   PhTransferFunc    progress,
                                   gpointer          user_data,
                                   PhTransferCounts *counts,
                                   GError          **error);

/* The relay queue and what failed: models of objects with the properties that
 * relay/ph-queue-item.h documents (id, sender, summary, subject, size, arrived, state,
 * tries, next-try, last-reply, recipients, bad).  Actions take the id. */
typedef enum {
  PH_QUEUE_ACTION_TRY_NOW,
  PH_QUEUE_ACTION_HOLD,
  PH_QUEUE_ACTION_RELEASE,
  PH_QUEUE_ACTION_DELETE,
  PH_QUEUE_ACTION_BOUNCE,
  PH_QUEUE_ACTION_REQUEUE,
} PhQueueAction;

GListModel *ph_server_get_queue (PhServer *self);
GListModel *ph_server_get_bad (PhServer *self);
gboolean    ph_server_queue_action (PhServer     *self,
                                    const char   *id,
                                    PhQueueAction action);

/* As ph_relay_reroute_async(), ph_relay_requeue_to_async() and ph_relay_show_async() of the relay. */
void     ph_server_reroute_async (PhServer           *self,
                                  const char         *id,
                                  const char         *server,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data);
void     ph_server_requeue_to_async (PhServer           *self,
                                     const char         *id,
                                     const char         *recipient,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);
gboolean ph_server_edit_queued_finish (GAsyncResult *result,
                                       GError      **error);
void     ph_server_show_queued_async (PhServer           *self,
                                      const char         *id,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data);
char    *ph_server_show_queued_finish (GAsyncResult *result,
                                       GError      **error);

/* What a domain of this server is to publish in DNS, so that it gets mail and others believe what it sends, and whether it does:
 * of PhDomainRecord (transfer full).  Asks DNS, for 20 seconds at most; makes DKIM keys where mail of the
 * domain is to be signed and there are none. PH_SERVER_ERROR_REFUSED where it is no domain of this server. */
void       ph_server_check_domain_async (PhServer           *self,
                                         const char         *domain,
                                         GCancellable       *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data);
GPtrArray *ph_server_check_domain_finish (PhServer     *self,
                                          GAsyncResult *result,
                                          GError      **error);

/* Certificate in use: SHA-256 fingerprint and end (real µs); NULL and 0 before the first start. */
const char *ph_server_get_certificate_fingerprint (PhServer *self);
gint64      ph_server_get_certificate_expiry (PhServer *self);

/* TRUE while the certificate in use is one of the local authority, which clients are to
 * trust (ph-trust.h has the steps). */
gboolean ph_server_has_authority (PhServer *self);

/* The authority's certificate in a form that clients take; it is made if there is none yet.
 * PH_NET_ERROR_CERTIFICATE, too, where the user's own certificate is in use. */
void    ph_server_export_authority_async (PhServer           *self,
                                          PhTrustFormat       format,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
GBytes *ph_server_export_authority_finish (PhServer     *self,
                                           GAsyncResult *result,
                                           GError      **error);

/* Takes the user's own certificate, if it can be used, and saves that: PEM with its key
 * (`key_file` NULL where that is in the same file), or PKCS#12.  "" goes back to the
 * self-made one.  Nobody is disconnected.  PH_NET_ERROR_CERTIFICATE says what is wrong. */
void     ph_server_set_certificate_async (PhServer           *self,
                                          const char         *certificate_file,
                                          const char         *key_file,
                                          const char         *password,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
gboolean ph_server_set_certificate_finish (PhServer     *self,
                                           GAsyncResult *result,
                                           GError      **error);

G_END_DECLS
