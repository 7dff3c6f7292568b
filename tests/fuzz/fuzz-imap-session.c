/* A client of IMAP.  The first byte chooses whether it is logged in, to a mailbox of three
 * messages that is made anew now and then.  Every answer is a line; nothing is lost in a wait. */

#include "../imap/imap-fixture.h"
#include "ph-imap-session-private.h"

#include "fuzz-target.h"

#include <stdlib.h>

#define RUNS_PER_STORE 500

static const char *const messages[] = {
  "From: a@x.test\r\nSubject: one\r\n\r\nHello\r\n",
  "Subject: =?utf-8?q?zw=C3=B6lf?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>two\r\n--b--\r\n",
  "Date: Mon, 23 Nov 2026 00:05:24 +0000\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx",
};

static Fixture current;

static void
tear_down (void)
{
  fixture_tear_down (&current, NULL);
}

static Fixture *
get_fixture (void)
{
  static guint n_runs;

  if (n_runs++ % RUNS_PER_STORE != 0)
    return &current;

  if (current.store != NULL)
    tear_down ();
  else
    atexit (tear_down);
  current = (Fixture){ 0 };
  fixture_set_up (&current, NULL);
  /* Failed logins wait by a clock that is turned. */
  g_object_unref (current.authenticator);
  current.authenticator = ph_authenticator_new (current.accounts, current.manual, current.workers);
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    fixture_deliver (&current, messages[i]);

  return &current;
}

static void
settle (Talk    *talk,
        PhClock *clock)
{
  PhImapSession *session = PH_IMAP_SESSION (talk->session);

  talk_take_output (talk);
  while (session->busy && !ph_session_wants_close (talk->session))
    {
      if (!g_main_context_iteration (NULL, FALSE))
        {
          ph_clock_advance (clock, G_USEC_PER_SEC / 10);
          g_usleep (10);
        }
      talk_take_output (talk);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Fixture *fixture = get_fixture ();
  g_autoptr (Talk) talk = NULL;
  gboolean moved = TRUE;

  if (size == 0)
    return 0;

  talk = talk_new (fixture, "127.0.0.1");
  if (data[0] & 1)
    ph_imap_session_log_in (PH_IMAP_SESSION (talk->session), ph_accounts_find (fixture->accounts, BOB));
  settle (talk, fixture->manual);
  g_string_append_len (talk->input, (const char *)data + 1, (gssize)size - 1);
  while (moved && talk->input->len > 0 && !ph_session_wants_close (talk->session) && !ph_session_wants_tls (talk->session))
    {
      gsize before = talk->input->len;

      talk_pump (talk);
      settle (talk, fixture->manual);
      moved = talk->input->len != before;
    }
  /* A literal may have NULs. */
  g_assert_true (talk->output->len == 0 || (talk->output->len >= 2 && memcmp (talk->output->str + talk->output->len - 2, "\r\n", 2) == 0));

  return 0;
}
