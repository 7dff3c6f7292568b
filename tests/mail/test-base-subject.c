#include "ph-base-subject.h"

#include <string.h>

/* I41: the base subject of RFC 5256 2.1. */
static void
test_base_subject (void)
{
  static const struct
  {
    const char *subject;
    const char *base;
    gboolean    is_reply;
  } cases[] = {
    { "", "", FALSE },
    { "hello", "hello", FALSE },
    { "  hello \t\t world  ", "hello world", FALSE },
    { "Re: hello", "hello", TRUE },
    { "RE:hello", "hello", TRUE },
    { "re  : Fw: FWD: hello", "hello", TRUE },
    { "Re[2]: hello", "hello", TRUE },
    { "Re [2]: hello", "hello", TRUE },
    { "Re[2[3]]: hello", "Re[2[3]]: hello", FALSE },
    { "[list] hello", "hello", FALSE },
    { "[list] [other] Re: hello", "hello", TRUE },
    { "Re: [list] hello", "hello", TRUE },
    { "[list]", "[list]", FALSE },
    { "[list] ", "[list]", FALSE },
    { "[a] [b]", "[b]", FALSE },
    { "Re: [list]", "[list]", TRUE },
    { "hello (fwd)", "hello", TRUE },
    { "hello (FWD) (fwd) ", "hello", TRUE },
    { "(fwd)", "", TRUE },
    { "[Fwd: hello]", "hello", TRUE },
    { "[fwd: Re: [x] hello (fwd)] (fwd)", "hello", TRUE },
    { "[fwd: [fwd: hello]]", "hello", TRUE },
    { "Re: ", "", TRUE },
    { "Re", "Re", FALSE },
    { "Regarding: x", "Regarding: x", FALSE },
    { "Fwd", "Fwd", FALSE },
    { "[unclosed hello", "[unclosed hello", FALSE },
    { "=?utf-8?q?Re:_M=C3=A4rz?=", "M\xc3\xa4rz", TRUE },
    { "=?utf-8?q?Re=3A?= x", "x", TRUE },
  };
  g_autofree char *nothing = ph_base_subject_extract (NULL, 0, NULL);

  g_assert_cmpstr (nothing, ==, "");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean         is_reply;
      g_autofree char *base = ph_base_subject_extract (cases[i].subject, strlen (cases[i].subject), &is_reply);

      g_test_message ("\"%s\"", cases[i].subject);
      g_assert_cmpstr (base, ==, cases[i].base);
      g_assert_cmpint (is_reply, ==, cases[i].is_reply);
    }
}

static gint64
measure (const char *unit,
         guint       n)
{
  g_autoptr (GString) subject = g_string_new (NULL);
  gint64 start;

  for (guint i = 0; i < n; i++)
    g_string_append (subject, unit);
  start = g_get_monotonic_time ();
  g_free (ph_base_subject_extract (subject->str, subject->len, NULL));

  return g_get_monotonic_time () - start;
}

/* V09: much of anything takes time in proportion. */
static void
test_linear (void)
{
  static const char *const units[] = { "Re:", "[", "[a]", "[]", "[fwd:", "(fwd)", "[a] Re", " ", "]", "Re[x" };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    g_assert_cmpint (measure (units[i], 50000), <, 2 * G_USEC_PER_SEC);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/base-subject/cases", test_base_subject);
  g_test_add_func ("/mail/base-subject/linear", test_linear);

  return g_test_run ();
}
