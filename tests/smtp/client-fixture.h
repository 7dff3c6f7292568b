#pragma once

#include "ph-journal.h"
#include "ph-smtp-client.h"

#include <string.h>

/* Where a server can go wrong; in the order of a conversation. */
typedef enum {
  SINK_GREETING,
  SINK_EHLO,
  SINK_HELO,
  SINK_STARTTLS,
  SINK_AUTH,
  SINK_CHALLENGE, /* the line after a 334 */
  SINK_MAIL,
  SINK_RCPT,
  SINK_RCPT_2, /* the second and further recipients */
  SINK_DATA,
  SINK_FINAL,
  SINK_QUIT,
  N_SINK_STAGES,
} SinkStage;

/* A server as a table: what it answers at each stage, whole bytes with their line ends.  NULL
 * is what a good server says; "" says nothing, and CLOSE hangs up. */
#define CLOSE "\001"

typedef struct
{
  const char *extensions; /* of EHLO: "PIPELINING DSN"; NULL for none */
  const char *answers[N_SINK_STAGES];
  const char *challenges[3]; /* base64 or "", in turn; then 235 */
} Sink;

/* A client, and the sink at its other end. */
typedef struct
{
  const Sink   *sink;
  PhSmtpClient *client;
  GString      *message; /* what the reader gives */
  guint         split;   /* of what the client gets: 0 whole, 1 byte by byte, else random */
  gboolean      read_fails;
  guint         n_finished; /* emissions */

  GString *said;    /* all that the client wrote, as it came */
  GString *pending; /* written, not yet seen by the sink */
  GString *unread;  /* said by the sink, not yet taken by the client */
  GString *body;    /* dots unstuffed, by a reading of RFC 5321 of its own */
  guint    n_rcpts;
  guint    n_challenges;
  gsize    chunk_left; /* of the BDAT at hand */
  gboolean chunk_is_last;
  gboolean in_data;
  gboolean hung_up;
  gboolean secured;
} Dialog;

static inline gssize
read_message (gpointer user_data,
              guint64  offset,
              void    *data,
              gsize    length)
{
  Dialog *dialog = user_data;
  gsize   n = offset < dialog->message->len ? MIN (length, dialog->message->len - (gsize)offset) : 0;

  if (dialog->read_fails)
    return -1;

  /* Short reads are normal. */
  n = MIN (n, 700);
  memcpy (data, dialog->message->str + offset, n);

  return (gssize)n;
}

static inline void
count_finished_cb (Dialog *dialog)
{
  dialog->n_finished++;
}

static inline void
dialog_answer (Dialog     *dialog,
               SinkStage   stage,
               const char *usual)
{
  const char *answer = dialog->sink->answers[stage] != NULL ? dialog->sink->answers[stage] : usual;

  if (strcmp (answer, CLOSE) == 0)
    dialog->hung_up = TRUE;
  else
    g_string_append (dialog->unread, answer);
}

static inline void
dialog_answer_hello (Dialog *dialog)
{
  g_auto (GStrv) words = g_strsplit (dialog->sink->extensions != NULL ? dialog->sink->extensions : "", ";", -1);
  g_autoptr (GString) text = g_string_new ("250-sink.test\r\n");

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !(dialog->secured && strcmp (words[i], "STARTTLS") == 0))
      g_string_append_printf (text, "250-%s\r\n", words[i]);
  g_string_append (text, "250 OK\r\n");
  dialog_answer (dialog, SINK_EHLO, text->str);
}

static inline void
dialog_answer_auth (Dialog   *dialog,
                    SinkStage stage)
{
  const char      *challenge = dialog->n_challenges < 3 ? dialog->sink->challenges[dialog->n_challenges++] : NULL;
  g_autofree char *usual = challenge != NULL ? g_strdup_printf ("334 %s\r\n", challenge) : g_strdup ("235 2.7.0 In\r\n");

  dialog_answer (dialog, stage, usual);
}

static inline void
dialog_end_chunk (Dialog *dialog)
{
  dialog_answer (dialog, dialog->chunk_is_last ? SINK_FINAL : SINK_DATA, dialog->chunk_is_last ? "250 2.0.0 Taken\r\n" : "250 2.0.0 More\r\n");
}

/* Bytes of a chunk are counted, not read. */
static inline void
dialog_take_chunk (Dialog *dialog)
{
  gsize n = MIN (dialog->chunk_left, dialog->pending->len);

  g_string_append_len (dialog->body, dialog->pending->str, (gssize)n);
  g_string_erase (dialog->pending, 0, (gssize)n);
  dialog->chunk_left -= n;
  if (dialog->chunk_left == 0)
    dialog_end_chunk (dialog);
}

static inline void
dialog_take_command (Dialog     *dialog,
                     const char *line)
{
  if (g_str_has_prefix (line, "EHLO "))
    dialog_answer_hello (dialog);
  else if (g_str_has_prefix (line, "HELO "))
    dialog_answer (dialog, SINK_HELO, "250 sink.test\r\n");
  else if (strcmp (line, "STARTTLS") == 0)
    dialog_answer (dialog, SINK_STARTTLS, "220 Go\r\n");
  else if (g_str_has_prefix (line, "AUTH "))
    dialog_answer_auth (dialog, SINK_AUTH);
  else if (g_str_has_prefix (line, "MAIL FROM:<"))
    dialog_answer (dialog, SINK_MAIL, "250 2.1.0 Sender\r\n");
  else if (g_str_has_prefix (line, "RCPT TO:<"))
    dialog_answer (dialog, dialog->n_rcpts++ == 0 ? SINK_RCPT : SINK_RCPT_2, "250 2.1.5 Recipient\r\n");
  else if (strcmp (line, "DATA") == 0)
    {
      dialog_answer (dialog, SINK_DATA, "354 Go\r\n");
      dialog->in_data = dialog->sink->answers[SINK_DATA] == NULL || g_str_has_prefix (dialog->sink->answers[SINK_DATA], "354");
    }
  else if (g_str_has_prefix (line, "BDAT "))
    {
      dialog->chunk_left = (gsize)g_ascii_strtoull (line + 5, NULL, 10);
      dialog->chunk_is_last = g_str_has_suffix (line, " LAST");
      if (dialog->chunk_left == 0)
        dialog_end_chunk (dialog);
    }
  else if (strcmp (line, "QUIT") == 0)
    dialog_answer (dialog, SINK_QUIT, "221 2.0.0 Bye\r\n");
  else
    dialog_answer_auth (dialog, SINK_CHALLENGE);
}

/* Only CRLF ends a line here, so a bare CR or LF of the client's would be part of one. */
static inline void
dialog_take_line (Dialog     *dialog,
                  const char *line,
                  gsize       length)
{
  if (!dialog->in_data)
    {
      g_autofree char *command = g_strndup (line, length);

      dialog_take_command (dialog, command);
    }
  else if (length == 1 && *line == '.')
    {
      dialog->in_data = FALSE;
      dialog_answer (dialog, SINK_FINAL, "250 2.0.0 Taken\r\n");
    }
  else
    {
      gsize dot = length > 0 && *line == '.' ? 1 : 0;

      g_string_append_len (dialog->body, line + dot, (gssize)(length - dot));
      g_string_append (dialog->body, "\r\n");
    }
}

static inline void
dialog_take_line_to (Dialog     *dialog,
                     const char *end)
{
  gsize            length = (gsize)(end - dialog->pending->str);
  g_autofree char *line = g_strndup (dialog->pending->str, length);

  g_string_erase (dialog->pending, 0, (gssize)length + 2);
  dialog_take_line (dialog, line, length);
}

static inline void
dialog_run_sink (Dialog *dialog)
{
  PhBuffer   *output = ph_session_get_output (PH_SESSION (dialog->client));
  const char *end;

  g_string_append_len (dialog->said, (const char *)ph_buffer_get_data (output), (gssize)ph_buffer_get_length (output));
  g_string_append_len (dialog->pending, (const char *)ph_buffer_get_data (output), (gssize)ph_buffer_get_length (output));
  ph_buffer_consume (output, G_MAXSIZE);

  while (!dialog->hung_up && dialog->pending->len > 0)
    {
      if (dialog->chunk_left > 0)
        {
          dialog_take_chunk (dialog);
          continue;
        }
      end = memmem (dialog->pending->str, dialog->pending->len, "\r\n", 2);
      if (end == NULL)
        break;
      dialog_take_line_to (dialog, end);
    }
}

/* What a connection does (V04): bytes in clear at that moment end it. */
static inline void
dialog_shake_hands (Dialog *dialog)
{
  g_autoptr (PhPeer) peer = ph_peer_new ("127.0.0.1", 25);

  if (dialog->unread->len > 0)
    {
      ph_session_peer_closed (PH_SESSION (dialog->client));
      dialog->hung_up = TRUE;
      return;
    }

  peer->is_tls = dialog->secured = TRUE;
  g_string_append (dialog->said, "<TLS>\r\n");
  ph_session_secured (PH_SESSION (dialog->client), peer);
}

/* Gives the client as much as `split` says; FALSE where it took none of all that there is. */
static inline gboolean
dialog_feed (Dialog *dialog)
{
  gsize length = dialog->unread->len, piece = length, taken;

  if (dialog->split == 1)
    piece = 1;
  else if (dialog->split > 1)
    {
      piece = (gsize)g_test_rand_int_range (1, 30);
      piece = MIN (piece, length);
    }

  do
    {
      taken = ph_session_feed (PH_SESSION (dialog->client), (const guint8 *)dialog->unread->str, piece);
      g_assert_cmpuint (taken, <=, piece);
      g_string_erase (dialog->unread, 0, (gssize)taken);
    }
  while (taken == 0 && piece++ < length);

  return taken > 0;
}

/* Both talk until nothing moves or the connection is over. */
static inline void
dialog_run (Dialog *dialog)
{
  PhSession *session = PH_SESSION (dialog->client);
  gboolean   moved = TRUE;

  while (moved && !ph_session_wants_close (session))
    {
      moved = ph_buffer_get_length (ph_session_get_output (session)) > 0;
      dialog_run_sink (dialog);
      if (moved)
        ph_session_drained (session);
      if (ph_session_wants_tls (session))
        {
          dialog_shake_hands (dialog);
          moved = !dialog->hung_up;
        }
      else if (dialog->unread->len > 0)
        moved |= dialog_feed (dialog);
      else if (dialog->hung_up)
        {
          ph_session_peer_closed (session);
          break;
        }
    }
  dialog_run_sink (dialog);
}

static inline Dialog *
dialog_new (const Sink      *sink,
            PhSmtpClientJob *job,
            const char      *message,
            gsize            length,
            const char      *address)
{
  Dialog *dialog = g_new0 (Dialog, 1);
  g_autoptr (PhPeer) peer = ph_peer_new (address, 25);

  dialog->sink = sink;
  dialog->message = g_string_new_len (message, (gssize)length);
  dialog->said = g_string_new (NULL);
  dialog->pending = g_string_new (NULL);
  dialog->unread = g_string_new (NULL);
  dialog->body = g_string_new (NULL);

  job->host_name = "client.test";
  job->server_name = "sink.test";
  job->read = read_message;
  job->read_data = dialog;
  job->size = length;
  dialog->secured = peer->is_tls = job->implicit_tls;
  dialog->client = ph_smtp_client_new (job);
  g_signal_connect_swapped (dialog->client, "finished", G_CALLBACK (count_finished_cb), dialog);
  ph_session_start (PH_SESSION (dialog->client), peer);
  dialog_answer (dialog, SINK_GREETING, "220 sink.test ESMTP\r\n");

  return dialog;
}

static inline void
dialog_free (Dialog *dialog)
{
  g_assert_finalize_object (dialog->client);
  g_string_free (dialog->message, TRUE);
  g_string_free (dialog->said, TRUE);
  g_string_free (dialog->pending, TRUE);
  g_string_free (dialog->unread, TRUE);
  g_string_free (dialog->body, TRUE);
  g_free (dialog);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Dialog, dialog_free)

/* "250 2.0.0 Taken" of each recipient, each behind its kind: "D", "T" or "P"; parted by "|". */
static inline char *
dialog_dup_results (Dialog *dialog,
                    guint   n)
{
  const PhSmtpResult *results = ph_smtp_client_get_results (dialog->client);
  GString            *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *reply = NULL;

      g_assert_nonnull (results[i].reply);
      reply = ph_smtp_reply_format (results[i].reply);
      g_string_append_printf (text, "%s%c %s", i == 0 ? "" : "|", "DTP"[results[i].kind], reply);
    }

  return g_string_free (text, FALSE);
}
