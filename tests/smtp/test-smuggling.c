/* V01: what ends the data of a message, and what does not. */

#include "session-fixture.h"

/* V01: none of these ends the data but the one that has CRLF.CRLF in it, whose session then ends, with a 421. */
static const struct
{
  const char *bytes;
  gsize       length;
  gboolean    ends;
} terminators[] = {
  { "\n.\n", 3, FALSE },
  { "\n.\r\n", 4, FALSE },
  { "\r\n.\n", 4, FALSE },
  { "\r.\r", 3, FALSE },
  { "\r.\r\n", 4, FALSE },
  { "\r\n.\r", 4, FALSE },
  { "\n.\r", 3, FALSE },
  { "\r.\n", 3, FALSE },
  { "\r\r\n.\r\n", 6, TRUE },
  { "\r\n.\r\r\n", 6, FALSE },
  { "\r\n\0.\r\n", 6, FALSE },
  { "\r\n.\0\r\n", 6, FALSE },
  { "\r\n. \r\n", 6, FALSE },
  { "\r\n..\r\n", 6, FALSE },
  { "\n..\r\n", 5, FALSE },
  { "\r\n..\n", 5, FALSE },
};

static void
smuggle (Fixture   *fixture,
         PhSmtpRole role,
         guint      which,
         gsize      split)
{
  static const char        before[] = "Subject: x\r\n\r\ntext", after[] = "MAIL FROM:<evil@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nsmuggled\r\n.\r\nNOOP\r\n";
  static const char *const hellos[] = { "EHLO there\r\n", "EHLO there\r\nAUTH PLAIN " PLAIN "\r\n", "LHLO there\r\n" };
  g_autoptr (GString) wire = g_string_new_len (before, sizeof before - 1);
  g_autofree char *codes = NULL;

  g_string_append_len (wire, terminators[which].bytes, (gssize)terminators[which].length);
  g_string_append (wire, after);

  connect_as (fixture, role);
  say (fixture, hellos[role]);
  say (fixture, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n");
  g_string_truncate (fixture->output, 0);
  feed (fixture, wire->str, split);
  feed (fixture, wire->str + split, wire->len - split);

  /* One transaction: one answer to it, one to NOOP where the session goes on. */
  codes = take_codes (fixture);
  if (terminators[which].ends || g_str_has_prefix (codes, "550"))
    g_assert_cmpstr (codes, ==, "550 421 ");
  else
    g_assert_cmpstr (codes, ==, "250 250 ");
  g_assert_cmpuint (fixture->handler->accepted->len, ==, g_str_has_prefix (codes, "250") ? 1 : 0);
  if (fixture->handler->accepted->len > 0)
    g_assert_true (g_str_has_prefix (stub_handler_get (fixture->handler, 0)->str, "a@x.test|b@y.test|Subject: x\r\n\r\ntext"));
  hang_up (fixture);
}

static void
test_smuggling (Fixture      *fixture,
                gconstpointer data)
{
  PhSmtpRole role = GPOINTER_TO_UINT (data);

  for (guint i = 0; i < G_N_ELEMENTS (terminators); i++)
    for (gsize split = 0; split < 30; split++)
      smuggle (fixture, role, i, role != PH_SMTP_ROLE_SUBMISSION || split % 6 == 0 ? split : 18 + split / 4);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, data, function) g_test_add ("/smtp/session/" name, Fixture, data, set_up, function, tear_down)
  ADD ("smuggling/relay", GUINT_TO_POINTER (PH_SMTP_ROLE_RELAY), test_smuggling);
  ADD ("smuggling/lmtp", GUINT_TO_POINTER (PH_SMTP_ROLE_LMTP), test_smuggling);
  ADD ("smuggling/submission", GUINT_TO_POINTER (PH_SMTP_ROLE_SUBMISSION), test_smuggling);
#undef ADD

  return g_test_run ();
}
