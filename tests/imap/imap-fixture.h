#pragma once

#include "ph-imap-session.h"
#include "ph-journal-line.h"
#include "ph-journal.h"

#include "../support/remove-tree.h"

#include <string.h>

/* What tests of whole conversations share: a server's parts over a real store in a
 * directory of its own, and clients that are driven without sockets. */

#define BOB "bob@example.org"
#define ALICE "alice@example.org"
#define PASSWORD "open sesame"

typedef struct
{
  char            *directory;
  PhClock         *clock;  /* of the machine */
  PhClock         *manual; /* of the sessions */
  PhWorkerPool    *workers;
  PhAccounts      *accounts;
  PhAuthenticator *authenticator;
  PhStore         *store;
  PhJournal       *journal;
  guint64          append_size_max;
  guint            message_limit;
} Fixture;

typedef struct
{
  PhSession        *session;
  PhPeer           *peer;
  PhJournalSession *journal;
  GString          *input;  /* not yet taken */
  GString          *output; /* since the last call that returned it */
  GRand            *rand;   /* input goes in pieces; NULL: as it comes */
  gboolean          bytewise;
  guint             next_tag;
  char             *greeting;
} Talk;

static inline void
fixture_keep_result (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static inline void
fixture_wait (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static inline void
fixture_add_account (Fixture    *fixture,
                     const char *address)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new (PASSWORD, &error);
  g_autoptr (PhAccount) account = ph_account_new (address, credential);

  g_assert_no_error (error);
  g_assert_true (ph_accounts_add (fixture->accounts, account, &error));
}

static inline void
fixture_set_up (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("ph-imap-XXXXXX", NULL);
  fixture->clock = ph_clock_new ();
  fixture->manual = ph_clock_new_manual (g_get_real_time ());
  fixture->workers = ph_worker_pool_new ("test", 2);
  fixture->accounts = ph_accounts_new ();
  fixture_add_account (fixture, BOB);
  fixture_add_account (fixture, ALICE);
  fixture->authenticator = ph_authenticator_new (fixture->accounts, fixture->clock, fixture->workers);
  fixture->store = ph_store_new (fixture->directory, fixture->clock, &error);
  g_assert_no_error (error);
  fixture->journal = ph_journal_new (fixture->clock);
}

static inline void
fixture_tear_down (Fixture      *fixture,
                   gconstpointer data)
{
  g_clear_object (&fixture->authenticator);
  g_clear_object (&fixture->accounts);
  g_clear_object (&fixture->store);
  g_clear_object (&fixture->workers);
  g_clear_object (&fixture->journal);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&fixture->manual);
  g_clear_object (&fixture->clock);
  remove_tree (fixture->directory);
  g_free (fixture->directory);
}

static inline void
fixture_deliver (Fixture    *fixture,
                 const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSpool) spool = ph_store_open_spool (fixture->store, &error);
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_no_error (error);
  g_assert_true (ph_spool_write (spool, text, strlen (text), &error));
  ph_store_deliver_async (fixture->store, spool, (const char *const[]){ BOB, NULL }, fixture_keep_result, &result);
  fixture_wait (&result);
  g_assert_true (ph_store_deliver_finish (fixture->store, result, &error));
  g_assert_no_error (error);
}

/* Clients */

static inline void
talk_take_output (Talk *talk)
{
  PhBuffer *output = ph_session_get_output (talk->session);

  while (ph_buffer_get_length (output) > 0)
    {
      g_string_append_len (talk->output, (const char *)ph_buffer_get_data (output), (gssize)ph_buffer_get_length (output));
      ph_buffer_consume (output, G_MAXSIZE);
      ph_session_drained (talk->session);
    }
}

/* Offers input as long as some is taken. */
static inline void
talk_pump (Talk *talk)
{
  gsize taken;

  do
    {
      gsize n = talk->input->len;
      gsize piece = talk->rand != NULL ? (gsize)g_rand_int_range (talk->rand, 1, 30) : n;

      if (talk->bytewise)
        piece = 1;
      n = MIN (n, piece);
      taken = n > 0 ? ph_session_feed (talk->session, (const guint8 *)talk->input->str, n) : 0;
      g_assert_cmpuint (taken, <=, n);
      g_string_erase (talk->input, 0, (gssize)taken);
      talk_take_output (talk);
    }
  while (taken > 0);
}

/* What was said since the last time; transfer full. */
static inline char *
talk_steal_output (Talk *talk)
{
  char *text = g_strndup (talk->output->str, talk->output->len);

  g_string_truncate (talk->output, 0);

  return text;
}

static inline Talk *
talk_new (Fixture    *fixture,
          const char *address)
{
  Talk        *talk = g_new0 (Talk, 1);
  PhImapConfig config = { "mail.example.org", TRUE, fixture->append_size_max, fixture->manual, fixture->message_limit };

  talk->session = PH_SESSION (ph_imap_session_new (&config, fixture->authenticator, fixture->store));
  talk->journal = ph_journal_begin (fixture->journal, "IMAP", FALSE, address);
  ph_session_set_journal (talk->session, talk->journal);
  talk->peer = ph_peer_new (address, 4000);
  talk->peer->is_loopback = g_str_has_prefix (address, "127.");
  talk->input = g_string_new (NULL);
  talk->output = g_string_new (NULL);
  ph_session_start (talk->session, talk->peer);
  talk_take_output (talk);
  talk->greeting = talk_steal_output (talk);

  return talk;
}

static inline void
talk_free (Talk *talk)
{
  PhSession *session = talk->session;
  gint64     end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  ph_session_peer_closed (talk->session);
  /* What runs on workers keeps the session until it comes back. */
  g_object_add_weak_pointer (G_OBJECT (talk->session), (gpointer *)&session);
  g_object_unref (talk->session);
  while (session != NULL && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (session);
  ph_peer_unref (talk->peer);
  g_object_unref (talk->journal);
  g_string_free (talk->input, TRUE);
  g_string_free (talk->output, TRUE);
  g_clear_pointer (&talk->rand, g_rand_free);
  g_free (talk->greeting);
  g_free (talk);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Talk, talk_free)

/* TRUE once the output ends with a whole line that begins so. */
static inline gboolean
talk_has_line (Talk       *talk,
               const char *start)
{
  const char *last;

  if (!g_str_has_suffix (talk->output->str, "\r\n"))
    return FALSE;
  last = g_strrstr_len (talk->output->str, (gssize)talk->output->len - 2, "\r\n");
  last = last != NULL ? last + 2 : talk->output->str;

  return g_str_has_prefix (last, start);
}

/* Drives until the last line begins so, or the session closes. */
static inline void
talk_wait (Talk       *talk,
           const char *start)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  talk_pump (talk);
  while (!talk_has_line (talk, start) && !ph_session_wants_close (talk->session))
    {
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (200);
      talk_pump (talk);
      if (g_get_monotonic_time () > end)
        g_error ("Waited for \"%s\", got \"%s\"", start, talk->output->str);
    }
}

static inline void
talk_send (Talk       *talk,
           const char *text)
{
  g_string_append (talk->input, text);
  talk_pump (talk);
}

/* The same with the tag that is told. */
#define talk_expect_as(talk, tag, command, expected) \
  G_STMT_START                                       \
  {                                                  \
    g_autofree char *talk_reply = NULL;              \
    talk_send ((talk), tag " " command "\r\n");      \
    talk_wait ((talk), tag " ");                     \
    talk_reply = talk_steal_output (talk);           \
    g_assert_cmpstr (talk_reply, ==, (expected));    \
  }                                                  \
  G_STMT_END

/* Lets the moment pass in which news are gathered, and drives until `text` was said. */
static inline char *
talk_hear (Fixture    *fixture,
           Talk       *talk,
           const char *text)
{
  gint64 end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (strstr (talk->output->str, text) == NULL && g_get_monotonic_time () < end)
    {
      ph_clock_advance (fixture->manual, (PH_IMAP_IDLE_BATCH_MILLISECONDS + 1) * 1000);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (200);
      talk_pump (talk);
    }
  if (strstr (talk->output->str, text) == NULL)
    g_error ("Waited for \"%s\", got \"%s\"", text, talk->output->str);

  return talk_steal_output (talk);
}

/* One command without tag and CRLF; returns everything up to its tagged line, whose
 * tag is shown as "t". */
static inline char *
talk_say (Talk       *talk,
          const char *command)
{
  g_autofree char *tag = g_strdup_printf ("t%u", talk->next_tag++);
  g_autofree char *start = g_strconcat (tag, " ", NULL);
  g_autofree char *output = NULL;
  char            *last;

  g_string_append_printf (talk->input, "%s %s\r\n", tag, command);
  talk_wait (talk, start);
  output = talk_steal_output (talk);

  last = g_strrstr (output, start);
  if (last == NULL)
    return g_steal_pointer (&output);
  *last = '\0';

  return g_strconcat (output, "t ", last + strlen (start), NULL);
}

static inline void
talk_log_in_as (Talk       *talk,
                const char *address)
{
  g_autofree char *command = g_strdup_printf ("LOGIN %s \"%s\"", address, PASSWORD);
  g_autofree char *reply = talk_say (talk, command);

  g_assert_true (g_str_has_prefix (reply, "t OK [CAPABILITY "));
}

/* Says something and expects exactly that. */
#define talk_expect(talk, command, expected)                    \
  G_STMT_START                                                  \
  {                                                             \
    g_autofree char *talk_reply = talk_say ((talk), (command)); \
    g_assert_cmpstr (talk_reply, ==, (expected));               \
  }                                                             \
  G_STMT_END

/* The same where only the beginning counts. */
#define talk_expect_prefix(talk, command, expected)             \
  G_STMT_START                                                  \
  {                                                             \
    g_autofree char *talk_reply = talk_say ((talk), (command)); \
    if (!g_str_has_prefix (talk_reply, (expected)))             \
      g_assert_cmpstr (talk_reply, ==, (expected));             \
  }                                                             \
  G_STMT_END

static inline Talk *
talk_new_bob (Fixture *fixture)
{
  Talk *talk = talk_new (fixture, "127.0.0.1");

  talk_log_in_as (talk, BOB);

  return talk;
}
