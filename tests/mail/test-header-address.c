#include "ph-header-address.h"

#include <string.h>

#include "../note.h"
#include "small-stack.h"

/* [name|route|local|domain], {group … } */
static char *
describe (const char *text,
          gsize       length)
{
  g_autoptr (GPtrArray) list = ph_header_address_list_parse ((const guint8 *)text, length);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    {
      const PhHeaderAddress *address = g_ptr_array_index (list, i);

      if (address->kind == PH_HEADER_ADDRESS_GROUP_START)
        g_string_append_printf (out, "{%s:", address->name);
      else if (address->kind == PH_HEADER_ADDRESS_GROUP_END)
        g_string_append (out, "}");
      else
        g_string_append_printf (out, "[%s|%s|%s|%s]", address->name != NULL ? address->name : "-",
                                address->route != NULL ? address->route : "-", address->local,
                                address->domain != NULL ? address->domain : "-");
    }

  return g_string_free (out, FALSE);
}

/* I34, V13 */
static void
test_lists (void)
{
  static const struct
  {
    const char *text, *list;
  } rows[] = {
    { "", "" },
    { " \r\n\t", "" },
    { ",,, ,", "" },
    { "a@b", "[-|-|a|b]" },
    { "a@b, c@d", "[-|-|a|b][-|-|c|d]" },
    { "Bob <a@b>", "[Bob|-|a|b]" },
    { "Bob\r\n Smith <a@b>", "[Bob Smith|-|a|b]" },
    { "\"Smith, Bob\" <a@b>", "[Smith, Bob|-|a|b]" },
    { "\"a\\\"b\\\\c\" <a@b>", "[a\"b\\c|-|a|b]" },
    { "John Q. Public <a@b>", "[John Q. Public|-|a|b]" },
    { "=?utf-8?q?B=C3=B6b?= <a@b>", "[=?utf-8?q?B=C3=B6b?=|-|a|b]" },
    { "B\303\266b <\303\266@\303\266.org>", "[B\303\266b|-|\303\266|\303\266.org]" },
    { "\377\376 <\377@\376>", "[\377\376|-|\377|\376]" },
    { "<a@b>", "[-|-|a|b]" },
    { "a@b (Bob)", "[Bob|-|a|b]" },
    { "a@b (Bob (the (real)) one)", "[Bob (the (real)) one|-|a|b]" },
    { "a@b (Bob \\) one)", "[Bob ) one|-|a|b]" },
    { "(x) a (y) @ (z) b (Bob)", "[Bob|-|a|b]" },
    { "Bob (c) <a(x)@(y)b>", "[Bob|-|a|b]" },
    { "\"a b\"@c", "[-|-|a b|c]" },
    { "\"\"@c", "[-|-||c]" },
    { "<\"\"@c>", "[-|-||c]" },
    { "\"a\".\"b\"@c", "[-|-|a.b|c]" },
    { "a . b @ c . d", "[-|-|a.b|c.d]" },
    { "a@[192.0.2.1]", "[-|-|a|[192.0.2.1]]" },
    { "a@[IPv6:::1] (x)", "[x|-|a|[IPv6:::1]]" },
    { "a@[1.2", "[-|-|a|[1.2]" },
    { "<@a,@b:c@d>", "[-|@a,@b|c|d]" },
    { "Bob <@a:c@d>, e@f", "[Bob|@a|c|d][-|-|e|f]" },
    { "<@a", "[-|@a||-]" },
    /* groups */
    { "g: a@b, c@d;", "{g:[-|-|a|b][-|-|c|d]}" },
    { "undisclosed-recipients:;", "{undisclosed-recipients:}" },
    { "my group: Bob <a@b>; e@f", "{my group:[Bob|-|a|b]}[-|-|e|f]" },
    { "g:;, a@b", "{g:}[-|-|a|b]" },
    { "g: a@b", "{g:[-|-|a|b]}" },
    { "g: h: a@b;;", "{g:}{h:[-|-|a|b]}" },
    { ":;", "{:}" },
    { ";", "" },
    { "a@b; c@d", "[-|-|a|b][-|-|c|d]" },
    /* what makes no sense */
    { "Bob", "[-|-|Bob|-]" },
    { "Bob Smith", "[-|-|Bob Smith|-]" },
    { "<>", "[-|-||-]" },
    { "Bob <>", "[Bob|-||-]" },
    { "@", "[-|-||]" },
    { "a@", "[-|-|a|]" },
    { "@b", "[-|-||b]" },
    { "<a", "[-|-|a|-]" },
    { "<a@b", "[-|-|a|b]" },
    { "a@b>", "[-|-|a|b]" },
    { "<<a@b>>", "[-|-|a|b]" },
    { "a@b <c@d>", "[a@b|-|c|d]" },
    { "<a@b> <c@d>", "[-|-|a|b][-|-|c|d]" },
    { "Bob a@b", "[Bob|-|a|b]" },
    { "a@b c", "[-|-|a|b]" },
    { "a@b@c", "[-|-|a|b@c]" },
    { "\"unclosed", "[-|-|unclosed|-]" },
    { "\"unclosed\\", "[-|-|unclosed\\|-]" },
    { "(unclosed", "" },
    { "(unclosed\\", "" },
    { "a@b (unclosed", "[unclosed|-|a|b]" },
    { "))) a@b", "[)))|-|a|b]" },
    { "<a b@c>", "[-|-|a b|c]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *list = describe (rows[i].text, strlen (rows[i].text));

      note (rows[i].text);
      g_assert_cmpstr (list, ==, rows[i].list);
    }
}

/* V12: cut at every byte, in a buffer that ends there; NUL is skipped. */
static void
test_cut (void)
{
  static const char text[] = "\"Smi\\\"th\" (c\\)(d)) <@r,@s:\"a\0b\"@[1.2.3.4]>, g: =?utf-8?q?=C3=BC?= <a@b>, c@d (x); e . f @ g";
  g_autofree char  *whole = describe (text, sizeof text - 1);

  g_assert_cmpstr (whole, ==, "[Smi\"th|@r,@s|ab|[1.2.3.4]]{g:[=?utf-8?q?=C3=BC?=|-|a|b][x|-|c|d]}[-|-|e.f|g]");
  for (gsize length = 0; length < sizeof text; length++)
    {
      g_autofree char *slice = g_memdup2 (text, MAX (length, 1));
      g_autofree char *list = describe (slice, length);

      g_assert_nonnull (list);
    }
}

static void
test_values (void)
{
  static const char text[] = "=?utf-8?b?QsO2Yg==?= <\"a b\"@x.org>, <\377\001@y\n.org>, Bob, g:;";
  g_autoptr (GPtrArray) list = ph_header_address_list_parse ((const guint8 *)text, sizeof text - 1);
  g_autofree char *name = ph_header_address_dup_display_name (g_ptr_array_index (list, 0));
  g_autofree char *first = ph_header_address_dup_addr_spec (g_ptr_array_index (list, 0));
  g_autofree char *second = ph_header_address_dup_addr_spec (g_ptr_array_index (list, 1));

  g_assert_cmpstr (name, ==, "B\303\266b");
  g_assert_cmpstr (first, ==, "\"a b\"@x.org");
  g_assert_cmpstr (second, ==, "\357\277\275@y.org");
  g_assert_null (ph_header_address_dup_display_name (g_ptr_array_index (list, 1)));
  g_assert_null (ph_header_address_dup_addr_spec (g_ptr_array_index (list, 2)));
  g_assert_null (ph_header_address_dup_addr_spec (g_ptr_array_index (list, 3)));
}

static gpointer
parse_thread (gpointer data)
{
  GString *text = data;
  g_autoptr (GPtrArray) list = ph_header_address_list_parse ((const guint8 *)text->str, text->len);
  int depth = 0;

  g_assert_cmpuint (list->len, <=, PH_HEADER_ADDRESSES_MAX);
  for (guint i = 0; i < list->len; i++)
    {
      const PhHeaderAddress *address = g_ptr_array_index (list, i);

      depth += address->kind == PH_HEADER_ADDRESS_GROUP_START;
      depth -= address->kind == PH_HEADER_ADDRESS_GROUP_END;
      g_assert_true (depth == 0 || depth == 1);
    }
  g_assert_cmpint (depth, ==, 0);

  return NULL;
}

/* V06, V07: a million of anything, with a small stack. */
static void
test_bombs (void)
{
  static const char *const patterns[] = { "(", "g:", "g:g:;", "<", ">", "@", "a@b,", "\"", "\\", "(\\", "[", "<@a,@b:", "a ", "a . ", "a@b c ", "=?utf-8?q?a?= ", "a(b)", ";", ":" };

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      while (text->len < 1000000)
        g_string_append (text, patterns[i]);
      run_with_small_stack (parse_thread, text);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/header-address/lists", test_lists);
  g_test_add_func ("/mail/header-address/cut", test_cut);
  g_test_add_func ("/mail/header-address/values", test_values);
  g_test_add_func ("/mail/header-address/bombs", test_bombs);

  return g_test_run ();
}
