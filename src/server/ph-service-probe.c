#include "ph-service-probe.h"

#include "ph-journal-escape.h"

#include <string.h>

/* Who asks, in the journal of the service: a name that nobody else can have (RFC 6761 section 6.3). */
#define OWN_NAME "service-test.localhost"

/* Bytes of what it said, and of what it offers, that a person is shown. */
#define SAID_MAX 200
#define OFFERS_MAX 4096

typedef enum {
  STEP_GREETING,
  STEP_HELLO,
  STEP_STARTTLS,
  STEP_QUIT,
  N_STEPS
} Step;

typedef enum {
  VERDICT_MORE, /* of the same reply follows */
  VERDICT_OK,
  VERDICT_REFUSED,
  VERDICT_STRANGE,
} Verdict;

typedef struct
{
  const char *commands[N_STEPS];
  gboolean    is_tagged;
  const char *starttls; /* what offers it */
  Verdict (*read) (PhServiceProbe *self,
                   const char     *line);
} Protocol;

struct _PhServiceProbe
{
  PhSession parent_instance;

  const Protocol  *protocol;
  Step             step;
  guint            n_commands; /* the tag of the last */
  guint            n_lines;    /* of this reply */
  gsize            n_bytes;
  GString         *line; /* what there is of it */
  GString         *offers;
  gboolean         offers_starttls;
  gboolean         knows_offers;
  gboolean         is_decided;
  PhServiceOutcome outcome;
  char            *said;
};

G_DEFINE_FINAL_TYPE (PhServiceProbe, ph_service_probe, PH_TYPE_SESSION)

enum {
  SIGNAL_GREETED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
decide (PhServiceProbe  *self,
        PhServiceOutcome outcome)
{
  self->is_decided = TRUE;
  self->outcome = outcome;
  if (outcome != PH_SERVICE_OUTCOME_ANSWERED)
    self->said = ph_journal_escape_dup (self->line->str, SAID_MAX);
  ph_session_close (PH_SESSION (self));
}

/* What the protocols say */

static void
add_offer (PhServiceProbe *self,
           const char     *text)
{
  g_autofree char *escaped = ph_journal_escape_dup (text, SAID_MAX);

  if (g_ascii_strcasecmp (text, self->protocol->starttls) == 0)
    self->offers_starttls = TRUE;
  if (*text != '\0' && self->offers->len < OFFERS_MAX)
    g_string_append_printf (self->offers, "%s%s", self->offers->len > 0 ? ", " : "", escaped);
}

/* RFC 5321 section 4.2: three digits, and a hyphen where more follows.  Of EHLO's reply all but the first line offers something. */
static Verdict
read_smtp (PhServiceProbe *self,
           const char     *line)
{
  gboolean has_code = g_ascii_isdigit (line[0]) && g_ascii_isdigit (line[1]) && g_ascii_isdigit (line[2]);

  if (!has_code || (line[3] != '\0' && line[3] != ' ' && line[3] != '-'))
    return VERDICT_STRANGE;
  if (line[0] != '2')
    return VERDICT_REFUSED;
  if (self->step == STEP_HELLO && self->n_lines > 1 && line[3] != '\0')
    add_offer (self, line + 4);

  return line[3] == '-' ? VERDICT_MORE : VERDICT_OK;
}

/* RFC 1939 section 3; of the commands here only CAPA has a reply of several lines (RFC 2449 section 5). */
static Verdict
read_pop3 (PhServiceProbe *self,
           const char     *line)
{
  gboolean is_first = self->n_lines == 1;

  if (is_first && g_str_has_prefix (line, "-ERR"))
    return VERDICT_REFUSED;
  if (is_first && !g_str_has_prefix (line, "+OK"))
    return VERDICT_STRANGE;
  if (self->step != STEP_HELLO || (!is_first && strcmp (line, ".") == 0))
    return VERDICT_OK;
  if (!is_first)
    add_offer (self, line);

  return VERDICT_MORE;
}

static gboolean
take_word (const char **line,
           const char  *word)
{
  gsize length = strlen (word);

  if (g_ascii_strncasecmp (*line, word, length) != 0 || ((*line)[length] != ' ' && (*line)[length] != '\0'))
    return FALSE;
  *line += length + ((*line)[length] == ' ' ? 1 : 0);

  return TRUE;
}

static void
add_capabilities (PhServiceProbe *self,
                  const char     *list)
{
  g_auto (GStrv) words = g_strsplit (list, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    add_offer (self, words[i]);
}

/* RFC 9051 sections 7.1 and 7.2.2. */
static Verdict
read_imap (PhServiceProbe *self,
           const char     *line)
{
  g_autofree char *tag = g_strdup_printf ("t%u", self->n_commands);
  gboolean         is_greeting = self->step == STEP_GREETING;

  if (take_word (&line, "*"))
    {
      if (is_greeting)
        return take_word (&line, "OK") || take_word (&line, "PREAUTH") ? VERDICT_OK : take_word (&line, "BYE") ? VERDICT_REFUSED
                                                                                                               : VERDICT_STRANGE;
      if (self->step == STEP_HELLO && take_word (&line, "CAPABILITY"))
        add_capabilities (self, line);
      return self->step != STEP_QUIT && take_word (&line, "BYE") ? VERDICT_REFUSED : VERDICT_MORE;
    }
  if (is_greeting || !take_word (&line, tag))
    return VERDICT_STRANGE;
  if (take_word (&line, "OK"))
    return VERDICT_OK;

  return take_word (&line, "NO") || take_word (&line, "BAD") ? VERDICT_REFUSED : VERDICT_STRANGE;
}

static const Protocol protocols[] = {
  [PH_SERVICE_PROTOCOL_SMTP] = { { NULL, "EHLO " OWN_NAME, "STARTTLS", "QUIT" }, FALSE, "STARTTLS", read_smtp },
  [PH_SERVICE_PROTOCOL_LMTP] = { { NULL, "LHLO " OWN_NAME, "STARTTLS", "QUIT" }, FALSE, "STARTTLS", read_smtp },
  [PH_SERVICE_PROTOCOL_POP3] = { { NULL, "CAPA", "STLS", "QUIT" }, FALSE, "STLS", read_pop3 },
  [PH_SERVICE_PROTOCOL_IMAP] = { { NULL, "CAPABILITY", "STARTTLS", "LOGOUT" }, TRUE, "STARTTLS", read_imap },
};

/* The conversation */

static void
say (PhServiceProbe *self,
     Step            step)
{
  self->step = step;
  self->n_lines = 0;
  self->n_bytes = 0;
  self->n_commands++;
  if (step == STEP_HELLO)
    {
      /* What was offered in clear counts no more (RFC 3207 section 4.2). */
      g_string_truncate (self->offers, 0);
      self->offers_starttls = self->knows_offers = FALSE;
    }

  if (self->protocol->is_tagged)
    ph_session_printf (PH_SESSION (self), "t%u ", self->n_commands);
  ph_session_printf (PH_SESSION (self), "%s\r\n", self->protocol->commands[step]);
}

static void
go_on (PhServiceProbe *self)
{
  switch (self->step)
    {
    case STEP_GREETING:
      g_signal_emit (self, signals[SIGNAL_GREETED], 0);
      say (self, STEP_HELLO);
      break;
    case STEP_HELLO:
      self->knows_offers = TRUE;
      say (self, self->offers_starttls && !ph_session_get_peer (PH_SESSION (self))->is_tls ? STEP_STARTTLS : STEP_QUIT);
      break;
    case STEP_STARTTLS:
      ph_session_start_tls (PH_SESSION (self));
      break;
    case STEP_QUIT:
    case N_STEPS:
    default:
      decide (self, PH_SERVICE_OUTCOME_ANSWERED);
      break;
    }
}

static void
take_line (PhServiceProbe *self)
{
  gsize length = self->line->len;

  if (length > 0 && self->line->str[length - 1] == '\r')
    g_string_truncate (self->line, length - 1);

  self->n_lines++;
  switch (self->protocol->read (self, self->line->str))
    {
    case VERDICT_MORE:
      break;
    case VERDICT_OK:
      go_on (self);
      break;
    case VERDICT_REFUSED:
      decide (self, PH_SERVICE_OUTCOME_REFUSED);
      break;
    case VERDICT_STRANGE:
    default:
      decide (self, PH_SERVICE_OUTCOME_STRANGE);
      break;
    }
  g_string_truncate (self->line, 0);
}

/* Takes half a line, too: it is not for the driver to wait for its end.  What comes behind the answer to STARTTLS is (V04). */
static gsize
ph_service_probe_feed (PhSession    *session,
                       const guint8 *data,
                       gsize         length)
{
  PhServiceProbe *self = PH_SERVICE_PROBE (session);
  gsize           taken = 0;

  while (taken < length && !ph_session_wants_close (session) && !ph_session_wants_tls (session))
    {
      const char *part = (const char *)data + taken;
      const char *end = memchr (part, '\n', length - taken);
      gsize       part_length = end != NULL ? (gsize)(end - part) : length - taken;

      g_string_append_len (self->line, part, (gssize)MIN (part_length, PH_SERVICE_PROBE_LINE_MAX));
      taken += part_length + (end != NULL ? 1 : 0);
      self->n_bytes += part_length;
      if (self->line->len >= PH_SERVICE_PROBE_LINE_MAX || self->n_bytes > PH_SERVICE_PROBE_REPLY_MAX)
        decide (self, PH_SERVICE_OUTCOME_STRANGE);
      else if (end != NULL)
        take_line (self);
    }

  return taken;
}

static void
ph_service_probe_secured (PhSession *session)
{
  say (PH_SERVICE_PROBE (session), STEP_HELLO);
}

/* Many servers only hang up. */
static void
ph_service_probe_peer_closed (PhSession *session)
{
  PhServiceProbe *self = PH_SERVICE_PROBE (session);

  if (self->step == STEP_QUIT && !self->is_decided)
    decide (self, PH_SERVICE_OUTCOME_ANSWERED);
}

static void
ph_service_probe_finalize (GObject *object)
{
  PhServiceProbe *self = PH_SERVICE_PROBE (object);

  g_string_free (self->line, TRUE);
  g_string_free (self->offers, TRUE);
  g_free (self->said);

  G_OBJECT_CLASS (ph_service_probe_parent_class)->finalize (object);
}

static void
ph_service_probe_class_init (PhServiceProbeClass *klass)
{
  PhSessionClass *session_class = PH_SESSION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ph_service_probe_finalize;
  session_class->feed = ph_service_probe_feed;
  session_class->secured = ph_service_probe_secured;
  session_class->peer_closed = ph_service_probe_peer_closed;

  signals[SIGNAL_GREETED] = g_signal_new ("greeted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ph_service_probe_init (PhServiceProbe *self)
{
  self->line = g_string_new (NULL);
  self->offers = g_string_new (NULL);
}

PhServiceProbe *
ph_service_probe_new (PhServiceProtocol protocol)
{
  PhServiceProbe *self = g_object_new (PH_TYPE_SERVICE_PROBE, NULL);

  g_return_val_if_fail (protocol < G_N_ELEMENTS (protocols), self);

  self->protocol = &protocols[protocol];

  return self;
}

gboolean
ph_service_probe_get_outcome (PhServiceProbe   *self,
                              PhServiceOutcome *outcome)
{
  g_return_val_if_fail (PH_IS_SERVICE_PROBE (self), FALSE);

  *outcome = self->outcome;

  return self->is_decided;
}

const char *
ph_service_probe_get_said (PhServiceProbe *self)
{
  g_return_val_if_fail (PH_IS_SERVICE_PROBE (self), NULL);

  return self->said;
}

const char *
ph_service_probe_get_offers (PhServiceProbe *self)
{
  g_return_val_if_fail (PH_IS_SERVICE_PROBE (self), NULL);

  return self->knows_offers ? self->offers->str : NULL;
}
