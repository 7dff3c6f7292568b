#include "ph-json.h"

static void
test_string (void)
{
  g_autoptr (GString) target = g_string_new ("[");

  ph_json_append_string (target, "a\"b\\c\n\x1f é");
  g_string_append_c (target, ',');
  ph_json_append_string (target, "");
  g_assert_cmpstr (target->str, ==, "[\"a\\\"b\\\\c\\u000a\\u001f é\",\"\"");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/base/json/string", test_string);

  return g_test_run ();
}
