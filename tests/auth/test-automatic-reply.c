#include "ph-automatic-reply.h"

#include <string.h>

#define DAY ((gint64)24 * 60 * 60 * G_USEC_PER_SEC)

static void
test_days (void)
{
  static const char *const wrong[] = { "2026-13-01", "2026-02-30", "2026-2-3", "24.12.2026", "tomorrow", "2026-12-24 ", "+026-12-24", "0000-01-01", "2026-12-2x", "20261224--" };
  guint32                  day = 1;

  g_assert_true (ph_automatic_reply_parse_day ("", &day));
  g_assert_cmpuint (day, ==, 0);
  g_assert_true (ph_automatic_reply_parse_day ("2026-12-24", &day));
  {
    g_autofree char *text = ph_automatic_reply_format_day (day);
    g_autofree char *none = ph_automatic_reply_format_day (0);

    g_assert_cmpstr (text, ==, "2026-12-24");
    g_assert_cmpstr (none, ==, "");
  }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (ph_automatic_reply_parse_day (wrong[i], &day));
}

/* From the first second of the first day to the last of the last. */
static void
test_due (void)
{
  g_autoptr (PhAutomaticReply) reply = ph_automatic_reply_new ();
  gint64 christmas = G_GINT64_CONSTANT (1798070400) * G_USEC_PER_SEC; /* 2026-12-24 00:00 UTC */

  g_free (reply->text);
  reply->text = g_strdup ("Away");
  g_assert_false (ph_automatic_reply_is_due (reply, christmas));
  reply->enabled = TRUE;
  g_assert_true (ph_automatic_reply_is_due (reply, christmas));
  g_assert_true (ph_automatic_reply_parse_day ("2026-12-24", &reply->first_day));
  g_assert_true (ph_automatic_reply_parse_day ("2026-12-26", &reply->last_day));
  g_assert_false (ph_automatic_reply_is_due (reply, christmas - 1 * G_USEC_PER_SEC));
  g_assert_true (ph_automatic_reply_is_due (reply, christmas));
  g_assert_true (ph_automatic_reply_is_due (reply, christmas + 3 * DAY - 1));
  g_assert_false (ph_automatic_reply_is_due (reply, christmas + 3 * DAY));
  g_free (reply->text);
  reply->text = g_strdup (" \n");
  g_assert_false (ph_automatic_reply_is_due (reply, christmas));
}

static void
test_problems (void)
{
  g_autoptr (PhAutomaticReply) reply = ph_automatic_reply_new ();
  g_autoptr (PhAutomaticReply) copy = NULL;

  g_assert_cmpstr (ph_automatic_reply_find_problem (reply), ==, NULL);
  reply->enabled = TRUE;
  g_assert_nonnull (ph_automatic_reply_find_problem (reply));
  g_free (reply->text);
  reply->text = g_strnfill (PH_AUTOMATIC_REPLY_TEXT_MAX, 'x');
  g_assert_cmpstr (ph_automatic_reply_find_problem (reply), ==, NULL);
  copy = ph_automatic_reply_copy (reply);
  g_free (copy->text);
  copy->text = g_strnfill (PH_AUTOMATIC_REPLY_TEXT_MAX + 1, 'x');
  g_assert_nonnull (ph_automatic_reply_find_problem (copy));
  g_free (copy->text);
  copy->text = g_strdup ("\xff");
  g_assert_nonnull (ph_automatic_reply_find_problem (copy));

  reply->first_day = 1000;
  reply->last_day = 999;
  g_assert_nonnull (ph_automatic_reply_find_problem (reply));
  reply->last_day = 1000;
  g_assert_cmpstr (ph_automatic_reply_find_problem (reply), ==, NULL);
  reply->days = 0;
  g_assert_nonnull (ph_automatic_reply_find_problem (reply));
  reply->days = PH_AUTOMATIC_REPLY_DAYS_MAX + 1;
  g_assert_nonnull (ph_automatic_reply_find_problem (reply));
  reply->days = 1;
  g_free (reply->subject);
  reply->subject = g_strdup ("a\r\nBcc: x@y.test");
  g_assert_nonnull (ph_automatic_reply_find_problem (reply)); /* V14 */
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/auth/automatic-reply/days", test_days);
  g_test_add_func ("/auth/automatic-reply/due", test_due);
  g_test_add_func ("/auth/automatic-reply/problems", test_problems);

  return g_test_run ();
}
