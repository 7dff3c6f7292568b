/* A client of the receiving side.  The first byte chooses the service; on submission somebody
 * is logged in.  What the whole input is answered with, it is answered with byte by byte, too;
 * and what is kept has CRLF as its only line end (V01), unless it came as BINARYMIME. */

#include "../smtp/smtp-fixture.h"
#include "fuzz-target.h"

typedef struct
{
  StubHandler   *handler;
  PhSmtpSession *session;
  GString       *output;
} Talk;

static void
take_output (Talk *talk)
{
  PhBuffer *output = ph_session_get_output (PH_SESSION (talk->session));

  g_string_append_len (talk->output, (const char *)ph_buffer_get_data (output), (gssize)ph_buffer_get_length (output));
  ph_buffer_consume (output, G_MAXSIZE);
}

static void
begin (Talk *talk,
       guint flags)
{
  PhSmtpConfig config = { flags & 1 ? PH_SMTP_ROLE_SUBMISSION : flags & 8 ? PH_SMTP_ROLE_LMTP
                                                                          : PH_SMTP_ROLE_RELAY,
                          "mx.example.org", 5000, 4, (flags & 2) != 0 };
  g_autoptr (PhPeer) peer = ph_peer_new ("192.0.2.1", 1);

  talk->handler = g_object_new (STUB_TYPE_HANDLER, NULL);
  talk->handler->write_max = flags & 4 ? 20 : 0;
  talk->session = ph_smtp_session_new (&config, PH_SMTP_HANDLER (talk->handler), NULL);
  talk->output = g_string_new (NULL);
  if (flags & 1)
    talk->session->account = ph_account_new ("a@x.test", NULL);
  ph_session_start (PH_SESSION (talk->session), peer);
  take_output (talk);
}

static void
feed (Talk          *talk,
      const uint8_t *data,
      size_t         size,
      gsize          piece)
{
  PhSession *session = PH_SESSION (talk->session);
  gsize      from = 0, to = MIN (piece, size);

  while (from < size && !ph_session_wants_close (session) && !ph_session_wants_tls (session))
    {
      gsize    taken = ph_session_feed (session, data + from, to - from);
      gboolean worked = g_main_context_iteration (NULL, FALSE);

      g_assert_cmpuint (taken, <=, to - from);
      from += taken;
      take_output (talk);
      if (taken > 0 || to == from)
        to = MIN (MAX (to, from + piece), size);
      else if (!worked && to == size)
        break;
      else if (!worked)
        to++;
    }
}

static void
check_output (const GString *output)
{
  for (const char *line = output->str; *line != '\0';)
    {
      const char *end = strstr (line, "\r\n");

      g_assert_nonnull (end);
      g_assert_cmpint (end - line, <=, 510);
      g_assert_true (line[0] >= '2' && line[0] <= '5' && g_ascii_isdigit (line[1]) && g_ascii_isdigit (line[2]) && (line[3] == ' ' || line[3] == '-'));
      for (const char *c = line; c < end; c++)
        g_assert_true ((guchar)*c >= 0x20);
      line = end + 2;
    }
}

static void
check_kept (const GString *kept)
{
  const char *body = strchr (kept->str, '|');

  body = strchr (body + 1, '|') + 1;
  for (const char *c = body; c < kept->str + kept->len; c++)
    {
      g_assert_true (*c != '\r' || c[1] == '\n');
      g_assert_true (*c != '\n' || (c > body && c[-1] == '\r'));
    }
}

static void
end (Talk    *talk,
     gboolean binary)
{
  ph_session_peer_closed (PH_SESSION (talk->session));
  iterate_all ();
  g_assert_finalize_object (talk->session);
  g_assert_cmpuint (talk->handler->n_open, ==, 0);
  for (guint i = 0; i < talk->handler->accepted->len && !binary; i++)
    check_kept (stub_handler_get (talk->handler, i));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Talk     whole = { 0 }, bytewise = { 0 };
  gboolean binary = FALSE;

  if (size == 0)
    return 0;

  for (size_t i = 0; i + 10 <= size && !binary; i++)
    binary = g_ascii_strncasecmp ((const char *)data + i, "BINARYMIME", 10) == 0;

  begin (&whole, data[0]);
  begin (&bytewise, data[0]);
  feed (&whole, data + 1, size - 1, size);
  feed (&bytewise, data + 1, size - 1, 1);
  check_output (whole.output);
  g_assert_cmpstr (whole.output->str, ==, bytewise.output->str);
  end (&whole, binary);
  end (&bytewise, binary);
  g_assert_cmpuint (whole.handler->accepted->len, ==, bytewise.handler->accepted->len);
  for (guint i = 0; i < whole.handler->accepted->len; i++)
    g_assert_true (g_string_equal (stub_handler_get (whole.handler, i), stub_handler_get (bytewise.handler, i)));

  g_object_unref (whole.handler);
  g_object_unref (bytewise.handler);
  g_string_free (whole.output, TRUE);
  g_string_free (bytewise.output, TRUE);

  return 0;
}
