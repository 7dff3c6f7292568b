/* What the relay says in the place of a server is kept in English, and shown in the language of the window. */

#include "ph-own-reply.h"

#include "../german.h"

static void
test_translations (void)
{
  static const struct
  {
    const char *reply;
    const char *wanted; /* NULL: the same */
  } table[] = {
    { "451 4.4.2 mx.test did not answer in time", "451 4.4.2 mx.test hat nicht rechtzeitig geantwortet" },
    { "mx.test did not answer in time", "mx.test hat nicht rechtzeitig geantwortet" },
    { "b@x.test: 550 5.1.2 The domain x.test does not exist", "b@x.test: 550 5.1.2 Die Domain x.test gibt es nicht" },
    { "451 4.4.1 No connection to mx.test ([2001:db8::1]:25): connection refused", "451 4.4.1 Keine Verbindung zu mx.test ([2001:db8::1]:25): Verbindung abgelehnt" },
    { "451 4.7.8 mx.test refused the login: 535 5.7.8 No: not you", "451 4.7.8 mx.test hat die Anmeldung abgelehnt: 535 5.7.8 No: not you" },
    { "250 2.1.5 Delivered here", "250 2.1.5 Hier zugestellt" },
    { "554 5.0.0 Given up by hand", "554 5.0.0 Von Hand aufgegeben" },
    /* What a server says stays as it is. */
    { "550 5.1.1 No such user", NULL },
    { "550 That is no address of ours", NULL },
    { "Delivered here, too", NULL },
    { "451 4.4.1 No connection to (", NULL },
    { "451 4.4.2 ", NULL },
    { "%s", NULL },
    { "550", NULL },
    { "", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *said = ph_own_reply_translate (table[i].reply);

      g_assert_cmpstr (said, ==, table[i].wanted != NULL ? table[i].wanted : table[i].reply);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  speak_german ();

  g_test_add_func ("/own-reply/translations", test_translations);

  return g_test_run ();
}
