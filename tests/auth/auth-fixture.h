#pragma once

#include "ph-auth-error.h"
#include "ph-sasl-exchange.h"

#include <string.h>

#define START (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)
#define HERE "192.0.2.1"
#define ELSEWHERE "192.0.2.2"

/* Three accounts, one of them disabled, and an authenticator that is asked by hand. */
typedef struct
{
  PhClock         *clock;
  PhWorkerPool    *workers;
  PhAccounts      *accounts;
  PhAuthenticator *authenticator;
  PhAccount       *alice;
  PhPeer          *tls; /* whom exchanges are with, where that does not matter */

  /* The last answer */
  gboolean      is_answered;
  PhSaslOutcome outcome;
  char         *text; /* decoded */
  PhAccount    *account;
} Fixture;

static inline void
add_account (Fixture    *fixture,
             const char *address,
             const char *password)
{
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new (password, NULL);
  g_autoptr (PhAccount) account = ph_account_new (address, credential);

  g_assert_true (ph_accounts_add (fixture->accounts, account, NULL));
}

#define EXPORTER "exporter of this connection"
#define END_POINT "hash of the certificate"
#define FINGERPRINT "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

static inline PhPeer *
make_peer (const char *address,
           gboolean    is_tls)
{
  PhPeer *peer = ph_peer_new (address, 40000);

  peer->is_tls = is_tls;
  if (is_tls)
    {
      peer->tls_exporter = g_bytes_new_static (EXPORTER, strlen (EXPORTER));
      peer->tls_server_end_point = g_bytes_new_static (END_POINT, strlen (END_POINT));
    }

  return peer;
}

static inline void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  fixture->clock = ph_clock_new_manual (START);
  fixture->workers = ph_worker_pool_new ("auth", 2);
  fixture->accounts = ph_accounts_new ();
  add_account (fixture, "alice@a.test", "pässword one");
  add_account (fixture, "bob@a.test", "other");
  add_account (fixture, "gone@a.test", "other");
  fixture->alice = ph_accounts_find (fixture->accounts, "alice@a.test");
  g_object_set (ph_accounts_find (fixture->accounts, "gone@a.test"), "enabled", FALSE, NULL);
  fixture->authenticator = ph_authenticator_new (fixture->accounts, fixture->clock, fixture->workers);
  fixture->tls = make_peer (HERE, TRUE);
}

static inline void
clear_answer (Fixture *fixture)
{
  fixture->is_answered = FALSE;
  g_clear_pointer (&fixture->text, g_free);
  g_clear_object (&fixture->account);
}

static inline void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  clear_answer (fixture);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (fixture->authenticator);
  ph_peer_unref (fixture->tls);
  g_object_unref (fixture->accounts);
  g_object_unref (fixture->workers);
  g_object_unref (fixture->clock);
}

/* Checks */

typedef struct
{
  gboolean   is_done;
  PhAccount *account;
  GError    *error;
} Check;

static inline void
check_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Check *check = data;

  check->is_done = TRUE;
  check->account = ph_authenticator_check_finish (PH_AUTHENTICATOR (source), result, &check->error);
}

static inline void
begin_check (Fixture      *fixture,
             Check        *check,
             const char   *name,
             const char   *password,
             const char   *peer,
             GCancellable *cancellable)
{
  memset (check, 0, sizeof *check);
  ph_authenticator_check_async (fixture->authenticator, NULL, name, password, PH_PROTOCOL_IMAP, peer, cancellable, check_cb, check);
}

static inline gboolean
end_check (Check *check)
{
  gboolean is_right;

  while (!check->is_done)
    g_main_context_iteration (NULL, TRUE);
  is_right = check->account != NULL;
  g_assert_true (is_right == (check->error == NULL));
  g_clear_object (&check->account);
  g_clear_error (&check->error);

  return is_right;
}

/* Long enough for a hash to be done if one was begun. */
static inline void
settle (void)
{
  gint64 end = g_get_monotonic_time () + 60 * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static inline gboolean
check (Fixture    *fixture,
       const char *name,
       const char *password,
       const char *peer)
{
  Check one;

  begin_check (fixture, &one, name, password, peer, NULL);

  return end_check (&one);
}
