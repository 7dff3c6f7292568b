#include "ph-banner.h"

struct _PhBanner
{
  GtkWidget parent_instance;

  GtkRevealer *revealer;
  GtkLabel    *label;
  GtkButton   *button;
  GtkWidget   *dismiss_button;
};

G_DEFINE_FINAL_TYPE (PhBanner, ph_banner, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_TITLE,
  PROP_BUTTON_LABEL,
  PROP_CAN_DISMISS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint       button_clicked_signal;
static guint       dismissed_signal;

static void
button_clicked_cb (PhBanner *self)
{
  g_signal_emit (self, button_clicked_signal, 0);
}

static void
dismiss_clicked_cb (PhBanner *self)
{
  g_signal_emit (self, dismissed_signal, 0);
}

static void
set_title (PhBanner   *self,
           const char *title)
{
  gboolean has_title = title != NULL && *title != '\0';

  /* The old words stay while it slides away. */
  if (has_title)
    gtk_label_set_label (self->label, title);
  gtk_revealer_set_reveal_child (self->revealer, has_title);
}

static void
child_revealed_cb (PhBanner *self)
{
  if (!gtk_revealer_get_child_revealed (self->revealer) && !gtk_revealer_get_reveal_child (self->revealer))
    gtk_label_set_label (self->label, "");
}

static void
ph_banner_get_property (GObject    *object,
                        guint       id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  PhBanner *self = PH_BANNER (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, gtk_revealer_get_reveal_child (self->revealer) ? gtk_label_get_label (self->label) : NULL);
      break;
    case PROP_BUTTON_LABEL:
      g_value_set_string (value, gtk_button_get_label (self->button));
      break;
    case PROP_CAN_DISMISS:
      g_value_set_boolean (value, gtk_widget_get_visible (self->dismiss_button));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_banner_set_property (GObject      *object,
                        guint         id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  PhBanner *self = PH_BANNER (object);

  switch (id)
    {
    case PROP_TITLE:
      set_title (self, g_value_get_string (value));
      break;
    case PROP_BUTTON_LABEL:
      gtk_button_set_label (self->button, g_value_get_string (value) != NULL ? g_value_get_string (value) : "");
      gtk_widget_set_visible (GTK_WIDGET (self->button), g_value_get_string (value) != NULL);
      break;
    case PROP_CAN_DISMISS:
      gtk_widget_set_visible (self->dismiss_button, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_banner_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_BANNER);

  G_OBJECT_CLASS (ph_banner_parent_class)->dispose (object);
}

static void
ph_banner_class_init (PhBannerClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_banner_get_property;
  object_class->set_property = ph_banner_set_property;
  object_class->dispose = ph_banner_dispose;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_BUTTON_LABEL] = g_param_spec_string ("button-label", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_CAN_DISMISS] = g_param_spec_boolean ("can-dismiss", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  button_clicked_signal = g_signal_new ("button-clicked", PH_TYPE_BANNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  dismissed_signal = g_signal_new ("dismissed", PH_TYPE_BANNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "phbanner");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_STATUS);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-banner.ui");
  gtk_widget_class_bind_template_child (widget_class, PhBanner, revealer);
  gtk_widget_class_bind_template_child (widget_class, PhBanner, label);
  gtk_widget_class_bind_template_child (widget_class, PhBanner, button);
  gtk_widget_class_bind_template_child (widget_class, PhBanner, dismiss_button);
  gtk_widget_class_bind_template_callback (widget_class, button_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, dismiss_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, child_revealed_cb);
}

static void
ph_banner_init (PhBanner *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
