/* FUTURERELEASE (RFC 4865): what is offered where, and what MAIL may say. */

#include "session-fixture.h"

#define DAY (24 * 60 * 60)

static void
log_in (Fixture   *fixture,
        PhSmtpRole role,
        guint      hold_max)
{
  connect_as (fixture, role);
  fixture->handler->hold_max = hold_max;
  say (fixture, "EHLO there\r\n");
  if (role == PH_SMTP_ROLE_SUBMISSION)
    say (fixture, "AUTH PLAIN " PLAIN "\r\n");
}

/* Section 4.2, items 2 and 3: on submission alone, with both limits. */
static void
test_offer (Fixture      *fixture,
            gconstpointer data)
{
  log_in (fixture, PH_SMTP_ROLE_SUBMISSION, DAY);
  g_assert_nonnull (strstr (fixture->output->str, "250-FUTURERELEASE 86400 2025-11-27T12:00:00Z\r\n"));
  hang_up (fixture);

  log_in (fixture, PH_SMTP_ROLE_SUBMISSION, 0);
  g_assert_null (strstr (fixture->output->str, "FUTURERELEASE"));
  hang_up (fixture);

  log_in (fixture, PH_SMTP_ROLE_RELAY, DAY);
  g_assert_null (strstr (fixture->output->str, "FUTURERELEASE"));
  g_string_truncate (fixture->output, 0);
  expect (fixture, "MAIL FROM:<a@x.test> HOLDFOR=60\r\n", "555 ");
}

static const struct
{
  const char *parameters;
  const char *code;
  gint64      seconds; /* from STUB_NOW to the release */
  const char *hold;
} table[] = {
  { "HOLDFOR=1", "250", 1, "for;1" },
  { "HOLDFOR=86400", "250", DAY, "for;86400" },
  { "holdfor=60 SIZE=10", "250", 60, "for;60" },
  { "HOLDFOR=86401", "501" }, /* item 7 */
  { "HOLDFOR=0", "501" },
  { "HOLDFOR=060", "501" },
  { "HOLDFOR=-1", "501" },
  { "HOLDFOR=1.5", "501" },
  { "HOLDFOR=9999999999", "501" },
  { "HOLDFOR", "501" },
  { "HOLDUNTIL=2025-11-26T12:00:01Z", "250", 1, "until;2025-11-26T12:00:01Z" },
  { "HOLDUNTIL=2025-11-27T12:00:00Z", "250", DAY, "until;2025-11-27T12:00:00Z" },
  { "HOLDUNTIL=2025-11-26t13:00:00z", "250", 3600, "until;2025-11-26T13:00:00Z" },
  { "HOLDUNTIL=2025-11-27T12:00:01Z", "501" }, /* item 8 */
  { "HOLDUNTIL=2025-11-26T12:00:00Z", "501" }, /* has passed */
  { "HOLDUNTIL=2025-11-26T13:00:00+00:00", "501" },
  { "HOLDUNTIL=2025-11-26T13:00:00", "501" },
  { "HOLDUNTIL=2025-11-31T13:00:00Z", "501" },
  { "HOLDUNTIL=20251126T130000Z", "501" },
  { "HOLDUNTIL=9999-99-99T99:99:99Z", "501" },
  { "HOLDUNTIL=x", "501" },
  { "HOLDFOR=60 HOLDUNTIL=2025-11-26T13:00:00Z", "501" }, /* item 9 */
  { "HOLDFOR=60 HOLDFOR=60", "501" },
};

static void
test_parameters (Fixture      *fixture,
                 gconstpointer data)
{
  log_in (fixture, PH_SMTP_ROLE_SUBMISSION, DAY);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char               *line = g_strdup_printf ("MAIL FROM:<" ALICE "> %s\r\n", table[i].parameters);
      G_GNUC_UNUSED g_autofree char *codes = NULL;

      g_test_message ("%s", table[i].parameters);
      g_string_truncate (fixture->output, 0);
      say (fixture, line);
      g_assert_true (g_str_has_prefix (fixture->output->str, table[i].code));
      if (*table[i].code == '5')
        {
          g_assert_nonnull (strstr (fixture->output->str, " 5.5.4 "));
          g_assert_null (fixture->session->envelope);
          fixture->session->n_errors = 0;
          continue;
        }
      g_assert_cmpint (fixture->session->envelope->release, ==, STUB_NOW + table[i].seconds * G_USEC_PER_SEC);
      g_assert_cmpstr (fixture->session->envelope->hold, ==, table[i].hold);
      say (fixture, "RSET\r\n");
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/smtp/session/hold/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("offer", test_offer);
  ADD ("parameters", test_parameters);
#undef ADD

  return g_test_run ();
}
