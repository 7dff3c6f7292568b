/* A reason is English for others, and in the language of the window for who sits at it. */

#include "ph-reason.h"

#include "../german.h"

static void
test_both (void)
{
  g_auto (PhReason) reason = { NULL, NULL };
  g_auto (PhReason) cause = { NULL, NULL };

  ph_reason_set (&reason, "there is no key in it");
  ph_reason_set (&reason, "%s has %u SPF records", "a.test", 2u);
  g_assert_cmpstr (reason.english, ==, "a.test has 2 SPF records");
  g_assert_cmpstr (reason.local, ==, "a.test hat 2 SPF-Einträge");

  ph_reason_set (&cause, "%s is in no translation", "this");
  ph_reason_add (&reason, &cause);
  g_assert_cmpstr (reason.english, ==, "a.test has 2 SPF records: this is in no translation");
  g_assert_cmpstr (reason.local, ==, "a.test hat 2 SPF-Einträge: this is in no translation");

  ph_reason_clear (&reason);
  g_assert_null (reason.english);
  g_assert_null (reason.local);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  speak_german ();

  g_test_add_func ("/reason/both", test_both);

  return g_test_run ();
}
