#include "ph-address.h"

#include <string.h>

#include "ph-mail-error.h"

#define ALL (PH_ADDRESS_UTF8 | PH_ADDRESS_NULL_PATH | PH_ADDRESS_POSTMASTER)

/* V13, V27: what is accepted, and as what */
static const struct
{
  const char *path;
  const char *local;
  const char *domain;
  const char *formatted;
} accepted[] = {
  { "<>", "", NULL, "" },
  { "<postmaster>", "postmaster", NULL, "postmaster" },
  { "<PostMaster>", "PostMaster", NULL, "PostMaster" },
  { "<a@b>", "a", "b", "a@b" },
  { "<Bob@Example.ORG>", "Bob", "example.org", "Bob@example.org" },
  { "<bob+tag@example.org>", "bob+tag", "example.org", "bob+tag@example.org" },
  { "<a.b.c@example.org>", "a.b.c", "example.org", "a.b.c@example.org" },
  { "<!#$%&'*+-/=?^_`{|}~@x.org>", "!#$%&'*+-/=?^_`{|}~", "x.org", "!#$%&'*+-/=?^_`{|}~@x.org" },
  { "<user%remote.org@local.org>", "user%remote.org", "local.org", "user%remote.org@local.org" },
  { "<host!user@local.org>", "host!user", "local.org", "host!user@local.org" },
  { "<@a,@b:c@d>", "c", "d", "c@d" },
  { "<@a.org:c@d.org>", "c", "d.org", "c@d.org" },
  { "<\"x@y\"@local.org>", "x@y", "local.org", "\"x@y\"@local.org" },
  { "<\"plain\"@local.org>", "plain", "local.org", "plain@local.org" },
  { "<\"a b\"@local.org>", "a b", "local.org", "\"a b\"@local.org" },
  { "<\"a\\\"b\\\\c\"@local.org>", "a\"b\\c", "local.org", "\"a\\\"b\\\\c\"@local.org" },
  { "<\"\\a\\b\"@local.org>", "ab", "local.org", "ab@local.org" },
  { "<\".a\"@local.org>", ".a", "local.org", "\".a\"@local.org" },
  { "<\"a..b\"@local.org>", "a..b", "local.org", "\"a..b\"@local.org" },
  { "<\"<>\"@local.org>", "<>", "local.org", "\"<>\"@local.org" },
  { "<a@[192.0.2.1]>", "a", "[192.0.2.1]", "a@[192.0.2.1]" },
  { "<a@[ipv6:2001:DB8::0:1]>", "a", "[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]" },
  { "<a@host_name.local>", "a", "host_name.local", "a@host_name.local" },
  { "<a@3com.com>", "a", "3com.com", "a@3com.com" },
  { "<\303\274ser@example.org>", "\303\274ser", "example.org", "\303\274ser@example.org" },
  { "<a@B\303\234CHER.example>", "a", "xn--bcher-kva.example", "a@xn--bcher-kva.example" },
  { "<a@XN--BCHER-KVA.example>", "a", "xn--bcher-kva.example", "a@xn--bcher-kva.example" },
  { "<a@\346\227\245\346\234\254\343\200\202jp>", "a", "xn--wgv71a.jp", "a@xn--wgv71a.jp" },
};

/* V13, V27, V14: what is refused */
static const char *const refused[] = {
  "",
  "<",
  "a@b",
  "<a@b",
  "a@b>",
  "<a>",
  "<a@>",
  "<@b>",
  "<@>",
  "<@a:>",
  "<@a:@b>",
  "<@a,b@c>",
  "<@a@b:c@d>",
  "<\"\"@d>",
  "<\"a@d>",
  "<\"a\"b@d>",
  "<\"a\".b@d>",
  "<a\"b\"@d>",
  "<\"a\\",
  "<\"a\\\"@d>",
  "<.a@d>",
  "<a.@d>",
  "<a..b@d>",
  "<a b@d>",
  "<a @d>",
  "<a@ d>",
  "< a@d>",
  "<a@d >",
  "<a@d.>",
  "<a@.d>",
  "<a@d..e>",
  "<a@-d>",
  "<a@d->",
  "<a@d.-e>",
  "<a@b@c>",
  "<a@b,c@d>",
  "<a,b@d>",
  "<a;b@d>",
  "<a:b@d>",
  "<g:a@d;>",
  "<a(c)@d>",
  "<a@d(c)>",
  "<a<b@d>",
  "<<a@d>>",
  "<a\\b@d>",
  "<a@127.0.0.1>",
  "<a@1>",
  "<a@0x7f000001>",
  "<a@0x7F.1>",
  "<a@[127.1]>",
  "<a@[127.0.0.01]>",
  "<a@[256.0.0.1]>",
  "<a@[1.2.3.4>",
  "<a@[::1]>",
  "<a@[IPv6:1.2.3.4]>",
  "<a@[IPv6:fe80::1%lo]>",
  "<a@[IPv6:]>",
  "<a@[]>",
  "<a@[tag:x]>",
  "<a@[1.2.3.4]x>",
  "<a\r\nb@d>",
  "<a\nb@d>",
  "<a@d\r\n>",
  "<\"a\r\nb\"@d>",
  "<\"a\\\nb\"@d>",
  "<\"a\tb\"@d>",
  "<\"a\177b\"@d>",
  "<\001@d>",
  "<\377@d>",
  "<\303@d>",
  "<\"\303\"@d>",
  "<\355\240\200@d>",
  "<\300\200@d>",
  "<\302\205@d>",
  "<\342\200\250@d>",
  "<a@\377>",
  "<a@\303>",
  "<a@b\357\274\240c>",
  "<a@b\357\274\217c>",
  "<a@\342\200\213.org>",
  "<a@b%c>",
  "<a@b!c>",
  "<a@b/c>",
  "<a@b:c>",
  "<postmaster@>",
  "<root>",
  "<\xf0\x9f\x98\x80@\xf0\x9f\x98\x80\xff>",
};

static void
test_accepted (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *line = g_strconcat (accepted[i].path, " SIZE=1", NULL);
      g_autofree char *formatted = NULL;
      gsize            consumed = 0;
      g_autoptr (PhAddress) address = ph_address_parse_path (line, strlen (line), ALL, &consumed, &error);
      g_autoptr (PhAddress) again = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (consumed, ==, strlen (accepted[i].path));
      g_assert_cmpstr (address->local, ==, accepted[i].local);
      g_assert_cmpstr (address->domain, ==, accepted[i].domain);
      formatted = ph_address_format (address);
      g_assert_cmpstr (formatted, ==, accepted[i].formatted);

      if (ph_address_is_null_path (address))
        continue;
      again = ph_address_parse (formatted, strlen (formatted), ALL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (again->local, ==, address->local);
      g_assert_cmpstr (again->domain, ==, address->domain);
    }
}

static void
test_refused (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      gsize consumed;
      g_autoptr (PhAddress) address = ph_address_parse_path (refused[i], strlen (refused[i]), ALL, &consumed, &error);

      if (address != NULL)
        g_test_message ("accepted: %s", refused[i]);
      g_assert_null (address);
      g_assert_error (error, PH_MAIL_ERROR, PH_MAIL_ERROR_SYNTAX);
    }
}

static void
test_flags (void)
{
  static const char *const paths[] = { "<>", "<postmaster>", "<\303\274@d>", "<\"\303\274\"@d>", "<a@b\303\274cher.org>" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      gsize consumed;

      g_assert_null (ph_address_parse_path (paths[i], strlen (paths[i]), PH_ADDRESS_NONE, &consumed, NULL));
    }
}

/* A NUL is a byte like others, and the end is the end (V12). */
static void
test_slices (void)
{
  static const char text[] = "<\"a\\\"\303\274\"@[IPv6:2001:db8::1]>";
  gsize             consumed;

  g_assert_null (ph_address_parse_path ("<a\0b@c>", 7, ALL, &consumed, NULL));
  g_assert_null (ph_address_parse_path ("<a@c\0d>", 7, ALL, &consumed, NULL));
  g_assert_null (ph_address_parse_path ("<\"a\0\"@c>", 8, ALL, &consumed, NULL));

  for (gsize length = 0; length < sizeof text - 1; length++)
    {
      g_autofree char *slice = g_memdup2 (text, MAX (length, 1));

      g_assert_null (ph_address_parse_path (slice, length, ALL, &consumed, NULL));
    }
}

static PhAddress *
parse_lengths (gsize    local,
               gsize    labels,
               GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < local; i++)
    g_string_append_c (text, 'l');
  g_string_append (text, "@");
  for (gsize i = 0; i < labels; i++)
    g_string_append (text, "label-of-ten.");
  g_string_append (text, "org");

  return ph_address_parse (text->str, text->len, PH_ADDRESS_NONE, error);
}

static void
test_limits (void)
{
  g_autoptr (PhAddress) good = parse_lengths (64, 14, NULL);
  g_autoptr (GError) local_error = NULL, total_error = NULL, domain_error = NULL;

  g_assert_nonnull (good);
  g_assert_null (parse_lengths (65, 1, &local_error));
  g_assert_error (local_error, PH_MAIL_ERROR, PH_MAIL_ERROR_LIMIT);
  g_assert_null (parse_lengths (64, 15, &total_error));
  g_assert_error (total_error, PH_MAIL_ERROR, PH_MAIL_ERROR_LIMIT);
  g_assert_null (parse_lengths (1, 1000000, &domain_error));
  g_assert_error (domain_error, PH_MAIL_ERROR, PH_MAIL_ERROR_LIMIT);
  g_assert_null (ph_address_normalize ("a@"
                                       "0123456789012345678901234567890123456789012345678901234567890123.org"));
}

static void
test_normalize (void)
{
  static const struct
  {
    const char *text, *normalized;
  } rows[] = {
    { "Bob@EXAMPLE.org", "Bob@example.org" },
    { "\"Bob\"@example.org", "Bob@example.org" },
    { "e\314\201@b\303\274cher.org", "\303\251@xn--bcher-kva.org" },
    { "\"x@y\"@z.org", "\"x@y\"@z.org" },
    { "<bob@example.org>", NULL },
    { "bob", NULL },
    { "postmaster", NULL },
    { "", NULL },
    { "a@b c", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *normalized = ph_address_normalize (rows[i].text);

      g_assert_cmpstr (normalized, ==, rows[i].normalized);
    }
}

static void
test_equal_and_split (void)
{
  g_autofree char *local = NULL, *domain = NULL, *name = ph_address_normalize_domain ("Ex\303\204mple.ORG");

  g_assert_true (ph_address_equal ("Bob@Example.org", "bOB@example.ORG"));
  g_assert_true (ph_address_equal ("\"b\"@b\303\234cher.org", "B@xn--bcher-kva.org"));
  g_assert_false (ph_address_equal ("bob@example.org", "bob@example.com"));
  g_assert_false (ph_address_equal ("bob", "bob"));

  g_assert_true (ph_address_split ("\"a b\"@EXAMPLE.org", &local, &domain));
  g_assert_cmpstr (local, ==, "a b");
  g_assert_cmpstr (domain, ==, "example.org");
  g_assert_false (ph_address_split ("nobody", NULL, NULL));

  g_assert_cmpstr (name, ==, "xn--exmple-cua.org");
  g_assert_null (ph_address_normalize_domain ("a b"));
  g_assert_null (ph_address_normalize_domain (""));
  g_assert_null (ph_address_normalize_domain ("a.org."));
}

static void
test_needs_utf8 (void)
{
  g_autoptr (PhAddress) ascii = ph_address_parse ("a@b\303\274.org", 9, PH_ADDRESS_UTF8, NULL);
  g_autoptr (PhAddress) utf8 = ph_address_parse ("\303\274@b.org", 8, PH_ADDRESS_UTF8, NULL);
  g_autoptr (PhAddress) copy = ph_address_copy (utf8);

  g_assert_false (ph_address_needs_utf8 (ascii));
  g_assert_true (ph_address_needs_utf8 (utf8));
  g_assert_cmpstr (copy->local, ==, utf8->local);
  g_assert_cmpstr (copy->domain, ==, utf8->domain);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/address/accepted", test_accepted);
  g_test_add_func ("/mail/address/refused", test_refused);
  g_test_add_func ("/mail/address/flags", test_flags);
  g_test_add_func ("/mail/address/slices", test_slices);
  g_test_add_func ("/mail/address/limits", test_limits);
  g_test_add_func ("/mail/address/normalize", test_normalize);
  g_test_add_func ("/mail/address/equal-and-split", test_equal_and_split);
  g_test_add_func ("/mail/address/needs-utf8", test_needs_utf8);

  return g_test_run ();
}
