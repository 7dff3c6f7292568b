/* What somebody types into the window, as a message and as its envelope. */

#include "ph-mail-draft.h"
#include "ph-mime-part.h"

#include "ph-server-error.h"

#include <glib/gstdio.h>
#include <string.h>

static const struct
{
  const char *to;
  const char *expected; /* joined by blanks, or NULL: a problem */
} recipients[] = {
  { "bob@y.test", "bob@y.test" },
  { "Bob <bob@Y.test>, \"C, D\" <c@y.test>", "bob@y.test c@y.test" },
  { "bob@y.test, bob@y.test", "bob@y.test" },
  { "Team: bob@y.test, c@y.test;", "bob@y.test c@y.test" },
  { "b\303\274b@y.test", "b\303\274b@y.test" },
  { "", NULL },
  { "bob", NULL },
  { "bob@y.test, nonsense", NULL },
  { "bob@y..test", NULL },
};

static void
test_recipients (gconstpointer data)
{
  gsize            row = GPOINTER_TO_SIZE (data);
  g_autofree char *problem = NULL, *joined = NULL;
  g_auto (GStrv) addresses = ph_mail_draft_dup_recipients (recipients[row].to, &problem);

  if (addresses != NULL)
    joined = g_strjoinv (" ", addresses);
  g_assert_cmpstr (joined, ==, recipients[row].expected);
  g_assert_true ((problem != NULL) == (recipients[row].expected == NULL));
}

static void
test_too_many (void)
{
  g_autoptr (GString) to = g_string_new (NULL);
  g_autofree char *problem = NULL;

  for (guint i = 0; i <= PH_MAIL_DRAFT_RECIPIENTS_MAX; i++)
    g_string_append_printf (to, "a%u@y.test,", i);
  g_assert_null (ph_mail_draft_dup_recipients (to->str, &problem));
  g_assert_nonnull (problem);
}

static char *
format (const PhMailDraft *draft,
        const char        *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ph_mail_draft_format (draft, name, "host.test", 86400, 1000, NULL, &error);

  g_assert_no_error (error);

  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
test_plain (void)
{
  PhMailDraft      draft = { .from = (char *)"a@x.test", .to = (char *)"B <b@y.test>", .subject = (char *)"Hi", .body = (char *)"One\n.\nGr\303\274\303\237e" };
  g_autofree char *text = format (&draft, "Ann");
  const char      *rest;

  /* RFC 5322 section 3.6: what it should not leave to the server. */
  g_assert_true (g_str_has_prefix (text, "Date: Fri, 2 Jan 1970 00:00:00 +0000\r\nMessage-ID: <"));
  rest = strstr (text, "From:");
  g_assert_true (g_str_has_prefix (rest - strlen ("@host.test>\r\n"), "@host.test>\r\n"));
  g_assert_cmpstr (rest, ==, "From: Ann <a@x.test>\r\nTo: B <b@y.test>\r\nSubject: Hi\r\nMIME-Version: 1.0\r\n"
                             "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                             "One\r\n=2E\r\nGr=C3=BC=C3=9Fe");
}

/* V14: no way out of a field into another. */
static void
test_injection (void)
{
  PhMailDraft      draft = { .from = (char *)"a@x.test", .to = (char *)"\"B\r\nX-Evil: 1\" <b@y.test>", .subject = (char *)"Hi\r\nX-Evil: 2\n\nbody", .body = (char *)"" };
  g_autofree char *text = format (&draft, "Ann\r\nX-Evil: 3\r\n");
  const char      *end = strstr (text, "\r\n\r\n");

  g_assert_null (strstr (text, "\nX-Evil"));
  g_assert_true (g_str_has_prefix (end, "\r\n\r\n"));
  g_assert_cmpuint (strlen (end), ==, 4);
}

static void
test_attachment (void)
{
  g_autofree char *directory = g_dir_make_tmp ("ph-draft-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "\303\274 \"x\";a=b\r\n.txt", NULL);
  PhMailDraft      draft = { .from = (char *)"a@x.test", .to = (char *)"b@y.test", .subject = (char *)"", .body = (char *)"Body\n" };
  g_autofree char *text = NULL, *name = NULL;
  g_autoptr (PhMimePart) root = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "hello", -1, &error));
  draft.attachment = g_file_new_for_path (path);
  text = format (&draft, "");
  root = ph_mime_part_parse ((const guint8 *)text, strlen (text));
  g_assert_cmpuint (root->n_children, ==, 2);
  g_assert_true (ph_mime_part_is (root->first_child, "text", "plain"));
  name = ph_parameter_list_dup_decoded (root->last_child->disposition, "filename");
  g_assert_true (g_str_has_prefix (name, "\303\274 \"x\";a=b"));
  g_assert_nonnull (strstr (text, "aGVsbG8=\r\n"));

  /* Larger than a message may be. */
  g_assert_null (ph_mail_draft_format (&draft, "", "host.test", 0, 4, NULL, &error));
  g_assert_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_FAILED);
  g_clear_error (&error);

  g_unlink (path);
  g_assert_null (ph_mail_draft_format (&draft, "", "host.test", 0, 1000, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_rmdir (directory);
  g_object_unref (draft.attachment);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (recipients); i++)
    {
      g_autofree char *path = g_strdup_printf ("/server/mail-draft/recipients/%u", (guint)i);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_recipients);
    }
  g_test_add_func ("/server/mail-draft/too many", test_too_many);
  g_test_add_func ("/server/mail-draft/plain", test_plain);
  g_test_add_func ("/server/mail-draft/injection (V14)", test_injection);
  g_test_add_func ("/server/mail-draft/attachment", test_attachment);

  return g_test_run ();
}
