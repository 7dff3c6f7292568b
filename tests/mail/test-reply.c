#include "ph-reply-format.h"
#include "ph-reply-header.h"

#include <string.h>

/* RFC 3834 section 2, and what is common besides: which messages are not to be answered. */
static const struct
{
  const char *fields;
  const char *problem; /* a part of it; NULL: it may be answered */
} rows[] = {
  { "Subject: Hello\r\n", NULL },
  { "", NULL },
  { "Auto-Submitted: no\r\n", NULL },
  { "Auto-Submitted: No (written by hand)\r\n", NULL },
  { "Auto-Submitted: (really) no\r\n", NULL },
  { "Auto-Submitted: no; owner-email=\"x@y.test\"\r\n", NULL },
  { "Auto-Submitted: auto-replied\r\n", "Auto-Submitted" },
  { "AUTO-SUBMITTED:\r\n auto-generated\r\n", "Auto-Submitted" },
  { "Auto-Submitted: auto-notified; type=x\r\n", "Auto-Submitted" },
  { "Auto-Submitted: x-new\r\n", "Auto-Submitted" },
  { "Auto-Submitted:\r\n", "Auto-Submitted" },
  { "Auto-Submitted: (no\r\n", "Auto-Submitted" },
  { "Auto-Submitted: no\r\nAuto-Submitted: auto-replied\r\n", "Auto-Submitted" },
  { "List-Id: <a.b.test>\r\n", "List" },
  { "list-unsubscribe: <mailto:x@y.test>\r\n", "List" },
  { "List-Post: NO\r\n", "List" },
  { "Listening: to music\r\n", NULL },
  { "Precedence: bulk\r\n", "Precedence" },
  { "Precedence: LIST\r\n", "Precedence" },
  { "Precedence: junk (really)\r\n", "Precedence" },
  { "Precedence: first-class\r\n", NULL },
  { "X-Auto-Response-Suppress: OOF, AutoReply\r\n", "Suppress" },
  { "X-Auto-Response-Suppress: All\r\n", "Suppress" },
  { "X-Auto-Response-Suppress: None\r\n", NULL },
  { "X-Spam-Flag: YES\r\n", "junk" },
  { "X-Spam-Flag: NO\r\n", NULL },
  { "Authentication-Results: mx.test; spf=pass smtp.mailfrom=a@b.test; dmarc=pass header.from=b.test\r\n", NULL },
  { "Authentication-Results: mx.test; spf=none smtp.mailfrom=a@b.test; dmarc=none\r\n", NULL },
  { "Authentication-Results: mx.test; spf=fail smtp.mailfrom=a@b.test\r\n", "SPF" },
  { "Authentication-Results: mx.test;\r\n SPF=SoftFail\r\n smtp.mailfrom=a@b.test\r\n", "SPF" },
  { "Authentication-Results: mx.test; dkim=none; dmarc=fail\r\n", "DMARC" },
  { "Authentication-Results: mx.test; spf=pass\r\nAuthentication-Results: other.test; dmarc=fail header.from=b.test\r\n", "DMARC" },
  { "Authentication-Results: mx.test; spf=failed\r\n", NULL },
};

static void
test_problems (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *message = g_strconcat ("From: a@b.test\r\n", rows[i].fields, "\r\nAuto-Submitted: in the body\r\n", NULL);
      g_autoptr (PhReplyHeader) header = ph_reply_header_parse ((const guint8 *)message, strlen (message));

      g_test_message ("%s", rows[i].fields);
      if (rows[i].problem == NULL)
        g_assert_cmpstr (header->problem, ==, NULL);
      else
        {
          g_assert_nonnull (header->problem);
          g_assert_nonnull (strstr (header->problem, rows[i].problem));
        }
    }
}

static void
test_senders (void)
{
  static const char *const people[] = { "ann@b.test", "norbert@b.test", "request@b.test", "bounceman@b.test", "\"a b\"@b.test", "owner@b.test", "listservice@b.test" };
  static const char *const machines[] = { "", "nonsense", "MAILER-DAEMON@b.test", "owner-list@b.test", "list-request@b.test", "list-owner@b.test", "list-bounces@b.test",
                                          "bounces+ann=c.test@b.test", "NoReply@b.test", "no-reply-42@b.test", "shop-noreply@b.test", "do-not-reply@b.test", "LISTSERV@b.test" };

  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    g_assert_cmpstr (ph_reply_header_find_sender_problem (people[i]), ==, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (machines); i++)
    {
      g_test_message ("%s", machines[i]);
      g_assert_nonnull (ph_reply_header_find_sender_problem (machines[i]));
    }
}

static PhReplyHeader *
parse (const char *message)
{
  return ph_reply_header_parse ((const guint8 *)message, strlen (message));
}

static void
test_recipients (void)
{
  g_autoptr (PhReplyHeader) header = parse ("To: Ann <ann@A.test>, team: bob@a.test, cy@a.test;\r\nCc: =?utf-8?q?D=C3=A4?= <d@a.test>\r\nBcc: e@a.test\r\n"
                                            "Resent-To: f@a.test\r\nResent-Cc: g@a.test\r\nResent-Bcc: h@a.test\r\nReply-To: x@a.test\r\nTo: i@a.test\r\n\r\n");
  g_autoptr (GString) many = g_string_new ("To: a@a.test");
  g_autofree char *all = NULL;
  g_autoptr (PhReplyHeader) crowd = NULL;

  g_ptr_array_add (header->recipients, NULL);
  all = g_strjoinv (" ", (GStrv)header->recipients->pdata);
  g_ptr_array_set_size (header->recipients, (gint)header->recipients->len - 1);
  g_assert_cmpstr (all, ==, "ann@a.test bob@a.test cy@a.test i@a.test d@a.test e@a.test f@a.test g@a.test h@a.test");

  for (guint i = 0; i < PH_REPLY_RECIPIENTS_MAX; i++)
    g_string_append_printf (many, ",\r\n a%u@a.test", i);
  g_string_append (many, "\r\n\r\n");
  crowd = parse (many->str);
  g_assert_nonnull (strstr (crowd->problem, "too many"));
}

static void
test_references (void)
{
  g_autoptr (PhReplyHeader) none = parse ("Subject: x\r\nReferences: <a@b>\r\n\r\n");
  g_autoptr (PhReplyHeader) alone = parse ("Message-ID: <own@b.test>\r\n\r\n");
  g_autoptr (PhReplyHeader) answer = parse ("Message-ID: (c) <own@b.test> x\r\nIn-Reply-To: <first@b.test>\r\n\r\n");
  g_autoptr (PhReplyHeader) thread = parse ("Message-ID: <own@b.test>\r\nReferences: <1@b.test>\r\n <2@b.test>junk<3@b\r\nIn-Reply-To: <first@b.test>\r\n\r\n");
  g_autoptr (PhReplyHeader) hostile = parse ("Message-ID: <a\r\n b@c>\r\n\r\n");
  g_autoptr (GString) many = g_string_new ("Message-ID: <own@b.test>\r\nReferences:");
  g_autoptr (PhReplyHeader) long_one = NULL;
  g_auto (GStrv) kept = NULL;

  g_assert_null (none->message_id);
  g_assert_null (none->references);
  g_assert_cmpstr (alone->references, ==, "<own@b.test>");
  g_assert_cmpstr (answer->message_id, ==, "<own@b.test>");
  g_assert_cmpstr (answer->references, ==, "<first@b.test> <own@b.test>");
  g_assert_cmpstr (thread->references, ==, "<1@b.test> <2@b.test> <own@b.test>");
  g_assert_null (hostile->message_id);

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (many, " <%u@b.test>\r\n", i);
  g_string_append (many, "\r\n");
  long_one = parse (many->str);
  kept = g_strsplit (long_one->references, " ", -1);
  g_assert_cmpuint (g_strv_length (kept), ==, PH_REPLY_REFERENCES_MAX);
  g_assert_cmpstr (kept[0], ==, "<981@b.test>");
  g_assert_cmpstr (kept[PH_REPLY_REFERENCES_MAX - 1], ==, "<own@b.test>");
}

/* Section 3: the form of a reply. */
static void
test_format (void)
{
  PhReply reply = {
    .name = "Änne, Adams",
    .from = "alice@a.test",
    .to = "ann@b.test",
    .subject = "",
    .text = "Bin weg, ärgerlich.\n.\nBye",
    .answered_subject = "Grüße",
    .answered_id = "<own@b.test>",
    .references = "<1@b.test> <own@b.test>",
    .host = "mx.a.test",
    .time = 1700000000,
  };
  g_auto (PhBuffer) out = { 0 }, own = { 0 }, long_one = { 0 };
  g_autofree char *endless = g_strnfill (100000, 'x');
  g_autoptr (PhHeader) header = NULL, other = NULL;
  g_autofree char *subject = NULL, *again = NULL, *references = NULL, *automatic = NULL, *from = NULL, *cut = NULL;
  g_autoptr (PhReplyHeader) parsed = NULL;

  ph_reply_format (&reply, &out);
  ph_buffer_append (&out, "", 1);
  header = ph_header_parse (ph_buffer_get_data (&out), ph_buffer_get_length (&out) - 1);
  subject = ph_header_dup_text (header, "Subject");
  references = ph_header_dup_value (header, "References");
  automatic = ph_header_dup_value (header, "Auto-Submitted");
  from = ph_header_dup_text (header, "From");
  g_assert_cmpstr (subject, ==, "Auto: Grüße");
  g_assert_cmpstr (references, ==, "<1@b.test> <own@b.test>");
  g_assert_cmpstr (automatic, ==, "auto-replied");
  g_assert_nonnull (strstr (from, "Änne, Adams"));
  g_assert_nonnull (strstr ((const char *)ph_buffer_get_data (&out), "\r\nTo: <ann@b.test>\r\n"));
  g_assert_nonnull (strstr ((const char *)ph_buffer_get_data (&out), "\r\nIn-Reply-To: <own@b.test>\r\n"));
  g_assert_nonnull (strstr ((const char *)ph_buffer_get_data (&out), "Bin weg, =C3=A4rgerlich."));
  for (const char *line = (const char *)ph_buffer_get_data (&out); line != NULL; line = strchr (line + 1, '\n'))
    g_assert_cmpuint (strcspn (line + 1, "\n"), <=, 78);

  /* Nobody answers it (V30). */
  parsed = ph_reply_header_parse (ph_buffer_get_data (&out), ph_buffer_get_length (&out) - 1);
  g_assert_nonnull (parsed->problem);

  reply.subject = "Away till Monday";
  reply.answered_id = reply.references = NULL;
  ph_reply_format (&reply, &own);
  other = ph_header_parse (ph_buffer_get_data (&own), ph_buffer_get_length (&own));
  again = ph_header_dup_text (other, "Subject");
  g_assert_cmpstr (again, ==, "Away till Monday");
  g_assert_null (ph_header_find (other, "In-Reply-To", NULL));

  reply.subject = "";
  reply.answered_subject = endless;
  ph_reply_format (&reply, &long_one);
  g_clear_pointer (&other, ph_header_free);
  other = ph_header_parse (ph_buffer_get_data (&long_one), ph_buffer_get_length (&long_one));
  cut = ph_header_dup_text (other, "Subject");
  g_assert_cmpint (g_utf8_strlen (cut, -1), <=, PH_REPLY_SUBJECT_MAX + 10);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/reply/V30-problems", test_problems);
  g_test_add_func ("/mail/reply/V30-senders", test_senders);
  g_test_add_func ("/mail/reply/recipients", test_recipients);
  g_test_add_func ("/mail/reply/references", test_references);
  g_test_add_func ("/mail/reply/format", test_format);

  return g_test_run ();
}
