#pragma once

#include <glib.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A mail server that says what a test tells it, in threads of its own, so that it knows no clock but
 * the real one.  Each connection follows the next script, or is fine.  A script is lines of
 * "STEP: REPLY"; steps are GREETING, DOT (after the message), and the first words of commands; a
 * reply is sent as it is, "\n" in it being line ends, or one of these:
 *   !reset    TCP reset          !close   closes without a word
 *   !stall    never answers      !garbage 220, then what is no TLS
 *   !half     a reply without its end, then closes
 */

/* A message that the server has taken. */
typedef struct
{
  char    *text;     /* "sender|recipient,recipient|message" */
  gint64   taken;    /* monotonic */
  gboolean is_known; /* the client has gone on after the answer, other than by QUIT: it has read it, and written it down */
} ScriptDot;

typedef struct
{
  GMutex     mutex;
  int        listener;
  guint16    port;
  GThread   *thread;
  GPtrArray *clients; /* of GThread */
  GArray    *fds;     /* open ones */
  gboolean   closing;
  GQueue     scripts;  /* of char* */
  char      *standard; /* when these are used up; NULL: fine */
  gboolean   for_each; /* a script for each message, not for each connection */
  char      *offers;   /* of EHLO */
  guint      n_connections;
  gint       n_stalled; /* atomic: clients that were answered no more */
  guint      n_open, most_open;
  GPtrArray *messages; /* of char*: "sender|recipient,recipient|message" */
  GPtrArray *dots;     /* of ScriptDot: these, and those that were taken without an answer */
  GString   *log;      /* all commands */
} ScriptServer;

typedef struct
{
  ScriptServer *server;
  int           fd;
  char         *script;
  GString      *input;
  GString      *sender;
  gboolean      has_sender;
  guint         n_mails;
  GString      *recipients;
  ScriptDot    *last; /* that was answered, until the client goes on */
} ScriptClient;

static char *
script_find (const char *script,
             const char *step)
{
  g_auto (GStrv) lines = g_strsplit (script != NULL ? script : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *colon = strstr (lines[i], ": ");

      if (colon != NULL && colon > lines[i] && strlen (step) >= (gsize)(colon - lines[i]) && g_ascii_strncasecmp (lines[i], step, (gsize)(colon - lines[i])) == 0)
        return g_strcompress (colon + 2);
    }

  return NULL;
}

/* FALSE where the peer is gone. */
static gboolean
script_read_line (ScriptClient *client,
                  GString      *line)
{
  for (;;)
    {
      char  *end = memchr (client->input->str, '\n', client->input->len);
      char   data[4096];
      gssize n;

      if (end != NULL)
        {
          gsize length = (gsize)(end - client->input->str) + 1;

          g_string_truncate (line, 0);
          g_string_append_len (line, client->input->str, (gssize)length);
          g_string_erase (client->input, 0, (gssize)length);
          return TRUE;
        }
      n = recv (client->fd, data, sizeof data, 0);
      if (n <= 0)
        return FALSE;
      g_string_append_len (client->input, data, n);
    }
}

static void
script_send (ScriptClient *client,
             const char   *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *joined = g_strjoinv ("\r\n", lines);
  g_autofree char *whole = g_strconcat (joined, "\r\n", NULL);

  if (send (client->fd, whole, strlen (whole), MSG_NOSIGNAL) < 0)
    return;
}

static void
script_stall (ScriptClient *client)
{
  char data[4096];

  g_atomic_int_inc (&client->server->n_stalled);
  while (recv (client->fd, data, sizeof data, 0) > 0)
    ;
}

/* FALSE where the conversation is over. */
static gboolean
script_reply (ScriptClient *client,
              const char   *step,
              const char   *standard)
{
  g_autofree char *scripted = script_find (client->script, step);
  const char      *reply = scripted != NULL ? scripted : standard;
  struct linger    reset = { 1, 0 };

  if (reply[0] != '!')
    {
      script_send (client, reply);
      return TRUE;
    }

  if (strcmp (reply, "!reset") == 0)
    setsockopt (client->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  else if (strcmp (reply, "!stall") == 0)
    script_stall (client);
  else if (strcmp (reply, "!garbage") == 0)
    {
      script_send (client, "220 go ahead");
      g_usleep (50000);
      script_send (client, "this is no TLS at all");
      script_stall (client);
    }
  else if (strcmp (reply, "!half") == 0 && send (client->fd, "250 o", 5, MSG_NOSIGNAL) < 0)
    return FALSE;

  return FALSE;
}

/* TRUE where a scripted reply to this step is a success, or there is none. */
static gboolean
script_accepts (ScriptClient *client,
                const char   *step,
                char          digit)
{
  g_autofree char *scripted = script_find (client->script, step);

  return scripted == NULL || scripted[0] == digit;
}

static void
script_keep (ScriptClient *client,
             const char   *message,
             gboolean      is_answered)
{
  ScriptServer *server = client->server;
  ScriptDot    *dot = g_new0 (ScriptDot, 1);

  dot->text = g_strdup_printf ("%s|%s|%s", client->sender->str, client->recipients->str, message);
  dot->taken = g_get_monotonic_time ();
  g_mutex_lock (&server->mutex);
  g_ptr_array_add (server->dots, dot);
  if (is_answered)
    g_ptr_array_add (server->messages, g_strdup (dot->text));
  g_mutex_unlock (&server->mutex);
  client->last = is_answered ? dot : NULL;
}

static gboolean
script_take_message (ScriptClient *client,
                     GString      *line)
{
  g_autoptr (GString) message = g_string_new (NULL);

  for (;;)
    {
      if (!script_read_line (client, line))
        return FALSE;
      if (strcmp (line->str, ".\r\n") == 0)
        break;
      g_string_append (message, line->str[0] == '.' ? line->str + 1 : line->str);
    }

  if (script_accepts (client, "DOT", '2') || script_accepts (client, "DOT", '!'))
    script_keep (client, message->str, script_accepts (client, "DOT", '2'));

  return script_reply (client, "DOT", "250 2.0.0 kept");
}

static char *
script_dup_path (const char *line)
{
  const char *start = strchr (line, '<'), *end = start != NULL ? strchr (start, '>') : NULL;

  return end != NULL ? g_strndup (start + 1, (gsize)(end - start - 1)) : g_strdup ("?");
}

/* A script is for the first message; to the others over that connection it is what it is to all, unless each has its own. */
static void
script_begin_mail (ScriptClient *client)
{
  if (client->n_mails++ == 0)
    return;

  g_free (client->script);
  g_mutex_lock (&client->server->mutex);
  client->script = client->server->for_each ? g_queue_pop_head (&client->server->scripts) : NULL;
  if (client->script == NULL)
    client->script = g_strdup (client->server->standard);
  g_mutex_unlock (&client->server->mutex);
}

static gboolean
script_obey (ScriptClient *client,
             GString      *line)
{
  g_autofree char *path = script_dup_path (line->str);

  if (g_ascii_strncasecmp (line->str, "EHLO", 4) == 0)
    {
      g_autofree char *offers = NULL;

      g_mutex_lock (&client->server->mutex);
      offers = g_strdup (client->server->offers);
      g_mutex_unlock (&client->server->mutex);
      return script_reply (client, line->str, offers);
    }
  if (g_ascii_strncasecmp (line->str, "QUIT", 4) == 0)
    {
      script_reply (client, line->str, "221 bye");
      return FALSE;
    }
  if (g_ascii_strncasecmp (line->str, "MAIL", 4) == 0)
    {
      script_begin_mail (client);
      client->has_sender = script_accepts (client, line->str, '2');
      g_string_assign (client->sender, path);
      g_string_truncate (client->recipients, 0);
    }
  else if (g_ascii_strncasecmp (line->str, "RCPT", 4) == 0)
    {
      if (!client->has_sender)
        return script_reply (client, "", "503 no sender");
      if (script_accepts (client, line->str, '2'))
        g_string_append_printf (client->recipients, "%s%s", client->recipients->len > 0 ? "," : "", path);
    }
  else if (g_ascii_strncasecmp (line->str, "DATA", 4) == 0)
    {
      if (client->recipients->len == 0)
        return script_reply (client, line->str, "554 no valid recipients");
      return script_reply (client, line->str, "354 go ahead") && (!script_accepts (client, line->str, '3') || script_take_message (client, line));
    }

  return script_reply (client, line->str, "250 2.0.0 fine");
}

static gpointer
script_client_run (gpointer data)
{
  ScriptClient *client = data;
  ScriptServer *server = client->server;
  g_autoptr (GString) line = g_string_new (NULL);
  gboolean going = script_reply (client, "GREETING", "220 script ESMTP");

  while (going && script_read_line (client, line))
    {
      g_mutex_lock (&server->mutex);
      g_string_append (server->log, line->str);
      if (client->last != NULL && g_ascii_strncasecmp (line->str, "QUIT", 4) != 0)
        client->last->is_known = TRUE;
      client->last = NULL;
      g_mutex_unlock (&server->mutex);
      going = script_obey (client, line);
    }

  g_mutex_lock (&server->mutex);
  for (guint i = 0; i < server->fds->len; i++)
    if (g_array_index (server->fds, int, i) == client->fd)
      g_array_remove_index_fast (server->fds, i--);
  server->n_open--;
  close (client->fd);
  g_mutex_unlock (&server->mutex);

  g_free (client->script);
  g_string_free (client->input, TRUE);
  g_string_free (client->sender, TRUE);
  g_string_free (client->recipients, TRUE);
  g_free (client);

  return NULL;
}

static gpointer
script_server_run (gpointer data)
{
  ScriptServer *server = data;

  for (;;)
    {
      int           fd = accept (server->listener, NULL, NULL);
      ScriptClient *client;

      if (fd < 0)
        return NULL;

      client = g_new0 (ScriptClient, 1);
      client->server = server;
      client->fd = fd;
      client->input = g_string_new (NULL);
      client->sender = g_string_new (NULL);
      client->recipients = g_string_new (NULL);
      g_mutex_lock (&server->mutex);
      client->script = g_queue_pop_head (&server->scripts);
      if (client->script == NULL)
        client->script = g_strdup (server->standard);
      server->n_connections++;
      server->n_open++;
      server->most_open = MAX (server->most_open, server->n_open);
      g_array_append_val (server->fds, fd);
      g_ptr_array_add (server->clients, g_thread_new ("script", script_client_run, client));
      g_mutex_unlock (&server->mutex);
    }
}

static void
script_dot_free (gpointer data)
{
  g_free (((ScriptDot *)data)->text);
  g_free (data);
}

/* Listens on `address` ("127.0.0.1") and `port`; 0: a free one. */
static inline ScriptServer *
script_server_new (const char *address,
                   guint16     port)
{
  ScriptServer      *server = g_new0 (ScriptServer, 1);
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons (port) };
  socklen_t          length = sizeof name;
  int                on = 1;

  g_mutex_init (&server->mutex);
  g_queue_init (&server->scripts);
  server->clients = g_ptr_array_new ();
  server->fds = g_array_new (FALSE, FALSE, sizeof (int));
  server->messages = g_ptr_array_new_with_free_func (g_free);
  server->dots = g_ptr_array_new_with_free_func (script_dot_free);
  server->log = g_string_new (NULL);
  server->offers = g_strdup ("250-script\n250-PIPELINING\n250-8BITMIME\n250-ENHANCEDSTATUSCODES\n250 SIZE 10000000");
  inet_pton (AF_INET, address, &name.sin_addr);
  server->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt (server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  g_assert_cmpint (bind (server->listener, (struct sockaddr *)&name, sizeof name), ==, 0);
  g_assert_cmpint (listen (server->listener, 100), ==, 0);
  getsockname (server->listener, (struct sockaddr *)&name, &length);
  server->port = ntohs (name.sin_port);
  server->thread = g_thread_new ("scripts", script_server_run, server);

  return server;
}

static inline void
script_server_free (ScriptServer *server)
{
  shutdown (server->listener, SHUT_RDWR);
  g_thread_join (server->thread);
  close (server->listener);

  g_mutex_lock (&server->mutex);
  for (guint i = 0; i < server->fds->len; i++)
    shutdown (g_array_index (server->fds, int, i), SHUT_RDWR);
  g_mutex_unlock (&server->mutex);
  for (guint i = 0; i < server->clients->len; i++)
    g_thread_join (server->clients->pdata[i]);

  g_ptr_array_unref (server->clients);
  g_array_unref (server->fds);
  g_queue_clear_full (&server->scripts, g_free);
  g_ptr_array_unref (server->messages);
  g_ptr_array_unref (server->dots);
  g_string_free (server->log, TRUE);
  g_free (server->standard);
  g_free (server->offers);
  g_mutex_clear (&server->mutex);
  g_free (server);
}

/* For the next connection that has none yet. */
static inline void
script_server_add (ScriptServer *server,
                   const char   *script)
{
  g_mutex_lock (&server->mutex);
  g_queue_push_tail (&server->scripts, g_strdup (script));
  g_mutex_unlock (&server->mutex);
}

/* For all that have none of their own. */
static inline void
script_server_set (ScriptServer *server,
                   const char   *script)
{
  g_mutex_lock (&server->mutex);
  g_free (server->standard);
  server->standard = g_strdup (script);
  g_mutex_unlock (&server->mutex);
}

static inline void
script_server_offer (ScriptServer *server,
                     const char   *offers)
{
  g_mutex_lock (&server->mutex);
  g_free (server->offers);
  server->offers = g_strdup (offers);
  g_mutex_unlock (&server->mutex);
}

static inline guint
script_server_count (ScriptServer *server)
{
  guint n;

  g_mutex_lock (&server->mutex);
  n = server->messages->len;
  g_mutex_unlock (&server->mutex);

  return n;
}

static inline guint
script_server_count_connections (ScriptServer *server)
{
  guint n;

  g_mutex_lock (&server->mutex);
  n = server->n_connections;
  g_mutex_unlock (&server->mutex);

  return n;
}

static inline guint
script_server_count_open (ScriptServer *server)
{
  guint n;

  g_mutex_lock (&server->mutex);
  n = server->n_open;
  g_mutex_unlock (&server->mutex);

  return n;
}

static inline char *
script_server_dup_log (ScriptServer *server)
{
  char *log;

  g_mutex_lock (&server->mutex);
  log = g_strdup (server->log->str);
  g_mutex_unlock (&server->mutex);

  return log;
}

static inline char *
script_server_dup_message (ScriptServer *server,
                           guint         i)
{
  char *message;

  g_mutex_lock (&server->mutex);
  g_assert_cmpuint (i, <, server->messages->len);
  message = g_strdup (server->messages->pdata[i]);
  g_mutex_unlock (&server->mutex);

  return message;
}
