#include "ph-transcript-row.h"

#include "ph-format.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PhTranscriptRow
{
  GtkWidget parent_instance;

  GtkInscription *inscription;
  GtkWidget      *rest; /* what follows the heading of a note of several lines; NULL until there is one */

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

/* How far the rest of a note is moved in where it is compact, in pixels. */
#define COMPACT_MARGIN 12

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

/* The width of a session where it is shown, in characters: of "Submission 123", or of the other long service with 12345. */
static glong
get_session_width (void)
{
  return MAX (14, g_utf8_strlen (_ ("SMTP out"), -1) + 6);
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

/* "0.42 ms": what a reply takes is less than a whole one most times. */
static char *
format_latency (gint64 elapsed)
{
  if (elapsed >= 10 * 1000)
    return ph_format_duration (elapsed);

  /* Translators: a duration in milliseconds; short */
  return g_strdup_printf (_ ("%.2f ms"), (double)elapsed / 1000);
}

/* The first line, and of a reply of several what it comes to; the rest of a note has a place of its own. */
static void
append_first (GString       *target,
              PhJournalLine *line)
{
  const char      *text = ph_journal_line_get_text (line);
  guint            n_lines = ph_journal_line_get_n_lines (line);
  g_autofree char *size = NULL;
  g_autofree char *latency = NULL;

  if (n_lines == 1)
    {
      g_string_append (target, text);
      return;
    }

  g_string_append_len (target, text, (gssize)strcspn (text, "\n"));
  if (ph_journal_line_get_voice (line) == PH_JOURNAL_NOTE)
    return;

  size = g_format_size (ph_journal_line_get_n_bytes (line));
  latency = format_latency (ph_journal_line_get_elapsed (line));
  g_string_append_printf (target,
                          /* Translators: after the first line of a reply: how many lines it has, how large it is, how long it took */
                          ngettext (" … %'u line, %s, in %s", " … %'u lines, %s, in %s", n_lines), n_lines, size, latency);
}

/* What stands before the text, with the same width in every line. */
static void
append_head (GString       *target,
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

      g_snprintf (tag, sizeof tag, "%s %" G_GUINT64_FORMAT, _ (ph_journal_session_get_service (session)), ph_journal_session_get_id (session));
      append_padded (target, tag, get_session_width ());
      g_string_append (target, "  ");
    }
  g_string_append (target, voices[voice].arrow);
  g_string_append_c (target, ' ');
  append_padded (target, _ (voices[voice].label), get_label_width ());
  g_string_append (target, "  ");
}

void
ph_transcript_row_append_text (GString       *target,
                               PhJournalLine *line,
                               gboolean       show_session)
{
  const char *text = ph_journal_line_get_text (line);

  for (const char *end; (end = strchr (text, '\n')) != NULL; text = end + 1)
    {
      append_head (target, line, show_session, FALSE);
      g_string_append_len (target, text, end + 1 - text);
    }
  append_head (target, line, show_session, FALSE);
  g_string_append (target, text);
}

/* For a narrow window: the arrow says who speaks, and of session and time there is one. */
static void
append_compact_head (GString       *target,
                     PhJournalLine *line,
                     gboolean       show_session,
                     gboolean       show_elapsed)
{
  guint voice = MIN ((guint)ph_journal_line_get_voice (line), N_VOICES - 1);

  if (show_session)
    {
      PhJournalSession *session = ph_journal_line_get_session (line);

      g_string_append_printf (target, "%s %" G_GUINT64_FORMAT, _ (ph_journal_session_get_service (session)), ph_journal_session_get_id (session));
    }
  else
    append_time (target, line, show_elapsed);
  g_string_append_printf (target, " %s ", voices[voice].arrow);
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

/* Under the heading's text, whatever the size of that. */
static void
move_rest_in (PhTranscriptRow *self)
{
  g_autoptr (PangoLayout) layout = NULL;
  g_autoptr (GString) head = g_string_new (NULL);
  int width = COMPACT_MARGIN;

  if (self->rest == NULL || self->line == NULL)
    return;

  if (!self->compact)
    {
      append_head (head, self->line, self->show_session, self->show_elapsed);
      layout = gtk_widget_create_pango_layout (GTK_WIDGET (self->inscription), head->str);
      pango_layout_get_pixel_size (layout, &width, NULL);
    }
  gtk_widget_set_margin_start (self->rest, width);
}

static void
ph_transcript_row_css_changed (GtkWidget         *widget,
                               GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (ph_transcript_row_parent_class)->css_changed (widget, change);
  move_rest_in (PH_TRANSCRIPT_ROW (widget));
}

/* Few rows ever need it. */
static void
make_rest (PhTranscriptRow *self)
{
  self->rest = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0f, "wrap", TRUE, "wrap-mode", PANGO_WRAP_WORD_CHAR,
                             "natural-wrap-mode", GTK_NATURAL_WRAP_NONE, NULL);
  gtk_widget_set_direction (self->rest, GTK_TEXT_DIR_LTR); /* as the heading is, whatever the language */
  gtk_widget_insert_before (self->rest, GTK_WIDGET (self), NULL);
}

/* A note of several lines is shown whole, parted from what was said before and after. */
static void
update_rest (PhTranscriptRow *self)
{
  gboolean    is_block = ph_journal_line_get_n_lines (self->line) > 1 && ph_journal_line_get_voice (self->line) == PH_JOURNAL_NOTE;
  const char *line_feed;

  if (!is_block && self->rest == NULL)
    return;

  if (self->rest == NULL)
    make_rest (self);
  line_feed = is_block ? strchr (ph_journal_line_get_text (self->line), '\n') : NULL;
  gtk_label_set_label (GTK_LABEL (self->rest), line_feed != NULL ? line_feed + 1 : "");
  gtk_widget_set_visible (self->rest, is_block);
  move_rest_in (self);
  if (is_block)
    gtk_widget_add_css_class (GTK_WIDGET (self), "block");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "block");
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
    append_compact_head (text, line, self->show_session, self->show_elapsed);
  else
    append_head (text, line, self->show_session, self->show_elapsed);
  append_first (text, line);
  cut (text);
  gtk_inscription_set_text (self->inscription, text->str);
  update_rest (self);
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
  g_clear_pointer (&PH_TRANSCRIPT_ROW (object)->rest, gtk_widget_unparent);
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
  widget_class->css_changed = ph_transcript_row_css_changed;
  widget_class->query_tooltip = ph_transcript_row_query_tooltip;

  properties[PROP_LINE] = g_param_spec_object ("line", NULL, NULL, PH_TYPE_JOURNAL_LINE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SHOW_SESSION] = g_param_spec_boolean ("show-session", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SHOW_ELAPSED] = g_param_spec_boolean ("show-elapsed", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_COMPACT] = g_param_spec_boolean ("compact", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
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
  gtk_orientable_set_orientation (GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))), GTK_ORIENTATION_VERTICAL);
}
