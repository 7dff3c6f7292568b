#pragma once

#include <gio/gio.h>

#include "ph-accounts.h"
#include "ph-service-rules.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

#define PH_TYPE_SETTINGS (ph_settings_get_type ())
G_DECLARE_FINAL_TYPE (PhSettings, ph_settings, PH, SETTINGS, GObject)

/**
 * PhSettings:
 *
 * The ini file: everything that a person decides, and the accounts.  Read once,
 * written atomically (0600) by a worker after each change.  Keys and groups that
 * it does not know are kept.  A file that can't be understood is an error that
 * names the line, and is never overwritten.  Format: posthouse.ini(5).
 *
 * Values are properties, read-write, notified and saved:
 *   host-name (string, "" for the machine's), domains: see PhAccounts,
 *   message-size-max (uint64 bytes), standard-folders (uint: of new accounts, a bit for each: 1 Archive, 2 Drafts, 4 Junk, 8 Sent, 16 Trash),
 *   address-messages, address-recipients, address-unknown, account-messages, account-recipients
 *   (uint: in an hour, 0 for any), account-messages-day, account-recipients-day (uint: in a day),
 *   imap-messages (uint: that one command of IMAP works on, 0 for any number),
 *   limits-count-loopback (boolean), blocked (string: see PhBlockList), hold-days (uint: how long FUTURERELEASE may keep mail, 0: it is not offered), guard (uint: 0 local, 1 smarthost, 2 anywhere),
 *   checks (uint: 0 auto, 1 off, 2 note, 3 enforce), checks-refuse-spf-fail (boolean), checks-trusted (string): see PhCheckRules,
 *   relay-interval, relay-warn-after, relay-give-up-after (uint seconds), relay-schedule (string, as ph_schedule_parse()),
 *   dns-server (string: "" for the system's, "ADDRESS" or "ADDRESS@PORT"),
 *   relay-port (uint), relay-allow-loopback (boolean),
 *   smarthost (string, "" for delivery by MX), smarthost-port (uint),
 *   smarthost-tls (uint: 0 never, 1 if offered, 2 required, 3 implicit),
 *   smarthost-user, smarthost-password (string), smarthost-login (uint: the password is 0 one, 1 an OAuth 2 access token),
 *   logins-in-clear (boolean: passwords may go without TLS to others than this computer),
 *   certificate-file, key-file (string, "" for the self-made one), certificate-password (string),
 *   data-folder, data-folder-was, relay-folder, bad-folder (string, "" for the usual place),
 *   log-file (boolean), keep-running (boolean: serve on when the window is closed),
 *   start-on-login, notify-mail, notify-failures, notify-services (boolean, for the window's program),
 *   save-error (string or NULL, read-only: why the last change could not be saved).
 * Services: the functions below.  Signal "services-changed" (string name).
 * Main context only.
 */

/* `path` need not exist: then all is as the manual says.  PH_SERVER_ERROR_SETTINGS. */
PhSettings *ph_settings_new (const char *path,
                             GError    **error);

const char *ph_settings_get_path (PhSettings *self);

/* What was odd in the file but kept: "line 7: [Relay] has no key “Speed”".  Borrowed. */
const char *const *ph_settings_get_warnings (PhSettings *self);

/* The accounts, domains and aliases of the file; a change of them is saved. */
PhAccounts *ph_settings_get_accounts (PhSettings *self);

/* `service` is a name of PhService.  Port 0 takes a free one. Copies: transfer full. */
gboolean ph_settings_get_service (PhSettings *self,
                                  const char *service,
                                  gboolean   *enabled,
                                  char      **address,
                                  guint16    *port);
void     ph_settings_set_service (PhSettings *self,
                                  const char *service,
                                  gboolean    enabled,
                                  const char *address,
                                  guint16     port);

/* How it treats its clients.  FALSE where there is no such service. */
gboolean ph_settings_get_service_rules (PhSettings     *self,
                                        const char     *service,
                                        PhServiceRules *rules);
void     ph_settings_set_service_rules (PhSettings           *self,
                                        const char           *service,
                                        const PhServiceRules *rules);

/* Whether `text` will do as "relay-schedule". */
gboolean ph_settings_is_schedule (const char *text);

/* The string value of a property, borrowed until it is set. */
const char *ph_settings_get_string (PhSettings *self,
                                    const char *property);
guint       ph_settings_get_uint (PhSettings *self,
                                  const char *property);
gboolean    ph_settings_get_boolean (PhSettings *self,
                                     const char *property);

/* The user's own certificates: that of the properties first, unless it is the self-made one.  Of
 * PhCertificateFiles; transfer full. */
GPtrArray *ph_settings_dup_certificates (PhSettings *self);

/* The servers that take mail for others, of PhSettingsSmarthost; transfer full. */
GPtrArray *ph_settings_dup_smarthosts (PhSettings *self);

/* For demonstrations and tests: every service on a free port of loopback, whatever the
 * file says, and nothing of that is saved. */
void ph_settings_use_free_ports (PhSettings *self);

/* Writes what has changed; done when it is on disk. */
void     ph_settings_save_async (PhSettings         *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
gboolean ph_settings_save_finish (PhSettings   *self,
                                  GAsyncResult *result,
                                  GError      **error);

/* Writes what has changed, waits for it (for the end of the program): blocks. */
gboolean ph_settings_flush (PhSettings *self,
                            GError    **error);

/* Reads the settings of Clever Mail Server (settings.ini) into these; its clear
 * passwords are hashed on `workers`.  The result: how many accounts came. */
void ph_settings_import_clever_async (PhSettings         *self,
                                      const char         *path,
                                      PhWorkerPool       *workers,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data);
int  ph_settings_import_clever_finish (PhSettings   *self,
                                       GAsyncResult *result,
                                       GError      **error); /* -1 on error */

G_END_DECLS
