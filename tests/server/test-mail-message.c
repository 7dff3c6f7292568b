/* One message, as a person reads it. */

#include "mail-fixture.h"

#define MIXED                                                                                                                          \
  "Return-Path: <ann@example.org>\r\n"                                                                                                 \
  "Received: from mx.example.org ([192.0.2.7])\r\n by posthouse.test with ESMTPS (TLS1.3 AES) id X1\r\n"                               \
  " for <alice@demo.test>;\r\n Sat, 2 Jan 2027 10:00:01 +0100\r\n"                                                                     \
  "Received: from laptop by mx.example.org with ESMTPSA id Y2; Sat, 2 Jan 2027 10:00:00 +0100\r\n"                                     \
  "From: =?utf-8?q?=C3=84nn?= <ann@example.org>\r\nTo: alice@demo.test\r\n"                                                            \
  "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nDate: Sat, 2 Jan 2027 10:00:00 +0100\r\n"                                                   \
  "Content-Type: multipart/mixed; boundary=m\r\n\r\n"                                                                                  \
  "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"                                                                     \
  "--a\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe plain\r\n"      \
  "--a\r\nContent-Type: text/html\r\n\r\n<p>Rich <b>text</b></p><script>x()</script>\r\n--a--\r\n"                                     \
  "--m\r\nContent-Type: application/octet-stream\r\n"                                                                                  \
  "Content-Disposition: attachment; filename=\"../../.ev\342\200\256il.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQF\r\n" \
  "--m\r\nContent-Type: message/rfc822\r\n\r\n"                                                                                        \
  "Subject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nInner text\r\n--i--\r\n"                              \
  "--m--\r\n"

static PhMailMessage *
open_text (MailFixture *fixture,
           const char  *text)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (&fixture->store, "INBOX");
  g_autoptr (PhMailList) list = open_list (fixture, "INBOX");
  guint32        uid = append (&fixture->store, mailbox, text);
  PhMailMessage *message = ph_mail_list_open_message (list, uid);

  wait_until (is_loaded, message);
  /* Reading is no \Seen. */
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, ph_mailbox_get_n_messages (mailbox) - 1)->flags, ==, 0);

  return message;
}

static void
test_header (MailFixture  *fixture,
             gconstpointer data)
{
  g_autoptr (PhMailMessage) message = open_text (fixture, MIXED);

  g_assert_cmpstr (ph_mail_message_get_subject (message), ==, "Grüße");
  g_assert_cmpstr (ph_mail_message_get_from (message), ==, "Änn <ann@example.org>");
  g_assert_cmpstr (ph_mail_message_get_to (message), ==, "alice@demo.test");
  g_assert_null (ph_mail_message_get_cc (message));
  g_assert_cmpint (ph_mail_message_get_date (message), ==, G_GINT64_CONSTANT (1798880400) * G_USEC_PER_SEC);
  g_assert_true (g_str_has_prefix (ph_mail_message_get_headers (message)->text->str, "Return-Path: <ann@example.org>\nReceived: from mx.example.org"));
  g_assert_nonnull (strstr (ph_mail_message_get_headers (message)->text->str, "\nSubject: Grüße\n"));
}

static void
test_envelope (MailFixture  *fixture,
               gconstpointer data)
{
  g_autoptr (PhMailMessage) message = open_text (fixture, MIXED);
  const GPtrArray  *hops = ph_mail_message_get_hops (message);
  const PhReceived *hop;

  g_assert_cmpstr (ph_mail_message_get_return_path (message), ==, "ann@example.org");
  g_assert_null (ph_mail_message_get_delivered_to (message));
  g_assert_cmpuint (hops->len, ==, 2);
  hop = hops->pdata[0];
  g_assert_cmpstr (hop->recipient, ==, "alice@demo.test");
  g_assert_cmpstr (hop->id, ==, "X1");
  g_assert_cmpstr (hop->with_comment, ==, "TLS1.3 AES");
}

/* Of the server that brought it alone; nothing where none did. */
static void
test_checks (MailFixture  *fixture,
             gconstpointer data)
{
  g_autoptr (PhMailMessage) message = open_text (fixture, "Received: from a by posthouse.test with ESMTP id X1; Sat, 2 Jan 2027 10:00:01 +0100\r\n"
                                                          "Authentication-Results: Posthouse.test; spf=pass (ok) smtp.mailfrom=a@b.test;\r\n\tdkim=fail (x; y) header.d=\"b\001.test\"\r\n"
                                                          "Authentication-Results: mx.elsewhere; dmarc=pass header.from=b.test\r\n\r\nx");
  g_autoptr (PhMailMessage) bare = open_text (fixture, "Authentication-Results: posthouse.test; spf=pass\r\n\r\nx");
  const GPtrArray    *checks = ph_mail_message_get_checks (message);
  const PhAuthResult *signature;

  g_assert_cmpuint (checks->len, ==, 2);
  g_assert_cmpstr (((PhAuthResult *)checks->pdata[0])->subject, ==, "a@b.test");
  signature = checks->pdata[1];
  g_assert_cmpstr (signature->method, ==, "dkim");
  g_assert_cmpstr (signature->result, ==, "fail");
  g_assert_true (g_utf8_validate (signature->subject, -1, NULL) && strchr (signature->subject, 1) == NULL);
  g_assert_cmpuint (ph_mail_message_get_checks (bare)->len, ==, 0);
}

static void
test_bodies (MailFixture  *fixture,
             gconstpointer data)
{
  g_autoptr (PhMailMessage) message = open_text (fixture, MIXED);

  g_assert_true (ph_mail_message_has_both (message));
  g_assert_cmpstr (ph_mail_message_get_rich_text (message)->text->str, ==, "Rich text");
  g_assert_cmpstr (ph_mail_message_get_plain_text (message)->text->str, ==, "Grüße plain");
}

static void
append_tree (GString    *text,
             PhMailPart *part)
{
  g_autoptr (GListModel) children = ph_mail_part_dup_children (part);

  g_string_append_printf (text, "[%s]%s ", ph_mail_part_get_number (part), ph_mail_part_get_content_type (part));
  for (guint i = 0; children != NULL && i < g_list_model_get_n_items (children); i++)
    {
      g_autoptr (PhMailPart) child = g_list_model_get_item (children, i);

      append_tree (text, child);
    }
}

static void
test_parts (MailFixture  *fixture,
            gconstpointer data)
{
  g_autoptr (PhMailMessage) message = open_text (fixture, MIXED);
  GListModel *attachments = ph_mail_message_get_attachments (message);
  g_autoptr (GString) tree = g_string_new (NULL);
  g_autoptr (PhMailPart) first = g_list_model_get_item (attachments, 0);
  g_autoptr (PhMailPart) second = g_list_model_get_item (attachments, 1);

  append_tree (tree, ph_mail_message_get_root (message));
  g_assert_cmpstr (tree->str, ==, "[]multipart/mixed [1]multipart/alternative [1.1]text/plain [1.2]text/html [2]application/octet-stream [3]message/rfc822 [3]multipart/mixed [3.1]text/plain ");
  g_assert_cmpuint (g_list_model_get_n_items (attachments), ==, 2);
  /* V15: only a name, and what turns it round is seen. */
  g_assert_cmpstr (ph_mail_part_get_file_name (first), ==, "ev_u202eil.bin");
  g_assert_cmpstr (ph_mail_part_get_number (first), ==, "2");
  g_assert_cmpstr (ph_mail_part_get_encoding (first), ==, "base64");
  g_assert_cmpstr (ph_mail_part_get_content_type (second), ==, "message/rfc822");
  g_assert_cmpstr (ph_mail_part_get_number (second), ==, "3");
}

static char *
load_part (PhMailPart    *part,
           PhMailPartForm form,
           gboolean      *truncated)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMailText) text = NULL;

  ph_mail_part_load_text_async (part, form, NULL, ready_cb, &result);
  await (&result);
  text = ph_mail_part_load_text_finish (part, result, &error);
  g_assert_no_error (error);
  if (truncated != NULL)
    *truncated = text->truncated;

  return g_strdup (text->text->str);
}

static void
test_part_texts (MailFixture  *fixture,
                 gconstpointer data)
{
  g_autoptr (PhMailMessage) message = open_text (fixture, MIXED);
  g_autoptr (PhMailPart) binary = g_list_model_get_item (ph_mail_message_get_attachments (message), 0);
  g_autoptr (GListModel) children = ph_mail_part_dup_children (ph_mail_message_get_root (message));
  g_autoptr (PhMailPart) alternative = g_list_model_get_item (children, 0);
  g_autoptr (GListModel) texts = ph_mail_part_dup_children (alternative);
  g_autoptr (PhMailPart) plain = g_list_model_get_item (texts, 0);
  g_autofree char *hex = load_part (binary, PH_MAIL_PART_DECODED, NULL);
  g_autofree char *decoded = load_part (plain, PH_MAIL_PART_DECODED, NULL);
  g_autofree char *raw = load_part (plain, PH_MAIL_PART_RAW, NULL);
  g_autofree char *source = load_part (ph_mail_message_get_root (message), PH_MAIL_PART_RAW, NULL);

  g_assert_true (g_str_has_prefix (hex, "00000000  00 01 02 03 04 05"));
  g_assert_cmpstr (decoded, ==, "Grüße plain");
  g_assert_cmpstr (raw, ==, "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe plain");
  g_assert_true (g_str_has_prefix (source, "Return-Path: <ann@example.org>\nReceived: "));
}

static void
save_part (PhMailPart    *part,
           PhMailPartForm form,
           GFile         *file,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ph_mail_part_save_async (part, form, file, cancellable, ready_cb, &result);
  await (&result);
  ph_mail_part_save_finish (part, result, error);
}

static void
test_save (MailFixture  *fixture,
           gconstpointer data)
{
  g_autoptr (PhMailMessage) message = open_text (fixture, MIXED);
  g_autoptr (PhMailPart) binary = g_list_model_get_item (ph_mail_message_get_attachments (message), 0);
  g_autofree char *path = g_build_filename (fixture->store.dir, "saved", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL, *whole = NULL;
  gsize            length;
  struct stat      st;

  save_part (binary, PH_MAIL_PART_DECODED, file, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &contents, &length, &error));
  g_assert_cmpmem (contents, length, "\0\1\2\3\4\5", 6);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);

  /* Thought better of: what was there stays. */
  g_cancellable_cancel (cancelled);
  save_part (ph_mail_message_get_root (message), PH_MAIL_PART_RAW, file, cancelled, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_clear_pointer (&contents, g_free);
  g_assert_true (g_file_get_contents (path, &contents, &length, &error));
  g_assert_cmpuint (length, ==, 6);

  save_part (ph_mail_message_get_root (message), PH_MAIL_PART_RAW, file, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &whole, &length, &error));
  g_assert_cmpstr (whole, ==, MIXED);
}

static const struct
{
  const char *what;
  const char *message;
  const char *rich;
  guint       n_attachments;
} bodies[] = {
  { "plain only", "Subject: x\r\n\r\nHi\r\n", "Hi\n", 0 },
  { "HTML only", "Content-Type: text/html\r\n\r\n<i>Hi</i>", "Hi", 0 },
  { "no body", "Subject: x\r\n\r\n", "", 0 },
  { "several texts one after the other", "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\none\r\n--m\r\n\r\ntwo\r\n--m--\r\n", "one\n\ntwo", 0 },
  { "an attached text is not the body", "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\none\r\n--m\r\nContent-Disposition: attachment\r\n\r\ntwo\r\n--m--\r\n", "one", 1 },
  { "what is attached in it is not the body", "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\none\r\n--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nsecret\r\n--m--\r\n", "one", 1 },
  { "an alternative without HTML", "Content-Type: multipart/alternative; boundary=m\r\n\r\n--m\r\n\r\none\r\n--m\r\nContent-Type: text/calendar\r\n\r\nx\r\n--m--\r\n", "one", 1 },
  { "a picture only", "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n", "", 1 },
  { "a multipart that is none", "Content-Type: multipart/mixed\r\n\r\nx\r\n", "x\n", 0 },
};

static void
test_body (MailFixture  *fixture,
           gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (PhMailMessage) message = open_text (fixture, bodies[row].message);

  g_assert_cmpstr (ph_mail_message_get_rich_text (message)->text->str, ==, bodies[row].rich);
  g_assert_cmpuint (g_list_model_get_n_items (ph_mail_message_get_attachments (message)), ==, bodies[row].n_attachments);
  g_assert_false (ph_mail_message_has_both (message));
}

static gboolean
has_error (gpointer message)
{
  g_autofree char *error = NULL;

  g_object_get (message, "error", &error, NULL);

  return error != NULL;
}

static void
test_gone (MailFixture  *fixture,
           gconstpointer data)
{
  g_autoptr (PhMailList) list = open_list (fixture, "INBOX");
  g_autoptr (PhMailMessage) message = ph_mail_list_open_message (list, 99);

  wait_until (has_error, message);
  g_assert_null (ph_mail_message_get_root (message));
  g_assert_null (ph_mail_message_get_rich_text (message));
}

/* Somebody goes on to the next before it is read. */
static void
test_let_go (MailFixture  *fixture,
             gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (&fixture->store, "INBOX");
  g_autoptr (PhMailList) list = open_list (fixture, "INBOX");
  guint32 uid = append (&fixture->store, mailbox, MIXED);

  for (guint rounds = 0; rounds < 20; rounds++)
    {
      PhMailMessage *message = ph_mail_list_open_message (list, uid);

      for (guint i = 0; i < rounds; i++)
        g_main_context_iteration (NULL, FALSE);
      g_object_add_weak_pointer (G_OBJECT (message), (gpointer *)&message);
      g_object_unref (message);
      g_assert_null (message);
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

#define ADD(name, function) g_test_add ("/server/mail-message/" name, MailFixture, NULL, mail_set_up, function, mail_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("header", test_header);
  ADD ("envelope", test_envelope);
  ADD ("checks", test_checks);
  ADD ("bodies", test_bodies);
  ADD ("parts", test_parts);
  ADD ("part texts", test_part_texts);
  ADD ("save", test_save);
  ADD ("gone", test_gone);
  ADD ("let go", test_let_go);
  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autofree char *path = g_strdup_printf ("/server/mail-message/body/%s", bodies[i].what);

      g_test_add (path, MailFixture, GSIZE_TO_POINTER (i), mail_set_up, test_body, mail_tear_down);
    }

  return g_test_run ();
}
