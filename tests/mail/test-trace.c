#include "ph-trace.h"

#include <string.h>

#include "ph-date.h"
#include "ph-header.h"

static char *
format (const PhTrace *trace)
{
  g_auto (PhBuffer) out = { 0 };

  ph_trace_append_received (trace, &out);

  return g_strndup ((const char *)ph_buffer_get_data (&out), ph_buffer_get_length (&out));
}

/* S12, RFC 5321 4.4, RFC 3848, RFC 6531 4.3 */
static void
test_received (void)
{
  PhDate           date = ph_date_from_local (1795392324);
  g_autofree char *time = ph_date_format (&date);
  const struct
  {
    PhTrace     trace;
    const char *start;
  } rows[] = {
    { { .host = "mx.org" }, "Received: from unknown\r\n by mx.org\r\n with SMTP;\r\n " },
    { { .helo = "c.org", .peer_address = "192.0.2.1", .host = "mx.org", .extended = TRUE, .id = "7" },
      "Received: from c.org ([192.0.2.1])\r\n by mx.org\r\n with ESMTP id 7;\r\n " },
    { { .helo = "[192.0.2.1]", .peer_name = "c.org", .peer_address = "2001:db8::1", .host = "mx.org", .extended = TRUE, .secured = TRUE, .authenticated = TRUE, .tls = "TLS1.3", .recipient = "\"a b\"@x.org" },
      "Received: from [192.0.2.1] (c.org [IPv6:2001:db8::1])\r\n by mx.org\r\n with ESMTPSA (TLS1.3)\r\n for <\"a b\"@x.org>;\r\n " },
    { { .helo = "c", .host = "mx.org", .extended = TRUE, .authenticated = TRUE }, "Received: from c\r\n by mx.org\r\n with ESMTPA;\r\n " },
    { { .helo = "c", .host = "mx.org", .secured = TRUE }, "Received: from c\r\n by mx.org\r\n with SMTP;\r\n " },
    { { .helo = "c", .host = "mx.org", .lmtp = TRUE, .secured = TRUE }, "Received: from c\r\n by mx.org\r\n with LMTPS;\r\n " },
    { { .helo = "\303\274", .host = "mx.org", .extended = TRUE, .utf8 = TRUE, .secured = TRUE, .recipient = "\303\274@x" },
      "Received: from \303\274\r\n by mx.org\r\n with UTF8SMTPS\r\n for <\303\274@x>;\r\n " },
    /* V14 */
    { { .helo = "\303\274", .host = "mx.org" }, "Received: from ??\r\n by mx.org\r\n with SMTP;\r\n " },
    { { .helo = "a\r\nX: y", .host = "mx.org" }, "Received: from a??X:?y\r\n by mx.org\r\n with SMTP;\r\n " },
    { { .helo = "a;(b)\\", .peer_name = "x)\r\n", .peer_address = "::1", .host = "mx.org", .tls = "(\n)", .recipient = "a>\r\nX: y" },
      "Received: from a??b?? (x??? [IPv6:::1])\r\n by mx.org\r\n with SMTP (??"
      "?)\r\n for <a???X: y>;\r\n " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PhTrace          trace = rows[i].trace;
      g_autofree char *expected = g_strconcat (rows[i].start, time, "\r\n", NULL);
      g_autofree char *field = NULL;

      trace.time = 1795392324;
      field = format (&trace);
      g_assert_cmpstr (field, ==, expected);
      g_assert_cmpuint (ph_trace_count_received ((const guint8 *)field, strlen (field)), ==, 1);
    }
}

static void
test_long (void)
{
  g_autofree char *helo = g_strnfill (5000, 'x');
  PhTrace          trace = { .helo = helo, .peer_name = helo, .peer_address = "::1", .host = "mx.org", .recipient = helo };
  g_autofree char *field = format (&trace);
  g_auto (GStrv) lines = g_strsplit (field, "\r\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    g_assert_cmpuint (strlen (lines[i]), <=, 998);
}

static void
test_return_path (void)
{
  static const struct
  {
    const char *sender, *field;
  } rows[] = {
    { NULL, "Return-Path: <>\r\n" },
    { "", "Return-Path: <>\r\n" },
    { "a@b", "Return-Path: <a@b>\r\n" },
    { "\303\274@b", "Return-Path: <\303\274@b>\r\n" },
    { "a\r\n>b", "Return-Path: <a???b>\r\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (PhBuffer) out = { 0 };

      ph_trace_append_return_path (rows[i].sender, &out);
      g_assert_cmpmem (ph_buffer_get_data (&out), ph_buffer_get_length (&out), rows[i].field, strlen (rows[i].field));
    }
}

/* RFC 9228 section 4: "Delivered-To:" FWS addr-spec FWS CRLF */
static void
test_delivered_to (void)
{
  static const struct
  {
    const char *address, *field;
  } rows[] = {
    { "a@b", "Delivered-To: a@b\r\n" },
    { "\"a b>\"@[IPv6:::1]", "Delivered-To: \"a b>\"@[IPv6:::1]\r\n" },
    { "\303\274@b", "Delivered-To: \303\274@b\r\n" },
    { "a\r\nX: y@b", "Delivered-To: a??X: y@b\r\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (PhBuffer) out = { 0 };

      ph_trace_append_delivered_to (rows[i].address, &out);
      g_assert_cmpmem (ph_buffer_get_data (&out), ph_buffer_get_length (&out), rows[i].field, strlen (rows[i].field));
    }
}

/* V28 */
static void
test_count (void)
{
  static const char text[] = "Received: a\r\nX-Received: b\r\nreceived : c\r\n\r\nReceived: body\r\n";

  g_assert_cmpuint (ph_trace_count_received ((const guint8 *)text, sizeof text - 1), ==, 2);
  g_assert_cmpuint (ph_trace_count_received ((const guint8 *)"", 0), ==, 0);
}

static void
test_message_id (void)
{
  g_autofree char *first = ph_trace_new_message_id ("x.org");
  g_autofree char *second = ph_trace_new_message_id ("x.org");

  g_assert_true (g_str_has_prefix (first, "<") && g_str_has_suffix (first, "@x.org>"));
  g_assert_cmpstr (first, !=, second);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/trace/received", test_received);
  g_test_add_func ("/mail/trace/long", test_long);
  g_test_add_func ("/mail/trace/return-path", test_return_path);
  g_test_add_func ("/mail/trace/delivered-to", test_delivered_to);
  g_test_add_func ("/mail/trace/count", test_count);
  g_test_add_func ("/mail/trace/message-id", test_message_id);

  return g_test_run ();
}
