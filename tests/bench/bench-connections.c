/* What idle connections cost: round trips a second on one connection beside N idle ones,
 * their tail, and the memory of each.  Arguments: N, "tls".  The client is a process of
 * its own. */
#include "../net/line-session.h"
#include "../support/remove-tree.h"
#include "ph-listener.h"
#include "ph-tls-authority.h"

#include <glib/gstdio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 3

typedef struct
{
  int              fd;
  gnutls_session_t tls;
} Client;

static gnutls_certificate_credentials_t credentials;

static PhSession *
make_session (PhListener *listener,
              PhPeer     *peer,
              gpointer    user_data)
{
  return g_object_new (LINE_TYPE_SESSION, NULL);
}

static gssize
client_read (Client *client,
             char   *data,
             gsize   size)
{
  return client->tls != NULL ? gnutls_record_recv (client->tls, data, size) : recv (client->fd, data, size, 0);
}

static void
client_open (Client  *client,
             guint16  port,
             gboolean with_tls)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  char               data[64];
  int                on = 1;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  client->tls = NULL;
  client->fd = socket (AF_INET, SOCK_STREAM, 0);
  if (client->fd < 0 || connect (client->fd, (struct sockaddr *)&address, sizeof address) != 0)
    g_error ("connect: %s", g_strerror (errno));
  setsockopt (client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

  if (with_tls)
    {
      gnutls_init (&client->tls, GNUTLS_CLIENT);
      gnutls_set_default_priority (client->tls);
      gnutls_credentials_set (client->tls, GNUTLS_CRD_CERTIFICATE, credentials);
      gnutls_transport_set_int (client->tls, client->fd);
      if (gnutls_handshake (client->tls) != 0)
        g_error ("handshake");
    }
  client_read (client, data, sizeof data);
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  gint64 x = *(const gint64 *)a;
  gint64 y = *(const gint64 *)b;

  return (x > y) - (x < y);
}

static void
run_client (guint16  port,
            guint16  plain_port,
            guint    n_idle,
            gboolean with_tls)
{
  g_autofree Client *idle = g_new0 (Client, n_idle + 1);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 start = g_get_monotonic_time ();
  Client talker;

  for (guint i = 0; i < n_idle; i++)
    client_open (&idle[i], port, with_tls);
  client_open (&talker, plain_port, FALSE);
  g_print ("%u connections opened in %.2f s\n", n_idle, (double)(g_get_monotonic_time () - start) / 1e6);

  start = g_get_monotonic_time ();
  for (gint64 now = start; now < start + SECONDS * G_USEC_PER_SEC;)
    {
      char   data[64];
      gint64 before = now;

      if (send (talker.fd, "ping\n", 5, 0) != 5 || recv (talker.fd, data, sizeof data, 0) <= 0)
        g_error ("the talker was cut");
      now = g_get_monotonic_time ();
      before = now - before;
      g_array_append_val (times, before);
    }
  g_array_sort (times, compare);
  g_print ("%u round trips/s, median %" G_GINT64_FORMAT " us, p99 %" G_GINT64_FORMAT " us\n",
           times->len / SECONDS,
           g_array_index (times, gint64, times->len / 2),
           g_array_index (times, gint64, times->len * 99 / 100));
}

static gsize
get_rss (void)
{
  g_autofree char *text = NULL;
  gsize            pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    pages = strtoul (strchr (text, ' '), NULL, 10);

  return pages * (gsize)sysconf (_SC_PAGESIZE);
}

static gsize most_rss;

static void
child_cb (GPid     pid,
          int      status,
          gpointer loop)
{
  g_main_loop_quit (loop);
}

static gboolean
sample_cb (gpointer data)
{
  most_rss = MAX (most_rss, get_rss ());

  return G_SOURCE_CONTINUE;
}

static PhTlsServer *
make_tls (void)
{
  g_autofree char *dir = g_dir_make_tmp ("posthouse-bench-XXXXXX", NULL);
  g_autofree char *certificate = g_build_filename (dir, PH_TLS_SERVER_CERTIFICATE, NULL);
  g_autofree char *key = g_build_filename (dir, PH_TLS_SERVER_KEY, NULL);
  PhTlsSource      source = { certificate, key, NULL };
  PhTlsServer     *tls;

  ph_tls_authority_ensure (dir, (const char *const[]){ "localhost", NULL }, g_get_real_time (), NULL);
  tls = ph_tls_server_new (&source, 1, NULL, NULL);
  remove_tree (dir);

  return tls;
}

int
main (int   argc,
      char *argv[])
{
  guint    n_idle = argc > 1 ? (guint)atoi (argv[1]) : 1000;
  gboolean with_tls = argc > 2 && g_str_equal (argv[2], "tls");
  g_autoptr (PhClock) clock = ph_clock_new ();
  g_autoptr (PhPoller) poller = ph_poller_new (clock);
  g_autoptr (PhListener) listener = ph_listener_new (poller, make_session, NULL);
  g_autoptr (PhListener) plain = ph_listener_new (poller, make_session, NULL);
  g_autoptr (PhTlsServer) tls = with_tls ? make_tls () : NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  struct rlimit limit = { n_idle + 1000, n_idle + 1000 };
  gsize         rss;
  pid_t         child;

  setrlimit (RLIMIT_NOFILE, &limit);
  ph_listener_set_limits (listener, n_idle + 2, n_idle + 2);
  ph_listener_set_tls (listener, tls, with_tls, NULL);
  if (!ph_listener_start (listener, "127.0.0.1", 0, &error) || !ph_listener_start (plain, "127.0.0.1", 0, &error))
    g_error ("%s", error->message);

  gnutls_certificate_allocate_credentials (&credentials);
  rss = get_rss ();
  child = fork ();
  if (child == 0)
    {
      run_client (ph_listener_get_port (listener), ph_listener_get_port (plain), n_idle, with_tls);
      _exit (0);
    }

  g_child_watch_add (child, child_cb, loop);
  g_timeout_add (500, sample_cb, NULL);
  g_main_loop_run (loop);
  g_print ("%.1f KiB for each idle connection\n", (double)(most_rss - rss) / 1024 / n_idle);

  return 0;
}
