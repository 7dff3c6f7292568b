/* BDAT: what may come between and around chunks (S07, V41). */

#include "session-fixture.h"

#define BEGIN "EHLO there\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\n"
#define BEGUN "220 250 250 250 "

static const struct
{
  const char *what;
  const char *input;   /* after BEGIN */
  const char *codes;   /* after BEGUN */
  const char *message; /* what was taken; NULL for nothing */
} table[] = {
  { "two chunks", "BDAT 3\r\nab\rBDAT 4 LAST\r\n\nc\r\n", "250 250 ", "ab\r\nc\r\n" },
  { "a bare LF (V01, V02)", "BDAT 3\r\nab\nBDAT 3 LAST\r\nc\r\n", "250 550 ", NULL },
  { "one chunk", "BDAT 4 LAST\r\nab\r\n", "250 ", "ab\r\n" },
  { "an empty one at the end", "BDAT 4\r\nab\r\nBDAT 0 LAST\r\n", "250 250 ", "ab\r\n" },
  { "empty ones before", "BDAT 0\r\nBDAT 0\r\nBDAT 4 LAST\r\nab\r\n", "250 250 250 ", "ab\r\n" },
  { "LAST twice", "BDAT 4 LAST\r\nab\r\nBDAT 4 LAST\r\nNOOP", "250 503 ", "ab\r\n" },
  { "with QUIT in one packet", "BDAT 4 LAST\r\nab\r\nQUIT\r\n", "250 221 ", "ab\r\n" },
  { "QUIT in the middle", "BDAT 4\r\nab\r\nQUIT\r\n", "250 221 ", NULL },
  { "DATA after it", "BDAT 4\r\nab\r\nDATA\r\nBDAT 0 LAST\r\n", "250 503 250 ", "ab\r\n" },
  { "BDAT in DATA is text", "DATA\r\nBDAT 4 LAST\r\n.\r\n", "354 250 ", "BDAT 4 LAST\r\n" },
  { "RCPT in the middle", "BDAT 4\r\nab\r\nRCPT TO:<c@y.test>\r\nBDAT 0 LAST\r\n", "250 503 250 ", "ab\r\n" },
  { "MAIL in the middle", "BDAT 4\r\nab\r\nMAIL FROM:<c@x.test>\r\nBDAT 0 LAST\r\n", "250 503 250 ", "ab\r\n" },
  { "STARTTLS in the middle", "BDAT 4\r\nab\r\nSTARTTLS\r\nBDAT 0 LAST\r\n", "250 503 250 ", "ab\r\n" },
  { "AUTH in the middle", "BDAT 4\r\nab\r\nAUTH PLAIN " PLAIN "\r\nBDAT 0 LAST\r\n", "250 503 250 ", "ab\r\n" },
  { "RSET in the middle", "BDAT 4\r\nab\r\nRSET\r\nBDAT 4 LAST\r\nQUIT", "250 250 503 ", NULL },
  { "EHLO in the middle", "BDAT 4\r\nab\r\nEHLO again\r\nBDAT 4 LAST\r\nQUIT", "250 250 503 ", NULL },
  { "NOOP in the middle", "BDAT 4\r\nab\r\nNOOP\r\nBDAT 0 LAST\r\n", "250 250 250 ", "ab\r\n" },
  { "more than there may be", "BDAT 1001 LAST\r\n", "", NULL }, /* read, and then refused: see below */
  { "a number that overflows", "BDAT 99999999999999999999 LAST\r\n", "501 421 ", NULL },
  { "a huge number", "BDAT 999999999999999999 LAST\r\n", "", NULL }, /* waits, and keeps nothing */
  { "no number", "BDAT LAST\r\n", "501 421 ", NULL },
  { "less than nothing", "BDAT -1 LAST\r\n", "501 421 ", NULL },
  { "another word", "BDAT 4 FIRST\r\n", "501 421 ", NULL },
};

static void
test_chunks (Fixture      *fixture,
             gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    for (guint split = 0; split < 2; split++)
      {
        g_autofree char *expected = g_strconcat (BEGUN, table[i].codes, NULL);
        g_autofree char *input = g_strconcat (BEGIN, table[i].input, NULL);
        g_autofree char *codes = NULL;

        g_test_message ("%s", table[i].what);
        connect_as (fixture, PH_SMTP_ROLE_RELAY);
        say_split (fixture, input, strlen (input), split);
        codes = take_codes (fixture);
        g_assert_cmpstr (codes, ==, expected);
        g_assert_cmpuint (fixture->handler->accepted->len, ==, table[i].message != NULL ? 1 : 0);
        if (table[i].message != NULL)
          g_assert_true (g_str_has_suffix (stub_handler_get (fixture->handler, 0)->str, table[i].message));
        hang_up (fixture);
      }
}

/* A chunk that is too big for the message is read, so that what follows is a command again, but no byte of it is kept. */
static void
test_too_big (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *chunk = g_strnfill (1001, 'x');
  g_autofree char *input = g_strconcat (BEGIN "BDAT 1001\r\n", chunk, "BDAT 2 LAST\r\n\r\nRSET\r\nNOOP\r\n", NULL);

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  expect (fixture, input, BEGUN "552 503 250 250 ");
  g_assert_cmpuint (fixture->handler->n_open, ==, 0);
  g_assert_cmpuint (fixture->handler->accepted->len, ==, 0);
}

/* The sum of the chunks counts, as does each. */
static void
test_sum (Fixture      *fixture,
          gconstpointer data)
{
  g_autofree char *chunk = g_strnfill (600, 'x');
  g_autofree char *input = g_strconcat (BEGIN "BDAT 600\r\n", chunk, "BDAT 600 LAST\r\n", chunk, NULL);

  connect_as (fixture, PH_SMTP_ROLE_RELAY);
  expect (fixture, input, BEGUN "250 552 ");
  g_assert_cmpuint (fixture->handler->accepted->len, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/smtp/session/chunks/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("S07,V41/table", test_chunks);
  ADD ("S07,V41/too-big", test_too_big);
  ADD ("S07,V41/sum", test_sum);
#undef ADD

  return g_test_run ();
}
