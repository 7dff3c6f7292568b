#include "../note.h"
#pragma once

#include "smtp-fixture.h"

/* A receiving session between a client that says what a test tells it, and StubHandler. */

#define ALICE "alice@example.org"
#define PASSWORD "open sesame"
#define PLAIN "AGFsaWNlQGV4YW1wbGUub3JnAG9wZW4gc2VzYW1l" /* both of the above */
#define WRONG "AGFsaWNlQGV4YW1wbGUub3JnAHdyb25n"

/* What the service says. */
#define GREETING "220 mx.example.org ESMTP Posthouse\r\n"
#define EHLO(auth, tls) "250-mx.example.org\r\n250-SIZE 1000\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250-LIMITS RCPTMAX=3\r\n" tls auth "250 HELP\r\n"
#define TLS "250-STARTTLS\r\n"
#define AUTH "250-AUTH SCRAM-SHA-256 PLAIN LOGIN\r\n"
#define GO "354 Send the message, and end it with a dot on a line of its own\r\n"

typedef struct
{
  PhClock         *clock;
  PhWorkerPool    *workers;
  PhAccounts      *accounts;
  PhAuthenticator *authenticator;
  PhJournal       *journal;

  /* The conversation */
  StubHandler      *handler;
  PhSmtpSession    *session;
  PhJournalSession *log;
  GString          *pending; /* read, not yet taken */
  GString          *output;
  gboolean          is_closed;
  gboolean          talks_first;  /* the next client does */
  gboolean          must_use_tls; /* so does it */
  guint             n_held;       /* answers that had to be waited for in the tar-pit */
} Fixture;

static inline void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new (PASSWORD, NULL);
  g_autoptr (PhAccount) account = ph_account_new (ALICE, credential);

  fixture->clock = ph_clock_new_manual (G_USEC_PER_SEC);
  fixture->workers = ph_worker_pool_new ("auth", 1);
  fixture->accounts = ph_accounts_new ();
  g_assert_true (ph_accounts_add (fixture->accounts, account, NULL));
  fixture->authenticator = ph_authenticator_new (fixture->accounts, fixture->clock, fixture->workers);
  fixture->journal = ph_journal_new (fixture->clock);
}

static inline void
hang_up (Fixture *fixture)
{
  ph_session_peer_closed (PH_SESSION (fixture->session));
  if (fixture->handler->held != NULL)
    stub_handler_release (fixture->handler);
  iterate_all ();
  g_assert_finalize_object (fixture->session);
  g_assert_cmpuint (fixture->handler->n_open, ==, 0);
  g_assert_finalize_object (fixture->handler);
  ph_journal_session_end (fixture->log, NULL);
  g_clear_object (&fixture->log);
  g_string_free (fixture->pending, TRUE);
  g_string_free (fixture->output, TRUE);
  fixture->session = NULL;
}

static inline void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  if (fixture->session != NULL)
    hang_up (fixture);
  /* What runs on a worker keeps the authenticator. */
  while (G_OBJECT (fixture->authenticator)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (fixture->journal);
  g_object_unref (fixture->authenticator); /* a worker may still hold it for a moment */
  g_object_unref (fixture->accounts);
  g_object_unref (fixture->workers);
  g_object_unref (fixture->clock);
}

static inline void
take_output (Fixture *fixture)
{
  PhBuffer *output = ph_session_get_output (PH_SESSION (fixture->session));

  g_string_append_len (fixture->output, (const char *)ph_buffer_get_data (output), (gssize)ph_buffer_get_length (output));
  ph_buffer_consume (output, G_MAXSIZE);
}

static inline void
connect_with (Fixture            *fixture,
              const PhSmtpConfig *config,
              const char         *address)
{
  g_autoptr (PhPeer) peer = ph_peer_new (address, 40000);

  peer->talked_first = fixture->talks_first;
  peer->must_use_tls = fixture->must_use_tls;
  fixture->handler = g_object_new (STUB_TYPE_HANDLER, NULL);
  fixture->session = ph_smtp_session_new (config, PH_SMTP_HANDLER (fixture->handler), fixture->authenticator);
  fixture->log = ph_journal_begin (fixture->journal, "SMTP", FALSE, address);
  fixture->pending = g_string_new (NULL);
  fixture->output = g_string_new (NULL);
  fixture->is_closed = FALSE;
  ph_session_set_journal (PH_SESSION (fixture->session), fixture->log);
  ph_session_start (PH_SESSION (fixture->session), peer);
  take_output (fixture);
}

static inline void
connect_as (Fixture   *fixture,
            PhSmtpRole role)
{
  PhSmtpConfig config = { role, "mx.example.org", 1000, 3, TRUE };

  connect_with (fixture, &config, "127.0.0.1");
}

/* What a connection does when TLS is asked for (V03). */
static inline void
shake_hands (Fixture *fixture)
{
  g_autoptr (PhPeer) peer = ph_peer_new ("127.0.0.1", 40000);

  if (fixture->pending->len > 0)
    {
      fixture->is_closed = TRUE;
      return;
    }

  peer->is_tls = TRUE;
  peer->tls_version = g_strdup ("TLS1.3");
  g_string_append (fixture->output, "<TLS>\r\n");
  ph_session_secured (PH_SESSION (fixture->session), peer);
}

static inline void
feed (Fixture    *fixture,
      const char *data,
      gsize       length)
{
  PhSession *session = PH_SESSION (fixture->session);

  g_string_append_len (fixture->pending, data, (gssize)length);
  while (!fixture->is_closed)
    {
      gsize taken = ph_session_feed (session, (const guint8 *)fixture->pending->str, fixture->pending->len);

      g_string_erase (fixture->pending, 0, (gssize)taken);
      take_output (fixture);
      if (ph_session_wants_close (session))
        fixture->is_closed = TRUE;
      else if (ph_session_wants_tls (session))
        shake_hands (fixture);
      else if (fixture->session->input == PH_SMTP_INPUT_WAIT && !fixture->handler->hold)
        {
          while (fixture->session->input == PH_SMTP_INPUT_WAIT)
            {
              g_main_context_iteration (NULL, FALSE);
              g_usleep (1000); /* or, on a busy machine, a day goes by until a password is checked */
              ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
              if (fixture->session->held_refusal != NULL)
                {
                  fixture->n_held++;
                  ph_session_timed_out (PH_SESSION (fixture->session));
                }
            }
          take_output (fixture);
        }
      else if (taken == 0)
        break;
    }
}

/* 0: all at once; 1: byte by byte; else random pieces. */
static inline void
say_split (Fixture    *fixture,
           const char *data,
           gsize       length,
           guint       split)
{
  for (gsize at = 0; at < length;)
    {
      gsize piece = split == 0 ? length : split == 1 ? 1
                                                     : (gsize)g_test_rand_int_range (1, 40);

      piece = MIN (piece, length - at);
      feed (fixture, data + at, piece);
      at += piece;
    }
}

static inline void
say (Fixture    *fixture,
     const char *text)
{
  feed (fixture, text, strlen (text));
}

/* What was answered since the last time, codes only: "250 550 ". */
static inline char *
take_codes (Fixture *fixture)
{
  g_auto (GStrv) lines = g_strsplit (fixture->output->str, "\r\n", -1);
  GString *codes = g_string_new (NULL);

  g_assert_true (g_str_has_suffix (fixture->output->str, "\r\n") || fixture->output->len == 0);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    if (lines[i][3] == ' ' || lines[i][0] == '<')
      g_string_append_printf (codes, "%.*s ", lines[i][0] == '<' ? 5 : 3, lines[i]);
  g_string_truncate (fixture->output, 0);

  return g_string_free (codes, FALSE);
}

static inline void
expect (Fixture    *fixture,
        const char *text,
        const char *codes)
{
  g_autofree char *answered = NULL;

  say (fixture, text);
  answered = take_codes (fixture);
  g_assert_cmpstr (answered, ==, codes);
}
