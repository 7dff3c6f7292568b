#pragma once

#include <glib.h>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A real name server on a free loopback port, for the time of a test.  Not in its debugging mode, in which one TCP connection keeps it from all
 * other questions. */

#define DNSMASQ "/usr/sbin/dnsmasq"
#define DNSMASQ_PATIENCE (20 * G_USEC_PER_SEC)

typedef struct
{
  GPid    pid; /* 0 where it is not installed */
  guint16 port;
} Dnsmasq;

/* A port that is free for UDP and TCP now. */
static inline guint16
dnsmasq_find_port (void)
{
  for (;;)
    {
      struct sockaddr_in address = { .sin_family = AF_INET };
      socklen_t          length = sizeof address;
      int                tcp = socket (AF_INET, SOCK_STREAM, 0);
      int                udp = socket (AF_INET, SOCK_DGRAM, 0);
      gboolean           found;

      address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
      g_assert_cmpint (bind (tcp, (struct sockaddr *)&address, length), ==, 0);
      g_assert_cmpint (getsockname (tcp, (struct sockaddr *)&address, &length), ==, 0);
      found = bind (udp, (struct sockaddr *)&address, length) == 0;
      close (tcp);
      close (udp);
      if (found)
        return ntohs (address.sin_port);
    }
}

/* An assertion that fails must not leave it behind. */
static inline void
dnsmasq_die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* It listens on TCP once it serves. */
static inline void
dnsmasq_await (Dnsmasq *self)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (self->port) };
  gint64             end = g_get_monotonic_time () + DNSMASQ_PATIENCE;
  gboolean           up = FALSE;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  while (!up)
    {
      int fd = socket (AF_INET, SOCK_STREAM, 0);

      up = connect (fd, (struct sockaddr *)&address, sizeof address) == 0;
      close (fd);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_assert_cmpint (waitpid (self->pid, NULL, WNOHANG), ==, 0);
      if (!up)
        g_usleep (5000);
    }
}

/* `records` are its own options ("--mx-host=…"), NULL-terminated.  FALSE where it is not installed. */
static inline gboolean
dnsmasq_start (Dnsmasq           *self,
               const char *const *records)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *port = NULL;

  if (!g_file_test (DNSMASQ, G_FILE_TEST_IS_EXECUTABLE))
    return FALSE;

  self->port = dnsmasq_find_port ();
  port = g_strdup_printf ("--port=%u", self->port);
  for (const char *const *option = (const char *const[]){ DNSMASQ, "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=", "--user=root", "--listen-address=127.0.0.1", "--bind-interfaces", "--local=/test/", NULL }; *option != NULL; option++)
    g_ptr_array_add (argv, (gpointer)*option);
  g_ptr_array_add (argv, port);
  for (; *records != NULL; records++)
    g_ptr_array_add (argv, (gpointer)*records);
  g_ptr_array_add (argv, NULL);

  g_spawn_async (NULL, (char **)argv->pdata, NULL,
                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                 dnsmasq_die_with_parent, NULL, &self->pid, &error);
  g_assert_no_error (error);
  dnsmasq_await (self);

  return TRUE;
}

static inline void
dnsmasq_stop (Dnsmasq *self)
{
  if (self->pid == 0)
    return;

  kill (self->pid, SIGKILL);
  waitpid (self->pid, NULL, 0);
  g_spawn_close_pid (self->pid);
  self->pid = 0;
}
