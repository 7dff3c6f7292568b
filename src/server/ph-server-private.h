#pragma once

#include "ph-authenticator.h"
#include "ph-block-list.h"
#include "ph-certificates.h"
#include "ph-disk-watch.h"
#include "ph-intake.h"
#include "ph-relay.h"
#include "ph-server.h"
#include "ph-service-private.h"
#include "ph-session-factory.h"
#include "ph-settings-certificates.h"
#include "ph-store.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* What the files of PhServer share; nobody else includes this. */
struct _PhServer
{
  GObject parent_instance;

  PhSettings       *settings;
  PhAccounts       *accounts; /* the settings' */
  PhClock          *clock;
  PhPoller         *poller;
  PhJournal        *journal;
  PhStore          *store;
  PhMail           *mail;
  PhWorkerPool     *workers; /* passwords and certificates */
  PhAuthenticator  *authenticator;
  PhResolver       *resolver;
  PhIntake         *intake;
  PhRelay          *relay;
  PhResponder      *responder;
  PhSessionFactory *factory;
  GListStore       *services; /* of PhService */
  PhBlockList      *blocked;
  GPtrArray        *doors; /* of PhDoor, one for each service */
  PhCertificates   *certificates;
  PhDiskWatch      *disk_watch;
  char             *data_dir;
  char             *relay_dir;
  char             *host_name;
  gboolean          relay_runs;
  char             *attention;
  char             *work;
};

/* Makes them, and follows the settings. */
void ph_server_make_services (PhServer *self);

/* Borrowed: the list is fixed. */
PhService *ph_server_get_service (PhServer *self,
                                  guint     position);
guint      ph_server_count_services (PhServer *self);

/* The certificates have changed. */
void ph_server_take_certificates (PhServer *self);
/* In ph-settings-dkim.c: signs for the domains of the settings, with the keys below the data folder. */
PhDkimSigner *ph_server_make_signer (PhSettings *settings,
                                     const char *data_dir);

/* Its relay does as the settings say. */
void ph_server_configure_relay (PhServer *self);

/* A password on its way to its hash. */
typedef struct
{
  char              *address; /* of the account */
  char              *name;    /* of the person, or of an app password; may be NULL */
  char              *password;
  PhScramCredential *like; /* whose salt it gets, so that app passwords stand beside it; NULL: a new one */
  PhScramCredential *credential;
} PhAccountJob;

/* Hashes the password of `job` (transfer full) in a worker, and calls back with a task that has the
 * job as data and returns TRUE where it has a credential; `outer` (transfer full) is the user_data. */
void ph_server_hash (PhServer           *self,
                     PhAccountJob       *job,
                     GAsyncReadyCallback callback,
                     GTask              *outer);

/* Saves the settings of the server that the task (transfer full) is of; it then returns TRUE, or the error. */
void ph_server_save (GTask *task);

/* Clients are asked for theirs only where an account has one. */
void ph_server_ask_certificates (PhServer *self);

/* TRUE while at least one service runs. */
gboolean ph_server_is_running (PhServer *self);

G_END_DECLS
