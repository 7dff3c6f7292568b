#include "ph-session-row.h"

#include "ph-format.h"
#include "ph-journal-session.h"
#include "ph-state-look.h"
#include "ph-time-label.h"

#include <glib/gi18n.h>

struct _PhSessionRow
{
  AdwBin parent_instance;

  GtkImage       *state_image;
  GtkInscription *title_label;
  GtkImage       *findings_image;
  GtkImage       *tls_image;
  GtkLabel       *state_label;
  PhTimeLabel    *time_label;
  GtkInscription *last_line;
  GtkInscription *figures;

  PhJournalSession  *session;
  const PhStateLook *look; /* that it has, NULL at first */
};

G_DEFINE_FINAL_TYPE (PhSessionRow, ph_session_row, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_SESSION,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static char *
dup_string (PhSessionRow *self,
            const char   *property)
{
  char *value = NULL;

  g_object_get (self->session, property, &value, NULL);

  return value;
}

/* Rows are used again for other sessions by the hundred, nearly all of them closed: what
 * is the same already is left alone. */
static void
update_state (PhSessionRow *self)
{
  const PhStateLook *look = ph_state_look_of_session (ph_journal_session_get_state (self->session));

  if (look == self->look)
    return;

  ph_state_look_show (look, self->state_image, &self->look);
  gtk_label_set_label (self->state_label, _ (look->label));
}

/* Who it is: the account, else the name that the client gives, else its address. */
static void
update_title (PhSessionRow *self)
{
  g_autofree char *account = dup_string (self, "account");
  g_autofree char *client = dup_string (self, "client-name");
  g_autofree char *tls = dup_string (self, "tls");
  g_autofree char *title = NULL;
  const char      *peer = ph_journal_session_get_peer (self->session);
  const char      *who = account != NULL ? account : client != NULL ? client
                                                   : peer != NULL   ? peer
                                                                    : "";

  title = g_strdup_printf ("%s  %s", _ (ph_journal_session_get_service (self->session)), who);
  gtk_inscription_set_text (self->title_label, title);
  gtk_widget_set_visible (GTK_WIDGET (self->tls_image), tls != NULL);
}

/* "3 messages · 221 2.0.0 Bye" */
static void
update_last_line (PhSessionRow *self)
{
  g_autofree char *cause = dup_string (self, "cause");
  g_autofree char *last_line = cause == NULL ? dup_string (self, "last-line") : NULL;
  const char      *text = cause != NULL ? ph_format_words (cause) : last_line;
  g_autofree char *messages = NULL;
  g_autofree char *both = NULL;
  guint            n_messages;

  g_object_get (self->session, "n-messages", &n_messages, NULL);
  if (n_messages > 0)
    {
      messages = g_strdup_printf (ngettext ("%u message", "%u messages", n_messages), n_messages);
      both = g_strjoin (" · ", messages, text, NULL);
      text = both;
    }
  gtk_inscription_set_text (self->last_line, text != NULL && *text != '\0' ? text : " ");
}

static void
append_figure (GString    *text,
               const char *figure)
{
  if (figure == NULL || *figure == '\0')
    return;

  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append (text, figure);
}

/* "3 s · 1.4 kB in · 827 bytes out · annas-laptop · 127.0.0.1:49888": how long it took, what came and went, and who it is
 * beside the name above.  One that is running has lasted since its start, as the line before says. */
static void
update_figures (PhSessionRow *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *client = NULL;
  g_autofree char *duration = NULL;
  g_autofree char *received = NULL;
  g_autofree char *sent = NULL;
  g_autofree char *sizes = NULL;
  const char      *account = ph_journal_session_get_account (self->session);
  gint64           started, ended;
  guint64          bytes_in, bytes_out;

  g_object_get (self->session, "started", &started, "ended", &ended, "client-name", &client, "bytes-in", &bytes_in, "bytes-out", &bytes_out, NULL);
  if (ended != 0)
    duration = ph_format_duration (ended - started);
  received = g_format_size (bytes_in);
  sent = g_format_size (bytes_out);
  /* Translators: how much a server received and sent; short */
  sizes = g_strdup_printf (_ ("%s in · %s out"), received, sent);
  append_figure (text, duration);
  append_figure (text, sizes);
  append_figure (text, account != NULL ? client : NULL);
  append_figure (text, account != NULL || client != NULL ? ph_journal_session_get_peer (self->session) : NULL);
  gtk_inscription_set_text (self->figures, text->str);
}

static void
update_findings (PhSessionRow *self)
{
  guint n_findings;

  g_object_get (self->session, "n-findings", &n_findings, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->findings_image), n_findings > 0);
}

static void
update (PhSessionRow *self)
{
  gint64 started;

  g_object_get (self->session, "started", &started, NULL);
  g_object_set (self->time_label, "time", started, NULL);
  update_state (self);
  update_title (self);
  update_last_line (self);
  update_figures (self);
  update_findings (self);
}

static void
notify_cb (PhSessionRow *self,
           GParamSpec   *pspec)
{
  static const struct
  {
    const char *property;
    void (*update) (PhSessionRow *self);
  } updates[] = {
    { "last-line", update_last_line },
    { "cause", update_last_line },
    { "n-messages", update_last_line },
    { "n-findings", update_findings },
    { "state", update_state },
    { "account", update_title },
    { "client-name", update_title },
    { "peer", update_title },
    { "account", update_figures },
    { "client-name", update_figures },
    { "peer", update_figures },
    { "ended", update_figures },
    { "bytes-in", update_figures },
    { "bytes-out", update_figures },
    { "tls", update_title },
  };

  for (guint i = 0; i < G_N_ELEMENTS (updates); i++)
    if (g_str_equal (updates[i].property, pspec->name))
      updates[i].update (self);
}

static void
append_detail (GString    *text,
               const char *format,
               const char *value)
{
  if (value == NULL || *value == '\0')
    return;

  if (text->len > 0)
    g_string_append_c (text, '\n');
  g_string_append_printf (text, "%s %s", format, value);
}

/* Everything that there is no room for. */
static gboolean
ph_session_row_query_tooltip (GtkWidget  *widget,
                              int         x,
                              int         y,
                              gboolean    keyboard_tooltip,
                              GtkTooltip *tooltip)
{
  PhSessionRow *self = PH_SESSION_ROW (widget);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *client = NULL;
  g_autofree char *tls = NULL;
  g_autofree char *exact = NULL;
  g_autofree char *duration = NULL;
  g_autofree char *received = NULL;
  g_autofree char *sent = NULL;
  gint64           started, ended;
  guint64          bytes_in, bytes_out;

  if (self->session == NULL)
    return FALSE;

  g_object_get (self->session, "started", &started, "ended", &ended, "client-name", &client, "tls", &tls,
                "bytes-in", &bytes_in, "bytes-out", &bytes_out, NULL);
  exact = ph_format_absolute_time (started);
  duration = ph_format_duration ((ended != 0 ? ended : g_get_real_time ()) - started);
  received = g_format_size (bytes_in);
  sent = g_format_size (bytes_out);
  append_detail (text, _ ("Peer:"), ph_journal_session_get_peer (self->session));
  append_detail (text, _ ("Account:"), ph_journal_session_get_account (self->session));
  append_detail (text, _ ("Client name:"), client);
  append_detail (text, _ ("TLS:"), tls != NULL ? tls : _ ("none"));
  append_detail (text, _ ("Started:"), exact);
  append_detail (text, _ ("Duration:"), duration);
  append_detail (text, _ ("Received:"), received);
  append_detail (text, _ ("Sent:"), sent);
  gtk_tooltip_set_text (tooltip, text->str);

  return TRUE;
}

static void
set_session (PhSessionRow     *self,
             PhJournalSession *session)
{
  if (session == self->session)
    return;

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  if (session == NULL)
    return;

  g_signal_connect_object (session, "notify", G_CALLBACK (notify_cb), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
ph_session_row_get_property (GObject    *object,
                             guint       id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_SESSION:
      g_value_set_object (value, PH_SESSION_ROW (object)->session);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_session_row_set_property (GObject      *object,
                             guint         id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  switch (id)
    {
    case PROP_SESSION:
      set_session (PH_SESSION_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_session_row_dispose (GObject *object)
{
  set_session (PH_SESSION_ROW (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_SESSION_ROW);

  G_OBJECT_CLASS (ph_session_row_parent_class)->dispose (object);
}

static void
ph_session_row_class_init (PhSessionRowClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_session_row_get_property;
  object_class->set_property = ph_session_row_set_property;
  object_class->dispose = ph_session_row_dispose;
  widget_class->query_tooltip = ph_session_row_query_tooltip;

  properties[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, PH_TYPE_JOURNAL_SESSION, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PH_TYPE_TIME_LABEL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-session-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhSessionRow, state_image);
  gtk_widget_class_bind_template_child (widget_class, PhSessionRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, PhSessionRow, findings_image);
  gtk_widget_class_bind_template_child (widget_class, PhSessionRow, tls_image);
  gtk_widget_class_bind_template_child (widget_class, PhSessionRow, state_label);
  gtk_widget_class_bind_template_child (widget_class, PhSessionRow, time_label);
  gtk_widget_class_bind_template_child (widget_class, PhSessionRow, last_line);
  gtk_widget_class_bind_template_child (widget_class, PhSessionRow, figures);
}

static void
ph_session_row_init (PhSessionRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
