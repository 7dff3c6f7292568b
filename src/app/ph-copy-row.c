#include "ph-copy-row.h"

#include "ph-row-name.h"

#include <glib/gi18n.h>

struct _PhCopyRow
{
  AdwActionRow parent_instance;

  GtkLabel  *value_label;
  GtkButton *copy_button;
};

G_DEFINE_FINAL_TYPE (PhCopyRow, ph_copy_row, ADW_TYPE_ACTION_ROW)

enum {
  PROP_0,
  PROP_VALUE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
copy_clicked_cb (PhCopyRow *self)
{
  /* Translators: a value that was copied, such as a server’s name */
  g_autofree char *message = g_strdup_printf (_ ("Copied “%s”"), gtk_label_get_label (self->value_label));

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), gtk_label_get_label (self->value_label));
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", message);
}

/* A screen reader says what the button copies. */
static void
title_cb (PhCopyRow *self)
{
  /* Translators: the name of a field, such as “Server”; for screen readers */
  g_autofree char *label = g_strdup_printf (_ ("Copy %s"), adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self)));

  ph_row_name_control (GTK_WIDGET (self->copy_button), label);
}

static void
ph_copy_row_get_property (GObject    *object,
                          guint       id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_VALUE:
      g_value_set_string (value, gtk_label_get_label (PH_COPY_ROW (object)->value_label));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_copy_row_set_property (GObject      *object,
                          guint         id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  switch (id)
    {
    case PROP_VALUE:
      ph_copy_row_set_value (PH_COPY_ROW (object), g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_copy_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_COPY_ROW);

  G_OBJECT_CLASS (ph_copy_row_parent_class)->dispose (object);
}

static void
ph_copy_row_class_init (PhCopyRowClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_copy_row_get_property;
  object_class->set_property = ph_copy_row_set_property;
  object_class->dispose = ph_copy_row_dispose;

  properties[PROP_VALUE] = g_param_spec_string ("value", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-copy-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhCopyRow, value_label);
  gtk_widget_class_bind_template_child (widget_class, PhCopyRow, copy_button);
  gtk_widget_class_bind_template_callback (widget_class, copy_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, title_cb);
}

/* A title is one or two short words, and a value may be long: where there is no room, that is broken and not they. */
static void
keep_words (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "title"))
    gtk_label_set_wrap_mode (GTK_LABEL (widget), PANGO_WRAP_WORD);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    keep_words (child);
}

static void
ph_copy_row_init (PhCopyRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  keep_words (GTK_WIDGET (self));
}

GtkWidget *
ph_copy_row_new (const char *title,
                 const char *value)
{
  return g_object_new (PH_TYPE_COPY_ROW, "title", title, "value", value, NULL);
}

void
ph_copy_row_set_value (PhCopyRow  *self,
                       const char *value)
{
  g_return_if_fail (PH_IS_COPY_ROW (self));

  gtk_label_set_label (self->value_label, value != NULL ? value : "");
  gtk_widget_set_sensitive (GTK_WIDGET (self->copy_button), value != NULL && *value != '\0');
}
