#include "ph-line-detail.h"

#include "ph-explain.h"
#include "ph-format.h"

struct _PhLineDetail
{
  AdwBin parent_instance;

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

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-line-detail.ui");
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
