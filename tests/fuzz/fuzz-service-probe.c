/* A server's answers to who tries it (V16).  The first byte chooses the protocol; 0x02 in the answers
 * splits them.  A few short commands are all that is ever said, and what a person is shown is one
 * line that ends. */

#include "fuzz-target.h"
#include "ph-service-probe.h"

#include <string.h>

static void
check_shown (const char *text)
{
  if (text == NULL)
    return;

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (strlen (text), <, PH_SERVICE_PROBE_REPLY_MAX);
  for (const char *c = text; *c != '\0'; c++)
    g_assert_true ((guchar)*c >= 0x20);
}

static guint
count_said (PhSession *session)
{
  PhBuffer   *output = ph_session_get_output (session);
  const char *text = (const char *)ph_buffer_get_data (output);
  gsize       length = ph_buffer_get_length (output);
  guint       n = 0;

  for (gsize i = 0; i < length; i++)
    {
      g_assert_true ((text[i] == '\r') == (i + 1 < length && text[i + 1] == '\n'));
      n += text[i] == '\n';
    }
  g_assert_cmpuint (length, <=, n * 40u);
  ph_buffer_consume (output, length);

  return n;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (PhServiceProbe) probe = NULL;
  g_autoptr (PhPeer) clear = ph_peer_new ("127.0.0.1", 1);
  g_autoptr (PhPeer) secure = ph_peer_new ("127.0.0.1", 1);
  PhSession       *session;
  PhServiceOutcome outcome;
  guint            n_said = 0;

  if (size == 0)
    return 0;

  probe = ph_service_probe_new ((PhServiceProtocol)(data[0] % 4));
  session = PH_SESSION (probe);
  secure->is_tls = TRUE;
  ph_session_start (session, data[0] & 4 ? secure : clear);
  for (size_t from = 1; from < size;)
    {
      const uint8_t *cut = memchr (data + from, 2, size - from);
      size_t         length = cut != NULL ? (size_t)(cut - data) - from : size - from;
      gsize          taken = ph_session_feed (session, data + from, length);

      g_assert_true (taken == length || ph_session_wants_close (session) || ph_session_wants_tls (session));
      n_said += count_said (session);
      if (ph_session_wants_tls (session))
        ph_session_secured (session, secure);
      n_said += count_said (session);
      from += length + 1;
    }
  ph_session_peer_closed (session);
  g_assert_cmpuint (n_said, <=, 4);
  if (ph_service_probe_get_outcome (probe, &outcome))
    g_assert_true (ph_session_wants_close (session));
  check_shown (ph_service_probe_get_said (probe));
  check_shown (ph_service_probe_get_offers (probe));

  return 0;
}
