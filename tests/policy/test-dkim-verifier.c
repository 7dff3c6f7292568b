/* Verifying DKIM (RFC 6376, 8301, 8463): the message of RFC 8463 (that of RFC 6376 appendix A can't be verified as it is printed), two signers that we did not write (Python's dkimpy, Perl's
 * Mail::DKIM), and what must not pass. */

#include "ph-dkim-verifier.h"

#include "../support/has-program.h"
#include "../support/remove-tree.h"
#include "zone.h"

#define NOW 1600000000

/* RFC 8463 appendix A. */
#define ED25519_SEED "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
#define ED25519_PUBLIC "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define RSA_BARE                                                                                         \
  "MIGJAoGBAOQeU5CgFPNZGIazlXo2k/eJ1jpaTTxrmqF1HrDLlt04pvaMtCJj8nXoliLRC/H9vJjMI1vdb3XLcW60AIN/PBD8EL97" \
  "/y4GwJH7LPUvGP48vqUe+owqszesbiGy1PlCO8c70/OjFnJVgvMF87YR4Lcincb7aSvI5MgpP6X8rjDdAgMBAAE="
#define RSA_PUBLIC                                                                                                       \
  "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3Fu" \
  "tACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
#define RSA_SECRET                                                     \
  "-----BEGIN RSA PRIVATE KEY-----\n"                                  \
  "MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n" \
  "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n" \
  "KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n" \
  "AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n" \
  "6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n" \
  "zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n" \
  "6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n" \
  "uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n" \
  "WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n" \
  "WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n" \
  "licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n" \
  "o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n" \
  "uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n"                     \
  "-----END RSA PRIVATE KEY-----\n"

static const ZoneRecord football[] = {
  { "brisbane._domainkey.football.example.com", PH_DNS_TXT, "v=DKIM1; k=ed25519; p=" ED25519_PUBLIC },
  { "test._domainkey.football.example.com", PH_DNS_TXT, "v=DKIM1; k=rsa; p=" RSA_PUBLIC },
  { NULL },
};

#define FOOTBALL_ED25519                                            \
  "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"   \
  " d=football.example.com; i=@football.example.com;\r\n"           \
  " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"         \
  " subject : date : message-id : from : subject : date;\r\n"       \
  " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"           \
  " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n" \
  " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
#define FOOTBALL_RSA                                                \
  "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"       \
  " d=football.example.com; i=@football.example.com;\r\n"           \
  " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"   \
  " date : message-id : from : subject : date;\r\n"                 \
  " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"           \
  " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n" \
  " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n" \
  " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
#define FOOTBALL_HEADER                              \
  "From: Joe SixPack <joe@football.example.com>\r\n" \
  "To: Suzie Q <suzie@shopping.example.net>\r\n"     \
  "Subject: Is dinner ready?\r\n"                    \
  "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"  \
  "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
#define FOOTBALL_BODY "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"

/* The results and reasons, parted by ", ". */
static char *
verify_at (const char       *text,
           gsize             length,
           const ZoneRecord *zone,
           gint64            now)
{
  const char *blank = g_strstr_len (text, (gssize)length, "\r\n\r\n");
  gsize       end = blank != NULL ? (gsize)(blank - text) + 4 : length;
  g_autoptr (GBytes) header = g_bytes_new (text, end);
  g_autoptr (PhDkimVerifier) verifier = ph_dkim_verifier_new (header, now);
  g_autoptr (PhDnsFacts) facts = ph_dns_facts_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  GPtrArray *signatures = ph_dkim_verifier_get_signatures (verifier);
  guint      n = 0;

  for (gsize at = end; at < length; at += 5)
    ph_dkim_verifier_feed (verifier, (const guint8 *)text + at, MIN (5, length - at));
  ph_dkim_verifier_end (verifier);
  while (!ph_dkim_verifier_check (verifier, facts))
    g_assert_true (zone_answer_all (zone, facts, &n));
  for (guint i = 0; i < signatures->len; i++)
    {
      const PhDkimSignature *signature = signatures->pdata[i];

      g_assert_cmpint (signature->result == PH_DKIM_PASS, ==, signature->reason.english == NULL);
      g_string_append_printf (out, "%s%s%s%s", i > 0 ? ", " : "", ph_dkim_result_get_name (signature->result),
                              signature->reason.english != NULL ? ": " : "", signature->reason.english != NULL ? signature->reason.english : "");
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
assert_results (const char       *text,
                const ZoneRecord *zone,
                const char       *wanted)
{
  g_autofree char *results = verify_at (text, strlen (text), zone, NOW);

  g_assert_cmpstr (results, ==, wanted);
}

static void
test_rfc (void)
{
  assert_results (FOOTBALL_ED25519 FOOTBALL_RSA FOOTBALL_HEADER "\r\n" FOOTBALL_BODY, football, "pass, pass");
  assert_results (FOOTBALL_RSA FOOTBALL_HEADER "\r\n" FOOTBALL_BODY, football, "pass");
  assert_results (FOOTBALL_HEADER "\r\n" FOOTBALL_BODY, football, "");
}

/* What may change on the way, and what may not. */
static void
test_changes (void)
{
#define HEAD FOOTBALL_ED25519 FOOTBALL_RSA
#define BODY_CHANGED "fail: the body is not what was signed, fail: the body is not what was signed"
#define HEADER_CHANGED "fail: the header is not what was signed, fail: the header is not what was signed"
  static const struct
  {
    const char *text;
    const char *results;
  } table[] = {
    { "Received: from somewhere\r\n" HEAD FOOTBALL_HEADER "\r\n" FOOTBALL_BODY, "pass, pass" },
    { HEAD "X-New: 1\r\n" FOOTBALL_HEADER "\r\n" FOOTBALL_BODY "\r\n\r\n", "pass, pass" },
    { HEAD FOOTBALL_HEADER "\r\n"
                           "Hi.  \r\n\r\nWe lost the game. Are you hungry yet?\t\r\n\r\nJoe.",
      "pass, pass" },
    { HEAD FOOTBALL_HEADER "\r\n" FOOTBALL_BODY "More\r\n", BODY_CHANGED },
    { HEAD FOOTBALL_HEADER "\r\n", BODY_CHANGED },
    { HEAD FOOTBALL_HEADER "\r\n"
                           "hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n",
      BODY_CHANGED },
    { HEAD "Subject: another\r\n" FOOTBALL_HEADER "\r\n" FOOTBALL_BODY, HEADER_CHANGED }, /* V35: over-signed */
    { HEAD FOOTBALL_HEADER "From: x@y.test\r\n\r\n" FOOTBALL_BODY, HEADER_CHANGED },
    { HEAD "To: another@x.test\r\n" FOOTBALL_HEADER "\r\n" FOOTBALL_BODY, "pass, pass" }, /* "to" was signed once: the last counts */
    { HEAD FOOTBALL_HEADER "To: another@x.test\r\n\r\n" FOOTBALL_BODY, HEADER_CHANGED },
    { HEAD "From: x@y.test\r\n\r\n" FOOTBALL_BODY, HEADER_CHANGED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_test_message ("%u", i);
      assert_results (table[i].text, football, table[i].results);
    }
}

/* A signature field that makes no sense, by what is in it instead of what should be. */
static void
test_fields (void)
{
  static const struct
  {
    const char *from; /* in FOOTBALL_RSA */
    const char *to;
    const char *result;
  } table[] = {
    { "v=1", "v=2", "neutral: its version is not 1" },
    { "v=1; ", "", "neutral: its version is not 1" },
    { "a=rsa-sha256", "a=rsa-sha1", "policy: SHA-1 is not to be relied on (RFC 8301)" },
    { "a=rsa-sha256", "a=rsa-md5", "neutral: its algorithm is not known" },
    { "a=rsa-sha256; ", "", "neutral: it names no algorithm" },
    { "a=rsa-sha256", "a=ed25519-sha256", "permerror: the key in DNS is of another kind than the signature" },
    { "d=football.example.com", "d=com", "neutral: its domain is none" },
    { "d=football.example.com", "d=foot..ball", "neutral: its domain is none" },
    { "d=football.example.com", "d=[192.0.2.1]", "neutral: its domain is none" },
    { "d=football.example.com", "d=ball.example.com", "neutral: its identity (i=) is not of its domain" },
    { "d=football.example.com", "d=otball.example.com", "neutral: its identity (i=) is not of its domain" },
    { "d=football.example.com; ", "", "neutral: it names no domain or no selector" },
    { "s=test; ", "", "neutral: it names no domain or no selector" },
    { "s=test", "s=te st", "neutral: its selector is no name" },
    { "s=test", "s=other", "permerror: there is no key other._domainkey.football.example.com" },
    { "i=@football.example.com", "i=@sub.football.example.com", "fail: the header is not what was signed" },
    { "i=@football.example.com", "i=joe", "neutral: its identity (i=) is not of its domain" },
    { "q=dns/txt", "q=dns/other", "neutral: its key is not in DNS" },
    { "q=dns/txt", "q=dns/other:dns/txt", "fail: the header is not what was signed" },
    { "c=relaxed/relaxed", "c=relaxed/strict", "neutral: its canonical form (c=) is not known" },
    { "c=relaxed/relaxed", "c=relaxed/relaxed/relaxed", "neutral: its canonical form (c=) is not known" },
    { "c=relaxed/relaxed", "c=relaxed", "fail: the body is not what was signed" },
    { "h=from : to", "h=to", "fail: the header is not what was signed" },
    { "h=from : to : subject :\r\n date : message-id : from : subject : date", "h=to", "neutral: it does not sign From" },
    { "h=from : to", "h=from : : to", "neutral: it signs a field without a name" },
    { "t=1528637909; ", "x=1528637910; ", "fail: it has expired" },
    { "t=1528637909; ", "t=1528637909; x=1528637909; ", "neutral: it ends before it begins" },
    { "t=1528637909; ", "x=later; ", "neutral: its time is no number" },
    { "t=1528637909; ", "x=99999999999999999999999999; ", "fail: the header is not what was signed" },
    { "t=1528637909; ", "l=-1; ", "neutral: the length of the body (l=) is no number" },
    { "t=1528637909; ", "l=1000; ", "fail: the body is shorter than what was signed" },
    { "t=1528637909; ", "l=0; ", "fail: the body is not what was signed" },
    { "t=1528637909; ", "t=1; t=1; ", "neutral: it is no list of tags" },
    { "t=1528637909; ", "nonsense; ", "neutral: it is no list of tags" },
    { "t=1528637909; ", "; ", "neutral: it is no list of tags" },
    { "bh=2jUS", "bh=!jUS", "neutral: its hash or its signature is none" },
    { "bh=2jUS", "bh=", "neutral: its hash or its signature is none" },
    { "b=F45d", "b=F45e", "fail: the header is not what was signed" },
    { "b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3", "", "neutral: it is no list of tags" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_auto (GStrv) parts = g_strsplit (FOOTBALL_RSA, table[i].from, 2);
      g_autofree char *text = g_strconcat (parts[0], table[i].to, parts[1], FOOTBALL_HEADER "\r\n" FOOTBALL_BODY, NULL);

      g_assert_nonnull (parts[1]);
      g_test_message ("%s → %s", table[i].from, table[i].to);
      assert_results (text, football, table[i].result);
    }
}

static void
test_keys (void)
{
  static const struct
  {
    const char *record; /* NULL: no name; two at a "|" */
    const char *result;
  } table[] = {
    { "p=" RSA_PUBLIC, "pass" },
    { "p=" RSA_BARE, "pass" }, /* as section 3.6.1 has it */
    { " v = DKIM1 ;k=rsa;; p=" RSA_PUBLIC, "permerror: the key in DNS makes no sense" },
    { " v = DKIM1 ; k = rsa ; n=a note; x=y; p=" RSA_PUBLIC " ; ", "pass" },
    { "k=rsa; h=sha1:sha256; s=other:email; t=y; p=" RSA_PUBLIC, "pass" },
    { "s=*; p=" RSA_PUBLIC, "pass" },
    { "t=s; p=" RSA_PUBLIC, "pass" },
    { "v=DKIM1.0; p=" RSA_PUBLIC, "permerror: the key in DNS is of another version" },
    { "k=rsa; v=DKIM1; p=" RSA_PUBLIC, "permerror: the key in DNS is of another version" },
    { "h=sha1; p=" RSA_PUBLIC, "permerror: the key in DNS is not for SHA-256" },
    { "s=tlsrpt; p=" RSA_PUBLIC, "permerror: the key in DNS is not for mail" },
    { "k=dsa; p=" RSA_PUBLIC, "permerror: the key in DNS is of a kind that is not known" },
    { "k=ed25519; p=" ED25519_PUBLIC, "permerror: the key in DNS is of another kind than the signature" },
    { "p=" ED25519_PUBLIC, "permerror: the key in DNS makes no sense" },
    { "v=DKIM1; p=", "permerror: the key was revoked" },
    { "v=DKIM1; p=; k=rsa", "permerror: the key was revoked" },
    { "v=DKIM1; k=rsa", "permerror: the key in DNS makes no sense" },
    { "v=DKIM1; p=MIGf", "permerror: the key in DNS makes no sense" },
    { "v=spf1 -all", "permerror: the key in DNS makes no sense" },
    { "", "permerror: the key in DNS makes no sense" },
    { "v=spf1 -all|p=" RSA_PUBLIC, "pass" },
    { "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==",
      "policy: a key of 512 bits is not to be relied on" }, /* RFC 8301 section 3.2 */
    { NULL, "permerror: there is no key test._domainkey.football.example.com" },
    { ZONE_TROUBLE, "temperror: the key test._domainkey.football.example.com is not to be had now" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_auto (GStrv) records = g_strsplit (table[i].record != NULL ? table[i].record : "", "|", 2);
      ZoneRecord zone[3] = { { NULL } };

      for (guint j = 0; table[i].record != NULL && j < MAX (g_strv_length (records), 1); j++)
        zone[j] = (ZoneRecord){ "test._domainkey.football.example.com", PH_DNS_TXT, records[j] != NULL ? records[j] : "" };
      g_test_message ("%s", table[i].record);
      assert_results (FOOTBALL_RSA FOOTBALL_HEADER "\r\n" FOOTBALL_BODY, zone, table[i].result);
    }
}

/* More signatures than anybody needs cost no more than five. */
static void
test_many (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) header = NULL;
  g_autoptr (PhDkimVerifier) verifier = NULL;

  for (guint i = 0; i < 200; i++)
    g_string_append (text, FOOTBALL_RSA);
  g_string_append (text, FOOTBALL_HEADER "\r\n" FOOTBALL_BODY);
  assert_results (text->str, football, "pass, pass, pass, pass, pass");

  header = g_bytes_new (text->str, text->len);
  verifier = ph_dkim_verifier_new (header, NOW);
  g_assert_cmpuint (ph_dkim_verifier_count_ignored (verifier), ==, 195);
}

/* Two signers of others.  argv: the folder with the message and the key, then how. */

static const char python_signer[] =
  "import sys, base64, dkim\n"
  "directory, header, body, algorithm, length = sys.argv[1:]\n"
  "message = open(directory + '/message', 'rb').read()\n"
  "key = open(directory + '/key', 'rb').read() if algorithm == 'rsa-sha256' else b'" ED25519_SEED "'\n"
  "sig = dkim.sign(message, b'test' if algorithm == 'rsa-sha256' else b'brisbane', b'football.example.com', key, canonicalize=(header.encode(), body.encode()),\n"
  "                signature_algorithm=algorithm.encode(), length=length == 'length')\n"
  "sys.stdout.buffer.write(sig)\n";

static const char perl_signer[] =
  "use Mail::DKIM::Signer; my ($directory, $header, $body, $algorithm) = @ARGV; binmode STDOUT;\n"
  "my $s = Mail::DKIM::Signer->new(Algorithm => $algorithm, Method => \"$header/$body\", Domain => 'football.example.com', Selector => 'test', KeyFile => \"$directory/key\");\n"
  "open my $m, '<:raw', \"$directory/message\"; local $/; my $text = <$m>; $s->PRINT($text); $s->CLOSE; print $s->signature->as_string, \"\\r\\n\";\n";

static const char *const messages[] = {
  "From: a@football.example.com\r\n\r\n",
  "From: a@football.example.com\r\nSubject: x\r\n\r\n\r\n\r\n",
  "From: =?utf-8?q?=C3=A4?= <a@football.example.com>\r\nTo: b@other.test,\r\n\tc@other.test\r\nSubject: folded\r\n  and  spaced \r\nDate: Mon, 21 Sep 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nHello  \r\n\r\n  there\t.\r\n.\r\n \r\n\r\n\r\n",
  "To: twice@other.test\r\nfrom: a@football.example.com\r\nto: thrice@other.test\r\nX-Other: 1\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nZeilen \xc3\xa4\r\n",
};

/* "HEADER BODY ALGORITHM length", and what comes of it. */
static void
try_signer (const char *const *interpreter,
            const char        *how,
            const char        *result,
            const char        *with_more) /* when the body goes on */
{
  g_autofree char *dir = g_dir_make_tmp ("posthouse-dkim-XXXXXX", NULL);
  g_autofree char *message = g_build_filename (dir, "message", NULL);
  g_autofree char *key = g_build_filename (dir, "key", NULL);
  g_auto (GStrv) words = g_strsplit (how, " ", -1);

  g_assert_true (g_file_set_contents (key, RSA_SECRET, -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      const char *const argv[] = { interpreter[0], interpreter[1], interpreter[2], dir, words[0], words[1], words[2], words[3], NULL };
      g_autofree char  *field = NULL;
      g_autofree char  *whole = NULL;
      g_autofree char  *more = NULL;
      g_autofree char  *trouble = NULL;
      g_autoptr (GError) error = NULL;
      int status;

      g_assert_true (g_file_set_contents (message, messages[i], -1, NULL));
      g_spawn_sync (NULL, (char **)(gpointer)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &field, &trouble, &status, &error);
      g_assert_no_error (error);
      g_test_message ("%u %s: %s%s", i, how, field, trouble);
      g_assert_cmpint (status, ==, 0);
      whole = g_strconcat (field, messages[i], NULL);
      assert_results (whole, football, result);
      more = g_strconcat (whole, "More\r\n", NULL);
      assert_results (more, football, with_more);
    }
  remove_tree (dir);
}

static void
test_python (void)
{
  static const char *const interpreter[] = { "/usr/bin/python3", "-c", python_signer };

  if (!has_program ((const char *[]){ "/usr/bin/python3", "-c", "import dkim, nacl", NULL }))
    {
      g_test_skip ("dkimpy is not installed");
      return;
    }
  try_signer (interpreter, "relaxed relaxed rsa-sha256 all", "pass", "fail: the body is not what was signed");
  try_signer (interpreter, "simple simple rsa-sha256 all", "pass", "fail: the body is not what was signed");
  try_signer (interpreter, "simple relaxed ed25519-sha256 all", "pass", "fail: the body is not what was signed");
  try_signer (interpreter, "relaxed simple ed25519-sha256 all", "pass", "fail: the body is not what was signed");
}

/* l=: nothing may be added, as anybody could. */
static void
test_length (void)
{
  static const char *const interpreter[] = { "/usr/bin/python3", "-c", python_signer };
  g_autofree char         *dir = g_dir_make_tmp ("posthouse-dkim-XXXXXX", NULL);
  g_autofree char         *message = g_build_filename (dir, "message", NULL);
  g_autofree char         *key = g_build_filename (dir, "key", NULL);
  const char *const        argv[] = { interpreter[0], interpreter[1], interpreter[2], dir, "relaxed", "simple", "rsa-sha256", "length", NULL };
  g_autofree char         *field = NULL;
  g_autofree char         *whole = NULL;
  g_autofree char         *more = NULL;

  if (!has_program ((const char *[]){ "/usr/bin/python3", "-c", "import dkim, nacl", NULL }))
    {
      g_test_skip ("dkimpy is not installed");
      return;
    }
  g_assert_true (g_file_set_contents (key, RSA_SECRET, -1, NULL));
  g_assert_true (g_file_set_contents (message, FOOTBALL_HEADER "\r\n" FOOTBALL_BODY, -1, NULL));
  g_assert_true (g_spawn_sync (NULL, (char **)(gpointer)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &field, NULL, NULL, NULL));
  g_assert_nonnull (strstr (field, "l=55;"));
  whole = g_strconcat (field, FOOTBALL_HEADER "\r\n" FOOTBALL_BODY, NULL);
  assert_results (whole, football, "pass");
  more = g_strconcat (whole, "More\r\n", NULL);
  assert_results (more, football, "policy: only the first 55 bytes of the body are signed");
  remove_tree (dir);
}

static void
test_perl (void)
{
  static const char *const interpreter[] = { "perl", "-e", perl_signer };

  if (!has_program ((const char *[]){ "perl", "-MMail::DKIM::Signer", "-e", "1", NULL }))
    {
      g_test_skip ("Mail::DKIM is not installed");
      return;
    }
  try_signer (interpreter, "relaxed relaxed rsa-sha256 all", "pass", "fail: the body is not what was signed");
  try_signer (interpreter, "simple simple rsa-sha256 all", "pass", "fail: the body is not what was signed");
  try_signer (interpreter, "simple relaxed rsa-sha256 all", "pass", "fail: the body is not what was signed");
  try_signer (interpreter, "relaxed simple rsa-sha256 all", "pass", "fail: the body is not what was signed");
  try_signer (interpreter, "relaxed relaxed rsa-sha1 all", "policy: SHA-1 is not to be relied on (RFC 8301)", "policy: SHA-1 is not to be relied on (RFC 8301)");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/dkim-verifier/rfc", test_rfc);
  g_test_add_func ("/dkim-verifier/V35/changes", test_changes);
  g_test_add_func ("/dkim-verifier/fields", test_fields);
  g_test_add_func ("/dkim-verifier/keys", test_keys);
  g_test_add_func ("/dkim-verifier/many", test_many);
  g_test_add_func ("/dkim-verifier/dkimpy", test_python);
  g_test_add_func ("/dkim-verifier/length", test_length);
  g_test_add_func ("/dkim-verifier/Mail::DKIM", test_perl);

  return g_test_run ();
}
