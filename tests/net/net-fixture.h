#pragma once

#include "../support/remove-tree.h"
#include "line-session.h"
#include "ph-journal.h"
#include "ph-listener.h"
#include "ph-tls-authority.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* A listener with line sessions on a free loopback port, and clients of it; all in one
 * thread, so that a test sees each step. */

#define PATIENCE (60 * G_USEC_PER_SEC)

typedef struct
{
  PhClock     *clock;
  PhPoller    *poller;
  PhListener  *listener;
  PhJournal   *journal;
  GPtrArray   *sessions; /* of LineSession, as they came */
  char        *dir;
  PhTlsServer *tls;
  gboolean     stopped;
  gboolean     impatient; /* turns a manual clock when a handshake stalls */
} NetFixture;

typedef struct
{
  NetFixture                      *f;
  int                              fd;
  GString                         *got;
  gboolean                         at_end;
  gnutls_session_t                 tls;
  gnutls_certificate_credentials_t credentials;
  const char                      *sni;     /* "mail.test" unless set; NULL for none */
  gnutls_datum_t                   ticket;  /* of an earlier session; borrowed */
  gboolean                         refuses; /* whatever certificate it is shown */
} Client;

static PhSession *
make_session (PhListener *listener,
              PhPeer     *peer,
              gpointer    user_data)
{
  NetFixture  *f = user_data;
  LineSession *session = g_object_new (LINE_TYPE_SESSION, NULL);
  g_autoptr (PhJournalSession) journal = ph_journal_begin (f->journal, "Lines", FALSE, peer->address);

  ph_session_set_journal (PH_SESSION (session), journal);
  g_ptr_array_add (f->sessions, g_object_ref (session));

  return PH_SESSION (session);
}

static inline void
turn (NetFixture *f)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Turns the main loop until the condition holds. */
#define wait_for(condition)                                     \
  G_STMT_START                                                  \
  {                                                             \
    gint64 wait_end = g_get_monotonic_time () + PATIENCE;       \
    while (!(condition))                                        \
      {                                                         \
        g_assert_cmpint (g_get_monotonic_time (), <, wait_end); \
        if (!g_main_context_iteration (NULL, FALSE))            \
          g_usleep (200);                                       \
      }                                                         \
  }                                                             \
  G_STMT_END

/* The i-th client's, once it is accepted. */
static inline LineSession *
get_session (NetFixture *f,
             guint       i)
{
  wait_for (f->sessions->len > i);

  return g_ptr_array_index (f->sessions, i);
}

/* With a certificate of a local authority that is made in `directory`. */
static inline PhTlsServer *
make_tls (const char        *directory,
          const char *const *names)
{
  g_autofree char *certificate = g_build_filename (directory, PH_TLS_SERVER_CERTIFICATE, NULL);
  g_autofree char *key = g_build_filename (directory, PH_TLS_SERVER_KEY, NULL);
  PhTlsSource      source = { certificate, key, NULL };
  PhTlsServer     *tls;
  g_autoptr (GError) error = NULL;

  ph_tls_authority_ensure (directory, names, g_get_real_time (), &error);
  g_assert_no_error (error);
  tls = ph_tls_server_new (&source, 1, NULL, &error);
  g_assert_no_error (error);

  return tls;
}

/* `data` of a test: what the tests of a program want of the fixture. */
#define WITH_TLS (1 << 0)
#define IMPLICIT_TLS (1 << 1)
#define MANUAL_CLOCK (1 << 2)

static inline void
net_fixture_set_up (NetFixture   *f,
                    gconstpointer data)
{
  guint flags = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;

  f->clock = flags & MANUAL_CLOCK ? ph_clock_new_manual (g_get_real_time ()) : ph_clock_new ();
  f->poller = ph_poller_new (f->clock);
  f->journal = ph_journal_new (f->clock);
  f->sessions = g_ptr_array_new_with_free_func (g_object_unref);
  f->listener = ph_listener_new (f->poller, make_session, f);
  f->dir = g_dir_make_tmp ("posthouse-net-XXXXXX", &error);
  g_assert_no_error (error);

  if (flags & (WITH_TLS | IMPLICIT_TLS))
    {
      f->tls = make_tls (f->dir, (const char *const[]){ "mail.test", NULL });
      ph_listener_set_tls (f->listener, f->tls, (flags & IMPLICIT_TLS) != 0, "line");
    }

  ph_listener_start (f->listener, "127.0.0.1", 0, &error);
  g_assert_no_error (error);
}

static void
stopped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  ((NetFixture *)user_data)->stopped = ph_listener_stop_finish (PH_LISTENER (source), result, NULL);
}

static inline void
net_fixture_tear_down (NetFixture   *f,
                       gconstpointer data)
{
  ph_listener_stop_async (f->listener, stopped_cb, f);
  while (!f->stopped)
    {
      if (GPOINTER_TO_UINT (data) & MANUAL_CLOCK)
        ph_clock_advance (f->clock, G_USEC_PER_SEC);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (200);
    }
  turn (f);
  g_assert_cmpuint (ph_listener_get_n_connections (f->listener), ==, 0);

  /* No session is held by anyone. */
  for (guint i = 0; i < f->sessions->len; i++)
    g_assert_cmpuint (G_OBJECT (get_session (f, i))->ref_count, ==, 1);
  g_ptr_array_unref (f->sessions);
  g_assert_finalize_object (f->listener);
  g_clear_object (&f->tls);
  g_assert_finalize_object (f->poller);
  g_object_unref (f->journal);
  g_object_unref (f->clock);
  remove_tree (f->dir);
  g_free (f->dir);
}

static inline void
client_connect (Client *client)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (ph_listener_get_port (client->f->listener)) };

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (connect (client->fd, (struct sockaddr *)&address, sizeof address) != 0)
    g_assert_cmpint (errno, ==, EINPROGRESS);
  g_unix_set_fd_nonblocking (client->fd, TRUE, NULL);
}

/* Made, but not connected. */
static inline Client *
client_make (NetFixture *f,
             int         receive_buffer)
{
  Client *client = g_new0 (Client, 1);

  client->f = f;
  client->got = g_string_new (NULL);
  client->sni = "mail.test";
  client->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (client->fd, >=, 0);
  if (receive_buffer > 0)
    setsockopt (client->fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);

  return client;
}

static inline Client *
client_new_with_buffer (NetFixture *f,
                        int         receive_buffer)
{
  Client *client = client_make (f, receive_buffer);

  client_connect (client);

  return client;
}

static inline Client *
client_new (NetFixture *f)
{
  return client_new_with_buffer (f, 0);
}

static inline void
client_free (Client *client)
{
  g_clear_pointer (&client->tls, gnutls_deinit);
  g_clear_pointer (&client->credentials, gnutls_certificate_free_credentials);
  close (client->fd);
  g_string_free (client->got, TRUE);
  g_free (client);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)

static inline gssize
client_try_send (Client     *client,
                 const char *data,
                 gsize       length)
{
  gssize n = client->tls != NULL ? gnutls_record_send (client->tls, data, length)
                                 : send (client->fd, data, length, MSG_NOSIGNAL);

  if (client->tls == NULL)
    return n < 0 && errno != EAGAIN ? -2 : n;

  return n == GNUTLS_E_AGAIN ? -1 : n;
}

static inline void
client_send_bytes (Client     *client,
                   const char *data,
                   gsize       length)
{
  gsize sent = 0;

  while (sent < length)
    {
      gssize n = client_try_send (client, data + sent, length - sent);

      g_assert_cmpint (n, >=, -1);
      if (n > 0)
        sent += (gsize)n;
      else
        turn (client->f);
    }
}

static inline void
client_send (Client     *client,
             const char *text)
{
  client_send_bytes (client, text, strlen (text));
}

/* Reads what is there. */
static inline void
client_receive (Client *client)
{
  char   data[16384];
  gssize n;

  while (!client->at_end)
    {
      if (client->tls != NULL)
        n = gnutls_record_recv (client->tls, data, sizeof data);
      else
        n = recv (client->fd, data, sizeof data, 0);

      if (n > 0)
        g_string_append_len (client->got, data, n);
      else if (client->tls != NULL ? n == GNUTLS_E_AGAIN : n < 0 && errno == EAGAIN)
        return;
      else
        client->at_end = TRUE;
    }
}

/* Exactly `text` comes next, and is forgotten. */
static inline void
client_expect (Client     *client,
               const char *text)
{
  wait_for ((client_receive (client), client->got->len >= strlen (text) || client->at_end));
  g_assert_true (g_str_has_prefix (client->got->str, text));
  g_string_erase (client->got, 0, (gssize)strlen (text));
}

static inline void
client_expect_end (Client *client)
{
  wait_for ((client_receive (client), client->at_end));
  g_assert_cmpstr (client->got->str, ==, "");
}

/* 0 or GnuTLS's error. */
static inline int
client_shake_hands (Client     *client,
                    const char *priority,
                    const char *alpn)
{
  int    code = GNUTLS_E_AGAIN;
  gint64 start = g_get_monotonic_time ();
  gint64 end = start + PATIENCE;

  gnutls_certificate_allocate_credentials (&client->credentials);
  gnutls_init (&client->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  gnutls_priority_set_direct (client->tls, priority != NULL ? priority : "NORMAL", NULL);
  gnutls_credentials_set (client->tls, GNUTLS_CRD_CERTIFICATE, client->credentials);
  if (client->sni != NULL)
    gnutls_server_name_set (client->tls, GNUTLS_NAME_DNS, client->sni, strlen (client->sni));
  if (client->ticket.data != NULL)
    gnutls_session_set_data (client->tls, client->ticket.data, client->ticket.size);
  if (client->refuses)
    gnutls_session_set_verify_cert (client->tls, client->sni, 0);
  gnutls_transport_set_int (client->tls, client->fd);
  if (alpn != NULL)
    {
      gnutls_datum_t name = { (guint8 *)(gpointer)alpn, (unsigned int)strlen (alpn) };

      gnutls_alpn_set_protocols (client->tls, &name, 1, 0);
    }

  while (code < 0 && gnutls_error_is_fatal (code) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (client->f->impatient && g_get_monotonic_time () > start + G_USEC_PER_SEC / 5)
        ph_clock_advance (client->f->clock, G_USEC_PER_SEC);
      code = gnutls_handshake (client->tls);
      turn (client->f);
    }
  if (client->refuses)
    gnutls_alert_send_appropriate (client->tls, code);

  return code;
}
