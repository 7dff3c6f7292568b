#include "ph-transcript-row.h"

#include "ph-format.h"

#include <glib/gi18n.h>

struct _PhTranscriptRow
{
  GtkWidget parent_instance;

  GtkInscription *inscription;

  PhJournalLine *line;
  gboolean       show_session;
  gboolean       show_elapsed;
  gboolean       compact;
  int            voice; /* whose style it has, -1 for none */
};

G_DEFINE_FINAL_TYPE (PhTranscriptRow, ph_transcript_row, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_LINE,
  PROP_SHOW_SESSION,
  PROP_SHOW_ELAPSED,
  PROP_COMPACT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

#define N_VOICES 3
#define TIME_BYTES 12

static const struct
{
  const char *arrow;
  const char *label;
  const char *style;
} voices[N_VOICES] = {
  /* Translators: who says a line of a transcript; short */
  [PH_JOURNAL_CLIENT] = { "→", N_ ("Client"), "client" },
  [PH_JOURNAL_SERVER] = { "←", N_ ("Server"), "server" },
  [PH_JOURNAL_NOTE] = { "•", N_ ("Note"), "note" },
};

/* The widest of the labels, in characters. */
static glong
get_label_width (void)
{
  static glong width;

  for (guint i = 0; i < N_VOICES && width == 0; i++)
    for (guint j = 0; j < N_VOICES; j++)
      width = MAX (width, g_utf8_strlen (_ (voices[j].label), -1));

  return width;
}

static void
append_padded (GString    *target,
               const char *text,
               glong       width)
{
  g_string_append (target, text);
  for (glong length = g_utf8_strlen (text, -1); length < width; length++)
    g_string_append_c (target, ' ');
}

/* "14:02:11.123", or "    +0.016 s": TIME_BYTES wide. */
static void
append_time (GString       *target,
             PhJournalLine *line,
             gboolean       show_elapsed)
{
  char time[16];

  if (show_elapsed)
    {
      char   text[24];
      gint64 elapsed = MIN (ph_journal_line_get_elapsed (line) / 1000, 99999999);

      g_snprintf (text, sizeof text, "+%d.%03d s", (int)(elapsed / 1000), (int)(elapsed % 1000));
      g_snprintf (time, sizeof time, "%*s", TIME_BYTES, text);
    }
  else
    ph_format_clock_time (ph_journal_line_get_time (line), time);
  g_string_append (target, time);
}

static void
append_text (GString       *target,
             PhJournalLine *line,
             gboolean       show_session,
             gboolean       show_elapsed)
{
  guint voice = MIN ((guint)ph_journal_line_get_voice (line), N_VOICES - 1);

  append_time (target, line, show_elapsed);
  g_string_append (target, "  ");
  if (show_session)
    {
      PhJournalSession *session = ph_journal_line_get_session (line);
      char              tag[48];

      g_snprintf (tag, sizeof tag, "%s %" G_GUINT64_FORMAT, ph_journal_session_get_service (session), ph_journal_session_get_id (session));
      append_padded (target, tag, 14);
      g_string_append (target, "  ");
    }
  g_string_append (target, voices[voice].arrow);
  g_string_append_c (target, ' ');
  append_padded (target, _ (voices[voice].label), get_label_width ());
  g_string_append (target, "  ");
  g_string_append (target, ph_journal_line_get_text (line));
}

void
ph_transcript_row_append_text (GString       *target,
                               PhJournalLine *line,
                               gboolean       show_session)
{
  append_text (target, line, show_session, FALSE);
}

/* For a narrow window: the arrow says who speaks, and of session and time there is one. */
static void
append_compact (GString       *target,
                PhJournalLine *line,
                gboolean       show_session,
                gboolean       show_elapsed)
{
  guint voice = MIN ((guint)ph_journal_line_get_voice (line), N_VOICES - 1);

  if (show_session)
    {
      PhJournalSession *session = ph_journal_line_get_session (line);

      g_string_append_printf (target, "%s %" G_GUINT64_FORMAT, ph_journal_session_get_service (session), ph_journal_session_get_id (session));
    }
  else
    append_time (target, line, show_elapsed);
  g_string_append_printf (target, " %s %s", voices[voice].arrow, ph_journal_line_get_text (line));
}

static void
cut (GString *text)
{
  const char *end;

  if (text->len <= PH_TRANSCRIPT_ROW_MAX)
    return;

  end = g_utf8_offset_to_pointer (text->str, MIN (PH_TRANSCRIPT_ROW_MAX, g_utf8_strlen (text->str, -1)));
  g_string_truncate (text, (gsize)(end - text->str));
}

static void
set_voice (PhTranscriptRow *self,
           int              voice)
{
  if (voice == self->voice)
    return;

  if (self->voice >= 0)
    gtk_widget_remove_css_class (GTK_WIDGET (self), voices[self->voice].style);
  self->voice = voice;
  if (voice >= 0)
    gtk_widget_add_css_class (GTK_WIDGET (self), voices[voice].style);
}

static void
set_line (PhTranscriptRow *self,
          PhJournalLine   *line)
{
  g_autoptr (GString) text = NULL;

  if (!g_set_object (&self->line, line))
    return;
  if (line == NULL)
    return; /* soon to be another: what it shows may stay */

  text = g_string_sized_new (256);
  if (self->compact)
    append_compact (text, line, self->show_session, self->show_elapsed);
  else
    append_text (text, line, self->show_session, self->show_elapsed);
  cut (text);
  gtk_inscription_set_text (self->inscription, text->str);
  set_voice (self, (int)MIN ((guint)ph_journal_line_get_voice (line), N_VOICES - 1));
}

static gboolean
ph_transcript_row_query_tooltip (GtkWidget  *widget,
                                 int         x,
                                 int         y,
                                 gboolean    keyboard_tooltip,
                                 GtkTooltip *tooltip)
{
  PhTranscriptRow *self = PH_TRANSCRIPT_ROW (widget);
  g_autofree char *exact = NULL;
  g_autofree char *elapsed = NULL;
  g_autofree char *text = NULL;

  if (self->line == NULL)
    return FALSE;

  exact = ph_format_absolute_time (ph_journal_line_get_time (self->line));
  elapsed = ph_format_duration (ph_journal_line_get_elapsed (self->line));
  /* Translators: a date and time, then how long after the line before */
  text = g_strdup_printf (_ ("%s, %s after the line before"), exact, elapsed);
  gtk_tooltip_set_text (tooltip, text);

  return TRUE;
}

static void
ph_transcript_row_get_property (GObject    *object,
                                guint       id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  PhTranscriptRow *self = PH_TRANSCRIPT_ROW (object);

  switch (id)
    {
    case PROP_LINE:
      g_value_set_object (value, self->line);
      break;
    case PROP_SHOW_SESSION:
      g_value_set_boolean (value, self->show_session);
      break;
    case PROP_SHOW_ELAPSED:
      g_value_set_boolean (value, self->show_elapsed);
      break;
    case PROP_COMPACT:
      g_value_set_boolean (value, self->compact);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_transcript_row_set_property (GObject      *object,
                                guint         id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  PhTranscriptRow *self = PH_TRANSCRIPT_ROW (object);

  switch (id)
    {
    case PROP_LINE:
      set_line (self, g_value_get_object (value));
      break;
    case PROP_SHOW_SESSION:
      self->show_session = g_value_get_boolean (value);
      break;
    case PROP_SHOW_ELAPSED:
      self->show_elapsed = g_value_get_boolean (value);
      break;
    case PROP_COMPACT:
      self->compact = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_transcript_row_dispose (GObject *object)
{
  g_clear_object (&PH_TRANSCRIPT_ROW (object)->line);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_TRANSCRIPT_ROW);

  G_OBJECT_CLASS (ph_transcript_row_parent_class)->dispose (object);
}

static void ph_transcript_row_constructed (GObject *object);

static void
ph_transcript_row_class_init (PhTranscriptRowClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = ph_transcript_row_constructed;
  object_class->get_property = ph_transcript_row_get_property;
  object_class->set_property = ph_transcript_row_set_property;
  object_class->dispose = ph_transcript_row_dispose;
  widget_class->query_tooltip = ph_transcript_row_query_tooltip;

  properties[PROP_LINE] = g_param_spec_object ("line", NULL, NULL, PH_TYPE_JOURNAL_LINE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SHOW_SESSION] = g_param_spec_boolean ("show-session", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SHOW_ELAPSED] = g_param_spec_boolean ("show-elapsed", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_COMPACT] = g_param_spec_boolean ("compact", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "transcriptrow");
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-transcript-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhTranscriptRow, inscription);
}

/* One list for all rows: it says only that times step back. */
static PangoAttrList *
get_attributes (void)
{
  static PangoAttrList *attributes;
  PangoAttribute       *dim;

  if (attributes != NULL)
    return attributes;

  attributes = pango_attr_list_new ();
  dim = pango_attr_foreground_alpha_new (0xd000);
  dim->start_index = 0;
  dim->end_index = TIME_BYTES;
  pango_attr_list_insert (attributes, dim);

  return attributes;
}

/* The narrow form of all sessions has no times. */
static void
ph_transcript_row_constructed (GObject *object)
{
  PhTranscriptRow *self = PH_TRANSCRIPT_ROW (object);

  G_OBJECT_CLASS (ph_transcript_row_parent_class)->constructed (object);
  if (!(self->compact && self->show_session))
    gtk_inscription_set_attributes (self->inscription, get_attributes ());
}

static void
ph_transcript_row_init (PhTranscriptRow *self)
{
  self->voice = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
}
