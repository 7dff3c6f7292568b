#include "ph-mail-row.h"

#include "ph-format.h"
#include "ph-mail-item.h"
#include "ph-time-label.h"

#include <glib/gi18n.h>

struct _PhMailRow
{
  AdwBin parent_instance;

  GtkInscription *from;
  GtkInscription *subject;
  GtkInscription *preview;
  PhTimeLabel    *time_label;
  GtkWidget      *unread_image;
  GtkWidget      *answered_image;
  GtkWidget      *flagged_image;
  GtkWidget      *attachment_image;

  PhMailItem *item;
};

G_DEFINE_FINAL_TYPE (PhMailRow, ph_mail_row, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_ITEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* An empty line would be lower. */
static void
set_line (GtkInscription *inscription,
          const char     *text,
          const char     *otherwise)
{
  gtk_inscription_set_text (inscription, *text != '\0' ? text : otherwise);
}

static void
update_label (PhMailRow *self)
{
  guint            flags = ph_mail_item_get_flags (self->item);
  const char      *from = ph_mail_item_get_from (self->item);
  const char      *subject = ph_mail_item_get_subject (self->item);
  g_autofree char *label = NULL;

  if ((flags & PH_MAIL_SEEN) != 0)
    /* Translators: what a screen reader says of a message: sender, subject */
    label = g_strdup_printf (_ ("%s: %s"), from, subject);
  else
    /* Translators: what a screen reader says of an unread message: sender, subject */
    label = g_strdup_printf (_ ("Unread: %s: %s"), from, subject);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
update (PhMailRow *self)
{
  guint    flags = ph_mail_item_get_flags (self->item);
  gboolean is_loaded = ph_mail_item_is_loaded (self->item);

  set_line (self->from, ph_mail_item_get_from (self->item), is_loaded ? _ ("No sender") : " ");
  set_line (self->subject, ph_mail_item_get_subject (self->item), is_loaded ? _ ("No subject") : " ");
  set_line (self->preview, ph_mail_item_get_preview (self->item), " ");
  g_object_set (self->time_label, "time", ph_mail_item_get_time (self->item), NULL);
  gtk_widget_set_visible (self->unread_image, (flags & PH_MAIL_SEEN) == 0);
  gtk_widget_set_visible (self->answered_image, (flags & PH_MAIL_ANSWERED) != 0);
  gtk_widget_set_visible (self->flagged_image, (flags & PH_MAIL_FLAGGED) != 0);
  gtk_widget_set_visible (self->attachment_image, ph_mail_item_has_attachment (self->item));
  if ((flags & PH_MAIL_SEEN) == 0)
    gtk_widget_add_css_class (GTK_WIDGET (self), "unread");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "unread");
  update_label (self);
}

static void
set_item (PhMailRow  *self,
          PhMailItem *item)
{
  if (item == self->item)
    return;

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;

  g_signal_connect_object (item, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static gboolean
ph_mail_row_query_tooltip (GtkWidget  *widget,
                           int         x,
                           int         y,
                           gboolean    keyboard_tooltip,
                           GtkTooltip *tooltip)
{
  PhMailRow       *self = PH_MAIL_ROW (widget);
  g_autofree char *time = NULL, *size = NULL, *text = NULL;

  if (self->item == NULL || !ph_mail_item_is_loaded (self->item))
    return FALSE;

  time = ph_format_absolute_time (ph_mail_item_get_time (self->item));
  size = g_format_size (ph_mail_item_get_size (self->item));
  text = g_strdup_printf ("%s\n%s → %s\n%s · %s", ph_mail_item_get_subject (self->item), ph_mail_item_get_from (self->item),
                          ph_mail_item_get_to (self->item), time, size);
  gtk_tooltip_set_text (tooltip, text);

  return TRUE;
}

static void
ph_mail_row_get_property (GObject    *object,
                          guint       id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, PH_MAIL_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_mail_row_set_property (GObject      *object,
                          guint         id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      set_item (PH_MAIL_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_mail_row_dispose (GObject *object)
{
  set_item (PH_MAIL_ROW (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_MAIL_ROW);

  G_OBJECT_CLASS (ph_mail_row_parent_class)->dispose (object);
}

static void
ph_mail_row_class_init (PhMailRowClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_mail_row_get_property;
  object_class->set_property = ph_mail_row_set_property;
  object_class->dispose = ph_mail_row_dispose;
  widget_class->query_tooltip = ph_mail_row_query_tooltip;

  properties[PROP_ITEM] = g_param_spec_object ("item", NULL, NULL, PH_TYPE_MAIL_ITEM, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PH_TYPE_TIME_LABEL);
  gtk_widget_class_set_css_name (widget_class, "mailrow");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-mail-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhMailRow, from);
  gtk_widget_class_bind_template_child (widget_class, PhMailRow, subject);
  gtk_widget_class_bind_template_child (widget_class, PhMailRow, preview);
  gtk_widget_class_bind_template_child (widget_class, PhMailRow, time_label);
  gtk_widget_class_bind_template_child (widget_class, PhMailRow, unread_image);
  gtk_widget_class_bind_template_child (widget_class, PhMailRow, answered_image);
  gtk_widget_class_bind_template_child (widget_class, PhMailRow, flagged_image);
  gtk_widget_class_bind_template_child (widget_class, PhMailRow, attachment_image);
}

static void
ph_mail_row_init (PhMailRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
