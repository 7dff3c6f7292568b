#include "ph-line-detail.h"

#include "ph-explain.h"
#include "ph-format.h"

/* How high it may become, in pixels: the rest is scrolled to. */
#define MAX_HEIGHT 240

struct _PhLineDetail
{
  AdwBin parent_instance;

  GtkWidget       *box; /* of all below but the button, in what scrolls */
  GtkLabel        *text_label;
  GtkLabel        *meaning_label;
  GtkWidget       *why_box;
  GtkLabel        *why_label;
  GtkToggleButton *hex_button;

  PhJournalLine *line;
};

G_DEFINE_FINAL_TYPE (PhLineDetail, ph_line_detail, ADW_TYPE_BIN)

/* The server's own notes right before its reply are why it answered so. */
static void
update_why (PhLineDetail *self)
{
  g_auto (GStrv) reasons = ph_journal_line_dup_reasons (self->line);
  g_autofree char *text = g_strjoinv ("\n", reasons);

  gtk_label_set_label (self->why_label, text);
  gtk_widget_set_visible (self->why_box, *text != '\0');
}

static void
update (PhLineDetail *self)
{
  g_autofree char *meaning = self->line != NULL ? ph_explain_line (self->line) : NULL;
  g_autofree char *hex = NULL;

  if (self->line == NULL)
    return;

  if (gtk_toggle_button_get_active (self->hex_button))
    {
      gsize         length;
      const guint8 *bytes = ph_journal_line_get_bytes (self->line, &length);

      hex = ph_format_hex (bytes, length);
    }
  gtk_label_set_label (self->text_label, hex != NULL ? hex : ph_journal_line_get_text (self->line));
  gtk_label_set_label (self->meaning_label, meaning != NULL ? meaning : "");
  gtk_widget_set_visible (GTK_WIDGET (self->meaning_label), meaning != NULL);
  update_why (self);
}

/* As high as its lines are at this width, which what scrolls would not ask. */
static void
ph_line_detail_measure (GtkWidget     *widget,
                        GtkOrientation orientation,
                        int            for_size,
                        int           *minimum,
                        int           *natural,
                        int           *minimum_baseline,
                        int           *natural_baseline)
{
  PhLineDetail *self = PH_LINE_DETAIL (widget);
  int           button, height;

  gtk_widget_measure (adw_bin_get_child (ADW_BIN (self)), orientation, for_size, minimum, natural, minimum_baseline, natural_baseline);
  if (orientation != GTK_ORIENTATION_VERTICAL || for_size < 0)
    return;

  gtk_widget_measure (GTK_WIDGET (self->hex_button), GTK_ORIENTATION_HORIZONTAL, -1, NULL, &button, NULL, NULL);
  gtk_widget_measure (self->box, GTK_ORIENTATION_VERTICAL, MAX (for_size - button, -1), NULL, &height, NULL, NULL);
  *natural = MAX (*minimum, MIN (height, MAX_HEIGHT));
}

static void
ph_line_detail_size_allocate (GtkWidget *widget,
                              int        width,
                              int        height,
                              int        baseline)
{
  gtk_widget_allocate (adw_bin_get_child (ADW_BIN (widget)), width, height, baseline, NULL);
}

static GtkSizeRequestMode
ph_line_detail_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ph_line_detail_dispose (GObject *object)
{
  g_clear_object (&PH_LINE_DETAIL (object)->line);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_LINE_DETAIL);

  G_OBJECT_CLASS (ph_line_detail_parent_class)->dispose (object);
}

static void
ph_line_detail_class_init (PhLineDetailClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_line_detail_dispose;
  widget_class->measure = ph_line_detail_measure;
  widget_class->size_allocate = ph_line_detail_size_allocate;
  widget_class->get_request_mode = ph_line_detail_get_request_mode;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-line-detail.ui");
  gtk_widget_class_bind_template_child (widget_class, PhLineDetail, box);
  gtk_widget_class_bind_template_child (widget_class, PhLineDetail, text_label);
  gtk_widget_class_bind_template_child (widget_class, PhLineDetail, meaning_label);
  gtk_widget_class_bind_template_child (widget_class, PhLineDetail, why_box);
  gtk_widget_class_bind_template_child (widget_class, PhLineDetail, why_label);
  gtk_widget_class_bind_template_child (widget_class, PhLineDetail, hex_button);
  gtk_widget_class_bind_template_callback (widget_class, update);
}

static void
ph_line_detail_init (PhLineDetail *self)
{
  gtk_widget_set_layout_manager (GTK_WIDGET (self), NULL); /* it measures itself */
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_direction (GTK_WIDGET (self->text_label), GTK_TEXT_DIR_LTR); /* as protocols are, whatever the language */
}

void
ph_line_detail_set_line (PhLineDetail  *self,
                         PhJournalLine *line)
{
  g_return_if_fail (PH_IS_LINE_DETAIL (self));

  g_set_object (&self->line, line);
  update (self);
}
