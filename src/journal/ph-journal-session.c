#include "ph-journal-session.h"

#include "ph-journal-escape.h"
#include "ph-journal-line-private.h"
#include "ph-journal-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (PhJournalSession, ph_journal_session, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_ID,
  PROP_SERVICE,
  PROP_OUTGOING,
  PROP_PEER,
  PROP_ACCOUNT,
  PROP_CLIENT_NAME,
  PROP_TLS,
  PROP_STATE,
  PROP_STARTED,
  PROP_ENDED,
  PROP_N_MESSAGES,
  PROP_BYTES_IN,
  PROP_BYTES_OUT,
  PROP_LAST_LINE,
  PROP_CAUSE,
  PROP_N_FINDINGS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
ph_journal_session_finalize (GObject *object)
{
  PhJournalSession *self = PH_JOURNAL_SESSION (object);

  if (self->lines != NULL)
    ph_journal_lines_disown (self->lines);
  g_clear_object (&self->lines);
  ph_journal_pages_clear (&self->pages);
  g_free (self->parts);
  g_free (self->service);
  g_free (self->peer);
  g_free (self->account);
  g_free (self->client_name);
  g_free (self->tls);
  g_free (self->cause);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_clear_object (&self->tally);

  G_OBJECT_CLASS (ph_journal_session_parent_class)->finalize (object);
}

static char *
dup_last_line (PhJournalSession *self)
{
  const PhJournalRecord *record = self->pages.next_line > 0 ? ph_journal_pages_get (&self->pages, self->pages.next_line - 1) : NULL;
  GString               *text;

  if (record == NULL)
    return NULL;

  text = g_string_new (NULL);
  ph_journal_record_append_first (record, text);

  return g_string_free (text, FALSE);
}

static void
ph_journal_session_get_property (GObject    *object,
                                 guint       id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  PhJournalSession *self = PH_JOURNAL_SESSION (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_uint64 (value, self->id);
      break;
    case PROP_SERVICE:
      g_value_set_string (value, self->service);
      break;
    case PROP_OUTGOING:
      g_value_set_boolean (value, self->is_outgoing);
      break;
    case PROP_PEER:
      g_value_set_string (value, self->peer);
      break;
    case PROP_ACCOUNT:
      g_value_set_string (value, self->account);
      break;
    case PROP_CLIENT_NAME:
      g_value_set_string (value, self->client_name);
      break;
    case PROP_TLS:
      g_value_set_string (value, self->tls);
      break;
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    case PROP_STARTED:
      g_value_set_int64 (value, self->started);
      break;
    case PROP_ENDED:
      g_value_set_int64 (value, self->ended);
      break;
    case PROP_N_MESSAGES:
      g_value_set_uint (value, self->n_messages);
      break;
    case PROP_BYTES_IN:
      g_value_set_uint64 (value, self->bytes_in);
      break;
    case PROP_BYTES_OUT:
      g_value_set_uint64 (value, self->bytes_out);
      break;
    case PROP_LAST_LINE:
      g_value_take_string (value, dup_last_line (self));
      break;
    case PROP_CAUSE:
      g_value_set_string (value, self->cause);
      break;
    case PROP_N_FINDINGS:
      g_value_set_uint (value, self->findings != NULL ? self->findings->len : 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_journal_session_class_init (PhJournalSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = ph_journal_session_finalize;
  object_class->get_property = ph_journal_session_get_property;

  properties[PROP_ID] = g_param_spec_uint64 ("id", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_SERVICE] = g_param_spec_string ("service", NULL, NULL, NULL, flags);
  properties[PROP_OUTGOING] = g_param_spec_boolean ("outgoing", NULL, NULL, FALSE, flags);
  properties[PROP_PEER] = g_param_spec_string ("peer", NULL, NULL, NULL, flags);
  properties[PROP_ACCOUNT] = g_param_spec_string ("account", NULL, NULL, NULL, flags);
  properties[PROP_CLIENT_NAME] = g_param_spec_string ("client-name", NULL, NULL, NULL, flags);
  properties[PROP_TLS] = g_param_spec_string ("tls", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, PH_JOURNAL_FAILED, 0, flags);
  properties[PROP_STARTED] = g_param_spec_int64 ("started", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_ENDED] = g_param_spec_int64 ("ended", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_N_MESSAGES] = g_param_spec_uint ("n-messages", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_BYTES_IN] = g_param_spec_uint64 ("bytes-in", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_BYTES_OUT] = g_param_spec_uint64 ("bytes-out", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_LAST_LINE] = g_param_spec_string ("last-line", NULL, NULL, NULL, flags);
  properties[PROP_CAUSE] = g_param_spec_string ("cause", NULL, NULL, NULL, flags);
  properties[PROP_N_FINDINGS] = g_param_spec_uint ("n-findings", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_journal_session_init (PhJournalSession *self)
{
}

PhJournalSession *
ph_journal_session_new (PhJournal  *journal,
                        guint64     id,
                        const char *service,
                        gboolean    is_outgoing,
                        const char *peer,
                        gint64      started)
{
  PhJournalSession *self = g_object_new (PH_TYPE_JOURNAL_SESSION, NULL);

  self->journal = journal;
  self->id = id;
  self->service = g_strdup (service);
  self->is_outgoing = is_outgoing;
  self->peer = ph_journal_escape_dup (peer, PH_JOURNAL_NAME_MAX);
  self->started = started;

  return self;
}

static void
mark_changed (PhJournalSession *self,
              guint             property)
{
  if (self->journal == NULL)
    return;
  if (self->changed == 0)
    ph_journal_add_changed (self->journal, self);
  self->changed |= 1u << property;
}

void
ph_journal_session_mark_last_line (PhJournalSession *self)
{
  mark_changed (self, PROP_LAST_LINE);
}

static void
set_string (PhJournalSession *self,
            char            **field,
            const char       *value,
            guint             property)
{
  g_autofree char *escaped = ph_journal_escape_dup (value, PH_JOURNAL_NAME_MAX);

  if (g_strcmp0 (*field, escaped) == 0)
    return;
  g_free (*field);
  *field = g_steal_pointer (&escaped);
  mark_changed (self, property);
}

void
ph_journal_session_set_peer (PhJournalSession *self,
                             const char       *peer)
{
  if (self != NULL)
    set_string (self, &self->peer, peer, PROP_PEER);
}

void
ph_journal_session_set_account (PhJournalSession *self,
                                const char       *address)
{
  if (self != NULL)
    set_string (self, &self->account, address, PROP_ACCOUNT);
}

void
ph_journal_session_set_client_name (PhJournalSession *self,
                                    const char       *name)
{
  if (self != NULL)
    set_string (self, &self->client_name, name, PROP_CLIENT_NAME);
}

void
ph_journal_session_set_tls (PhJournalSession *self,
                            const char       *description)
{
  if (self != NULL)
    set_string (self, &self->tls, description, PROP_TLS);
}

void
ph_journal_session_set_tally (PhJournalSession *self,
                              PhTally          *tally)
{
  if (self != NULL)
    g_set_object (&self->tally, tally);
}

static void
count_in_tally (PhJournalSession *self,
                PhTallyCounts     more)
{
  if (self->tally != NULL && self->journal != NULL)
    ph_tally_add (self->tally, &more, ph_clock_get_real_time (ph_journal_get_clock (self->journal)));
}

void
ph_journal_session_add_message (PhJournalSession *self)
{
  if (self == NULL)
    return;
  self->n_messages++;
  count_in_tally (self, (PhTallyCounts){ .messages = 1 });
  mark_changed (self, PROP_N_MESSAGES);
}

void
ph_journal_session_add_bytes (PhJournalSession *self,
                              gsize             in,
                              gsize             out)
{
  if (self == NULL)
    return;
  self->bytes_in += in;
  self->bytes_out += out;
  count_in_tally (self, (PhTallyCounts){ .bytes_in = in, .bytes_out = out });
  if (in > 0)
    mark_changed (self, PROP_BYTES_IN);
  if (out > 0)
    mark_changed (self, PROP_BYTES_OUT);
}

void
ph_journal_session_add_finding (PhJournalSession *self,
                                const char       *text)
{
  g_autofree char *escaped = NULL;

  if (self == NULL)
    return;

  escaped = ph_journal_escape_dup (text, PH_JOURNAL_NAME_MAX);
  if (self->findings == NULL)
    self->findings = g_ptr_array_new_with_free_func (g_free);
  if (self->findings->len == PH_JOURNAL_FINDINGS_MAX || g_ptr_array_find_with_equal_func (self->findings, escaped, g_str_equal, NULL))
    return;

  /* Translators: a remark on the conduct of the client, a whole sentence */
  ph_journal_session_note (self, N_ ("Finding: %s"), _ (escaped));
  g_ptr_array_add (self->findings, g_steal_pointer (&escaped));
  mark_changed (self, PROP_N_FINDINGS);
}

void
ph_journal_session_trace (PhJournalSession *self,
                          guint             kind,
                          const char       *message,
                          const char       *other,
                          const char       *detail)
{
  if (self != NULL && self->journal != NULL)
    ph_journal_add_step (self->journal, self, kind, message, other, detail);
}

void
ph_journal_session_add_refusal (PhJournalSession *self)
{
  if (self != NULL && self->journal != NULL)
    ph_traffic_add (ph_journal_get_traffic (self->journal), PH_TRAFFIC_REFUSED, ph_clock_get_real_time (ph_journal_get_clock (self->journal)));
}

void
ph_journal_session_end (PhJournalSession *self,
                        const char       *cause)
{
  if (self == NULL || self->state != PH_JOURNAL_RUNNING)
    return;

  ph_journal_session_end_parts (self);
  self->state = cause == NULL ? PH_JOURNAL_CLOSED : PH_JOURNAL_FAILED;
  mark_changed (self, PROP_STATE);
  set_string (self, &self->cause, cause, PROP_CAUSE);
  if (self->journal == NULL)
    return;

  self->ended = ph_clock_get_real_time (ph_journal_get_clock (self->journal));
  mark_changed (self, PROP_ENDED);
  if (cause != NULL)
    ph_traffic_add (ph_journal_get_traffic (self->journal), PH_TRAFFIC_FAILED, self->ended);
  ph_journal_session_ended (self->journal);
}

static PhJournalLine *
get_line (gpointer owner,
          guint    position)
{
  PhJournalSession *self = owner;

  return ph_journal_line_new (self, ph_journal_pages_get (&self->pages, self->shown_first + position));
}

GListModel *
ph_journal_session_get_lines (PhJournalSession *self)
{
  if (self == NULL)
    return NULL;
  g_return_val_if_fail (PH_IS_JOURNAL_SESSION (self), NULL);

  if (self->lines == NULL)
    {
      self->shown_first = self->pages.first_line;
      self->shown_next = self->pages.next_line;
      self->lines = ph_journal_lines_new (self, get_line, ph_journal_pages_get_n_lines (&self->pages));
    }

  return G_LIST_MODEL (self->lines);
}

static void
publish_lines (PhJournalSession *self)
{
  guint64 first = MIN (self->pages.first_line, self->shown_next);
  guint   removed = (guint)(first - self->shown_first);
  guint   shown, added;

  self->shown_first = first;
  ph_journal_lines_changed (self->lines, 0, removed, 0);

  /* Lines that came and went since the last time are never shown. */
  if (self->pages.first_line > self->shown_next)
    self->shown_first = self->shown_next = self->pages.first_line;
  shown = (guint)(self->shown_next - self->shown_first);
  added = (guint)(self->pages.next_line - self->shown_next);
  self->shown_next = self->pages.next_line;
  ph_journal_lines_changed (self->lines, shown, 0, added);
}

void
ph_journal_session_publish (PhJournalSession *self)
{
  guint32 changed = self->changed;

  self->changed = 0;
  if (self->lines != NULL)
    publish_lines (self);
  for (guint i = 1; i < N_PROPS; i++)
    if (changed & (1u << i))
      g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

void
ph_journal_session_lines_dropped (PhJournalSession *self)
{
  mark_changed (self, PROP_LAST_LINE);
}

void
ph_journal_session_drop (PhJournalSession *self)
{
  ph_journal_pages_clear (&self->pages);
  mark_changed (self, PROP_LAST_LINE);
}

GStrv
ph_journal_session_dup_findings (PhJournalSession *self)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  GStrv         findings;

  for (guint i = 0; self != NULL && self->findings != NULL && i < self->findings->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (self->findings, i));
  findings = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);

  return findings;
}

guint64
ph_journal_session_get_id (PhJournalSession *self)
{
  return self != NULL ? self->id : 0;
}

const char *
ph_journal_session_get_service (PhJournalSession *self)
{
  return self != NULL ? self->service : NULL;
}

const char *
ph_journal_session_get_peer (PhJournalSession *self)
{
  return self != NULL ? self->peer : NULL;
}

const char *
ph_journal_session_get_account (PhJournalSession *self)
{
  return self != NULL ? self->account : NULL;
}

gboolean
ph_journal_session_is_outgoing (PhJournalSession *self)
{
  return self != NULL && self->is_outgoing;
}

PhJournalState
ph_journal_session_get_state (PhJournalSession *self)
{
  return self != NULL ? self->state : PH_JOURNAL_CLOSED;
}
