/* A server's answers to the sending side (V16).  The first byte chooses the policy; 0x02 in the
 * answers splits them.  There is one result for each recipient, and nothing goes out that has a
 * bare CR or LF (V02). */

#include "../smtp/client-fixture.h"
#include "fuzz-target.h"

static void
check_said (const char *said)
{
  for (const char *c = said; *c != '\0'; c++)
    {
      g_assert_true (*c != '\r' || c[1] == '\n');
      g_assert_true (*c != '\n' || (c > said && c[-1] == '\r'));
    }
}

static void
check_results (PhSmtpClient *client)
{
  for (guint i = 0; i < 2; i++)
    {
      const PhSmtpReply *reply = ph_smtp_client_get_results (client)[i].reply;

      g_assert_true (g_utf8_validate (reply->text, -1, NULL));
      for (const char *c = reply->text; *c != '\0'; c++)
        g_assert_true ((guchar)*c >= 0x20 || *c == '\n');
    }
}

/* One piece of the answers, and the end where the client waits for more. */
static void
answer (Dialog        *dialog,
        const uint8_t *data,
        gsize          length)
{
  PhSession *session = PH_SESSION (dialog->client);

  g_string_append_len (dialog->unread, (const char *)data, (gssize)length);
  while (dialog->unread->len > 0 && !ph_session_wants_close (session) && !ph_session_wants_tls (session))
    {
      gsize taken = ph_session_feed (session, (const guint8 *)dialog->unread->str, dialog->unread->len);

      g_string_erase (dialog->unread, 0, (gssize)taken);
      if (taken == 0)
        break;
    }
  if (ph_session_wants_tls (session) && !dialog->hung_up)
    dialog_shake_hands (dialog);
}

static void
take_said (Dialog *dialog)
{
  PhBuffer *output = ph_session_get_output (PH_SESSION (dialog->client));

  g_string_append_len (dialog->said, (const char *)ph_buffer_get_data (output), (gssize)ph_buffer_get_length (output));
  ph_buffer_consume (output, G_MAXSIZE);
  ph_session_drained (PH_SESSION (dialog->client));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const Sink silent = { .answers = { [SINK_GREETING] = "" } };
  static const char message[] = "Subject: x\r\n\r\n.a\rb\nc\r\n..";
  g_autoptr (PhSmtpEnvelope) envelope = ph_smtp_envelope_new ("a@x.test");
  g_autoptr (Dialog) dialog = NULL;
  PhSmtpClientJob job = { .envelope = envelope, .password = "secret" };

  if (size == 0)
    return 0;

  job.tls = (PhSmtpTlsPolicy)(data[0] % 3);
  job.user = data[0] & 4 ? "me" : NULL;
  job.is_8bit = (data[0] & 8) != 0;
  ph_smtp_envelope_add (envelope, "b@y.test")->notify = PH_DSN_NOTIFY_SUCCESS;
  ph_smtp_envelope_add (envelope, data[0] & 16 ? "ü@y.test" : "c@y.test");
  dialog = dialog_new (&silent, &job, message, sizeof message - 1, "127.0.0.1");

  for (size_t from = 1; from < size && !dialog->hung_up;)
    {
      const uint8_t *cut = memchr (data + from, 2, size - from);
      size_t         length = cut != NULL ? (size_t)(cut - data) - from : size - from;

      answer (dialog, data + from, length);
      take_said (dialog);
      from += length + 1;
    }
  ph_session_peer_closed (PH_SESSION (dialog->client));
  take_said (dialog);
  g_assert_cmpuint (dialog->n_finished, ==, 1);
  check_results (dialog->client);
  check_said (dialog->said->str);

  return 0;
}
