#pragma once

#include "ph-pop3-session.h"

#include "../support/remove-tree.h"

#include <string.h>

#define BOB "bob@example.org"
#define PASSWORD "open sesame"

/* A store with three messages, an account, and sessions that are fed by hand. */
typedef struct
{
  char            *directory;
  PhClock         *clock;
  PhWorkerPool    *workers;
  PhAccounts      *accounts;
  PhAuthenticator *authenticator;
  PhStore         *store;
} Fixture;

static const char *const bodies[] = {
  "Subject: one\r\n\r\nHello\r\n",
  "Subject: two\r\n\r\n.dot\r\n..\r\nlast line without end",
  "Subject: three\r\n\r\n",
};

static inline void
keep_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static inline void
wait_for_result (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static inline void
deliver (Fixture    *fixture,
         const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSpool) spool = ph_store_open_spool (fixture->store, &error);
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_no_error (error);
  g_assert_true (ph_spool_write (spool, text, strlen (text), &error));
  ph_store_deliver_async (fixture->store, spool, (const char *const[]){ BOB, NULL }, keep_result_cb, &result);
  wait_for_result (&result);
  g_assert_true (ph_store_deliver_finish (fixture->store, result, &error));
  g_assert_no_error (error);
}

static inline void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new (PASSWORD, &error);
  g_autoptr (PhAccount) account = ph_account_new (BOB, credential);

  fixture->directory = g_dir_make_tmp ("ph-pop3-XXXXXX", NULL);
  fixture->clock = ph_clock_new ();
  fixture->workers = ph_worker_pool_new ("test", 2);
  fixture->accounts = ph_accounts_new ();
  g_assert_true (ph_accounts_add (fixture->accounts, account, &error));
  fixture->authenticator = ph_authenticator_new (fixture->accounts, fixture->clock, fixture->workers);
  fixture->store = ph_store_new (fixture->directory, fixture->clock, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    deliver (fixture, bodies[i]);
}

static inline void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_clear_object (&fixture->authenticator);
  g_clear_object (&fixture->accounts);
  g_clear_object (&fixture->store);
  g_clear_object (&fixture->workers);
  g_clear_object (&fixture->clock);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  remove_tree (fixture->directory);
  g_free (fixture->directory);
}

/* Driving a session */

typedef struct
{
  PhSession *session;
  PhPeer    *peer;
  GString   *input; /* not yet taken */
  GString   *output;
} Talk;

static inline void
take_output (Talk *talk)
{
  PhBuffer *output = ph_session_get_output (talk->session);

  while (ph_buffer_get_length (output) > 0)
    {
      g_string_append_len (talk->output, (const char *)ph_buffer_get_data (output), (gssize)ph_buffer_get_length (output));
      ph_buffer_consume (output, G_MAXSIZE);
      ph_session_drained (talk->session);
    }
}

static inline Talk *
talk_begin (Fixture    *fixture,
            const char *address)
{
  Talk        *talk = g_new0 (Talk, 1);
  PhPop3Config config = { "mail.example.org", TRUE };

  talk->session = PH_SESSION (ph_pop3_session_new (&config, fixture->authenticator, fixture->store));
  talk->peer = ph_peer_new (address, 4000);
  talk->input = g_string_new (NULL);
  talk->output = g_string_new (NULL);
  ph_session_start (talk->session, talk->peer);
  take_output (talk);

  return talk;
}

static inline void
talk_end (Talk *talk)
{
  ph_session_peer_closed (talk->session);
  g_object_unref (talk->session);
  ph_peer_unref (talk->peer);
  g_string_free (talk->input, TRUE);
  g_string_free (talk->output, TRUE);
  g_free (talk);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Talk, talk_end)

static inline void
offer (Talk *talk)
{
  gsize taken = ph_session_feed (talk->session, (const guint8 *)talk->input->str, talk->input->len);

  g_string_erase (talk->input, 0, (gssize)taken);
  take_output (talk);
}

static inline guint
count_lines (const char *text)
{
  guint n = 0;

  for (const char *end = text; (end = strstr (end, "\r\n")) != NULL; end += 2)
    n++;

  return n;
}

/* Feeds in pieces of `size` bytes and waits until `n_lines` came in all, or the session closes. */
static inline const char *
say (Talk       *talk,
     const char *text,
     gsize       size,
     guint       n_lines)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i += size)
    {
      g_string_append_len (talk->input, text + i, (gssize)MIN (size, length - i));
      offer (talk);
    }
  while (count_lines (talk->output->str) < n_lines && !ph_session_wants_close (talk->session))
    {
      g_main_context_iteration (NULL, TRUE);
      offer (talk);
    }
  offer (talk);

  return talk->output->str;
}

#define LOGIN "USER " BOB "\r\nPASS " PASSWORD "\r\n"
