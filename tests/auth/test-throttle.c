#include "ph-account.h"
#include "ph-guess-watch.h"
#include "ph-throttle.h"

#define START (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)
#define MINUTE (60 * G_USEC_PER_SEC)

typedef struct
{
  PhThrottleTicket *ticket;
  gboolean          is_answered;
  gboolean          is_admitted;
} Attempt;

static void
admitted_cb (gboolean is_admitted,
             gpointer user_data)
{
  Attempt *attempt = user_data;

  g_assert_false (attempt->is_answered);
  attempt->is_answered = TRUE;
  attempt->is_admitted = is_admitted;
}

static void
enter (PhThrottle *throttle,
       const char *peer,
       Attempt    *attempt)
{
  *attempt = (Attempt){ NULL };
  ph_throttle_enter (throttle, peer, admitted_cb, attempt, &attempt->ticket);
}

static void
leave (Attempt         *attempt,
       PhThrottleResult result)
{
  ph_throttle_leave (attempt->ticket, result, "name");
}

/* V19: however many addresses guess, so many attempts run at once; then those go first whose
 * address is without a failure. */
static void
test_total (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhThrottle) throttle = ph_throttle_new (clock);
  Attempt attempts[PH_THROTTLE_TOTAL_RUNNING_MAX], guesser, honest, gone;

  enter (throttle, "192.0.2.9", &guesser);
  leave (&guesser, PH_THROTTLE_FAILED);
  ph_clock_advance (clock, 2 * G_USEC_PER_SEC);

  for (guint i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      g_autofree char *peer = g_strdup_printf ("198.51.100.%u", i);

      enter (throttle, peer, &attempts[i]);
      g_assert_true (attempts[i].is_admitted);
    }

  enter (throttle, "192.0.2.9", &guesser);
  enter (throttle, "203.0.113.7", &gone);
  enter (throttle, "203.0.113.8", &honest);
  g_assert_false (guesser.is_answered || gone.is_answered || honest.is_answered);
  leave (&gone, PH_THROTTLE_ABANDONED);

  leave (&attempts[0], PH_THROTTLE_SUCCEEDED);
  g_assert_true (honest.is_admitted);
  g_assert_false (guesser.is_answered);
  leave (&attempts[1], PH_THROTTLE_FAILED);
  g_assert_true (guesser.is_admitted);

  leave (&honest, PH_THROTTLE_SUCCEEDED);
  leave (&guesser, PH_THROTTLE_FAILED);
  for (guint i = 2; i < G_N_ELEMENTS (attempts); i++)
    leave (&attempts[i], PH_THROTTLE_SUCCEEDED);
  g_assert_cmpuint (ph_throttle_get_n_addresses (throttle), ==, 2);
}

/* Some that guess as fast as they are let, over as many connections as one address may have. */
typedef struct
{
  char    peer[16];
  Attempt attempts[20];
  guint   n_guesses;
  gint64  last; /* when the last was admitted */
} Guesser;

/* Ends what was admitted one step ago, and tries again. */
static guint
guess (PhThrottle *throttle,
       Guesser    *self,
       gint64      now)
{
  guint n_new = 0;

  for (guint i = 0; i < G_N_ELEMENTS (self->attempts); i++)
    if (self->attempts[i].is_answered)
      {
        g_assert_true (self->attempts[i].is_admitted);
        leave (&self->attempts[i], PH_THROTTLE_FAILED);
        self->attempts[i] = (Attempt){ NULL };
        if (++self->n_guesses > 10)
          g_assert_cmpint (now - self->last, >=, G_USEC_PER_SEC);
        self->last = now;
        n_new++;
      }
  for (guint i = 0; i < G_N_ELEMENTS (self->attempts); i++)
    if (self->attempts[i].ticket == NULL)
      enter (throttle, self->peer, &self->attempts[i]);

  return n_new;
}

/* V19: of 10,000 guesses from 100 addresses, after the first ten no address has more than one in a second, and who
 * comes from another is let in at once all the time. */
static void
test_ten_thousand (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhThrottle) throttle = ph_throttle_new (clock);
  g_autofree Guesser *guessers = g_new0 (Guesser, 100);
  Attempt             honest = { NULL };
  guint               n_guesses = 0;
  gint64              now, start = ph_clock_get_monotonic_time (clock);

  for (guint i = 0; i < 100; i++)
    g_snprintf (guessers[i].peer, sizeof guessers[i].peer, "127.0.0.%u", i + 1);
  while (n_guesses < 10000)
    {
      now = ph_clock_get_monotonic_time (clock);
      for (guint i = 0; i < 100; i++)
        n_guesses += guess (throttle, &guessers[i], now);
      if (honest.ticket != NULL)
        {
          g_assert_true (honest.is_admitted);
          leave (&honest, PH_THROTTLE_SUCCEEDED);
        }
      enter (throttle, "127.0.1.1", &honest);
      ph_clock_advance (clock, G_USEC_PER_SEC / 10);
    }
  g_assert_cmpint (ph_clock_get_monotonic_time (clock) - start, >, 1000 * G_USEC_PER_SEC);
  g_assert_cmpuint (ph_throttle_get_n_addresses (throttle), ==, 101);

  leave (&honest, PH_THROTTLE_ABANDONED);
  for (guint i = 0; i < 100; i++)
    for (guint k = 0; k < G_N_ELEMENTS (guessers[i].attempts); k++)
      leave (&guessers[i].attempts[k], PH_THROTTLE_ABANDONED);
}

static void
count_cb (guint *n)
{
  (*n)++;
}

/* V19: many wrong passwords are told, seldom, and forgotten after ten minutes. */
static void
test_guess_watch (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhGuessWatch) watch = ph_guess_watch_new (clock);
  guint n_notified = 0;

  g_signal_connect_swapped (watch, "notify::warning", G_CALLBACK (count_cb), &n_notified);
  for (guint i = 0; i < PH_GUESS_WATCH_ALERT - 1; i++)
    ph_guess_watch_add (watch, "192.0.2.1");
  g_assert_null (ph_guess_watch_get_warning (watch));
  ph_clock_advance (clock, 5 * MINUTE);

  ph_guess_watch_add (watch, "192.0.2.2");
  g_assert_true (g_str_has_prefix (ph_guess_watch_get_warning (watch), "10 wrong passwords or more in the last 10 minutes, the latest from 192.0.2.2"));
  for (guint i = 0; i < 990; i++)
    ph_guess_watch_add (watch, "2001:db8::/64");
  g_assert_true (g_str_has_prefix (ph_guess_watch_get_warning (watch), "1000 wrong passwords or more"));
  g_assert_cmpuint (n_notified, ==, 7); /* 10 20 50 100 200 500 1000 */

  ph_clock_advance (clock, 9 * MINUTE);
  g_assert_nonnull (ph_guess_watch_get_warning (watch));
  ph_clock_advance (clock, MINUTE);
  g_assert_null (ph_guess_watch_get_warning (watch));
  g_assert_cmpuint (n_notified, ==, 8);
  g_assert_cmpuint (ph_guess_watch_get_n_failures (watch), ==, 1000);
}

/* What takes a login back says so; what gives more does not. */
static void
test_revoked (void)
{
  static const char *const two[] = { "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
                                     "FF:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF", NULL };
  static const char *const one[] = { "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF", NULL };
  g_autoptr (PhScramCredential) first = ph_scram_credential_new ("first", NULL);
  g_autoptr (PhScramCredential) second = ph_scram_credential_new ("second", NULL);
  g_autoptr (PhScramCredential) like = ph_scram_credential_new_like (second, "phone", NULL);
  g_autoptr (PhAccount) account = ph_account_new ("alice@a.test", first);
  g_autoptr (PhAppPassword) phone = ph_app_password_new (NULL, "Phone", like, START);
  guint n = 0, n_sending = 0;

  g_signal_connect_swapped (account, "revoked::imap", G_CALLBACK (count_cb), &n);
  g_signal_connect_swapped (account, "revoked::submission", G_CALLBACK (count_cb), &n_sending);
  g_object_set (account, "credential", first, "display-name", "Alice", "quota", (guint64)1, "enabled", TRUE, "certificates", two, NULL);
  g_assert_cmpuint (n, ==, 0);
  g_object_set (account, "credential", second, NULL);
  g_assert_cmpuint (n, ==, 1);
  g_object_set (account, "certificates", one, NULL);
  g_assert_cmpuint (n, ==, 2);
  g_assert_true (ph_account_add_app_password (account, phone));
  g_assert_cmpuint (n, ==, 2);
  g_assert_true (ph_account_remove_app_password (account, ph_app_password_get_id (phone)));
  g_assert_cmpuint (n, ==, 3);
  g_object_set (account, "enabled", FALSE, NULL);
  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpuint (n_sending, ==, 4);

  /* A protocol sends away those who use it. */
  g_object_set (account, "protocols", (guint)PH_PROTOCOL_POP3, NULL);
  g_assert_cmpuint (n, ==, 5);
  g_object_set (account, "protocols", (guint)PH_PROTOCOL_ALL, NULL);
  g_object_set (account, "protocols", (guint)(PH_PROTOCOL_ALL & ~PH_PROTOCOL_IMAP), NULL);
  g_assert_cmpuint (n, ==, 6);
  g_assert_cmpuint (n_sending, ==, 5);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/auth/throttle/V19-total", test_total);
  g_test_add_func ("/auth/throttle/V19-ten-thousand", test_ten_thousand);
  g_test_add_func ("/auth/throttle/V19-guess-watch", test_guess_watch);
  g_test_add_func ("/auth/throttle/revoked", test_revoked);

  return g_test_run ();
}
