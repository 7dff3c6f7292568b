#include "fuzz-directory.h"
#include "fuzz-target.h"

#include "ph-pop3-session.h"

/* The AUTHORIZATION state: nobody can log in, so nothing comes into the store. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static PhAuthenticator *authenticator;
  static PhStore         *store;
  PhPop3Config            config = { "fuzz.example.org", TRUE };
  g_autoptr (PhPop3Session) session = NULL;
  g_autoptr (PhPeer) peer = ph_peer_new ("127.0.0.1", 1);
  gsize taken = 0;

  if (authenticator == NULL)
    {
      g_autoptr (PhAccounts) accounts = ph_accounts_new ();
      g_autoptr (PhClock) clock = ph_clock_new_manual (0);
      g_autoptr (PhWorkerPool) workers = ph_worker_pool_new ("fuzz", 1);

      authenticator = ph_authenticator_new (accounts, clock, workers);
      store = ph_store_new (get_directory (), clock, NULL);
    }

  session = ph_pop3_session_new (&config, authenticator, store);
  ph_session_start (PH_SESSION (session), peer);
  while (taken < size)
    {
      gsize piece = MIN (size - taken, 1 + data[taken] % 64u);
      gsize step = ph_session_feed (PH_SESSION (session), data + taken, piece);

      if (step == 0)
        step = ph_session_feed (PH_SESSION (session), data + taken, size - taken);
      if (step == 0)
        break;
      taken += step;
      ph_buffer_consume (ph_session_get_output (PH_SESSION (session)), G_MAXSIZE);
    }
  ph_session_peer_closed (PH_SESSION (session));
  while (g_main_context_iteration (NULL, FALSE))
    ;

  return 0;
}
