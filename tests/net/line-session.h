#pragma once

#include "ph-session.h"

#include <string.h>

/* A protocol just rich enough to try a connection with.  Lines end with LF:
 *   IDLE       may be waited for 10 seconds where there is a crowd
 *   BIG n      n bytes of output, no more than may wait at once
 *   WAIT       takes no more input until line_session_go_on()
 *   STARTTLS   "go", then TLS
 *   QUIT       "bye", then closes
 *   other      "= other"
 */
#define LINE_TYPE_SESSION (line_session_get_type ())
G_DECLARE_FINAL_TYPE (LineSession, line_session, LINE, SESSION, PhSession)

struct _LineSession
{
  PhSession parent_instance;

  gsize    big;
  gboolean waits;
  guint    n_started, n_secured, n_peer_closed, n_timed_out, n_shut_down;
  gsize    most_output;
  gsize    most_input;
};

G_DEFINE_FINAL_TYPE (LineSession, line_session, PH_TYPE_SESSION)

static void
line_session_start (PhSession *session)
{
  LINE_SESSION (session)->n_started++;
  ph_session_set_deadline (session, 60);
  ph_session_write_string (session, "hi\n");
}

static void
line_session_fill (LineSession *self)
{
  PhSession *session = PH_SESSION (self);
  char       x[1024];

  memset (x, 'x', sizeof x);
  while (self->big > 0 && ph_session_can_write (session))
    {
      gsize n = MIN (self->big, sizeof x);

      ph_session_write (session, x, n);
      self->big -= n;
      if (self->big == 0)
        ph_session_write_string (session, "\n");
    }
  self->most_output = MAX (self->most_output, ph_buffer_get_length (ph_session_get_output (session)));
}

static void
line_session_obey (LineSession *self,
                   const char  *line)
{
  PhSession *session = PH_SESSION (self);

  ph_session_set_deadline (session, 60);
  if (g_str_has_prefix (line, "BIG "))
    {
      self->big = g_ascii_strtoull (line + 4, NULL, 10);
      line_session_fill (self);
    }
  else if (g_str_equal (line, "WAIT"))
    self->waits = TRUE;
  else if (g_str_equal (line, "IDLE"))
    ph_session_set_patience (session, 10);
  else if (g_str_equal (line, "STARTTLS"))
    {
      ph_session_write_string (session, "go\n");
      ph_session_start_tls (session);
    }
  else if (g_str_equal (line, "QUIT"))
    {
      ph_session_write_string (session, "bye\n");
      ph_session_close (session);
    }
  else
    ph_session_printf (session, "= %s\n", line);
}

static gsize
line_session_feed (PhSession    *session,
                   const guint8 *data,
                   gsize         length)
{
  LineSession *self = LINE_SESSION (session);
  gsize        taken = 0;

  self->most_input = MAX (self->most_input, length);
  while (taken < length && !self->waits && self->big == 0 &&
         !ph_session_wants_tls (session) && !ph_session_wants_close (session))
    {
      const guint8    *end = memchr (data + taken, '\n', length - taken);
      g_autofree char *line = NULL;

      if (end == NULL)
        break;
      line = g_strndup ((const char *)data + taken, (gsize)(end - data) - taken);
      taken = (gsize)(end - data) + 1;
      line_session_obey (self, line);
    }

  return taken;
}

static void
line_session_drained (PhSession *session)
{
  line_session_fill (LINE_SESSION (session));
}

static void
line_session_secured (PhSession *session)
{
  LINE_SESSION (session)->n_secured++;
}

static void
line_session_timed_out (PhSession *session)
{
  LINE_SESSION (session)->n_timed_out++;
  ph_session_write_string (session, "too late\n");
}

static void
line_session_shut_down (PhSession  *session,
                        const char *reason)
{
  LINE_SESSION (session)->n_shut_down++;
  ph_session_write_string (session, "going down\n");
}

static void
line_session_peer_closed (PhSession *session)
{
  LINE_SESSION (session)->n_peer_closed++;
}

static void
line_session_class_init (LineSessionClass *klass)
{
  PhSessionClass *session_class = PH_SESSION_CLASS (klass);

  session_class->start = line_session_start;
  session_class->feed = line_session_feed;
  session_class->drained = line_session_drained;
  session_class->secured = line_session_secured;
  session_class->timed_out = line_session_timed_out;
  session_class->shut_down = line_session_shut_down;
  session_class->peer_closed = line_session_peer_closed;
}

static void
line_session_init (LineSession *self)
{
}

static inline void
line_session_go_on (LineSession *self)
{
  self->waits = FALSE;
  ph_session_changed (PH_SESSION (self));
}
