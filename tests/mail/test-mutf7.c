#include "ph-mutf7.h"

#include <string.h>

#include "../note.h"

/* V36: what is not the one form of a name is none. */
static void
test_refused (void)
{
  static const char *const refused[] = {
    "&", "a&", "&A", "&AMQ", "&AGE-", "&AMQ-&AMQ-", "\303\204", "\377", "&2D0-", "&3QA-", "&2D3YPQ-", "&AMR-", "&AMQA-", "&AMQAAA-", "a\tb", "a\177", "&AAE-", "&AIA-",
    "&AAA-", "&*-", "&-&AGE-", "&AC8-", "&ACY-", "&AMQ=-", "&AMQ=", "&AM Q-", "&AMQ-&", "&AMQA/-", "&AMQALQ-", "&AMQALQDE-", "&A-", "&AA-"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      note (refused[i]);
      g_assert_null (ph_mutf7_decode (refused[i], strlen (refused[i])));
    }

  g_assert_null (ph_mutf7_decode ("a\0b", 3));
  g_assert_null (ph_mutf7_decode ("&AM\0Q-", 6));
  g_assert_null (ph_mutf7_encode ("\377"));
  g_assert_null (ph_mutf7_encode ("a\nb"));
  g_assert_null (ph_mutf7_encode ("\302\200"));
}

/* RFC 3501 5.1.3 and every character that has one form (I30). */
static void
test_round_trip (void)
{
  g_autofree char *example = ph_mutf7_decode ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", 31);
  g_autofree char *empty = ph_mutf7_decode ("", 0);

  g_assert_cmpstr (example, ==, "~peter/mail/\345\217\260\345\214\227/\346\227\245\346\234\254\350\252\236");
  g_assert_cmpstr (empty, ==, "");

  for (gunichar c = 0x20; c < 0x110000; c += c < 0x3000 ? 1 : 37)
    {
      char             name[32] = "a";
      g_autofree char *there = NULL, *back = NULL;
      gint             length;

      if ((c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000))
        continue;

      length = 1 + g_unichar_to_utf8 (c, name + 1);
      g_strlcpy (name + length, "-&\303\274", sizeof name - (gsize)length);
      there = ph_mutf7_encode (name);
      g_assert_true (g_str_is_ascii (there));
      back = ph_mutf7_decode (there, strlen (there));
      g_assert_cmpstr (back, ==, name);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/mutf7/refused", test_refused);
  g_test_add_func ("/mail/mutf7/round-trip", test_round_trip);

  return g_test_run ();
}
