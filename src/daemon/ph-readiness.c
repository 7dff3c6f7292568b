#include "ph-readiness.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

G_NORETURN static void
wait_for_child (pid_t child,
                int   pipe_end)
{
  char word;
  int  status;

  if (read (pipe_end, &word, 1) == 1)
    _exit (0);

  _exit (waitpid (child, &status, 0) == child && WIFEXITED (status) && WEXITSTATUS (status) != 0 ? WEXITSTATUS (status) : 1);
}

void
ph_readiness_detach (PhReadiness *self)
{
  int   ends[2];
  pid_t child;

  if (pipe2 (ends, O_CLOEXEC) != 0 || (child = fork ()) < 0)
    {
      g_printerr ("posthoused: Can’t go to the background: %s\n", g_strerror (errno));
      _exit (1);
    }
  if (child > 0)
    {
      close (ends[1]);
      wait_for_child (child, ends[0]);
    }

  close (ends[0]);
  setsid ();
  self->parent = ends[1];
}

static void
release_parent (PhReadiness *self)
{
  int nothing = open ("/dev/null", O_RDWR | O_CLOEXEC);

  for (int fd = STDIN_FILENO; nothing >= 0 && fd <= STDERR_FILENO; fd++)
    dup2 (nothing, fd);
  if (nothing > STDERR_FILENO)
    close (nothing);
  while (write (self->parent, "", 1) < 0 && errno == EINTR)
    ;
  close (self->parent);
  self->parent = -1;
}

/* sd_notify(3): a datagram to a path, or to an abstract name that is written with “@”. */
static void
tell_systemd (const char *state)
{
  const char *name = g_getenv ("NOTIFY_SOCKET");
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  if (name == NULL || *name == '\0')
    return;

  if (*name == '@')
    address = g_unix_socket_address_new_with_type (name + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  else
    address = g_unix_socket_address_new (name);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT, &error);
  if (socket == NULL || g_socket_send_to (socket, address, state, strlen (state), NULL, &error) < 0)
    g_warning ("%s: %s", name, error->message);
}

void
ph_readiness_announce (PhReadiness *self)
{
  tell_systemd ("READY=1");
  if (self->parent >= 0)
    release_parent (self);
}

void
ph_readiness_announce_stop (PhReadiness *self)
{
  tell_systemd ("STOPPING=1");
}
