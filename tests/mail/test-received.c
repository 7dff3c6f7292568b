#include "ph-received.h"

#include <string.h>

/* What each field gives: from | from_comment | by | with | with_comment | id | for | time. */
static const struct
{
  const char *what;
  const char *value;
  const char *expected;
} fields[] = {
  { "ours", "from mx.example.org ([192.0.2.7]) by posthouse.test with ESMTPS (TLS1.3 AES) id 5F3AX001 for <bob@demo.test>; Thu, 26 Nov 2026 10:00:00 +0000",
    "mx.example.org|[192.0.2.7]|posthouse.test|ESMTPS|TLS1.3 AES|5F3AX001|bob@demo.test|1795687200" },
  { "TLS said before by", "from a (b [1.2.3.4]) (using TLSv1.3 with cipher X (256 bits)) (Client did not present) by c (Postfix) with ESMTPS id 4 for <x@y>; Thu, 26 Nov 2026 10:00:00 +0000",
    "a|b [1.2.3.4]|c|ESMTPS|using TLSv1.3 with cipher X (256 bits)|4|x@y|1795687200" },
  { "any order, upper case", "BY c WITH SMTP FROM a; garbage", "a||c|SMTP||||0" },
  { "the first of a clause counts", "from a from b by c; ", "a||c|||||0" },
  { "words nobody knows", "by 2002:a05:6122:4f0c with SMTP id x via mars for nobody ; Thu, 26 Nov 2026 10:00:00 +0000", "||2002:a05:6122:4f0c|SMTP||x|nobody|1795687200" },
  { "a quoted word with a blank", "by c for <\"a b\"@d>;", "||c||||\"a b\"@d|0" },
  { "comments that never end", "from a (((((by c", "a|((((by c||||||0" },
  { "an escape at the end", "from a (\\", "a|\\||||||0" },
  { "nothing", "", "|||||||0" },
  { "only a clause's name", "from", "|||||||0" },
};

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static void
test_field (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (PhReceived) received = ph_received_parse (fields[row].value);
  g_autofree char *text = g_strdup_printf ("%s|%s|%s|%s|%s|%s|%s|%" G_GINT64_FORMAT, or_empty (received->from), or_empty (received->from_comment), or_empty (received->by),
                                           or_empty (received->with), or_empty (received->with_comment), or_empty (received->id), or_empty (received->recipient), received->time);

  g_assert_cmpstr (text, ==, fields[row].expected);
}

/* V09: twice as long takes no more than about twice the time; here just that it ends. */
static void
test_long (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PhReceived) received = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "from ((");
  received = ph_received_parse (text->str);
  g_assert_cmpuint (strlen (received->from_comment), <=, PH_RECEIVED_CLAUSE_MAX);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autofree char *path = g_strdup_printf ("/mail/received/%s", fields[i].what);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_field);
    }
  g_test_add_func ("/mail/received/long (V09)", test_long);

  return g_test_run ();
}
