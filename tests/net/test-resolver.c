#include "ph-resolver.h"

#include "../support/dnsmasq.h"

#include <errno.h>
#include <string.h>

/* Against a real dnsmasq on a free loopback port. */

#define PATIENCE (60 * G_USEC_PER_SEC)

typedef struct
{
  PhClock    *clock;
  PhPoller   *poller;
  PhResolver *resolver;
  Dnsmasq     dnsmasq;
} Fixture;

typedef struct
{
  PhDnsAnswer *answer;
  GError      *error;
  gboolean     done;
} Result;

static void
done_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Result *r = user_data;

  r->answer = ph_resolver_lookup_finish (PH_RESOLVER (source), result, &r->error);
  r->done = TRUE;
}

static void
result_clear (Result *r)
{
  g_clear_pointer (&r->answer, ph_dns_answer_unref);
  g_clear_error (&r->error);
  r->done = FALSE;
}

static void
wait_for (Result *r)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (!r->done)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (500);
    }
}

static void
look_up (Fixture    *f,
         PhDnsType   type,
         const char *name,
         Result     *r)
{
  result_clear (r);
  ph_resolver_lookup_async (f->resolver, type, name, NULL, done_cb, r);
  wait_for (r);
}

static const char *const records[] = {
  "--local=/home.arpa/",
  "--local=/10.in-addr.arpa/",
  "--mx-host=example.test,mx1.example.test,10",
  "--mx-host=example.test,mx2.example.test,20",
  "--mx-host=null.test,.,0",
  "--host-record=mx1.example.test,192.0.2.1,2001:db8::1",
  "--host-record=v4.test,192.0.2.4",
  "--host-record=printer.home.arpa,10.0.0.9",
  "--ptr-record=9.0.0.10.in-addr.arpa,printer.home.arpa",
  "--cname=alias.test,v4.test",
  "--txt-record=two.test,v=spf1 ,-all",
  "--txt-record=bytes.test,caf\xe9 \xff~",
  NULL
};

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autofree char *server = NULL;
  g_autoptr (GError) error = NULL;

  f->clock = data != NULL ? ph_clock_new_manual (0) : ph_clock_new ();
  f->poller = ph_poller_new (f->clock);
  f->resolver = ph_resolver_new (f->poller);
  if (!dnsmasq_start (&f->dnsmasq, records))
    return;

  server = g_strdup_printf ("127.0.0.1@%u", f->dnsmasq.port);
  g_assert_true (ph_resolver_set_server (f->resolver, server, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  dnsmasq_stop (&f->dnsmasq);
  g_assert_finalize_object (f->resolver);
  g_assert_finalize_object (f->poller);
  g_object_unref (f->clock);
}

static gboolean
skip (Fixture *f)
{
  if (f->dnsmasq.pid == 0)
    g_test_skip (DNSMASQ " is not installed");

  return f->dnsmasq.pid == 0;
}

static void
test_records (Fixture      *f,
              gconstpointer data)
{
  Result             r = { 0 };
  const PhDnsRecord *a, *b;

  if (skip (f))
    return;

  look_up (f, PH_DNS_MX, "example.test", &r);
  g_assert_no_error (r.error);
  g_assert_cmpuint (r.answer->records->len, ==, 2);
  a = ph_dns_answer_get (r.answer, 0);
  b = ph_dns_answer_get (r.answer, 1);
  g_assert_cmpuint (MIN (a->preference, b->preference), ==, 10);
  g_assert_cmpuint (MAX (a->preference, b->preference), ==, 20);
  g_assert_cmpstr ((a->preference == 10 ? a : b)->name, ==, "mx1.example.test");
  g_assert_cmpstr ((a->preference == 10 ? b : a)->name, ==, "mx2.example.test");
  g_assert_false (r.answer->is_secure);

  /* RFC 7505 */
  look_up (f, PH_DNS_MX, "null.test", &r);
  g_assert_no_error (r.error);
  g_assert_cmpuint (r.answer->records->len, ==, 1);
  g_assert_cmpstr (ph_dns_answer_get (r.answer, 0)->name, ==, "");

  look_up (f, PH_DNS_A, "mx1.example.test.", &r);
  g_assert_no_error (r.error);
  g_assert_cmpstr (ph_dns_answer_get (r.answer, 0)->name, ==, "192.0.2.1");

  look_up (f, PH_DNS_AAAA, "MX1.Example.TEST", &r);
  g_assert_no_error (r.error);
  g_assert_cmpstr (ph_dns_answer_get (r.answer, 0)->name, ==, "2001:db8::1");

  look_up (f, PH_DNS_A, "alias.test", &r);
  g_assert_no_error (r.error);
  g_assert_cmpstr (ph_dns_answer_get (r.answer, 0)->name, ==, "192.0.2.4");

  look_up (f, PH_DNS_A, "printer.home.arpa", &r);
  g_assert_no_error (r.error);
  look_up (f, PH_DNS_PTR, "9.0.0.10.in-addr.arpa", &r);
  g_assert_no_error (r.error);
  g_assert_cmpstr (ph_dns_answer_get (r.answer, 0)->name, ==, "printer.home.arpa");

  result_clear (&r);
}

/* V34: a TXT record is bytes; several strings are one (RFC 7208 section 3.3). */
static void
test_txt (Fixture      *f,
          gconstpointer data)
{
  Result r = { 0 };
  gsize  length;

  if (skip (f))
    return;

  look_up (f, PH_DNS_TXT, "two.test", &r);
  g_assert_no_error (r.error);
  g_assert_cmpuint (r.answer->records->len, ==, 1);
  g_assert_cmpmem (g_bytes_get_data (ph_dns_answer_get (r.answer, 0)->data, &length), length, "v=spf1 -all", 11);

  look_up (f, PH_DNS_TXT, "bytes.test", &r);
  g_assert_no_error (r.error);
  g_assert_cmpmem (g_bytes_get_data (ph_dns_answer_get (r.answer, 0)->data, &length), length, "caf\xe9 \xff~", 7);

  result_clear (&r);
}

static void
test_nothing (Fixture      *f,
              gconstpointer data)
{
  Result           r = { 0 };
  g_autofree char *longest = g_strnfill (300, 'a');

  if (skip (f))
    return;

  look_up (f, PH_DNS_MX, "missing.test", &r);
  g_assert_error (r.error, PH_NET_ERROR, PH_NET_ERROR_DNS_NOT_FOUND);
  look_up (f, PH_DNS_MX, "v4.test", &r);
  g_assert_error (r.error, PH_NET_ERROR, PH_NET_ERROR_DNS_NO_DATA);
  look_up (f, PH_DNS_AAAA, "v4.test", &r);
  g_assert_error (r.error, PH_NET_ERROR, PH_NET_ERROR_DNS_NO_DATA);

  /* Outside of what it serves it says REFUSED. */
  look_up (f, PH_DNS_A, "example.org", &r);
  g_assert_error (r.error, PH_NET_ERROR, PH_NET_ERROR_DNS_TEMPORARY);

  /* Names that are none. */
  look_up (f, PH_DNS_A, longest, &r);
  g_assert_error (r.error, PH_NET_ERROR, PH_NET_ERROR_DNS_NOT_FOUND);
  look_up (f, PH_DNS_A, "a..test", &r);
  g_assert_error (r.error, PH_NET_ERROR, PH_NET_ERROR_DNS_NOT_FOUND);

  result_clear (&r);
}

static void
test_server (Fixture      *f,
             gconstpointer data)
{
  static const char *const wrong[] = { "localhost", "127.0.0.1@", "127.0.0.1@0", "127.0.0.1@70000", "127.0.0.1:53", "@53", "::1@5x", NULL };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; wrong[i] != NULL; i++)
    {
      g_assert_false (ph_resolver_set_server (f->resolver, wrong[i], &error));
      g_assert_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED);
      g_clear_error (&error);
    }
  g_assert_true (ph_resolver_set_server (f->resolver, "::1@5353", NULL));
  g_assert_true (ph_resolver_set_server (f->resolver, "192.0.2.1", NULL));
  g_assert_true (ph_resolver_set_server (f->resolver, "", NULL));
}

/* V33: the root is trusted, but this name server knows nothing that it has signed: it answers, and that nothing is proven can be told. */
static void
test_lacks_proof (Fixture      *f,
                  gconstpointer data)
{
  Result r = { 0 };

  if (skip (f))
    return;

  look_up (f, PH_DNS_A, "v4.test", &r);
  g_assert_false (ph_resolver_lacks_proof (f->resolver)); /* nobody has asked for it */
  result_clear (&r);

  g_assert_true (ph_resolver_set_trust_anchor (f->resolver, "root", NULL));
  look_up (f, PH_DNS_A, "v4.test", &r);
  g_assert_no_error (r.error);
  g_assert_false (r.answer->is_secure);
  g_assert_true (ph_resolver_lacks_proof (f->resolver));
  result_clear (&r);

  g_assert_true (ph_resolver_set_trust_anchor (f->resolver, "none", NULL));
  g_assert_false (ph_resolver_lacks_proof (f->resolver));
}

/* What was begun goes on with the old servers; the system's answer for the hosts file. */
static void
test_change (Fixture      *f,
             gconstpointer data)
{
  Result r = { 0 };

  if (skip (f))
    return;

  ph_resolver_lookup_async (f->resolver, PH_DNS_A, "v4.test", NULL, done_cb, &r);
  g_assert_true (ph_resolver_set_server (f->resolver, NULL, NULL));
  wait_for (&r);
  g_assert_no_error (r.error);

  look_up (f, PH_DNS_A, "localhost", &r);
  g_assert_no_error (r.error);
  g_assert_cmpstr (ph_dns_answer_get (r.answer, 0)->name, ==, "127.0.0.1");
  result_clear (&r);
}

/* A server that never answers: the time limit and the cancel both end it. */
static void
test_silent (Fixture      *f,
             gconstpointer data)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          length = sizeof address;
  int                silent = socket (AF_INET, SOCK_DGRAM, 0);
  g_autofree char   *server = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Result r = { 0 };
  Result cancelled = { 0 };

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (silent, (struct sockaddr *)&address, length), ==, 0);
  g_assert_cmpint (getsockname (silent, (struct sockaddr *)&address, &length), ==, 0);
  server = g_strdup_printf ("127.0.0.1@%u", ntohs (address.sin_port));
  g_assert_true (ph_resolver_set_server (f->resolver, server, NULL));

  ph_resolver_lookup_async (f->resolver, PH_DNS_A, "v4.test", NULL, done_cb, &r);
  ph_resolver_lookup_async (f->resolver, PH_DNS_A, "v4.test", cancellable, done_cb, &cancelled);
  for (guint i = 0; i < 20; i++, g_usleep (2000))
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (r.done);

  g_cancellable_cancel (cancellable);
  wait_for (&cancelled);
  g_assert_error (cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (r.done);

  ph_clock_advance (f->clock, (PH_RESOLVER_SECONDS + 1) * G_USEC_PER_SEC);
  wait_for (&r);
  g_assert_error (r.error, PH_NET_ERROR, PH_NET_ERROR_DNS_TEMPORARY);

  result_clear (&r);
  result_clear (&cancelled);
  close (silent);
}

typedef struct
{
  int      fd;
  guint    n_questions;
  guint    n_about_root; /* of them */
  gboolean answers;
  gboolean answers_about_root; /* that there is nothing, unsigned */
} Server;

static void
open_server (Fixture *f,
             Server  *server)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          length = sizeof address;
  g_autofree char   *text = NULL;

  server->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (server->fd, (struct sockaddr *)&address, length), ==, 0);
  g_assert_cmpint (getsockname (server->fd, (struct sockaddr *)&address, &length), ==, 0);
  text = g_strdup_printf ("127.0.0.1@%u", ntohs (address.sin_port));
  g_assert_true (ph_resolver_set_server (f->resolver, text, NULL));
}

/* 192.0.2.1, whatever is asked but about the root.  FALSE if nothing is. */
static gboolean
serve (Server *server)
{
  static const guint8     answer[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 1 };
  guint8                  message[512];
  struct sockaddr_storage from;
  socklen_t               length = sizeof from;
  gssize                  n = recvfrom (server->fd, message, sizeof message - sizeof answer, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
  gsize                   end = 12;
  gboolean                is_about_root = n > 12 && message[12] == 0;

  if (n < 12)
    return FALSE;

  server->n_questions++;
  server->n_about_root += is_about_root;
  while (end < (gsize)n && message[end] != 0)
    end += 1U + message[end];
  end += 5;
  if (!(is_about_root ? server->answers_about_root : server->answers) || end > (gsize)n)
    return TRUE;

  message[2] = 0x85;
  message[3] = 0x80;
  memcpy (message + 4, "\0\1\0\1\0\0\0\0", 8);
  message[7] = is_about_root ? 0 : 1;
  memcpy (message + end, answer, sizeof answer);
  sendto (server->fd, message, end + (is_about_root ? 0 : sizeof answer), 0, (struct sockaddr *)&from, length);

  return TRUE;
}

/* A new name each time, so that no answer is one from before.  TRUE for an answer. */
static gboolean
ask (Fixture *f,
     Server  *server)
{
  static guint     serial;
  g_autofree char *name = g_strdup_printf ("name%u.test", serial++);
  Result           r = { 0 };
  gint64           end = g_get_monotonic_time () + PATIENCE;
  gboolean         has_answer;

  ph_resolver_lookup_async (f->resolver, PH_DNS_A, name, NULL, done_cb, &r);
  while (!r.done)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      serve (server);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (500);
    }
  has_answer = r.answer != NULL;
  result_clear (&r);

  return has_answer;
}

/* A name server that was silent for so long that it is left alone is asked again soon: a laptop whose network comes back
 * does not wait for the quarter of an hour that libunbound takes by itself. */
static void
test_back_again (Fixture      *f,
                 gconstpointer data)
{
  Server server = { 0 };
  gint64 end = g_get_monotonic_time () + 4 * PATIENCE;
  guint  before;

  open_server (f, &server);
  do
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      before = server.n_questions;
      g_assert_false (ask (f, &server));
    }
  while (server.n_questions > before);

  server.answers = TRUE;
  end = g_get_monotonic_time () + 2 * PATIENCE;
  while (!ask (f, &server))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (G_USEC_PER_SEC / 5);
    }

  close (server.fd);
}

/* TRUE if an answer that comes was preceded by a question about the root: whether the server passes on what that has signed. */
static gboolean
ask_and_see_probe (Fixture *f,
                   Server  *server)
{
  g_autofree char *name = NULL;
  Result           r = { 0 };
  gint64           end = g_get_monotonic_time () + PATIENCE;
  static guint     serial;
  gboolean         is_probed = FALSE;
  guint            before;

  while (serve (server))
    ;
  before = server->n_about_root;
  name = g_strdup_printf ("probe%u.test", serial++);
  ph_resolver_lookup_async (f->resolver, PH_DNS_A, name, NULL, done_cb, &r);
  while (!r.done)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      serve (server);
      if (server->n_about_root > before && !is_probed)
        {
          is_probed = TRUE;
          if (!server->answers_about_root)
            ph_clock_advance (f->clock, PH_RESOLVER_PROBE_SECONDS * G_USEC_PER_SEC);
        }
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (500);
    }
  g_assert_no_error (r.error);
  g_assert_false (r.answer->is_secure);
  g_assert_true (ph_resolver_lacks_proof (f->resolver));
  result_clear (&r);

  return is_probed;
}

/* Whether there are signatures is asked anew: soon where nobody had answered that, later where the answer was none. */
static void
test_probe (Fixture      *f,
            gconstpointer data)
{
  Server server = { .answers = TRUE };

  open_server (f, &server);
  g_assert_true (ph_resolver_set_trust_anchor (f->resolver, "root", NULL));
  g_assert_true (ask_and_see_probe (f, &server));
  ph_clock_advance (f->clock, (PH_RESOLVER_PROBE_AFTER_SILENCE - 1) * G_USEC_PER_SEC);
  g_assert_false (ask_and_see_probe (f, &server));
  ph_clock_advance (f->clock, G_USEC_PER_SEC);

  server.answers_about_root = TRUE;
  g_assert_true (ask_and_see_probe (f, &server));
  ph_clock_advance (f->clock, (PH_RESOLVER_PROBE_AGAIN - 1) * G_USEC_PER_SEC);
  g_assert_false (ask_and_see_probe (f, &server));
  ph_clock_advance (f->clock, G_USEC_PER_SEC);
  g_assert_true (ask_and_see_probe (f, &server));

  close (server.fd);
}

/* V34: rdata that lies about its lengths. */
static void
test_wire (void)
{
  static const struct
  {
    PhDnsType   type;
    const char *data;
    gsize       length;
    const char *name; /* NULL: refused, unless TXT */
  } cases[] = {
    { PH_DNS_MX, "\0\0\0", 3, "" },
    { PH_DNS_MX, "\0\5\3foo\0", 7, "foo" },
    { PH_DNS_MX, "\0\5\3foo", 6, NULL },
    { PH_DNS_MX, "\0\5\4foo\0", 7, NULL },
    { PH_DNS_MX, "\0\5\xc0\x0c", 4, NULL },
    { PH_DNS_MX, "\0\5\3foo\0x", 8, NULL },
    { PH_DNS_MX, "\0\5", 2, NULL },
    { PH_DNS_MX, "", 0, NULL },
    { PH_DNS_MX, "\0\5\3a.b\0", 7, "a\\046b" },
    { PH_DNS_MX, "\0\5\2\0\xff\0", 6, "\\000\\255" },
    { PH_DNS_PTR, "\1a\1b\0", 5, "a.b" },
    { PH_DNS_A, "\x7f\0\0\1", 4, "127.0.0.1" },
    { PH_DNS_A, "\x7f\0\0", 3, NULL },
    { PH_DNS_AAAA, "\x7f\0\0\1", 4, NULL },
    { PH_DNS_TXT, "\5abc", 4, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PhDnsAnswer) answer = ph_dns_answer_new (cases[i].type);
      g_autofree guint8 *data = g_memdup2 (cases[i].data, cases[i].length);

      g_assert_cmpint (ph_dns_answer_add (answer, data, cases[i].length), ==, cases[i].name != NULL);
      if (cases[i].name != NULL)
        g_assert_cmpstr (ph_dns_answer_get (answer, 0)->name, ==, cases[i].name);
      else
        g_assert_cmpuint (answer->records->len, ==, 0);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/net/resolver/records", Fixture, NULL, set_up, test_records, tear_down);
  g_test_add ("/net/resolver/V34-txt", Fixture, NULL, set_up, test_txt, tear_down);
  g_test_add ("/net/resolver/nothing", Fixture, NULL, set_up, test_nothing, tear_down);
  g_test_add ("/net/resolver/server", Fixture, NULL, set_up, test_server, tear_down);
  g_test_add ("/net/resolver/V33-lacks-proof", Fixture, NULL, set_up, test_lacks_proof, tear_down);
  g_test_add ("/net/resolver/change", Fixture, NULL, set_up, test_change, tear_down);
  g_test_add ("/net/resolver/silent", Fixture, "manual clock", set_up, test_silent, tear_down);
  g_test_add ("/net/resolver/back-again", Fixture, NULL, set_up, test_back_again, tear_down);
  g_test_add ("/net/resolver/probe", Fixture, "manual clock", set_up, test_probe, tear_down);
  g_test_add_func ("/net/resolver/V34-wire", test_wire);

  return g_test_run ();
}
