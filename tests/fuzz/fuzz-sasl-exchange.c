/* The lines of a SASL exchange (V21, V22).  The first line is the mechanism; then the client's
 * lines, base64 or not.  Only the right password gets in; a cut at any line leaves nothing. */

#include "ph-sasl-exchange.h"

#include "fuzz-target.h"

#include <string.h>

#define ALICE "alice@example.org"
/* Of "open sesame", with as few iterations as may be. */
#define CREDENTIAL "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

typedef struct
{
  guint         n_answers;
  PhSaslOutcome outcome;
} Answers;

static void
answer_cb (PhSaslExchange *exchange,
           PhSaslOutcome   outcome,
           const char     *text,
           PhAccount      *account,
           gpointer        user_data)
{
  Answers *answers = user_data;

  answers->n_answers++;
  answers->outcome = outcome;
  g_assert_cmpint (outcome, !=, PH_SASL_SUCCEEDED);
  g_assert_null (account);
}

static PhAuthenticator *
new_authenticator (PhClock      *clock,
                   PhWorkerPool *workers)
{
  g_autoptr (PhAccounts) accounts = ph_accounts_new ();
  g_autoptr (PhScramCredential) credential = ph_scram_credential_parse (CREDENTIAL, NULL);
  g_autoptr (PhAccount) account = ph_account_new (ALICE, credential);

  g_assert_nonnull (credential);
  g_assert_true (ph_accounts_add (accounts, account, NULL));

  return ph_authenticator_new (accounts, clock, workers);
}

/* One line, and its answer: failures wait for the clock. */
static void
step (PhSaslExchange *exchange,
      PhClock        *clock,
      const char     *line,
      gssize          length,
      Answers        *answers)
{
  answers->n_answers = 0;
  ph_sasl_exchange_step (exchange, line, length, answer_cb, answers);
  while (answers->n_answers == 0)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        ph_clock_advance (clock, G_USEC_PER_SEC);
    }
  g_assert_cmpuint (answers->n_answers, ==, 1);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static PhWorkerPool *workers;
  g_autoptr (PhClock) clock = ph_clock_new_manual (0);
  g_autoptr (PhAuthenticator) authenticator = NULL;
  g_autoptr (PhSaslExchange) exchange = NULL;
  g_autoptr (PhPeer) peer = ph_peer_new ("192.0.2.1", 40000);
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 8);
  Answers answers = { 0, PH_SASL_CONTINUE };

  if (workers == NULL)
    workers = ph_worker_pool_new ("fuzz", 1);
  authenticator = new_authenticator (clock, workers);
  peer->is_tls = TRUE;
  peer->tls_exporter = g_bytes_new_static ("exported", 8);
  exchange = lines[0] != NULL ? ph_sasl_exchange_new (authenticator, lines[0], PH_PROTOCOL_IMAP, peer) : NULL;
  if (exchange == NULL)
    return 0;

  for (guint i = 1; lines[i] != NULL && answers.outcome == PH_SASL_CONTINUE; i++)
    {
      gboolean none = i == 1 && *lines[i] == '-';

      if (lines[i + 1] == NULL && size % 2 == 1)
        {
          /* Hangs up while the last line is looked at. */
          ph_sasl_exchange_step (exchange, lines[i], -1, answer_cb, &answers);
          break;
        }
      step (exchange, clock, none ? NULL : lines[i], none ? 0 : (gssize)strlen (lines[i]), &answers);
    }
  g_clear_object (&exchange);
  while (G_OBJECT (authenticator)->ref_count > 1)
    if (!g_main_context_iteration (NULL, FALSE))
      ph_clock_advance (clock, G_USEC_PER_SEC);

  return 0;
}
