#include "ph-password-field.h"

#include "ph-entry-row.h"
#include "ph-format.h"
#include "ph-password.h"

#include <glib/gi18n.h>

struct _PhPasswordField
{
  AdwBin parent_instance;

  AdwPasswordEntryRow *entry;
  GtkWidget           *copy_button;
  GtkWidget           *generate_button;
  GtkLevelBar         *strength_bar;
  GtkLabel            *strength_label;

  gboolean is_valid;
};

G_DEFINE_FINAL_TYPE (PhPasswordField, ph_password_field, ADW_TYPE_BIN)

static guint changed_signal;
static guint activated_signal;

static const char *const strengths[] = {
  [PH_PASSWORD_WEAK] = N_ ("Weak: a few guesses may find it"),
  [PH_PASSWORD_FAIR] = N_ ("Fair: holds against guesses over the network"),
  [PH_PASSWORD_GOOD] = N_ ("Good: holds even if somebody copies the settings"),
  [PH_PASSWORD_STRONG] = N_ ("Strong"),
};

static void
update (PhPasswordField *self)
{
  const char        *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  PhPasswordStrength strength = ph_password_get_strength (text);
  g_autoptr (GError) error = NULL;
  char    *prepared = ph_password_prepare (text, &error);
  gboolean is_empty = *text == '\0';

  self->is_valid = prepared != NULL;
  ph_password_free (prepared);

  gtk_level_bar_set_value (self->strength_bar, is_empty || !self->is_valid ? 0 : strength + 1);
  if (is_empty)
    gtk_label_set_label (self->strength_label, _ ("Type one, or let one be made up"));
  else
    gtk_label_set_label (self->strength_label, self->is_valid ? _ (strengths[strength]) : ph_format_words (error->message));
  if (self->is_valid || is_empty)
    gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
}

static void
entry_changed_cb (PhPasswordField *self)
{
  update (self);
  g_signal_emit (self, changed_signal, 0);
}

static void
entry_activated_cb (PhPasswordField *self)
{
  g_signal_emit (self, activated_signal, 0);
}

/* Whoever asks for one wants to see it. */
static void
generate_clicked_cb (PhPasswordField *self)
{
  char        *password = ph_password_generate ();
  GtkEditable *delegate = gtk_editable_get_delegate (GTK_EDITABLE (self->entry));

  gtk_editable_set_text (GTK_EDITABLE (self->entry), password);
  if (GTK_IS_TEXT (delegate))
    gtk_text_set_visibility (GTK_TEXT (delegate), TRUE);
  ph_password_free (password);
}

static void
copy_clicked_cb (PhPasswordField *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), gtk_editable_get_text (GTK_EDITABLE (self->entry)));
}

static void
ph_password_field_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_PASSWORD_FIELD);

  G_OBJECT_CLASS (ph_password_field_parent_class)->dispose (object);
}

static void
ph_password_field_class_init (PhPasswordFieldClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_password_field_dispose;
  changed_signal = g_signal_new ("changed", PH_TYPE_PASSWORD_FIELD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  activated_signal = g_signal_new ("activated", PH_TYPE_PASSWORD_FIELD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-password-field.ui");
  gtk_widget_class_bind_template_child (widget_class, PhPasswordField, entry);
  gtk_widget_class_bind_template_child (widget_class, PhPasswordField, copy_button);
  gtk_widget_class_bind_template_child (widget_class, PhPasswordField, generate_button);
  gtk_widget_class_bind_template_child (widget_class, PhPasswordField, strength_bar);
  gtk_widget_class_bind_template_child (widget_class, PhPasswordField, strength_label);
  gtk_widget_class_bind_template_callback (widget_class, entry_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, entry_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, generate_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_clicked_cb);
}

static void
ph_password_field_init (PhPasswordField *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  update (self);
}

const char *
ph_password_field_get_text (PhPasswordField *self)
{
  g_return_val_if_fail (PH_IS_PASSWORD_FIELD (self), NULL);

  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

gboolean
ph_password_field_is_valid (PhPasswordField *self)
{
  g_return_val_if_fail (PH_IS_PASSWORD_FIELD (self), FALSE);

  return self->is_valid;
}

void
ph_password_field_ask_existing (PhPasswordField *self)
{
  g_return_if_fail (PH_IS_PASSWORD_FIELD (self));

  gtk_widget_hide (self->copy_button);
  gtk_widget_hide (self->generate_button);
  gtk_widget_hide (GTK_WIDGET (self->strength_bar));
  gtk_widget_hide (GTK_WIDGET (self->strength_label));
}

void
ph_password_field_focus (PhPasswordField *self)
{
  g_return_if_fail (PH_IS_PASSWORD_FIELD (self));

  ph_entry_row_focus (ADW_ENTRY_ROW (self->entry));
}
