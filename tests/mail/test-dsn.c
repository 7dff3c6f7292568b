#include "ph-dsn.h"

#include <string.h>

#include "ph-date.h"
#include "ph-header.h"
#include "ph-mime-part.h"
#include "ph-text.h"

static const char original[] = "Received: from a by b; Mon, 23 Nov 2026 00:05:24 +0000\r\nMessage-ID: <2@example.org>\r\nReferences: <0@x>\r\n <1@x>\r\n"
                               "Subject: Hello\r\n\r\nbody\r\n";

static const PhDsnRecipient failed = {
  .action = PH_DSN_FAILED,
  .final_recipient = "bob@example.net",
  .original_recipient = "rfc822;robert@example.net",
  .status = "5.1.1",
  .remote_mta = "mx.example.net",
  .diagnostic = "550 5.1.1 No such user",
  .last_attempt = 1795392324,
};

static PhDsn
make (const PhDsnRecipient *recipients,
      guint                 n_recipients)
{
  return (PhDsn){
    .reporting_mta = "mail.example.org",
    .sender = "alice@example.org",
    .envelope_id = "QQ314159",
    .arrival_time = 1795392000,
    .now = 1795392324,
    .recipients = recipients,
    .n_recipients = n_recipients,
    .message = (const guint8 *)original,
    .message_length = sizeof original - 1,
  };
}

/* The result with a NUL, after what holds for every DSN was looked at. */
static char *
format (const PhDsn *dsn,
        PhMimePart **root)
{
  g_auto (PhBuffer) out = { 0 };
  const char *text;
  gsize       length;

  ph_dsn_format (dsn, &out);
  length = ph_buffer_get_length (&out);
  ph_buffer_append (&out, "", 1);
  text = (const char *)ph_buffer_get_data (&out);

  /* V02, V14: CRLF only, lines that SMTP takes */
  g_assert_cmpuint (strlen (text), ==, length);
  for (gsize i = 0, line = 0; i < length; i++)
    {
      g_assert_true ((text[i] == '\n') == (i > 0 && text[i - 1] == '\r'));
      line = text[i] == '\n' ? 0 : line + 1;
      g_assert_cmpuint (line, <=, 998);
    }

  *root = ph_mime_part_parse ((const guint8 *)text, length);
  g_assert_true (ph_mime_part_is (*root, "multipart", "report"));
  g_assert_cmpstr (ph_parameter_list_get ((*root)->content_type, "report-type"), ==, "delivery-status");
  g_assert_cmpuint ((*root)->n_children, ==, 3);
  g_assert_true (ph_mime_part_is ((*root)->first_child, "text", "plain"));
  g_assert_true (ph_mime_part_is ((*root)->first_child->next, "message", "delivery-status"));

  return g_strdup (text);
}

/* S24 */
static void
test_failed (void)
{
  PhDsn dsn = make (&failed, 1);
  g_autoptr (PhMimePart) root = NULL;
  g_autofree char *text = format (&dsn, &root);
  g_autofree char *human = ph_text_decode_part (root->first_child, (const guint8 *)text);
  g_autofree char *status = g_strndup (text + root->first_child->next->body_offset, root->first_child->next->body_length);
  g_autofree char *returned = g_strndup (text + root->last_child->body_offset, root->last_child->body_length);
  g_autoptr (PhHeader) header = ph_header_parse ((const guint8 *)text, strlen (text));
  static const struct
  {
    const char *name, *value;
  } fields[] = {
    { "From", "Mail Delivery System <mailer-daemon@mail.example.org>" },
    { "To", "<alice@example.org>" },
    { "Auto-Submitted", "auto-replied" },
    { "In-Reply-To", "<2@example.org>" },
    { "References", "<0@x> <1@x> <2@example.org>" },
    { "MIME-Version", "1.0" },
  };
  static const char *const lines[] = {
    "Original-Envelope-Id: QQ314159\r\n", "Reporting-MTA: dns; mail.example.org\r\n", "\r\n\r\nOriginal-Recipient: rfc822;robert@example.net\r\n",
    "\r\nFinal-Recipient: rfc822;bob@example.net\r\n", "\r\nAction: failed\r\n", "\r\nStatus: 5.1.1\r\n", "\r\nRemote-MTA: dns; mx.example.net\r\n",
    "\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n", "\r\nArrival-Date: ", "\r\nLast-Attempt-Date: "
  };

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autofree char *value = ph_header_dup_value (header, fields[i].name);

      g_assert_cmpstr (value, ==, fields[i].value);
    }
  g_assert_nonnull (ph_header_find (header, "Date", NULL));
  g_assert_nonnull (ph_header_find (header, "Message-ID", NULL));

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_nonnull (strstr (status, lines[i]));
  g_assert_null (strstr (status, "Will-Retry-Until"));

  g_assert_nonnull (strstr (human, "could not be delivered"));
  g_assert_nonnull (strstr (human, "bob@example.net"));
  g_assert_nonnull (strstr (human, "no such mailbox"));
  g_assert_nonnull (strstr (human, "mx.example.net said: 550 5.1.1 No such user"));

  g_assert_true (ph_mime_part_is (root->last_child, "text", "rfc822-headers"));
  g_assert_true (g_str_has_prefix (returned, "Received: from a"));
  g_assert_null (strstr (returned, "body"));
}

static void
test_others (void)
{
  static const PhDsnRecipient recipients[] = {
    { .action = PH_DSN_DELAYED, .final_recipient = "a@x.org", .status = "4.4.1", .diagnostic = "Connection refused", .will_retry_until = 1795992324 },
    { .action = PH_DSN_DELIVERED, .final_recipient = "b@x.org" },
    { .action = PH_DSN_RELAYED, .final_recipient = "c@x.org", .status = "nonsense" },
    { .action = PH_DSN_EXPANDED, .final_recipient = "d@x.org", .status = "5.0.0" },
  };
  PhDsn dsn = make (recipients, G_N_ELEMENTS (recipients));
  g_autoptr (PhMimePart) root = NULL;
  g_autofree char *text = NULL;

  dsn.whole = TRUE;
  text = format (&dsn, &root);

  g_assert_nonnull (strstr (text, "\r\nSubject: Your message is delayed\r\n"));
  g_assert_nonnull (strstr (text, "Reason: Connection refused"));
  g_assert_nonnull (strstr (text, "\r\nFinal-Recipient: rfc822;a@x.org\r\nAction: delayed\r\nStatus: 4.4.1\r\n"));
  g_assert_nonnull (strstr (text, "\r\nWill-Retry-Until: "));
  g_assert_nonnull (strstr (text, "\r\nFinal-Recipient: rfc822;b@x.org\r\nAction: delivered\r\nStatus: 2.0.0\r\n"));
  g_assert_nonnull (strstr (text, "\r\nFinal-Recipient: rfc822;c@x.org\r\nAction: relayed\r\nStatus: 2.0.0\r\n"));
  g_assert_nonnull (strstr (text, "\r\nFinal-Recipient: rfc822;d@x.org\r\nAction: expanded\r\nStatus: 2.0.0\r\n"));
  g_assert_true (ph_mime_part_is (root->last_child, "message", "rfc822"));
  g_assert_cmpuint (root->last_child->body_length, ==, sizeof original - 1);
}

/* V14: whatever the peer and the sender said, no field is added. */
static void
test_injection (void)
{
  static const char    bad_message[] = "Message-ID: <a\rb@c>\r\nReferences: <\033@x> junk\r\nX: \303\274\rY: z\n\0W: 1";
  const PhDsnRecipient recipient = {
    .action = PH_DSN_FAILED,
    .final_recipient = "a\r\nX-Evil: 1@x",
    .original_recipient = "rf\r\nX-Evil: c;b\r\nX-Evil: 1",
    .status = "5.1.1\r\nX-Evil: 1",
    .remote_mta = "m\r\nX-Evil: 1",
    .diagnostic = "550 \377\303\274\r\n.\r\nX-Evil: 1",
  };
  PhDsn dsn = make (&recipient, 1);
  g_autoptr (PhMimePart) root = NULL;
  g_autofree char *text = NULL;

  dsn.sender = "a@b\r\nX-Evil: 1";
  dsn.envelope_id = "e\r\nX-Evil: 1";
  dsn.message = (const guint8 *)bad_message;
  dsn.message_length = sizeof bad_message - 1;
  text = format (&dsn, &root);

  g_assert_null (strstr (text, "\r\nX-Evil"));
  g_assert_null (strstr (text, "\r\nY:"));
  g_assert_null (strstr (text, "\r\n.\r\n"));
  g_assert_nonnull (strstr (text, "\r\nTo: undisclosed-recipients:;\r\n"));
  g_assert_nonnull (strstr (text, "\r\nStatus: 5.0.0\r\n"));
  g_assert_null (strstr (text, "In-Reply-To"));
}

/* RFC 6533: the fields stay ASCII. */
static void
test_utf8 (void)
{
  const PhDsnRecipient recipient = { .action = PH_DSN_FAILED, .final_recipient = "b\303\274b+x@example.net", .diagnostic = "550 n\303\266" };
  PhDsn                dsn = make (&recipient, 1);
  g_autoptr (PhMimePart) root = NULL;
  g_autofree char *text = format (&dsn, &root);
  g_autofree char *human = ph_text_decode_part (root->first_child, (const guint8 *)text);

  g_assert_true (g_str_is_ascii (text));
  g_assert_nonnull (strstr (text, "\r\nFinal-Recipient: utf-8;b\\x{FC}b\\x{2B}x@example.net\r\n"));
  g_assert_nonnull (strstr (human, "b\303\274b+x@example.net"));
  g_assert_nonnull (strstr (human, "550 n\303\266"));
}

/* V29 */
static void
test_bounds (void)
{
  g_autofree PhDsnRecipient *recipients = g_new (PhDsnRecipient, 1000);
  g_autoptr (GString) message = g_string_new (NULL);
  g_autofree char *text = NULL;
  g_autoptr (PhMimePart) root = NULL;
  PhDsn dsn = make (recipients, 1000);

  for (guint i = 0; i < 1000; i++)
    recipients[i] = failed;
  while (message->len < 300 * 1024)
    g_string_append (message, "X-Field: value\r\n");
  dsn.message = (const guint8 *)message->str;
  dsn.message_length = message->len;
  dsn.whole = TRUE;

  text = format (&dsn, &root);
  g_assert_true (ph_mime_part_is (root->last_child, "text", "rfc822-headers"));
  g_assert_cmpuint (root->last_child->body_length, <=, PH_DSN_HEADER_MAX);
  g_assert_cmpuint (root->last_child->body_length, >, PH_DSN_HEADER_MAX - 100);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/dsn/failed", test_failed);
  g_test_add_func ("/mail/dsn/others", test_others);
  g_test_add_func ("/mail/dsn/injection", test_injection);
  g_test_add_func ("/mail/dsn/utf8", test_utf8);
  g_test_add_func ("/mail/dsn/bounds", test_bounds);

  return g_test_run ();
}
