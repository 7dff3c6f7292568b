#include "ph-incoming.h"

#include "ph-header.h"
#include "ph-store.h"

#include "../support/remove-tree.h"

#include <string.h>
#include <unistd.h>

#define RECEIVED "Received: from test by test; Mon, 23 Nov 2026 00:00:00 +0000\r\n"

typedef struct
{
  char    *directory;
  PhClock *clock;
  PhStore *store;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("ph-incoming-XXXXXX", NULL);
  fixture->clock = ph_clock_new ();
  fixture->store = ph_store_new (fixture->directory, fixture->clock, NULL);
  g_assert_nonnull (fixture->store);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_clear_object (&fixture->store);
  g_clear_object (&fixture->clock);
  remove_tree (fixture->directory);
  g_free (fixture->directory);
}

/* What stands in the spool after `text` came in pieces of `size`; NULL and *code where refused. */
static char *
pass (Fixture    *fixture,
      gboolean    submitted,
      const char *text,
      gsize       length,
      gsize       size,
      guint      *code)
{
  PhIncomingTrace trace = { .sender = "a@example.org", .received = RECEIVED, .authserv = "mail.example.org" };
  g_autoptr (PhSpool) spool = ph_store_open_spool (fixture->store, NULL);
  g_autoptr (PhIncoming) incoming = NULL;
  g_autoptr (PhSmtpReply) refusal = NULL;
  g_autofree char *found = NULL;
  gssize           n;

  if (submitted)
    {
      trace.host = "mail.example.org";
      trace.author = "a@example.org";
      trace.time = 1764000000;
    }
  incoming = ph_incoming_new (spool, &trace);
  for (gsize i = 0; i < length; i += size)
    if (!ph_incoming_write (incoming, (const guint8 *)text + i, MIN (size, length - i)))
      break;
  refusal = ph_incoming_finish (incoming);
  *code = refusal != NULL ? refusal->code : 250;
  if (refusal != NULL)
    return NULL;

  found = g_malloc (ph_spool_get_size (spool) + 1);
  n = pread (ph_spool_get_fd (spool), found, ph_spool_get_size (spool), 0);
  g_assert_cmpint (n, ==, (gssize)ph_spool_get_size (spool));
  found[n] = '\0';

  return g_steal_pointer (&found);
}

static const struct
{
  const char *name;
  gboolean    submitted;
  const char *text;
  const char *expected; /* after Return-Path and Received */
} cases[] = {
  { "as it is", FALSE, "Subject: x\r\nBcc: b@example.org\r\n\r\nbody\r\n", "Subject: x\r\nBcc: b@example.org\r\n\r\nbody\r\n" },
  { "no body", FALSE, "Subject: x\r\n", "Subject: x\r\n" },
  { "no header", FALSE, "\r\nbody\r\n", "\r\nbody\r\n" },
  { "empty", FALSE, "", "" },
  { "no blank line", FALSE, "Subject: x\r\nthis is no field\r\n\r\nbody\r\n", "Subject: x\r\nthis is no field\r\n\r\nbody\r\n" },
  { "forged Return-Path", FALSE, "Return-Path: <evil@example.net>\r\nSubject: x\r\nreturn-path:\r\n folded\r\n\r\nReturn-Path: in the body\r\n", "Subject: x\r\n\r\nReturn-Path: in the body\r\n" },
  { "forged Authentication-Results (S29)", FALSE, "Authentication-Results: mail.example.org; spf=pass\r\nX: y\r\nauthentication-results:\r\n (a (nested) \\) comment)MAIL.example.ORG 1;\r\n dkim=pass\r\n\r\n", "X: y\r\n\r\n" },
  { "quoted, bare, with a slash (S29)", FALSE, "Authentication-Results: \"mail.example.org\"; none\r\nAuthentication-Results: \"mail\\.example.org\"; spf=pass\r\nAuthentication-Results: mail.example.org\r\nAuthentication-Results: mail.example.org/1; none\r\n\r\n", "\r\n" },
  { "those of others stay (S29)", FALSE, "Authentication-Results: mail.example.org.evil; spf=pass\r\nAuthentication-Results: example.org; none\r\nAuthentication-Results: (no end\r\nAuthentication-Results:\r\n\r\n", "Authentication-Results: mail.example.org.evil; spf=pass\r\nAuthentication-Results: example.org; none\r\nAuthentication-Results: (no end\r\nAuthentication-Results:\r\n\r\n" },
  { "Bcc goes", TRUE, "From: a@example.org\r\nDate: x\r\nBcc: b@example.org,\r\n c@example.org\r\nMessage-ID: <1@x>\r\n\r\nBcc: body\r\n", "From: a@example.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nBcc: body\r\n" },
  { "Resent-Bcc goes", TRUE, "Resent-Bcc: b@example.org\r\nFrom: a@example.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nbody\r\n", "From: a@example.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nbody\r\n" },
};

static void
test_cases (Fixture      *fixture,
            gconstpointer data)
{
  static const gsize sizes[] = { 1, 3, 64, 4096 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = 0; j < G_N_ELEMENTS (sizes); j++)
      {
        guint            code;
        g_autofree char *expected = g_strconcat ("Return-Path: <a@example.org>\r\n" RECEIVED, cases[i].expected, NULL);
        g_autofree char *found = pass (fixture, cases[i].submitted, cases[i].text, strlen (cases[i].text), sizes[j], &code);

        g_test_message ("%s", cases[i].name);
        g_assert_cmpstr (found, ==, expected);
      }
}

/* RFC 9228: it stands above all that came, which stays; and that is looked at for circles (V28). */
static void
test_delivered_to (Fixture      *fixture,
                   gconstpointer data)
{
  static const char        text[] = "Delivered-To: Ann@Elsewhere.TEST\r\nX: y\r\ndelivered-to:\r\n <bob@example.net>\r\nDelivered-To: \303\274x@example.net\r\nDelivered-To: nonsense\r\n\r\nDelivered-To: body@example.net\r\n";
  static const char *const was_at[] = { "ann@elsewhere.test", "bob@example.net", "\303\234x@example.net" };
  static const char *const was_not_at[] = { "body@example.net", "nonsense", "carl@example.net", "", "alice@example.org" };
  PhIncomingTrace          trace = { .id = "1", .sender = "a@example.org", .received = RECEIVED, .delivered_to = "alice@example.org" };
  g_autoptr (PhSpool) spool = ph_store_open_spool (fixture->store, NULL);
  g_autoptr (PhIncoming) incoming = ph_incoming_new (spool, &trace);
  const char expected[] = "Return-Path: <a@example.org>\r\nDelivered-To: alice@example.org\r\n" RECEIVED;
  char       found[sizeof expected + sizeof text];

  g_assert_true (ph_incoming_write (incoming, (const guint8 *)text, strlen (text)));
  g_assert_null (ph_incoming_finish (incoming));
  g_assert_cmpint (pread (ph_spool_get_fd (spool), found, sizeof found, 0), ==, strlen (expected) + strlen (text));
  g_assert_cmpmem (found, strlen (expected), expected, strlen (expected));
  g_assert_cmpmem (found + strlen (expected), strlen (text), text, strlen (text));
  for (guint i = 0; i < G_N_ELEMENTS (was_at); i++)
    g_assert_true (ph_incoming_was_delivered_to (incoming, was_at[i]));
  for (guint i = 0; i < G_N_ELEMENTS (was_not_at); i++)
    g_assert_false (ph_incoming_was_delivered_to (incoming, was_not_at[i]));
}

/* S12: what a mail program left out is added where mail is submitted. */
static void
test_adds_what_is_missing (Fixture      *fixture,
                           gconstpointer data)
{
  guint            code;
  const char      *text = "Subject: x\r\n\r\nbody\r\n";
  g_autofree char *found = pass (fixture, TRUE, text, strlen (text), 5, &code);
  g_autoptr (PhHeader) header = ph_header_parse ((const guint8 *)found, strlen (found));
  g_autofree char *from = ph_header_dup_value (header, "From");
  g_autofree char *id = ph_header_dup_value (header, "Message-ID");

  g_assert_cmpstr (from, ==, "<a@example.org>");
  g_assert_true (g_str_has_suffix (id, "@mail.example.org>"));
  g_assert_nonnull (ph_header_find (header, "Date", NULL));
  g_assert_true (g_str_has_suffix (found, "Subject: x\r\n\r\nbody\r\n"));
}

/* V07: header bombs; V28: loops. */
static void
test_refusals (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (GString) huge = g_string_new ("To: ");
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GString) hops = g_string_new (NULL);
  guint code;

  for (guint i = 0; i < 40000; i++)
    g_string_append (huge, "a@example.org,\r\n ");
  g_assert_null (pass (fixture, FALSE, huge->str, huge->len, 4096, &code));
  g_assert_cmpuint (code, ==, 552);

  for (guint i = 0; i < 1100; i++)
    g_string_append (many, "X: y\r\n");
  g_string_append (many, "\r\nbody\r\n");
  g_assert_null (pass (fixture, FALSE, many->str, many->len, 4096, &code));
  g_assert_cmpuint (code, ==, 552);

  for (guint i = 0; i < 50; i++)
    g_string_append (hops, RECEIVED);
  g_string_append (hops, "\r\nbody\r\n");
  g_assert_null (pass (fixture, FALSE, hops->str, hops->len, 4096, &code));
  g_assert_cmpuint (code, ==, 554);
}

/* A body without a blank line before it is a body, however long. */
static void
test_long_body_without_header (Fixture      *fixture,
                               gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *found = NULL;
  guint            code;

  for (guint i = 0; i < 10000; i++)
    g_string_append (text, "just text, line after line after line\r\n");
  found = pass (fixture, FALSE, text->str, text->len, 4096, &code);
  g_assert_cmpuint (code, ==, 250);
  g_assert_true (g_str_has_suffix (found, text->str));
}

#define ADD(name, function) g_test_add ("/server/incoming/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("cases", test_cases);
  ADD ("delivered-to", test_delivered_to);
  ADD ("adds-what-is-missing", test_adds_what_is_missing);
  ADD ("refusals", test_refusals);
  ADD ("long-body-without-header", test_long_body_without_header);

  return g_test_run ();
}
