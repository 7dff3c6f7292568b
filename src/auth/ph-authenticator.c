#include "ph-authenticator.h"

#include "ph-address.h"
#include "ph-auth-error.h"
#include "ph-lasting-secret.h"
#include "ph-password.h"
#include "ph-throttle.h"

#include <glib/gi18n-lib.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

struct _PhAuthenticator
{
  GObject parent_instance;

  PhAccounts   *accounts;
  PhClock      *clock;
  PhWorkerPool *workers;
  PhThrottle   *throttle;
  PhGuessWatch *guess_watch;
  guint8        secret[PH_SCRAM_KEY_LENGTH]; /* of the credentials that nobody has */
  gboolean      allows_clear;
};

/* One attempt, the data of its task. */
typedef struct
{
  char              *peer;     /* what its address counts with */
  char              *name;     /* the account's address where there is one; for the throttle */
  PhAccount         *account;  /* NULL for who can't log in */
  GPtrArray         *secrets;  /* of the account, or one that nothing fits; with `password` */
  char              *password; /* NULL where it is known already whether it is right */
  PhProtocols        protocol;
  PhScramCredential *secret; /* the one that was shown to be known, or NULL */
  PhThrottleTicket  *ticket;
  GSource           *cancelled; /* while it waits */
} PhAttempt;

G_DEFINE_FINAL_TYPE (PhAuthenticator, ph_authenticator, G_TYPE_OBJECT)

static void
leave (PhAttempt       *attempt,
       PhThrottleResult result)
{
  PhThrottleTicket *ticket = g_steal_pointer (&attempt->ticket);

  if (attempt->cancelled != NULL)
    {
      g_source_destroy (attempt->cancelled);
      g_clear_pointer (&attempt->cancelled, g_source_unref);
    }
  if (ticket != NULL)
    ph_throttle_leave (ticket, result, attempt->name);
}

static void
attempt_free (gpointer data)
{
  PhAttempt *attempt = data;

  leave (attempt, PH_THROTTLE_ABANDONED);
  g_free (attempt->peer);
  g_free (attempt->name);
  g_clear_object (&attempt->account);
  g_clear_pointer (&attempt->secrets, g_ptr_array_unref);
  ph_scram_credential_free (attempt->secret);
  ph_password_free (attempt->password);
  g_free (attempt);
}

static void
ph_authenticator_finalize (GObject *object)
{
  PhAuthenticator *self = PH_AUTHENTICATOR (object);

  g_object_unref (self->accounts);
  g_object_unref (self->clock);
  g_object_unref (self->workers);
  g_object_unref (self->throttle);
  g_object_unref (self->guess_watch);

  G_OBJECT_CLASS (ph_authenticator_parent_class)->finalize (object);
}

static void
ph_authenticator_class_init (PhAuthenticatorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_authenticator_finalize;
}

static void
ph_authenticator_init (PhAuthenticator *self)
{
  if (gnutls_rnd (GNUTLS_RND_RANDOM, self->secret, sizeof self->secret) < 0)
    g_error ("No random numbers");
}

PhAuthenticator *
ph_authenticator_new (PhAccounts   *accounts,
                      PhClock      *clock,
                      PhWorkerPool *workers)
{
  PhAuthenticator *self = g_object_new (PH_TYPE_AUTHENTICATOR, NULL);

  self->accounts = g_object_ref (accounts);
  self->clock = g_object_ref (clock);
  self->workers = g_object_ref (workers);
  self->throttle = ph_throttle_new (clock);
  self->guess_watch = ph_guess_watch_new (clock);

  return self;
}

PhAccounts *
ph_authenticator_get_accounts (PhAuthenticator *self)
{
  g_return_val_if_fail (PH_IS_AUTHENTICATOR (self), NULL);

  return self->accounts;
}

PhGuessWatch *
ph_authenticator_get_guess_watch (PhAuthenticator *self)
{
  g_return_val_if_fail (PH_IS_AUTHENTICATOR (self), NULL);

  return self->guess_watch;
}

gboolean
ph_authenticator_protects (PhAuthenticator *self,
                           PhPeer          *peer)
{
  if (peer == NULL || peer->is_tls || peer->must_use_tls)
    return peer != NULL && peer->is_tls;

  return peer->is_loopback || (self != NULL && self->allows_clear);
}

void
ph_authenticator_allow_clear (PhAuthenticator *self,
                              gboolean         allow)
{
  g_return_if_fail (PH_IS_AUTHENTICATOR (self));

  self->allows_clear = allow;
}

static void
load_thread (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  guint8 *secret = g_malloc (PH_SCRAM_KEY_LENGTH);
  g_autoptr (GError) error = NULL;

  if (!ph_lasting_secret_load (data, secret, PH_SCRAM_KEY_LENGTH, &error))
    g_message ("What the salts of unknown names are made of can’t be kept: %s", error->message);
  g_task_return_pointer (task, secret, g_free);
}

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  PhAuthenticator *self = PH_AUTHENTICATOR (source);
  guint8          *secret = g_task_propagate_pointer (G_TASK (result), NULL);

  memcpy (self->secret, secret, PH_SCRAM_KEY_LENGTH);
  explicit_bzero (secret, PH_SCRAM_KEY_LENGTH);
  g_free (secret);
}

void
ph_authenticator_keep_secret (PhAuthenticator *self,
                              const char      *file)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, loaded_cb, NULL);

  g_return_if_fail (PH_IS_AUTHENTICATOR (self));

  g_task_set_task_data (task, g_strdup (file), g_free);
  ph_worker_pool_run (self->workers, task, load_thread);
}

/* NULL for a name that nobody can log in with now. */
static PhAccount *
find_usable (PhAuthenticator *self,
             const char      *name)
{
  PhAccount *account = g_utf8_validate (name, -1, NULL) ? ph_accounts_find_login (self->accounts, name) : NULL;

  if (account == NULL || !ph_account_get_enabled (account) || ph_account_get_credential (account) == NULL)
    return NULL;

  return account;
}

/* Nobody may act for another (V22). */
static gboolean
is_own_authzid (PhAuthenticator *self,
                const char      *authzid,
                PhAccount       *account)
{
  return authzid == NULL || *authzid == '\0' || (account != NULL && find_usable (self, authzid) == account);
}

/* Whoever is unknown has one salt by whatever spelling, as whoever is known has; and a name without a domain has that of one
 * of the domains, as if it were known there and nowhere else. */
static char *
dup_dummy_name (PhAuthenticator *self,
                const char      *name)
{
  const char *const *domains = ph_accounts_get_domains (self->accounts);
  guint              n_domains = g_strv_length ((char **)domains);
  g_autofree char   *folded = g_ascii_strdown (name, -1);
  g_autofree char   *mac = NULL;
  g_autofree char   *address = NULL;
  char              *key;

  if (strchr (folded, '@') == NULL && n_domains > 0)
    {
      mac = g_compute_hmac_for_string (G_CHECKSUM_SHA256, self->secret, sizeof self->secret, folded, -1);
      address = g_strconcat (folded, "@", domains[g_str_hash (mac) % n_domains], NULL);
    }
  key = g_utf8_validate (folded, -1, NULL) ? ph_address_make_key (address != NULL ? address : folded) : NULL;

  return key != NULL ? key : g_steal_pointer (&folded);
}

GPtrArray *
ph_authenticator_dup_secrets (PhAuthenticator *self,
                              const char      *name,
                              PhAccount      **account)
{
  PhAccount       *found;
  g_autofree char *dummy_name = NULL;
  g_autoptr (GPtrArray) dummies = NULL;

  g_return_val_if_fail (PH_IS_AUTHENTICATOR (self), NULL);

  /* For who is known, too: a few microseconds more for the others tell them apart after ten thousand tries (V20). */
  dummy_name = dup_dummy_name (self, name);
  dummies = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_scram_credential_free);
  g_ptr_array_add (dummies, ph_scram_credential_new_dummy (self->secret, dummy_name));

  found = find_usable (self, name);
  *account = found != NULL ? g_object_ref (found) : NULL;

  return found != NULL ? ph_account_dup_secrets (found) : g_steal_pointer (&dummies);
}

gboolean
ph_authenticator_takes_challenges (PhAuthenticator *self,
                                   PhPeer          *peer)
{
  g_return_val_if_fail (PH_IS_AUTHENTICATOR (self), FALSE);

  return ph_authenticator_protects (self, peer) && ph_accounts_has_clear_passwords (self->accounts);
}

const PhScramCredential *
ph_authenticator_answer_challenge (PhAuthenticator *self,
                                   PhChallengeKind  kind,
                                   const char      *name,
                                   const char      *challenge,
                                   const char      *digest,
                                   PhAccount      **account)
{
  PhAccount  *found;
  const char *password;
  gboolean    fits;

  g_return_val_if_fail (PH_IS_AUTHENTICATOR (self), NULL);

  found = find_usable (self, name);
  password = found != NULL ? ph_account_get_clear_password (found) : NULL;
  fits = ph_challenge_fits (kind, challenge, password != NULL ? password : "nobody's password", digest) && password != NULL;
  *account = found != NULL ? g_object_ref (found) : NULL;

  return fits ? ph_account_get_credential (found) : NULL;
}

/* Why not, for the person at the journal.  The same work for every reason (V20). */
static void
set_reason (PhAuthenticator *self,
            PhAttempt       *attempt,
            GError         **error)
{
  PhAccount  *found = g_utf8_validate (attempt->name, -1, NULL) ? ph_accounts_find_login (self->accounts, attempt->name) : NULL;
  const char *address = found != NULL ? ph_account_get_address (found) : NULL;

  if (found == NULL)
    g_set_error_literal (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FAILED, _ ("There is no account of that name"));
  else if (!ph_account_get_enabled (found))
    /* Translators: an address */
    g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FAILED, _ ("The account %s is switched off"), address);
  else if (ph_account_get_credential (found) == NULL)
    /* Translators: an address */
    g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FAILED, _ ("The account %s has no password"), address);
  else if (attempt->account == NULL)
    /* Translators: an address */
    g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FAILED, _ ("%s wanted to act as another account"), address);
  else
    /* Translators: an address */
    g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FAILED, _ ("That is not the password of %s"), address);
}

/* Hashing took a while: the account may have been changed, disabled or removed, the secret
 * taken back. */
static gboolean
take_login (PhAuthenticator *self,
            PhAttempt       *attempt,
            GError         **error)
{
  if (attempt->secret != NULL && attempt->account != NULL && find_usable (self, ph_account_get_address (attempt->account)) == attempt->account)
    return ph_account_use_secret (attempt->account, attempt->secret, attempt->protocol, ph_clock_get_real_time (self->clock), error);

  set_reason (self, attempt, error);

  return FALSE;
}

static void
return_verdict (GTask *task)
{
  PhAuthenticator *self = g_task_get_source_object (task);
  PhAttempt       *attempt = g_task_get_task_data (task);

  GError *error = NULL;

  if (take_login (self, attempt, &error))
    {
      leave (attempt, PH_THROTTLE_SUCCEEDED);
      g_task_return_pointer (task, g_object_ref (attempt->account), g_object_unref);
      return;
    }

  /* Who has the password guesses nothing, and is not slowed for it. */
  if (g_error_matches (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FORBIDDEN))
    leave (attempt, PH_THROTTLE_SUCCEEDED);
  else
    {
      leave (attempt, PH_THROTTLE_FAILED);
      ph_guess_watch_add (self->guess_watch, attempt->peer);
    }
  g_task_return_error (task, error);
}

/* What a worker has for itself: it lets go of nothing else in its thread. */
typedef struct
{
  GPtrArray *secrets;
  char      *password;
} PhHashing;

static void
hashing_free (gpointer data)
{
  PhHashing *hashing = data;

  g_ptr_array_unref (hashing->secrets);
  ph_password_free (hashing->password);
  g_free (hashing);
}

static void
verify_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  PhHashing *hashing = data;

  g_task_return_int (task, ph_scram_credential_find (hashing->secrets, hashing->password));
}

static void
verified_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  PhHashing *hashing = g_task_get_task_data (G_TASK (result));
  PhAttempt *attempt = g_task_get_task_data (task);
  gssize     found = g_task_propagate_int (G_TASK (result), &error);

  if (error != NULL)
    {
      leave (attempt, PH_THROTTLE_ABANDONED);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (g_task_return_error_if_cancelled (task))
    {
      leave (attempt, PH_THROTTLE_ABANDONED);
      return;
    }

  if (found >= 0)
    attempt->secret = ph_scram_credential_copy (hashing->secrets->pdata[found]);
  return_verdict (task);
}

static void
start_hashing (PhAuthenticator *self,
               GTask           *task,
               PhAttempt       *attempt)
{
  PhHashing *hashing = g_new0 (PhHashing, 1);
  g_autoptr (GTask) job = g_task_new (NULL, g_task_get_cancellable (task), verified_cb, task);

  hashing->secrets = g_steal_pointer (&attempt->secrets);
  hashing->password = g_steal_pointer (&attempt->password);
  g_task_set_task_data (job, hashing, hashing_free);
  ph_worker_pool_run (self->workers, job, verify_thread);
}

static void
admitted_cb (gboolean is_admitted,
             gpointer data)
{
  GTask           *task = data;
  PhAuthenticator *self = g_task_get_source_object (task);
  PhAttempt       *attempt = g_task_get_task_data (task);

  if (attempt->cancelled != NULL)
    {
      g_source_destroy (attempt->cancelled);
      g_clear_pointer (&attempt->cancelled, g_source_unref);
    }

  if (!is_admitted)
    {
      leave (attempt, PH_THROTTLE_ABANDONED);
      g_task_return_new_error (task, PH_AUTH_ERROR, PH_AUTH_ERROR_FAILED, _ ("Too many logins from that address wait already: this one was not looked at"));
      g_object_unref (task);
    }
  else if (attempt->password == NULL)
    {
      return_verdict (task);
      g_object_unref (task);
    }
  else
    start_hashing (self, task, attempt);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  GTask     *task = data;
  PhAttempt *attempt = g_task_get_task_data (task);

  leave (attempt, PH_THROTTLE_ABANDONED);
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);

  return G_SOURCE_REMOVE;
}

static void
begin (PhAuthenticator *self,
       GTask           *task,
       PhAttempt       *attempt,
       const char      *peer_address)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  attempt->peer = ph_throttle_dup_block (peer_address);
  g_task_set_task_data (task, attempt, attempt_free);
  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }

  if (cancellable != NULL)
    {
      attempt->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (attempt->cancelled, G_SOURCE_FUNC (cancelled_cb), task, NULL);
      g_source_attach (attempt->cancelled, g_task_get_context (task));
    }
  ph_throttle_enter (self->throttle, peer_address, admitted_cb, task, &attempt->ticket);
}

void
ph_authenticator_check_async (PhAuthenticator    *self,
                              const char         *authzid,
                              const char         *name,
                              const char         *password,
                              PhProtocols         protocol,
                              const char         *peer_address,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  PhAttempt *attempt;
  GTask     *task;

  g_return_if_fail (PH_IS_AUTHENTICATOR (self));

  attempt = g_new0 (PhAttempt, 1);
  attempt->secrets = ph_authenticator_dup_secrets (self, name, &attempt->account);
  attempt->name = g_ascii_strdown (attempt->account != NULL ? ph_account_get_address (attempt->account) : name, -1);
  attempt->password = g_strdup (password);
  attempt->protocol = protocol;
  if (!is_own_authzid (self, authzid, attempt->account))
    g_clear_object (&attempt->account);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ph_authenticator_check_async);
  begin (self, task, attempt, peer_address);
}

void
ph_authenticator_prove_async (PhAuthenticator         *self,
                              const char              *authzid,
                              const char              *name,
                              PhAccount               *account,
                              const PhScramCredential *secret,
                              PhProtocols              protocol,
                              const char              *peer_address,
                              GCancellable            *cancellable,
                              GAsyncReadyCallback      callback,
                              gpointer                 user_data)
{
  PhAttempt *attempt;
  GTask     *task;

  g_return_if_fail (PH_IS_AUTHENTICATOR (self));

  attempt = g_new0 (PhAttempt, 1);
  attempt->name = g_ascii_strdown (account != NULL ? ph_account_get_address (account) : name, -1);
  attempt->protocol = protocol;
  attempt->secret = secret != NULL ? ph_scram_credential_copy (secret) : NULL;
  if (account != NULL && is_own_authzid (self, authzid, account))
    attempt->account = g_object_ref (account);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ph_authenticator_check_async);
  begin (self, task, attempt, peer_address);
}

PhAccount *
ph_authenticator_check_finish (PhAuthenticator *self,
                               GAsyncResult    *result,
                               GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
