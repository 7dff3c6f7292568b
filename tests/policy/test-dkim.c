/* DKIM signatures against two verifiers that we did not write (Python's dkimpy, Perl's Mail::DKIM), and
 * the forms of RFC 6376. */

#include "ph-dkim-canon.h"
#include "ph-dkim-signer.h"

#include "../support/has-program.h"
#include "../support/remove-tree.h"

#include <string.h>
#include <sys/stat.h>

typedef struct
{
  char         *dir;
  PhDkimSigner *signer;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  static const char *const domains[] = { "Example.ORG", "bücher.test", "[192.0.2.1]", "../../etc", NULL };

  f->dir = g_dir_make_tmp ("posthouse-dkim-XXXXXX", NULL);
  f->signer = ph_dkim_signer_new (f->dir, "sel", domains);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  g_assert_finalize_object (f->signer);
  remove_tree (f->dir);
  g_free (f->dir);
}

typedef struct
{
  const char *text;
  gsize       piece;
} Source;

static gssize
read_text (gpointer user_data,
           guint64  offset,
           void    *data,
           gsize    length)
{
  const Source *source = user_data;
  gsize         whole = strlen (source->text);

  if (offset >= whole)
    return 0;
  length = MIN (MIN (length, source->piece), whole - offset);
  memcpy (data, source->text + offset, length);

  return (gssize)length;
}

static char *
sign (Fixture    *f,
      const char *text)
{
  Source source = { text, 7 };
  g_autoptr (GError) error = NULL;
  char *fields = ph_dkim_signer_sign (f->signer, read_text, &source, 1790000000, &error);

  g_assert_no_error (error);

  return fields;
}

/* Canonical forms */

static void
assert_body (const char *raw,
             PhDkimCanon canon,
             const char *canonical)
{
  for (gsize piece = 1; piece < 4; piece++)
    {
      guint8     digest[PH_DKIM_HASH_SIZE], wanted[PH_DKIM_HASH_SIZE];
      PhDkimBody body;
      gsize      length = strlen (raw);

      ph_dkim_body_begin (&body, canon, G_MAXUINT64);
      for (gsize at = 0; at < length; at += piece)
        ph_dkim_body_feed (&body, (const guint8 *)raw + at, MIN (piece, length - at));
      ph_dkim_body_end (&body, digest);
      gnutls_hash_fast (GNUTLS_DIG_SHA256, canonical, strlen (canonical), wanted);
      g_assert_cmpmem (digest, sizeof digest, wanted, sizeof wanted);
      g_assert_cmpuint (body.length, ==, strlen (canonical));
    }
}

static void
test_body (void)
{
  static const struct
  {
    const char *raw;
    const char *relaxed;
    const char *simple;
  } table[] = {
    { "", "", "\r\n" },
    { "\r\n", "", "\r\n" },
    { "\r\n\r\n\r\n", "", "\r\n" },
    { " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n", " C \r\nD \t E\r\n" }, /* section 3.4.5 */
    { "a", "a\r\n", "a\r\n" },
    { "a\n\nb\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n" }, /* LF is sent as CRLF */
    { "a\rb\r\n", "a b\r\n", "a\rb\r\n" },              /* a bare CR as a blank */
    { "a \r\n \r\n\t\r\n", "a\r\n", "a \r\n \r\n\t\r\n" },
    { "a\r\r\nb", "a\r\nb\r\n", "a\r\r\nb\r\n" },
    { "\r\n\r\nx\r\n", "\r\n\r\nx\r\n", "\r\n\r\nx\r\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      assert_body (table[i].raw, PH_DKIM_RELAXED, table[i].relaxed);
      assert_body (table[i].raw, PH_DKIM_SIMPLE, table[i].simple);
    }
}

static void
test_fields (void)
{
  static const char text[] = "A: X\r\nB : Y\t\r\n\tZ  \r\nSubjecT:\r\n  a \r\n\t b \r\n\r\n";
  g_autoptr (PhHeader) header = ph_header_parse ((const guint8 *)text, strlen (text));
  g_auto (PhBuffer) out = { 0 };

  for (guint i = 0; i < header->n_fields; i++)
    ph_dkim_append_field (header, &header->fields[i], PH_DKIM_RELAXED, &out);
  g_assert_cmpmem (ph_buffer_get_data (&out), ph_buffer_get_length (&out), "a:X\r\nb:Y Z\r\nsubject:a b\r\n", strlen ("a:X\r\nb:Y Z\r\nsubject:a b\r\n"));
}

/* Whose mail is signed */

static void
test_author (Fixture      *f,
             gconstpointer data)
{
  static const struct
  {
    const char *header;
    const char *domain; /* NULL: not signed */
  } table[] = {
    { "From: a@example.org\r\n", "example.org" },
    { "From: \"x, y\" <a@EXAMPLE.org> (b@other.test)\r\n", "example.org" },
    { "From: a@b\xc3\xbc"
      "cher.test\r\n",
      "xn--bcher-kva.test" },
    { "From: a@other.test\r\n", NULL },
    { "From: a@sub.example.org\r\n", NULL },
    { "From: a@example.org, b@other.test\r\n", NULL },
    { "From: a@example.org\r\nFrom: b@other.test\r\n", NULL }, /* V35 */
    { "From: b@other.test\r\nFROM: a@example.org\r\n", NULL },
    { "From: g: a@example.org;\r\n", NULL },
    { "From:\r\n", NULL },
    { "Subject: nobody\r\n", NULL },
    { "From: a@[192.0.2.1]\r\n", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *text = g_strdup_printf ("%s\r\nbody\r\n", table[i].header);
      g_autofree char *fields = sign (f, text);
      g_autofree char *wanted = g_strdup_printf (" d=%s;", table[i].domain);

      g_test_message ("%u", i);
      if (table[i].domain == NULL)
        g_assert_cmpstr (fields, ==, "");
      else
        g_assert_nonnull (strstr (fields, wanted));
    }
}

/* Verifiers */

static const char *const messages[] = {
  "From: a@example.org\r\n\r\n",
  "From: a@example.org\r\nSubject: x\r\n\r\n\r\n\r\n",
  "From: =?utf-8?q?=C3=A4?= <a@example.org>\r\nTo: b@other.test,\r\n\tc@other.test\r\nSubject: folded\r\n  and  spaced \r\nDate: Mon, 21 Sep 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nHello  \r\n\r\n  there\t.\r\n.\r\n\r\n\r\n",
  "To: twice@other.test\r\nfrom: a@example.org\r\nto: thrice@other.test\r\nX-Other: 1\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nZeilen ohne Ende \xc3\xa4",
};

/* Both keys in the form of a zone for the verifiers: NAME=RECORD lines. */
static char *
make_zone (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *records = ph_dkim_signer_format_records (f->signer, "example.org", &error);
  g_auto (GStrv) parts = NULL;

  g_assert_no_error (error);
  parts = g_strsplit (records, "  TXT  ", -1);

  return g_strjoinv ("=", parts);
}

static int
run (Fixture           *f,
     const char *const *argv,
     char             **output)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **)(gpointer)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, output, NULL, &status, &error);
  g_assert_no_error (error);

  return status;
}

static const char python_verifier[] =
  "import sys, dkim\n"
  "zone = dict(line.split('=', 1) for line in open(sys.argv[1]).read().splitlines())\n"
  "message = open(sys.argv[2], 'rb').read()\n"
  "for index in (0, 1):\n"
  "    verifier = dkim.DKIM(message)\n"
  "    print('pass' if verifier.verify(index, dnsfunc=lambda name, timeout=5: zone.get(name.decode().rstrip('.'), '').encode()) else 'fail')\n";

static const char perl_verifier[] =
  "use Mail::DKIM::Verifier; use Mail::DKIM::PublicKey;\n"
  "my %zone = map { split /=/, $_, 2 } do { open my $z, '<', $ARGV[0]; map { chomp; $_ } <$z> };\n"
  "no warnings 'redefine';\n"
  "*Mail::DKIM::PublicKey::fetch = sub { my ($class, %prms) = @_; my $name = \"$prms{Selector}._domainkey.$prms{Domain}\"; my $self = $class->parse($zone{$name}); $self->{Selector} = $prms{Selector}; $self->{Domain} = $prms{Domain}; $self->check; return $self };\n"
  "*Mail::DKIM::PublicKey::fetch_async = sub { my ($class, %prms) = @_; my $on = $prms{Callbacks}{Success} || sub { $_[0] }; my $self = $class->fetch(%prms); return sub { $on->($self) } };\n"
  "my $v = Mail::DKIM::Verifier->new; open my $m, '<:raw', $ARGV[1]; local $/; my $text = <$m>; $v->PRINT($text); $v->CLOSE;\n"
  "print join(\"\\n\", map { $_->result } $v->signatures), \"\\n\";\n";

static void
verify (Fixture           *f,
        const char *const *interpreter, /* three words, then files */
        gboolean           tampered,
        const char        *wanted) /* NULL: no "pass" at all */
{
  g_autofree char *zone = make_zone (f);
  g_autofree char *zone_path = g_build_filename (f->dir, "zone", NULL);
  g_autofree char *message_path = g_build_filename (f->dir, "message", NULL);

  g_assert_true (g_file_set_contents (zone_path, zone, -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autofree char *fields = sign (f, messages[i]);
      g_autofree char *whole = g_strconcat (fields, tampered ? "Subject: another\r\n" : "", messages[i], g_str_has_suffix (messages[i], "\n") ? "" : "\r\n", NULL);
      g_autofree char *output = NULL;

      g_assert_true (g_file_set_contents (message_path, whole, -1, NULL));
      g_assert_cmpint (run (f, (const char *[]){ interpreter[0], interpreter[1], interpreter[2], zone_path, message_path, NULL }, &output), ==, 0);
      g_test_message ("%u: %s", i, output);
      if (wanted != NULL)
        g_assert_cmpstr (output, ==, wanted);
      else
        g_assert_null (strstr (output, "pass"));
    }
}

static void
test_python (Fixture      *f,
             gconstpointer data)
{
  if (!has_program ((const char *[]){ "/usr/bin/python3", "-c", "import dkim, nacl", NULL }))
    {
      g_test_skip ("dkimpy is not installed");
      return;
    }
  verify (f, (const char *[]){ "/usr/bin/python3", "-c", python_verifier }, FALSE, "pass\npass\n");
  verify (f, (const char *[]){ "/usr/bin/python3", "-c", python_verifier }, TRUE, NULL); /* V35: over-signed */
}

static void
test_perl (Fixture      *f,
           gconstpointer data)
{
  gboolean knows_ed25519;

  if (!has_program ((const char *[]){ "perl", "-MMail::DKIM::Verifier", "-MCryptX", "-e", "1", NULL }))
    {
      g_test_skip ("Mail::DKIM is not installed");
      return;
    }
  knows_ed25519 = has_program ((const char *[]){ "perl", "-MMail::DKIM::Algorithm::ed25519_sha256", "-e", "1", NULL });
  verify (f, (const char *[]){ "perl", "-e", perl_verifier }, FALSE, knows_ed25519 ? "pass\npass\n" : "invalid\npass\n");
}

/* Keys */

static void
test_keys (Fixture      *f,
           gconstpointer data)
{
  static const char *const domains[] = { "example.org", NULL };
  g_autofree char         *first = make_zone (f);
  g_autofree char         *second = NULL;
  g_autofree char         *path = g_build_filename (f->dir, "example.org.sel.pem", NULL);
  g_autoptr (PhDkimSigner) again = NULL;
  g_autoptr (GError) error = NULL;
  struct stat st;

  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
  g_assert_nonnull (strstr (first, "sel._domainkey.example.org=v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"));
  g_assert_nonnull (strstr (first, "sel-ed25519._domainkey.example.org=v=DKIM1; k=ed25519; p="));

  /* The same key the next time. */
  g_object_unref (f->signer);
  f->signer = ph_dkim_signer_new (f->dir, "sel", domains);
  second = make_zone (f);
  g_assert_cmpstr (first, ==, second);

  /* V48: not one that others can read; not an unreadable one, and it is left as it is. */
  g_assert_cmpint (chmod (path, 0644), ==, 0);
  again = ph_dkim_signer_new (f->dir, "sel", domains);
  g_assert_null (ph_dkim_signer_format_records (again, "example.org", &error));
  g_assert_error (error, PH_POLICY_ERROR, PH_POLICY_ERROR_KEY);
  g_clear_error (&error);
  g_assert_cmpint (chmod (path, 0600), ==, 0);
  g_assert_true (g_file_set_contents_full (path, "nonsense", -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  g_assert_null (ph_dkim_signer_format_records (again, "example.org", &error));
  g_assert_error (error, PH_POLICY_ERROR, PH_POLICY_ERROR_KEY);
  g_clear_error (&error);
  g_assert_null (ph_dkim_signer_format_records (again, "../../etc/passwd", &error)); /* V17 */
  g_assert_error (error, PH_POLICY_ERROR, PH_POLICY_ERROR_FAILED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/dkim/body", test_body);
  g_test_add_func ("/dkim/fields", test_fields);
#define ADD(name, function) g_test_add ("/dkim/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("V35/author", test_author);
  ADD ("dkimpy", test_python);
  ADD ("Mail::DKIM", test_perl);
  ADD ("V17,V48/keys", test_keys);

  return g_test_run ();
}
