#include "ph-threader.h"

#include <string.h>
#include <time.h>

/* I41, V09: threads, whatever messages refer to. */

typedef struct
{
  guint32     number;
  const char *subject;
  gboolean    is_reply;
  const char *id;
  const char *references; /* in order, with blanks between */
} Mail;

static GArray *
form (const Mail *mails,
      guint       n,
      gboolean    by_references)
{
  g_autoptr (PhThreader) threader = ph_threader_new ();

  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) references = mails[i].references != NULL ? g_strsplit (mails[i].references, " ", -1) : NULL;

      ph_threader_add (threader, mails[i].number, i, mails[i].subject, mails[i].is_reply, mails[i].id, (const char *const *)references);
    }

  return by_references ? ph_threader_form_references (threader) : ph_threader_form_by_subject (threader);
}

/* "1/2 2/0 3/0": numbers and how many children each has. */
static char *
show (const GArray *nodes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < nodes->len; i++)
    {
      const PhThreadNode *node = &g_array_index (nodes, PhThreadNode, i);

      g_string_append_printf (text, "%s%u/%u", i > 0 ? " " : "", node->number, node->n_children);
    }

  return g_string_free (text, FALSE);
}

static void
check (const Mail *mails,
       guint       n,
       gboolean    by_references,
       const char *expected)
{
  g_autoptr (GArray) nodes = form (mails, n, by_references);
  g_autofree char *shown = show (nodes);

  g_assert_cmpstr (shown, ==, expected);
}

static void
test_references (void)
{
  const Mail chain[] = {
    { 1, "A", FALSE, "a", NULL },
    { 2, "A", TRUE, "b", "a" },
    { 3, "A", TRUE, "c", "a b" },
    { 4, "A", TRUE, "d", "a" },
  };
  const Mail missing[] = {
    { 1, "A", TRUE, "b", "x" },
    { 2, "A", TRUE, "c", "x" },
    { 3, "B", FALSE, "d", "y z" },
  };
  const Mail subjects[] = {
    { 1, "A", TRUE, "a", NULL },
    { 2, "A", FALSE, "b", NULL },
    { 3, "A", FALSE, "c", NULL },
    { 4, "", FALSE, "d", NULL },
    { 5, "", FALSE, "e", NULL },
  };

  check (chain, 4, TRUE, "1/2 2/1 3/0 4/0");
  check (missing, 3, TRUE, "0/2 1/0 2/0 3/0");
  check (subjects, 5, TRUE, "0/2 2/1 1/0 3/0 4/0 5/0");
  check (NULL, 0, TRUE, "");
}

static void
test_loops (void)
{
  const Mail itself[] = { { 1, "A", FALSE, "a", "a" } };
  const Mail circle[] = {
    { 1, "A", FALSE, "a", "c b" },
    { 2, "B", FALSE, "b", "a c" },
    { 3, "C", FALSE, "c", "b a" },
  };
  const Mail twice[] = {
    { 1, "A", FALSE, "a", NULL },
    { 2, "B", FALSE, "a", NULL },
    { 3, "C", FALSE, "b", "a" },
  };
  g_autoptr (GArray) nodes = form (circle, 3, TRUE);

  check (itself, 1, TRUE, "1/0");
  g_assert_cmpuint (nodes->len, ==, 3);
  check (twice, 3, TRUE, "1/1 3/0 2/0");
}

static void
test_by_subject (void)
{
  const Mail mails[] = {
    { 1, "A", FALSE, "a", NULL },
    { 2, "B", FALSE, "b", "a" },
    { 3, "A", TRUE, "c", NULL },
    { 4, "A", FALSE, NULL, NULL },
  };

  check (mails, 4, FALSE, "1/2 3/0 4/0 2/0");
}

/* Each message refers to the one before it, forwards and backwards; all to the same; and
 * what would loop. */
static void
test_hostile (void)
{
  const guint n = 30000;

  for (guint kind = 0; kind < 4; kind++)
    {
      g_autoptr (PhThreader) threader = ph_threader_new ();
      g_autoptr (GArray) nodes = NULL;
      guint   n_messages = 0;
      clock_t start = clock ();

      for (guint i = 0; i < n; i++)
        {
          guint            own = kind == 1 ? n - i : i;
          guint            other = kind == 2 ? 0 : (kind == 3 ? (i * 7919) % n : own - 1);
          g_autofree char *id = g_strdup_printf ("m%u", own);
          g_autofree char *reference = g_strdup_printf ("m%u", other);

          ph_threader_add (threader, i + 1, i, "A", FALSE, id, (const char *const[]){ reference, "x", id, NULL });
        }
      nodes = ph_threader_form_references (threader);
      for (guint i = 0; i < nodes->len; i++)
        n_messages += g_array_index (nodes, PhThreadNode, i).number != 0;
      g_assert_cmpuint (n_messages, ==, n);
      g_assert_cmpint (clock () - start, <, 10 * CLOCKS_PER_SEC);
    }
}

static void
test_ids (void)
{
  g_auto (GStrv) ids = ph_threader_parse_ids ("text <a@b> <c@d>junk<e <f>> <> <g", 10);
  g_auto (GStrv) last = ph_threader_parse_ids ("<a> <b> <c>", 2);
  g_auto (GStrv) none = ph_threader_parse_ids (NULL, 2);

  g_assert_cmpstrv (ids, ((const char *const[]){ "a@b", "c@d", "f", NULL }));
  g_assert_cmpstrv (last, ((const char *const[]){ "b", "c", NULL }));
  g_assert_null (none[0]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/threader/references", test_references);
  g_test_add_func ("/mail/threader/loops", test_loops);
  g_test_add_func ("/mail/threader/by-subject", test_by_subject);
  g_test_add_func ("/mail/threader/hostile", test_hostile);
  g_test_add_func ("/mail/threader/ids", test_ids);

  return g_test_run ();
}
