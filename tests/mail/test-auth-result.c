#include "ph-auth-result.h"

#include <string.h>

/* What each field gives: method=result(subject), one after the other. */
static const struct
{
  const char *what;
  const char *value;
  const char *expected;
} fields[] = {
  { "ours", "mx.test; iprev=pass (host.test) policy.iprev=192.0.2.1;  spf=fail (\"-all\" in the record) smtp.mailfrom=a@b.test; dkim=none; dmarc=fail (p=reject dis=none: x) header.from=b.test",
    "iprev=pass(192.0.2.1) spf=fail(a@b.test) dkim=none() dmarc=fail(b.test)" },
  { "somebody else's", "mx.elsewhere; spf=pass smtp.mailfrom=a@b.test", "" },
  { "upper case, a version", "MX.test 1; SPF/1=Pass SMTP.MailFrom=A@b.test", "spf=pass(A@b.test)" },
  { "blanks and comments wherever they may be (RFC 8601, B.7)",
    "(a) mx.test (b(c)d) 1 (e); auth (f) = (g) pass (h) reason = \"ok; (not) spf=fail\" (i) smtp . auth=x smtp.auth (j) = (k) a@b.test", "auth=pass(a@b.test)" },
  { "the first property", "mx.test; dkim=pass reason=\"good\" header.d=b.test header.s=s header.b=abc", "dkim=pass(b.test)" },
  { "two signatures", "mx.test; dkim=pass header.d=a.test; dkim=fail header.d=b.test", "dkim=pass(a.test) dkim=fail(b.test)" },
  { "a quoted value", "mx.test; spf=pass smtp.mailfrom=\"a \\\"b\\\"\"@b.test", "spf=pass(a \"b\")" },
  { "a quoted name of the server", "\"mx.test\"; spf=none", "spf=none()" },
  { "no result", "mx.test; none", "" },
  { "a comment cannot say who wrote it", "(mx.test) mx.elsewhere; spf=pass", "" },
  { "a comment that never ends", "mx.test; spf=pass (dmarc=pass; dkim=pass", "spf=pass()" },
  { "a quotation that never ends", "mx.test; spf=pass smtp.mailfrom=\"a; dmarc=pass", "spf=pass(a; dmarc=pass)" },
  { "escapes at the end", "mx.test; spf=pass (\\", "spf=pass()" },
  { "an escape in a quotation at the end", "mx.test; spf=pass smtp.mailfrom=\"a\\", "spf=pass(a\\)" },
  { "what is none", "mx.test; =; a=; =b; ;; spf", "" },
  { "nothing", "", "" },
};

static void
test_field (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_auth_result_free);
  g_autoptr (GString) text = g_string_new (NULL);

  ph_auth_result_parse_field (fields[row].value, "mx.test", results);
  for (guint i = 0; i < results->len; i++)
    {
      const PhAuthResult *result = results->pdata[i];

      g_string_append_printf (text, "%s%s=%s(%s)", i > 0 ? " " : "", result->method, result->result, result->subject != NULL ? result->subject : "");
    }
  g_assert_cmpstr (text->str, ==, fields[row].expected);
}

/* S29: however much stands before the name. */
static void
test_padded_name (void)
{
  g_autofree char *blanks = g_strnfill (100000, ' ');
  g_autofree char *value = g_strconcat ("(a)", blanks, "(b)", blanks, "mx.test; spf=pass", NULL);

  g_assert_true (ph_auth_result_is_by (value, "mx.test"));
  g_assert_false (ph_auth_result_is_by (value, "mx.tes"));
}

/* However many there are, and however long. */
static void
test_bounds (void)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_auth_result_free);
  g_autofree char *filler = g_strnfill (100000, 'x');
  g_autoptr (GString) value = g_string_new ("mx.test");

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (value, "; spf=pass smtp.mailfrom=%s", i == 0 ? filler : "a@b.test");
  ph_auth_result_parse_field (value->str, "mx.test", results);
  g_assert_cmpuint (results->len, ==, PH_AUTH_RESULTS_MAX);
  g_assert_cmpuint (strlen (((PhAuthResult *)results->pdata[0])->subject), <=, PH_AUTH_RESULT_LENGTH_MAX);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autofree char *path = g_strdup_printf ("/mail/auth-result/%s", fields[i].what);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_field);
    }
  g_test_add_func ("/mail/auth-result/padded-name", test_padded_name);
  g_test_add_func ("/mail/auth-result/bounds", test_bounds);

  return g_test_run ();
}
