#include "ph-parameter.h"

#include <string.h>

#include "../note.h"

static PhParameterList *
parse (const char *text)
{
  return ph_parameter_list_parse ((const guint8 *)text, strlen (text));
}

static void
test_parse (void)
{
  static const struct
  {
    const char *text, *list;
  } rows[] = {
    { "", "|-" },
    { "text/plain", "text|plain" },
    { " text / plain (c) ; (c) a = b (c) ; c=\"d;\\\"e\" ", "text|plain a=b c=d;\"e" },
    { "attachment; filename=x y.pdf", "attachment|- filename=x" },
    { "a;b;;=c;d=;e=f", "a|- d= e=f" },
    { "a/b;\r\n c=\"x\r\n y\";\r\n\td=z", "a|b c=x y d=z" },
    { "a/b; c=\"unclosed", "a|b c=unclosed" },
    { "a/b; c=\"unclosed\\", "a|b c=unclosed\\" },
    { "a/b; (unclosed", "a|b" },
    { "a/b; (unclosed\\", "a|b" },
    { "a/b; c", "a|b" },
    { "a/b; c=", "a|b c=" },
    { "a/b junk; c=\303\274", "a|b c=\303\274" },
    { "/;;=", "|" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PhParameterList) list = parse (rows[i].text);
      g_autoptr (GString) text = g_string_new (list->type);

      g_string_append_printf (text, "|%s", list->subtype != NULL ? list->subtype : "-");
      for (guint k = 0; k < list->n_parameters; k++)
        g_string_append_printf (text, " %s=%s", list->parameters[k].name, list->parameters[k].value);
      g_assert_cmpstr (text->str, ==, rows[i].list);
    }
}

/* RFC 2231 and what is done in its place */
static void
test_decoded (void)
{
  static const struct
  {
    const char *text, *decoded;
  } rows[] = {
    { "a", NULL },
    { "a; n=plain", "plain" },
    { "a; n=\"=?utf-8?q?=C3=BC?=\"", "\303\274" },
    { "a; n=\374", "\303\274" },
    { "a; n*=utf-8'en'%C3%BC%20x", "\303\274 x" },
    { "a; N*=ISO-8859-1''%FC", "\303\274" },
    { "a; n*=''x", "x" },
    { "a; n*=%C3%BC", "\303\274" },
    { "a; n*=utf-8''%C3%B", "\357\277\275%B" },
    { "a; n*=utf-8''%0D%0AX", "  X" },
    { "a; n*0=one; n*1=two", "onetwo" },
    { "a; n*1=two; n*0=one; n=other", "onetwo" },
    { "a; n*0*=utf-8''%C3; n*1*=%BC; n*2=%41", "\303\274%41" },
    { "a; n*0=one; n*2=three", "one" },
    { "a; n*0=one; n*0=again; n*1=two", "onetwo" },
    { "a; n*1=two; n=other", "other" },
    { "a; n*1=two", NULL },
    { "a; n*x=1; n**=2; n*0x=3; n*99999999999=4", NULL },
    { "a; nn=1", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PhParameterList) list = parse (rows[i].text);
      g_autofree char *decoded = ph_parameter_list_dup_decoded (list, "n");

      note (rows[i].text);
      g_assert_cmpstr (decoded, ==, rows[i].decoded);
    }
}

/* V08 */
static void
test_bombs (void)
{
  static const char *const patterns[] = { "; n*%u*=utf-8''%%41", "; n*%u=x", "; n*0=x", "; n%u=x", ";", "(", "; n=\"", "; n=\\\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (GString) text = g_string_new ("a/b");
      g_autoptr (PhParameterList) list = NULL;
      g_autofree char *decoded = NULL;
      g_auto (GStrv) halves = g_strsplit (patterns[i], "%u", 2);

      for (guint k = 100000; k > 0; k--)
        if (halves[1] != NULL)
          g_string_append_printf (text, "%s%u%s", halves[0], k - 1, halves[1]);
        else
          g_string_append (text, halves[0]);

      list = parse (text->str);
      g_assert_cmpuint (list->n_parameters, <=, PH_PARAMETERS_MAX);
      decoded = ph_parameter_list_dup_decoded (list, "n");
      if (decoded != NULL)
        g_assert_cmpuint (strlen (decoded), <=, 3 * PH_PARAMETER_DECODED_MAX);
    }
}

/* V12 */
static void
test_cut (void)
{
  static const char text[] = "text/plain (a\\)b); n*0*=utf-8''%C3%BC; \"q\\\"\"; c=\"d\\\\\"; e=f";

  for (gsize length = 0; length < sizeof text; length++)
    {
      g_autofree guint8 *slice = g_memdup2 (text, MAX (length, 1));
      g_autoptr (PhParameterList) list = ph_parameter_list_parse (slice, length);
      g_autofree char *decoded = ph_parameter_list_dup_decoded (list, "n");

      g_assert_true (decoded == NULL || g_utf8_validate (decoded, -1, NULL));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/parameter/parse", test_parse);
  g_test_add_func ("/mail/parameter/decoded", test_decoded);
  g_test_add_func ("/mail/parameter/bombs", test_bombs);
  g_test_add_func ("/mail/parameter/cut", test_cut);

  return g_test_run ();
}
